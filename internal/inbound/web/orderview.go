package web

import "ticketflow/internal/domain/booking"

var orderScripts = []string{"order.js"}

// refreshing is how often a page reloads itself where there are no scripts.
const refreshing = "10"

func (p *order) refresh() string {
	if p.waits {
		return refreshing
	}
	return ""
}

// over tells whether the order has ended without tickets.
func (p *order) over() bool {
	return p.State == booking.OrderExpired || p.State == booking.OrderCancelled
}
