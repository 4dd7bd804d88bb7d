package command

import (
	"context"

	"ticketflow/internal/domain/booking"
)

// ReleaseHold gives a hold's places back. Doing it twice is as once.
func (o *Office) ReleaseHold(ctx context.Context, id booking.HoldID) error {
	return o.desk.do(ctx, id.Event, &booking.ReleaseHold{ID: id})
}
