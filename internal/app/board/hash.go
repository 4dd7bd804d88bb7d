package board

import (
	"cmp"
	"slices"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

// mark is what a place adds to the hash of all states: nothing while it is free, else MurmurHash3's
// finalizer of its number and its two bits on the wire. The hash is the exclusive or of all marks,
// so that it doesn't depend on an order, is kept up with two marks a change, and a browser can do
// the same with Math.imul. It finds mistakes, not forgers.
func mark(p catalog.PlaceNo, s booking.PlaceState) uint32 {
	bits := uint32(shown(s))
	if bits == 0 {
		return 0
	}
	x := uint32(p)<<2 | bits
	x = (x ^ x>>16) * 0x85ebca6b
	x = (x ^ x>>13) * 0xc2b2ae35
	return x ^ x>>16
}

// Sent is the version that every viewer who follows has or is about to get, and the hash of the
// states at it.
func (b *Board) Sent() (version uint64, hash uint32) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.sent, b.sentHash
}

// HashAt is the hash of the states at a version: the board's own, or one at which a tick ended that
// viewers can resume from. Between two ticks it is not known.
func (b *Board) HashAt(version uint64) (hash uint32, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch version {
	case b.version:
		return b.hash, true
	case b.sent:
		return b.sentHash, true
	}
	i, found := slices.BinarySearchFunc(b.ring, version, func(d Delta, v uint64) int {
		return cmp.Compare(d.To, v)
	})
	if !found {
		return 0, false
	}
	return b.ring[i].Hash, true
}
