package stripe

import (
	"context"
	"errors"

	"github.com/stripe/stripe-go/v85"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/domain/money"
)

// Refund returns money, once per refundKey: Stripe's idempotency key holds for a day, and before it
// is used the refunds that exist are searched for one that carries our key, which holds for ever.
func (g *Gateway) Refund(ctx context.Context, key, refundKey string, amount money.Money) (
	payment.RefundStatus, error,
) {
	if err := errors.Join(checkKey(key), checkKey(refundKey)); err != nil {
		return payment.RefundStatus{}, payment.ErrRejected.With("A key can't be used.")
	}
	minor, _, err := toStripe(amount)
	if err != nil {
		return payment.RefundStatus{}, err
	}
	status, err := g.LookUp(ctx, key)
	if err != nil {
		return payment.RefundStatus{}, err
	}
	if done, err := known(status, refundKey, amount); err != nil || done.Refund != "" {
		return done, err
	}
	params := &stripe.RefundCreateParams{
		// A refund's key is ours within one payment; Stripe's are of the whole account.
		Params: stripe.Params{IdempotencyKey: new(key + "/" + refundKey)},
		Amount: new(minor), PaymentIntent: new(status.Transaction),
		Metadata: map[string]string{metaKey: key, metaRefundKey: refundKey},
	}
	made, err := g.client.V1Refunds.Create(ctx, params)
	if err = g.failure(ctx, "create refund", err); errors.Is(err, payment.ErrRejected) {
		return payment.RefundStatus{}, g.whyRefused(ctx, key, refundKey, amount, err)
	}
	if err != nil {
		return payment.RefundStatus{}, err
	}
	done, ok := refundStatus(status.Transaction, made)
	if !ok || done.Amount != amount || done.RefundKey != refundKey {
		return payment.RefundStatus{}, g.failure(ctx, "create refund", errForeign)
	}
	return done, nil
}

// known finds the refund of a key among those that exist. Otherwise it tells whether there is
// enough left to return.
func known(s payment.Status, refundKey string, amount money.Money) (payment.RefundStatus, error) {
	left := s.Amount
	for _, r := range s.Refunds {
		if r.RefundKey == refundKey {
			if r.Amount != amount {
				return payment.RefundStatus{}, payment.ErrKeyReused
			}
			return r, nil
		}
		if r.State == payment.Declined {
			continue
		}
		var err error
		if left, err = left.Sub(r.Amount); err != nil {
			return payment.RefundStatus{}, payment.ErrOverRefund
		}
	}
	left, err := left.Sub(s.Disputed)
	if err != nil {
		return payment.RefundStatus{}, payment.ErrOverRefund
	}
	captured := s.State == payment.Paid || s.State == payment.Refunded ||
		s.State == payment.Disputed
	if amount.Currency() != s.Amount.Currency() && captured {
		return payment.RefundStatus{}, payment.ErrRejected.With("It was paid in another currency.")
	}
	if _, err := left.Sub(amount); err != nil || !captured {
		return payment.RefundStatus{}, payment.ErrOverRefund
	}
	return payment.RefundStatus{}, nil
}

// whyRefused looks whether another refund has been faster; Stripe names no code for that.
func (g *Gateway) whyRefused(ctx context.Context, key, refundKey string, amount money.Money,
	refused error,
) error {
	status, err := g.LookUp(ctx, key)
	if err != nil {
		return refused
	}
	if _, err := known(status, refundKey, amount); err != nil {
		return err
	}
	return refused
}
