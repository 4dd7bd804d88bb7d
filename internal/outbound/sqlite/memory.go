package sqlite

import (
	"ticketflow/internal/domain/booking"
)

// generationRows bounds one generation of each kind of row; two are kept.
const generationRows = 16_384

// memory is the rows that this process has written a moment ago, as they were committed. The store
// is the only writer of its file (Open takes a lock), so that they needn't be read again: a
// checkout comes back to the same places, hold and order three times within seconds. Every write is
// still conditional on what was loaded, so that a wrong memory could only refuse; and after any
// failure all is forgotten.
type memory struct {
	places generations[booking.PlaceRef, booking.Place]
	holds  generations[booking.HoldID, booking.Hold]
	orders generations[booking.OrderID, booking.Order]
	buyers generations[booking.BuyerRef, int]
}

// remember keeps what a committed batch has written, as long as more is to come: a sold place, an
// ended hold and a paid order are seldom touched again.
func (m *memory) remember(b *booking.Book) {
	for c := range b.ChangedPlaces() {
		s := c.Value.State
		m.places.keep(c.Key, c.Value, s == booking.Held || s == booking.Ordered)
	}
	for c := range b.ChangedHolds() {
		m.holds.keep(c.Key, c.Value, c.Value.State == booking.HoldLive)
	}
	for c := range b.ChangedOrders() {
		m.orders.keep(c.Key, c.Value, c.Value.State == booking.AwaitingPayment)
	}
	for c := range b.ChangedBuyers() {
		m.buyers.keep(c.Key, c.Value, true)
	}
}

func (m *memory) forget() { *m = memory{} }

// generations is a bounded map: when the young generation is full it becomes the old one, and the
// old one is dropped. What is used again becomes young again.
type generations[K comparable, V any] struct{ young, old map[K]V }

func (g *generations[K, V]) get(k K) (v V, ok bool) {
	if v, ok = g.young[k]; ok {
		return v, true
	}
	v, ok = g.old[k]
	return v, ok
}

func (g *generations[K, V]) put(k K, v V) {
	if g.young == nil || len(g.young) >= generationRows {
		g.old, g.young = g.young, make(map[K]V)
	}
	g.young[k] = v
}

// keep puts the row, or drops it.
func (g *generations[K, V]) keep(k K, v V, worth bool) {
	if worth {
		g.put(k, v)
		return
	}
	g.drop(k)
}

func (g *generations[K, V]) drop(k K) {
	delete(g.young, k)
	delete(g.old, k)
}
