package board

import (
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/picking"
)

// Near is Suggest as near to a place as can be.
func (b *Board) Near(w picking.Wish, to catalog.PlaceNo) (picking.Choice, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.picker.Near(w, to)
}

// Orphans judges a choice of named places by what the board knows now.
func (b *Board) Orphans(n picking.Named) (picking.Orphans, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.picker.Orphans(n)
}

// States are what places are doing, as far as the board knows; a place that the event doesn't have
// is blocked.
func (b *Board) States(places []catalog.PlaceNo) []booking.PlaceState {
	b.mu.Lock()
	defer b.mu.Unlock()
	states := make([]booking.PlaceState, len(places))
	for i, p := range places {
		states[i] = booking.Blocked
		if int(p) < len(b.states) {
			states[i] = b.states[p]
		}
	}
	return states
}
