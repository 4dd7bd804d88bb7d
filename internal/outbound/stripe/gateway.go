package stripe

import (
	"context"
	"errors"

	"github.com/stripe/stripe-go/v85"

	"ticketflow/internal/app/payment"
)

// errClosed is for who begins an attempt that is over; the ledger begins another one or learns of
// the payment by LookUp.
var errClosed = payment.ErrRejected.With("This attempt is over.")

// Begin opens a Checkout Session and tells its page. Where the buyer has done all there, which the
// ledger may not know yet, it is the way back; an attempt that was cancelled or has expired has
// none: payment.ErrRejected.
func (g *Gateway) Begin(ctx context.Context, r payment.Request) (payment.Page, error) {
	if err := checkKey(r.Key); err != nil {
		return payment.Page{}, err
	}
	if _, _, err := toStripe(r.Amount); err != nil {
		return payment.Page{}, err
	}
	if r.ReturnURL == "" {
		r.ReturnURL = g.returnURL
	}
	if !absolute(r.ReturnURL) {
		return payment.Page{}, payment.ErrRejected.With("The way back is no http(s) address.")
	}
	fresh := record{key: r.Key, amount: r.Amount}
	exists, err := g.createRecord(ctx, "TicketFlow "+r.Reference, fresh)
	if err != nil {
		return payment.Page{}, err
	}
	known := fresh
	if exists {
		if known, err = g.readRecord(ctx, r.Key); err != nil {
			return payment.Page{}, err
		}
	}
	switch {
	case known.closed:
		return payment.Page{}, errClosed
	case known.amount != r.Amount:
		return payment.Page{}, payment.ErrKeyReused
	case known.session != "":
		return g.pageAgain(ctx, known, r.ReturnURL)
	}
	session, err := g.createSession(ctx, r)
	if err != nil {
		return payment.Page{}, err
	}
	known, err = g.noteInRecord(ctx, r.Key, metaSession, session.ID)
	if err != nil {
		return payment.Page{}, err
	}
	if known.closed {
		// Cancel was first and has told that nobody will pay: the page must never be known.
		_, err := g.client.V1CheckoutSessions.Expire(ctx, session.ID, nil)
		_ = g.failure(ctx, "expire session", err) // nobody knows its address anyway
		return payment.Page{}, errClosed
	}
	return payment.Page{URL: session.URL}, nil
}

// pageAgain tells the page of an attempt that was begun before.
func (g *Gateway) pageAgain(ctx context.Context, r record, back string) (payment.Page, error) {
	session, err := g.readSession(ctx, r)
	switch {
	case err != nil:
		return payment.Page{}, err
	case session.Status == stripe.CheckoutSessionStatusComplete:
		return payment.Page{URL: back}, nil
	case session.Status != stripe.CheckoutSessionStatusOpen || session.URL == "":
		return payment.Page{}, errClosed
	}
	return payment.Page{URL: session.URL}, nil
}

// createSession asks for the page. Its parameters follow from the request alone, so that Stripe
// takes a repetition for one. The session ends by itself after 24 hours, Stripe's longest.
func (g *Gateway) createSession(ctx context.Context, r payment.Request) (
	*stripe.CheckoutSession, error,
) {
	minor, currency, err := toStripe(r.Amount)
	if err != nil {
		return nil, err
	}
	marks := map[string]string{metaKey: r.Key}
	params := &stripe.CheckoutSessionCreateParams{
		Params:            stripe.Params{IdempotencyKey: new(r.Key)},
		Mode:              new(string(stripe.CheckoutSessionModePayment)),
		ClientReferenceID: new(r.Key),
		SuccessURL:        new(r.ReturnURL),
		CancelURL:         new(r.ReturnURL),
		Metadata:          marks,
		// What the buyer pays is what the order says, in its currency.
		AdaptivePricing: &stripe.CheckoutSessionCreateAdaptivePricingParams{
			Enabled: new(false)},
		PaymentIntentData: &stripe.CheckoutSessionCreatePaymentIntentDataParams{
			Description: new(title(r)), Metadata: marks},
		LineItems: []*stripe.CheckoutSessionCreateLineItemParams{{
			Quantity: stripe.Int64(1),
			PriceData: &stripe.CheckoutSessionCreateLineItemPriceDataParams{
				Currency: new(currency), UnitAmount: new(minor),
				ProductData: &stripe.CheckoutSessionCreateLineItemPriceDataProductDataParams{
					Name: new(title(r))}}}},
	}
	session, err := g.client.V1CheckoutSessions.Create(ctx, params)
	if err != nil {
		return nil, g.failure(ctx, "create session", err)
	}
	if err := g.checkSession(ctx, r.Key, session); err != nil {
		return nil, err
	}
	total, ok := fromStripe(session.AmountTotal, session.Currency)
	if !ok || total != r.Amount || session.URL == "" {
		return nil, g.failure(ctx, "create session", errForeign)
	}
	return session, nil
}

// title is what the buyer reads on Stripe's page and on the receipt.
func title(r payment.Request) string {
	if r.Reference == "" {
		return "Tickets"
	}
	return "Tickets, order " + r.Reference
}

// readSession reads the session of a record with its payment, as they are now.
func (g *Gateway) readSession(ctx context.Context, r record) (*stripe.CheckoutSession, error) {
	params := &stripe.CheckoutSessionRetrieveParams{}
	params.AddExpand("payment_intent.latest_charge")
	session, err := g.client.V1CheckoutSessions.Retrieve(ctx, r.session, params)
	if codeIs(err, stripe.ErrorCodeResourceMissing) {
		err = errForeign // the record says that there is one
	}
	if err != nil {
		return nil, g.failure(ctx, "read session", err)
	}
	return session, g.checkSession(ctx, r.key, session)
}

func (g *Gateway) checkSession(ctx context.Context, key string, s *stripe.CheckoutSession) error {
	if s.ID == "" || s.ClientReferenceID != key || s.Livemode != g.live {
		return g.failure(ctx, "check session", errForeign)
	}
	return nil
}

// LookUp reads what became of an attempt.
func (g *Gateway) LookUp(ctx context.Context, key string) (payment.Status, error) {
	if err := checkKey(key); err != nil {
		return payment.Status{}, err
	}
	r, err := g.readRecord(ctx, key)
	if err != nil {
		return payment.Status{}, err
	}
	if r.session == "" {
		if r.closed {
			return declined(r, ""), nil
		}
		return payment.Status{}, payment.ErrNotFound // begun, but its page was never told
	}
	session, err := g.readSession(ctx, r)
	if err != nil {
		return payment.Status{}, err
	}
	return g.settle(ctx, r, session)
}

// Cancel closes the record, then the session and its payment intent if there are any.
func (g *Gateway) Cancel(ctx context.Context, key string) (payment.Status, error) {
	if err := checkKey(key); err != nil {
		return payment.Status{}, err
	}
	r, err := g.close(ctx, key)
	if err != nil {
		return payment.Status{}, err
	}
	if r.session == "" {
		return declined(r, ""), nil
	}
	session, err := g.readSession(ctx, r)
	if err != nil {
		return payment.Status{}, err
	}
	if session.Status == stripe.CheckoutSessionStatusOpen {
		_, err := g.client.V1CheckoutSessions.Expire(ctx, session.ID, nil)
		// A refusal means that it isn't open any more: what it has become is read next.
		if err := g.failure(ctx, "expire session", err); err != nil &&
			!errors.Is(err, payment.ErrRejected) {
			return payment.Status{}, err
		}
		if session, err = g.readSession(ctx, r); err != nil {
			return payment.Status{}, err
		}
	}
	if stoppable(session) {
		if session, err = g.stop(ctx, r, session); err != nil {
			return payment.Status{}, err
		}
	}
	status, err := g.settle(ctx, r, session)
	if errors.Is(err, payment.ErrNotFound) {
		return payment.Status{}, payment.ErrUnknownOutcome // still open, although we closed it
	}
	return status, err
}

// close marks the record, or makes one that is closed from the start.
func (g *Gateway) close(ctx context.Context, key string) (record, error) {
	r, err := g.noteInRecord(ctx, key, metaClosed, "1")
	if !errors.Is(err, payment.ErrNotFound) {
		return r, err
	}
	r = record{key: key, closed: true}
	exists, err := g.createRecord(ctx, "TicketFlow (cancelled)", r)
	if err != nil || !exists {
		return r, err
	}
	return g.noteInRecord(ctx, key, metaClosed, "1") // Begin made it in between
}

// stoppable tells whether a payment intent waits for somebody who may still act.
func stoppable(s *stripe.CheckoutSession) bool {
	if s.PaymentIntent == nil {
		return false
	}
	switch s.PaymentIntent.Status {
	case stripe.PaymentIntentStatusRequiresAction, stripe.PaymentIntentStatusRequiresCapture,
		stripe.PaymentIntentStatusRequiresConfirmation,
		stripe.PaymentIntentStatusRequiresPaymentMethod:
		return true
	default:
		return false
	}
}

// stop cancels the payment intent. Stripe refuses that for some sessions, whose intents end with
// them; then the intent says by itself how far it is.
func (g *Gateway) stop(ctx context.Context, r record, s *stripe.CheckoutSession) (
	*stripe.CheckoutSession, error,
) {
	_, err := g.client.V1PaymentIntents.Cancel(ctx, s.PaymentIntent.ID, nil)
	err = g.failure(ctx, "cancel payment intent", err)
	if err != nil && !errors.Is(err, payment.ErrRejected) {
		return nil, err
	}
	return g.readSession(ctx, r)
}
