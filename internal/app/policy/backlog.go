package policy

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
)

const (
	backlogInterval = 10 * time.Second
	backlogLimit    = 200 // of each kind; more aren't counted
)

// LongRefund is how long a refund may be on its way before somebody should look after it.
const LongRefund = time.Hour

// Backlog counts the money that somebody has to look at, now and then and away from all requests.
// It is safe for concurrent use.
type Backlog struct {
	open   query.OpenMoney
	clock  func() time.Time
	logger *slog.Logger

	kept, doubtful, failed, waiting atomic.Int64
}

// NewBacklog makes a backlog that has counted nothing yet.
func NewBacklog(
	open query.OpenMoney, clock func() time.Time, logger *slog.Logger,
) *Backlog {
	return &Backlog{open: open, clock: clock, logger: logger}
}

// Kept are messages that can't be applied. As with all of the counts, 200 means 200 or more.
func (b *Backlog) Kept() int64 { return b.kept.Load() }

// Doubtful are payments in quarantine.
func (b *Backlog) Doubtful() int64 { return b.doubtful.Load() }

// Failed are refunds that a gateway has refused for certain.
func (b *Backlog) Failed() int64 { return b.failed.Load() }

// Waiting are refunds that have been on their way for long.
func (b *Backlog) Waiting() int64 { return b.waiting.Load() }

// Run counts until ctx ends.
func (b *Backlog) Run(ctx context.Context) {
	ticker := time.NewTicker(backlogInterval)
	defer ticker.Stop()
	for {
		if err := b.Count(ctx); err != nil && ctx.Err() == nil {
			b.logger.WarnContext(ctx, "the open money could not be counted", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// Count counts once.
func (b *Backlog) Count(ctx context.Context) error {
	kept, err := b.open.KeptNotices(ctx, time.Time{}, backlogLimit)
	keepCount(&b.kept, len(kept), err)
	doubtful, another := b.open.DoubtfulPayments(ctx, backlogLimit)
	keepCount(&b.doubtful, len(doubtful), another)
	err = errors.Join(err, another)
	now := b.clock()
	failed, another := b.open.OpenRefunds(ctx, booking.RefundFailed, now.Add(time.Second),
		backlogLimit)
	keepCount(&b.failed, len(failed), another)
	err = errors.Join(err, another)
	waiting, another := b.open.OpenRefunds(ctx, booking.RefundRequested, now.Add(-LongRefund),
		backlogLimit)
	keepCount(&b.waiting, len(waiting), another)
	return errors.Join(err, another)
}

// keepCount leaves the old count where there is no new one.
func keepCount(into *atomic.Int64, n int, err error) {
	if err == nil {
		into.Store(int64(n))
	}
}
