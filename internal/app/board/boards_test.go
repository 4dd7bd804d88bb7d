package board

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

var errDown = errors.New("the ledger is down")

func gatedBoards(t failer) (*Boards, *gatedSource, *testClock) {
	t.Helper()
	source := &gatedSource{offer: hall(t, 10), states: make([]byte, 10),
		begun: make(chan struct{}), step: make(chan struct{})}
	clock := &testClock{now: start}
	return NewBoards(source, clock.Now), source, clock
}

func openBoards(t failer) (*Boards, *gatedSource, *testClock) {
	t.Helper()
	s, source, clock := gatedBoards(t)
	source.begun = nil
	return s, source, clock
}

// loading asks for the board in the background.
func loading(ctx context.Context, s *Boards) <-chan *Board {
	c := make(chan *Board, 1)
	go func() {
		b, _ := s.Get(ctx, 7)
		c <- b
	}()
	return c
}

func TestOneLoadServesAllWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, source, _ := gatedBoards(t)
		ctx, leave := context.WithCancel(t.Context())
		first := loading(ctx, s)
		<-source.begun
		others := []<-chan *Board{loading(t.Context(), s), loading(t.Context(), s)}
		synctest.Wait()
		leave()
		if b := <-first; b != nil {
			t.Error("who has gone gets a board")
		}
		source.step <- struct{}{}
		one, two := <-others[0], <-others[1]
		if one == nil || one != two || source.loads != 1 {
			t.Errorf("%p and %p after %d loads", one, two, source.loads)
		}
	})
}

func TestChangesDuringALoadAreNotLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, source, _ := gatedBoards(t)
		s.Changed(committed(t, 7, booking.Blocked, 9)) // nobody has asked: it is read later
		source.states[2] = byte(booking.Sold)
		c := loading(t.Context(), s)
		<-source.begun // has read
		s.Changed(committed(t, 7, booking.Blocked, 3))
		s.Changed(committed(t, 7, booking.Blocked, 4))
		s.Changed(committed(t, 8, booking.Blocked, 5)) // of another event
		s.Changed(committed(t, 7, booking.Free, 4))
		source.step <- struct{}{}
		b := <-c
		want := []byte{0, 0, 2, 3, 0, 0, 0, 0, 0, 0}
		if got := b.shownStates(); string(got) != string(want) {
			t.Errorf("%v, want %v", got, want)
		}
		s.Changed(committed(t, 7, booking.Blocked, 5))
		if b.shownStates()[5] != 3 {
			t.Error("a change after the load is lost")
		}
	})
}

func TestAFailedLoadIsTriedAgain(t *testing.T) {
	s, source, _ := openBoards(t)
	source.err = errDown
	for range 2 {
		if b, err := s.Get(t.Context(), 7); !errors.Is(err, errDown) || b != nil {
			t.Fatalf("%v, %v", b, err)
		}
	}
	source.err = nil
	if b := load(t, s); b != load(t, s) || source.loads != 3 {
		t.Errorf("%d loads", source.loads)
	}
}

func TestABoardThatIsForgottenWhileItIsLoadedIsLoadedAgain(t *testing.T) {
	for _, failure := range []error{nil, errDown} {
		synctest.Test(t, func(t *testing.T) {
			s, source, _ := gatedBoards(t)
			source.err = failure
			c := loading(t.Context(), s)
			<-source.begun // has read the old prices
			synctest.Wait()
			source.offer, source.err = hall(t, 10), nil
			s.Forget(7)
			source.step <- struct{}{}
			<-source.begun
			s.Changed(committed(t, 7, booking.Blocked, 1))
			source.step <- struct{}{}
			b := <-c
			if b == nil || b.Offer() != source.offer || b != load(t, s) || source.loads != 2 ||
				b.shownStates()[1] != 3 {
				t.Errorf("%p is loaded, %p is there, after %d loads", b, load(t, s), source.loads)
			}
		})
	}
}

func TestAForgottenBoardSendsItsViewersToTheNext(t *testing.T) {
	s, _, clock := openBoards(t)
	old := load(t, s)
	v, _ := watch(t, old, old.Version())
	for range 5 {
		s.Changed(committed(t, 7, booking.Blocked, 1))
		s.Changed(committed(t, 7, booking.Free, 1))
	}
	last := old.Version()
	s.Forget(7)
	s.Forget(7)
	s.Forget(99)
	if _, more := v.pull(); more {
		t.Error("the viewer still watches the old board")
	}
	if _, _, ok := old.Watch(last); ok {
		t.Error("somebody watches the old board")
	}
	// Within the same second, and even if the clock goes back, versions grow.
	clock.now = clock.now.Add(-time.Hour)
	next := load(t, s)
	if next == old || next.Version() <= last {
		t.Errorf("version %d follows %d", next.Version(), last)
	}
	if _, _, ok := next.Watch(last); ok {
		t.Error("a viewer of the old board is taken for up to date")
	}
}

func TestVersionsGrowOverARestart(t *testing.T) {
	s, _, clock := openBoards(t)
	old := load(t, s)
	for range 1_000 {
		old.apply(set(booking.Held, 1))
		old.apply(set(booking.Free, 1))
	}
	last := old.Version()
	again, _, later := openBoards(t)
	later.now = clock.now.Add(time.Second)
	if v := load(t, again).Version(); v <= last || v >= 1<<53 {
		t.Errorf("version %d follows %d", v, last)
	}
}

func TestRunSendsWhatChangedAndEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _, _ := openBoards(t)
		b := load(t, s)
		v, _ := watch(t, b, b.Version())
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			s.Run(ctx)
		}()
		begun := time.Now()
		for range 3 {
			s.Changed(committed(t, 7, booking.Blocked, 1))
			s.Changed(committed(t, 7, booking.Free, 1))
			if d := <-v.Deltas; d.Places != 1 || d.To != b.Version() {
				t.Errorf("%+v at %d", d, b.Version())
			}
		}
		if took := time.Since(begun); took != 3*TickInterval {
			t.Errorf("three ticks took %v", took)
		}
		if s.Viewers() != 1 {
			t.Errorf("%d viewers", s.Viewers())
		}
		stop()
		<-done
		if _, more := <-v.Deltas; more || s.Viewers() != 0 {
			t.Errorf("the viewer goes on: %v, %d", more, s.Viewers())
		}
	})
}

func TestAClosedHouseHasNoViewers(t *testing.T) {
	s, _, _ := openBoards(t)
	s.Close()
	b := load(t, s) // loaded after the end: advice goes on, viewers don't
	if _, _, ok := b.Watch(b.Version()); ok {
		t.Error("somebody watches a board that nobody publishes")
	}
	if _, ok := b.Pick(seats(1)); !ok {
		t.Error("the advice has ended")
	}
}

func TestEventsDontMeet(t *testing.T) {
	s, source, _ := openBoards(t)
	b := load(t, s)
	other, err := s.Get(t.Context(), catalog.EventID(8))
	if err != nil || other == b || source.loads != 2 {
		t.Fatalf("%v after %d loads", err, source.loads)
	}
	s.Changed(committed(t, 8, booking.Blocked, 1))
	if b.shownStates()[1] != 0 || other.shownStates()[1] != 3 {
		t.Error("a change came to the wrong board")
	}
}
