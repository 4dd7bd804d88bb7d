package stripe

import (
	"context"
	"slices"

	"github.com/stripe/stripe-go/v85"

	"ticketflow/internal/app/payment"
)

func declined(r record, transaction string) payment.Status {
	return payment.Status{Key: r.key, Transaction: transaction, State: payment.Declined,
		Amount: r.amount}
}

// settle tells what a session and its payment intent mean for the attempt.
func (g *Gateway) settle(ctx context.Context, r record, s *stripe.CheckoutSession) (
	payment.Status, error,
) {
	intent := s.PaymentIntent
	if intent == nil { // Stripe makes it when the buyer first tries to pay
		switch s.Status {
		case stripe.CheckoutSessionStatusOpen:
			return payment.Status{}, payment.ErrNotFound
		case stripe.CheckoutSessionStatusExpired:
			return declined(r, s.ID), nil
		default:
			return payment.Status{}, g.failure(ctx, "read session", errForeign)
		}
	}
	if intent.ID == "" || intent.Metadata[metaKey] != r.key {
		return payment.Status{}, g.failure(ctx, "read session", errForeign)
	}
	pending := payment.Status{Key: r.key, State: payment.Pending, Amount: r.amount}
	switch intent.Status {
	case stripe.PaymentIntentStatusSucceeded:
		return g.captured(ctx, r.key, intent)
	case stripe.PaymentIntentStatusCanceled:
		return declined(r, intent.ID), nil
	case stripe.PaymentIntentStatusProcessing, stripe.PaymentIntentStatusRequiresCapture,
		stripe.PaymentIntentStatusRequiresAction: // at the buyer's bank, or a voucher to be paid
		return pending, nil
	case stripe.PaymentIntentStatusRequiresPaymentMethod,
		stripe.PaymentIntentStatusRequiresConfirmation: // not tried yet, or tried and refused
		if s.Status == stripe.CheckoutSessionStatusOpen {
			return payment.Status{}, payment.ErrNotFound // the page takes another card
		}
		return declined(r, intent.ID), nil
	default:
		return payment.Status{}, g.failure(ctx, "read payment intent", errForeign)
	}
}

// captured tells a payment with its refunds and disputes.
func (g *Gateway) captured(ctx context.Context, key string, intent *stripe.PaymentIntent) (
	payment.Status, error,
) {
	refunds, err := g.refundsOf(ctx, intent.ID)
	if err != nil {
		return payment.Status{}, err
	}
	return g.capturedWith(ctx, key, intent, refunds)
}

func (g *Gateway) capturedWith(ctx context.Context, key string, intent *stripe.PaymentIntent,
	refunds []payment.RefundStatus,
) (payment.Status, error) {
	amount, ok := fromStripe(intent.AmountReceived, intent.Currency)
	if !ok || amount.IsZero() {
		return payment.Status{}, g.failure(ctx, "read payment intent", errForeign)
	}
	status := payment.Status{Key: key, Transaction: intent.ID, State: payment.Paid,
		Amount: amount, Refunds: refunds}
	for _, r := range refunds {
		if r.State != payment.Refunded {
			continue
		}
		var err error
		if status.Refunded, err = status.Refunded.Add(r.Amount); err != nil {
			return payment.Status{}, g.failure(ctx, "read refunds", err)
		}
	}
	if status.Refunded == amount {
		status.State = payment.Refunded
	}
	if intent.LatestCharge == nil || !intent.LatestCharge.Disputed {
		return status, nil
	}
	if err := g.takenBack(ctx, intent.ID, &status); err != nil {
		return payment.Status{}, err
	}
	if !status.Disputed.IsZero() {
		status.State = payment.Disputed
	}
	return status, nil
}

// refundsOf reads all refunds of a payment, the oldest first, whoever made them.
func (g *Gateway) refundsOf(ctx context.Context, intent string) ([]payment.RefundStatus, error) {
	params := &stripe.RefundListParams{PaymentIntent: new(intent)}
	params.Limit = stripe.Int64(pageSize)
	var refunds []payment.RefundStatus
	list := g.client.V1Refunds.List(ctx, params)
	for r, err := range list.All(ctx) {
		if err != nil {
			return nil, g.failure(ctx, "list refunds", err)
		}
		status, ok := refundStatus(intent, r)
		if !ok || len(refunds) == maxRefunds {
			return nil, g.failure(ctx, "list refunds", errForeign)
		}
		refunds = append(refunds, status)
	}
	if list.Meta().URL == "" {
		return nil, g.failure(ctx, "list refunds", errForeign) // not a list: perhaps not the end
	}
	slices.Reverse(refunds) // Stripe tells the newest first
	return refunds, nil
}

// refundsIn reads the refunds that came with a charge, or all of them where those are too many.
func (g *Gateway) refundsIn(ctx context.Context, intent *stripe.PaymentIntent) (
	[]payment.RefundStatus, error,
) {
	charge := intent.LatestCharge
	if charge == nil || charge.Refunds == nil || charge.Refunds.HasMore {
		return g.refundsOf(ctx, intent.ID)
	}
	var refunds []payment.RefundStatus
	for _, r := range slices.Backward(charge.Refunds.Data) {
		status, ok := refundStatus(intent.ID, r)
		if !ok {
			return nil, g.failure(ctx, "read refunds", errForeign)
		}
		refunds = append(refunds, status)
	}
	return refunds, nil
}

func refundStatus(intent string, r *stripe.Refund) (payment.RefundStatus, bool) {
	amount, ok := fromStripe(r.Amount, r.Currency)
	state := refundState(string(r.Status))
	return payment.RefundStatus{RefundKey: r.Metadata[metaRefundKey], Refund: r.ID,
			Transaction: intent, State: state, Amount: amount},
		ok && r.ID != "" && state != payment.Unknown
}

func refundState(status string) payment.State {
	switch stripe.RefundStatus(status) {
	case stripe.RefundStatusPending, stripe.RefundStatusRequiresAction:
		return payment.Pending
	case stripe.RefundStatusSucceeded:
		return payment.Refunded
	case stripe.RefundStatusFailed, stripe.RefundStatusCanceled:
		return payment.Declined
	default:
		return payment.Unknown
	}
}

// takenBack tells what buyers' banks have taken back, and what of it they have not returned.
func (g *Gateway) takenBack(ctx context.Context, intent string, status *payment.Status) error {
	params := &stripe.DisputeListParams{PaymentIntent: new(intent)}
	params.Limit = stripe.Int64(pageSize)
	list := g.client.V1Disputes.List(ctx, params)
	for d, err := range list.All(ctx) {
		if err != nil {
			return g.failure(ctx, "list disputes", err)
		}
		state := disputeState(string(d.Status))
		if state == payment.Unknown {
			continue
		}
		amount, ok := fromStripe(d.Amount, d.Currency)
		if !ok || d.ID == "" || len(status.Disputes) == maxDisputes {
			return g.failure(ctx, "list disputes", errForeign)
		}
		status.Disputes = append(status.Disputes,
			payment.DisputeStatus{Dispute: d.ID, State: state, Amount: amount})
		if state != payment.Disputed {
			continue
		}
		if status.Disputed, err = status.Disputed.Add(amount); err != nil {
			return g.failure(ctx, "list disputes", err)
		}
	}
	if list.Meta().URL == "" {
		return g.failure(ctx, "list disputes", errForeign)
	}
	slices.Reverse(status.Disputes) // Stripe tells the newest first
	return nil
}

// disputeState tells where the money is: with the bank, or with us again. The warnings before a
// dispute move none, and neither does one that was prevented; they are unknown here.
func disputeState(status string) payment.State {
	switch stripe.DisputeStatus(status) {
	case stripe.DisputeStatusNeedsResponse, stripe.DisputeStatusUnderReview,
		stripe.DisputeStatusLost:
		return payment.Disputed
	case stripe.DisputeStatusWon:
		return payment.Declined
	default:
		return payment.Unknown
	}
}
