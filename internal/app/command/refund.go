package command

import (
	"context"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/money"
)

// RefundWish asks for money to go back to a buyer: for the tickets of some places, for all of them,
// or an amount that changes no ticket.
type RefundWish struct {
	Order  booking.OrderID
	Places []catalog.PlaceNo
	Amount money.Money // or nothing: the price of the tickets
	Block  bool        // the places don't go back on sale
	Idempotency
}

// RefundOrder decides a refund; a policy asks the gateway for it afterwards. The same key with the
// same request names the same refund.
func (o *Office) RefundOrder(ctx context.Context, w RefundWish) (booking.RefundRef, error) {
	event := w.Order.Event
	ref, request, err := o.answer(event, "refund "+w.Order.String(), w.Idempotency)
	if err != nil {
		return booking.RefundRef{}, err
	}
	key, err := o.keys.Next()
	if err != nil {
		return booking.RefundRef{}, err
	}
	cmd := &booking.RefundOrder{ID: w.Order, Refund: key, Places: w.Places, Goodwill: w.Amount,
		Block: w.Block, Answer: ref, Request: request}
	if err := o.desk.do(ctx, event, cmd); err != nil {
		return booking.RefundRef{}, err
	}
	return cmd.Made, o.answered(ctx, w.Order, cmd.At)
}

// RecordRefund notes what the gateway says about a refund that was asked for.
func (o *Office) RecordRefund(ctx context.Context, r booking.RecordRefund) error {
	return o.desk.do(ctx, r.Refund.Event, &r)
}

// RecordGatewayRefund notes money that was given back at the gateway's side.
func (o *Office) RecordGatewayRefund(ctx context.Context, r booking.RecordGatewayRefund) error {
	return o.desk.do(ctx, r.Payment.Event, &r)
}

// RetryRefund asks once more for a refund that has failed.
func (o *Office) RetryRefund(ctx context.Context, ref booking.RefundRef) error {
	return o.desk.do(ctx, ref.Event, &booking.RetryRefund{Refund: ref})
}

// SettleRefund notes that staff have paid a refund out.
func (o *Office) SettleRefund(ctx context.Context, ref booking.RefundRef, reference string) error {
	return o.desk.do(ctx, ref.Event, &booking.SettleRefund{Refund: ref, Reference: reference})
}
