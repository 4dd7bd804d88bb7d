package contract

import (
	"fmt"
	"time"

	"ticketflow/internal/app/command"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

// walls: what stands behind the rules, should they be given wrong rows.
func walls() []Case {
	return []Case{
		{"one living ticket a place, even if its row is wrong", false, wallTicket},
		{"a place that was read too early", false, wallPlace},
		{"a place that was taken and freed since", false, wallPlaceAgain},
		{"a grant whose end was read too early", false, wallPlaceUntil},
		{"a hold that was read too early", false, wallHold},
		{"a hold's extensions that were read too early", false, wallExtension},
		{"a hold's places that were read too early", false, wallAmendment},
		{"an order that was read too early", false, wallOrder},
		{"a ticket that was read too early", false, wallScan},
		{"a refund that was read too early", false, wallRefund},
		{"a refund whose amount was read too early", false, wallReduced},
		{"a buyer's count that was read too early", false, wallBuyer},
		{"an event that was read too early", false, wallEvent},
		{"rows that were not seen at all", false, wallUnseen},
	}
}

// stale is a command that is decided on rows as they were a while ago: before puts these into the
// book, as if the engine had read them then.
type stale struct {
	Command
	before func(b *booking.Book)
}

// Decide decides on the old rows.
func (c stale) Decide(b *booking.Book) error {
	c.before(b)
	return c.Command.Decide(b)
}

func wallTicket(s *stage) {
	w := s.show(terms{places: 2})
	first := w.sold("first", 0)
	free := booking.Place{State: booking.Free, Fence: 1}
	s.noError(s.engine.Probe.Overwrite(s.t.Context(), booking.PlaceRef{Event: w.id}, free))
	second := w.ordered("second", 0)
	w.refused(command.ErrConflict, w.pay(second, "tx2"))
	tickets := w.rows().Tickets
	same(s.t, "tickets", len(tickets), 1)
	same(s.t, "owner", tickets[0].Order, first.ID.Key)

	// A void ticket is no hindrance.
	s.must(w.cancel(first), w.pay(second, "tx2"))
	rows := w.rows()
	same(s.t, "tickets", len(rows.Tickets), 2)
	same(s.t, "state of the second order", rows.Orders[1].State, booking.Paid)
}

func wallPlace(s *stage) {
	w := s.show(terms{places: 2})
	w.held(0)
	w.refused(command.ErrConflict, stale{w.hold(0), func(b *booking.Book) {
		b.LoadPlace(booking.PlaceRef{Event: w.id}, booking.Place{})
	}}, stale{w.hold(1, 0), func(b *booking.Book) {
		b.LoadPlace(booking.PlaceRef{Event: w.id}, booking.Place{})
	}}, stale{w.block(0), func(b *booking.Book) {
		b.LoadPlace(booking.PlaceRef{Event: w.id}, booking.Place{})
	}})
	w.conserved()
}

func wallPlaceAgain(s *stage) {
	w := s.show(terms{places: 1})
	s.must(w.release(w.held(0).ID)) // now the place looks as it did at first, but for its fence
	w.refused(command.ErrConflict, stale{w.hold(0), func(b *booking.Book) {
		b.LoadPlace(booking.PlaceRef{Event: w.id}, booking.Place{})
	}})
	s.must(w.hold(0))
}

func wallPlaceUntil(s *stage) {
	w := s.show(terms{places: 1, extensions: 1})
	hold := w.held(0)
	read := w.rows().Places[0]
	s.clock.Advance(holdTime + time.Millisecond)
	s.must(w.extend(hold.ID))
	w.refused(command.ErrConflict, stale{w.hold(0), func(b *booking.Book) {
		b.LoadPlace(booking.PlaceRef{Event: w.id}, read)
	}})
	s.must(w.order(hold.ID, "buyer"))
	w.conserved()
}

func wallHold(s *stage) {
	w := s.show(terms{places: 1})
	hold := w.held(0)
	s.must(w.release(hold.ID))
	early := func(b *booking.Book) { b.LoadHold(hold) }
	s.clock.Advance(holdTime + time.Millisecond)
	w.refused(command.ErrConflict, stale{w.release(hold.ID), early},
		stale{&booking.ExpireHold{ID: hold.ID}, early})
	w.conserved()
}

func wallAmendment(s *stage) {
	w := s.show(terms{places: 4, extensions: 1})
	hold := w.held(0)
	s.must(w.amend(hold.ID, places{1}, nil))
	early := func(b *booking.Book) { b.LoadHold(hold) }
	w.refused(command.ErrConflict, stale{w.order(hold.ID, "buyer"), early},
		stale{w.extend(hold.ID), early}, stale{w.release(hold.ID), early},
		stale{w.amend(hold.ID, places{2}, nil), early},
		stale{w.amend(hold.ID, nil, places{0}), early},
		stale{w.amend(hold.ID, nil, places{1}), early}) // which the old row hasn't got
	w.conserved()
}

func wallExtension(s *stage) {
	w := s.show(terms{places: 1, extensions: 1})
	hold := w.held(0)
	read := w.rows().Places[0]
	s.must(w.extend(hold.ID))
	s.clock.Advance(time.Second)
	w.refused(command.ErrConflict, stale{w.extend(hold.ID), func(b *booking.Book) {
		b.LoadHold(hold)
	}}, stale{w.extend(hold.ID), func(b *booking.Book) {
		b.LoadHold(hold)
		b.LoadPlace(booking.PlaceRef{Event: w.id}, read)
	}})
	w.conserved()
}

func wallOrder(s *stage) {
	w := s.show(terms{places: 1})
	order := w.ordered("buyer", 0)
	s.must(w.cancel(order))
	early := func(b *booking.Book) { b.LoadOrder(order) }
	s.clock.Advance(payTime + booking.PayGrace + time.Millisecond)
	w.refused(command.ErrConflict, stale{w.cancel(order), early},
		stale{&booking.ExpireOrder{ID: order.ID}, early})
	w.conserved()
}

func wallScan(s *stage) {
	w := s.show(terms{places: 1})
	ticket := w.tickets(w.sold("buyer", 0))[0]
	s.must(w.scan(ticket, "north"))
	w.refused(command.ErrConflict, stale{w.scan(ticket, "south"), func(b *booking.Book) {
		b.LoadTicket(ticket)
	}})
	w.conserved()
}

func wallRefund(s *stage) {
	w := s.show(terms{places: 1})
	s.must(w.cancel(w.sold("buyer", 0)))
	refund := w.rows().Refunds[0]
	done := &booking.RecordRefund{Refund: refund.Ref, GatewayRef: "one"}
	s.must(done)
	again := &booking.RecordRefund{Refund: refund.Ref, GatewayRef: "two"}
	w.refused(command.ErrConflict, stale{again, func(b *booking.Book) { b.LoadRefund(refund) }})
	w.conserved()
}

func wallBuyer(s *stage) {
	w := s.show(terms{places: 4, perBuyer: 2})
	w.ordered("buyer", 0)
	second := w.order(w.held(1, 2).ID, "buyer")
	third := w.order(w.held(3).ID, "buyer")
	w.refused(command.ErrConflict, stale{second, func(b *booking.Book) {
		b.LoadBuyer(second.BuyerRef, 0)
	}})
	s.must(third)
	w.refused(command.ErrConflict, stale{second, func(b *booking.Book) {
		b.LoadBuyer(second.BuyerRef, 0)
	}})
	w.conserved()
}

func wallEvent(s *stage) {
	w := s.show(terms{places: 1})
	s.must(&booking.SetStatus{Event: w.id, Status: catalog.Cancelled})
	publish := &booking.SetStatus{Event: w.id, Status: catalog.Published}
	w.refused(booking.ErrEventCancelled, publish)
	w.refused(command.ErrConflict, stale{publish, func(b *booking.Book) {
		b.LoadEvent(w.id, booking.Sale{Status: catalog.Draft, Revision: 1})
	}})
}

// blind is a command whose keys don't name what it changes.
type blind struct {
	Command
	hide func(k *booking.Keys)
}

// Keys are the command's, without what is hidden.
func (c blind) Keys() *booking.Keys {
	k := c.Command.Keys()
	c.hide(k)
	return k
}

func wallUnseen(s *stage) {
	w := s.show(terms{places: 3})
	hold := w.hold(0)
	s.must(hold)
	again := *hold
	again.Places = []catalog.PlaceNo{1}
	w.refused(command.ErrConflict, blind{&again, func(k *booking.Keys) { k.Answers = nil }})

	order := w.order(hold.ID, "buyer")
	s.must(order)
	pay := w.pay(order.Made, "tx")
	s.must(pay)
	w.refused(command.ErrConflict, blind{w.pay(order.Made, "tx"), func(k *booking.Keys) {
		k.Payments = nil
	}})
	repeated := *pay
	repeated.Payment.Transaction = "tx2"
	w.refused(command.ErrConflict, blind{&repeated, func(k *booking.Keys) { k.Notices = nil }})
	// A place that doesn't exist can't be made by naming it.
	w.refused(command.ErrConflict, stale{w.hold(2), func(b *booking.Book) {
		b.LoadPlace(booking.PlaceRef{Event: w.id, Place: 2}, booking.Place{Fence: 7})
	}})
	same(s.t, "tickets", fmt.Sprint(len(w.conserved().Tickets)), "1")
}
