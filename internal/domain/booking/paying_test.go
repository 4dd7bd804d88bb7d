package booking

import (
	"slices"
	"testing"
	"time"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/fact"
	"ticketflow/internal/domain/ident"
	"ticketflow/internal/domain/money"
)

func TestAPaymentMakesTheOrderPaid(t *testing.T) {
	s := newStage(t)
	id := s.ordered(1, 1, 2)
	c := s.payment(id, 2*seatPrice)
	s.must(c)
	o := s.orders[id]
	if c.Outcome != PaymentApplied || o.State != Paid || !o.PaidAt.Equal(noon) ||
		o.Provider != "simpay" || o.Transaction != c.Payment.Transaction {
		t.Errorf("%v: %+v", c.Outcome, o)
	}
	if p := s.payments[c.Payment]; p.Use != Applied || p.Amount != o.Total || p.Order != id.Key {
		t.Errorf("%+v", p)
	}
	for i, l := range o.Lines {
		ticket := s.ticket(l.Place)
		if ticket.ID.Secret != ticketSecret(c.Seed, i) || ticket.ID.Fence != l.Fence {
			t.Errorf("%+v", ticket)
		}
	}
	if last := s.facts[len(s.facts)-1]; last.Kind != fact.OrderPaid || last.Amount != o.Total ||
		last.Ref != c.Payment.Transaction || len(last.Places) != 2 {
		t.Errorf("%+v", last)
	}
}

func TestNewsOfAPaymentTakesEffectOnce(t *testing.T) {
	s := newStage(t)
	id := s.ordered(1, 1)
	first := s.payment(id, seatPrice)
	s.must(first)
	s.idle(first)
	if first.Outcome != PaymentRepeated {
		t.Errorf("the same message again: %v", first.Outcome)
	}
	asked := *first
	asked.Notice = NoticeRef{} // the gateway was asked, besides
	s.idle(&asked)

	// Another message about the same payment is noted, and changes nothing else.
	otherNews := *first
	otherNews.Notice.Notice = "n-other"
	payments, facts := len(s.payments), len(s.facts)
	s.must(&otherNews)
	if len(s.notices) != 2 || len(s.payments) != payments || len(s.facts) != facts {
		t.Errorf("%d notices, %d payments, %d facts", len(s.notices), len(s.payments), len(s.facts))
	}
	// Two messages in one batch.
	id = s.ordered(1, 2)
	a := s.payment(id, seatPrice)
	b := *a
	b.Notice.Notice = "n-twin"
	s.run(a, &b)
	if a.Outcome != PaymentApplied || b.Outcome != PaymentRepeated {
		t.Errorf("twins: %v and %v", a.Outcome, b.Outcome)
	}
}

// lateCase is an order that a payment comes for, and what becomes of both.
type lateCase struct {
	name  string
	order func(*stage) OrderID
	want  PaymentOutcome
	state OrderState
}

func TestLatePaymentPolicy(t *testing.T) {
	cases := slices.Concat(openCases, expiredCases, endedCases)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t)
			checkLate(t, s, c.order(s), c.want, c.state)
		})
	}
}

// openCases are orders that still wait for their payment.
var openCases = []lateCase{
	{"awaiting", func(s *stage) OrderID { return s.ordered(1, 1, 2) }, PaymentApplied, Paid},
	{"awaiting, past its time but not swept", func(s *stage) OrderID {
		id := s.ordered(1, 1, 2)
		s.wait(5 * time.Hour)
		return id
	}, PaymentApplied, Paid},
	{"awaiting, the sale has closed", func(s *stage) OrderID {
		id := s.ordered(1, 1, 2)
		s.wait(48 * time.Hour)
		return id
	}, PaymentApplied, Paid},
	{"awaiting, event cancelled", func(s *stage) OrderID {
		id := s.ordered(1, 1, 2)
		cancelEvent(s)
		return id
	}, PaymentGivenBack, AwaitingPayment},
}

// expiredCases are orders whose places were released.
var expiredCases = []lateCase{
	{"expired, places free", func(s *stage) OrderID { return s.expired(1, 2) },
		PaymentTookBack, Paid},
	{"expired, a place in a hold past its time", func(s *stage) OrderID {
		id := s.expired(1, 2)
		s.held(2)
		s.wait(time.Hour)
		return id
	}, PaymentTookBack, Paid},
	{"expired, a place held", func(s *stage) OrderID {
		id := s.expired(1, 2)
		s.held(2)
		return id
	}, PaymentGivenBack, OrderExpired},
	{"expired, a place sold", func(s *stage) OrderID {
		id := s.expired(1, 2)
		s.paid(2, 1)
		return id
	}, PaymentGivenBack, OrderExpired},
	{"expired, a place blocked", func(s *stage) OrderID {
		id := s.expired(1, 2)
		block(s, 1)
		return id
	}, PaymentGivenBack, OrderExpired},
	{"expired, event cancelled", func(s *stage) OrderID {
		id := s.expired(1, 2)
		cancelEvent(s)
		return id
	}, PaymentGivenBack, OrderExpired},
	{"expired, the buyer is at the limit", func(s *stage) OrderID {
		id := s.expired(1, 2)
		s.ordered(1, 3, 4, 5)
		s.ordered(1, 6, 7)
		return id
	}, PaymentGivenBack, OrderExpired},
	{"expired, the buyer is just below the limit", func(s *stage) OrderID {
		id := s.expired(1, 2)
		s.ordered(1, 3, 4, 5)
		s.ordered(1, 6)
		return id
	}, PaymentTookBack, Paid},
}

// endedCases are orders that need no payment any more.
var endedCases = []lateCase{
	{"cancelled", func(s *stage) OrderID {
		id := s.ordered(1, 1, 2)
		s.must(&CancelOrder{ID: id})
		return id
	}, PaymentGivenBack, OrderCancelled},
	{"paid already", func(s *stage) OrderID {
		id, _ := s.paid(1, 1, 2)
		return id
	}, PaymentGivenBack, Paid},
	{"paid and cancelled", func(s *stage) OrderID {
		id, _ := s.paid(1, 1, 2)
		s.must(&CancelOrder{ID: id})
		return id
	}, PaymentGivenBack, OrderCancelled},
}

func block(s *stage, p catalog.PlaceNo) {
	s.must(&BlockPlaces{Event: theEvent, Places: []catalog.PlaceNo{p}})
}

func cancelEvent(s *stage) {
	s.must(&SetStatus{Event: theEvent, Status: catalog.Cancelled})
}

func checkLate(t *testing.T, s *stage, id OrderID, want PaymentOutcome, state OrderState) {
	t.Helper()
	refunds := len(s.refunds)
	c := s.payment(id, 2*seatPrice)
	s.must(c)
	if c.Outcome != want || s.orders[id].State != state {
		t.Errorf("outcome %v, the order is %v; want %v and %v", c.Outcome, s.orders[id].State, want,
			state)
	}
	if err := s.check(); err != nil {
		t.Error(err)
	}
	ref := RefundRef{theEvent, "late_payment:simpay:" + c.Payment.Transaction}
	back, asked := s.refunds[ref]
	if (want == PaymentGivenBack) != asked || len(s.refunds)-refunds > 1 {
		t.Errorf("a refund was asked for: %v, of %d", asked, len(s.refunds)-refunds)
	}
	if asked && (back.Amount != c.Amount || back.State != RefundRequested ||
		s.payments[c.Payment].Use != Returned) {
		t.Errorf("%+v of %+v", back, s.payments[c.Payment])
	}
	s.idle(c) // the news again
	if c.Outcome != PaymentRepeated {
		t.Errorf("the news again: %v", c.Outcome)
	}
}

func TestALatePaymentIsANewGrant(t *testing.T) {
	s := newStage(t)
	id := s.expired(1)
	before := s.orders[id].Lines[0].Fence
	s.must(s.payment(id, seatPrice))
	if f := s.orders[id].Lines[0].Fence; f != before+1 || s.ticket(1).ID.Fence != f {
		t.Errorf("the fence was %d and is %d, the ticket's %d", before, f, s.ticket(1).ID.Fence)
	}
	if last := s.facts[len(s.facts)-1]; last.Kind != fact.OrderPaidLate {
		t.Errorf("%+v", last)
	}
}

func TestADoubtfulPaymentGoesIntoQuarantine(t *testing.T) {
	s := newStage(t)
	id := s.ordered(1, 1)
	dollars, err := money.New(seatPrice, money.Currency{'U', 'S', 'D'})
	if err != nil {
		t.Fatal(err)
	}
	for _, amount := range []money.Money{s.euros(1), s.euros(seatPrice - 1),
		s.euros(seatPrice + 1), dollars} {
		c := s.payment(id, 1)
		c.Amount = amount
		s.must(c)
		pay := s.payments[c.Payment]
		if c.Outcome != PaymentQuarantined || pay.Use != Quarantined || pay.Amount != amount ||
			!pay.Refunded.IsZero() {
			t.Errorf("%v: %v, %+v", amount, c.Outcome, pay)
		}
		if last := s.facts[len(s.facts)-1]; last.Kind != fact.PaymentDoubtful ||
			last.Order != id.Key || last.Amount != amount || last.Ref != pay.Ref.Transaction {
			t.Errorf("%+v", last)
		}
		s.idle(c)
	}
	if s.orders[id].State != AwaitingPayment || len(s.refunds) != 0 {
		t.Errorf("the order is %v, %d refunds", s.orders[id].State, len(s.refunds))
	}
	s.refuse(s.payment(id, 0), ErrPaymentMismatch)
	stray := s.payment(OrderID{theEvent, me}, seatPrice)
	s.must(stray)
	if last := s.facts[len(s.facts)-1]; stray.Outcome != PaymentQuarantined ||
		last.Order != (ident.Key{}) { // nobody should look for an order that doesn't exist
		t.Errorf("%v, %+v", stray.Outcome, last)
	}
	s.must(s.payment(id, seatPrice)) // the right one still pays
}

func TestAPaymentOfNothingIsRefusedWhateverIsKnown(t *testing.T) {
	s := newStage(t)
	_, pay := s.paid(1, 1)
	again := *pay
	again.Amount = s.euros(0)
	s.refuse(&again, ErrPaymentMismatch) // a ledger may not have read what is known
	nameless := s.payment(s.ordered(2, 2), seatPrice)
	nameless.Payment.Transaction = "" // as those orders name it that cost nothing
	s.refuse(nameless, ErrPaymentMismatch)
}

// strayed is a payment that came before its order was known, as after a ledger was restored.
func strayed(s *stage, places ...catalog.PlaceNo) (*RecordPayment, *PlaceOrder) {
	s.t.Helper()
	order := s.order(s.held(places...), 1)
	pay := s.payment(order.ID, int64(len(places))*seatPrice)
	s.must(pay, order)
	return pay, order
}

func TestAReplayLooksAtAQuarantinedPaymentAnew(t *testing.T) {
	s := newStage(t)
	pay, order := strayed(s, 1)
	again := *pay
	s.idle(&again) // the gateway says it again: nothing has changed
	again.Again = true
	s.must(&again)
	if again.Outcome != PaymentApplied || s.orders[order.ID].State != Paid ||
		s.payments[pay.Payment].Use != Applied {
		t.Errorf("%v: %+v", again.Outcome, s.payments[pay.Payment])
	}
	s.idle(&again)

	pay, order = strayed(s, 2) // its order expired meanwhile, and somebody else has the place
	s.wait(time.Hour)
	s.must(&ExpireOrder{ID: order.ID})
	s.paid(2, 2)
	late := *pay
	late.Again = true
	s.must(&late)
	if late.Outcome != PaymentGivenBack || s.payments[pay.Payment].Use != Returned {
		t.Errorf("%v: %+v", late.Outcome, s.payments[pay.Payment])
	}
}

func TestAReplayDoesNotUseWhatIsNotThere(t *testing.T) {
	s := newStage(t)
	pay, order := strayed(s, 1)
	s.must(&RecordGatewayRefund{Order: order.ID, Payment: pay.Payment, GatewayRef: "g",
		Amount: s.euros(500)})
	again := *pay
	again.Again = true
	s.idle(&again) // a part of it has gone back: it can't pay for the order any more
	if again.Outcome != PaymentRepeated {
		t.Errorf("%v", again.Outcome)
	}

	pay, _ = strayed(s, 2)
	other := s.ordered(2, 3)
	elsewhere := *pay
	elsewhere.Again, elsewhere.Order = true, other
	elsewhere.Notice = NoticeRef{}
	s.idle(&elsewhere) // it was captured under the key of another order
	if s.orders[other].State != AwaitingPayment {
		t.Error("a payment pays for an order that it wasn't made for")
	}
}

func TestTwoGatewaysMayUseOneName(t *testing.T) {
	s := newStage(t)
	id, _ := s.paid(1, 1)
	a := s.payment(id, seatPrice)
	b := s.payment(id, seatPrice)
	b.Payment.Provider, b.Payment.Transaction = "stripe", a.Payment.Transaction
	s.must(a, b)
	if len(s.refunds) != 2 {
		t.Errorf("%d refunds of two payments", len(s.refunds))
	}
}

func TestRecordRefund(t *testing.T) {
	s := newStage(t)
	id, pay := s.paid(1, 1)
	s.must(&CancelOrder{ID: id})
	ref := RefundRef{theEvent, "cancelled:simpay:" + pay.Payment.Transaction}
	s.wait(time.Minute)
	s.must(&RecordRefund{Refund: ref, GatewayRef: "re_1"})
	r := s.refunds[ref]
	if r.State != RefundDone || r.GatewayRef != "re_1" || !r.DoneAt.Equal(s.now) {
		t.Errorf("%+v", r)
	}
	s.idle(&RecordRefund{Refund: ref, GatewayRef: "re_2"})
	s.refuse(&RecordRefund{Refund: RefundRef{theEvent, "x"}}, ErrRefundNotFound)
}

func TestCheckIn(t *testing.T) {
	s := newStage(t)
	s.paid(1, 1, 2)
	id := s.ticket(1).ID
	c := &CheckIn{Ticket: id, Gate: "north", Answer: answerRef(s.key()), Request: Fingerprint{1}}
	s.must(c)
	if c.Admitted.State != TicketUsed || c.Admitted.Gate != "north" || !c.At.Equal(noon) {
		t.Errorf("%+v at %v", c.Admitted, c.At)
	}
	s.wait(time.Minute)
	again := *c
	s.idle(&again) // the same scan, sent again
	if !again.At.Equal(noon) || again.Admitted.State != TicketUsed {
		t.Errorf("%+v at %v", again.Admitted, again.At)
	}
	again.Request = Fingerprint{2}
	s.refuse(&again, ErrKeyReused)
	s.refuse(&CheckIn{Ticket: id, Gate: "south"}, ErrAlreadyIn)
	// Two gates at the same instant, in one batch.
	a := &CheckIn{Ticket: s.ticket(2).ID, Gate: "north"}
	b := &CheckIn{Ticket: s.ticket(2).ID, Gate: "south"}
	if failures := s.run(a, b); failures[0] != nil || asError(t, failures[1]).Code() !=
		"already_admitted" {
		t.Errorf("%v", failures)
	}
	guessed := id
	guessed.Secret[0]++
	s.refuse(&CheckIn{Ticket: guessed}, ErrTicketNotFound)
	guessed = id
	guessed.Fence++
	s.refuse(&CheckIn{Ticket: guessed}, ErrTicketVoid)
	s.paid(2, 3)
	s.must(&SetStatus{Event: theEvent, Status: catalog.Cancelled})
	s.refuse(&CheckIn{Ticket: s.ticket(3).ID, Gate: "north"}, ErrEventCancelled)
	if err := s.check(); err != nil {
		t.Error(err)
	}
}
