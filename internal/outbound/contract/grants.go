package contract

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/picking"
)

// grants: one place, one winner, whoever asks how.
func grants() []Case {
	return []Case{
		{"a thousand press at the same instant", false, grantRush},
		{"a hundred writers past the desk", false, grantWriters},
		{"overlapping wishes are all or nothing", false, grantOverlapping},
		{"the best places for everybody", false, grantBest},
		{"what is held is what was asked for", false, grantDetails},
		{"bad wishes change nothing", false, grantRefusals},
		{"blocked places", false, grantBlocked},
	}
}

func grantRush(s *stage) {
	const buyers = 1_000
	w := s.show(terms{places: 1})
	var won atomic.Int64
	together(buyers, func(i int) {
		made, err := s.office.HoldPlaces(s.t.Context(), w.wish(i, 0))
		if err == nil {
			won.Add(1)
			same(s.t, "places of the winner", len(made.Hold.Lines), 1)
			return
		}
		s.is(err, booking.ErrPlaceTaken, "a loser")
	})
	same(s.t, "winners", won.Load(), 1)
	same(s.t, "holds", len(w.conserved().Holds), 1)
}

func grantWriters(s *stage) {
	const writers = 100
	w := s.show(terms{places: 1})
	wishes := make([]*booking.HoldPlaces, writers)
	for i := range wishes {
		wishes[i] = w.hold(0)
	}
	var won atomic.Int64
	together(writers, func(i int) {
		if err := s.run(wishes[i])[0]; err == nil {
			won.Add(1)
		} else if !errors.Is(err, booking.ErrPlaceTaken) {
			s.t.Errorf("a loser: %v", err)
		}
	})
	same(s.t, "winners", won.Load(), 1)
	same(s.t, "holds", len(w.conserved().Holds), 1)
}

func grantOverlapping(s *stage) {
	const places, buyers, width = 40, 300, 4
	w := s.show(terms{places: places})
	var mu sync.Mutex
	owner := make(map[catalog.PlaceNo]booking.HoldID)
	together(buyers, func(i int) {
		wish := make([]catalog.PlaceNo, 0, width)
		for j := range width { // no two wishes ask in the same order of places
			wish = append(wish, catalog.PlaceNo((i*7+j*(i%3+1))%places))
		}
		made, err := s.office.HoldPlaces(s.t.Context(), w.wish(i, wish...))
		if err != nil {
			s.is(err, booking.ErrPlaceTaken, "a loser")
			return
		}
		mu.Lock()
		defer mu.Unlock()
		same(s.t, "places of a winner", len(made.Hold.Lines), width)
		for _, l := range made.Hold.Lines {
			if other, taken := owner[l.Place]; taken {
				s.t.Errorf("place %d was given to %v and %v", l.Place, other, made.Hold.ID)
			}
			owner[l.Place] = made.Hold.ID
		}
	})
	held := 0
	for i, p := range w.conserved().Places {
		if p.State == booking.Held {
			held++
			same(s.t, fmt.Sprint("holder of ", i), p.Holder, owner[catalog.PlaceNo(i)].Key)
		}
	}
	same(s.t, "held places", held, len(owner))
}

func grantBest(s *stage) {
	const places = 60
	w := s.show(terms{places: places})
	var held atomic.Int64
	together(places, func(i int) {
		wish := w.wish(i)
		wish.Best = &picking.Wish{Count: 2, Tier: picking.AnyTier, Section: picking.AnySection}
		if made, err := s.office.HoldPlaces(s.t.Context(), wish); err == nil {
			held.Add(int64(len(made.Hold.Lines)))
			same(s.t, "side by side", made.SideBySide, true)
		}
	})
	same(s.t, "held places", held.Load(), places)
	w.conserved()
}

func grantDetails(s *stage) {
	w := s.show(terms{places: 5, price: 1_250})
	c := w.hold(3, 1)
	s.must(c)
	want := booking.Hold{ID: c.ID, State: booking.HoldLive, CreatedAt: s.clock.Now(),
		ExpiresAt: s.clock.Now().Add(holdTime), Total: euros(s.t, 2_500),
		Lines: []booking.Line{{Place: 3, Fence: 1, Price: 1_250},
			{Place: 1, Fence: 1, Price: 1_250}}}
	got, err := s.engine.Bookings.Hold(s.t.Context(), c.ID)
	s.noError(err)
	if diff := difference(Rows{Holds: []booking.Hold{want}},
		Rows{Holds: []booking.Hold{got}}); diff != "" {
		s.t.Errorf("the hold (-want +got):\n%s", diff)
	}
	rows := w.conserved()
	same(s.t, "place 1", rows.Places[1], booking.Place{State: booking.Held, Holder: c.ID.Key,
		Fence: 1, Until: want.ExpiresAt})
	same(s.t, "place 2", rows.Places[2], booking.Place{})
	states, err := s.engine.Shelf.PlaceStates(s.t.Context(), w.id)
	s.noError(err)
	if !slices.Equal(states, []byte{0, byte(booking.Held), 0, byte(booking.Held), 0}) {
		s.t.Errorf("place states: %v", states)
	}
}

func grantRefusals(s *stage) {
	w := s.show(terms{places: 5, perOrder: 2})
	w.held(4)
	w.refused(booking.ErrPlaceTaken, w.hold(4), w.hold(3, 4), w.hold(4, 3))
	w.refused(booking.ErrPlaceTwice, w.hold(2, 2))
	w.refused(booking.ErrTooManyPlaces, w.hold(0, 1, 2))
	w.refused(booking.ErrNoPlaces, w.hold())
	w.refused(booking.ErrNoSuchPlace, w.hold(5), w.hold(0, 1<<31))
	older := w.hold(0)
	older.Revision = 0
	w.refused(booking.ErrRevised, older)
	nowhere := w.hold(0)
	nowhere.ID.Event = w.id + 1_000
	w.refused(booking.ErrEventNotFound, nowhere)
	w.conserved()
}

func grantBlocked(s *stage) {
	w := s.show(terms{places: 4})
	held := w.held(0)
	w.refused(booking.ErrPlaceNotFree, w.block(1, 0))
	w.refused(booking.ErrNoSuchPlace, w.block(4))
	s.must(w.block(1, 2), w.block(1))
	w.refused(booking.ErrPlaceTaken, w.hold(1), w.hold(3, 2))
	unblock := w.block(2)
	unblock.Unblock = true
	s.must(unblock)
	s.must(w.hold(2))
	w.refused(booking.ErrPlaceNotBlocked, unblock)
	s.clock.Advance(holdTime + time.Millisecond) // a hold past its time doesn't hinder a block
	s.must(w.block(0))
	w.refused(booking.ErrHoldEnded, w.order(held.ID, "late"))
	w.conserved()
}
