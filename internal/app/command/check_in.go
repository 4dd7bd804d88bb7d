package command

import (
	"context"
	"time"

	"ticketflow/internal/domain/booking"
)

// CheckIn admits the bearer of a ticket once. A gate that sends a key may repeat its request.
func (o *Office) CheckIn(
	ctx context.Context, id booking.TicketID, gate string, in Idempotency,
) (booking.Ticket, time.Time, error) {
	cmd := &booking.CheckIn{Ticket: id, Gate: gate}
	if in.Key != "" {
		var err error
		if cmd.Answer, cmd.Request, err = o.answer(id.Event, "check-in", in); err != nil {
			return booking.Ticket{}, time.Time{}, err
		}
	}
	// After a failure the command may still be on its way: nobody reads its result then.
	if err := o.desk.do(ctx, id.Event, cmd); err != nil {
		return booking.Ticket{}, time.Time{}, err
	}
	return cmd.Admitted, cmd.At, nil
}
