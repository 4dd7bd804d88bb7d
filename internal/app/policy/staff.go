package policy

import (
	"context"
	"time"

	"ticketflow/internal/app/command"
	"ticketflow/internal/app/payment"
	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/errs"
	"ticketflow/internal/domain/money"
)

// Failures of recording money that staff have taken.
var (
	ErrStaffAmount = errs.New(errs.Conflict, "wrong_amount",
		"This isn't what the order costs. Take exactly its total, or give the money back.")
	ErrReferenceUsed = errs.New(errs.Conflict, "reference_used",
		"A payment with this reference was recorded before, for another order or amount.")
)

// closeTimeout bounds how long who ends an order waits for the gateways.
const closeTimeout = 5 * time.Second

// Close makes sure that nobody pays for an order that is about to end: it closes the attempt that
// is open. A payment that it learns of is recorded. The failure says that it isn't certain yet.
func (c *Cashier) Close(ctx context.Context, orders query.Bookings, o booking.Order) error {
	if o.State != booking.AwaitingPayment {
		return nil
	}
	limited, cancel := context.WithTimeout(ctx, closeTimeout)
	defer cancel()
	unpaid, err := c.asked(limited, o, payment.Gateway.Cancel)
	if err != nil || unpaid {
		return err
	}
	if o, err = orders.Order(ctx, o.ID); err != nil || o.State != booking.AwaitingPayment {
		return err // it was paid a moment ago
	}
	return payment.ErrUnknownOutcome // the bank hasn't decided
}

// TakeByStaff records money that staff have taken for an order, once per reference, and closes the
// gateways' pages: a second payment would only have to go back. Staff can still put a wrong amount
// right, so that it is refused rather than kept in quarantine.
func (c *Cashier) TakeByStaff(
	ctx context.Context, o booking.Order, amount money.Money, reference string,
) (Taken, error) {
	open := o.State == booking.AwaitingPayment || o.State == booking.OrderExpired
	known, _, err := c.money.Payment(ctx, booking.StaffProvider, reference)
	switch {
	case err == nil && (known.Ref.Event != o.ID.Event || known.Order != o.ID.Key ||
		known.Amount != amount):
		return "", ErrReferenceUsed
	case err == nil:
		return c.count(TakenKnown), nil
	case errs.KindOf(err) != errs.NotFound:
		return "", err
	case !open:
		return "", booking.ErrOrderNotOpen
	case amount != o.Total:
		return "", ErrStaffAmount
	}
	attempt := min(o.CurrentAttempt(), booking.MaxAttempts)
	outcome, err := c.office.RecordPayment(ctx, command.Paid{Order: o.ID, Attempt: attempt,
		Provider: booking.StaffProvider, Transaction: reference, Amount: amount})
	if err != nil {
		return "", err
	}
	if known, _, err = c.money.Payment(ctx, booking.StaffProvider, reference); err != nil {
		return "", err
	}
	if known.Order != o.ID.Key || known.Ref.Event != o.ID.Event {
		return "", ErrReferenceUsed // for another order, at the same moment
	}
	if o.State == booking.AwaitingPayment {
		if _, err := c.asked(ctx, o, payment.Gateway.Cancel); err != nil {
			c.logger.WarnContext(ctx, "a payment page could not be closed after staff were paid",
				"event", o.ID.Event.String(), "error", err)
		}
	}
	return c.count(taken(outcome)), nil
}
