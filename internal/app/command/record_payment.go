package command

import (
	"context"
	"io"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/money"
)

// Paid is the news that a gateway has captured money for an order.
type Paid struct {
	Order       booking.OrderID
	Provider    string
	Transaction string // the gateway's name of the payment
	Notice      string // the gateway's name of the message; empty when the gateway was asked
	Amount      money.Money
}

// RecordPayment applies a captured payment, whoever brings the news, at most once. A payment that
// comes too late takes its places back if they are free, and is refunded otherwise.
func (o *Office) RecordPayment(ctx context.Context, p Paid) (booking.PaymentOutcome, error) {
	event := p.Order.Event
	cmd := &booking.RecordPayment{Order: p.Order, Amount: p.Amount,
		Payment: booking.PaymentRef{Event: event, Provider: p.Provider,
			Transaction: p.Transaction}}
	if p.Notice != "" {
		cmd.Notice = booking.NoticeRef{Event: event, Provider: p.Provider, Notice: p.Notice}
	}
	if _, err := io.ReadFull(o.random, cmd.Seed[:]); err != nil {
		return 0, err
	}
	// After a failure the command may still be on its way: nobody reads its result then.
	if err := o.desk.do(ctx, event, cmd); err != nil {
		return 0, err
	}
	return cmd.Outcome, nil
}

// RecordRefund notes that the gateway has given money back.
func (o *Office) RecordRefund(
	ctx context.Context, refund booking.RefundRef, gatewayRef string,
) error {
	return o.desk.do(ctx, refund.Event,
		&booking.RecordRefund{Refund: refund, GatewayRef: gatewayRef})
}
