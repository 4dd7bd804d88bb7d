package stripe

import (
	"context"

	"github.com/stripe/stripe-go/v85"

	"ticketflow/internal/app/payment"
)

// Payments reads Stripe's book, the newest payment first. What is paid while it is read stands
// before the first page and is not told; payments of the account that aren't ours are left out, so
// a page may be short or empty although more follow.
func (g *Gateway) Payments(ctx context.Context, after string, limit int) (
	page []payment.Status, next string, err error,
) {
	params := &stripe.PaymentIntentListParams{}
	params.Limit = new(int64(min(max(limit, 1), pageSize)))
	params.Single = true
	params.AddExpand("data.latest_charge.refunds")
	if after != "" {
		params.StartingAfter = new(after)
	}
	list := g.client.V1PaymentIntents.List(ctx, params)
	if err := g.failure(ctx, "list payment intents", list.Err()); err != nil {
		return nil, "", err
	}
	if list.Meta().URL == "" {
		return nil, "", g.failure(ctx, "list payment intents", errForeign)
	}
	for _, intent := range list.Data() {
		key := intent.Metadata[metaKey]
		if next = intent.ID; key == "" {
			continue
		}
		if intent.Livemode != g.live {
			return nil, "", g.failure(ctx, "list payment intents", errForeign)
		}
		status, told, err := g.entry(ctx, key, intent)
		if err != nil {
			return nil, "", err
		}
		if told {
			page = append(page, status)
		}
	}
	if !list.Meta().HasMore {
		next = ""
	}
	return page, next, nil
}

// KeyOf reads whose payment intent it is.
func (g *Gateway) KeyOf(ctx context.Context, transaction string) (string, error) {
	intent, err := g.client.V1PaymentIntents.Retrieve(ctx, transaction, nil)
	if err != nil {
		return "", g.failure(ctx, "read payment intent", err)
	}
	if intent.ID != transaction || intent.Livemode != g.live {
		return "", g.failure(ctx, "read payment intent", errForeign)
	}
	if intent.Metadata[metaKey] == "" {
		return "", payment.ErrNotFound // of another program that uses the same account
	}
	return intent.Metadata[metaKey], nil
}

// entry is one payment of the book; told is false if it is neither captured nor pending.
func (g *Gateway) entry(ctx context.Context, key string, intent *stripe.PaymentIntent) (
	status payment.Status, told bool, err error,
) {
	switch intent.Status {
	case stripe.PaymentIntentStatusSucceeded:
		refunds, err := g.refundsIn(ctx, intent)
		if err != nil {
			return status, false, err
		}
		status, err = g.capturedWith(ctx, key, intent, refunds)
		return status, true, err
	case stripe.PaymentIntentStatusProcessing, stripe.PaymentIntentStatusRequiresAction,
		stripe.PaymentIntentStatusRequiresCapture:
		amount, ok := fromStripe(intent.Amount, intent.Currency)
		if !ok {
			return status, false, g.failure(ctx, "list payment intents", errForeign)
		}
		return payment.Status{Key: key, State: payment.Pending, Amount: amount}, true, nil
	default:
		return status, false, nil
	}
}
