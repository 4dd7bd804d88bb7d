package command

import (
	"context"

	"ticketflow/internal/domain/booking"
)

// CancelOrder ends an order. A paid one is refunded, its tickets stop admitting and its places go
// back on sale. Doing it twice is as once.
func (o *Office) CancelOrder(ctx context.Context, id booking.OrderID) error {
	return o.EndOrder(ctx, booking.CancelOrder{ID: id})
}

// EndOrder ends an order: its tickets stop admitting. Whether a paid one is refunded and its places
// go back on sale are decisions of their own. Doing it twice is as once.
func (o *Office) EndOrder(ctx context.Context, c booking.CancelOrder) error {
	return o.desk.do(ctx, c.ID.Event, &c)
}
