package sqlite

import (
	"sync"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/recall"
)

// recent is the orders that were paid a moment ago, with their tickets: buyers fetch their tickets
// within seconds after they have paid. Whatever changes such an order or one of its tickets takes
// it out, and it is read from the file again.
type recent struct {
	mu   sync.RWMutex
	paid recall.Generations[booking.OrderID, paidOrder]
}

// paidOrder is shared by its readers and must not be changed.
type paidOrder struct {
	order   booking.Order
	tickets []booking.Ticket
}

func (r *recent) get(id booking.OrderID) (paidOrder, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.paid.Get(id)
}

// remember takes over a batch that was committed.
func (r *recent) remember(b *booking.Book) {
	r.mu.Lock()
	defer r.mu.Unlock()
	made := make(map[booking.OrderID][]booking.Ticket)
	for c := range b.ChangedTickets() {
		id := booking.OrderID{Event: c.Key.Event, Key: c.Value.Order}
		r.paid.Drop(id)
		if c.Insert {
			made[id] = append(made[id], c.Value)
		}
	}
	for c := range b.ChangedOrders() {
		r.paid.Drop(c.Key)
		if tickets := made[c.Key]; c.Value.State == booking.Paid && len(tickets) > 0 {
			r.paid.Put(c.Key, paidOrder{c.Value, tickets})
		}
	}
}

func (r *recent) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.paid = recall.Generations[booking.OrderID, paidOrder]{}
}
