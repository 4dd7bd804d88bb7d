package board

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

// fencedSource is a ledger's side of a hall, which the test changes.
type fencedSource struct {
	*gatedSource
	mu     sync.Mutex
	fences []uint32
	reads  int
	during func() // runs once, after a read has seen what is there
}

func (s *fencedSource) PlaceFences(context.Context, catalog.EventID) ([]byte, []uint32, error) {
	s.mu.Lock()
	s.reads++
	states, fences, err := slices.Clone(s.states), slices.Clone(s.fences), s.err
	s.mu.Unlock()
	if during := s.during; during != nil {
		s.during = nil
		during()
	}
	return states, fences, err
}

func (s *fencedSource) commit(c Change) Change {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.states[c.Place], s.fences[c.Place] = byte(c.State), c.Fence
	return c
}

func (s *fencedSource) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

func sharedBoards(t failer) (*Boards, *fencedSource) {
	t.Helper()
	source := &fencedSource{gatedSource: &gatedSource{offer: hall(t, 10),
		states: make([]byte, 10)}, fences: make([]uint32, 10)}
	clock := &testClock{now: start}
	return NewShared(source, 77, clock.Now), source
}

// TestAnyOrderEndsTheSame: a place's history, torn apart and shuffled as messages of several
// instances are, ends as it ended.
func TestAnyOrderEndsTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, _ := sharedBoards(t)
		b, err := s.Get(context.Background(), 7)
		if err != nil {
			t.Fatal(err)
		}
		var history []Change
		fence := uint32(0)
		for range rapid.IntRange(1, 6).Draw(t, "grants") {
			fence += rapid.Uint32Range(1, 5).Draw(t, "jump")
			grant := []booking.PlaceState{booking.Held, booking.Ordered, booking.Sold}
			if rapid.Bool().Draw(t, "blocked") {
				grant = []booking.PlaceState{booking.Blocked}
			}
			grant = grant[:rapid.IntRange(1, len(grant)).Draw(t, "steps")]
			for _, state := range append(grant, booking.Free) {
				history = append(history, Change{Place: 3, State: state, Fence: fence})
			}
		}
		history = history[:rapid.IntRange(1, len(history)).Draw(t, "length")]
		last := history[len(history)-1]
		for _, c := range rapid.Permutation(history).Draw(t, "order") {
			s.Apply(7, []Change{c, c})
		}
		if got := b.states[3]; got != last.State || b.fences[3] != last.Fence {
			t.Fatalf("%v with fence %d, want %v with %d", got, b.fences[3], last.State, last.Fence)
		}
	})
}

func TestAMessageOlderThanTheLoadIsLate(t *testing.T) {
	s, source := sharedBoards(t)
	source.commit(Change{Place: 2, State: booking.Sold, Fence: 5})
	b := load(t, s)
	s.Apply(7, []Change{{Place: 2, State: booking.Held, Fence: 5},
		{Place: 2, State: booking.Free, Fence: 4}, {Place: 1, State: booking.Held, Fence: 1},
		{Place: 99, State: booking.Held, Fence: 1}, {Place: 1, State: 77, Fence: 1}})
	if got := b.shownStates(); got[2] != 2 || got[1] != 1 {
		t.Errorf("%v", got)
	}
}

// TestMissedChangesAreReadAgain: at most once a second, with viewers in their seats, who get the
// difference.
func TestMissedChangesAreReadAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, source := sharedBoards(t)
		b := load(t, s)
		ctx, stop := context.WithCancel(t.Context())
		healed := make(chan struct{})
		failures := 0
		go func() {
			s.Heal(ctx, func(catalog.EventID, error) { failures++ })
			close(healed)
		}()
		v, _, ok := b.Watch(b.Version())
		if !ok {
			t.Fatal("can't watch")
		}
		before := b.Version()
		source.commit(Change{Place: 2, State: booking.Sold, Fence: 5})
		source.commit(Change{Place: 4, State: booking.Held, Fence: 1})
		for range 10 {
			s.Missed()
		}
		synctest.Wait()
		if got := b.shownStates(); got[2] != 2 || got[4] != 1 || source.reads != 2 {
			t.Errorf("%v after %d reads", got, source.reads)
		}
		if b.Version() != before+2*instanceSalts {
			t.Errorf("version %d after %d", b.Version(), before)
		}
		b.tick()
		deltas, more := v.pull()
		if !more || len(deltas) != 1 || deltas[0].Places != 2 {
			t.Errorf("the viewer got %v, %v", deltas, more)
		}
		s.Missed()
		synctest.Wait()
		if source.reads != 2 {
			t.Error("read twice in a second")
		}
		source.fail(errDown)
		time.Sleep(rereadMinInterval)
		synctest.Wait()
		source.fail(nil)
		source.commit(Change{Place: 4, State: booking.Free, Fence: 1})
		time.Sleep(rereadMinInterval)
		synctest.Wait()
		if failures != 1 || b.shownStates()[4] != 0 {
			t.Errorf("%d failures, then %v", failures, b.shownStates())
		}
		source.commit(Change{Place: 4, State: booking.Held, Fence: 2})
		time.Sleep(rereadInterval) // nothing was noticed
		synctest.Wait()
		if b.shownStates()[4] != 1 {
			t.Error("the second net has a hole")
		}
		stop()
		<-healed
	})
}

// TestAReadDoesntUndoWhatCameMeanwhile, and a ledger that has lost a grant is believed.
func TestAReadDoesntUndoWhatCameMeanwhile(t *testing.T) {
	s, source := sharedBoards(t)
	b := load(t, s)
	// Promised, and lost by the ledger.
	s.Apply(7, []Change{{Place: 6, State: booking.Held, Fence: 9}})
	source.during = func() {
		s.Apply(7, []Change{source.commit(Change{Place: 3, State: booking.Held, Fence: 2})})
	}
	if !s.reread(t.Context(), func(_ catalog.EventID, err error) { t.Error(err) }) {
		t.Error("not read")
	}
	if got := b.shownStates(); got[3] != 1 || got[6] != 0 {
		t.Errorf("%v", got)
	}
	s.Apply(7, []Change{{Place: 6, State: booking.Held, Fence: 1}})
	if b.shownStates()[6] != 1 {
		t.Error("the fence of a lost grant stays")
	}
}

// TestAViewerOfAnotherInstanceStartsAnew: two instances load a board at the same instant, count the
// same number of changes, and a viewer goes from one to the other.
func TestAViewerOfAnotherInstanceStartsAnew(t *testing.T) {
	s, source := sharedBoards(t)
	clock := &testClock{now: start}
	other := load(t, NewShared(source, 76, clock.Now))
	b := load(t, s)
	for _, one := range []*Board{b, other} {
		one.apply([]Change{{Place: 3, State: booking.Held, Fence: 1}})
		one.tick()
	}
	if _, _, ok := b.Watch(other.Version()); ok {
		t.Error("the version of another instance is taken for one's own")
	}
	if _, _, ok := b.Watch(b.Version()); !ok {
		t.Error("its own version is refused")
	}
	if v := b.Version(); v >= 1<<53 || v%instanceSalts != 77 || v <= firstVersion(start) {
		t.Errorf("version %d", v)
	}
}
