package contract

import (
	"strconv"
	"testing"

	"ticketflow/internal/app/command"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

// Creations is the suite of command.Creations. The engine's catalogue must have them, too.
func Creations(t *testing.T, open Factory) {
	t.Helper()
	for name, run := range map[string]func(s *stage, once command.Creations){
		"once": createOnce, "at once": createTogether, "a failure keeps nothing": createAnew,
	} {
		t.Run(name, func(t *testing.T) {
			clock := NewClock()
			s := newStage(t, open(t, clock.Now), clock)
			once, ok := s.engine.Catalogue.(command.Creations)
			if !ok {
				t.Fatal("the catalogue keeps no keys")
			}
			run(s, once)
		})
	}
}

func fingerprintOf(n int) (f booking.Fingerprint) {
	copy(f[:], "key "+strconv.Itoa(n))
	return f
}

// createOnce creates one of each, twice, also over a crash.
func createOnce(s *stage, once command.Creations) {
	ctx := s.t.Context()
	offer := s.show(terms{places: 4}).offer
	event := *offer.Event()
	create := func(once command.Creations, request int) (numbers [3]int64, err error) {
		venue, err := once.Under(fingerprintOf(1), fingerprintOf(request)).
			AddVenue(ctx, catalog.Venue{Name: "Once", TimeZone: "UTC"})
		if err != nil {
			return numbers, err
		}
		plan, err := once.Under(fingerprintOf(2), fingerprintOf(request)).
			AddPlan(ctx, venue, offer.Plan(), []byte("4"))
		if err != nil {
			return numbers, err
		}
		id, err := once.Under(fingerprintOf(3), fingerprintOf(request)).
			AddEvent(ctx, event, offer.Places())
		return [3]int64{int64(venue), int64(plan), int64(id)}, err
	}
	first, err := create(once, 0)
	s.noError(err)
	again, err := create(once, 0)
	s.noError(err)
	same(s.t, "numbers", again, first)
	_, err = create(once, 1)
	s.is(err, booking.ErrKeyReused, "the key with another request")
	other, err := once.Under(fingerprintOf(4), fingerprintOf(0)).
		AddVenue(ctx, catalog.Venue{Name: "Once", TimeZone: "UTC"})
	s.noError(err)
	if int64(other) == first[0] {
		s.t.Errorf("another key gives the same venue")
	}
	states, err := s.engine.Shelf.PlaceStates(ctx, catalog.EventID(first[2]))
	s.noError(err)
	same(s.t, "places", len(states), offer.Places())

	revived, ok := s.engine.Probe.Crash(s.t).Catalogue.(command.Creations)
	if !ok {
		s.t.Fatalf("after a crash the catalogue keeps no keys")
	}
	again, err = create(revived, 0)
	s.noError(err)
	same(s.t, "numbers after a crash", again, first)
}

func createTogether(s *stage, once command.Creations) {
	const n = 20
	var numbers [n]catalog.VenueID
	var failures [n]error
	together(n, func(i int) {
		numbers[i], failures[i] = once.Under(fingerprintOf(1), fingerprintOf(0)).
			AddVenue(s.t.Context(), catalog.Venue{Name: "Once", TimeZone: "UTC"})
	})
	for i, number := range numbers {
		s.noError(failures[i])
		same(s.t, "venues", number, numbers[0])
	}
}

// createAnew: a request that came to nothing may be sent again, and then takes effect.
func createAnew(s *stage, once command.Creations) {
	ctx := s.t.Context()
	offer := s.show(terms{places: 4}).offer
	event := *offer.Event()
	event.Venue = 1 << 40 // there is none
	under := once.Under(fingerprintOf(1), fingerprintOf(0))
	if _, err := under.AddEvent(ctx, event, offer.Places()); err == nil {
		s.t.Fatalf("an event without a venue was stored")
	}
	event.Venue = offer.Event().Venue
	id, err := under.AddEvent(ctx, event, offer.Places())
	s.noError(err)
	states, err := s.engine.Shelf.PlaceStates(ctx, id)
	s.noError(err)
	same(s.t, "places", len(states), offer.Places())
}
