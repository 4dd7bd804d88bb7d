package booking

import (
	"reflect"
	"testing"
	"time"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/fact"
)

type places = []catalog.PlaceNo

func TestAmendHoldChangesPlacesAndPrice(t *testing.T) {
	s := newStage(t)
	id := s.held(3, 1)
	was := s.holds[id]
	s.wait(time.Minute)
	c := s.amend(id, places{freePlace, 5}, places{3})
	s.must(c)
	h := s.holds[id]
	want := []Line{{Place: 1, Fence: 1, Price: seatPrice}, {Place: 5, Fence: 1, Price: seatPrice},
		{Place: freePlace, Fence: 1, Tier: 1}}
	if !reflect.DeepEqual(h.Lines, want) || h.Total != s.euros(2*seatPrice) ||
		h.State != HoldLive || !h.ExpiresAt.Equal(was.ExpiresAt) || h.Amendments != 1 ||
		!reflect.DeepEqual(h, c.Made) {
		t.Errorf("%+v, answered %+v", h, c.Made)
	}
	if p := s.place(5); !p.Until.Equal(was.ExpiresAt) || s.place(3).State != Free {
		t.Errorf("the added place is %+v, the removed one %+v", p, s.place(3))
	}
	told := s.facts[len(s.facts)-2:]
	if told[0].Kind != fact.HoldShrunk || !reflect.DeepEqual(told[0].Places, places{3}) ||
		told[1].Kind != fact.HoldGrown ||
		!reflect.DeepEqual(told[1].Places, places{freePlace, 5}) || told[1].Amount != h.Total {
		t.Errorf("told %+v", told)
	}
	s.must(s.order(id, 1))
}

func TestAmendHoldTwiceIsAsOnce(t *testing.T) {
	s := newStage(t)
	id := s.held(1, 2)
	c := s.amend(id, places{3}, places{1})
	s.must(c)
	again := *c
	s.idle(&again)
	if !again.Replay || again.Made.ID != id || !again.Made.ExpiresAt.Equal(c.Made.ExpiresAt) {
		t.Errorf("%+v", again.Made)
	}
	other := *c
	other.Request = Fingerprint{9}
	s.refuse(&other, ErrKeyReused)

	// A second tab that knows nothing of the first one.
	facts := len(s.facts)
	s.must(s.amend(id, places{3, 2}, places{1}))
	if h := s.holds[id]; !reflect.DeepEqual(linePlaces(h.Lines), places{2, 3}) ||
		len(s.facts) != facts || h.Lines[1].Fence != 1 {
		t.Errorf("%+v", h)
	}
}

func TestRemovingTheLastPlaceReleasesTheHold(t *testing.T) {
	s := newStage(t)
	id := s.held(1, 2)
	c := s.amend(id, nil, places{2, 1})
	s.must(c)
	if h := s.holds[id]; h.State != HoldReleased || c.Made.State != HoldReleased ||
		s.place(1).State != Free || s.place(2).State != Free ||
		s.facts[len(s.facts)-1].Kind != fact.HoldReleased {
		t.Errorf("%+v, answered %+v", h, c.Made)
	}
	s.idle(c)
	s.refuse(s.amend(id, places{3}, nil), ErrHoldEnded)

	// To change all places at once is no release.
	id = s.held(1, 2)
	s.must(s.amend(id, places{4}, places{1, 2}))
	if h := s.holds[id]; h.State != HoldLive || len(h.Lines) != 1 {
		t.Errorf("%+v", h)
	}
}

func TestAmendHoldRefuses(t *testing.T) {
	for _, c := range []struct {
		name  string
		stage func(*stage, *AmendHold)
		want  error
	}{
		{"nothing", func(_ *stage, c *AmendHold) { c.Add, c.Remove = nil, nil }, ErrNoPlaces},
		{"a place twice", func(_ *stage, c *AmendHold) { c.Add = places{3, 3} }, ErrPlaceTwice},
		{"added and removed", func(_ *stage, c *AmendHold) { c.Remove = places{3} },
			ErrPlaceTwice},
		{"too many", func(_ *stage, c *AmendHold) { c.Add = places{3, 4, 5} },
			ErrTooManyPlaces},
		{"beyond the plan", func(_ *stage, c *AmendHold) { c.Add = places{99} }, ErrNoSuchPlace},
		{"not for sale", func(_ *stage, c *AmendHold) { c.Add = places{notForSale} },
			ErrNotForSale},
		{"taken", func(s *stage, c *AmendHold) {
			s.held(4)
			c.Add, c.Remove = places{3, 4}, places{1}
		}, ErrPlaceTaken},
		{"a stale lock", func(s *stage, c *AmendHold) {
			s.must(&ReleaseHold{ID: s.held(3)})
			c.Lock = 1
		}, ErrLockStale},
		{"released", func(s *stage, c *AmendHold) { s.must(&ReleaseHold{ID: c.ID}) },
			ErrHoldEnded},
		{"ordered", func(s *stage, c *AmendHold) { s.must(s.order(c.ID, 1)) }, ErrHoldOrdered},
		{"past its time", func(s *stage, _ *AmendHold) {
			s.wait(10*time.Minute + time.Millisecond)
		}, ErrHoldEnded},
		{"another hold", func(_ *stage, c *AmendHold) { c.ID.Key = me }, ErrHoldNotFound},
		{"cancelled", func(s *stage, _ *AmendHold) {
			s.must(&SetStatus{Event: theEvent, Status: catalog.Cancelled})
		}, ErrEventCancelled},
		{"closed", func(s *stage, _ *AmendHold) {
			s.terms(func(e *Sale) { e.Terms.ClosesAt = s.now })
		}, ErrSaleNotOpen},
		{"old prices", func(s *stage, _ *AmendHold) {
			s.terms(func(e *Sale) { e.Revision = 2 })
		}, ErrRevised},
		{"a place that it has lost", func(s *stage, c *AmendHold) {
			s.places[PlaceRef{theEvent, 1}] = Place{State: Held, Holder: c.ID.Key, Fence: 7}
		}, ErrHoldEnded},
		{"to give back a place that it has lost", func(s *stage, c *AmendHold) {
			s.places[PlaceRef{theEvent, 1}] = Place{Fence: 7}
			c.Remove = places{1}
		}, ErrHoldEnded},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t)
			cmd := s.amend(s.held(1, 2), places{3}, nil)
			c.stage(s, cmd)
			s.refuse(cmd, c.want)
		})
	}
}

// TestPlacesAreGivenBackAtAnyTime: to the last millisecond, and after the sale has closed.
func TestPlacesAreGivenBackAtAnyTime(t *testing.T) {
	s := newStage(t)
	id := s.held(1, 2)
	s.terms(func(e *Sale) { e.Terms.ClosesAt, e.Terms.MaxPerOrder = s.now, 1 })
	s.wait(10 * time.Minute)
	s.must(s.amend(id, nil, places{1}))
	if h := s.holds[id]; len(h.Lines) != 1 || h.Total != s.euros(seatPrice) {
		t.Errorf("%+v", h)
	}
}

// TestARefusalForWhatMayBeOldIsDoubted: the lines of a hold and its end may come from memory, a
// place that was asked for by name doesn't. What is wrong with the wish itself is wrong for ever.
func TestARefusalForWhatMayBeOldIsDoubted(t *testing.T) {
	s := newStage(t)
	id := s.held(1, 2)
	s.held(4)
	old := s.amend(id, places{5}, nil)
	old.Revision = 9
	for _, c := range []struct {
		cmd  decision
		want bool
	}{
		{s.amend(id, places{4}, nil), false},
		{s.amend(id, places{5, 6, 7}, nil), true},
		{s.amend(id, places{5}, nil), false},
		{s.amend(id, nil, nil), false},
		{s.amend(id, places{5, 5}, nil), false},
		{s.amend(id, places{5}, places{5}), false},
		{s.amend(id, places{3, 5, 6, 7, freePlace}, nil), false},
		{s.amend(id, places{99}, nil), false},
		{s.amend(id, places{notForSale}, nil), false},
		{old, false},
	} {
		if b := s.tried(c.cmd); b.Doubted() != c.want {
			t.Errorf("%+v: doubted is %v", c.cmd, b.Doubted())
		}
	}
	other := s.places[PlaceRef{theEvent, 5}]
	s.places[PlaceRef{theEvent, 5}] = Place{State: Held, Holder: id.Key, Fence: 1}
	s.doubts(s.amend(id, places{5}, nil)) // which was added, says the place
	s.places[PlaceRef{theEvent, 5}] = other
	s.places[PlaceRef{theEvent, 1}] = Place{}
	s.doubts(s.amend(id, places{5}, nil))
	s.doubts(s.amend(id, nil, places{1}))
	s.doubts(s.order(id, 1))
	s.doubts(&ExtendHold{ID: id, Answer: answerRef(s.key())})
}

// TestAnEndThatMayBeOldIsDoubted: the hold may have been extended elsewhere, or have fewer places.
func TestAnEndThatMayBeOldIsDoubted(t *testing.T) {
	s := newStage(t)
	id := s.held(1, 2)
	s.terms(func(e *Sale) { e.Terms.MaxPerBuyer = 1 })
	s.doubts(s.order(id, 1))
	s.terms(func(e *Sale) { e.Terms.ClosesAt = s.now.Add(time.Minute) })
	s.doubts(s.amend(id, places{3}, nil), time.Minute)
	s.doubts(s.order(id, 1), 10*time.Minute)
	s.doubts(s.amend(id, places{3}, nil))
}

// tried is what a command has been refused or granted on.
func (s *stage) tried(c decision) *Book {
	b := s.book(c)
	_ = b.Try(c.Decide)
	return b
}

// doubts says that a command is refused, after a while, and that the refusal is doubted.
func (s *stage) doubts(c decision, after ...time.Duration) {
	s.t.Helper()
	for _, d := range after {
		s.wait(d)
	}
	b := s.book(c)
	if err := b.Try(c.Decide); err == nil || !b.Doubted() {
		s.t.Errorf("%T: %v, and nobody doubts it", c, err)
	}
}
