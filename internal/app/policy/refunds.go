// Package policy is "whenever this has happened, do that": what follows from recorded facts and
// from the passing of time, outside of every transaction.
package policy

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ticketflow/internal/app/outbox"
	"ticketflow/internal/app/payment"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/fact"
)

// Refunds asks the gateway for each refund that was decided, and records what it says. Both steps
// may be repeated: the refund's key is the gateway's idempotency key.
func (c *Cashier) Refunds() outbox.Subscriber {
	return outbox.Subscriber{
		Name:  "refunds",
		Kinds: []fact.Kind{fact.RefundRequested},
		Handle: func(ctx context.Context, e outbox.Entry) error {
			return c.Refund(ctx, booking.RefundRef{Event: e.Fact.Event, Key: e.Fact.Ref})
		},
	}
}

// Refund asks the gateway for a refund that is requested and records the answer. It fails as long
// as the answer isn't known. A refund that is pending at the gateway is no failure: its news come
// later, or Chase asks for them.
func (c *Cashier) Refund(ctx context.Context, ref booking.RefundRef) error {
	refund, paid, err := c.money.Refund(ctx, ref)
	if err != nil || refund.State != booking.RefundRequested {
		return err
	}
	gateway, configured := c.providers.Find(refund.Payment.Provider)
	if !configured {
		// Somebody has switched the gateway off: the others' refunds must not wait for it.
		c.logger.ErrorContext(ctx, "a refund waits for a gateway that isn't configured",
			"refund", ref.Key, "provider", refund.Payment.Provider)
		return nil
	}
	try := refund.GatewayKey()
	said, err := gateway.Refund(ctx, paid.GatewayKey(), try, refund.Amount)
	told := booking.RecordRefund{Refund: ref, Try: try, GatewayRef: said.Refund}
	switch {
	case definite(err), err == nil && said.State == payment.Declined:
		c.logger.ErrorContext(ctx, "the gateway refuses a refund", "refund", ref.Key,
			"event", ref.Event.String(), "error", err)
		told.Failed = true
	case err != nil:
		return fmt.Errorf("refund %s: %w", ref.Key, err)
	case said.State == payment.Pending:
		return nil
	case said.State != payment.Refunded:
		return fmt.Errorf("refund %s is %s: %w", ref.Key, said.State, payment.ErrUnknownOutcome)
	}
	return c.office.RecordRefund(ctx, told)
}

// definite tells whether a gateway has refused for good: repeating is useless, and others must not
// wait behind it. Such a refund is still owed, and an operator is told.
func definite(err error) bool {
	return errors.Is(err, payment.ErrRejected) || errors.Is(err, payment.ErrOverRefund) ||
		errors.Is(err, payment.ErrKeyReused) || errors.Is(err, payment.ErrNotFound)
}

// Limits of the chase for news that didn't come by themselves.
const (
	chaseInterval = 15 * time.Second
	chaseAge      = 30 * time.Second // of a refund, before it is asked for again
	chaseTime     = time.Hour        // a message is tried by itself; afterwards an operator has to
	chaseLimit    = 200              // refunds, and as many messages, in one round
)

// Run chases until ctx ends, whenever it is this instance's turn.
func (c *Cashier) Run(ctx context.Context, turns *Turns) {
	turns.each(ctx, "chase news of money", chaseInterval, c.Chase, func(err error) {
		c.logger.WarnContext(ctx, "some news of money could not be chased", "error", err)
	})
}

// Chase asks again for refunds that are pending for long, and tries messages that couldn't be
// applied: a refund's news may have come before the payment's.
func (c *Cashier) Chase(ctx context.Context) error {
	var failures []error
	waiting, err := c.open.OpenRefunds(ctx, booking.RefundRequested, c.clock().Add(-chaseAge),
		chaseLimit)
	failures = append(failures, err)
	for i := range waiting {
		failures = append(failures, c.Refund(ctx, waiting[i].Ref))
	}
	kept, err := c.open.KeptNotices(ctx, c.clock().Add(-chaseTime), chaseLimit)
	failures = append(failures, err)
	for i := range kept {
		_, err := c.replay(ctx, &kept[i])
		failures = append(failures, err)
	}
	return summary(failures)
}
