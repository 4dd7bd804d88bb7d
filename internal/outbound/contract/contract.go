// Package contract is what every adapter of a port must do, written once and run against each of
// them: Ledger is the suite of the truth, Machine and Linear look for what nobody thought of.
//
// A suite that can't fail proves nothing. Cases therefore take a small T and not a *testing.T, so
// that Record can run them against an engine that is broken on purpose and show what they say.
package contract

import (
	"context"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ticketflow/internal/app/command"
	"ticketflow/internal/app/notify"
	"ticketflow/internal/app/outbox"
	"ticketflow/internal/app/policy"
	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/fact"
)

// T is what a case needs of a test. *testing.T has it, and so has what Record passes.
type T interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Cleanup(undo func())
	Context() context.Context
}

// Command is a decision with the rows that it needs; all commands of package booking are.
type Command interface {
	Keys() *booking.Keys
	Decide(b *booking.Book) error
}

// Engine is an open ledger with all that can be asked of it.
type Engine struct {
	Ledger    command.Ledger
	Catalogue command.Catalogue
	Shelf     query.Shelf
	Kinds     query.KindList
	Bookings  query.Bookings
	Vouchers  query.Vouchers
	Sales     query.Sales
	Mails     notify.Queue
	Log       outbox.Log
	Requests  query.RefundRequests
	Answers   policy.AnswerLog
	Probe     Probe
	// Decide decides a batch on its book; nil is Together, as the desk does it.
	Decide func(b *booking.Book, batch []Command) []error
}

// Probe looks behind the ports, and does what only an accident does.
type Probe interface {
	// Rows is all that the engine has committed about an event.
	Rows(ctx context.Context, id catalog.EventID) (Rows, error)
	// Overwrite changes the row of a place behind the ledger's back.
	Overwrite(ctx context.Context, ref booking.PlaceRef, p booking.Place) error
	// Meddle runs a statement that the engine's database understands, behind the ledger's back.
	Meddle(ctx context.Context, statement string) error
	// Crash opens what would be left of the engine if its process were killed now. The old engine
	// is not used again.
	Crash(t T) *Engine
}

// Rows is the committed state of one event. Each list is in the order of its key.
type Rows struct {
	Status   catalog.Status
	Places   []booking.Place
	Holds    []booking.Hold
	Orders   []booking.Order
	Tickets  []booking.Ticket
	Payments []booking.Payment
	Refunds  []booking.Refund
	Notices  []Noticed
	Journal  []booking.Entry // in the order in which they were posted
	Answers  map[booking.Fingerprint]booking.Answer
	Buyers   map[booking.Fingerprint]int
	Vouchers []booking.Voucher
	Facts    []Recorded
}

// Noticed is a gateway's message with its name.
type Noticed struct {
	Ref    booking.NoticeRef
	Notice booking.Notice
}

// Recorded is a fact and its position in the log.
type Recorded struct {
	Position int64
	Fact     fact.Fact
}

// Factory opens an empty engine whose ledger follows clock. It cleans up through t.
type Factory func(t T, clock func() time.Time) *Engine

// Case is one promise of the port.
type Case struct {
	Name string
	own  bool // the case breaks or reopens its engine, which it therefore shares with nobody
	run  func(s *stage)
}

// Cases are all promises, by topic.
func Cases() []Case {
	var all []Case
	for _, topic := range []struct {
		name  string
		cases []Case
	}{
		{"grants", grants()}, {"fences", fences()}, {"walls", walls()}, {"batches", batches()},
		{"idempotency", idempotency()}, {"retention", retention()},
		{"payments", payments()}, {"refunds", refunds()},
		{"baskets", baskets()}, {"journal", journal()}, {"gate", atGate()},
		{"transfers", transfers()}, {"limits", limits()}, {"expiry", expiry()},
		{"facts", facts()},
		{"durability", durability()}, {"contexts", contexts()}, {"events", events()},
		{"reads", reads()}, {"vouchers", vouchers()},
		{"mails", mails()}, {"refund requests", requests()}, {"languages", languages()},
	} {
		for _, c := range topic.cases {
			c.Name = topic.name + "/" + c.Name
			all = append(all, c)
		}
	}
	return all
}

// Ledger runs all cases against an engine. Most of them share one, each with events of its own.
func Ledger(t *testing.T, open Factory) {
	t.Helper()
	clock := NewClock()
	shared := open(t, clock.Now)
	for _, c := range Cases() {
		t.Run(c.Name, func(t *testing.T) {
			if c.own {
				c.Against(t, open)
				return
			}
			c.run(newStage(t, shared, clock))
		})
	}
}

// Against runs the case against an engine of its own.
func (c Case) Against(t T, open Factory) {
	clock := NewClock()
	c.run(newStage(t, open(t, clock.Now), clock))
}

// Record runs the cases whose names begin with prefix against engines that are broken on purpose,
// and returns what each that failed has said, by name.
func Record(prefix string, open Factory) map[string]string {
	said := make(map[string]string)
	for _, c := range Cases() {
		if !strings.HasPrefix(c.Name, prefix) {
			continue
		}
		if failures := recorded(func(t T) { c.Against(t, open) }); failures != "" {
			said[c.Name] = failures
		}
	}
	return said
}

// recorded runs f with a T that writes failures down instead of failing.
func recorded(f func(t T)) string {
	ctx, cancel := context.WithCancel(context.Background())
	r := &recorder{ctx: ctx}
	done := make(chan struct{})
	go func() { // Fatalf ends this goroutine, and with it the case
		defer close(done)
		defer r.undo()
		defer cancel()
		defer func() {
			if p := recover(); p != nil { // a broken engine may break the case, too
				r.Errorf("panic: %v", p)
			}
		}()
		f(r)
	}()
	<-done
	return strings.Join(r.failures, "\n")
}

// Clock is a clock that stands still until it is moved. It is safe for concurrent use.
type Clock struct {
	mu  sync.Mutex
	now time.Time

	offices, keys atomic.Uint64 // how many were made by this clock
}

// NewClock makes a clock that stands at a morning in 2026.
func NewClock() *Clock { return &Clock{now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)} }

// Now is the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// together runs f n times at the same instant, each with its number, and waits for all.
func together(n int, f func(i int)) {
	var ready, all sync.WaitGroup
	start := make(chan struct{})
	ready.Add(n)
	for i := range n {
		all.Go(func() {
			ready.Done()
			<-start
			f(i)
		})
	}
	ready.Wait()
	close(start)
	all.Wait()
}

// until gives way to others until the condition holds.
func until(t T, what string, condition func() bool) {
	t.Helper()
	deadline := time.Now().Add(maxWait)
	for !condition() {
		if time.Now().After(deadline) {
			t.Fatalf("waited for %s: in vain", what)
		}
		runtime.Gosched()
	}
}

// maxWait is how long a case waits for what must happen before it calls it a failure.
const maxWait = 30 * time.Second
