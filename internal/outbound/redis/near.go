package redis

import (
	"sync"
	"time"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/ident"
)

// maxNear bounds what an instance remembers of its own requests for locks.
const maxNear = 32_768

// near is what this instance itself is taking at this moment: whoever wants one of these places
// through the same instance is refused without a call. In a burst, when thousands want the same
// places at one instant, the calls would else wait for each other for longer than they may, and
// all go on to the ledger. Like the lock it may refuse, and never grants.
type near struct {
	mu    sync.Mutex
	taken map[booking.PlaceRef]taking
}

// taking is a place on its way through the lock and the ledger.
type taking struct {
	owner  ident.Key
	number uint32 // of the lock; 0 until one is given
	until  time.Time
}

// take notes that an owner wants all places, for as long as a call of the lock may take, unless
// others are taking some: those are returned.
func (n *near) take(
	owner booking.HoldID, places []catalog.PlaceNo, now time.Time,
) (taken []catalog.PlaceNo) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, p := range places {
		t, ok := n.taken[booking.PlaceRef{Event: owner.Event, Place: p}]
		if ok && t.owner != owner.Key && now.Before(t.until) {
			taken = append(taken, p)
		}
	}
	if len(taken) > 0 {
		return taken
	}
	n.makeRoom(len(places), now)
	n.put(owner, places, taking{owner: owner.Key, until: now.Add(lockTimeout)})
	return nil
}

// extend notes which lock an owner was given, and until when; 0 is none: the ledger decides alone.
func (n *near) extend(
	owner booking.HoldID, places []catalog.PlaceNo, number uint32, until time.Time,
) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.put(owner, places, taking{owner: owner.Key, number: number, until: until})
}

func (n *near) put(owner booking.HoldID, places []catalog.PlaceNo, t taking) {
	for _, p := range places {
		n.taken[booking.PlaceRef{Event: owner.Event, Place: p}] = t
	}
}

// end forgets what an owner has up to a number. A second request of the same owner may have got a
// newer lock meanwhile.
func (n *near) end(owner booking.HoldID, places []catalog.PlaceNo, number uint32) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, p := range places {
		ref := booking.PlaceRef{Event: owner.Event, Place: p}
		if t, ok := n.taken[ref]; ok && t.owner == owner.Key && t.number <= number {
			delete(n.taken, ref)
		}
	}
}

// decided forgets a place that the ledger has written: from now on the board knows about it, and
// will hear when another instance frees it.
func (n *near) decided(refs ...booking.PlaceRef) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, ref := range refs {
		delete(n.taken, ref)
	}
}

// makeRoom drops what is over, and everything if that isn't enough: it is only advice.
func (n *near) makeRoom(places int, now time.Time) {
	if len(n.taken)+places <= maxNear {
		return
	}
	for ref, t := range n.taken {
		if !now.Before(t.until) {
			delete(n.taken, ref)
		}
	}
	if len(n.taken)+places > maxNear {
		clear(n.taken)
	}
}
