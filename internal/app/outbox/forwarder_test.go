package outbox_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ticketflow/internal/app/outbox"
	"ticketflow/internal/domain/fact"
)

// channel is a publisher that keeps what it was sent.
type channel struct {
	mu      sync.Mutex
	sent    []int64
	pages   int
	refuse  func(page int) (arrive int, err error) // how much of a page arrives before it fails
	dawdle  time.Duration                          // how long a page takes
	stopped chan struct{}                          // a page waits for it, if there is one
}

func (c *channel) Publish(ctx context.Context, page []outbox.Entry) error {
	c.mu.Lock()
	c.pages++
	arrive, err := len(page), error(nil)
	if c.refuse != nil {
		arrive, err = c.refuse(c.pages)
		arrive = min(arrive, len(page))
	}
	dawdle, stopped := c.dawdle, c.stopped
	c.mu.Unlock()
	if stopped != nil {
		<-stopped
	}
	if dawdle > 0 {
		select {
		case <-time.After(dawdle):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, e := range page[:arrive] {
		c.sent = append(c.sent, e.Position)
	}
	return err
}

func (c *channel) positions() []int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.sent)
}

func (c *channel) set(change func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change()
}

// firsts are the positions without their repetitions: what a consumer with an inbox applies.
func firsts(positions []int64) []int64 {
	var first []int64
	known := make(map[int64]bool)
	for _, p := range positions {
		if !known[p] {
			known[p] = true
			first = append(first, p)
		}
	}
	return first
}

// scene is what several forwarders share.
type scene struct {
	log    *memoryLog
	out    *channel
	leases *outbox.LocalLeases
}

func forwarding(t *testing.T, show func(*testing.T, *scene)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		show(t, &scene{newMemoryLog(), new(channel), outbox.NewLocalLeases(time.Now)})
	})
}

// instance starts a forwarder; stop ends it and waits for its end.
func (s *scene) instance(
	t *testing.T, owner string, clock func() time.Time,
) (f *outbox.Forwarder, stop func()) {
	t.Helper()
	f = outbox.NewForwarder(outbox.ForwarderOptions{Log: s.log, Publisher: s.out,
		Leases: s.leases, Kinds: []fact.Kind{fact.OrderPaid}, Owner: owner, Clock: clock,
		Random: zeros{}, Logger: quiet})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { f.Run(ctx); close(done) }()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	return f, stop
}

func TestFactsAreForwardedInOrder(t *testing.T) {
	forwarding(t, func(t *testing.T, s *scene) {
		t.Helper()
		s.log.add(fact.OrderPaid, 1_700)
		f, _ := s.instance(t, "a", time.Now)
		synctest.Wait()
		wantPositions(t, s.out.positions(), upTo(1_700))
		if got := f.Stats(); !got.Leading || got.Forwarded != 1_700 || got.Failures != 0 ||
			got.Waiting != 0 {
			t.Errorf("stats: %+v", got)
		}
		if at := s.log.at(outbox.ForwarderName); at != 1_700 {
			t.Errorf("the cursor is at %d", at)
		}
		s.log.add(fact.HoldPlaced, 1)
		f.Recorded(s.log.add(fact.OrderPaid, 1))
		pass(30 * time.Millisecond) // far below the idle wait
		if got := s.out.positions(); got[len(got)-1] != 1_702 {
			t.Errorf("a wake-up didn't help: the last is %d", got[len(got)-1])
		}
		s.log.add(fact.OrderPaid, 1) // without a wake-up
		pass(time.Second)
		if got := s.out.positions(); got[len(got)-1] != 1_703 {
			t.Errorf("the idle poll didn't help: the last is %d", got[len(got)-1])
		}
	})
}

func TestAFailedPageIsSentAgainWhole(t *testing.T) {
	forwarding(t, func(t *testing.T, s *scene) {
		t.Helper()
		s.out.refuse = func(page int) (int, error) {
			if page == 2 || page == 3 {
				return 100, errBroken // a part has arrived
			}
			return 500, nil
		}
		s.log.add(fact.OrderPaid, 1_100)
		f, _ := s.instance(t, "a", time.Now)
		synctest.Wait()
		if at := s.log.at(outbox.ForwarderName); at != 500 {
			t.Errorf("the cursor is at %d though the second page is not confirmed", at)
		}
		pass(50 * time.Millisecond)
		if got := f.Stats(); got.Waiting != 50*time.Millisecond || got.Forwarded != 500 {
			t.Errorf("stats while a page waits: %+v", got)
		}
		pass(10 * time.Second)
		got := s.out.positions()
		wantPositions(t, firsts(got), upTo(1_100))
		if len(got) != 1_300 {
			t.Errorf("%d messages, want 1100 and 2 × 100 repetitions", len(got))
		}
		if stats := f.Stats(); stats.Failures != 2 || stats.Waiting != 0 {
			t.Errorf("stats at the end: %+v", stats)
		}
	})
}

// A crash between the confirms and the cursor: the page is sent twice, and the inbox of the
// consumer makes one effect of it.
func TestACrashBeforeTheCursorMovesRepeatsThePage(t *testing.T) {
	forwarding(t, func(t *testing.T, s *scene) {
		t.Helper()
		s.log.add(fact.OrderPaid, 3)
		s.log.breakOn(func(call string) error {
			if call == "advance" {
				return errBroken
			}
			return nil
		})
		_, crash := s.instance(t, "a", time.Now)
		synctest.Wait()
		crash()
		s.log.breakOn(nil)
		s.instance(t, "b", time.Now)
		synctest.Wait()
		got := s.out.positions()
		wantPositions(t, got, []int64{1, 2, 3, 1, 2, 3})
		wantPositions(t, firsts(got), upTo(3))
	})
}

func TestOneInstanceForwardsAtATime(t *testing.T) {
	forwarding(t, func(t *testing.T, s *scene) {
		t.Helper()
		a, stop := s.instance(t, "a", time.Now)
		synctest.Wait()
		b, _ := s.instance(t, "b", time.Now)
		for range 100 { // far longer than a lease
			b.Recorded(s.log.add(fact.OrderPaid, 2))
			pass(time.Second)
		}
		synctest.Wait()
		wantPositions(t, s.out.positions(), upTo(200))
		if !a.Stats().Leading || b.Stats().Leading || b.Stats().Forwarded != 0 {
			t.Errorf("a: %+v, b: %+v", a.Stats(), b.Stats())
		}
		stop() // it gives the lease back: the other needn't wait for its end
		s.log.add(fact.OrderPaid, 1)
		pass(time.Second)
		wantPositions(t, s.out.positions(), upTo(201))
		if !b.Stats().Leading || a.Stats().Leading {
			t.Errorf("a: %+v, b: %+v", a.Stats(), b.Stats())
		}
	})
}

// A process is paused in the middle of a page, longer than its lease: when it goes on, the page
// that it was sending goes out, and none after it.
func TestAPausedForwarderStopsBeforeTheNextPage(t *testing.T) {
	forwarding(t, func(t *testing.T, s *scene) {
		t.Helper()
		s.log.add(fact.OrderPaid, 1_200)
		stopped := make(chan struct{})
		s.out.set(func() { s.out.stopped = stopped })
		a, _ := s.instance(t, "a", time.Now)
		synctest.Wait() // a is in its first page
		s.out.set(func() { s.out.stopped = nil })
		b, _ := s.instance(t, "b", time.Now)
		pass(11 * time.Second)
		wantPositions(t, s.out.positions(), upTo(1_200)) // by b
		close(stopped)
		pass(5 * time.Second)
		got := s.out.positions()
		wantPositions(t, got[1_200:], upTo(500))
		wantPositions(t, firsts(got), upTo(1_200))
		if a.Stats().Leading || a.Stats().Lost != 1 || !b.Stats().Leading {
			t.Errorf("a: %+v, b: %+v", a.Stats(), b.Stats())
		}
		if at := s.log.at(outbox.ForwarderName); at != 1_200 {
			t.Errorf("the cursor went back to %d", at)
		}
	})
}

// slowLog is a log that takes its time over a page: the pause is between the lease and the page.
type slowLog struct {
	*memoryLog

	wait time.Duration
}

func (l *slowLog) Facts(
	ctx context.Context, subscriber string, after int64, kinds []fact.Kind, limit int,
) ([]outbox.Entry, int64, error) {
	if l.wait > 0 {
		<-time.After(l.wait) // the bubble's time
		l.wait = 0
	}
	return l.memoryLog.Facts(ctx, subscriber, after, kinds, limit)
}

func TestAPageIsNotBegunAtTheEndOfALease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &slowLog{memoryLog: newMemoryLog(), wait: 9500 * time.Millisecond}
		log.add(fact.OrderPaid, 1)
		out := new(channel)
		f := outbox.NewForwarder(outbox.ForwarderOptions{Log: log, Publisher: out,
			Leases: outbox.NewLocalLeases(time.Now), Kinds: []fact.Kind{fact.OrderPaid},
			Owner: "a", Clock: time.Now, Random: zeros{}, Logger: quiet})
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { f.Run(ctx); close(done) }()
		pass(9510 * time.Millisecond)
		wantPositions(t, out.positions(), nil)
		if f.Stats().Lost != 1 {
			t.Errorf("stats: %+v", f.Stats())
		}
		pass(time.Second) // it takes the lease again and goes on
		wantPositions(t, out.positions(), upTo(1))
		stop()
		<-done
	})
}

func TestAPageEndsWithItsLease(t *testing.T) {
	forwarding(t, func(t *testing.T, s *scene) {
		t.Helper()
		s.log.add(fact.OrderPaid, 1)
		s.out.set(func() { s.out.dawdle = time.Hour })
		f, _ := s.instance(t, "a", time.Now)
		pass(10*time.Second + time.Millisecond)
		if f.Stats().Failures != 1 {
			t.Errorf("stats: %+v", f.Stats())
		}
	})
}

func TestErrorsOfTheLogAreOutwaited(t *testing.T) {
	for _, call := range []string{"cursor", "facts", "advance"} {
		forwarding(t, func(t *testing.T, s *scene) {
			t.Helper()
			s.log.add(fact.OrderPaid, 2)
			s.log.breakOn(once(call))
			f, _ := s.instance(t, "a", time.Now)
			pass(time.Second)
			wantPositions(t, firsts(s.out.positions()), upTo(2))
			if f.Stats().Failures != 1 || s.log.at(outbox.ForwarderName) != 2 {
				t.Errorf("%s: stats %+v", call, f.Stats())
			}
		})
	}
}

func TestALocalLease(t *testing.T) {
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	leases := outbox.NewLocalLeases(func() time.Time { return now })
	ask := func(want bool, do func(context.Context, string, string, time.Duration) (bool, error),
		name, owner string) {
		t.Helper()
		if got, err := do(t.Context(), name, owner, time.Minute); err != nil || got != want {
			t.Errorf("%s asks for %s: %v, %v", owner, name, got, err)
		}
	}
	ask(false, leases.Renew, "x", "a") // it has none
	ask(true, leases.Acquire, "x", "a")
	ask(true, leases.Acquire, "x", "a")
	ask(false, leases.Acquire, "x", "b")
	ask(false, leases.Renew, "x", "b")
	ask(true, leases.Acquire, "y", "b")
	now = now.Add(time.Minute - 1)
	ask(false, leases.Acquire, "x", "b")
	now = now.Add(1)
	ask(true, leases.Renew, "x", "a") // run out, but nobody's
	ask(false, leases.Acquire, "x", "b")
	now = now.Add(time.Minute)
	ask(true, leases.Acquire, "x", "b")
	ask(false, leases.Renew, "x", "a")
	if err := leases.Release(t.Context(), "x", "a"); err != nil {
		t.Error(err)
	}
	ask(false, leases.Acquire, "x", "a") // a's release has not taken b's lease
	if err := leases.Release(t.Context(), "x", "b"); err != nil {
		t.Error(err)
	}
	ask(true, leases.Acquire, "x", "a")
}
