package booking

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/fact"
)

func TestPlaceOrderMovesTheHoldsPlaces(t *testing.T) {
	s := newStage(t)
	hold := s.held(1, 2)
	c := s.order(hold, 1)
	c.ReturnURL = "https://example.org/back"
	s.must(c)
	o := s.orders[c.ID]
	if o.State != AwaitingPayment || o.Total != s.euros(2*seatPrice) || o.Hold != hold.Key ||
		!o.ExpiresAt.Equal(noon.Add(30*time.Minute)) || o.Buyer != c.Buyer ||
		o.ReturnURL != c.ReturnURL || !reflect.DeepEqual(o, c.Made) {
		t.Errorf("%+v", o)
	}
	if h := s.holds[hold]; h.State != HoldOrdered || h.Order != c.ID.Key {
		t.Errorf("%+v", h)
	}
	for _, l := range o.Lines {
		if !s.place(l.Place).grantedTo(Ordered, c.ID.Key, l.Fence) {
			t.Errorf("%d is %+v", l.Place, s.place(l.Place))
		}
	}
	again := s.order(hold, 1)
	again.Answer = c.Answer
	s.idle(again)
	if !again.Replay || again.Made.ID != c.ID || !again.Made.ExpiresAt.Equal(o.ExpiresAt) {
		t.Errorf("%+v", again.Made)
	}
	again.Request = Fingerprint{9}
	s.refuse(again, ErrKeyReused)
	s.refuse(s.order(hold, 1), ErrHoldOrdered)
}

func TestPlaceOrderRefuses(t *testing.T) {
	for _, c := range []struct {
		name  string
		stage func(*stage, *PlaceOrder)
		want  error
	}{
		{"no such hold", func(_ *stage, c *PlaceOrder) { c.Hold.Key = me }, ErrHoldNotFound},
		{"a hold of another event", func(s *stage, c *PlaceOrder) {
			h := s.holds[c.Hold]
			c.Hold.Event, h.ID.Event = 99, 99
			s.holds[c.Hold] = h
		}, ErrHoldNotFound},
		{"no such event", func(_ *stage, c *PlaceOrder) { c.ID.Event = 99 }, ErrEventNotFound},
		{"released", func(s *stage, c *PlaceOrder) { s.must(&ReleaseHold{ID: c.Hold}) },
			ErrHoldEnded},
		{"retaken", func(s *stage, _ *PlaceOrder) {
			s.wait(11 * time.Minute)
			s.held(2)
		}, ErrHoldEnded},
		{"blocked past its time", func(s *stage, _ *PlaceOrder) {
			s.wait(11 * time.Minute)
			s.must(&BlockPlaces{Event: theEvent, Places: []catalog.PlaceNo{1}})
		}, ErrHoldEnded},
		{"cancelled", func(s *stage, _ *PlaceOrder) {
			s.must(&SetStatus{Event: theEvent, Status: catalog.Cancelled})
		}, ErrEventCancelled},
		{"past its time and past the sale", func(s *stage, _ *PlaceOrder) {
			s.wait(25 * time.Hour)
		}, ErrSaleNotOpen},
		{"over the limit", func(s *stage, _ *PlaceOrder) { s.ordered(1, 3, 4, 5, 6, 7) },
			ErrBuyerLimit},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t)
			s.terms(func(e *Sale) { e.Terms.MaxPerOrder = 5 })
			cmd := s.order(s.held(1, 2), 1)
			c.stage(s, cmd)
			s.refuse(cmd, c.want)
		})
	}
}

func TestAHoldMayBeOrderedLate(t *testing.T) {
	for _, c := range []struct {
		name       string
		made, late time.Duration
		want       error
	}{
		{"in time", 0, time.Minute, nil},
		{"past its time, nobody came", 0, time.Hour, nil},
		{"in time, the sale has just closed", 24*time.Hour - time.Minute, 5 * time.Minute, nil},
		{"to the end of its time", 24*time.Hour - time.Minute, 10 * time.Minute, nil},
		{"past both", 24*time.Hour - time.Minute, 10*time.Minute + 1, ErrSaleNotOpen},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t)
			s.wait(c.made)
			hold := s.held(1)
			s.wait(c.late)
			if err := s.run(s.order(hold, 1))[0]; !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
}

func TestAnOrderOfNothingIsPaidAtOnce(t *testing.T) {
	s := newStage(t)
	c := s.order(s.held(freePlace, freePlace+1), 1)
	s.must(c)
	if o := s.orders[c.ID]; o.State != Paid || c.Made.State != Paid || !o.PaidAt.Equal(noon) ||
		o.Provider != "" || len(s.payments) != 0 {
		t.Errorf("%+v, %d payments", o, len(s.payments))
	}
	one, two := s.ticket(freePlace), s.ticket(freePlace+1)
	if one.State != TicketValid || one.ID.Secret == two.ID.Secret {
		t.Errorf("%+v and %+v", one, two)
	}
	kinds := []fact.Kind{fact.HoldPlaced, fact.OrderPlaced, fact.OrderPaid}
	for i, f := range s.facts {
		if f.Kind != kinds[i] {
			t.Errorf("fact %d is %s, want %s", i, f.Kind, kinds[i])
		}
	}
	s.refuse(s.payment(c.ID, 0), ErrPaymentMismatch)
	s.must(&CancelOrder{ID: c.ID})
	if len(s.refunds) != 0 || s.place(freePlace).State != Free {
		t.Errorf("cancelled: %d refunds, the place is %+v", len(s.refunds), s.place(freePlace))
	}
	if err := s.check(); err != nil {
		t.Error(err)
	}

	guessable := s.order(s.held(freePlace), 1)
	guessable.Seed = [SeedBytes]byte{}
	s.refuse(guessable, errNoSeed)

	mixed := s.ordered(1, 1, freePlace+1)
	if s.orders[mixed].State != AwaitingPayment {
		t.Errorf("an order with a price is %v", s.orders[mixed].State)
	}
}

func TestTheLimitCountsAllOfABuyersOrders(t *testing.T) {
	s := newStage(t)
	first := s.ordered(1, 0, 1, 2)
	s.ordered(1, 3, 4, 5)
	err := s.run(s.order(s.held(6), 1))[0]
	if !errors.Is(err, ErrBuyerLimit) {
		t.Fatal(err)
	}
	if f := asError(t, err).Fields(); f["max_per_buyer"] != 6 || f["you_have"] != 6 {
		t.Errorf("%v", f)
	}
	s.ordered(2, 7) // somebody else
	s.must(&CancelOrder{ID: first})
	s.ordered(1, 0) // room again
	s.terms(func(e *Sale) { e.Terms.MaxPerBuyer = 0 })
	s.ordered(1, 1, 2, freePlace, freePlace+1)
	if n := s.buyers[buyerRef(1)]; n != 8 {
		t.Errorf("without a limit the count is %d", n)
	}
}

func TestExpireOrder(t *testing.T) {
	s := newStage(t)
	id := s.ordered(1, 1, 2)
	paid, _ := s.paid(2, 3)
	s.wait(30*time.Minute + PayGrace)
	s.idle(&ExpireOrder{ID: id})
	s.wait(time.Millisecond)
	s.must(&ExpireOrder{ID: id})
	s.idle(&ExpireOrder{ID: id})
	s.idle(&ExpireOrder{ID: paid})
	s.refuse(&ExpireOrder{ID: OrderID{theEvent, me}}, ErrOrderNotFound)
	if s.orders[id].State != OrderExpired || s.place(1).State != Free ||
		s.buyers[buyerRef(1)] != 0 {
		t.Errorf("%v, the place %+v, the count %d", s.orders[id].State, s.place(1),
			s.buyers[buyerRef(1)])
	}
	s.refuse(&CancelOrder{ID: id}, ErrOrderEnded)
}

func TestCancelOrder(t *testing.T) {
	s := newStage(t)
	open := s.ordered(1, 1)
	paid, pay := s.paid(1, 2, 3)
	used, _ := s.paid(1, 4, 5)
	s.must(&CheckIn{Ticket: s.ticket(5).ID, Gate: "north"})
	ticket := s.ticket(2)

	s.must(&CancelOrder{ID: open}, &CancelOrder{ID: paid})
	s.idle(&CancelOrder{ID: open})
	s.idle(&CancelOrder{ID: paid})
	s.refuse(&CancelOrder{ID: used}, ErrAlreadyIn) // somebody is inside: nothing of it is undone
	s.refuse(&CancelOrder{ID: OrderID{theEvent, me}}, ErrOrderNotFound)

	if p := s.payments[pay.Payment]; p.Refunded != s.euros(2*seatPrice) || len(s.refunds) != 1 {
		t.Errorf("%+v, %d refunds", p, len(s.refunds))
	}
	s.refuse(&CheckIn{Ticket: ticket.ID, Gate: "north"}, ErrTicketVoid)
	if s.place(2).State != Free || s.place(4).State != Sold {
		t.Errorf("the places are %+v and %+v", s.place(2), s.place(4))
	}
	s.paid(2, 2) // on sale again
	s.refuse(&CheckIn{Ticket: ticket.ID, Gate: "north"}, ErrTicketVoid)
	s.must(&CheckIn{Ticket: s.ticket(2).ID, Gate: "north"})
	if err := s.check(); err != nil {
		t.Error(err)
	}
}

func TestACancellationNeedsThePaymentThatItGivesBack(t *testing.T) {
	s := newStage(t)
	paid, pay := s.paid(1, 1)
	p := s.payments[pay.Payment]
	p.Order = me
	s.payments[pay.Payment] = p
	s.refuse(&CancelOrder{ID: paid}, errNoPayment)
	delete(s.payments, pay.Payment)
	s.refuse(&CancelOrder{ID: paid}, errNoPayment)
}

func TestBlockPlaces(t *testing.T) {
	s := newStage(t)
	block := func(unblock bool, places ...catalog.PlaceNo) *BlockPlaces {
		return &BlockPlaces{Event: theEvent, Places: places, Unblock: unblock}
	}
	s.must(block(false, 1, 2, 2))
	s.idle(block(false, 2, 1))
	s.held(3)
	s.paid(1, 4)
	s.refuse(block(false, 5, 3, 4), ErrPlaceNotFree)
	err := s.run(block(false, 5, 3, 4))[0]
	if got := asError(t, err).Fields()["places"]; !reflect.DeepEqual(got, []catalog.PlaceNo{3, 4}) {
		t.Errorf("refused because of %v", got)
	}
	s.refuse(block(true, 1, 3), ErrPlaceNotBlocked)
	s.refuse(block(false, 99), ErrNoSuchPlace)
	s.refuse(&BlockPlaces{Event: 99, Places: []catalog.PlaceNo{1}}, ErrEventNotFound)
	s.must(block(true, 1, 5)) // 5 is free already
	if last := s.facts[len(s.facts)-1]; last.Kind != fact.PlacesUnblocked ||
		!reflect.DeepEqual(last.Places, []catalog.PlaceNo{1}) {
		t.Errorf("%+v", last)
	}
	s.idle(block(true, 1, 5))
	if s.place(1).State != Free || s.place(2).State != Blocked {
		t.Errorf("%+v and %+v", s.place(1), s.place(2))
	}
}

func TestSetStatusGoesOneWay(t *testing.T) {
	all := []catalog.Status{catalog.Draft, catalog.Published, catalog.Cancelled}
	for _, from := range all {
		for _, next := range all {
			s := newStage(t)
			s.terms(func(e *Sale) { e.Status = from })
			c := &SetStatus{Event: theEvent, Status: next}
			switch {
			case from == next:
				s.idle(c)
			case from > next:
				s.refuse(c, ErrEventCancelled)
			default:
				s.must(c)
				if s.events[theEvent].Status != next || len(s.facts) != 1 {
					t.Errorf("%v → %v: %v, %v", from, next, s.events[theEvent].Status, s.facts)
				}
			}
		}
	}
	s := newStage(t)
	s.refuse(&SetStatus{Event: 99, Status: catalog.Published}, ErrEventNotFound)
}
