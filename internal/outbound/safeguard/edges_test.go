package safeguard

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ticketflow/internal/app/payment"
)

// TestRetryBudget: when everything fails, hardly more is asked than without repetitions.
func TestRetryBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const callers = 40
		g, i := guard(func(context.Context, int64) error {
			time.Sleep(time.Second)
			return payment.ErrUnavailable
		}, Config{MinTries: 1000})
		var all sync.WaitGroup
		for range callers {
			all.Go(func() { _, _ = g.Begin(t.Context(), payment.Request{}) })
		}
		all.Wait()
		if n := i.tries.Load(); n < callers+retriesAtAll || n > callers*3/2 {
			t.Errorf("%d tries for %d calls", n, callers)
		}
	})
}

// TestPanic: a defect of an adapter is unknown, is logged, and keeps no place for ever.
func TestPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		g := New(&inner{do: func(context.Context, int64) error { panic("defect") }},
			Config{Begins: 1, Others: 1, Retries: 1, MinTries: 1000,
				Log: slog.New(slog.NewTextHandler(&log, nil))})
		for range 10 {
			if _, err := g.LookUp(t.Context(), "k"); !errors.Is(err, payment.ErrUnknownOutcome) {
				t.Fatal(err)
			}
		}
		if s := g.Stats(); s.Running != 0 || s.Full != 0 || !strings.Contains(log.String(),
			"defect") {
			t.Errorf("%+v, %s", s, log.String())
		}
	})
}

// TestCallerGone: who leaves early says nothing about the gateway, who leaves late does; and who
// was gone before has sent nothing.
func TestCallerGone(t *testing.T) {
	wait := func(ctx context.Context, _ int64) error {
		<-ctx.Done()
		return payment.ErrUnknownOutcome
	}
	for _, test := range []struct {
		after time.Duration
		want  State
	}{{DefaultPatience / 2, Closed}, {2 * DefaultPatience, Open}} {
		synctest.Test(t, func(t *testing.T) {
			g, _ := guard(wait, Config{})
			var all sync.WaitGroup
			for range 4 * DefaultMinTries {
				all.Go(func() {
					ctx, cancel := context.WithCancel(t.Context())
					time.AfterFunc(test.after, cancel)
					_, err := g.Begin(ctx, payment.Request{})
					if !errors.Is(err, payment.ErrUnknownOutcome) {
						t.Error(err)
					}
				})
			}
			all.Wait()
			if s := g.Stats(); s.State != test.want || s.Retries != 0 {
				t.Errorf("after %s: %+v", test.after, s)
			}
		})
	}
	g, i := guard(wait, Config{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 10 {
		if _, err := g.Cancel(ctx, "k"); !errors.Is(err, payment.ErrUnavailable) {
			t.Error(err)
		}
	}
	if i.tries.Load() != 0 {
		t.Errorf("%d tries for who was gone before", i.tries.Load())
	}
}

// bare is a gateway without a statement.
type bare struct{ payment.Gateway }

func TestNoStatement(t *testing.T) {
	g := New(bare{}, Config{Log: slog.New(slog.DiscardHandler)})
	if _, _, err := g.Payments(t.Context(), "", 1); !errors.Is(err, payment.ErrRejected) {
		t.Error(err)
	}
	if _, err := g.KeyOf(t.Context(), "t"); !errors.Is(err, payment.ErrNotFound) {
		t.Error(err)
	}
}

// TestLocalBegin: a page that is made without a call is made whatever the breaker says.
func TestLocalBegin(t *testing.T) {
	down := payment.ErrUnavailable
	g, i := guard(func(_ context.Context, n int64) error {
		if n == 1 {
			return down
		}
		return nil
	}, Config{LocalBegin: true, MinTries: 1, FailureRate: 0.01})
	if _, err := g.LookUp(t.Context(), "k"); !errors.Is(err, payment.ErrUnavailable) {
		t.Error(err)
	}
	if _, err := g.LookUp(t.Context(), "k"); !errors.Is(err, payment.ErrUnavailable) ||
		i.tries.Load() != 1 {
		t.Errorf("the breaker is closed: %v", err)
	}
	page, err := g.Begin(t.Context(), payment.Request{})
	if err != nil || page.URL == "" || g.Count(Begin, Done) != 1 {
		t.Errorf("%+v, %v", page, err)
	}
}

func TestNames(t *testing.T) {
	seen := map[string]bool{}
	EachCount(func(call Call, outcome Outcome) { seen[call.String()+" "+outcome.String()] = true })
	if len(seen) != int(numCalls)*int(numOutcomes) {
		t.Errorf("%v", seen)
	}
	for state, want := range map[State]string{Closed: "closed", HalfOpen: "half-open",
		Open: "open"} {
		if state.String() != want {
			t.Errorf("%d is %s", state, state)
		}
	}
}

// BenchmarkLocalBegin is what the decorator costs where Begin makes no call.
func BenchmarkLocalBegin(b *testing.B) {
	g, _ := guard(yes, Config{LocalBegin: true})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := g.Begin(b.Context(), payment.Request{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkBegin is what the limits cost where Begin makes a call.
func BenchmarkBegin(b *testing.B) {
	g, _ := guard(yes, Config{})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := g.Begin(b.Context(), payment.Request{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkOpen is how fast an open breaker says so.
func BenchmarkOpen(b *testing.B) {
	g, _ := guard(always(payment.ErrUnavailable), Config{MinTries: 1, FailureRate: 0.01,
		OpenFor: time.Hour})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := g.Begin(b.Context(), payment.Request{}); err == nil {
			b.Fatal("it is closed")
		}
	}
}
