package stripe

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/stripe/stripe-go/v85"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/domain/errs"
)

// failure sorts what isn't a yes into the failures of the port. Only an answer in Stripe's own form
// is a no: the same status from something in between says nothing about the payment.
func (g *Gateway) failure(ctx context.Context, call string, err error) error {
	if err == nil {
		return nil
	}
	sorted, level := payment.ErrUnknownOutcome, slog.LevelDebug
	answer, ok := errors.AsType[*stripe.Error](err)
	if !ok {
		answer = &stripe.Error{}
	}
	switch {
	case ok:
		sorted = refusal(answer)
	case errors.Is(err, errNotSent):
		sorted = payment.ErrUnavailable
	case errors.Is(err, errForeign):
		level = slog.LevelError // somebody has changed our records, or isn't Stripe
	}
	if answer.HTTPStatusCode == http.StatusUnauthorized ||
		answer.HTTPStatusCode == http.StatusForbidden {
		level = slog.LevelError // the operator's: the key is wrong, has expired or may not do this
	}
	// Stripe's message isn't shown: it may quote the buyer or parts of the key.
	g.log.Log(ctx, level, "stripe did not say yes", "call", call, "status", answer.HTTPStatusCode,
		"type", string(answer.Type), "code", string(answer.Code), "param", answer.Param,
		"request", answer.RequestID, "as", sorted.Code())
	return sorted
}

func refusal(e *stripe.Error) *errs.Error {
	status := e.HTTPStatusCode
	ownForm := e.Type == stripe.ErrorTypeInvalidRequest || e.Type == stripe.ErrorTypeCard ||
		e.Type == stripe.ErrorTypeIdempotency
	switch {
	case status == http.StatusTooManyRequests:
		return payment.ErrUnavailable
	case !ownForm || status < 400 || status >= 500:
		return payment.ErrUnknownOutcome
	case status == http.StatusConflict: // the same key is being worked on at this moment
		return payment.ErrUnknownOutcome
	case e.Type == stripe.ErrorTypeIdempotency:
		return payment.ErrKeyReused
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		// Nothing happened, and the same will work once the operator has mended the key: a refund
		// must not be given up for it.
		return payment.ErrUnavailable
	case e.Code == stripe.ErrorCodeResourceMissing:
		return payment.ErrNotFound
	case status == http.StatusNotFound:
		return payment.ErrUnknownOutcome
	}
	return payment.ErrRejected.With("Stripe says " + plain(string(e.Code)) + " (" +
		plain(e.RequestID) + ").")
}

// plain lets only codes and ids through: nothing that Stripe quotes.
func plain(s string) string {
	for i := range len(s) {
		if c := s[i]; c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') &&
			(c < 'A' || c > 'Z') {
			return "?"
		}
	}
	if s == "" {
		return "no code"
	}
	return s
}

// codeIs tells whether Stripe has answered with a code.
func codeIs(err error, code stripe.ErrorCode) bool {
	answer, ok := errors.AsType[*stripe.Error](err)
	return ok && answer.Code == code
}
