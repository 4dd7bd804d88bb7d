package policy

import (
	"context"
	"errors"
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

// Doubt is what the gateways say about an order that awaits its payment.
type Doubt uint8

// What the gateways say. After Decided the order is to be read again.
const (
	Undecided Doubt = iota // a payment has begun, or it can't be told: don't ask for another one
	NotBegun               // nobody has tried to pay the current attempt
	Decided                // paid, or declined for certain
)

// Look asks the gateways about an order that awaits its payment and applies what they say. It
// closes nothing, so it may be done at any time. With a failure it is Undecided.
func (c *Cashier) Look(ctx context.Context, o booking.Order) (Doubt, error) {
	doubt := NotBegun
	_, err := c.asked(ctx, o, func(
		g payment.Gateway, ctx context.Context, key string,
	) (payment.Status, error) {
		status, err := g.LookUp(ctx, key)
		if errors.Is(err, payment.ErrNotFound) {
			return status, err
		}
		doubt = Decided
		switch {
		case err != nil || status.State == payment.Pending || status.State == payment.Unknown:
			doubt = Undecided
		case status.State == payment.Declined && status.Transaction != "":
			// Its message may have been lost; the buyer wants another attempt.
			err = c.office.RecordDecline(ctx, o.ID, o.CurrentAttempt(), status.Amount,
				booking.News{})
		}
		return status, err
	})
	if err != nil {
		return Undecided, err
	}
	return doubt, nil
}
