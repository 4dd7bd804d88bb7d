package command

import (
	"context"
	"errors"
	"sync"

	"ticketflow/internal/domain/booking"
)

// ExpireHolds ends holds whose time is over; those that were ended otherwise are left alone. They
// share their commits.
func (o *Office) ExpireHolds(ctx context.Context, ids []booking.HoldID) error {
	failures := make([]error, len(ids))
	var all sync.WaitGroup
	for i, id := range ids {
		all.Go(func() {
			failures[i] = o.desk.do(ctx, id.Event, &booking.ExpireHold{ID: id})
		})
	}
	all.Wait()
	return errors.Join(failures...)
}

// ExpireOrder releases an order that wasn't paid in time. The caller has asked the gateway first.
func (o *Office) ExpireOrder(ctx context.Context, id booking.OrderID) error {
	return o.desk.do(ctx, id.Event, &booking.ExpireOrder{ID: id})
}
