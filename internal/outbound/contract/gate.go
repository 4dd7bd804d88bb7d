package contract

import (
	"fmt"
	"sync/atomic"
	"time"

	"ticketflow/internal/app/command"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

// atGate: a ticket admits once.
func atGate() []Case {
	return []Case{
		{"a hundred scans of one ticket", false, gateParallel},
		{"a second scan is told when and where", false, gateSecond},
		{"a gate may repeat its request", false, gateRepeat},
		{"a wrong secret, place or grant", false, gateForged},
		{"of a ticket in the same batch that made it", false, gateBatch},
		{"of a cancelled event", false, gateCancelled},
	}
}

func gateParallel(s *stage) {
	const scans = 100
	w := s.show(terms{places: 2})
	ticket := w.tickets(w.sold("buyer", 0, 1))[0]
	var admitted atomic.Int64
	together(scans, func(i int) {
		_, _, err := s.office.CheckIn(s.t.Context(), ticket.ID, fmt.Sprint("gate ", i),
			command.Idempotency{})
		if err == nil {
			admitted.Add(1)
			return
		}
		s.is(err, booking.ErrAlreadyIn, "a scan")
	})
	same(s.t, "admitted", admitted.Load(), 1)
	rows := w.conserved()
	same(s.t, "used", rows.Tickets[0].State, booking.TicketUsed)
	same(s.t, "the other ticket", rows.Tickets[1].State, booking.TicketValid)
	same(s.t, "facts", len(rows.Facts), 5)
}

func gateSecond(s *stage) {
	w := s.show(terms{places: 1})
	ticket := w.tickets(w.sold("buyer", 0))[0]
	s.must(w.scan(ticket, "north"))
	s.clock.Advance(time.Minute)
	w.refused(booking.ErrAlreadyIn, w.scan(ticket, "south"))
	kept, err := s.engine.Bookings.Ticket(s.t.Context(), ticket.ID)
	s.noError(err)
	same(s.t, "gate", kept.Gate, "north")
	same(s.t, "time", kept.UsedAt, s.clock.Now().Add(-time.Minute))
}

func gateRepeat(s *stage) {
	w := s.show(terms{places: 1})
	ticket := w.tickets(w.sold("buyer", 0))[0]
	first := w.scan(ticket, "north")
	first.Answer, first.Request = w.answer("scan 1"), digest("a body")
	s.must(first)
	s.clock.Advance(time.Minute)
	again, other := *first, *first
	s.must(&again)
	same(s.t, "time of the answer", again.At, first.At)
	other.Answer = w.answer("scan 2")
	w.refused(booking.ErrAlreadyIn, &other)
	changed := *first
	changed.Request = digest("another body")
	w.refused(booking.ErrKeyReused, &changed)
}

func gateForged(s *stage) {
	w := s.show(terms{places: 2})
	ticket := w.tickets(w.sold("buyer", 0))[0]
	forged := ticket
	forged.ID.Secret[0] ^= 1
	w.refused(booking.ErrTicketNotFound, w.scan(forged, "north"))
	forged = ticket
	forged.ID.Fence++
	w.refused(booking.ErrTicketVoid, w.scan(forged, "north"))
	forged = ticket
	forged.ID.Place = 1
	w.refused(booking.ErrTicketVoid, w.scan(forged, "north"))
	if _, err := s.engine.Bookings.Ticket(s.t.Context(), forged.ID); err == nil {
		s.t.Errorf("a ticket of another place was found")
	}
	s.must(w.scan(ticket, "north"))
}

func gateBatch(s *stage) {
	w := s.show(terms{places: 1})
	order := w.ordered("buyer", 0)
	pay := w.pay(order, "tx")
	// The secrets follow from the seed, so a test may know them before the commit.
	alone := s.show(terms{places: 1})
	twin := alone.ordered("buyer", 0)
	same(s.t, "first line", twin.Lines[0], order.Lines[0])
	twinPay := alone.pay(twin, "tx")
	twinPay.Seed = pay.Seed
	s.must(twinPay)
	ticket := alone.tickets(twin)[0]
	ticket.ID.Event = w.id
	failures := s.run(pay, w.scan(ticket, "north"), w.scan(ticket, "south"), w.cancel(order))
	s.is(failures[0], nil, "the payment")
	s.is(failures[1], nil, "the first scan")
	s.is(failures[2], booking.ErrAlreadyIn, "the second scan")
	s.is(failures[3], booking.ErrAlreadyIn, "the cancellation")
	same(s.t, "gate", w.conserved().Tickets[0].Gate, "north")
}

func gateCancelled(s *stage) {
	w := s.show(terms{places: 1})
	ticket := w.tickets(w.sold("buyer", 0))[0]
	s.must(&booking.SetStatus{Event: w.id, Status: catalog.Cancelled})
	w.refused(booking.ErrEventCancelled, w.scan(ticket, "north"))
}
