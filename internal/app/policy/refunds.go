// Package policy is "whenever this has happened, do that": what follows from recorded facts and
// from the passing of time, outside of every transaction.
package policy

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"ticketflow/internal/app/command"
	"ticketflow/internal/app/outbox"
	"ticketflow/internal/app/payment"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/fact"
)

// PaymentKey is the gateway's idempotency key of an order's attempt to be paid.
func PaymentKey(order booking.OrderID) string { return order.String() + ":1" }

// Refunds asks the gateway for each refund that was decided, and records that it was done. Both
// steps may be repeated: the refund's key is the gateway's idempotency key.
func Refunds(
	office *command.Office, gateway payment.Gateway, logger *slog.Logger,
) outbox.Subscriber {
	return outbox.Subscriber{
		Name:  "refunds",
		Kinds: []fact.Kind{fact.RefundRequested},
		Handle: func(ctx context.Context, e outbox.Entry) error {
			f := e.Fact
			order := booking.OrderID{Event: f.Event, Key: f.Order}
			done, err := gateway.Refund(ctx, PaymentKey(order), f.Ref, f.Amount)
			refused := errors.Is(err, payment.ErrRejected) || errors.Is(err, payment.ErrOverRefund)
			if refused || err == nil && done.State == payment.Declined {
				// Repeating won't help, and the refunds behind it must not wait: the refund stays
				// in its requested state, where the audit and the operator see it.
				logger.ErrorContext(ctx, "the gateway refuses a refund", "refund", f.Ref,
					"event", f.Event.String(), "error", err)
				return nil
			}
			if err != nil {
				return fmt.Errorf("refund %s: %w", f.Ref, err)
			}
			if done.State != payment.Refunded {
				return fmt.Errorf("refund %s is %s: %w", f.Ref, done.State,
					payment.ErrUnknownOutcome)
			}
			ref := booking.RefundRef{Event: f.Event, Key: f.Ref}
			return office.RecordRefund(ctx, ref, done.Refund)
		},
	}
}
