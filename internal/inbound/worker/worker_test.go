package worker_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ticketflow/internal/app/outbox"
	"ticketflow/internal/domain/fact"
	"ticketflow/internal/inbound/worker"
)

var (
	errBroken = errors.New("broken on purpose")
	quiet     = slog.New(slog.DiscardHandler)
)

// zeros is a source of chance that always draws the shortest pause.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// memoryInbox is an inbox whose calls a test can break.
type memoryInbox struct {
	mu     sync.Mutex
	rows   map[string]map[int64]bool
	broken func(call string) error // may be nil
}

func newInbox() *memoryInbox { return &memoryInbox{rows: make(map[string]map[int64]bool)} }

func (b *memoryInbox) Applied(
	ctx context.Context, subscriber string, position int64,
) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.check(ctx, "applied"); err != nil {
		return false, err
	}
	return b.rows[subscriber][position], nil
}

func (b *memoryInbox) Handled(ctx context.Context, subscriber string, position int64) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.check(ctx, "handled"); err != nil {
		return err
	}
	if b.rows[subscriber] == nil {
		b.rows[subscriber] = make(map[int64]bool)
	}
	b.rows[subscriber][position] = true
	return nil
}

func (b *memoryInbox) check(ctx context.Context, call string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if b.broken != nil {
		return b.broken(call)
	}
	return nil
}

// failing makes a call fail a number of times.
func failing(name string, times int) func(string) error {
	return func(call string) error {
		if call != name || times == 0 {
			return nil
		}
		times--
		return errBroken
	}
}

// script is a broker that delivers some messages once and notes the verdicts.
type script struct {
	messages [][]byte
	verdicts []outbox.Verdict
	told     func(i int) // after each verdict; may be nil
}

func (s *script) Consume(
	ctx context.Context, _ string, handle func(context.Context, []byte) outbox.Verdict,
) error {
	for i, m := range s.messages {
		s.verdicts = append(s.verdicts, handle(ctx, m))
		if s.told != nil {
			s.told(i)
		}
	}
	return nil
}

func message(position int64) []byte {
	return outbox.AppendEnvelope(nil, outbox.Entry{Position: position, Fact: fact.Fact{
		Kind: fact.RefundRequested, Event: 1, At: time.UnixMilli(1_800_000_000_000)}})
}

// run lets a worker handle messages until there are no more.
func run(
	ctx context.Context, s *script, inbox outbox.Inbox,
	handle func(context.Context, outbox.Entry) error,
) worker.Stats {
	w := worker.New(worker.Options{Deliveries: s, Inbox: inbox, Random: zeros{}, Logger: quiet,
		Subscribers: []outbox.Subscriber{{Name: "refunds",
			Kinds: []fact.Kind{fact.RefundRequested}, Handle: handle}}})
	w.Run(ctx)
	return w.Stats()
}

func wantVerdicts(t *testing.T, s *script, want ...outbox.Verdict) {
	t.Helper()
	if !slices.Equal(s.verdicts, want) {
		t.Errorf("verdicts %v, want %v", s.verdicts, want)
	}
}

func TestTheInboxRowComesAfterTheEffectAndBeforeTheVerdict(t *testing.T) {
	inbox := newInbox()
	s := &script{messages: [][]byte{message(7), message(8)}}
	s.told = func(i int) {
		if !inbox.rows["refunds"][int64(7+i)] {
			t.Errorf("%d is acknowledged without its row", 7+i)
		}
	}
	stats := run(t.Context(), s, inbox, func(_ context.Context, e outbox.Entry) error {
		if inbox.rows["refunds"][e.Position] {
			t.Errorf("%d has its row before its effect", e.Position)
		}
		return nil
	})
	wantVerdicts(t, s, outbox.Done, outbox.Done)
	if stats != (worker.Stats{Handled: 2}) {
		t.Errorf("stats: %+v", stats)
	}
}

func TestWhatComesTwiceHasOneEffect(t *testing.T) {
	effects := 0
	s := &script{messages: [][]byte{message(7), message(7), message(8), message(7)}}
	stats := run(t.Context(), s, newInbox(), func(context.Context, outbox.Entry) error {
		effects++
		return nil
	})
	wantVerdicts(t, s, outbox.Done, outbox.Done, outbox.Done, outbox.Done)
	if effects != 2 || stats != (worker.Stats{Handled: 2, Repeated: 2}) {
		t.Errorf("%d effects, stats: %+v", effects, stats)
	}
}

func TestAFailureIsTriedAgainAndGivenUpInTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{messages: [][]byte{message(1), message(2), message(3)}}
		inbox := newInbox()
		tries := make(map[int64]int)
		start := time.Now()
		stats := run(t.Context(), s, inbox, func(_ context.Context, e outbox.Entry) error {
			tries[e.Position]++
			if e.Position == 2 || e.Position == 1 && tries[1] < 3 {
				return errBroken
			}
			return nil
		})
		wantVerdicts(t, s, outbox.Done, outbox.Dead, outbox.Done)
		if tries[1] != 3 || tries[2] != 9 || tries[3] != 1 || inbox.rows["refunds"][2] {
			t.Errorf("tries: %v", tries)
		}
		if stats != (worker.Stats{Handled: 2, Failed: 11, DeadLetters: 1}) {
			t.Errorf("stats: %+v", stats)
		}
		// Half of 200 ms, doubled each time: 2 pauses for the first, 8 for the second.
		if took := time.Since(start); took != 300*time.Millisecond+25_500*time.Millisecond {
			t.Errorf("the pauses took %v", took)
		}
	})
}

func TestWhatIsNoFactIsDeadAtOnce(t *testing.T) {
	other := outbox.AppendEnvelope(nil, outbox.Entry{Position: 9, Fact: fact.Fact{
		Kind: fact.OrderPaid, Event: 1, At: time.UnixMilli(1_800_000_000_000)}})
	s := &script{messages: [][]byte{nil, []byte("{"), other,
		[]byte(strings.Repeat("x", outbox.MaxEnvelopeBytes+1)), message(1)}}
	stats := run(t.Context(), s, newInbox(), func(_ context.Context, e outbox.Entry) error {
		if e.Position != 1 {
			t.Errorf("%+v reached the subscriber", e)
		}
		return nil
	})
	wantVerdicts(t, s, outbox.Dead, outbox.Dead, outbox.Dead, outbox.Dead, outbox.Done)
	if stats != (worker.Stats{Handled: 1, DeadLetters: 4, Malformed: 4}) {
		t.Errorf("stats: %+v", stats)
	}
}

// A database that is away is no fault of the facts: they wait, and none is given up.
func TestADatabaseThatIsAwayIsOutwaited(t *testing.T) {
	for _, call := range []string{"applied", "handled"} {
		synctest.Test(t, func(t *testing.T) {
			s, inbox, effects := &script{messages: [][]byte{message(1)}}, newInbox(), 0
			inbox.broken = failing(call, 100)
			stats := run(t.Context(), s, inbox, func(context.Context, outbox.Entry) error {
				effects++
				return nil
			})
			wantVerdicts(t, s, outbox.Done)
			if effects != 1 || stats != (worker.Stats{Handled: 1, Failed: 100}) {
				t.Errorf("%s: %d effects, stats %+v", call, effects, stats)
			}
		})
	}
}

func TestTheEndDoesNotCutAnEffectInTwo(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	s, inbox := &script{messages: [][]byte{message(1), message(2)}}, newInbox()
	stats := run(ctx, s, inbox, func(ctx context.Context, e outbox.Entry) error {
		if e.Position == 2 {
			t.Error("a fact is begun after the end")
		}
		stop()
		return ctx.Err()
	})
	wantVerdicts(t, s, outbox.Done, outbox.Again)
	if !inbox.rows["refunds"][1] || stats.Handled != 1 {
		t.Errorf("the effect has no row; stats %+v", stats)
	}
}

func TestTheEndInterruptsAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		s, start := &script{messages: [][]byte{message(1)}}, time.Now()
		run(ctx, s, newInbox(), func(context.Context, outbox.Entry) error { return errBroken })
		wantVerdicts(t, s, outbox.Again)
		if took := time.Since(start); took != time.Second {
			t.Errorf("the worker ended after %v", took)
		}
	})
}

func TestAnEffectHasALimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, tries := &script{messages: [][]byte{message(1)}}, 0
		run(t.Context(), s, newInbox(), func(ctx context.Context, _ outbox.Entry) error {
			if tries++; tries > 1 {
				return nil
			}
			<-ctx.Done()
			return ctx.Err()
		})
		wantVerdicts(t, s, outbox.Done)
	})
}
