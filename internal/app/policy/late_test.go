package policy_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/app/policy"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/fact"
	"ticketflow/internal/domain/money"
)

// news is a notice of an order's first attempt.
func (h *house) news(id booking.OrderID, state payment.State, minor int64) payment.Notice {
	h.Helper()
	amount, err := money.New(minor, money.Currency{'E', 'U', 'R'})
	h.check(err)
	key := booking.AttemptKey(id, 1)
	return payment.Notice{Provider: provider, NoticeID: fmt.Sprint(state, " of ", key), Key: key,
		Transaction: "t " + key, State: state, Amount: amount}
}

func (h *house) take(n payment.Notice) policy.Taken {
	h.Helper()
	taken, err := h.cashier.Take(h.Context(), n, `{"as":"it came"}`, false)
	h.check(err)
	return taken
}

// refundAll asks for what was requested, as the relay does.
func (h *house) refundAll() {
	h.Helper()
	for _, e := range h.facts(fact.RefundRequested) {
		h.check(h.cashier.Refunds().Handle(h.Context(), e))
	}
}

// TestLateMoney pays a second, a minute and a day after the order was released: it takes its place
// back if that is free, and is given back otherwise, each once.
func TestLateMoney(t *testing.T) {
	for _, late := range []time.Duration{time.Second, time.Minute, 24 * time.Hour} {
		for _, free := range []bool{true, false} {
			t.Run(fmt.Sprint(late, " free ", free), func(t *testing.T) {
				h := open(t)
				id := h.order(1)
				h.later = payTime + booking.PayGrace + time.Millisecond
				h.check(h.sweeper.Sweep(t.Context()))
				if got := h.state(id); got != booking.OrderExpired {
					t.Fatalf("the order is %v", got)
				}
				h.later += late
				want, state, done := policy.TakenLate, booking.Paid, 0
				if !free {
					h.check(h.office.BlockPlaces(t.Context(), h.event, []catalog.PlaceNo{1}, false))
					want, state, done = policy.TakenBack, booking.OrderExpired, 1
				}
				paid := h.news(id, payment.Paid, housePrice)
				if got := h.take(paid); got != want {
					t.Errorf("the payment was %s, want %s", got, want)
				}
				for range 2 {
					h.refundAll()
					if got := h.take(paid); got != policy.TakenKnown {
						t.Errorf("the same news again: %s", got)
					}
				}
				if got := h.state(id); got != state {
					t.Errorf("the order is %v, want %v", got, state)
				}
				h.wantDone(done)
				if len(h.gateway.refunds) != done {
					t.Errorf("asked the gateway for %q", h.gateway.refunds)
				}
				payments, refunds, err := h.store.OrderMoney(t.Context(), id)
				if err != nil || len(payments) != 1 || len(refunds) != done {
					t.Errorf("the buyer is shown %v and %v, %v", payments, refunds, err)
				}
			})
		}
	}
}

// TestTheSameNewsAHundredTimes at once have one effect.
func TestTheSameNewsAHundredTimes(t *testing.T) {
	h := open(t)
	id := h.order(1)
	paid := h.news(id, payment.Paid, housePrice)
	var all sync.WaitGroup
	taken := make([]policy.Taken, 100)
	for i := range taken {
		all.Go(func() {
			var err error
			if taken[i], err = h.cashier.Take(t.Context(), paid, "{}", false); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	effects := 0
	for _, got := range taken {
		switch got {
		case policy.TakenPaid:
			effects++
		case policy.TakenKnown:
		default:
			t.Errorf("one was %s", got)
		}
	}
	if effects != 1 || len(h.facts(fact.OrderPaid)) != 1 {
		t.Errorf("%d effects, paid %d times", effects, len(h.facts(fact.OrderPaid)))
	}
}

// TestADoubtfulPaymentIsNotApplied: nobody gets tickets for it, and its money isn't lost.
func TestADoubtfulPaymentIsNotApplied(t *testing.T) {
	h := open(t)
	id := h.order(1)
	if got := h.take(h.news(id, payment.Paid, housePrice-1)); got != policy.TakenDoubtful {
		t.Fatalf("it was %s", got)
	}
	open, err := h.store.DoubtfulPayments(t.Context(), 10)
	if err != nil || len(open) != 1 || h.state(id) != booking.AwaitingPayment {
		t.Fatalf("%v, %v, the order is %v", open, err, h.state(id))
	}
	for range 2 {
		h.check(h.office.ReturnPayment(t.Context(), open[0].Ref))
		h.refundAll()
	}
	h.wantDoneOf(1, housePrice-1)
}

// TestNewsInTheWrongOrder: a refund's comes before its payment's.
func TestNewsInTheWrongOrder(t *testing.T) {
	h := open(t)
	id := h.order(1)
	back := h.news(id, payment.Refunded, 500)
	back.Subject, back.Refund = payment.OfRefund, "by hand"
	if got := h.take(back); got != policy.TakenKept {
		t.Fatalf("the refund was %s", got)
	}
	h.check(h.cashier.Chase(t.Context())) // still too early
	if got := h.take(h.news(id, payment.Paid, housePrice)); got != policy.TakenPaid {
		t.Fatalf("the payment was %s", got)
	}
	if got := h.take(back); got != policy.TakenNoted { // the gateway repeats itself
		t.Errorf("again it was %s", got)
	}
	h.check(h.cashier.Chase(t.Context()))
	_, refunds, err := h.store.OrderMoney(t.Context(), id)
	if err != nil || len(refunds) != 1 || refunds[0].Reason != booking.ReasonGateway ||
		refunds[0].Amount.Minor() != 500 {
		t.Errorf("%+v, %v", refunds, err)
	}
	kept, err := h.store.KeptNotices(t.Context(), time.Time{}, 10)
	if err != nil || len(kept) != 0 {
		t.Errorf("kept are %v, %v", kept, err)
	}
}

// TestNewsAreKeptAsTheyCame: applied or not, an operator can read them.
func TestNewsAreKeptAsTheyCame(t *testing.T) {
	h := open(t)
	paid := h.news(h.order(1), payment.Paid, housePrice)
	h.take(paid)
	odd := paid
	odd.Key, odd.NoticeID = "of another shop", "odd"
	if got := h.take(odd); got != policy.TakenKept {
		t.Errorf("it was %s", got)
	}
	for notice, payload := range map[string]string{paid.NoticeID: `{"as":"it came"}`, "odd": ""} {
		found, err := h.store.Notice(t.Context(), provider, notice)
		h.check(err)
		text := found.Payload
		if payload == "" {
			var body string
			_, body, err = payment.Restore(provider, text)
			h.check(err)
			text, payload = body, `{"as":"it came"}`
		}
		if text != payload {
			t.Errorf("%s is stored as %s", notice, found.Payload)
		}
	}
	for notice, want := range map[string]policy.Taken{paid.NoticeID: policy.TakenKnown,
		"odd": policy.TakenKept} {
		if got, err := h.cashier.Replay(t.Context(), provider, notice); err != nil || got != want {
			t.Errorf("replayed, %s is %s, %v", notice, got, err)
		}
	}
}

// TestANewAttemptOnlyAfterADefiniteNo: its key differs, and late money of it is recognised.
func TestANewAttemptOnlyAfterADefiniteNo(t *testing.T) {
	h := open(t)
	id := h.order(1)
	attempt := func() int {
		o, err := h.store.Order(t.Context(), id)
		h.check(err)
		return o.CurrentAttempt()
	}
	pending := h.news(id, payment.Pending, housePrice)
	if got := h.take(pending); got != policy.TakenIgnored || attempt() != 1 {
		t.Errorf("pending was %s, the attempt is %d", got, attempt())
	}
	for range 2 {
		if got := h.take(h.news(id, payment.Declined, housePrice)); got != policy.TakenNoted &&
			got != policy.TakenKnown || attempt() != 2 {
			t.Errorf("declined was %s, the attempt is %d", got, attempt())
		}
	}
	second := h.news(id, payment.Paid, housePrice)
	second.Key = booking.AttemptKey(id, 2)
	if got := h.take(second); got != policy.TakenPaid {
		t.Errorf("the second attempt was %s", got)
	}
	payments, _, err := h.store.OrderMoney(t.Context(), id)
	if err != nil || len(payments) != 1 || payments[0].GatewayKey() != second.Key {
		t.Errorf("%+v, %v", payments, err)
	}
}

// TestALostDeclineIsFoundByAsking: the buyer who asks gets another attempt.
func TestALostDeclineIsFoundByAsking(t *testing.T) {
	h := open(t)
	id := h.order(1)
	h.gateway.knows(h, id, payment.Declined)
	for range 2 {
		o, err := h.store.Order(t.Context(), id)
		h.check(err)
		_, err = h.cashier.Look(t.Context(), o)
		h.check(err)
	}
	if o, err := h.store.Order(t.Context(), id); err != nil || o.CurrentAttempt() != 2 ||
		o.State != booking.AwaitingPayment {
		t.Errorf("the order is %+v, %v", o, err)
	}
}

// TestOnlyWhatIsStoredIsCounted: a ledger that takes nothing leaves all counts as they were.
func TestOnlyWhatIsStoredIsCounted(t *testing.T) {
	h := open(t)
	paid := h.news(h.order(1), payment.Paid, housePrice)
	declined, odd := paid, paid
	declined.State, odd.Key = payment.Declined, "of another shop"
	h.desk.Close()
	for _, n := range []payment.Notice{paid, declined, odd} {
		if taken, err := h.cashier.Take(t.Context(), n, "{}", false); err == nil || taken != "" {
			t.Errorf("a closed ledger has taken it: %s, %v", taken, err)
		}
	}
	for _, result := range policy.AllTaken {
		if n := h.cashier.Count(result); n != 0 {
			t.Errorf("%d %s", n, result)
		}
	}
}
