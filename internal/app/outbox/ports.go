package outbox

import (
	"context"
	"sync"
	"time"
)

// Publisher hands facts over to somebody who keeps them. It is the consumer's side of a broker.
type Publisher interface {
	// Publish sends a page in its order and returns without error only when all of it is kept
	// safely and has reached everybody who is known to want it. After an error any part of the page
	// may have arrived: the page is sent again.
	Publish(ctx context.Context, page []Entry) error
}

// Leases lets one of several instances do something at a time, as long as its clock and the clock
// of the leases run at about the same speed. It doesn't fence: who holds a lease by mistake must do
// no harm.
type Leases interface {
	// Acquire takes a lease that is free, has run out or is the owner's already, for a time to live
	// from now on.
	Acquire(ctx context.Context, name, owner string, ttl time.Duration) (taken bool, err error)
	// Renew prolongs a lease that is still the owner's, also when it has run out and nobody has
	// taken it; it isn't held afterwards if it answers false.
	Renew(ctx context.Context, name, owner string, ttl time.Duration) (held bool, err error)
	// Release gives an owner's lease back; one that it doesn't hold is left alone.
	Release(ctx context.Context, name, owner string) error
}

// Inbox is what subscribers have applied already, so that what comes twice has one effect.
type Inbox interface {
	// Applied tells whether a subscriber has applied the fact at a position.
	Applied(ctx context.Context, subscriber string, position int64) (bool, error)
	// Handled puts a fact into a subscriber's inbox; it may be there already.
	Handled(ctx context.Context, subscriber string, position int64) error
}

// Verdict is what becomes of a message after it was looked at.
type Verdict int

// The verdicts. The zero value gives the message back, which loses nothing.
const (
	Again Verdict = iota // it is delivered again, to this consumer or to another one
	Done                 // it has had its effect
	Dead                 // it is put aside for the operator
)

// LocalLeases keeps leases in memory, for one process with one ledger.
type LocalLeases struct {
	clock func() time.Time

	mu   sync.Mutex
	held map[string]localLease
}

type localLease struct {
	owner string
	until time.Time
}

// NewLocalLeases makes leases that all are free.
func NewLocalLeases(clock func() time.Time) *LocalLeases {
	return &LocalLeases{clock: clock, held: make(map[string]localLease)}
}

// Acquire implements Leases.
func (l *LocalLeases) Acquire(
	_ context.Context, name, owner string, ttl time.Duration,
) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock()
	if held, ok := l.held[name]; ok && held.owner != owner && now.Before(held.until) {
		return false, nil
	}
	l.held[name] = localLease{owner, now.Add(ttl)}
	return true, nil
}

// Renew implements Leases.
func (l *LocalLeases) Renew(
	_ context.Context, name, owner string, ttl time.Duration,
) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if held, ok := l.held[name]; !ok || held.owner != owner {
		return false, nil
	}
	l.held[name] = localLease{owner, l.clock().Add(ttl)}
	return true, nil
}

// Release implements Leases.
func (l *LocalLeases) Release(_ context.Context, name, owner string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held[name].owner == owner {
		delete(l.held, name)
	}
	return nil
}
