package sqlite

import (
	"sync"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/recall"
)

// recent is the orders that were paid a moment ago, for readers beside the writer.
type recent struct {
	mu   sync.RWMutex
	paid recall.Paid
}

func (r *recent) get(id booking.OrderID) (recall.PaidOrder, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.paid.Get(id)
}

func (r *recent) remember(b *booking.Book) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.paid.Remember(b)
}

func (r *recent) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.paid.Forget()
}
