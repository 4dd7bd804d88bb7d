package outbox

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"ticketflow/internal/domain/fact"
)

// Limits of the relay.
const (
	relayPageFacts = 500
	relayIdleWait  = time.Second // how often the log is read without a wake-up
	relayMinPause  = 100 * time.Millisecond
	relayMaxPause  = 30 * time.Second
)

// Entry is a fact with its place in the log.
type Entry struct {
	Position int64
	Fact     fact.Fact
}

// Log is the recorded facts and how far each subscriber has come.
type Log interface {
	// Cursor is the position up to which a subscriber has everything; 0 at first.
	Cursor(ctx context.Context, subscriber string) (int64, error)
	// Facts returns the facts of these kinds after a position that the subscriber's inbox doesn't
	// hold, the oldest first, and the position up to which the log was read.
	Facts(ctx context.Context, subscriber string, after int64, kinds []fact.Kind,
		limit int) (page []Entry, upTo int64, err error)
	// Handled puts a fact into a subscriber's inbox.
	Handled(ctx context.Context, subscriber string, position int64) error
	// Advance moves a subscriber's cursor; it never goes back.
	Advance(ctx context.Context, subscriber string, position int64) error
}

// Subscriber gets each fact of its kinds at least once, in order. Handle must make its effect
// idempotent by the fact; after an error it is called again with the same fact, for ever.
type Subscriber struct {
	Name   string
	Kinds  []fact.Kind
	Handle func(context.Context, Entry) error
}

// Relay delivers facts in process. Each subscriber has a goroutine of its own, so that one that is
// stuck holds up nobody else.
type Relay struct {
	log         Log
	logger      *slog.Logger
	subscribers []*subscription
}

type subscription struct {
	Subscriber
	wake chan struct{}
}

// NewRelay makes a relay; Run starts it.
func NewRelay(log Log, logger *slog.Logger, subscribers ...Subscriber) *Relay {
	r := &Relay{log: log, logger: logger}
	for _, s := range subscribers {
		r.subscribers = append(r.subscribers,
			&subscription{Subscriber: s, wake: make(chan struct{}, 1)})
	}
	return r
}

// Recorded wakes the subscribers whose kinds are among the facts, so that they needn't wait for
// the next look at the log.
func (r *Relay) Recorded(facts []fact.Fact) {
	for _, s := range r.subscribers {
		if !s.wants(facts) {
			continue
		}
		select {
		case s.wake <- struct{}{}:
		default:
		}
	}
}

func (s *subscription) wants(facts []fact.Fact) bool {
	for _, f := range facts {
		if slices.Contains(s.Kinds, f.Kind) {
			return true
		}
	}
	return false
}

// Run delivers until ctx ends.
func (r *Relay) Run(ctx context.Context) {
	var all sync.WaitGroup
	for _, s := range r.subscribers {
		all.Go(func() { r.serve(ctx, s) })
	}
	all.Wait()
}

func (r *Relay) serve(ctx context.Context, s *subscription) {
	pause := relayMinPause
	for {
		more, err := r.deliver(ctx, s)
		wait := relayIdleWait
		switch {
		case err != nil && ctx.Err() == nil:
			r.logger.ErrorContext(ctx, "facts wait for a subscriber", "subscriber", s.Name,
				"error", err, "retry_in", pause)
			wait, pause = pause, min(2*pause, relayMaxPause)
		case more:
			wait, pause = 0, relayMinPause
		default:
			pause = relayMinPause
		}
		if !sleep(ctx, wait, s.wake) {
			return
		}
	}
}

// sleep waits, or until it is woken; it is false when ctx has ended.
func sleep(ctx context.Context, wait time.Duration, wake <-chan struct{}) bool {
	if wait == 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-wake:
	case <-ctx.Done():
		return false
	}
	return true
}

// deliver hands one page of facts to a subscriber; more tells whether the log goes on.
func (r *Relay) deliver(ctx context.Context, s *subscription) (more bool, err error) {
	cursor, err := r.log.Cursor(ctx, s.Name)
	if err != nil {
		return false, err
	}
	page, upTo, err := r.log.Facts(ctx, s.Name, cursor, s.Kinds, relayPageFacts)
	if err != nil {
		return false, err
	}
	for _, e := range page {
		if err := s.Handle(ctx, e); err != nil {
			return false, err
		}
		if err := r.log.Handled(ctx, s.Name, e.Position); err != nil {
			return false, err
		}
	}
	if upTo == cursor {
		return false, nil
	}
	return len(page) == relayPageFacts, r.log.Advance(ctx, s.Name, upTo)
}
