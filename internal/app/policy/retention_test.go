package policy_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ticketflow/internal/app/policy"
)

// pile is answers by the times at which they were given.
type pile struct {
	mu      sync.Mutex
	made    []time.Time
	asked   int
	failure error
}

func (h *pile) ForgetAnswers(_ context.Context, then time.Time, limit int) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked++
	n := 0
	for n < min(limit, len(h.made)) && h.made[n].Before(then) {
		n++
	}
	h.made = slices.Delete(h.made, 0, n)
	return n, h.failure
}

// left tells how often it was asked, and what is left.
func (h *pile) left() (asked int, made []time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.asked, slices.Clone(h.made)
}

// free is a lease that nobody else wants.
type free struct{}

func (free) Acquire(context.Context, string, string, time.Duration) (bool, error) {
	return true, nil
}
func (free) Renew(context.Context, string, string, time.Duration) (bool, error) { return true, nil }
func (free) Release(context.Context, string, string) error                      { return nil }

func TestAnswersAreForgottenAfterTwoDays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answers := &pile{}
		begun := time.Now()
		for range 2_500 {
			answers.made = append(answers.made, begun)
		}
		young := begun.Add(24 * time.Hour)
		answers.made = append(answers.made, young)
		r := policy.NewRetention(answers, time.Now, slog.New(slog.DiscardHandler))
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { r.Run(ctx, policy.NewTurns(free{}, "me")); close(done) }()
		time.Sleep(48*time.Hour - time.Minute)
		synctest.Wait()
		before, made := answers.left()
		if len(made) != 2_501 {
			t.Errorf("%d answers are left before their time", len(made))
		}
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		asked, made := answers.left()
		if len(made) != 1 || !made[0].Equal(young) {
			t.Errorf("%d answers are left", len(made))
		}
		// Full pages are asked for until one isn't, in one round of the two.
		if n := asked - before; n != 4 {
			t.Errorf("asked %d times", n)
		}
		stop()
		<-done
	})
}

func TestForgettingEndsWithAFailureOrItsContext(t *testing.T) {
	broken := errors.New("broken")
	answers := &pile{failure: broken}
	r := policy.NewRetention(answers, time.Now, slog.New(slog.DiscardHandler))
	if err := r.Forget(t.Context()); !errors.Is(err, broken) || answers.asked != 1 {
		t.Errorf("asked %d times: %v", answers.asked, err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	answers.made, answers.failure = make([]time.Time, 5_000), nil
	if err := r.Forget(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("of a context that has ended: %v, %d left", err, len(answers.made))
	}
}
