package contract

import (
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/fact"
)

// facts: exactly what has happened, in the order in which it happened.
func facts() []Case {
	return []Case{
		{"the whole story, in order", false, factsStory},
		{"none of what was refused", false, factsRefused},
		{"in the order of a batch", false, factsBatch},
		{"without gaps under load", false, factsLoad},
		{"they survive a crash", true, factsCrash},
	}
}

// kinds are the kinds of an event's facts, in order.
func (r Rows) kinds() []fact.Kind {
	kinds := make([]fact.Kind, 0, len(r.Facts))
	for _, f := range r.Facts {
		kinds = append(kinds, f.Fact.Kind)
	}
	return kinds
}

// told checks an event's facts by kind, and that their positions have no gaps.
func (w *show) told(want ...fact.Kind) []Recorded {
	w.t.Helper()
	rows := w.rows()
	if got := rows.kinds(); !slices.Equal(got, want) {
		w.t.Fatalf("facts: got %v, want %v", got, want)
	}
	for i, f := range rows.Facts {
		if i > 0 && f.Position != rows.Facts[i-1].Position+1 {
			w.t.Errorf("position %d follows %d", f.Position, rows.Facts[i-1].Position)
		}
	}
	return rows.Facts
}

func factsStory(s *stage) {
	w := s.show(terms{places: 5, extensions: 1})
	hold := w.held(0, 2)
	s.clock.Advance(time.Second)
	order := w.order(hold.ID, "buyer")
	pay := w.pay(booking.Order{ID: order.ID, Total: hold.Total}, "tx \"1\"\n")
	s.must(w.extend(hold.ID), order, pay)
	ticket := w.tickets(order.Made)[0]
	s.must(w.scan(ticket, "north"), w.block(3))
	s.must(&booking.BlockPlaces{Event: w.id, Places: []catalog.PlaceNo{3}, Unblock: true})
	s.must(w.release(w.held(3).ID))
	expired := w.held(3)
	s.clock.Advance(holdTime + time.Second)
	s.must(&booking.ExpireHold{ID: expired.ID})
	second := w.sold("second", 4)
	s.must(w.cancel(second))
	s.must(&booking.RecordRefund{Refund: w.rows().Refunds[0].Ref})
	s.must(&booking.SetStatus{Event: w.id, Status: catalog.Cancelled})
	told := w.told(fact.EventPublished, fact.HoldPlaced, fact.HoldExtended, fact.OrderPlaced,
		fact.OrderPaid, fact.TicketAdmitted, fact.PlacesBlocked, fact.PlacesUnblocked,
		fact.HoldPlaced, fact.HoldReleased, fact.HoldPlaced, fact.HoldExpired, fact.HoldPlaced,
		fact.OrderPlaced, fact.OrderPaid, fact.RefundRequested, fact.OrderCancelled,
		fact.RefundDone, fact.EventCancelled)
	want := []Recorded{
		{told[1].Position, fact.Fact{Kind: fact.HoldPlaced, Event: w.id, At: hold.CreatedAt,
			Hold: hold.ID.Key, Places: []catalog.PlaceNo{0, 2}, Amount: hold.Total}},
		{told[4].Position, fact.Fact{Kind: fact.OrderPaid, Event: w.id,
			At: hold.CreatedAt.Add(time.Second), Order: order.ID.Key,
			Places: []catalog.PlaceNo{0, 2}, Amount: hold.Total,
			Ref: named(w.id, "tx \"1\"\n")}},
	}
	got := []Recorded{told[1], told[4]}
	if diff := difference(Rows{Facts: want}, Rows{Facts: got}); diff != "" {
		s.t.Errorf("two of the facts (-want +got):\n%s", diff)
	}
}

func factsRefused(s *stage) {
	w := s.show(terms{places: 2})
	hold := w.hold(0)
	s.run(w.hold(0, 9), hold, w.hold(0), w.order(hold.ID, "buyer"), w.release(hold.ID))
	s.run(w.hold(0), stale{w.hold(1), func(b *booking.Book) {
		b.LoadPlace(booking.PlaceRef{Event: w.id, Place: 1}, booking.Place{Fence: 5})
	}})
	// The order and the release named a hold that was not committed when their keys were loaded,
	// but was made earlier in their batch: they see it.
	w.told(fact.EventPublished, fact.HoldPlaced, fact.OrderPlaced)
}

func factsBatch(s *stage) {
	w := s.show(terms{places: 3})
	first := w.held(0)
	order := w.ordered("buyer", 1)
	s.run(w.release(first.ID), w.hold(0), w.pay(order, "tx"), w.hold(0), w.hold(2), w.cancel(order))
	w.told(fact.EventPublished, fact.HoldPlaced, fact.HoldPlaced, fact.OrderPlaced,
		fact.HoldReleased, fact.HoldPlaced, fact.OrderPaid, fact.HoldPlaced,
		fact.RefundRequested, fact.OrderCancelled)
}

func factsLoad(s *stage) {
	const buyers = 200
	w := s.show(terms{places: 20})
	var granted atomic.Int64
	together(buyers, func(i int) {
		made, err := s.office.HoldPlaces(s.t.Context(), w.wish(i, w.seat(i)))
		if err == nil {
			granted.Add(1)
			err = s.office.ReleaseHold(s.t.Context(), made.Hold.ID)
		}
		if err != nil {
			s.is(err, booking.ErrPlaceTaken, fmt.Sprint("buyer ", i))
		}
	})
	rows := w.conserved()
	same(s.t, "facts", int64(len(rows.Facts)), 1+2*granted.Load())
	placed := make(map[booking.HoldID]bool)
	for i, f := range rows.Facts {
		id := booking.HoldID{Event: w.id, Key: f.Fact.Hold}
		if f.Fact.Kind == fact.HoldReleased && !placed[id] {
			s.t.Errorf("%v was released before it was placed", id)
		}
		placed[id] = true
		if i > 0 && f.Position != rows.Facts[i-1].Position+1 {
			s.t.Errorf("position %d follows %d", f.Position, rows.Facts[i-1].Position)
		}
	}
}

func factsCrash(s *stage) {
	w := s.show(terms{places: 2})
	w.held(0)
	s.crash()
	w.held(1)
	told := w.told(fact.EventPublished, fact.HoldPlaced, fact.HoldPlaced)
	same(s.t, "the first position", told[0].Position, 1)
}
