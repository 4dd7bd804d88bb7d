package redis

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/ident"
)

const concert = catalog.EventID(7)

func hold(n byte) booking.HoldID {
	return booking.HoldID{Event: concert, Key: ident.Key{n, 0xff, 0, n}}
}

func places(numbers ...catalog.PlaceNo) []catalog.PlaceNo { return numbers }

func newLocks(tb testing.TB, servers ...*server) *Locks {
	tb.Helper()
	l := NewLocks(connect(tb, servers...))
	tb.Cleanup(l.Close)
	return l
}

// take locks and must get it. It asks the servers, as if each request came to an instance of its
// own: what one knows by itself is near_test.go's.
func (l *Locks) take(tb testing.TB, id booking.HoldID, wanted ...catalog.PlaceNo) uint32 {
	tb.Helper()
	number, taken := l.far(tb.Context(), id, wanted, time.Minute, 0)
	if number == 0 || taken != nil {
		tb.Fatalf("%v for %v: number %d, taken %v", wanted, id.Key[0], number, taken)
	}
	return number
}

// everywhere waits until a lock that most masters have given is on all of them.
func everywhere(tb testing.TB, servers []*server, place string) {
	tb.Helper()
	for _, s := range servers {
		eventually(tb, "each master has the lock", func() bool {
			return len(s.keys("*}:"+place)) == 1
		})
	}
}

// miss asks the servers and must be told which of the places are taken; none is "can't tell".
func (l *Locks) miss(tb testing.TB, id booking.HoldID, wanted, want []catalog.PlaceNo) {
	tb.Helper()
	number, taken := l.far(tb.Context(), id, wanted, time.Minute, 0)
	if number != 0 || !slices.Equal(taken, want) {
		tb.Fatalf("%v: number %d, taken %v; want %v", wanted, number, taken, want)
	}
}

// bothWays runs a test over one master and as Redlock over three.
func bothWays(t *testing.T, test func(t *testing.T, l *Locks, servers []*server)) {
	t.Helper()
	for name, n := range map[string]int{"one master": 1, "three masters": 3} {
		t.Run(name, func(t *testing.T) {
			servers := startServers(t, n)
			test(t, newLocks(t, servers...), servers)
		})
	}
}

func TestAllOrNone(t *testing.T) {
	bothWays(t, func(t *testing.T, l *Locks, servers []*server) {
		t.Helper()
		l.take(t, hold(1), 4, 5)
		everywhere(t, servers, "4")
		l.miss(t, hold(2), places(3, 4, 6), places(4))
		l.miss(t, hold(2), places(5, 4), places(5, 4))
		for _, s := range servers { // nothing of a refused request is left
			for _, place := range []string{"3", "6"} {
				if keys := s.keys("*}:" + place); len(keys) != 0 {
					t.Errorf("place %s is locked after a refusal: %v", place, keys)
				}
			}
		}
		l.take(t, hold(2), 3, 6)
		l.take(t, hold(1), 4, 5) // its own locks don't hinder a hold
		if s := l.Stats(); s.Granted.Load() != 3 || s.Refused.Load() != 2 || s.Failed.Load() != 0 {
			t.Errorf("granted %d, refused %d, failed %d", s.Granted.Load(), s.Refused.Load(),
				s.Failed.Load())
		}
	})
}

func TestOneWinner(t *testing.T) {
	bothWays(t, func(t *testing.T, l *Locks, _ []*server) {
		t.Helper()
		l.take(t, hold(255), 99) // the scripts are loaded
		var winners, unsure atomic.Int32
		var ready, all sync.WaitGroup
		start := make(chan struct{})
		const n = 100
		ready.Add(n)
		for i := range byte(n) {
			all.Go(func() {
				ready.Done()
				<-start
				number, taken := l.far(t.Context(), hold(i), places(1, 2, 3), time.Minute, 0)
				switch {
				case number != 0:
					winners.Add(1)
				case taken == nil:
					unsure.Add(1)
				}
			})
		}
		ready.Wait()
		close(start)
		all.Wait()
		// Over several masters nobody may have got most of them: then the ledger decides.
		if w := winners.Load(); w > 1 || w == 0 && unsure.Load() == 0 {
			t.Errorf("%d winners, %d can't tell", w, unsure.Load())
		}
		if len(l.servers.nodes) == 1 && winners.Load() != 1 {
			t.Errorf("%d winners on one master", winners.Load())
		}
	})
}

func TestNumbersGrow(t *testing.T) {
	bothWays(t, func(t *testing.T, l *Locks, servers []*server) {
		t.Helper()
		last := uint32(0)
		for i := range byte(5) {
			number := l.take(t, hold(i), catalog.PlaceNo(i))
			everywhere(t, servers, strconv.Itoa(int(i)))
			if number <= last {
				t.Errorf("number %d after %d", number, last)
			}
			last = number
		}
		number, _ := l.Lock(t.Context(), hold(9), places(50), time.Minute, 4_000)
		if number != 4_001 {
			t.Errorf("number %d above the hint 4000", number)
		}
		everywhere(t, servers, "50")
		if number = l.take(t, hold(10), 51); number != 4_002 {
			t.Errorf("number %d after 4001", number)
		}
		for _, s := range servers {
			for _, key := range s.keys("*") {
				if left, err := s.do("PTTL", key).AsInt64(); err != nil || left <= 0 {
					t.Errorf("%s never ends: %d, %v", key, left, err)
				}
			}
		}
	})
}

func TestForeignUnlockDoesNothing(t *testing.T) {
	bothWays(t, func(t *testing.T, l *Locks, _ []*server) {
		t.Helper()
		number := l.take(t, hold(1), 1, 2)
		l.end(t.Context(), unlockJob{event: concert, owner: string(keyOf(2)), places: places(1, 2),
			upTo: []uint32{1 << 31, 1 << 31}}) // another's
		l.end(t.Context(), unlockJob{event: concert, owner: string(keyOf(1)), places: places(1, 2),
			upTo: []uint32{number - 1, number - 1}}) // an earlier one of the same hold
		l.end(t.Context(), unlockJob{event: concert, places: places(1, 2),
			upTo: []uint32{number - 1, number - 1}}) // an earlier grant
		l.miss(t, hold(3), places(1, 2), places(1, 2))
		l.Unlock(hold(1), places(1), number)
		eventually(t, "the lock is given back", func() bool { return l.Stats().Ended.Load() == 1 })
		l.take(t, hold(3), 1)
		l.miss(t, hold(3), places(2), places(2))
	})
}

func keyOf(n byte) []byte {
	id := hold(n)
	return id.Key[:]
}

// freed is the book of a batch in which a grant with this fence has ended.
func freed(tb testing.TB, place catalog.PlaceNo, fence uint32) *booking.Book {
	tb.Helper()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	id := hold(77)
	book := booking.NewBook(now, 1)
	ref := booking.PlaceRef{Event: concert, Place: place}
	until := now.Add(time.Minute)
	book.LoadPlace(ref, booking.Place{State: booking.Held, Holder: id.Key, Fence: fence,
		Until: until})
	book.LoadHold(booking.Hold{ID: id, State: booking.HoldLive, ExpiresAt: until,
		Lines: []booking.Line{{Place: place, Fence: fence}}})
	if err := book.Try((&booking.ReleaseHold{ID: id}).Decide); err != nil {
		tb.Fatal(err)
	}
	return book
}

func TestFreedPlacesAreUnlocked(t *testing.T) {
	bothWays(t, func(t *testing.T, l *Locks, servers []*server) {
		t.Helper()
		first := l.take(t, hold(1), 1)
		everywhere(t, servers, "1")
		second := l.take(t, hold(2), 2)
		everywhere(t, servers, "2")
		l.Changed(freed(t, 2, first)) // an older grant of place 2 ended: the lock is newer
		l.Changed(freed(t, 1, first)) // whoever had it when it ended: an order, perhaps
		eventually(t, "the lock has ended", func() bool { return l.Stats().Ended.Load() == 1 })
		l.take(t, hold(3), 1)
		l.miss(t, hold(3), places(2), places(2))
		l.Changed(freed(t, 2, second))
		eventually(t, "the lock has ended", func() bool { return l.Stats().Ended.Load() == 2 })
		l.take(t, hold(3), 2)
	})
}

func TestAMinorityDown(t *testing.T) {
	servers := startServers(t, 3)
	l := newLocks(t, servers...)
	l.take(t, hold(1), 1)
	servers[1].kill()
	number := l.take(t, hold(1), 2)
	l.miss(t, hold(2), places(1, 2), places(1, 2))
	l.Unlock(hold(1), places(2), number)
	eventually(t, "the lock is given back", func() bool { return l.Stats().Ended.Load() == 1 })
	l.take(t, hold(2), 2)
}

func TestAMajorityDown(t *testing.T) {
	servers := startServers(t, 3)
	l := newLocks(t, servers...)
	l.take(t, hold(1), 1)
	servers[0].kill()
	servers[2].kill()
	for range 3 * breakerFailures {
		l.miss(t, hold(2), places(1), nil) // one refusal is not most of them
		l.miss(t, hold(2), places(2), nil)
	}
	// What the last master gave is taken back.
	eventually(t, "the locks are given back",
		func() bool { return len(servers[1].keys("*}:2")) == 0 })
	servers[0].start()
	eventually(t, "two masters make a lock again", func() bool {
		number, _ := l.Lock(t.Context(), hold(3), places(3), time.Minute, 0)
		return number != 0
	})
}

// TestALateAnswerIsWaitedFor, as it comes from busy processors: to go on without it makes them
// busier.
func TestALateAnswerIsWaitedFor(t *testing.T) {
	s := startServer(t)
	l := newLocks(t, s)
	l.take(t, hold(1), 1) // the scripts are loaded
	s.Pause()
	var number uint32
	var asking sync.WaitGroup
	asking.Go(func() { number, _ = l.Lock(t.Context(), hold(2), places(2), time.Minute, 0) })
	<-time.After(400 * time.Millisecond)
	s.Resume()
	if asking.Wait(); number == 0 {
		t.Error("the ledger would have decided alone")
	}
}

func TestADeadServerCostsNothing(t *testing.T) {
	s := startServer(t)
	l := newLocks(t, s)
	l.take(t, hold(1), 1)
	s.Pause()
	var all sync.WaitGroup
	for range breakerFailures {
		all.Go(func() { l.miss(t, hold(2), places(2), nil) })
	}
	all.Wait()
	eventually(t, "the breaker opens", func() bool { return l.servers.Reachable() == 0 })
	skipped := l.Stats().Skipped.Load()
	began := time.Now()
	for range 100 {
		l.miss(t, hold(2), places(2), nil)
	}
	// Some of them may have been sent to find out whether the server is back.
	if took := time.Since(began); took > 5*lockTimeout {
		t.Errorf("100 holds waited %v for a server that is known to be dead", took)
	}
	if n := l.Stats().Skipped.Load() - skipped; n < 90 {
		t.Errorf("%d of 100 were sent to a dead server", 100-n)
	}
	s.Resume()
	eventually(t, "the server is used again", func() bool {
		number, _ := l.Lock(t.Context(), hold(3), places(3), time.Minute, 0)
		return number != 0
	})
}

func TestServersMayComeLater(t *testing.T) {
	s := startServer(t)
	s.kill()
	l := newLocks(t, s)
	l.miss(t, hold(1), places(1), nil)
	if l.Stats().Skipped.Load() != 1 {
		t.Error("a server that was never there was asked")
	}
	s.start()
	eventually(t, "the server is found", func() bool { return l.servers.Reachable() == 1 })
	l.take(t, hold(1), 1)
}

// TestAClockJump: the locks of one master end early, as if its clock had jumped.
func TestAClockJump(t *testing.T) {
	servers := startServers(t, 3)
	l := newLocks(t, servers...)
	l.take(t, hold(1), 1)
	everywhere(t, servers, "1")
	for _, key := range servers[0].keys("*}:1") {
		servers[0].do("PEXPIRE", key, "0")
	}
	l.miss(t, hold(2), places(1), places(1))
}

func TestALockThatTookTooLong(t *testing.T) {
	l := newLocks(t, startServer(t))
	number, taken := l.Lock(t.Context(), hold(1), places(1), driftFloor, 0)
	if number != 0 || taken != nil {
		t.Errorf("a lock that may have ended already is number %d, taken %v", number, taken)
	}
}

func TestAClientThatLeavesIsHeardOut(t *testing.T) {
	l := newLocks(t, startServer(t))
	ctx, leave := context.WithCancel(t.Context())
	leave()
	if number, _ := l.Lock(ctx, hold(1), places(1), time.Minute, 0); number == 0 {
		t.Error("a client that leaves looks like a server that fails")
	}
}
