package command

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

// Limits of holding with a lock in front of the ledger.
const (
	maxUnlockedHolds   = 1_024           // in the desk at once while the lock says nothing
	unlockedHoldsDelay = 2 * time.Second // how long a hold waits for one of them to end
	maxFenceHints      = 4_096           // events

	// maxLockTime is for the way through the ledger. After it the boards of all instances know what
	// was granted, so a lock for the whole time of a hold would keep nobody away any more; but one
	// whose instance was killed, or whose outcome is unknown, would keep places off sale so long.
	maxLockTime = 5 * time.Second
)

// SeatLock stands in front of the ledger, where many instances share one. It may refuse a place
// that somebody is taking at this moment, so that the ledger isn't asked; it never grants.
type SeatLock interface {
	// Lock tries once to lock all places for an owner, for the time ttl, or none. It returns the
	// number of the lock, which is above hint and above the number of each lock before; or the
	// places that somebody else has; or neither, when it can't tell: then the ledger decides alone.
	// It has a deadline of its own.
	Lock(ctx context.Context, owner booking.HoldID, places []catalog.PlaceNo, ttl time.Duration,
		hint uint32) (number uint32, taken []catalog.PlaceNo)
	// Unlock gives back what Lock has given with this number, without waiting for it. What gets
	// lost on the way ends with its time.
	Unlock(owner booking.HoldID, places []catalog.PlaceNo, number uint32)
}

// lockOwner is whose lock a hold asks for: the same for all requests with one idempotency key, so
// that a buyer's second click, on another instance, isn't refused because of the first. The ledger
// gives both the same answer.
func lockOwner(ask claim) booking.HoldID {
	owner := booking.HoldID{Event: ask.event}
	copy(owner.Key[:], ask.answer.Key[:])
	return owner
}

// lockedDesk asks the lock and then the desk.
type lockedDesk struct {
	lock   SeatLock
	office *Office
	alone  chan struct{} // holds in the desk that have no lock

	mu    sync.Mutex
	hints map[catalog.EventID]uint32 // the newest fence that was seen of an event
}

func newLockedDesk(lock SeatLock, o *Office) *lockedDesk {
	if lock == nil {
		return nil
	}
	return &lockedDesk{lock: lock, office: o, alone: make(chan struct{}, maxUnlockedHolds),
		hints: make(map[catalog.EventID]uint32)}
}

// decide runs the command that sets places aside: behind the lock, where there is one.
func (o *Office) decide(ctx context.Context, ask claim) error {
	if o.locked == nil {
		return o.desk.do(ctx, ask.event, ask.cmd)
	}
	return o.locked.decide(ctx, ask)
}

func (l *lockedDesk) decide(ctx context.Context, ask claim) error {
	// A lock on what the buyer has would outlive it, if it is given back.
	event, places := ask.event, *ask.places
	if len(ask.mine) > 0 {
		places = ask.foreign(slices.Clone(places))
	}
	if len(places) == 0 {
		return l.office.desk.do(ctx, event, ask.cmd)
	}
	owner := lockOwner(ask)
	number, taken := l.lock.Lock(ctx, owner, places,
		min(ask.lockTime, maxLockTime), l.hint(event))
	if len(taken) > 0 {
		before, err := l.office.bookings.Answered(ctx, ask.answer)
		if err != nil {
			return err
		}
		if !before {
			return booking.ErrPlaceTaken.WithField("taken", taken)
		}
	}
	*ask.lock = number
	if number == 0 {
		return l.decideAlone(ctx, ask)
	}
	l.seen(event, number)
	err := l.office.desk.do(ctx, event, ask.cmd)
	if errors.Is(err, booking.ErrLockStale) {
		l.seen(event, *ask.fence)
		*ask.lock = 0
		err = l.decideAlone(ctx, ask)
	}
	switch {
	case errors.Is(err, ErrUnknown): // the command may still be granted: nobody reads its result
	case err != nil, *ask.replay:
		l.lock.Unlock(owner, places, number)
	}
	return err
}

// decideAlone lets the ledger decide without a lock before it, but only so many at once: if the
// lock is gone in the middle of a rush, the crowd that it kept away comes here.
func (l *lockedDesk) decideAlone(ctx context.Context, ask claim) error {
	select {
	case l.alone <- struct{}{}:
	default:
		late := time.NewTimer(unlockedHoldsDelay)
		defer late.Stop()
		select {
		case l.alone <- struct{}{}:
		case <-late.C:
			return ErrOverloaded
		case <-ctx.Done():
			return ErrOverloaded
		}
	}
	defer func() { <-l.alone }()
	return l.office.desk.do(ctx, ask.event, ask.cmd)
}

func (l *lockedDesk) hint(event catalog.EventID) uint32 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.hints[event]
}

// seen remembers a fence, so that the next lock's number is above it: a lock server that has
// forgotten everything, or that the ledger has overtaken, catches up by itself.
func (l *lockedDesk) seen(event catalog.EventID, fence uint32) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.hints[event]; !ok && len(l.hints) >= maxFenceHints {
		clear(l.hints)
	}
	l.hints[event] = max(l.hints[event], fence)
}
