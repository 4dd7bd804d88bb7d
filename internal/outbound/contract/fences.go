package contract

import (
	"time"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

// fences: who was delayed past the time of a grant finds out that it was given away.
func fences() []Case {
	return []Case{
		{"a place that was retaken is lost", false, fenceRetaken},
		{"the same key with an older fence", false, fenceSameKey},
		{"an order with an older fence isn't paid", false, fenceOrder},
		{"past its time and not retaken may be ordered", false, fenceLateOrder},
		{"one lost place of three ends the hold", false, fencePartly},
		{"a release leaves the next holder alone", false, fenceRelease},
		{"fences grow with each grant", false, fenceGrowth},
		{"the number of a lock becomes the fence", false, fenceOfLock},
		{"a lock that ended before the last grant", false, fenceStaleLock},
		{"one stale lock of two in a batch", false, fenceStaleInBatch},
	}
}

func fenceRetaken(s *stage) {
	w := s.show(terms{places: 1, extensions: 3})
	first := w.held(0)
	s.clock.Advance(holdTime + time.Second)
	second := w.held(0)
	w.refused(booking.ErrHoldEnded, w.order(first.ID, "first"), w.extend(first.ID))
	s.must(w.order(second.ID, "second"))
	w.conserved()
}

func fenceSameKey(s *stage) {
	w := s.show(terms{places: 1, extensions: 3})
	hold := w.held(0)
	ref := booking.PlaceRef{Event: w.id}
	later := booking.Place{State: booking.Held, Holder: hold.ID.Key, Fence: 2,
		Until: hold.ExpiresAt.Add(time.Hour)}
	s.noError(s.engine.Probe.Overwrite(s.t.Context(), ref, later))
	w.refused(booking.ErrHoldEnded, w.order(hold.ID, "first"), w.extend(hold.ID))
	s.must(w.release(hold.ID))
	same(s.t, "the place", w.rows().Places[0], later)
}

func fenceOrder(s *stage) {
	w := s.show(terms{places: 1})
	order := w.ordered("first", 0)
	ref := booking.PlaceRef{Event: w.id}
	later := booking.Place{State: booking.Ordered, Holder: order.ID.Key, Fence: 2}
	s.noError(s.engine.Probe.Overwrite(s.t.Context(), ref, later))
	pay := w.pay(order, "tx")
	s.must(pay)
	same(s.t, "outcome", pay.Outcome, booking.PaymentGivenBack)
	rows := w.rows()
	same(s.t, "tickets", len(rows.Tickets), 0)
	same(s.t, "the place", rows.Places[0], later)
}

func fenceLateOrder(s *stage) {
	w := s.show(terms{places: 2, extensions: 1})
	ordered, extended := w.held(0), w.held(1)
	s.clock.Advance(holdTime + time.Hour)
	s.must(w.order(ordered.ID, "late"))
	extend := w.extend(extended.ID)
	s.must(extend)
	same(s.t, "new end", extend.Until, s.clock.Now().Add(holdTime))
	w.refused(booking.ErrPlaceTaken, w.hold(0), w.hold(1))
	w.conserved()
}

func fencePartly(s *stage) {
	w := s.show(terms{places: 3})
	first := w.held(0, 1, 2)
	s.clock.Advance(holdTime + time.Second)
	w.held(1)
	w.refused(booking.ErrHoldEnded, w.order(first.ID, "first"))
	s.must(w.release(first.ID))
	rows := w.conserved()
	same(s.t, "the other's place", rows.Places[1].State, booking.Held)
	same(s.t, "a freed place", rows.Places[2].State, booking.Free)
}

func fenceRelease(s *stage) {
	w := s.show(terms{places: 1})
	first := w.held(0)
	s.clock.Advance(holdTime + time.Second)
	second := w.held(0)
	s.must(w.release(first.ID), w.release(first.ID))
	same(s.t, "holder", w.conserved().Places[0].Holder, second.ID.Key)
	s.must(&booking.ExpireHold{ID: second.ID}) // not due: nothing happens
	same(s.t, "holder", w.conserved().Places[0].Holder, second.ID.Key)
}

func fenceGrowth(s *stage) {
	w := s.show(terms{places: 1})
	for want := uint32(1); want <= 5; want++ {
		hold := w.held(0)
		same(s.t, "fence", hold.Lines[0].Fence, want)
		s.must(w.release(hold.ID))
		same(s.t, "fence of the freed place", w.rows().Places[0].Fence, want)
	}
	order := w.sold("buyer", 0)
	same(s.t, "fence of the ticket", w.tickets(order)[0].ID.Fence, 6)
	s.must(w.cancel(order))
	same(s.t, "fence of the next grant", w.held(0).Lines[0].Fence, 7)
}

// underLock is a command to hold places with the number of a lock.
func (w *show) underLock(number uint32, places ...catalog.PlaceNo) *booking.HoldPlaces {
	c := w.hold(places...)
	c.Lock = number
	return c
}

func fenceOfLock(s *stage) {
	const number = 1<<30 + 5 // as large as a lock's number gets, and then some
	w := s.show(terms{places: 3})
	first := w.underLock(number, 0, 2)
	s.must(first)
	same(s.t, "fence", first.Made.Lines[1].Fence, number)
	rows := w.conserved()
	same(s.t, "fence of place 0", rows.Places[0].Fence, number)
	same(s.t, "fence of place 1", rows.Places[1].Fence, 0)
	s.must(w.order(first.ID, "buyer"))
	order := w.rows().Orders[0]
	s.must(w.pay(order, "tx"))
	same(s.t, "fence of the ticket", w.tickets(order)[1].ID.Fence, number)
	s.must(w.cancel(order))
	same(s.t, "fence of the next grant without a lock", w.held(0).Lines[0].Fence, number+1)
	w.conserved()
}

func fenceStaleLock(s *stage) {
	w := s.show(terms{places: 2})
	// The first one's lock, number 7, ends while it sleeps; the second locks as 8, holds, releases.
	second := w.underLock(8, 0)
	s.must(second, w.release(second.ID))
	for _, number := range []uint32{1, 7, 8} {
		first := w.underLock(number, 1, 0)
		w.refused(booking.ErrLockStale, first)
		same(s.t, "the newest fence", first.Fence, 8)
	}
	s.must(w.underLock(9, 1, 0))
	w.refused(booking.ErrPlaceTaken, w.underLock(3, 0), w.underLock(10, 0))
	w.conserved()
}

func fenceStaleInBatch(s *stage) {
	w := s.show(terms{places: 2})
	newer, older := w.underLock(6, 0), w.underLock(5, 1)
	freed := w.underLock(7, 1)
	failures := s.run(newer, freed, w.release(freed.ID), older)
	s.is(failures[0], nil, "the lock of another place")
	s.is(failures[1], nil, "the newer lock")
	s.is(failures[2], nil, "its release")
	s.is(failures[3], booking.ErrLockStale, "the older lock, later in the batch")
	older.Lock = 0
	s.must(older)
	same(s.t, "fence without a lock", older.Made.Lines[0].Fence, 8)
	w.conserved()
}
