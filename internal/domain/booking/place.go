package booking

import (
	"time"

	"ticketflow/internal/domain/errs"
	"ticketflow/internal/domain/ident"
)

// Failures of a place. The edge adds which places they are about.
var (
	ErrPlaceTaken = errs.New(errs.Conflict, "place_taken",
		"Somebody else has one of these places.")
	ErrPlaceLost = errs.New(errs.Conflict, "place_lost",
		"One of the places is no longer yours.")
	ErrPlaceNotFree = errs.New(errs.Conflict, "place_not_free",
		"A place that is held or sold can't be blocked.")
	ErrPlaceNotBlocked = errs.New(errs.Conflict, "place_not_blocked",
		"The place is not blocked.")
	// ErrLockStale says that a place was granted after the asking one's lock: the lock had ended
	// meanwhile. It never reaches a buyer: who asks without a lock is answered by the place alone.
	ErrLockStale = errs.New(errs.Internal, "lock_stale",
		"The lock is older than the last grant of one of these places.")
)

// PlaceState is what a place is doing.
type PlaceState uint8

// The states of a place. The board sends the first two bits of them (Ordered counts as Held there).
const (
	Free PlaceState = iota
	Held
	Sold
	Blocked
	Ordered
)

// String is the published name of the state.
func (s PlaceState) String() string {
	switch s {
	case Free:
		return "free"
	case Held:
		return "held"
	case Sold:
		return "sold"
	case Blocked:
		return "blocked"
	case Ordered:
		return "ordered"
	}
	return "unknown"
}

// Place is one seat, or one unnumbered standing place, of one event. Its transitions:
//
//	Free ──Hold──▶ Held ──Order──▶ Ordered ──Sell──▶ Sold
//	  ▲              │ past its time: another Hold     │
//	  ├──Release─────┴──────Release────────────────────┘
//	  └──Unblock── Blocked ◀──Block── Free
//
// and Sold ──Reissue──▶ Sold, a new grant to the same order.
//
// Fence grows with each grant, so that a confirmation that was delayed past its grant names an
// older fence and is refused even if the holder's key were used again.
type Place struct {
	State  PlaceState
	Holder ident.Key // the hold or the order; zero when Free or Blocked
	Fence  uint32
	Until  time.Time // end of a Held place's grant; zero otherwise
}

// Available tells whether a hold could take the place now: it is free, or held past its time.
// An ordered place past its time is not available: first the gateway is asked.
func (p Place) Available(now time.Time) bool {
	return p.State == Free || p.State == Held && now.After(p.Until)
}

// Hold grants the place to a hold.
func (p Place) Hold(holder ident.Key, until, now time.Time) (Place, error) {
	if !p.Available(now) {
		return p, ErrPlaceTaken
	}
	return Place{State: Held, Holder: holder, Fence: p.Fence + 1, Until: until}, nil
}

// HoldUnder is Hold for who has a lock in front of the ledger: number is the lock's, and becomes
// the fence of the grant. A number that isn't above the last grant's fence is a lock that had ended
// when that grant was made: ErrLockStale. Number 0 is no lock.
func (p Place) HoldUnder(number uint32, holder ident.Key, until, now time.Time) (Place, error) {
	next, err := p.Hold(holder, until, now)
	switch {
	case err != nil || number == 0:
		return next, err
	case number <= p.Fence:
		return p, ErrLockStale
	}
	next.Fence = number
	return next, nil
}

// Extend moves the end of the grant. The grant may be past its time if nobody retook the place.
func (p Place) Extend(holder ident.Key, fence uint32, until time.Time) (Place, error) {
	if !p.grantedTo(Held, holder, fence) {
		return p, ErrPlaceLost
	}
	p.Until = until
	return p, nil
}

// Order hands the place from its hold to an order. The grant stays the same, and so does the fence.
func (p Place) Order(hold ident.Key, fence uint32, order ident.Key) (Place, error) {
	if !p.grantedTo(Held, hold, fence) {
		return p, ErrPlaceLost
	}
	return Place{State: Ordered, Holder: order, Fence: p.Fence}, nil
}

// Sell makes an ordered place sold.
func (p Place) Sell(order ident.Key, fence uint32) (Place, error) {
	if !p.grantedTo(Ordered, order, fence) {
		return p, ErrPlaceLost
	}
	return Place{State: Sold, Holder: order, Fence: p.Fence}, nil
}

// Retake sells an available place to an order that was paid after it had expired: a new grant.
func (p Place) Retake(order ident.Key, now time.Time) (Place, error) {
	if !p.Available(now) {
		return p, ErrPlaceTaken
	}
	return Place{State: Sold, Holder: order, Fence: p.Fence + 1}, nil
}

// Reissue makes the codes of a sold place that are out there worthless: a new grant to the same
// order.
func (p Place) Reissue(order ident.Key, fence uint32) (Place, error) {
	if !p.grantedTo(Sold, order, fence) {
		return p, ErrPlaceLost
	}
	p.Fence++
	return p, nil
}

// Release ends the grant of holder, whatever state it has reached.
func (p Place) Release(holder ident.Key, fence uint32) (Place, error) {
	granted := p.State == Held || p.State == Ordered || p.State == Sold
	if !granted || p.Holder != holder || p.Fence != fence {
		return p, ErrPlaceLost
	}
	return Place{State: Free, Fence: p.Fence}, nil
}

// Block takes a free place off sale. A hold past its time doesn't hinder it.
func (p Place) Block(now time.Time) (Place, error) {
	if p.State == Blocked {
		return p, nil
	}
	if !p.Available(now) {
		return p, ErrPlaceNotFree
	}
	return Place{State: Blocked, Fence: p.Fence + 1}, nil
}

// Unblock puts a blocked place back on sale.
func (p Place) Unblock() (Place, error) {
	if p.State != Blocked {
		return p, ErrPlaceNotBlocked
	}
	return Place{State: Free, Fence: p.Fence}, nil
}

func (p Place) grantedTo(state PlaceState, holder ident.Key, fence uint32) bool {
	return p.State == state && p.Holder == holder && p.Fence == fence
}
