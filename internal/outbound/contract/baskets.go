package contract

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"ticketflow/internal/app/command"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/fact"
	"ticketflow/internal/domain/pricing"
)

type places = []catalog.PlaceNo

// baskets: the places of a hold change while it lives, all or nothing.
func baskets() []Case {
	return []Case{
		{"what was changed is what is read", false, basketDetails},
		{"many baskets reach for one place", false, basketRush},
		{"two baskets swap into each other", false, basketSwap},
		{"a basket, its order, its end and its release at once", false, basketRace},
		{"everything about a basket in one batch", false, basketBatch},
		{"the same request again", false, basketAgain},
		{"a taken place changes nothing", false, basketRefused},
		{"the number of a lock becomes the fence of what is added", false, basketLock},
		{"a basket of which nothing is left", false, basketEmpty},
		{"after a crash", true, basketCrash},
	}
}

func basketDetails(s *stage) {
	w := s.show(terms{places: 6, price: 1_250, extensions: 1, pricing: pricing.Rules{
		Groups: []pricing.Group{{Name: "Family", From: 3, Each: 50}}}})
	hold := w.held(4, 1)
	s.clock.Advance(time.Minute)
	c := w.amend(hold.ID, places{0, 3}, places{4})
	s.must(c)
	want := hold
	want.Lines = []booking.Line{{Place: 0, Fence: 1, Price: 1_250},
		{Place: 1, Fence: 1, Price: 1_250}, {Place: 3, Fence: 1, Price: 1_250}}
	want.Amendments, want.Total = 1, euros(s.t, 3*1_200)
	want.Charges = c.Made.Charges
	same(s.t, "charges", len(want.Charges), 1)
	got, err := s.engine.Bookings.Hold(s.t.Context(), hold.ID)
	s.noError(err)
	if diff := difference(Rows{Holds: []booking.Hold{want}},
		Rows{Holds: []booking.Hold{got}}); diff != "" {
		s.t.Errorf("the hold (-want +got):\n%s", diff)
	}
	told := w.told(fact.EventPublished, fact.HoldPlaced, fact.HoldShrunk, fact.HoldGrown)
	same(s.t, "what is free again", fmt.Sprint(told[2].Fact.Places), "[4]")
	same(s.t, "what has come", fmt.Sprint(told[3].Fact.Places), "[0 3]")
	s.must(w.extend(hold.ID), w.order(hold.ID, "buyer"))
	order := w.conserved().Orders[0]
	same(s.t, "places of the order", len(order.Lines), 3)
	same(s.t, "total of the order", order.Total, want.Total)
}

// amending is a wish of buyer i at the box office.
func amending(hold booking.HoldID, i int, add, remove places) command.AmendWish {
	return command.AmendWish{Hold: hold, Add: add, Remove: remove,
		Idempotency: command.Idempotency{Key: fmt.Sprint("amending ", i), Body: []byte("a body")}}
}

func basketRush(s *stage) {
	const baskets = 60
	w := s.show(terms{places: baskets + 1})
	holds := make([]booking.HoldID, baskets)
	for i := range holds {
		holds[i] = w.held(catalog.PlaceNo(i + 1)).ID
	}
	var won atomic.Int64
	together(baskets, func(i int) {
		// Half of them past the desk, and some would give back what they have for it.
		var remove places
		if i%3 == 0 {
			remove = places{catalog.PlaceNo(i + 1)}
		}
		var err error
		if i%2 == 0 {
			_, err = s.office.AmendHold(s.t.Context(), amending(holds[i], i, places{0}, remove))
		} else {
			err = s.run(w.amend(holds[i], places{0}, remove))[0]
		}
		if err == nil {
			won.Add(1)
			return
		}
		s.is(err, booking.ErrPlaceTaken, "a loser")
	})
	same(s.t, "winners", won.Load(), 1)
	for _, h := range w.conserved().Holds {
		same(s.t, "a basket lives", h.State, booking.HoldLive)
		if len(h.Lines) == 0 {
			s.t.Errorf("a loser has lost its place")
		}
	}
}

func basketSwap(s *stage) {
	const rounds = 40
	w := s.show(terms{places: 3})
	holds := [2]booking.HoldID{w.held(0).ID, w.held(1).ID}
	together(2*rounds, func(i int) {
		// Each wants the two others in turn, and gives back whatever it may have.
		add, remove := places{catalog.PlaceNo(i % 3)}, places{}
		for p := range catalog.PlaceNo(3) {
			if p != add[0] {
				remove = append(remove, p)
			}
		}
		_, err := s.office.AmendHold(s.t.Context(), amending(holds[i%2], i, add, remove))
		if err != nil {
			s.is(err, booking.ErrPlaceTaken, "who comes too late")
		}
	})
	for _, h := range w.conserved().Holds {
		same(s.t, "places of a basket", len(h.Lines), 1)
	}
}

func basketRace(s *stage) {
	const rounds, clients = 12, 6
	w := s.show(terms{places: 3 * rounds, perBuyer: 0, extensions: 5})
	for round := range rounds {
		first := catalog.PlaceNo(3 * round)
		hold := w.held(first, first+1)
		if round%3 == 0 {
			s.clock.Advance(holdTime + time.Millisecond) // due, but not swept
		}
		together(clients, func(i int) {
			var err error
			switch i {
			case 0, 1:
				err = s.run(w.amend(hold.ID, places{first + 2}, places{first + 1}))[0]
			case 2:
				err = s.run(w.order(hold.ID, fmt.Sprint("buyer ", round)))[0]
			case 3:
				err = s.run(&booking.ExpireHold{ID: hold.ID})[0]
			case 4:
				if round%2 == 0 {
					err = s.run(w.release(hold.ID))[0]
				}
			default:
				err = s.run(w.extend(hold.ID))[0]
			}
			if err != nil && !errors.Is(err, booking.ErrHoldEnded) &&
				!errors.Is(err, booking.ErrHoldOrdered) {
				s.t.Errorf("client %d: %v", i, err)
			}
		})
		w.conserved()
	}
}

func basketBatch(s *stage) {
	w := s.show(terms{places: 6})
	hold := w.hold(0)
	other := w.hold(4)
	amended := w.amend(hold.ID, places{1, 2}, places{0})
	failures := s.run(hold, amended, other, w.amend(other.ID, places{2}, nil),
		w.amend(other.ID, places{0}, nil), w.amend(hold.ID, nil, places{1}),
		w.amend(other.ID, places{1}, places{4}))
	for i, want := range []error{nil, nil, nil, booking.ErrPlaceTaken, nil, nil, nil} {
		s.is(failures[i], want, fmt.Sprint("command ", i))
	}
	rows := w.conserved()
	same(s.t, "the first basket", fmt.Sprint(rows.Holds[0].Lines), "[{2 1 0 4900}]")
	same(s.t, "how often it was changed", rows.Holds[0].Amendments, 2)
	// On rows that are there already, and with its order behind.
	order := w.order(hold.ID, "buyer")
	for _, err := range s.run(w.amend(hold.ID, places{5}, nil), w.amend(hold.ID, nil, places{2}),
		order) {
		s.noError(err)
	}
	rows = w.conserved()
	same(s.t, "the order", fmt.Sprint(rows.Orders[0].Lines), "[{5 1 0 4900}]")
	same(s.t, "its hold", fmt.Sprint(rows.Holds[0].Lines), "[{5 1 0 4900}]")
}

func basketAgain(s *stage) {
	w := s.show(terms{places: 4, extensions: 1})
	hold := w.held(0)
	c := w.amend(hold.ID, places{1}, places{0})
	s.must(c)
	before := w.rows()
	again := *c
	s.must(&again)
	w.unchanged(before)
	same(s.t, "a replay", again.Replay, true)
	same(s.t, "its end", again.Made.ExpiresAt, hold.ExpiresAt)
	again.Request = digest("another body")
	w.refused(booking.ErrKeyReused, &again)

	const times = 50 // the same click, at once
	together(times, func(i int) {
		made, err := s.office.AmendHold(s.t.Context(), amending(hold.ID, 1, places{2, 3}, nil))
		if err != nil {
			s.t.Errorf("click %d: %v", i, err)
			return
		}
		same(s.t, "places", len(made.Hold.Lines), 3)
	})
	same(s.t, "how often it was changed", w.conserved().Holds[0].Amendments, 2)

	s.clock.Advance(time.Minute)
	longer := w.extend(hold.ID)
	s.must(longer)
	made, err := s.office.AmendHold(s.t.Context(), amending(hold.ID, 1, places{2, 3}, nil))
	s.noError(err)
	same(s.t, "the end since it was extended", made.Hold.ExpiresAt, longer.Until)
}

func basketRefused(s *stage) {
	w := s.show(terms{places: 6, perOrder: 3})
	hold := w.held(0, 1)
	w.held(5)
	w.refused(booking.ErrPlaceTaken, w.amend(hold.ID, places{2, 5}, places{0}))
	w.refused(booking.ErrTooManyPlaces, w.amend(hold.ID, places{2, 3}, nil))
	w.refused(booking.ErrPlaceTwice, w.amend(hold.ID, places{2}, places{2}))
	w.refused(booking.ErrNoSuchPlace, w.amend(hold.ID, places{9}, nil))
	s.clock.Advance(holdTime + time.Millisecond)
	w.refused(booking.ErrHoldEnded, w.amend(hold.ID, places{2}, nil))
	w.conserved()
}

func basketLock(s *stage) {
	w := s.show(terms{places: 4})
	hold := w.held(0)
	c := w.amend(hold.ID, places{2}, nil)
	c.Lock = 40
	s.must(c)
	rows := w.conserved()
	same(s.t, "fence of what was there", rows.Places[0].Fence, 1)
	same(s.t, "fence of what is added", rows.Places[2].Fence, 40)
	s.must(w.amend(hold.ID, nil, places{2}))
	older := w.amend(hold.ID, places{2}, nil)
	older.Lock = 39
	w.refused(booking.ErrLockStale, older)
	same(s.t, "the newest fence", older.Fence, 40)
}

func basketEmpty(s *stage) {
	w := s.show(terms{places: 3})
	hold := w.held(0, 1)
	made, err := s.office.AmendHold(s.t.Context(), amending(hold.ID, 1, nil, places{0, 1}))
	s.noError(err)
	same(s.t, "the answer", made.Hold.State, booking.HoldReleased)
	w.told(fact.EventPublished, fact.HoldPlaced, fact.HoldReleased)
	again, err := s.office.AmendHold(s.t.Context(), amending(hold.ID, 1, nil, places{0, 1}))
	s.noError(err)
	same(s.t, "the answer to the same request", again.Hold.State, booking.HoldReleased)
	w.refused(booking.ErrHoldEnded, w.amend(hold.ID, places{0}, nil))
	same(s.t, "a place", w.conserved().Places[0].State, booking.Free)
}

func basketCrash(s *stage) {
	w := s.show(terms{places: 4})
	hold := w.held(0, 1)
	c := w.amend(hold.ID, places{2}, places{1})
	s.must(c)
	s.crash()
	again := *c
	s.must(&again)
	same(s.t, "a replay", again.Replay, true)
	s.must(w.amend(hold.ID, places{1}, nil), w.order(hold.ID, "buyer"))
	same(s.t, "places of the order", len(w.conserved().Orders[0].Lines), 3)
}
