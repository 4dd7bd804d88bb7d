package stripe

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v85"
	"github.com/stripe/stripe-go/v85/webhook"

	"ticketflow/internal/app/payment"
)

// maxNoticeAge is how long a signature is good for, in both directions of our clock. Each delivery
// of Stripe is signed anew.
const maxNoticeAge = 5 * time.Minute

// object is what we read of the objects in events: few fields, which have been the same in all of
// Stripe's versions, so that the version of the webhook's endpoint doesn't matter.
type object struct {
	ID              string            `json:"id"`
	Status          string            `json:"status"`
	Amount          int64             `json:"amount"`
	AmountTotal     int64             `json:"amount_total"`
	Currency        string            `json:"currency"`
	ClientReference string            `json:"client_reference_id"`
	PaymentStatus   string            `json:"payment_status"`
	PaymentIntent   reference         `json:"payment_intent"`
	Metadata        map[string]string `json:"metadata"`
}

// reference is an object's id, wherever Stripe gives the whole object.
type reference string

// UnmarshalJSON implements json.Unmarshaler.
func (r *reference) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '{' {
		var whole struct {
			ID string `json:"id"`
		}
		err := json.Unmarshal(b, &whole)
		*r = reference(whole.ID)
		return err
	}
	return json.Unmarshal(b, (*string)(r))
}

// ReadNotice verifies a webhook and tells what it says. What is genuine but says nothing about our
// payments has the state Unknown and no key: it is to be acknowledged and left alone.
//
// Refunds that were made in Stripe's dashboard, and all disputes, carry no key of ours: Transaction
// tells whose they are.
func (g *Gateway) ReadNotice(header map[string][]string, body []byte, now time.Time) (
	payment.Notice, error,
) {
	signature := http.Header(header).Get("Stripe-Signature")
	event, err := webhook.ConstructEventWithOptions(body, signature, string(g.webhookSecret),
		webhook.ConstructEventOptions{
			IgnoreTolerance:          true, // it would ask the machine's clock; ours is asked below
			IgnoreAPIVersionMismatch: true,
		})
	if err != nil || !recent(signature, now) {
		return payment.Notice{}, payment.ErrNotice
	}
	if event.ID == "" || event.Data == nil || event.Account != "" || event.Livemode != g.live {
		// A test payment must never pay for a ticket, nor a payment to somebody else's account.
		return payment.Notice{}, payment.ErrNotice
	}
	var o object
	if err := json.Unmarshal(event.Data.Raw, &o); err != nil {
		return payment.Notice{}, payment.ErrNotice
	}
	n := payment.Notice{Provider: Provider, NoticeID: event.ID, At: time.Unix(event.Created, 0)}
	ok := true
	switch event.Type {
	case stripe.EventTypeCheckoutSessionCompleted,
		stripe.EventTypeCheckoutSessionAsyncPaymentSucceeded,
		stripe.EventTypeCheckoutSessionAsyncPaymentFailed,
		stripe.EventTypeCheckoutSessionExpired:
		ok = o.ofPayment(&n, event.Type)
	case stripe.EventTypeRefundCreated, stripe.EventTypeRefundUpdated,
		stripe.EventTypeRefundFailed:
		ok = o.ofRefund(&n)
	case stripe.EventTypeChargeDisputeCreated, stripe.EventTypeChargeDisputeUpdated,
		stripe.EventTypeChargeDisputeClosed, stripe.EventTypeChargeDisputeFundsWithdrawn,
		stripe.EventTypeChargeDisputeFundsReinstated:
		ok = o.ofDispute(&n)
	default: // Stripe has some hundred more, and nobody asked for them
	}
	if !ok {
		return payment.Notice{}, payment.ErrNotice
	}
	return n, nil
}

// ofPayment fills a notice about a Checkout Session.
func (o *object) ofPayment(n *payment.Notice, kind stripe.EventType) bool {
	key := o.Metadata[metaKey]
	if key == "" || key != o.ClientReference {
		return true // of another program that uses the same account
	}
	amount, ok := fromStripe(o.AmountTotal, stripe.Currency(o.Currency))
	state := payment.Declined
	switch {
	case kind == stripe.EventTypeCheckoutSessionExpired,
		kind == stripe.EventTypeCheckoutSessionAsyncPaymentFailed:
	case o.PaymentStatus == string(stripe.CheckoutSessionPaymentStatusPaid):
		state = payment.Paid
	default: // the bank takes its time
		state = payment.Pending
	}
	n.Subject, n.Key, n.State, n.Amount = payment.OfPayment, key, state, amount
	n.Transaction = string(o.PaymentIntent)
	if n.Transaction == "" && kind != stripe.EventTypeCheckoutSessionExpired {
		n.Transaction = o.ID // what has expired without an intent, nobody has tried to pay
	}
	return ok && o.ID != "" && (state != payment.Paid || o.PaymentIntent != "")
}

// ofRefund fills a notice about a refund, whoever made it.
func (o *object) ofRefund(n *payment.Notice) bool {
	amount, ok := fromStripe(o.Amount, stripe.Currency(o.Currency))
	n.Subject, n.State, n.Amount = payment.OfRefund, refundState(o.Status), amount
	n.Transaction, n.Refund = string(o.PaymentIntent), o.ID
	n.Key, n.RefundKey = o.Metadata[metaKey], o.Metadata[metaRefundKey]
	if n.State == payment.Unknown || o.PaymentIntent == "" {
		*n = nothing(n) // of a charge that no session made
	}
	return ok && o.ID != ""
}

// ofDispute fills a notice about a dispute, by where the money is now.
func (o *object) ofDispute(n *payment.Notice) bool {
	amount, ok := fromStripe(o.Amount, stripe.Currency(o.Currency))
	n.Subject, n.State, n.Amount = payment.OfDispute, disputeState(o.Status), amount
	n.Transaction, n.Refund = string(o.PaymentIntent), o.ID
	if n.State == payment.Unknown || o.PaymentIntent == "" {
		*n = nothing(n)
	}
	return ok && o.ID != ""
}

// nothing is a notice that is to be acknowledged only.
func nothing(n *payment.Notice) payment.Notice {
	return payment.Notice{Provider: n.Provider, NoticeID: n.NoticeID,
		At: n.At}
}

// recent tells whether a signature's time, which it covers, is near ours.
func recent(signature string, now time.Time) bool {
	for pair := range strings.SplitSeq(signature, ",") {
		text, ok := strings.CutPrefix(pair, "t=")
		if !ok {
			continue
		}
		seconds, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return false
		}
		// The library believes the last of several times: then all of them must be near.
		if age := now.Sub(time.Unix(seconds, 0)); age > maxNoticeAge || age < -maxNoticeAge {
			return false
		}
	}
	return true
}
