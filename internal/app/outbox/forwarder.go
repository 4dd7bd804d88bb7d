package outbox

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"ticketflow/internal/domain/fact"
)

// Limits of the forwarder.
const (
	forwardPageFacts = 500
	forwardIdleWait  = time.Second           // how often the log is read without a wake-up
	forwardGap       = 20 * time.Millisecond // between two pages that were not full: facts collect
	forwardMinPause  = 100 * time.Millisecond
	forwardMaxPause  = 5 * time.Second // shorter than the lease, so that failing doesn't lose it
	forwardLease     = 10 * time.Second
	forwardLogLimit  = forwardLease     // for a question to the log
	forwardRenew     = forwardLease / 3 // a lease that is this old is renewed before a page
	forwardLeastLeft = time.Second      // with less left of the lease no page is begun
	forwardLeave     = 2 * time.Second  // for giving the lease back at the end
)

// ForwarderName is the forwarder's cursor in the log and its lease.
const ForwarderName = "forwarder"

// ErrLeaseLost says that another instance forwards now, or may.
var ErrLeaseLost = errors.New("the forwarder's lease is lost")

// ForwarderOptions is what a forwarder works with; all are needed.
type ForwarderOptions struct {
	Log       Log
	Publisher Publisher
	Leases    Leases
	Kinds     []fact.Kind // the kinds that are forwarded; see KindsOf
	Owner     string      // this instance's name, unlike every other's and new with each start
	Clock     func() time.Time
	Random    io.Reader // spreads the pauses of several instances
	Logger    *slog.Logger
}

// ForwarderStats is what a forwarder has done since it was made.
type ForwarderStats struct {
	Leading   bool
	Forwarded int64         // facts that the publisher has confirmed
	Failures  int64         // pages that were not confirmed, and errors of the log and the leases
	Lost      int64         // leases that were lost, not given back
	Waiting   time.Duration // age of the oldest fact that is known and not confirmed; 0: none
}

// Forwarder reads the log and publishes each fact at least once, in the order of the log. Several
// instances may run it: one at a time holds the lease and works.
//
// A forwarder that was paused longer than its lease may send the rest of a page while its successor
// works. That is harmless. Each of them starts at a cursor before which everything is confirmed and
// leaves out nothing behind it, so that when a fact is sent for the first time, all that precede it
// have been sent: only repetitions come out of order, and the inbox of the consumer drops these.
type Forwarder struct {
	o    ForwarderOptions
	wake chan struct{}

	leading   bool      // of Run's goroutine
	leaseFrom time.Time // before the lease was last asked for: it was granted later than this

	leader    atomic.Bool
	forwarded atomic.Int64
	failures  atomic.Int64
	lost      atomic.Int64
	oldest    atomic.Int64 // unix milliseconds; 0: nothing waits
}

// NewForwarder makes a forwarder; Run starts it.
func NewForwarder(o ForwarderOptions) *Forwarder {
	return &Forwarder{o: o, wake: make(chan struct{}, 1)}
}

// KindsOf gives the kinds that at least one of the subscribers wants, each once.
func KindsOf(subscribers ...Subscriber) []fact.Kind {
	var kinds []fact.Kind
	for _, s := range subscribers {
		kinds = append(kinds, s.Kinds...)
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

// Stats may be called at any time.
func (f *Forwarder) Stats() ForwarderStats {
	s := ForwarderStats{Leading: f.leader.Load(), Forwarded: f.forwarded.Load(),
		Failures: f.failures.Load(), Lost: f.lost.Load()}
	if oldest := f.oldest.Load(); oldest != 0 {
		s.Waiting = max(f.o.Clock().Sub(time.UnixMilli(oldest)), time.Millisecond)
	}
	return s
}

// Recorded wakes the forwarder if one of the facts is for it. It never blocks.
func (f *Forwarder) Recorded(facts []fact.Fact) {
	if !slices.ContainsFunc(facts, func(x fact.Fact) bool {
		return slices.Contains(f.o.Kinds, x.Kind)
	}) {
		return
	}
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// Run forwards until ctx ends, and gives the lease back.
func (f *Forwarder) Run(ctx context.Context) {
	defer f.leave(ctx)
	pause := NewBackoff(forwardMinPause, forwardMaxPause, f.o.Random)
	standby := NewBackoff(forwardIdleWait, forwardIdleWait, f.o.Random)
	for {
		sent, err := f.step(ctx)
		var again bool
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			f.failures.Add(1)
			wait := pause.Next()
			f.o.Logger.ErrorContext(ctx, "facts wait to be forwarded", "error", err,
				"retry_in", wait)
			again = sleep(ctx, wait, nil)
		case !f.leading:
			// New facts are nothing to who isn't leading: it looks for a lease now and then.
			again = sleep(ctx, standby.Next(), nil)
		case sent == forwardPageFacts:
			pause.Reset()
			again = ctx.Err() == nil
		default:
			pause.Reset()
			again = sleep(ctx, forwardGap, nil) && sleep(ctx, forwardIdleWait-forwardGap, f.wake)
		}
		if !again {
			return
		}
	}
}

// step sends one page if the lease is this instance's.
func (f *Forwarder) step(ctx context.Context) (sent int, err error) {
	if err := f.hold(ctx); err != nil || !f.leading {
		return 0, err
	}
	cursor, page, upTo, err := f.read(ctx)
	if err != nil {
		return 0, err
	}
	if len(page) == 0 {
		f.oldest.Store(0)
	} else {
		f.oldest.Store(page[0].Fact.At.UnixMilli())
		if err := f.publish(ctx, page); err != nil {
			return 0, err
		}
	}
	if upTo != cursor {
		// A forwarder that has lost its lease may say this too: its page is confirmed, and a cursor
		// never goes back.
		within, cancel := context.WithTimeout(ctx, forwardLogLimit)
		defer cancel()
		if err := f.o.Log.Advance(within, ForwarderName, upTo); err != nil {
			return 0, err
		}
	}
	f.forwarded.Add(int64(len(page)))
	f.oldest.Store(0)
	return len(page), nil
}

// read gets the next page, and the position up to which nothing is left when it is sent.
func (f *Forwarder) read(ctx context.Context) (cursor int64, page []Entry, upTo int64, err error) {
	within, cancel := context.WithTimeout(ctx, forwardLogLimit)
	defer cancel()
	if cursor, err = f.o.Log.Cursor(within, ForwarderName); err != nil {
		return 0, nil, 0, err
	}
	page, upTo, err = f.o.Log.Facts(within, ForwarderName, cursor, f.o.Kinds, forwardPageFacts)
	return cursor, page, upTo, err
}

// publish sends a page within what is left of the lease.
func (f *Forwarder) publish(ctx context.Context, page []Entry) error {
	left := f.left()
	if left < forwardLeastLeft { // the process was paused, or the log was slow
		f.surrender()
		return ErrLeaseLost
	}
	within, cancel := context.WithTimeout(ctx, left)
	defer cancel()
	return f.o.Publisher.Publish(within, page)
}

// hold takes or renews the lease where needed; f.leading tells the end of it.
func (f *Forwarder) hold(ctx context.Context) error {
	before := f.o.Clock()
	if f.leading && before.Sub(f.leaseFrom) < forwardRenew {
		return nil
	}
	ask := f.o.Leases.Acquire
	if f.leading {
		ask = f.o.Leases.Renew
	}
	within, cancel := context.WithTimeout(ctx, forwardLease)
	defer cancel()
	held, err := ask(within, ForwarderName, f.o.Owner, forwardLease)
	if err != nil {
		if f.leading && f.left() < forwardLeastLeft {
			f.surrender()
		}
		return err
	}
	if f.leading && !held {
		f.surrender()
		f.o.Logger.WarnContext(ctx, "another instance forwards the facts now")
		return nil
	}
	if held && !f.leading {
		f.o.Logger.InfoContext(ctx, "this instance forwards the facts", "owner", f.o.Owner)
	}
	f.leading, f.leaseFrom = held, before
	f.leader.Store(held)
	return nil
}

// left is how long the lease certainly lasts.
func (f *Forwarder) left() time.Duration {
	return forwardLease - f.o.Clock().Sub(f.leaseFrom)
}

func (f *Forwarder) surrender() {
	f.leading = false
	f.leader.Store(false)
	f.lost.Add(1)
	f.oldest.Store(0) // the successor knows
}

func (f *Forwarder) leave(ctx context.Context) {
	if !f.leading {
		return
	}
	f.leading = false
	f.leader.Store(false)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), forwardLeave)
	defer cancel()
	if err := f.o.Leases.Release(ctx, ForwarderName, f.o.Owner); err != nil {
		f.o.Logger.WarnContext(ctx, "the forwarder's lease was not given back", "error", err)
	}
}
