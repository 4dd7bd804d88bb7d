package contract

import (
	"errors"
	"fmt"
	"sync/atomic"

	"ticketflow/internal/app/command"
	"ticketflow/internal/domain/booking"
)

// transfers: a ticket is passed on once, and the old code is worth nothing from then on.
func transfers() []Case {
	return []Case{
		{"a ticket gets a new holder and a new code", false, transferOne},
		{"many transfers of one ticket, one winner", false, transferMany},
		{"transfers of all tickets of an order at once", false, transferBeside},
		{"a transfer against the gate", false, transferGate},
		{"a transfer against a refund", false, transferRefund},
		{"the same request again", false, transferAgain},
		{"an order's lines that were read too early", false, wallTransfer},
	}
}

// transfer passes a ticket on under a new key.
func (w *show) transfer(ticket booking.Ticket) *booking.TransferTicket {
	key := w.key()
	return &booking.TransferTicket{Ticket: ticket.ID,
		Order: booking.OrderID{Event: w.id, Key: ticket.Order},
		To:    booking.Holder{Name: "Łucja Ňová", Email: "lucja@example.org"}, Seed: seed(key),
		Answer: w.answer("transfer " + string(key[:])), Request: digest("a body")}
}

func transferOne(s *stage) {
	w := s.show(terms{places: 2})
	order := w.sold("buyer", 0, 1)
	before := w.tickets(order)
	c := w.transfer(before[0])
	s.must(c)
	w.conserved()
	after := w.tickets(order) // once more: the first look may have been kept
	same(s.t, "tickets", len(after), 3)
	for _, ticket := range after {
		switch ticket.ID {
		case before[0].ID:
			same(s.t, "the old one", ticket.State, booking.TicketTransferred)
		case before[1].ID:
			same(s.t, "the one beside it", ticket, before[1])
		default:
			same(s.t, "the new one", ticket, booking.Ticket{ID: c.Made, Order: order.ID.Key,
				State: booking.TicketValid, Transfers: 1, Holder: c.To})
		}
	}
	found, err := s.engine.Bookings.Ticket(s.t.Context(), c.Made)
	s.noError(err)
	same(s.t, "its holder", found.Holder, c.To)
	w.refused(booking.ErrTicketTransferred, w.scan(before[0], "north"), w.transfer(before[0]))
	s.must(w.scan(found, "north"), w.scan(before[1], "north"))
}

func transferMany(s *stage) {
	const parallel = 40
	w := s.show(terms{places: 1})
	ticket := w.tickets(w.sold("buyer", 0))[0]
	failures := make([]error, parallel)
	together(parallel, func(i int) { failures[i] = s.run(w.transfer(ticket))[0] })
	s.count(failures, 1, booking.ErrTicketTransferred)
	same(s.t, "tickets", len(w.conserved().Tickets), 2)
}

func transferBeside(s *stage) {
	const places = 8
	w := s.show(terms{places: places})
	order := w.sold("buyer", 0, 1, 2, 3, 4, 5, 6, 7)
	tickets := w.tickets(order)
	together(places, func(i int) {
		s.is(s.run(w.transfer(tickets[i]))[0], nil, fmt.Sprint("the transfer of ", i))
	})
	rows := w.conserved()
	for i, l := range rows.Orders[0].Lines {
		same(s.t, fmt.Sprint("the grant of place ", i), l.Fence, rows.Places[l.Place].Fence)
		same(s.t, fmt.Sprint("the next grant of ", i), l.Fence, tickets[i].ID.Fence+1)
	}
	same(s.t, "tickets", len(rows.Tickets), 2*places)
}

func transferGate(s *stage) {
	const rounds = 10
	for range rounds {
		w := s.show(terms{places: 1})
		ticket := w.tickets(w.sold("buyer", 0))[0]
		var passed, admitted atomic.Int64
		together(4, func(i int) {
			var err error
			if i%2 == 0 {
				if err = s.run(w.transfer(ticket))[0]; err == nil {
					passed.Add(1)
				}
			} else {
				_, _, err = s.office.CheckIn(s.t.Context(), ticket.ID, "gate",
					command.Idempotency{})
				if err == nil {
					admitted.Add(1)
				}
			}
			// Who has waited for the old ticket's row may not see the new one yet: then it is void.
			if err != nil && !errors.Is(err, booking.ErrTicketTransferred) &&
				!errors.Is(err, booking.ErrTicketVoid) {
				s.is(err, booking.ErrAlreadyIn, "who came too late")
			}
		})
		same(s.t, "passed on or admitted", passed.Load()+admitted.Load(), 1)
		w.conserved()
	}
}

func transferRefund(s *stage) {
	const rounds = 10
	for range rounds {
		w := s.show(terms{places: 2})
		order := w.sold("buyer", 0, 1)
		ticket := w.tickets(order)[0]
		var passed, refunded error
		together(2, func(i int) {
			if i == 0 {
				passed = s.run(w.transfer(ticket))[0]
			} else {
				refunded = s.run(w.refund(order, 0))[0]
			}
		})
		s.is(refunded, nil, "the refund") // of the old ticket or of the new one
		if passed != nil {
			s.is(passed, booking.ErrTicketVoid, "the transfer")
		}
		rows := w.conserved()
		same(s.t, "the place", rows.Places[0].State, booking.Free)
		w.refused(booking.ErrTicketVoid, w.scan(ticket, "north"))
	}
}

func transferAgain(s *stage) {
	w := s.show(terms{places: 1})
	order := w.sold("buyer", 0)
	c := w.transfer(w.tickets(order)[0])
	s.must(c)
	rows := w.rows()
	again := *c
	s.must(&again)
	same(s.t, "what it made", again.Made, c.Made)
	same(s.t, "that it is a repetition", again.Replay, true)
	w.unchanged(rows)
	again.Request = digest("another body")
	w.refused(booking.ErrKeyReused, &again)
	s.must(w.cancel(order))
	rows = w.conserved()
	for _, ticket := range rows.Tickets {
		same(s.t, "that a ticket admits", ticket.State.Living(), false)
	}
}

func wallTransfer(s *stage) {
	w := s.show(terms{places: 2})
	order := w.sold("buyer", 0, 1)
	read := w.rows().Orders[0]
	tickets := w.tickets(order)
	s.must(w.transfer(tickets[0]))
	w.refused(command.ErrConflict, stale{w.transfer(tickets[1]), func(b *booking.Book) {
		b.LoadOrder(read)
	}})
	s.must(w.transfer(tickets[1]))
	w.conserved()
}
