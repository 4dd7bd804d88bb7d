package board

import (
	"testing"
	"testing/synctest"
	"time"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

func TestARefreshKeepsViewersAndLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, source, _ := gatedBoards(t)
		c := loading(t.Context(), s)
		<-source.begun
		source.step <- struct{}{}
		b := <-c
		s.Changed(committed(t, 7, booking.Blocked, 1))
		v, _ := watch(t, b, b.Version())
		s.Changed(committed(t, 7, booking.Blocked, 2)) // the ledger has lost it, say
		source.states = []byte{0, 3, 0, 2, 0, 0, 0, 0, 0, 0}
		done := make(chan struct{})
		go func() {
			defer close(done)
			s.Refresh(t.Context(), 7)
		}()
		<-source.begun // has read
		s.Changed(committed(t, 7, booking.Blocked, 4))
		source.states[3], source.states[4] = 0, 3
		s.Refresh(t.Context(), 7) // the one under way reads once more, and this doesn't wait
		source.step <- struct{}{}
		<-source.begun
		want := []byte{0, 3, 0, 2, 3, 0, 0, 0, 0, 0}
		if got := b.shownStates(); string(got) != string(want) {
			t.Errorf("%v, want %v", got, want)
		}
		source.step <- struct{}{}
		<-done
		b.tick()
		deltas, more := v.pull()
		if !more || len(deltas) != 1 || b != load(t, s) {
			t.Errorf("the viewer was sent %v and stays: %v", deltas, more)
		}
		s.Changed(committed(t, 7, booking.Blocked, 5))
		want = []byte{0, 3, 0, 0, 3, 3, 0, 0, 0, 0}
		if got := b.shownStates(); string(got) != string(want) {
			t.Errorf("%v, want %v", got, want)
		}
	})
}

func TestARefreshThatFailsForgets(t *testing.T) {
	s, source, _ := openBoards(t)
	s.Refresh(t.Context(), 7) // nobody has asked for it: nothing is read
	if source.loads != 0 {
		t.Errorf("%d loads for nobody", source.loads)
	}
	for _, spoil := range []func(){
		func() { source.err = errDown }, func() { source.states = make([]byte, 9) },
	} {
		source.err, source.states = nil, make([]byte, 10)
		b := load(t, s)
		v, _ := watch(t, b, b.Version())
		spoil()
		s.Refresh(t.Context(), 7)
		source.err, source.states = nil, make([]byte, 10)
		if _, more := v.pull(); more || b == load(t, s) {
			t.Error("a board of which nothing certain is known goes on")
		}
	}
}

func TestARefreshOfABoardThatIsBeingLoaded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, source, _ := gatedBoards(t)
		c := loading(t.Context(), s)
		<-source.begun
		source.states[1] = byte(booking.Sold)
		s.Refresh(t.Context(), 7)
		source.step <- struct{}{}
		<-source.begun
		source.step <- struct{}{}
		if b := <-c; b == nil || b.shownStates()[1] != byte(booking.Sold) {
			t.Error("it shows what was before")
		}
	})
}

func TestTakenLooksAtTheClock(t *testing.T) {
	b, clock := newHall(t, 10)
	b.apply([]Change{
		{Place: 1, State: booking.Held, Until: clock.now.Add(time.Minute).UnixMilli()},
		{Place: 2, State: booking.Ordered},
		{Place: 3, State: booking.Held}, // as it is loaded: the ledger knows until when
		{Place: 4, State: booking.Sold},
	})
	all := []catalog.PlaceNo{0, 1, 2, 3, 4}
	version := b.Version()
	for _, step := range []struct {
		later time.Duration
		taken int
	}{{0, 3}, {time.Minute, 3}, {time.Minute + time.Millisecond, 2}} {
		clock.now = start.Add(step.later)
		if taken := b.Taken(all); len(taken) != step.taken {
			t.Errorf("after %v: %v are taken", step.later, taken)
		}
	}
	b.apply([]Change{{Place: 1, State: booking.Held,
		Until: clock.now.Add(time.Minute).UnixMilli()}}) // extended, or granted anew
	if taken := b.Taken(all); len(taken) != 3 || b.Version() != version {
		t.Errorf("%v are taken at version %d", taken, b.Version())
	}
}
