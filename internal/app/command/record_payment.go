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
	Attempt     int // from 1; 0 is the first, too
	Provider    string
	Transaction string // the gateway's name of the payment
	Notice      string // the gateway's name of the message; empty when the gateway was asked
	Payload     string // the message as it came
	Amount      money.Money
	Again       bool // an operator replays it
}

// RecordPayment applies a captured payment, whoever brings the news, at most once. A payment that
// comes too late takes its places back if they are free, and is refunded otherwise. One that isn't
// what was ordered goes into quarantine.
func (o *Office) RecordPayment(ctx context.Context, p Paid) (booking.PaymentOutcome, error) {
	event := p.Order.Event
	cmd := &booking.RecordPayment{Order: p.Order, Attempt: p.Attempt, Amount: p.Amount,
		Payload: p.Payload, Again: p.Again,
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

// RecordDecline notes that an attempt to pay has failed for certain.
func (o *Office) RecordDecline(
	ctx context.Context, order booking.OrderID, attempt int, amount money.Money,
	news booking.News,
) error {
	return o.desk.do(ctx, order.Event, &booking.RecordDecline{Order: order, Attempt: attempt,
		Amount: amount, News: news})
}

// RecordUnused notes that a gateway's page has ended without anybody having tried to pay there.
func (o *Office) RecordUnused(
	ctx context.Context, order booking.OrderID, attempt int, amount money.Money,
	news booking.News,
) error {
	return o.desk.do(ctx, order.Event, &booking.RecordDecline{Order: order, Attempt: attempt,
		Amount: amount, News: news, Unused: true})
}

// KeepNotice stores a gateway's message that can't be applied, and why.
func (o *Office) KeepNotice(ctx context.Context, news booking.News, why string) error {
	return o.desk.do(ctx, news.Notice.Event, &booking.KeepNotice{News: news, Why: why})
}

// ReturnPayment sends a payment in quarantine back to the buyer.
func (o *Office) ReturnPayment(ctx context.Context, ref booking.PaymentRef) error {
	return o.desk.do(ctx, ref.Event, &booking.ReturnPayment{Payment: ref})
}
