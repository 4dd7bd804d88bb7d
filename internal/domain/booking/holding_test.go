package booking

import (
	"math"
	"reflect"
	"testing"
	"time"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/money"
)

func TestHoldPlacesFreezesAQuote(t *testing.T) {
	s := newStage(t)
	c := s.hold(3, 1)
	s.must(c)
	h := s.holds[c.ID]
	want := []Line{{Place: 3, Fence: 1, Price: seatPrice}, {Place: 1, Fence: 1, Price: seatPrice}}
	if !reflect.DeepEqual(h.Lines, want) || h.Total != s.euros(2*seatPrice) ||
		h.State != HoldLive || !h.ExpiresAt.Equal(noon.Add(10*time.Minute)) {
		t.Errorf("%+v", h)
	}
	if !reflect.DeepEqual(h, c.Made) {
		t.Errorf("answered %+v, stored %+v", c.Made, h)
	}
}

func TestHoldPlacesRefuses(t *testing.T) {
	for _, c := range []struct {
		name  string
		stage func(*stage, *HoldPlaces)
		want  error
	}{
		{"no places", func(_ *stage, c *HoldPlaces) { c.Places = nil }, ErrNoPlaces},
		{"a place twice", func(_ *stage, c *HoldPlaces) { c.Places = []catalog.PlaceNo{1, 2, 1} },
			ErrPlaceTwice},
		{"too many", func(_ *stage, c *HoldPlaces) { c.Places = []catalog.PlaceNo{0, 1, 2, 3, 4} },
			ErrTooManyPlaces},
		{"beyond the plan", func(_ *stage, c *HoldPlaces) { c.Places = []catalog.PlaceNo{1, 99} },
			ErrNoSuchPlace},
		{"not for sale", func(_ *stage, c *HoldPlaces) {
			c.Places = []catalog.PlaceNo{1, notForSale}
		}, ErrNotForSale},
		{"taken", func(s *stage, _ *HoldPlaces) { s.held(1) }, ErrPlaceTaken},
		{"ordered past its time", func(s *stage, _ *HoldPlaces) {
			s.ordered(1, 1)
			s.wait(2 * time.Hour)
		}, ErrPlaceTaken},
		{"sold", func(s *stage, _ *HoldPlaces) { s.paid(1, 1) }, ErrPlaceTaken},
		{"blocked", func(s *stage, _ *HoldPlaces) {
			s.must(&BlockPlaces{Event: theEvent, Places: []catalog.PlaceNo{2}})
		}, ErrPlaceTaken},
		{"another event", func(_ *stage, c *HoldPlaces) { c.ID.Event = 99 }, ErrEventNotFound},
		{"a draft", func(s *stage, _ *HoldPlaces) {
			s.terms(func(e *Sale) { e.Status = catalog.Draft })
		}, ErrEventNotFound},
		{"cancelled", func(s *stage, _ *HoldPlaces) {
			s.must(&SetStatus{Event: theEvent, Status: catalog.Cancelled})
		}, ErrEventCancelled},
		{"before the sale", func(s *stage, _ *HoldPlaces) { s.wait(-2 * time.Hour) },
			ErrSaleNotOpen},
		{"at the end of the sale", func(s *stage, _ *HoldPlaces) { s.wait(24 * time.Hour) },
			ErrSaleNotOpen},
		{"old prices", func(s *stage, _ *HoldPlaces) {
			s.terms(func(e *Sale) { e.Revision = 2 })
		}, ErrRevised},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t)
			cmd := s.hold(1, 2)
			c.stage(s, cmd)
			s.refuse(cmd, c.want)
		})
	}
}

func TestARefusedHoldNamesWhatWasTaken(t *testing.T) {
	s := newStage(t)
	s.held(1, 3)
	err := s.run(s.hold(0, 1, 2, 3))[0]
	if got := asError(t, err).Fields()["taken"]; !reflect.DeepEqual(got, []catalog.PlaceNo{1, 3}) {
		t.Errorf("taken: %v", got)
	}
}

func TestATotalStaysWithinWhatCanBeReadBack(t *testing.T) {
	for _, c := range []struct {
		lines []Line
		want  error
	}{
		{[]Line{{Price: money.MaxMinor}}, nil},
		{[]Line{{Price: money.MaxMinor}, {Price: 1}}, money.ErrRange},
		{[]Line{{Price: math.MaxInt64}}, money.ErrRange},
		{[]Line{{Price: -1}}, money.ErrRange},
		{[]Line{{Price: 0}, {Price: 0}}, nil},
	} {
		got, err := linesTotal(c.lines, eur)
		if (err == nil) != (c.want == nil) || err == nil && got.Currency() != eur {
			t.Errorf("%v: %v, %v; want %v", c.lines, got, err, c.want)
		}
	}
}

func TestTheSameRequestHasTheSameAnswer(t *testing.T) {
	s := newStage(t)
	first := s.hold(1, 2)
	s.must(first)
	s.wait(time.Hour) // the answer is the same even when the hold is over
	again := s.hold(1, 2)
	again.Answer = first.Answer
	s.idle(again)
	if !again.Replay || again.Made.ID != first.ID ||
		!again.Made.ExpiresAt.Equal(first.Made.ExpiresAt) {
		t.Errorf("%+v", again.Made)
	}
	changed := s.hold(1, 3)
	changed.Answer, changed.Request = first.Answer, Fingerprint{9}
	s.refuse(changed, ErrKeyReused)

	// The double click: both in one batch, on other places.
	a, b := s.hold(5), s.hold(5)
	b.Answer = a.Answer
	if failures := s.run(a, b); failures[0] != nil || failures[1] != nil || !b.Replay ||
		b.Made.ID != a.ID {
		t.Errorf("%v; the second: %+v", failures, b.Made)
	}
}

func TestAPlaceOfAHoldPastItsTimeCanBeTaken(t *testing.T) {
	s := newStage(t)
	old := s.held(1, 2)
	s.wait(10*time.Minute + time.Millisecond)
	s.held(2)
	// Nobody took place 1, but a hold is all or nothing.
	s.refuse(&ExtendHold{ID: old, Answer: answerRef(s.key())}, ErrHoldEnded)
	s.refuse(s.order(old, 1), ErrHoldEnded)
	s.must(&ExpireHold{ID: old})
	if s.place(1).State != Free || s.place(2).State != Held {
		t.Errorf("the sweep left %+v and %+v", s.place(1), s.place(2))
	}
	if err := s.check(); err != nil {
		t.Error(err)
	}
}

func TestExtendHold(t *testing.T) {
	s := newStage(t)
	id := s.held(1, 2)
	s.wait(5 * time.Minute)
	c := &ExtendHold{ID: id, Answer: answerRef(s.key())}
	s.must(c)
	want := noon.Add(15 * time.Minute)
	if !c.Until.Equal(want) || !s.place(1).Until.Equal(want) || !s.holds[id].ExpiresAt.Equal(want) {
		t.Errorf("until %v, the place until %v", c.Until, s.place(1).Until)
	}
	s.wait(time.Minute)
	s.idle(&ExtendHold{ID: id, Answer: c.Answer}) // the same request again
	s.wait(time.Hour)
	s.must(&ExtendHold{ID: id, Answer: answerRef(s.key())}) // past its time, but nobody came
	s.refuse(&ExtendHold{ID: id, Answer: answerRef(s.key())}, ErrNoMoreExtensions)
	s.refuse(&ExtendHold{ID: id, Answer: c.Answer, Request: Fingerprint{1}}, ErrKeyReused)
	s.refuse(&ExtendHold{ID: HoldID{theEvent, me}}, ErrHoldNotFound)
	s.refuse(&ExtendHold{ID: HoldID{99, me}}, ErrHoldNotFound)
}

func TestNoExtensionPastTheEndOfTheSale(t *testing.T) {
	for _, c := range []struct {
		name string
		end  func(*stage)
		want error
	}{
		{"closed", func(s *stage) { s.wait(2 * time.Minute) }, ErrSaleNotOpen},
		{"cancelled", func(s *stage) {
			s.must(&SetStatus{Event: theEvent, Status: catalog.Cancelled})
		}, ErrEventCancelled},
		{"still open", func(s *stage) { s.wait(30 * time.Second) }, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t)
			s.wait(24*time.Hour - time.Minute)
			id := s.held(1)
			c.end(s)
			cmd := &ExtendHold{ID: id, Answer: answerRef(s.key())}
			if c.want == nil {
				s.must(cmd)
				return
			}
			s.refuse(cmd, c.want)
		})
	}
}

func TestAHoldIsReleasedOrExpiresOnce(t *testing.T) {
	s := newStage(t)
	released, swept, ordered := s.held(1), s.held(2), s.held(3)
	s.must(s.order(ordered, 1), &ReleaseHold{ID: released})
	s.idle(&ReleaseHold{ID: released})
	s.idle(&ExpireHold{ID: swept}) // its time isn't over
	s.wait(10 * time.Minute)
	s.idle(&ExpireHold{ID: swept}) // to the millisecond
	s.wait(time.Millisecond)
	s.must(&ExpireHold{ID: swept})
	for _, id := range []HoldID{released, swept, ordered} {
		s.idle(&ExpireHold{ID: id})
	}
	s.refuse(&ReleaseHold{ID: swept}, ErrHoldEnded)
	s.refuse(&ReleaseHold{ID: ordered}, ErrHoldOrdered)
	s.refuse(&ReleaseHold{ID: HoldID{theEvent, me}}, ErrHoldNotFound)
	s.refuse(&ExpireHold{ID: HoldID{theEvent, me}}, ErrHoldNotFound)
	s.refuse(s.order(released, 1), ErrHoldEnded)
	s.refuse(s.order(ordered, 1), ErrHoldOrdered)
	if err := s.check(); err != nil {
		t.Error(err)
	}
}
