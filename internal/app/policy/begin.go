package policy

import (
	"context"
	"time"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/domain/booking"
)

// beginTimeout bounds how long a buyer waits for the gateway to open a payment page.
const beginTimeout = 5 * time.Second

// Begin opens the current attempt of an order that awaits its payment, and tells where it is paid.
// The same attempt may be begun again: it is the same page. No transaction is open while the
// gateway is asked. The failures are those of a gateway, and booking.ErrTooManyAttempts.
func (c *Cashier) Begin(
	ctx context.Context, o *booking.Order, gateway payment.Gateway,
) (payment.Page, error) {
	if o.CurrentAttempt() > booking.MaxAttempts {
		return payment.Page{}, booking.ErrTooManyAttempts
	}
	ctx, cancel := context.WithTimeout(ctx, beginTimeout)
	defer cancel()
	return gateway.Begin(ctx, payment.Request{Key: booking.AttemptKey(o.ID, o.CurrentAttempt()),
		Amount: o.Total, Reference: o.ID.Reference(), ReturnURL: o.ReturnURL})
}
