package redis

import (
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

// ask asks an instance for the lock of places.
func (l *Locks) ask(
	tb testing.TB, id booking.HoldID, wanted ...catalog.PlaceNo,
) (
	number uint32, taken []catalog.PlaceNo,
) {
	tb.Helper()
	return l.Lock(tb.Context(), id, wanted, time.Minute, 0)
}

// still stops the clock, which a slow machine would else let run on between two requests.
func (l *Locks) still() {
	now := time.Now()
	l.servers.clock = func() time.Time { return now }
}

// refused asks, and must be refused for these places without a call: no server could tell.
func (l *Locks) refused(tb testing.TB, id booking.HoldID, wanted, want []catalog.PlaceNo) {
	tb.Helper()
	number, taken := l.ask(tb, id, wanted...)
	if number != 0 || !slices.Equal(taken, want) {
		tb.Errorf("%v: number %d, taken %v; want %v", wanted, number, taken, want)
	}
}

func TestWhatAnInstanceIsTakingItRefusesAlone(t *testing.T) {
	s := startServer(t)
	l := newLocks(t, s)
	l.still()
	number, _ := l.ask(t, hold(1), 1, 2)
	if number == 0 {
		t.Fatal("no lock")
	}
	s.kill()
	l.refused(t, hold(2), places(3, 2), places(2))
	l.refused(t, hold(2), places(3), nil)       // nothing of the refusal is left: it can't tell
	l.refused(t, hold(1), places(3), places(3)) // hold 2 is at the ledger, without a lock
	if n := l.Stats().Refused.Load(); n != 2 {
		t.Errorf("%d refusals are counted, want 2", n)
	}
}

// TestABurstAsksOnce: of thousands who want a place at one instant, one asks the server.
func TestABurstAsksOnce(t *testing.T) {
	s := startServer(t)
	l := newLocks(t, s)
	l.still()
	l.take(t, hold(255), 99) // the scripts are loaded
	s.Pause()
	const n = 200
	var refused atomic.Int32
	var all sync.WaitGroup
	for i := range byte(n) {
		all.Go(func() {
			if _, taken := l.Lock(t.Context(), hold(i), places(1), time.Minute, 0); taken != nil {
				refused.Add(1)
			}
		})
	}
	all.Wait()
	s.Resume()
	failed := l.Stats().Failed.Load() + l.Stats().Skipped.Load()
	if refused.Load() != n-1 || failed != 1 {
		t.Errorf("of %d, %d were refused and %d can't tell", n, refused.Load(), failed)
	}
}

func TestWhatHasEndedHereIsAskedFor(t *testing.T) {
	s := startServer(t)
	l := newLocks(t, s)
	first, _ := l.ask(t, hold(1), 1)
	l.Unlock(hold(2), places(1), math.MaxUint32) // another's
	l.Unlock(hold(1), places(1), first-1)        // an earlier one of the same owner
	l.refused(t, hold(2), places(1), places(1))
	l.Unlock(hold(1), places(1), first)
	eventually(t, "the lock is given back", func() bool {
		number, _ := l.ask(t, hold(2), 1)
		return number != 0
	})
	// The ledger has written the place: the board knows more than this instance, from now on.
	l.Changed(freed(t, 1, math.MaxUint32))
	eventually(t, "the place is asked for again", func() bool {
		number, _ := l.ask(t, hold(3), 1)
		return number != 0
	})
}

// TestARefusalLeavesNothing: another instance has the place, and this one asks each time.
func TestARefusalLeavesNothing(t *testing.T) {
	s := startServer(t)
	l, other := newLocks(t, s), newLocks(t, s)
	l.still()
	number, _ := other.ask(t, hold(1), 1)
	l.refused(t, hold(2), places(1, 2), places(1))
	other.Unlock(hold(1), places(1), number)
	eventually(t, "the lock is given back", func() bool {
		number, _ := l.ask(t, hold(3), 1, 2)
		return number != 0
	})
}

func TestNearEndsWithItsTime(t *testing.T) {
	n := near{taken: make(map[booking.PlaceRef]taking)}
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	if taken := n.take(hold(1), places(1, 2), now); taken != nil {
		t.Fatalf("taken %v", taken)
	}
	if taken := n.take(hold(2), places(2), now.Add(lockTimeout-1)); taken == nil {
		t.Error("a place was free too early")
	}
	if taken := n.take(hold(2), places(2), now.Add(lockTimeout)); taken != nil {
		t.Errorf("after its time, taken %v", taken)
	}
}

func TestNearIsBounded(t *testing.T) {
	n := near{taken: make(map[booking.PlaceRef]taking)}
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for i := range maxNear {
		n.take(hold(1), places(catalog.PlaceNo(i)), now.Add(time.Duration(i&1)))
	}
	later := now.Add(lockTimeout) // half of them have ended
	n.take(hold(1), places(maxNear), later)
	if got := len(n.taken); got != maxNear/2+1 {
		t.Errorf("%d are kept, want %d", got, maxNear/2+1)
	}
	for i := range maxNear {
		n.take(hold(1), places(catalog.PlaceNo(maxNear+i)), later)
	}
	if got := len(n.taken); got > maxNear {
		t.Errorf("%d are kept, more than %d", got, maxNear)
	}
}
