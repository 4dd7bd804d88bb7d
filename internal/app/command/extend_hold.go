package command

import (
	"context"
	"time"

	"ticketflow/internal/domain/booking"
)

// ExtendHold gives a hold its full time once more, as often as the event allows, and returns the
// new expiry.
func (o *Office) ExtendHold(
	ctx context.Context, id booking.HoldID, in Idempotency,
) (time.Time, error) {
	ref, request, err := o.answer(id.Event, "extend "+id.String(), in)
	if err != nil {
		return time.Time{}, err
	}
	cmd := &booking.ExtendHold{ID: id, Answer: ref, Request: request}
	// After a failure the command may still be on its way: nobody reads its result then.
	if err := o.desk.do(ctx, id.Event, cmd); err != nil {
		return time.Time{}, err
	}
	return cmd.Until, nil
}
