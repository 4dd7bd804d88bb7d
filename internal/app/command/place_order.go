package command

import (
	"context"
	"errors"
	"io"

	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/pricing"
)

// OrderWish turns a hold into an order.
type OrderWish struct {
	Hold      booking.HoldID
	Buyer     booking.Buyer
	ReturnURL string // where the gateway sends the buyer back to, or empty
	// ReturnTo makes ReturnURL once the order has its name, or nil.
	ReturnTo func(booking.OrderID) string
	Voucher  string // the code of a voucher as the buyer has typed it, or empty
	// Seen is how often the hold had been changed when the buyer saw its price; it fails with
	// booking.ErrHoldChanged if it was changed since. nil takes the hold as it is.
	Seen *int
	Idempotency
}

// OrderMade is an order that awaits its payment, or one that costs nothing and is paid.
type OrderMade struct {
	Order booking.Order
	Offer *query.Offer
	Token Token
}

// PlaceOrder turns a live hold into an order. The same key with the same request repeats the same
// answer; the order may have gone on since.
func (o *Office) PlaceOrder(ctx context.Context, w OrderWish) (OrderMade, error) {
	event := w.Hold.Event
	offer, err := o.offers.Get(ctx, event)
	if err != nil {
		return OrderMade{}, err
	}
	ref, request, err := o.answer(event, "order "+w.Hold.String(), w.Idempotency)
	if err != nil {
		return OrderMade{}, err
	}
	key, err := o.keys.Next()
	if err != nil {
		return OrderMade{}, err
	}
	cmd := &booking.PlaceOrder{ID: booking.OrderID{Event: event, Key: key}, Hold: w.Hold,
		Buyer: w.Buyer, ReturnURL: w.ReturnURL, Seen: w.Seen, Answer: ref, Request: request,
		BuyerRef: booking.BuyerRef{Event: event, Buyer: fingerprint(w.Buyer.LimitKey())}}
	if w.ReturnTo != nil {
		cmd.ReturnURL = w.ReturnTo(cmd.ID)
	}
	if w.Voucher != "" {
		cmd.Offer = offer.Offer
		if cmd.Voucher, err = pricing.VoucherCode(w.Voucher); err != nil {
			return OrderMade{}, err
		}
	}
	if _, err := io.ReadFull(o.random, cmd.Seed[:]); err != nil {
		return OrderMade{}, err
	}
	if err := o.desk.do(ctx, event, cmd); err != nil {
		if errors.Is(err, booking.ErrRevised) {
			o.offers.Forget(event)
		}
		return OrderMade{}, err
	}
	if cmd.Replay {
		if cmd.Made, err = o.orderedBefore(ctx, cmd.Made); err != nil {
			return OrderMade{}, err
		}
	}
	return OrderMade{Order: cmd.Made, Offer: offer, Token: o.OrderToken(cmd.Made.ID)}, nil
}

// orderedBefore is the order of an answer that was given before, as it was answered then.
func (o *Office) orderedBefore(ctx context.Context, made booking.Order) (booking.Order, error) {
	order, err := o.bookings.Order(ctx, made.ID)
	order.State, order.ExpiresAt = booking.AwaitingPayment, made.ExpiresAt
	if order.Total.IsZero() {
		order.State = booking.Paid
	}
	return order, err
}
