// Package recall keeps the rows of the ledger that this process has written a moment ago, as they
// were committed: a checkout comes back to the same places, hold and order three times within
// seconds, and they needn't be read again.
//
// What is recalled grants nothing. Every write of a ledger is conditional on the row as it was
// loaded, so that a wrong memory only makes a batch fail; then all is forgotten and the batch is
// decided once more on rows that were read.
package recall

import (
	"ticketflow/internal/domain/booking"
)

// generationRows bounds one generation of each kind of row; two are kept.
const generationRows = 16_384

// Rows are the remembered rows. The zero value is empty. It is not safe for concurrent use.
type Rows struct {
	places Generations[booking.PlaceRef, booking.Place]
	holds  Generations[booking.HoldID, booking.Hold]
	orders Generations[booking.OrderID, booking.Order]
	buyers Generations[booking.BuyerRef, int]
}

// Remember keeps what a committed batch has written, as long as more is to come: a sold place, an
// ended hold and a paid order are seldom touched again.
func (r *Rows) Remember(b *booking.Book) {
	for c := range b.ChangedPlaces() {
		s := c.Value.State
		r.places.keep(c.Key, c.Value, s == booking.Held || s == booking.Ordered)
	}
	for c := range b.ChangedHolds() {
		r.holds.keep(c.Key, c.Value, c.Value.State == booking.HoldLive)
	}
	for c := range b.ChangedOrders() {
		r.orders.keep(c.Key, c.Value, c.Value.State == booking.AwaitingPayment)
	}
	for c := range b.ChangedBuyers() {
		r.buyers.keep(c.Key, c.Value, true)
	}
}

// Forget empties the memory.
func (r *Rows) Forget() { *r = Rows{} }

// Place is a place that is held or ordered.
func (r *Rows) Place(ref booking.PlaceRef) (booking.Place, bool) { return r.places.Get(ref) }

// Hold is a live hold.
func (r *Rows) Hold(id booking.HoldID) (booking.Hold, bool) { return r.holds.Get(id) }

// Order is an order that awaits its payment.
func (r *Rows) Order(id booking.OrderID) (booking.Order, bool) { return r.orders.Get(id) }

// Buyer is how many places a buyer has.
func (r *Rows) Buyer(ref booking.BuyerRef) (int, bool) { return r.buyers.Get(ref) }

// Generations is a bounded map: when the young generation is full it becomes the old one, and the
// old one is dropped. The zero value is empty. It is not safe for concurrent use.
type Generations[K comparable, V any] struct{ young, old map[K]V }

// Get returns what was put last under a key, if it is still there.
func (g *Generations[K, V]) Get(k K) (v V, ok bool) {
	if v, ok = g.young[k]; ok {
		return v, true
	}
	v, ok = g.old[k]
	return v, ok
}

// Put makes a value the youngest.
func (g *Generations[K, V]) Put(k K, v V) {
	if g.young == nil || len(g.young) >= generationRows {
		g.old, g.young = g.young, make(map[K]V)
	}
	g.young[k] = v
}

// keep puts the row, or drops it.
func (g *Generations[K, V]) keep(k K, v V, worth bool) {
	if worth {
		g.Put(k, v)
		return
	}
	g.Drop(k)
}

// Drop forgets a key.
func (g *Generations[K, V]) Drop(k K) {
	delete(g.young, k)
	delete(g.old, k)
}
