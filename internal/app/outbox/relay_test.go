package outbox_test

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"ticketflow/internal/app/outbox"
	"ticketflow/internal/domain/fact"
)

// relaying runs a relay in a bubble, where time passes only when everybody waits.
func relaying(
	t *testing.T, log outbox.Log, show func(*testing.T, *outbox.Relay),
	subscribers ...outbox.Subscriber,
) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		relay := outbox.NewRelay(log, quiet, subscribers...)
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { relay.Run(ctx); close(done) }()
		show(t, relay)
		stop()
		<-done
	})
}

func paid(name string, handle func(context.Context, outbox.Entry) error) outbox.Subscriber {
	return outbox.Subscriber{Name: name, Kinds: []fact.Kind{fact.OrderPaid}, Handle: handle}
}

func noting(s *seen) func(context.Context, outbox.Entry) error {
	return func(_ context.Context, e outbox.Entry) error { s.note(e.Position); return nil }
}

func TestTheRelayDeliversEachFactInOrder(t *testing.T) {
	log, got := newMemoryLog(), new(seen)
	log.add(fact.OrderPaid, 1_200) // more than two pages
	relaying(t, log, func(t *testing.T, _ *outbox.Relay) {
		t.Helper()
		synctest.Wait()
		wantPositions(t, got.positions(), upTo(1_200))
		if at := log.at("a"); at != 1_200 {
			t.Errorf("the cursor is at %d", at)
		}
	}, paid("a", noting(got)))
}

func TestTheRelayPassesOverOtherKinds(t *testing.T) {
	log, got := newMemoryLog(), new(seen)
	log.add(fact.HoldPlaced, 3)
	log.add(fact.OrderPaid, 1)
	log.add(fact.HoldPlaced, 2)
	relaying(t, log, func(t *testing.T, _ *outbox.Relay) {
		t.Helper()
		synctest.Wait()
		wantPositions(t, got.positions(), []int64{4})
		if at := log.at("a"); at != 6 {
			t.Errorf("the cursor is at %d: the log is read over and over", at)
		}
	}, paid("a", noting(got)))
}

func TestAWakeUpSparesTheWait(t *testing.T) {
	log, got := newMemoryLog(), new(seen)
	relaying(t, log, func(t *testing.T, relay *outbox.Relay) {
		t.Helper()
		synctest.Wait()
		reads := log.readsSoFar()
		relay.Recorded(log.add(fact.HoldPlaced, 1)) // nobody's kind
		synctest.Wait()
		if log.readsSoFar() != reads {
			t.Error("a fact that nobody wants has woken a subscriber")
		}
		relay.Recorded(log.add(fact.OrderPaid, 1))
		relay.Recorded(log.add(fact.OrderPaid, 1)) // a second wake-up doesn't block
		synctest.Wait()
		wantPositions(t, got.positions(), []int64{2, 3})
		log.add(fact.OrderPaid, 1) // and without one it takes a second
		synctest.Wait()
		wantPositions(t, got.positions(), []int64{2, 3})
		pass(time.Second)
		wantPositions(t, got.positions(), []int64{2, 3, 4})
	}, paid("a", noting(got)))
}

func TestAFailedFactComesAgainBeforeTheNext(t *testing.T) {
	log, got := newMemoryLog(), new(seen)
	log.add(fact.OrderPaid, 3)
	failures := 4
	relaying(t, log, func(t *testing.T, _ *outbox.Relay) {
		t.Helper()
		pass(time.Minute)
		wantPositions(t, got.positions(), []int64{1, 2, 2, 2, 2, 2, 3})
		const ms = time.Millisecond
		want := []time.Duration{100 * ms, 200 * ms, 400 * ms, 800 * ms}
		if pauses := got.pauses()[1:5]; !slices.Equal(pauses, want) {
			t.Errorf("pauses of %v, want %v", pauses, want)
		}
	}, paid("a", func(_ context.Context, e outbox.Entry) error {
		got.note(e.Position)
		if e.Position == 2 && failures > 0 {
			failures--
			return errBroken
		}
		return nil
	}))
}

func TestABackOffHasALimitAndStartsAnew(t *testing.T) {
	log, got := newMemoryLog(), new(seen)
	log.add(fact.OrderPaid, 1)
	var broken atomic.Bool
	broken.Store(true)
	relaying(t, log, func(t *testing.T, relay *outbox.Relay) {
		t.Helper()
		pass(10 * time.Minute)
		if pauses := got.pauses(); pauses[len(pauses)-1] != 30*time.Second {
			t.Errorf("the pauses are %v", pauses)
		}
		broken.Store(false)
		pass(30 * time.Second)
		broken.Store(true)
		relay.Recorded(log.add(fact.OrderPaid, 1))
		synctest.Wait()
		n := len(got.pauses())
		pass(time.Second)
		if first := got.pauses()[n]; first != 100*time.Millisecond {
			t.Errorf("after a success the first pause is %v", first)
		}
	}, paid("a", func(_ context.Context, e outbox.Entry) error {
		got.note(e.Position)
		if broken.Load() {
			return errBroken
		}
		return nil
	}))
}

// The inbox rule: what has had its effect and its row doesn't come again, though the cursor behind
// it could not be moved.
func TestTheInboxSparesASecondEffect(t *testing.T) {
	log, got := newMemoryLog(), new(seen)
	log.add(fact.OrderPaid, 3)
	log.breakOn(once("advance"))
	relaying(t, log, func(t *testing.T, _ *outbox.Relay) {
		t.Helper()
		pass(time.Second)
		wantPositions(t, got.positions(), upTo(3))
		if at := log.at("a"); at != 3 {
			t.Errorf("the cursor is at %d", at)
		}
	}, paid("a", noting(got)))
}

// At least once: between the effect and its row nothing protects but the effect itself.
func TestAnEffectWithoutItsRowComesAgain(t *testing.T) {
	log, got := newMemoryLog(), new(seen)
	log.add(fact.OrderPaid, 2)
	log.breakOn(once("handled"))
	relaying(t, log, func(t *testing.T, _ *outbox.Relay) {
		t.Helper()
		pass(time.Second)
		wantPositions(t, got.positions(), []int64{1, 1, 2})
	}, paid("a", noting(got)))
}

func TestAStuckSubscriberHoldsUpNobodyElse(t *testing.T) {
	log, got := newMemoryLog(), new(seen)
	log.add(fact.OrderPaid, 3)
	relaying(t, log, func(t *testing.T, _ *outbox.Relay) {
		t.Helper()
		synctest.Wait()
		wantPositions(t, got.positions(), upTo(3))
		if at := log.at("stuck"); at != 0 {
			t.Errorf("the stuck subscriber's cursor is at %d", at)
		}
	}, paid("stuck", func(ctx context.Context, _ outbox.Entry) error {
		<-ctx.Done()
		return ctx.Err()
	}), paid("a", noting(got)))
}

func TestTheRelaySurvivesALogThatFails(t *testing.T) {
	for _, call := range []string{"cursor", "facts"} {
		log, got := newMemoryLog(), new(seen)
		log.add(fact.OrderPaid, 2)
		log.breakOn(once(call))
		relaying(t, log, func(t *testing.T, _ *outbox.Relay) {
			t.Helper()
			pass(time.Second)
			wantPositions(t, got.positions(), upTo(2))
		}, paid("a", noting(got)))
	}
}
