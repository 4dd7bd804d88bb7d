package contract

import (
	"time"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

// expiry: a grant ends by the ledger's clock, when somebody wants the place or the sweep comes.
func expiry() []Case {
	return []Case{
		{"lazily, to the millisecond", false, expireLazily},
		{"swept", false, expireSwept},
		{"extended as often as allowed", false, expireExtended},
		{"unpaid orders are swept after their grace", false, expireOrders},
		{"what ended otherwise stays so", false, expireNothing},
		{"a clock that goes backwards", false, expireBackwards},
	}
}

func expireLazily(s *stage) {
	w := s.show(terms{places: 1})
	first := w.held(0)
	s.clock.Advance(holdTime)
	w.refused(booking.ErrPlaceTaken, w.hold(0))
	s.clock.Advance(time.Millisecond)
	second := w.held(0)
	rows := w.conserved()
	same(s.t, "holder", rows.Places[0].Holder, second.ID.Key)
	same(s.t, "state of the first hold", rows.Holds[0].State, booking.HoldLive)
	s.must(&booking.ExpireHold{ID: first.ID})
	rows = w.conserved()
	same(s.t, "state of the first hold", rows.Holds[0].State, booking.HoldExpired)
	same(s.t, "holder", rows.Places[0].Holder, second.ID.Key)
}

func expireSwept(s *stage) {
	w := s.show(terms{places: 6})
	ctx := s.t.Context()
	due := []booking.HoldID{w.held(0, 1).ID, w.held(2).ID}
	s.clock.Advance(holdTime)
	young := w.held(3).ID
	s.noError(s.office.ExpireHolds(ctx, append(due, young)))
	same(s.t, "before its time", w.conserved().Places[0].State, booking.Held)
	s.clock.Advance(time.Millisecond)
	s.noError(s.office.ExpireHolds(ctx, append(due, young)))
	rows := w.conserved()
	same(s.t, "place 0", rows.Places[0], booking.Place{Fence: 1})
	same(s.t, "place 2", rows.Places[2], booking.Place{Fence: 1})
	same(s.t, "place 3", rows.Places[3].State, booking.Held)
	s.noError(s.office.ExpireHolds(ctx, append(due, young)))
	w.unchanged(rows)
	w.refused(booking.ErrHoldEnded, w.order(due[0], "late"), w.extend(due[1]), w.release(due[0]))
	w.refused(booking.ErrHoldNotFound,
		&booking.ExpireHold{ID: booking.HoldID{Event: w.id, Key: s.key()}})
}

func expireExtended(s *stage) {
	w := s.show(terms{places: 2, extensions: 2})
	hold := w.held(0, 1)
	for range 2 {
		s.clock.Advance(holdTime)
		extend := w.extend(hold.ID)
		s.must(extend)
		same(s.t, "new end", extend.Until, s.clock.Now().Add(holdTime))
	}
	w.refused(booking.ErrNoMoreExtensions, w.extend(hold.ID))
	s.clock.Advance(holdTime)
	w.refused(booking.ErrPlaceTaken, w.hold(1))
	rows := w.conserved()
	same(s.t, "extensions", rows.Holds[0].Extensions, 2)
	same(s.t, "end of the place", rows.Places[1].Until, rows.Holds[0].ExpiresAt)
	s.must(w.order(hold.ID, "buyer"))
	w.refused(booking.ErrHoldOrdered, w.extend(hold.ID))
}

func expireOrders(s *stage) {
	w := s.show(terms{places: 2, perBuyer: 1})
	order := w.ordered("slow", 0)
	expire := &booking.ExpireOrder{ID: order.ID}
	for _, wait := range []time.Duration{payTime, booking.PayGrace} {
		s.clock.Advance(wait)
		before := w.conserved()
		s.must(expire)
		w.unchanged(before)
	}
	s.clock.Advance(time.Millisecond)
	s.must(expire)
	rows := w.conserved()
	same(s.t, "state", rows.Orders[0].State, booking.OrderExpired)
	same(s.t, "place", rows.Places[0], booking.Place{Fence: 1})
	s.must(expire)
	w.unchanged(rows)
	w.ordered("slow", 1)
	w.refused(booking.ErrOrderNotFound,
		&booking.ExpireOrder{ID: booking.OrderID{Event: w.id, Key: s.key()}})
}

func expireNothing(s *stage) {
	w := s.show(terms{places: 4})
	released, ordered := w.held(0), w.ordered("one", 1)
	sold, cancelled := w.sold("two", 2), w.ordered("three", 3)
	s.must(w.release(released.ID), w.cancel(cancelled))
	s.clock.Advance(payTime + booking.PayGrace + time.Hour)
	before := w.conserved()
	s.must(&booking.ExpireHold{ID: released.ID},
		&booking.ExpireHold{ID: booking.HoldID{Event: w.id, Key: ordered.Hold}},
		&booking.ExpireOrder{ID: sold.ID}, &booking.ExpireOrder{ID: cancelled.ID})
	w.unchanged(before)
}

func expireBackwards(s *stage) {
	w := s.show(terms{places: 1})
	hold := w.held(0)
	s.clock.Advance(-time.Minute)
	s.must(&booking.ExpireHold{ID: hold.ID})
	w.refused(booking.ErrPlaceTaken, w.hold(0))
	s.must(w.order(hold.ID, "buyer"))
	s.clock.Advance(time.Minute)
	w.conserved()
}

// events: only what is published is sold, and only while its sale is open.
func events() []Case {
	return []Case{
		{"a draft isn't sold", false, eventDraft},
		{"a cancelled event isn't sold", false, eventCancelled},
		{"outside of its sale", false, eventClosed},
		{"an event has its own places", false, eventApart},
		{"its terms are what was stored", false, eventTerms},
	}
}

func eventDraft(s *stage) {
	w := s.show(terms{places: 2, draft: true})
	w.refused(booking.ErrEventNotFound, w.hold(0))
	s.must(w.block(1))
	publish := &booking.SetStatus{Event: w.id, Status: catalog.Published}
	s.must(publish)
	before := w.rows()
	s.must(publish)
	w.unchanged(before)
	w.refused(booking.ErrPlaceTaken, w.hold(1))
	w.held(0)
	w.refused(booking.ErrEventNotFound,
		&booking.SetStatus{Event: w.id + 1_000, Status: catalog.Published},
		&booking.BlockPlaces{Event: w.id + 1_000, Places: []catalog.PlaceNo{0}})
}

func eventCancelled(s *stage) {
	w := s.show(terms{places: 4, extensions: 1})
	held, ordered := w.held(0), w.ordered("buyer", 1)
	ctx := s.t.Context()
	s.noError(s.office.CancelEvent(ctx, w.id))
	w.refused(booking.ErrEventCancelled, w.hold(2), w.order(held.ID, "buyer"), w.extend(held.ID),
		&booking.SetStatus{Event: w.id, Status: catalog.Published})
	_, err := s.office.HoldPlaces(ctx, w.wish(1, 2))
	s.is(err, booking.ErrEventCancelled, "a wish at the box office")
	event, _, err := s.engine.Shelf.Event(ctx, w.id)
	s.noError(err)
	same(s.t, "status", event.Status, catalog.Cancelled)
	// What was begun can still be brought to its end.
	s.must(w.release(held.ID), w.pay(ordered, "tx"))
	s.must(w.cancel(ordered))
	same(s.t, "refunds", len(w.conserved().Refunds), 1)
}

func eventClosed(s *stage) {
	w := s.show(terms{places: 3, extensions: 1})
	s.clock.Advance(-2 * time.Hour)
	w.refused(booking.ErrSaleNotOpen, w.hold(1))
	s.clock.Advance(2*time.Hour + saleTime - time.Minute)
	held, slow := w.held(0), w.held(2)
	s.clock.Advance(time.Minute)
	w.refused(booking.ErrSaleNotOpen, w.hold(1), w.extend(held.ID))
	s.must(w.order(held.ID, "buyer")) // what was held in time may be ordered, for its time
	s.clock.Advance(holdTime)
	w.refused(booking.ErrSaleNotOpen, w.order(slow.ID, "buyer"))
	w.conserved()
	s.clock.Advance(-saleTime)
}

func eventTerms(s *stage) {
	for _, strict := range []bool{true, false} {
		w := s.show(terms{places: 1, strict: strict, extensions: 3, perBuyer: 7})
		event, _, err := s.engine.Shelf.Event(s.t.Context(), w.id)
		s.noError(err)
		same(s.t, "the terms", event.Terms, w.offer.Event().Terms)
	}
}

func eventApart(s *stage) {
	one, two := s.show(terms{places: 2}), s.show(terms{places: 2})
	first, second := one.hold(0), two.hold(0)
	second.Answer.Key = first.Answer.Key // an answer's key is unique within its event only
	s.count(s.run(first, second), 2, nil)
	foreign := two.order(second.ID, "buyer")
	foreign.Hold.Key = first.ID.Key
	two.refused(booking.ErrHoldNotFound, foreign)
	before := two.conserved()
	s.must(one.order(first.ID, "buyer"))
	two.unchanged(before)
	s.must(two.release(second.ID))
	same(s.t, "the first event's place", one.conserved().Places[0].State, booking.Ordered)
	same(s.t, "the second event's place", two.conserved().Places[0].State, booking.Free)
}
