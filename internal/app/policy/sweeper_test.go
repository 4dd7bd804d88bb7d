package policy_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/app/policy"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/fact"
)

func TestSweepEndsHoldsPageByPage(t *testing.T) {
	const page, n = 500, 2*500 + 1
	h := open(t)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { h.hold(i) })
	}
	all.Wait()
	h.later = holdTime
	h.check(h.sweeper.Sweep(t.Context()))
	if got := h.taken(); got != n {
		t.Errorf("at the end of their time %d are held, want %d", got, n)
	}
	h.due.limits = nil
	h.later += time.Millisecond
	late := h.hold(housePlaces - 1)
	h.check(h.sweeper.Sweep(t.Context()))
	if got := len(h.facts(fact.HoldExpired)); h.taken() != 1 || got != n {
		t.Errorf("%d places are taken, %d holds have expired, want 1 and %d", h.taken(), got, n)
	}
	if !slices.Equal(h.due.limits, []int{page, page, page}) {
		t.Errorf("pages of %v", h.due.limits)
	}
	if hold, err := h.store.Hold(t.Context(), late); err != nil || hold.State != booking.HoldLive {
		t.Errorf("the hold that has time left: %v, %v", hold.State, err)
	}
	h.check(h.sweeper.Sweep(t.Context()))
	if got := len(h.facts(fact.HoldExpired)); got != n {
		t.Errorf("after another sweep %d holds have expired, want %d", got, n)
	}
}

// TestSweepOfHoldsEnds, also where the ledger doesn't agree that they are due.
func TestSweepOfHoldsEnds(t *testing.T) {
	const page, rounds = 500, 200
	h := open(t)
	var all sync.WaitGroup
	for i := range page {
		all.Go(func() { h.hold(i) })
	}
	all.Wait()
	ahead := func() time.Time { return h.now().Add(time.Hour) }
	sweeper := policy.NewSweeper(h.due, h.office, h.cashier, h.store, ahead, nil)
	h.check(sweeper.Sweep(t.Context()))
	if got := len(h.due.limits); got != rounds || h.taken() != page {
		t.Errorf("%d pages, %d places are held", got, h.taken())
	}
}

var errDown = errors.New("the gateway is down")

// TestSweepAsksTheGateway: an unpaid order is released only after the gateway has said that it was
// not paid. Each order stands alone.
func TestSweepAsksTheGateway(t *testing.T) {
	h := open(t)
	cases := []struct {
		name  string
		tell  func(booking.OrderID)
		state booking.OrderState
	}{
		{"unheard of", func(booking.OrderID) {}, booking.OrderExpired},
		{"down", func(id booking.OrderID) { h.gateway.fails[booking.AttemptKey(id, 1)] = errDown },
			booking.AwaitingPayment},
		{"declined", func(id booking.OrderID) { h.gateway.knows(h, id, payment.Declined) },
			booking.OrderExpired},
		{"pending", func(id booking.OrderID) { h.gateway.knows(h, id, payment.Pending) },
			booking.AwaitingPayment},
		{"unknown", func(id booking.OrderID) { h.gateway.knows(h, id, payment.Unknown) },
			booking.AwaitingPayment},
		{"no answer", func(id booking.OrderID) {
			h.gateway.fails[booking.AttemptKey(id, 1)] = errors.Join(payment.ErrUnknownOutcome,
				errDown)
		}, booking.AwaitingPayment},
		{"paid", func(id booking.OrderID) { h.gateway.knows(h, id, payment.Paid) }, booking.Paid},
		{"returned", func(id booking.OrderID) { h.gateway.knows(h, id, payment.Refunded) },
			booking.Paid},
	}
	ids := make([]booking.OrderID, len(cases))
	for i, c := range cases {
		ids[i] = h.order(i)
		c.tell(ids[i])
	}
	h.later = payTime + booking.PayGrace
	h.check(h.sweeper.Sweep(t.Context()))
	if len(h.gateway.asked) != 0 {
		t.Errorf("asked before the time was over: %v", h.gateway.asked)
	}
	h.later += time.Millisecond
	for round := range 2 {
		err := h.sweeper.Sweep(t.Context())
		if !errors.Is(err, errDown) || !strings.Contains(err.Error(), "2 of ") {
			t.Errorf("sweep %d: %v", round, err)
		}
		for i, c := range cases {
			want := 1
			if c.state == booking.AwaitingPayment {
				want += round // asked again until it is known
			}
			if got := h.gateway.asked[booking.AttemptKey(ids[i], 1)]; got != want {
				t.Errorf("%s: asked %d times after sweep %d", c.name, got, round)
			}
			if got := h.state(ids[i]); got != c.state {
				t.Errorf("%s: the order is %v, want %v", c.name, got, c.state)
			}
		}
		paid, expired := len(h.facts(fact.OrderPaid)), len(h.facts(fact.OrderExpired))
		if paid != 2 || expired != 2 || h.taken() != len(cases)-2 {
			t.Errorf("sweep %d: %d paid, %d expired, %d places taken", round, paid, expired,
				h.taken())
		}
	}
	clear(h.gateway.fails)
	h.check(h.sweeper.Sweep(t.Context()))
	if got := h.state(ids[1]); got != booking.OrderExpired {
		t.Errorf("when the gateway is back the order is %v", got)
	}
}

// TestLookBeforeItsTime records a payment whose notice was lost, and releases nothing.
func TestLookBeforeItsTime(t *testing.T) {
	h := open(t)
	paid, unpaid := h.order(1), h.order(2)
	h.gateway.knows(h, paid, payment.Paid)
	for range 2 {
		for _, id := range []booking.OrderID{paid, unpaid} {
			o, err := h.store.Order(t.Context(), id)
			h.check(err)
			_, err = h.cashier.Look(t.Context(), o)
			h.check(err)
		}
	}
	if p, u := h.state(paid), h.state(unpaid); p != booking.Paid || u != booking.AwaitingPayment {
		t.Errorf("the orders are %v and %v", p, u)
	}
	if got := len(h.facts(fact.OrderPaid)); got != 1 {
		t.Errorf("paid %d times", got)
	}
}

func TestSweepGoesOnWithOrders(t *testing.T) {
	h := open(t)
	order := h.order(1)
	h.later = payTime + booking.PayGrace + time.Millisecond
	h.due.err = errDown
	if err := h.sweeper.Sweep(t.Context()); !errors.Is(err, errDown) {
		t.Errorf("got %v", err)
	}
	if got := h.state(order); got != booking.OrderExpired {
		t.Errorf("the order is %v", got)
	}
}

// TestSilentGatewayHoldsUpNoHold: orders wait for a gateway that doesn't answer, and the places of
// holds come back on sale in time.
func TestSilentGatewayHoldsUpNoHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &house{T: t, gateway: newGateway(), now: time.Now}
		h.build()
		h.gateway.silent = true
		order := h.order(1)
		time.Sleep(payTime + booking.PayGrace - 2*time.Second)
		h.hold(2)
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { h.sweeper.Run(ctx) })
		time.Sleep(holdTime + 2*time.Second)
		if h.taken() != 1 || h.state(order) != booking.AwaitingPayment {
			t.Errorf("%d places are taken, the order is %v", h.taken(), h.state(order))
		}
		h.gateway.mu.Lock()
		if len(h.gateway.asked) != 1 {
			t.Errorf("asked: %v", h.gateway.asked)
		}
		h.gateway.silent = false
		h.gateway.mu.Unlock()
		time.Sleep(15 * time.Second)
		if got := h.state(order); got != booking.OrderExpired {
			t.Errorf("when the gateway answers again the order is %v", got)
		}
		stop()
		running.Wait()
	})
}
