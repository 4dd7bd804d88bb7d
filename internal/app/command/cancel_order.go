package command

import (
	"context"

	"ticketflow/internal/domain/booking"
)

// CancelOrder ends an order. A paid one is refunded, its tickets stop admitting and its places go
// back on sale. Doing it twice is as once.
func (o *Office) CancelOrder(ctx context.Context, id booking.OrderID) error {
	return o.desk.do(ctx, id.Event, &booking.CancelOrder{ID: id})
}
