package booking

import (
	"errors"
	"slices"
	"testing"
	"time"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/fact"
	"ticketflow/internal/domain/money"
)

// refundOf is a command that gives back the tickets of places, or of all.
func (s *stage) refundOf(order OrderID, places ...catalog.PlaceNo) *RefundOrder {
	key := s.key()
	return &RefundOrder{ID: order, Refund: key, Places: places, Answer: answerRef(key),
		Request: Fingerprint{3}}
}

func (s *stage) goodwill(order OrderID, minor int64) *RefundOrder {
	c := s.refundOf(order)
	c.Goodwill = s.euros(minor)
	return c
}

// failed makes a refund fail at the gateway.
func (s *stage) failed(ref RefundRef) {
	s.t.Helper()
	s.must(&RecordRefund{Refund: ref, Try: s.refunds[ref].GatewayKey(), Failed: true,
		GatewayRef: "re_failed"})
}

func TestSomeTicketsAreReturned(t *testing.T) {
	s := newStage(t)
	id, pay := s.paid(1, 1, 2, 3)
	void := s.ticket(2)
	c := s.refundOf(id, 2)
	s.must(c)
	r := s.refunds[c.Made]
	if r.Amount != s.euros(seatPrice) || r.Reason != ReasonTickets || r.State != RefundRequested ||
		!slices.Equal(r.Places, []catalog.PlaceNo{2}) || r.Payment != pay.Payment {
		t.Errorf("%+v", r)
	}
	o := s.orders[id]
	if o.State != Paid || len(o.Lines) != 3 || s.payments[pay.Payment].Refunded != r.Amount ||
		s.buyers[buyerRef(1)] != 2 || s.place(2).State != Free {
		t.Errorf("%+v, the count %d, the place %+v", o, s.buyers[buyerRef(1)], s.place(2))
	}
	last := s.facts[len(s.facts)-1]
	if last.Kind != fact.TicketsReturned || !slices.Equal(last.Places, []catalog.PlaceNo{2}) ||
		last.Ref != c.Made.Key || last.Amount != r.Amount || last.Order != id.Key {
		t.Errorf("%+v", last)
	}
	s.refuse(&CheckIn{Ticket: void.ID}, ErrTicketVoid)
	s.must(&CheckIn{Ticket: s.ticket(1).ID})
	s.refuse(s.refundOf(id, 2), ErrNotInOrder)
	s.refuse(s.refundOf(id, 3, 2), ErrNotInOrder)
	s.refuse(s.refundOf(id, 3, 3), ErrNotInOrder)
	s.refuse(s.refundOf(id, 1), ErrAlreadyIn)

	again := *c
	again.Made = RefundRef{}
	s.idle(&again)
	if again.Made != c.Made {
		t.Errorf("the same key made %v", again.Made)
	}
	again.Request = Fingerprint{9}
	s.refuse(&again, ErrKeyReused)
	s.paid(2, 2) // somebody else has the place now
	s.must(s.refundOf(id, 3))
	s.refuse(s.refundOf(id), ErrAlreadyIn)
	s.refuse(&CancelOrder{ID: id}, ErrAlreadyIn)
	if s.place(2).State != Sold || s.place(3).State != Free {
		t.Errorf("%+v and %+v", s.place(2), s.place(3))
	}
}

func TestWithTheLastTicketAllThatIsLeftGoesBack(t *testing.T) {
	s := newStage(t)
	id, pay := s.paid(1, 1, 2, freePlace)
	s.refuse(s.refundOf(id, freePlace), ErrRefundNothing)
	s.must(s.refundOf(id, 1), s.goodwill(id, 500))
	c := s.refundOf(id, 2, freePlace)
	c.Block = true
	s.must(c)
	r := s.refunds[c.Made]
	if r.Amount != s.euros(seatPrice-500) || r.Reason != ReasonCancelled ||
		s.payments[pay.Payment].Refunded != s.payments[pay.Payment].Amount {
		t.Errorf("%+v of %+v", r, s.payments[pay.Payment])
	}
	if s.orders[id].State != OrderCancelled || s.place(1).State != Free ||
		s.place(2).State != Blocked || s.place(freePlace).State != Blocked {
		t.Errorf("%v, %+v and %+v", s.orders[id].State, s.place(1), s.place(2))
	}
	s.refuse(s.refundOf(id), ErrOrderNotPaid)
	s.refuse(s.goodwill(id, 1), ErrRefundTooMuch)
	s.idle(&CancelOrder{ID: id})
}

func TestWithNoMoneyLeftTheTicketsGoBackAlone(t *testing.T) {
	s := newStage(t)
	id, _ := s.paid(1, 1)
	s.must(s.goodwill(id, seatPrice))
	c := s.refundOf(id)
	s.must(c)
	if c.Made != (RefundRef{}) || s.orders[id].State != OrderCancelled || len(s.refunds) != 1 {
		t.Errorf("%v, %v, %d refunds", c.Made, s.orders[id].State, len(s.refunds))
	}
	again := *c
	s.idle(&again)
	if again.Made != (RefundRef{}) {
		t.Errorf("the second time %v was made", again.Made)
	}
}

func TestGoodwillChangesNoTicket(t *testing.T) {
	s := newStage(t)
	id, pay := s.paid(1, 1)
	s.must(s.goodwill(id, 700), s.goodwill(id, 1_800))
	s.refuse(s.goodwill(id, 1), ErrRefundTooMuch)
	s.must(&CheckIn{Ticket: s.ticket(1).ID})
	if p := s.payments[pay.Payment]; p.Refunded != p.Amount || s.orders[id].State != Paid {
		t.Errorf("%+v, %v", p, s.orders[id].State)
	}
	dollars, err := money.New(1, money.Currency{'U', 'S', 'D'})
	if err != nil {
		t.Fatal(err)
	}
	other, _ := s.paid(2, 2)
	c := s.refundOf(other)
	c.Goodwill = dollars
	s.refuse(c, ErrRefundNothing)
	s.refuse(s.goodwill(s.ordered(2, 3), 1), ErrOrderNotPaid)
	s.refuse(s.refundOf(OrderID{theEvent, me}), ErrOrderNotFound)
	gift := s.order(s.held(freePlace), 2)
	s.must(gift)
	s.refuse(s.refundOf(gift.ID), ErrRefundNothing)
}

// Two refunds of one batch see each other.
func TestTwoRefundsNeverGiveBackMoreThanWasPaid(t *testing.T) {
	s := newStage(t)
	id, pay := s.paid(1, 1, 2)
	failures := s.run(s.refundOf(id), s.refundOf(id, 1), s.goodwill(id, 1))
	for i, want := range []error{nil, ErrOrderNotPaid, ErrRefundTooMuch} {
		if !errors.Is(failures[i], want) {
			t.Errorf("refund %d: %v, want %v", i, failures[i], want)
		}
	}
	if p := s.payments[pay.Payment]; p.Refunded != p.Amount || len(s.refunds) != 1 {
		t.Errorf("%+v, %d refunds", p, len(s.refunds))
	}
}

func TestCancellingAndRefundingAreTwoDecisions(t *testing.T) {
	s := newStage(t)
	id, pay := s.paid(1, 1, 2)
	s.refuse(&CancelOrder{ID: id, Unpaid: true}, ErrOrderPaid)
	s.must(&CancelOrder{ID: id, KeepMoney: true, Block: true})
	if len(s.refunds) != 0 || s.place(1).State != Blocked || s.place(2).State != Blocked {
		t.Errorf("%d refunds, %+v and %+v", len(s.refunds), s.place(1), s.place(2))
	}
	s.must(s.goodwill(id, 1_000)) // a part of it, later
	if p := s.payments[pay.Payment]; p.Refunded != s.euros(1_000) {
		t.Errorf("%+v", p)
	}
	open := s.ordered(2, 3)
	s.must(&CancelOrder{ID: open, Unpaid: true})
	if s.orders[open].State != OrderCancelled || s.place(3).State != Free {
		t.Errorf("%v, %+v", s.orders[open].State, s.place(3))
	}
	gift := s.order(s.held(freePlace), 2)
	s.must(gift, &CancelOrder{ID: gift.ID, Unpaid: true}) // nothing was paid for it
}

func TestASecondPaymentAfterSomeTicketsWentBackIsReturned(t *testing.T) {
	s := newStage(t)
	id, _ := s.paid(1, 1, 2)
	s.must(s.refundOf(id, 1))
	c := s.payment(id, 2*seatPrice)
	s.must(c)
	if c.Outcome != PaymentGivenBack || s.orders[id].State != Paid || s.place(1).State != Free {
		t.Errorf("%v, %v, %+v", c.Outcome, s.orders[id].State, s.place(1))
	}
}

func TestReturnPayment(t *testing.T) {
	s := newStage(t)
	id := s.ordered(1, 1)
	wrong := s.payment(id, 900)
	s.must(wrong, &ReturnPayment{Payment: wrong.Payment})
	ref := RefundRef{theEvent, "doubtful:simpay:" + wrong.Payment.Transaction}
	if r := s.refunds[ref]; r.Amount != wrong.Amount || r.Reason != ReasonDoubtful ||
		s.payments[wrong.Payment].Use != Returned {
		t.Errorf("%+v of %+v", r, s.payments[wrong.Payment])
	}
	s.idle(&ReturnPayment{Payment: wrong.Payment})
	replayed := *wrong
	replayed.Again = true
	s.idle(&replayed)
	_, pay := s.paid(2, 2)
	s.refuse(&ReturnPayment{Payment: pay.Payment}, ErrPaymentInUse)
	s.refuse(&ReturnPayment{Payment: PaymentRef{theEvent, "simpay", "x"}}, ErrPaymentNotFound)
}

func TestAFailedRefundIsStillOwed(t *testing.T) {
	s := newStage(t)
	id, pay := s.paid(1, 1)
	s.must(&CancelOrder{ID: id})
	ref := RefundRef{theEvent, "cancelled:simpay:" + pay.Payment.Transaction}
	first := s.refunds[ref].GatewayKey()
	s.failed(ref)
	s.idle(&RecordRefund{Refund: ref, Failed: true})
	if p := s.payments[pay.Payment]; s.refunds[ref].State != RefundFailed ||
		p.Refunded != p.Amount {
		t.Errorf("%+v of %+v", s.refunds[ref], p)
	}
	s.refuse(s.goodwill(id, 1), ErrRefundTooMuch) // it is promised already
	// A message from before the failure comes late.
	s.idle(&RecordRefund{Refund: ref, Try: first, GatewayRef: "re_failed"})

	s.must(&RetryRefund{Refund: ref})
	if r := s.refunds[ref]; r.GatewayKey() == first || RefundKey(r.GatewayKey()) != ref.Key ||
		r.State != RefundRequested || r.GatewayRef != "" {
		t.Errorf("%+v, the key %q", r, r.GatewayKey())
	}
	s.refuse(&RetryRefund{Refund: ref}, ErrRefundNotFailed)
	// News of the first try changes nothing, whatever they are.
	s.idle(&RecordRefund{Refund: ref, Try: first, Failed: true})
	s.idle(&RecordRefund{Refund: ref, Try: first, GatewayRef: "re_failed"})
	s.wait(time.Minute)
	s.must(&RecordRefund{Refund: ref, Try: s.refunds[ref].GatewayKey(), GatewayRef: "re_2"})
	if r := s.refunds[ref]; r.State != RefundDone || !r.DoneAt.Equal(s.now) {
		t.Errorf("%+v", r)
	}
	// The gateway changes its mind: it is owed again.
	s.must(&RecordRefund{Refund: ref, Failed: true, GatewayRef: "re_2"})
	if r := s.refunds[ref]; r.State != RefundFailed || !r.DoneAt.IsZero() {
		t.Errorf("%+v", r)
	}
	s.must(&RecordRefund{Refund: ref, GatewayRef: "re_2"}) // its book says so: that settles it
	s.refuse(&RetryRefund{Refund: ref}, ErrRefundNotFailed)
	s.refuse(&RetryRefund{Refund: RefundRef{theEvent, "x"}}, ErrRefundNotFound)
}

func TestARefundIsNotTriedForEver(t *testing.T) {
	s := newStage(t)
	id, pay := s.paid(1, 1)
	s.must(&CancelOrder{ID: id})
	ref := RefundRef{theEvent, "cancelled:simpay:" + pay.Payment.Transaction}
	s.failed(ref)
	r := s.refunds[ref]
	r.Retries = MaxRefundRetries
	s.refunds[ref] = r
	s.refuse(&RetryRefund{Refund: ref}, ErrRefundNotFailed)
}

func TestAMessageAboutARefundTakesEffectOnce(t *testing.T) {
	s := newStage(t)
	id, pay := s.paid(1, 1)
	s.must(&CancelOrder{ID: id})
	ref := RefundRef{theEvent, "cancelled:simpay:" + pay.Payment.Transaction}
	news := News{NoticeRef{theEvent, "simpay", "m"}, "{}"}
	failed := &RecordRefund{Refund: ref, Failed: true, News: news}
	s.must(failed, &RetryRefund{Refund: ref})
	s.idle(failed) // it told of the try before, even if it doesn't say so
	if n := s.notices[news.Notice]; n.State != NoticeApplied || n.Payload != "{}" {
		t.Errorf("%+v", n)
	}
	stray := &RecordRefund{Refund: RefundRef{theEvent, "x"},
		News: News{NoticeRef{theEvent, "simpay", "other"}, "{}"}}
	s.refuse(stray, ErrRefundNotFound) // and the message isn't taken for applied
}

func TestEachEntryIsOfTheRightAccounts(t *testing.T) {
	s := newStage(t)
	id, pay := s.paid(1, 1, 2)
	c := s.refundOf(id, 1)
	s.must(c)
	s.must(&RecordRefund{Refund: c.Made})
	wrong := s.payment(s.ordered(2, 3), 900)
	s.must(wrong, &ReturnPayment{Payment: wrong.Payment})
	common := Entry{Event: theEvent, At: noon, Provider: "simpay", Currency: eur, Order: id.Key}
	of := func(kind EntryKind, ref string, change func(*Entry)) Entry {
		e := common
		e.Kind, e.Ref = kind, ref
		change(&e)
		return e
	}
	want := []Entry{
		of(EntrySale, pay.Payment.Transaction, func(e *Entry) {
			e.Clearing, e.Revenue = 5_000, -5_000
		}),
		of(EntryRefundDue, c.Made.Key, func(e *Entry) { e.Refunds, e.Receivable = 2_500, -2_500 }),
		of(EntryRefundPaid, c.Made.Key, func(e *Entry) {
			e.Receivable, e.Clearing = 2_500, -2_500
		}),
		of(EntryDeposit, wrong.Payment.Transaction, func(e *Entry) {
			e.Order, e.Clearing, e.Receivable = wrong.Order.Key, 900, -900
		}),
	}
	if !slices.Equal(s.journal, want) {
		t.Errorf("%+v\nwant %+v", s.journal, want)
	}
}
