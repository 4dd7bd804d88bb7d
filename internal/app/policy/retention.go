package policy

import (
	"context"
	"log/slog"
	"time"
)

// Limits of what is forgotten.
const (
	retentionInterval = time.Hour
	// answersKept is twice the day for which the key of a request is promised to be known: clocks
	// of instances and of clients needn't agree.
	answersKept       = 48 * time.Hour
	retentionPage     = 1_000 // rows in one transaction
	maxRetentionPages = 5_000 // in one round; the next round goes on
	retentionPause    = 20 * time.Millisecond
)

// AnswerLog is the answers that the ledger keeps for requests that are repeated.
type AnswerLog interface {
	// ForgetAnswers removes at most limit answers that were given before then, and tells how many.
	// One of them may stay.
	ForgetAnswers(ctx context.Context, then time.Time, limit int) (int, error)
}

// Retention has the ledger forget what nobody may ask for any more. Each checkout leaves three
// answers, which would otherwise be most of the ledger after some seasons.
type Retention struct {
	answers AnswerLog
	clock   func() time.Time
	logger  *slog.Logger
	pause   time.Duration // between two pages, in which others write
}

// NewRetention makes the task; Run starts it.
func NewRetention(
	answers AnswerLog, clock func() time.Time, logger *slog.Logger,
) *Retention {
	return &Retention{answers: answers, clock: clock, logger: logger, pause: retentionPause}
}

// Run forgets each hour, at one of several instances, until ctx ends.
func (r *Retention) Run(ctx context.Context, turns *Turns) {
	turns.each(ctx, "retention", retentionInterval, r.Forget, func(err error) {
		r.logger.ErrorContext(ctx, "old answers were not removed", "error", err)
	})
}

// Forget removes what is too old now, a page at a time.
func (r *Retention) Forget(ctx context.Context) error {
	then, removed := r.clock().Add(-answersKept), 0
	pause := time.NewTimer(0)
	defer pause.Stop()
	for range maxRetentionPages {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-pause.C:
		}
		n, err := r.answers.ForgetAnswers(ctx, then, retentionPage)
		if err != nil {
			return err
		}
		if removed += n; n < retentionPage {
			break
		}
		pause.Reset(r.pause)
	}
	if removed > 0 {
		r.logger.InfoContext(ctx, "old answers were removed", "answers", removed)
	}
	return nil
}
