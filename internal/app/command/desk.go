package command

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

// Limits of the desk.
const (
	maxBatchCommands  = 512                  // in one transaction
	maxQueuedCommands = 16_384               // per lane; more are refused at once
	maxGatherRounds   = 16                   // of letting others go first before a batch begins
	maxUpdateTries    = 5                    // of a transaction that lost against others
	firstUpdatePause  = 4 * time.Millisecond // before the second try, at most; doubled for each
)

// decision is a command: the rows that it needs, and what it does with them.
type decision interface {
	Keys() *booking.Keys
	Decide(*booking.Book) error
}

// Desk takes commands from many goroutines and runs them in batches: a batch is what arrived while
// the previous one was being committed, so that a command alone waits for nobody and a thousand
// commands share one commit. Commands of one event go to one lane and are decided in order.
type Desk struct {
	ledger  Ledger
	changed func(*booking.Book)
	doubted func(catalog.EventID)
	random  func() float64
	sleep   func(time.Duration)
	logger  *slog.Logger
	lanes   []*lane
	running sync.WaitGroup
	stats   DeskStats
}

// DeskOption sets what a desk can do without.
type DeskOption func(*Desk)

// WhenInDoubt has doubted called with each event of a batch of unknown outcome, so that what is
// kept in memory about it is read again. doubted must be quick.
func WhenInDoubt(doubted func(catalog.EventID)) DeskOption {
	return func(d *Desk) { d.doubted = doubted }
}

// PauseWhenBusy lets the desk sleep before it repeats a transaction that lost against others: for a
// share, drawn by random from [0, 1), of a time that doubles with each try. Two writers that met
// once then don't meet again. Without it the desk repeats at once.
func PauseWhenBusy(random func() float64, sleep func(time.Duration)) DeskOption {
	return func(d *Desk) { d.random, d.sleep = random, sleep }
}

// LogTo has the desk log what an operator must see: commits of unknown outcome, commands that the
// ledger refuses even alone, and panics. Without it nothing is logged.
func LogTo(logger *slog.Logger) DeskOption {
	return func(d *Desk) { d.logger = logger }
}

// DeskStats counts what the desk has done. All fields may be read at any time.
type DeskStats struct {
	Commands  atomic.Int64 // that were decided, yes or no
	Batches   atomic.Int64 // that were committed
	Retries   atomic.Int64 // transactions that lost against others
	Splits    atomic.Int64 // batches that were cut in two because one command poisoned them
	Refused   atomic.Int64 // commands that found the queue full
	Unknown   atomic.Int64 // batches whose commit's outcome is unknown
	Conflicts atomic.Int64 // commands that the ledger refused even alone
	Panics    atomic.Int64 // commands that panicked
}

type job struct {
	event catalog.EventID
	cmd   decision
	err   error
	done  chan struct{}
}

type lane struct {
	mu     sync.Mutex
	wake   chan struct{} // capacity 1: a signal that queue isn't empty
	queue  []*job
	closed bool
}

// NewDesk makes a desk in front of a ledger and starts its lanes (one for a ledger with a single
// writer). changed is called after each commit, before its commands are answered, with the batch's
// book; it must be quick. Close ends the lanes.
func NewDesk(
	ledger Ledger, lanes int, changed func(*booking.Book), options ...DeskOption,
) *Desk {
	d := &Desk{ledger: ledger, changed: changed, doubted: func(catalog.EventID) {},
		logger: slog.New(slog.DiscardHandler), lanes: make([]*lane, max(lanes, 1))}
	for _, set := range options {
		set(d)
	}
	for i := range d.lanes {
		l := &lane{wake: make(chan struct{}, 1)}
		d.lanes[i] = l
		d.running.Go(func() { d.serve(l) })
	}
	return d
}

// Stats are the desk's counters.
func (d *Desk) Stats() *DeskStats { return &d.stats }

// Waiting is the number of commands in all queues now.
func (d *Desk) Waiting() int {
	n := 0
	for _, l := range d.lanes {
		n += l.waiting()
	}
	return n
}

// Close takes no more commands, finishes those that it has, and returns when all are answered.
func (d *Desk) Close() {
	for _, l := range d.lanes {
		l.mu.Lock()
		l.closed = true
		l.mu.Unlock()
		l.signal()
	}
	d.running.Wait()
}

// do runs one command and returns its decision's error. When ctx ends first, the command goes on
// and the answer is ErrUnknown.
func (d *Desk) do(ctx context.Context, event catalog.EventID, cmd decision) error {
	if err := ctx.Err(); err != nil {
		return ErrOverloaded
	}
	j := &job{event: event, cmd: cmd, done: make(chan struct{})}
	if err := d.lanes[uint64(event)%uint64(len(d.lanes))].add(j); err != nil {
		if errors.Is(err, ErrOverloaded) {
			d.stats.Refused.Add(1)
		}
		return err
	}
	select {
	case <-j.done:
		return j.err
	case <-ctx.Done():
		return ErrUnknown
	}
}

func (l *lane) add(j *job) error {
	l.mu.Lock()
	switch {
	case l.closed:
		l.mu.Unlock()
		return ErrClosing
	case len(l.queue) >= maxQueuedCommands:
		l.mu.Unlock()
		return ErrOverloaded
	}
	l.queue = append(l.queue, j)
	first := len(l.queue) == 1
	l.mu.Unlock()
	if first {
		l.signal()
	}
	return nil
}

func (l *lane) signal() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// take moves up to a batch of jobs out of the queue; more is false when the lane has ended.
func (l *lane) take(batch []*job) (jobs []*job, more bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := min(len(l.queue), maxBatchCommands)
	batch = append(batch[:0], l.queue[:n]...)
	rest := copy(l.queue, l.queue[n:])
	clear(l.queue[rest:])
	l.queue = l.queue[:rest]
	return batch, !l.closed || n > 0
}

// gather lets the goroutines that are ready to run go first, as long as that brings commands: what
// would arrive a moment after the batch has begun shares its commit. Nobody waits for a clock:
// where the processors have nothing else to do, it returns at once.
func (l *lane) gather() {
	n := l.waiting()
	for range maxGatherRounds {
		if n == 0 || n >= maxBatchCommands {
			return
		}
		runtime.Gosched()
		now := l.waiting()
		if now == n {
			return
		}
		n = now
	}
}

func (l *lane) waiting() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.queue)
}

func (d *Desk) serve(l *lane) {
	var batch []*job
	keys := &booking.Keys{}
	for more := true; more; {
		l.gather()
		batch, more = l.take(batch)
		if len(batch) == 0 {
			if more {
				<-l.wake
			}
			continue
		}
		d.run(batch, keys)
		clear(batch)
	}
}
