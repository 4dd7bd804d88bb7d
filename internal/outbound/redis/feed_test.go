package redis

import (
	"context"
	"sync"
	"testing"
	"time"

	"ticketflow/internal/app/board"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

// listener writes down what it hears.
type listener struct {
	*Feed
	mu      sync.Mutex
	changes map[catalog.PlaceNo]board.Change
	events  map[catalog.EventID]int
	missed  int
}

// feed is one instance's feed over the servers, running.
func feed(t *testing.T, instance uint64, servers ...*server) *listener {
	t.Helper()
	l := &listener{changes: make(map[catalog.PlaceNo]board.Change),
		events: make(map[catalog.EventID]int)}
	l.Feed = NewFeed(connect(t, servers...), instance, Receiver{
		Places: func(_ catalog.EventID, changes []board.Change) {
			l.mu.Lock()
			defer l.mu.Unlock()
			for _, c := range changes {
				l.changes[c.Place] = c
			}
		},
		Event: func(id catalog.EventID) {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.events[id]++
		},
		Missed: func() {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.missed++
		},
	})
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { l.Run(ctx); close(ended) }()
	t.Cleanup(func() { stop(); <-ended })
	running := 0
	for _, s := range servers {
		if !s.down {
			running++
		}
	}
	eventually(t, "the subscriptions begin",
		func() bool { return l.Stats().Gaps.Load() >= int64(running) })
	return l
}

func (l *listener) heard(place catalog.PlaceNo) (board.Change, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c, ok := l.changes[place]
	return c, ok
}

func (l *listener) misses() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.missed
}

// tells waits until the listener knows of a place that a has freed.
func tells(t *testing.T, a, b *listener, place catalog.PlaceNo) {
	t.Helper()
	a.Changed(freed(t, place, 5))
	eventually(t, "the change arrives", func() bool { _, ok := b.heard(place); return ok })
}

func TestInstancesHearEachOther(t *testing.T) {
	s := startServer(t)
	a, b := feed(t, 1, s), feed(t, 2, s)
	tells(t, a, b, 3)
	tells(t, b, a, 4)
	if c, _ := b.heard(3); c != (board.Change{Place: 3, State: booking.Free, Fence: 5}) {
		t.Errorf("heard %+v", c)
	}
	if _, ok := a.heard(3); ok {
		t.Error("an instance hears itself")
	}
	book := booking.NewBook(time.Unix(1, 0), 1)
	book.LoadEvent(concert, booking.Sale{Status: catalog.Draft})
	status := &booking.SetStatus{Event: concert, Status: catalog.Published}
	if err := book.Try(status.Decide); err != nil {
		t.Fatal(err)
	}
	a.Changed(book)
	eventually(t, "the event's change arrives", func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		return b.events[concert] == 1
	})
}

// TestGapsAreNoticed: a message that was lost, at the end of what an instance says, too.
func TestGapsAreNoticed(t *testing.T) {
	s := startServer(t)
	a, b := feed(t, 1, s), feed(t, 2, s)
	tells(t, a, b, 3)
	eventually(t, "the unknown instance is a gap", func() bool { return b.misses() >= 1 })
	before := b.Stats().Gaps.Load()
	a.Feed.mu.Lock()
	a.seq++ // lost on the way; nothing is said after it but beats
	a.Feed.mu.Unlock()
	eventually(t, "the loss is noticed", func() bool { return b.Stats().Gaps.Load() > before })
}

func TestOverflowIsAGap(t *testing.T) {
	s := startServer(t)
	a, b := feed(t, 1, s), feed(t, 2, s)
	tells(t, a, b, 3)
	eventually(t, "the unknown instance is a gap", func() bool { return b.misses() >= 1 })
	before := b.Stats().Gaps.Load()
	a.Feed.mu.Lock()
	a.pending = maxPendingChanges
	a.Feed.mu.Unlock()
	a.Changed(freed(t, 4, 5))
	if a.Stats().Overflows.Load() != 1 {
		t.Error("more than fits is kept")
	}
	eventually(t, "the overflow is noticed", func() bool { return b.Stats().Gaps.Load() > before })
	tells(t, a, b, 5)
}

// TestTheNextServerTakesOver: when the first one dies, and when it is back.
func TestTheNextServerTakesOver(t *testing.T) {
	servers := startServers(t, 2)
	a, b := feed(t, 1, servers...), feed(t, 2, servers...)
	tells(t, a, b, 1)
	servers[0].kill()
	tells(t, a, b, 2)
	tells(t, b, a, 3)
	gaps := b.Stats().Gaps.Load()
	servers[0].start()
	eventually(t, "the subscription is back", func() bool { return b.Stats().Gaps.Load() > gaps })
	tells(t, a, b, 4)
}

func TestTellingNobodyCostsNothing(t *testing.T) {
	s := startServer(t)
	a := feed(t, 1, s)
	s.kill()
	a.Changed(freed(t, 1, 5))
	eventually(t, "the message is given up", func() bool { return a.Stats().Failed.Load() == 1 })
	s.start()
	b := feed(t, 2, s)
	eventually(t, "the first one talks again", func() bool {
		a.Changed(freed(t, 2, 5))
		_, ok := b.heard(2)
		return ok
	})
}

func TestWhatCantBeReadIsAGap(t *testing.T) {
	s := startServer(t)
	b := feed(t, 2, s)
	gaps := b.Stats().Gaps.Load()
	s.do("PUBLISH", b.channel, "TFN9 of a later release")
	eventually(t, "the message is noticed", func() bool {
		return b.Stats().Unread.Load() == 1 && b.Stats().Gaps.Load() == gaps+1
	})
}
