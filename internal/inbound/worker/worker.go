// Package worker brings facts from a broker to their subscribers, in the cluster profile. The
// effect comes first, then the inbox row, then the acknowledgement: what is lost in between is
// delivered again, and the inbox keeps it from having a second effect.
package worker

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"ticketflow/internal/app/outbox"
)

// Limits of the worker. The tries of one message take at most maxTries × effectTimeout and the
// pauses between them, 141 s; the broker's patience with a message that is not answered (half an
// hour at RabbitMQ) must exceed that times the messages that it delivers ahead.
const (
	maxTries      = 9
	effectTimeout = 10 * time.Second
	inboxTimeout  = 5 * time.Second
	minRetryPause = 200 * time.Millisecond
	maxRetryPause = 30 * time.Second
)

// Deliveries is a broker's side of consuming.
type Deliveries interface {
	// Consume gives the messages of a subscriber to handle, one at a time and in order, and does
	// with each what the verdict says. It reconnects by itself, and returns without error when ctx
	// ends; an error means that it can never work. The context that handle gets also ends when the
	// message will be delivered again anyway.
	Consume(ctx context.Context, subscriber string,
		handle func(ctx context.Context, message []byte) outbox.Verdict) error
}

// Options is what a worker works with; all are needed.
type Options struct {
	Deliveries  Deliveries
	Inbox       outbox.Inbox
	Subscribers []outbox.Subscriber
	Random      io.Reader // spreads the pauses between tries
	Logger      *slog.Logger
}

// Stats counts since the worker was made.
type Stats struct {
	Handled     int64 // facts that had their effect
	Repeated    int64 // facts that came again and had none
	Failed      int64 // tries that failed
	DeadLetters int64 // messages that were given up, malformed ones included
	Malformed   int64 // messages that were no fact of a kind that the subscriber wants
}

// Worker runs the subscribers.
type Worker struct {
	o           Options
	leastPause  time.Duration
	mostPause   time.Duration
	handled     atomic.Int64
	repeated    atomic.Int64
	failed      atomic.Int64
	deadLetters atomic.Int64
	malformed   atomic.Int64
}

// New makes a worker; Run starts it.
func New(o Options) *Worker {
	return &Worker{o: o, leastPause: minRetryPause, mostPause: maxRetryPause}
}

// Stats may be called at any time.
func (w *Worker) Stats() Stats {
	return Stats{Handled: w.handled.Load(), Repeated: w.repeated.Load(), Failed: w.failed.Load(),
		DeadLetters: w.deadLetters.Load(), Malformed: w.malformed.Load()}
}

// Run works until ctx ends; an effect that has begun is finished. Each subscriber has a goroutine
// of its own, so that one that is stuck holds up nobody else.
func (w *Worker) Run(ctx context.Context) {
	var all sync.WaitGroup
	for _, s := range w.o.Subscribers {
		all.Go(func() {
			err := w.o.Deliveries.Consume(ctx, s.Name,
				func(ctx context.Context, message []byte) outbox.Verdict {
					return w.handle(ctx, &s, message)
				})
			if err != nil {
				w.o.Logger.ErrorContext(ctx, "a subscriber gets no facts", "subscriber", s.Name,
					"error", err)
			}
		})
	}
	all.Wait()
}

func (w *Worker) handle(
	ctx context.Context, s *outbox.Subscriber, message []byte,
) outbox.Verdict {
	e, err := outbox.ParseEnvelope(message)
	if err == nil && !slices.Contains(s.Kinds, e.Fact.Kind) {
		err = fmt.Errorf("%w of this subscriber's kinds: %q", outbox.ErrEnvelope, e.Fact.Kind)
	}
	if err != nil {
		w.malformed.Add(1)
		return w.bury(ctx, s, e, err)
	}
	var applied bool
	known := w.insist(ctx, s, "the inbox is not answering", func(ctx context.Context) (err error) {
		applied, err = w.o.Inbox.Applied(ctx, s.Name, e.Position)
		return err
	})
	switch {
	case !known:
		return outbox.Again
	case applied:
		w.repeated.Add(1)
		return outbox.Done
	}
	if verdict := w.effect(ctx, s, e); verdict != outbox.Done {
		return verdict
	}
	noted := w.insist(ctx, s, "a fact is not noted as handled", func(ctx context.Context) error {
		return w.o.Inbox.Handled(ctx, s.Name, e.Position)
	})
	if !noted {
		return outbox.Again
	}
	w.handled.Add(1)
	return outbox.Done
}

// effect lets the subscriber handle a fact, again after a failure, and gives up in the end. The
// messages behind it wait, since they must not overtake it.
func (w *Worker) effect(ctx context.Context, s *outbox.Subscriber, e outbox.Entry) outbox.Verdict {
	pause := outbox.NewBackoff(w.leastPause, w.mostPause, w.o.Random)
	for try := 1; ; try++ {
		if ctx.Err() != nil {
			return outbox.Again
		}
		err := finish(ctx, effectTimeout, func(ctx context.Context) error {
			return s.Handle(ctx, e)
		})
		if err == nil {
			return outbox.Done
		}
		w.failed.Add(1)
		if try == maxTries {
			return w.bury(ctx, s, e, err)
		}
		wait := pause.Next()
		w.o.Logger.WarnContext(ctx, "a subscriber could not handle a fact", "subscriber", s.Name,
			"position", e.Position, "kind", e.Fact.Kind, "try", try, "error", err,
			"retry_in", wait)
		if !rest(ctx, wait) {
			return outbox.Again
		}
	}
}

// insist repeats what depends on the database alone, until it works or ctx ends: a fact isn't to
// blame for it, so that its tries don't count. What it does is tried once even if ctx has ended.
func (w *Worker) insist(
	ctx context.Context, s *outbox.Subscriber, complaint string, do func(context.Context) error,
) bool {
	pause := outbox.NewBackoff(w.leastPause, w.mostPause, w.o.Random)
	for {
		err := finish(ctx, inboxTimeout, do)
		if err == nil {
			return true
		}
		w.failed.Add(1)
		wait := pause.Next()
		w.o.Logger.ErrorContext(ctx, "a subscriber waits for the database", "subscriber", s.Name,
			"reason", complaint, "error", err, "retry_in", wait)
		if !rest(ctx, wait) {
			return false
		}
	}
}

// bury counts and logs a message that the subscriber will not get again.
func (w *Worker) bury(
	ctx context.Context, s *outbox.Subscriber, e outbox.Entry, err error,
) outbox.Verdict {
	w.deadLetters.Add(1)
	w.o.Logger.ErrorContext(ctx, "a message goes to the dead letters", "subscriber", s.Name,
		"position", e.Position, "kind", e.Fact.Kind, "event", e.Fact.Event.String(), "error", err)
	return outbox.Dead
}

// finish does something within a limit, also when ctx ends meanwhile: half an effect helps nobody.
func finish(ctx context.Context, limit time.Duration, do func(context.Context) error) error {
	within, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	defer cancel()
	return do(within)
}

// rest waits; it is false when ctx has ended.
func rest(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
