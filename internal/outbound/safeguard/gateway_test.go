package safeguard

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/domain/money"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// inner is a gateway that does what it is told to, in each of its calls.
type inner struct {
	do    func(ctx context.Context, n int64) error // n counts the tries from 1
	tries atomic.Int64
}

func (i *inner) try(ctx context.Context) error { return i.do(ctx, i.tries.Add(1)) }

func (i *inner) Begin(ctx context.Context, _ payment.Request) (payment.Page, error) {
	return payment.Page{URL: "https://pay.example.org"}, i.try(ctx)
}

func (i *inner) LookUp(ctx context.Context, key string) (payment.Status, error) {
	return payment.Status{Key: key}, i.try(ctx)
}

func (i *inner) Cancel(ctx context.Context, key string) (payment.Status, error) {
	return payment.Status{Key: key}, i.try(ctx)
}

func (i *inner) Refund(ctx context.Context, _, refundKey string, _ money.Money) (
	payment.RefundStatus, error,
) {
	return payment.RefundStatus{RefundKey: refundKey}, i.try(ctx)
}

func (i *inner) ReadNotice(map[string][]string, []byte, time.Time) (payment.Notice, error) {
	return payment.Notice{NoticeID: "1"}, i.try(context.Background())
}

func (i *inner) KeyOf(ctx context.Context, transaction string) (string, error) {
	return "of " + transaction, i.try(ctx)
}

func (i *inner) Payments(ctx context.Context, after string, _ int) (
	[]payment.Status, string, error,
) {
	return []payment.Status{{Key: after}}, "next", i.try(ctx)
}

// guard is a gateway under test, with one more word for each of its calls.
func guard(do func(ctx context.Context, n int64) error, c Config) (*Gateway, *inner) {
	i := &inner{do: do}
	c.Log = slog.New(slog.DiscardHandler)
	return New(i, c), i
}

// calls are all calls that are limited.
var calls = map[Call]func(ctx context.Context, g *Gateway) (came bool, err error){
	Begin: func(ctx context.Context, g *Gateway) (bool, error) {
		page, err := g.Begin(ctx, payment.Request{})
		return page.URL != "", err
	},
	LookUp: func(ctx context.Context, g *Gateway) (bool, error) {
		s, err := g.LookUp(ctx, "k")
		return s.Key == "k", err
	},
	Cancel: func(ctx context.Context, g *Gateway) (bool, error) {
		s, err := g.Cancel(ctx, "k")
		return s.Key == "k", err
	},
	Refund: func(ctx context.Context, g *Gateway) (bool, error) {
		s, err := g.Refund(ctx, "k", "r", money.Money{})
		return s.RefundKey == "r", err
	},
	Payments: func(ctx context.Context, g *Gateway) (bool, error) {
		page, next, err := g.Payments(ctx, "k", 1)
		return next == "next" && len(page) == 1, err
	},
	KeyOf: func(ctx context.Context, g *Gateway) (bool, error) {
		key, err := g.KeyOf(ctx, "t")
		return key == "of t", err
	},
}

func yes(context.Context, int64) error { return nil }

func always(err error) func(context.Context, int64) error {
	return func(context.Context, int64) error { return err }
}

// TestAnswers: yes and every definite no come through at once, and none is held against the
// gateway, however many they are.
func TestAnswers(t *testing.T) {
	for call, ask := range calls {
		for _, want := range []error{nil, payment.ErrNotFound, payment.ErrOverRefund,
			payment.ErrKeyReused, payment.ErrRejected.With("no"), payment.ErrRejected} {
			g, i := guard(always(want), Config{})
			for range 4 * DefaultMinTries {
				came, err := ask(t.Context(), g)
				if !errors.Is(err, want) || came != (want == nil) {
					t.Fatalf("%s: %t, %v, want %v", call, came, err, want)
				}
			}
			s := g.Stats()
			if i.tries.Load() != 4*DefaultMinTries || s != (Stats{}) {
				t.Errorf("%s, %v: %d tries, %+v", call, want, i.tries.Load(), s)
			}
			if n := g.Count(call, outcomeOf(want)); n != 4*DefaultMinTries {
				t.Errorf("%s, %v: counted %d", call, want, n)
			}
		}
	}
}

// TestRepeated: what may be repeated is, after a pause, and the last answer counts.
func TestRepeated(t *testing.T) {
	for call, ask := range calls {
		for _, passing := range []error{payment.ErrUnavailable, payment.ErrUnknownOutcome} {
			synctest.Test(t, func(t *testing.T) {
				g, _ := guard(func(_ context.Context, n int64) error {
					if n <= DefaultRetries {
						return passing
					}
					return nil
				}, Config{})
				start := time.Now()
				came, err := ask(t.Context(), g)
				took := time.Since(start)
				if err != nil || !came || took < 150*time.Millisecond ||
					took > 450*time.Millisecond {
					t.Errorf("%s after %v: %t, %v after %s", call, passing, came, err, took)
				}
				if s := g.Stats(); s.Retries != DefaultRetries {
					t.Errorf("%+v", s)
				}
			})
		}
	}
}

// TestUnknownStays: a later try that wasn't sent makes no earlier one undone.
func TestUnknownStays(t *testing.T) {
	for call, ask := range calls {
		synctest.Test(t, func(t *testing.T) {
			g, _ := guard(func(_ context.Context, n int64) error {
				if n == 1 {
					return payment.ErrUnknownOutcome
				}
				return payment.ErrUnavailable
			}, Config{})
			if _, err := ask(t.Context(), g); !errors.Is(err, payment.ErrUnknownOutcome) {
				t.Errorf("%s: %v", call, err)
			}
			if n := g.Count(call, Unknown); n != 1 {
				t.Errorf("%s: counted %d", call, n)
			}
		})
	}
}

// TestUnknownStaysAtTheBreaker: the same, where it is the breaker that keeps the repetition back.
func TestUnknownStaysAtTheBreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, i := guard(always(payment.ErrUnknownOutcome), Config{MinTries: 1, FailureRate: 0.01})
		_, err := g.LookUp(t.Context(), "k")
		if !errors.Is(err, payment.ErrUnknownOutcome) || i.tries.Load() != 1 {
			t.Errorf("%v after %d tries", err, i.tries.Load())
		}
		if _, err = g.LookUp(t.Context(), "k"); !errors.Is(err, payment.ErrUnavailable) {
			t.Errorf("then %v", err)
		}
	})
}

// TestTimeOut: a try that takes too long is unknown and is asked again; what comes too late but
// does come is an answer.
func TestTimeOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, i := guard(func(ctx context.Context, _ int64) error {
			<-ctx.Done()
			return payment.ErrUnknownOutcome
		}, Config{})
		start := time.Now()
		_, err := g.Refund(t.Context(), "k", "r", money.Money{})
		if took := time.Since(start); !errors.Is(err, payment.ErrUnknownOutcome) ||
			took < 3*DefaultTryTimeout || took > 3*DefaultTryTimeout+time.Second ||
			i.tries.Load() != 1+DefaultRetries {
			t.Errorf("%v after %s and %d tries", err, took, i.tries.Load())
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start = time.Now()
		_, err = g.LookUp(ctx, "k")
		if took := time.Since(start); !errors.Is(err, payment.ErrUnknownOutcome) ||
			took != time.Second {
			t.Errorf("with a deadline: %v after %s", err, took)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		g, _ := guard(func(context.Context, int64) error {
			time.Sleep(DefaultTryTimeout + time.Second) // listens to no context
			return nil
		}, Config{})
		ctx, cancel := context.WithTimeout(t.Context(), DefaultTryTimeout)
		defer cancel()
		done, err := g.Refund(ctx, "k", "r", money.Money{})
		if err != nil || done.RefundKey != "r" {
			t.Errorf("%+v, %v", done, err)
		}
	})
}

// TestBreaker: it opens after failures, answers at once while it is open, tries again after a
// while, and closes or opens again by what the tries bring.
func TestBreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var down atomic.Bool
		down.Store(true)
		g, i := guard(func(context.Context, int64) error {
			if down.Load() {
				return payment.ErrUnknownOutcome
			}
			return nil
		}, Config{})
		for n := 0; g.Stats().State != Open; n++ {
			if _, err := g.LookUp(t.Context(), "k"); err == nil || n > DefaultMinTries {
				t.Fatalf("call %d: %v, %+v", n, err, g.Stats())
			}
		}
		tries, before := i.tries.Load(), g.Stats().Broken
		rejected := func() {
			t.Helper()
			start := time.Now()
			for call, ask := range calls {
				_, err := ask(t.Context(), g)
				seconds, _ := payment.RetryAfter(err)
				if !errors.Is(err, payment.ErrUnavailable) || seconds < 2 ||
					seconds > int(2*DefaultOpenFor/time.Second) {
					t.Errorf("%s: %v, again after %d s", call, err, seconds)
				}
			}
			if time.Since(start) != 0 || i.tries.Load() != tries {
				t.Errorf("open, and it took %s and %d tries", time.Since(start),
					i.tries.Load()-tries)
			}
		}
		rejected()
		if s := g.Stats(); s.Broken-before != uint64(len(calls)) || s.Opened != 1 {
			t.Errorf("%+v", s)
		}
		if _, err := g.ReadNotice(nil, nil, time.Time{}); errors.Is(err,
			payment.ErrUnavailable) {
			t.Error("a notice is held up")
		}
		tries = i.tries.Load()
		time.Sleep(2 * DefaultOpenFor)
		_, err := g.LookUp(t.Context(), "k") // the probe, which opens it again
		if s := g.Stats(); err == nil || s.Opened != 2 || i.tries.Load() != tries+1 {
			t.Errorf("%v, %+v after %d tries", err, s, i.tries.Load()-tries)
		}
		tries = i.tries.Load()
		rejected()
		down.Store(false)
		time.Sleep(2 * DefaultOpenFor)
		for n := range DefaultProbes {
			if _, err := g.LookUp(t.Context(), "k"); err != nil {
				t.Errorf("probe %d: %v", n, err)
			}
			if s := g.Stats(); (s.State == Closed) != (n == DefaultProbes-1) {
				t.Errorf("after probe %d: %s", n, s.State)
			}
		}
	})
}

// TestFewFailures: a gateway that mostly works is not shut off.
func TestFewFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, _ := guard(func(_ context.Context, n int64) error {
			if n%5 == 0 {
				return payment.ErrUnavailable
			}
			return nil
		}, Config{})
		for range 500 {
			if _, err := g.LookUp(t.Context(), "k"); err != nil {
				t.Fatal(err)
			}
		}
		if s := g.Stats(); s.Opened != 0 {
			t.Errorf("%+v", s)
		}
	})
}

// TestBulkhead: a gateway that hangs holds no more than its places; who finds none is told at once,
// and buyers leave room for everything else.
func TestBulkhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, i := guard(func(ctx context.Context, _ int64) error {
			<-ctx.Done()
			return payment.ErrUnknownOutcome
		}, Config{Retries: 1, MinTries: 1000})
		var all sync.WaitGroup
		var rejected atomic.Int64
		for range 1_000 {
			all.Go(func() {
				start := time.Now()
				_, err := g.Begin(t.Context(), payment.Request{})
				if errors.Is(err, payment.ErrUnavailable) && time.Since(start) == 0 {
					rejected.Add(1)
				}
			})
		}
		synctest.Wait()
		if s := g.Stats(); s.Running != DefaultBegins || i.tries.Load() != DefaultBegins ||
			rejected.Load() != 1_000-DefaultBegins || s.Full != 1_000-DefaultBegins {
			t.Errorf("%d tries, %d rejected, %+v", i.tries.Load(), rejected.Load(), s)
		}
		all.Go(func() { _, _ = g.LookUp(t.Context(), "k") })
		synctest.Wait()
		if s := g.Stats(); s.Running != DefaultBegins+1 {
			t.Errorf("beside the buyers: %+v", s)
		}
		all.Wait()
		if s := g.Stats(); s.Running != 0 {
			t.Errorf("afterwards: %+v", s)
		}
	})
}
