package contract

import (
	"errors"
	"fmt"
	"time"

	"ticketflow/internal/app/command"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

// idempotency: who asks twice is told the same twice, and it happens once.
func idempotency() []Case {
	return []Case{
		{"the same key gives the same answer", false, againSame},
		{"another body is refused", false, againOther},
		{"the same key a hundred times at once", false, againParallel},
		{"the same key twice in one batch", false, againBatch},
		{"the answer outlives what it made", false, againLater},
		{"the answer tells the end as it is now", false, againExtended},
		{"a refusal isn't stored", false, againRefusal},
		{"keys of other events and operations don't meet", false, againScopes},
		{"after a crash", true, againCrash},
	}
}

func againSame(s *stage) {
	w := s.show(terms{places: 3, extensions: 5})
	hold := w.hold(0, 1)
	s.must(hold)
	order := w.order(hold.ID, "buyer")
	other := w.held(2)
	extend := w.extend(other.ID)
	s.must(order, extend)
	s.clock.Advance(time.Minute)

	before := w.rows()
	holdAgain, orderAgain, extendAgain := *hold, *order, *extend
	holdAgain.ID.Key, orderAgain.ID.Key = s.key(), s.key()
	s.must(&holdAgain, &orderAgain, &extendAgain)
	w.unchanged(before)
	same(s.t, "the hold is a replay", holdAgain.Replay, true)
	same(s.t, "the hold", holdAgain.Made.ID, hold.ID)
	same(s.t, "its end", holdAgain.Made.ExpiresAt, hold.Made.ExpiresAt)
	same(s.t, "the order is a replay", orderAgain.Replay, true)
	same(s.t, "the order", orderAgain.Made.ID, order.ID)
	same(s.t, "its end", orderAgain.Made.ExpiresAt, order.Made.ExpiresAt)
	same(s.t, "the extended end", extendAgain.Until, extend.Until)
}

func againOther(s *stage) {
	w := s.show(terms{places: 3, extensions: 5})
	hold := w.hold(0)
	s.must(hold)
	extend := w.extend(hold.ID)
	order := w.order(hold.ID, "buyer")
	s.must(extend, order)
	for _, c := range []*booking.Fingerprint{&hold.Request, &order.Request, &extend.Request} {
		*c = digest("another body")
	}
	w.refused(booking.ErrKeyReused, hold, order, extend)
}

func againParallel(s *stage) {
	const times = 100
	w := s.show(terms{places: 10, perBuyer: 2})
	holds := make([]booking.HoldID, times)
	together(times, func(i int) {
		made, err := s.office.HoldPlaces(s.t.Context(), w.wish(1, 3, 4))
		if err != nil {
			s.t.Errorf("hold %d: %v", i, err)
		}
		holds[i] = made.Hold.ID
		same(s.t, "lines", len(made.Hold.Lines), 2)
	})
	orders := make([]booking.OrderID, times)
	together(times, func(i int) {
		made, err := s.office.PlaceOrder(s.t.Context(), w.wishOrder(1, holds[0]))
		if err != nil {
			s.t.Errorf("order %d: %v", i, err)
		}
		orders[i] = made.Order.ID
	})
	for i := range times {
		same(s.t, fmt.Sprint("hold ", i), holds[i], holds[0])
		same(s.t, fmt.Sprint("order ", i), orders[i], orders[0])
	}
	rows := w.conserved()
	same(s.t, "holds", len(rows.Holds), 1)
	same(s.t, "orders", len(rows.Orders), 1)
	same(s.t, "facts", len(rows.Facts), 3)
}

func againBatch(s *stage) {
	w := s.show(terms{places: 2})
	first := w.hold(0)
	second, third := *first, *first
	second.ID.Key = s.key()
	third.ID.Key, third.Request = s.key(), digest("another body")
	failures := s.run(first, &second, &third)
	s.is(failures[0], nil, "the first")
	s.is(failures[1], nil, "the second")
	s.is(failures[2], booking.ErrKeyReused, "the third, with another body")
	same(s.t, "the second's hold", second.Made.ID, first.ID)
	same(s.t, "holds", len(w.conserved().Holds), 1)
}

func againLater(s *stage) {
	w := s.show(terms{places: 1})
	hold := w.hold(0)
	s.must(hold, w.release(hold.ID))
	w.held(0)
	again := *hold
	again.ID.Key = s.key()
	s.must(&again)
	same(s.t, "the hold that has ended", again.Made.ID, hold.ID)
	s.must(&booking.SetStatus{Event: w.id, Status: catalog.Cancelled})
	s.must(&again)
	same(s.t, "of an event that has ended", again.Made.ID, hold.ID)
}

func againExtended(s *stage) {
	w := s.show(terms{places: 1, extensions: 1})
	ctx := s.t.Context()
	first, err := s.office.HoldPlaces(ctx, w.wish(1, 0))
	s.noError(err)
	s.clock.Advance(time.Minute)
	longer := w.extend(first.Hold.ID)
	s.must(longer)
	again, err := s.office.HoldPlaces(ctx, w.wish(1, 0))
	s.noError(err)
	same(s.t, "the hold", again.Hold.ID, first.Hold.ID)
	same(s.t, "its end", again.Hold.ExpiresAt, longer.Until)
}

func againRefusal(s *stage) {
	w := s.show(terms{places: 1})
	first, second := w.held(0), w.hold(0)
	w.refused(booking.ErrPlaceTaken, second)
	s.must(w.release(first.ID), second)
	same(s.t, "a replay", second.Replay, false)
	w.conserved()
}

func againScopes(s *stage) {
	w, other := s.show(terms{places: 2}), s.show(terms{places: 2})
	ctx := s.t.Context()
	first, err := s.office.HoldPlaces(ctx, w.wish(1, 0))
	s.noError(err)
	second, err := s.office.HoldPlaces(ctx, other.wish(1, 0))
	s.noError(err)
	same(s.t, "the event of the second hold", second.Hold.ID.Event, other.id)
	_, err = s.office.PlaceOrder(ctx, w.wishOrder(1, first.Hold.ID))
	s.noError(err) // the same key was used to hold
	changed := w.wish(1, 1)
	changed.Body = []byte("another body")
	_, err = s.office.HoldPlaces(ctx, changed)
	s.is(err, booking.ErrKeyReused, "another body at the box office")
	_, err = s.office.HoldPlaces(ctx, command.HoldWish{Event: w.id, Places: []catalog.PlaceNo{1}})
	s.is(err, command.ErrKeyMissing, "no key")
	w.conserved()
}

func againCrash(s *stage) {
	w := s.show(terms{places: 2})
	hold := w.hold(0)
	s.must(hold)
	s.crash()
	again, other := *hold, *hold
	again.ID.Key, other.ID.Key = s.key(), s.key()
	other.Request = digest("another body")
	s.must(&again)
	same(s.t, "the hold", again.Made.ID, hold.ID)
	if err := s.run(&other)[0]; !errors.Is(err, booking.ErrKeyReused) {
		s.t.Errorf("another body after the crash: %v", err)
	}
	same(s.t, "holds", len(w.conserved().Holds), 1)
}
