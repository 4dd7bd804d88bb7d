package policy

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"ticketflow/internal/app/command"
	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
)

// Limits of the sweeper.
const (
	sweepInterval    = time.Second
	lookInterval     = 30 * time.Second
	sweepHolds       = 500   // in one page
	maxSweepPages    = 200   // of holds in one round; the next round goes on
	sweepOrders      = 1_000 // in one round
	sweepLookUps     = 8     // questions to the gateway at once
	sweepLookUpLimit = 10 * time.Second
)

// Due finds what has run out of time. The sweeper's answers are checked again by the ledger.
type Due interface {
	// DueHolds are live holds past their time, the oldest first.
	DueHolds(ctx context.Context, now time.Time, limit int) ([]booking.HoldID, error)
	// DueOrders are orders past their time and its grace that still await their payment.
	DueOrders(ctx context.Context, now time.Time, limit int) ([]booking.OrderID, error)
}

// Sweeper ends holds and orders whose time is over. Before an unpaid order is released, the gateway
// is asked: paid there means paid here, and as long as it can't be told, the order waits.
type Sweeper struct {
	due      Due
	office   *command.Office
	cashier  *Cashier
	bookings query.Bookings
	clock    func() time.Time
	logger   *slog.Logger
}

// NewSweeper makes a sweeper; Run starts it.
func NewSweeper(
	due Due, office *command.Office, cashier *Cashier, bookings query.Bookings,
	clock func() time.Time, logger *slog.Logger,
) *Sweeper {
	return &Sweeper{due: due, office: office, cashier: cashier, bookings: bookings, clock: clock,
		logger: logger}
}

// Run sweeps each second until ctx ends. Holds and orders are swept apart: a gateway that doesn't
// answer keeps orders waiting, and must not keep the places of holds off sale.
func (s *Sweeper) Run(ctx context.Context) {
	var both sync.WaitGroup
	both.Go(func() { s.each(ctx, sweepInterval, "holds", s.holds) })
	both.Go(func() { s.each(ctx, sweepInterval, "orders", s.orders) })
	both.Go(func() { s.each(ctx, lookInterval, "orders in payment", s.look) })
	both.Wait()
}

func (s *Sweeper) each(
	ctx context.Context, interval time.Duration, what string, sweep func(context.Context) error,
) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := sweep(ctx); err != nil && ctx.Err() == nil {
				s.logger.ErrorContext(ctx, "the sweep was not finished", "of", what, "error", err)
			}
		}
	}
}

// Sweep ends everything that is due now.
func (s *Sweeper) Sweep(ctx context.Context) error {
	return errors.Join(s.holds(ctx), s.orders(ctx))
}

func (s *Sweeper) holds(ctx context.Context) error {
	for range maxSweepPages {
		due, err := s.due.DueHolds(ctx, s.clock(), sweepHolds)
		if err != nil || len(due) == 0 {
			return err
		}
		if err := s.office.ExpireHolds(ctx, due); err != nil {
			return err
		}
		if len(due) < sweepHolds {
			return nil
		}
	}
	return nil
}

func (s *Sweeper) orders(ctx context.Context) error { return s.eachDue(ctx, 0, s.settle) }

// eachDue does something about orders that are due, or will be within a while.
func (s *Sweeper) eachDue(
	ctx context.Context, ahead time.Duration, do func(context.Context, booking.OrderID) error,
) error {
	due, err := s.due.DueOrders(ctx, s.clock().Add(ahead), sweepOrders)
	if err != nil {
		return err
	}
	failures := make([]error, len(due))
	slots := make(chan struct{}, sweepLookUps)
	var all sync.WaitGroup
	for i, id := range due {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			failures[i] = do(ctx, id)
		})
	}
	all.Wait()
	return summary(failures)
}

// summary is the first failure and how many there are: a gateway that is down fails for all, and
// nobody reads a thousand lines that say so each second.
func summary(failures []error) error {
	var first error
	n := 0
	for _, err := range failures {
		if err == nil {
			continue
		}
		if n++; first == nil {
			first = err
		}
	}
	if n == 0 {
		return nil
	}
	return fmt.Errorf("%d of %d failed, the first: %w", n, len(failures), first)
}

func (s *Sweeper) settle(ctx context.Context, id booking.OrderID) error {
	o, err := s.bookings.Order(ctx, id)
	if err != nil || o.State != booking.AwaitingPayment {
		return err
	}
	return s.cashier.Settle(ctx, o)
}

// lookAhead is how long before its end an order's gateway is asked for the first time: a message
// may have been lost.
const lookAhead = 2 * time.Minute

// look asks about orders that will run out of time.
func (s *Sweeper) look(ctx context.Context) error {
	return s.eachDue(ctx, lookAhead, func(ctx context.Context, id booking.OrderID) error {
		o, err := s.bookings.Order(ctx, id)
		if err != nil || o.State != booking.AwaitingPayment || o.Due(s.clock()) {
			return err
		}
		_, err = s.cashier.Look(ctx, o)
		return err
	})
}
