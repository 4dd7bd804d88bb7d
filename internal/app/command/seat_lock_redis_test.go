package command_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ticketflow/internal/app/board"
	"ticketflow/internal/app/command"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/outbound/redis"
	"ticketflow/internal/testservers"
)

// between is a lock behind which something happens once, before the ledger is asked.
type between struct {
	command.SeatLock
	once   sync.Once
	happen func()
}

func (l *between) Lock(
	ctx context.Context, owner booking.HoldID, places []catalog.PlaceNo, ttl time.Duration,
	hint uint32,
) (uint32, []catalog.PlaceNo) {
	number, taken := l.SeatLock.Lock(ctx, owner, places, ttl, hint)
	l.once.Do(l.happen)
	return number, taken
}

// TestASecondClickElsewhere: the first request is behind its lock and not yet in the ledger when
// the second one, with the same key, reaches another instance. Both get the same hold; another
// buyer is refused by the lock.
func TestASecondClickElsewhere(t *testing.T) {
	h, _, b, locks := twoInstances(t, testservers.StartRedis(t).URL)
	var second command.HoldMade
	lock := &between{SeatLock: locks[0], happen: func() {
		_, err := b.office.HoldPlaces(t.Context(), h.wish("another buyer", 3))
		if !errors.Is(err, booking.ErrPlaceTaken) || h.commands() != 0 {
			t.Errorf("another buyer: %v", err)
		}
		second, err = b.office.HoldPlaces(t.Context(), h.wish("click", 3))
		h.check(err)
	}}
	first, err := h.behind(lock).office.HoldPlaces(t.Context(), h.wish("click", 3))
	h.check(err)
	if first.Hold.ID != second.Hold.ID {
		t.Errorf("one key, two holds: %v and %v", first.Hold.ID, second.Hold.ID)
	}
	if got := h.held(); got != 1 {
		t.Errorf("%d places are held", got)
	}
}

// twoInstances are two box offices over one ledger, each with its own connections to one lock.
func twoInstances(t *testing.T, urls ...string) (h, a, b *house, locks []*redis.Locks) {
	t.Helper()
	return twoInstancesOf(t, open(t, plain), urls...)
}

func twoInstancesOf(
	t *testing.T, of *house, urls ...string,
) (h, a, b *house, locks []*redis.Locks) {
	t.Helper()
	h = of
	for range 2 {
		servers, err := redis.Open(redis.Options{URLs: urls, Clock: time.Now,
			Log: slog.New(slog.DiscardHandler)})
		h.check(err)
		t.Cleanup(servers.Close)
		until(t, "the lock servers are reached",
			func() bool { return servers.Reachable() == len(urls) })
		l := redis.NewLocks(servers)
		t.Cleanup(l.Close)
		locks = append(locks, l)
	}
	return h, h.behind(locks[0]), h.behind(locks[1]), locks
}

// contend lets both instances fight for places that are sold to one buyer each.
func contend(t *testing.T, h *house, from, to int, instances ...*house) {
	t.Helper()
	var all sync.WaitGroup
	var won atomic.Int32
	for i := range 4 * (to - from) {
		all.Go(func() {
			place := from + i%(to-from)
			_, err := instances[i%len(instances)].office.HoldPlaces(t.Context(),
				h.wish(fmt.Sprint("buyer ", from, " ", i), place))
			switch {
			case err == nil:
				won.Add(1)
			case !errors.Is(err, booking.ErrPlaceTaken):
				t.Errorf("place %d: %v", place, err)
			}
		})
	}
	all.Wait()
	if n := int(won.Load()); n != to-from {
		t.Errorf("%d holds for %d places", n, to-from)
	}
}

// TestSellingWithoutAndWithRedis: with the lock, with its server dead, and with it back and empty,
// each place is granted once, and selling goes on.
func TestSellingWithoutAndWithRedis(t *testing.T) {
	server := testservers.StartRedis(t)
	h, a, b, locks := twoInstances(t, server.URL)
	contend(t, h, 0, 50, a, b)
	if n := locks[0].Stats().Granted.Load() + locks[1].Stats().Granted.Load(); n < 50 {
		t.Errorf("%d locks for 50 holds", n)
	}
	made, err := a.hold(t.Context(), 200)
	h.check(err)
	before := made.Hold.Lines[0].Fence
	h.check(h.office.ReleaseHold(t.Context(), made.Hold.ID)) // its fence stays above those before
	server.Kill()
	contend(t, h, 50, 100, a, b)
	server.Start()
	for i, l := range locks { // on an event of its own
		back := booking.HoldID{Event: h.event + 1}
		until(t, "the lock is used again", func() bool {
			number, _ := l.Lock(t.Context(), back, []catalog.PlaceNo{catalog.PlaceNo(i)},
				time.Minute, 0)
			return number != 0
		})
	}
	contend(t, h, 100, 150, a, b)
	// The server has forgotten its counter. A fresh instance has no hint: the place's fence stands
	// above the number that it gets, and the ledger decides alone.
	_, fresh, _, _ := twoInstancesOf(t, h, server.URL)
	_, err = fresh.office.HoldPlaces(t.Context(), h.wish("after the restart", 200))
	h.check(err)
	if f := h.fence(200); f <= before {
		t.Errorf("fence %d after %d", f, before)
	}
	if got := h.held(); got != 151 {
		t.Errorf("%d places are held, want 151", got)
	}
}

// until gives way to others until the condition holds.
func until(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !condition(); runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

// TestSellingWithoutMostMasters: Redlock over three, of which one dies, then a second one.
func TestSellingWithoutMostMasters(t *testing.T) {
	servers := make([]*testservers.Server, 3)
	urls := make([]string, len(servers))
	for i := range servers {
		servers[i] = testservers.StartRedis(t)
		urls[i] = servers[i].URL
	}
	h, a, b, locks := twoInstances(t, urls...)
	granted := func() int64 {
		return locks[0].Stats().Granted.Load() + locks[1].Stats().Granted.Load()
	}
	contend(t, h, 0, 30, a, b)
	servers[1].Kill()
	before := granted()
	contend(t, h, 30, 60, a, b)
	if n := granted() - before; n == 0 {
		t.Error("two of three masters give no locks")
	}
	servers[2].Kill()
	before = granted()
	contend(t, h, 60, 90, a, b)
	if n := granted() - before; n != 0 {
		t.Errorf("%d locks of one master of three", n)
	}
	if got := h.held(); got != 90 {
		t.Errorf("%d places are held, want 90", got)
	}
}

// TestContendedPlacesSpareTheLedger: instances whose boards know nothing of each other fight for
// few places. With the lock in front, the ledger hears of at most a third of that.
func TestContendedPlacesSpareTheLedger(t *testing.T) {
	const buyers, seats = 120, 6
	heard := func(locked bool) int64 {
		h := open(t, plain)
		instances := []*house{h.elsewhere(nil), h.elsewhere(nil)}
		if locked {
			_, _, _, locks := twoInstancesOf(t, h, testservers.StartRedis(t).URL)
			instances = []*house{h.elsewhere(locks[0]), h.elsewhere(locks[1])}
		}
		for i := range buyers { // one after another: who comes late finds the place taken
			_, err := instances[i%2].office.HoldPlaces(t.Context(),
				h.wish(fmt.Sprint("buyer ", i), i%seats))
			if err != nil && !errors.Is(err, booking.ErrPlaceTaken) {
				t.Error(err)
			}
		}
		if got := h.held(); got != seats {
			t.Errorf("%d places are held, want %d", got, seats)
		}
		return h.commands()
	}
	without, with := heard(false), heard(true)
	if with*3 > without || with < seats {
		t.Errorf("the ledger has heard of %d commands, and %d with the lock", without, with)
	}
}

// elsewhere is another instance whose board is never told of anything.
func (h *house) elsewhere(lock command.SeatLock) *house {
	other := *h
	config := h.config(lock)
	config.Boards = board.NewBoards(config.Offers, config.Clock)
	other.office = command.NewOffice(config)
	return &other
}
