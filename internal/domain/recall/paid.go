package recall

import (
	"ticketflow/internal/domain/booking"
)

// Paid is the orders that were paid a moment ago, with their tickets: buyers fetch their tickets
// within a second after they have paid. Whatever changes such an order or one of its tickets takes
// it out. The zero value is empty. It is not safe for concurrent use.
type Paid struct {
	orders Generations[booking.OrderID, PaidOrder]
}

// PaidOrder is shared by its readers and must not be changed.
type PaidOrder struct {
	Order   booking.Order
	Tickets []booking.Ticket
}

// Get finds an order.
func (p *Paid) Get(id booking.OrderID) (PaidOrder, bool) { return p.orders.Get(id) }

// Remember takes over a batch that was committed.
func (p *Paid) Remember(b *booking.Book) {
	made := make(map[booking.OrderID][]booking.Ticket)
	for c := range b.ChangedTickets() {
		id := booking.OrderID{Event: c.Key.Event, Key: c.Value.Order}
		p.orders.Drop(id)
		if c.Insert {
			made[id] = append(made[id], c.Value)
		}
	}
	for c := range b.ChangedOrders() {
		p.orders.Drop(c.Key)
		// Of an order that was paid before, a batch may not know all tickets.
		if tickets := made[c.Key]; c.Value.State == booking.Paid && len(tickets) > 0 &&
			c.Loaded.State != booking.Paid {
			p.orders.Put(c.Key, PaidOrder{c.Value, tickets})
		}
	}
}

// Forget empties the memory.
func (p *Paid) Forget() { *p = Paid{} }
