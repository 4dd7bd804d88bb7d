// Package stripe is the adapter of payment.Gateway and payment.Statement to Stripe, with Stripe's
// own SDK. Buyers pay on Stripe's hosted page (Checkout Sessions): card data never touches us.
//
// # How a payment is found by our key alone
//
// Stripe gives its objects their ids, sessions can't be searched, the search of payment intents
// lags behind by a minute or more, and a repeated idempotent request is answered from memory for a
// day only. So each attempt first gets a record at Stripe whose id is ours: an inactive product,
// the one object whose id the caller chooses, that Stripe keeps unique for ever and reads
// consistently. Its metadata hold the attempt's key and amount, later the session's id, and that it
// was cancelled. It is never shown or sold.
//
//   - Begin makes the record, then the session (idempotency key: the attempt's key), then notes the
//     session in the record, and only then tells the page. A session that isn't noted is a page
//     that nobody knows, so nobody can pay there.
//   - LookUp reads the record, the session and its payment intent. No record is a definite "never
//     heard of".
//   - Cancel closes the record first, and Stripe merges metadata one change at a time: either
//     Cancel sees the session and expires it, or Begin sees that it is closed, expires its session
//     and tells no page. Whoever comes second knows of the other.
//
// The records make the answers right for as long as Stripe keeps data, without any local state, for
// the price of two calls more at Begin. Session, payment intent and refund carry the key in their
// metadata, too, so that people find it in Stripe's dashboard.
//
// # What is unknown
//
// Only what Stripe itself says in its own form is a yes or a no. A time-out, a reset, a 5xx or a
// page of something in between is payment.ErrUnknownOutcome, unless no connection was made, which
// is payment.ErrUnavailable. Stripe stores a 5xx under its idempotency key and repeats it for a
// day: such an attempt can't begin any more, but it can be cancelled, which is definite as above.
package stripe

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/stripe/stripe-go/v85"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/domain/errs"
)

// Provider is the name of this gateway in notices and in the webhook's path.
const Provider = "stripe"

// Names in Stripe's metadata.
const (
	metaKey       = "ticketflow_key"
	metaRefundKey = "ticketflow_refund_key"
	metaAmount    = "ticketflow_amount" // minor units by ISO 4217
	metaCurrency  = "ticketflow_currency"
	metaSession   = "ticketflow_session"
	metaClosed    = "ticketflow_closed"
)

const (
	// maxKeyBytes bounds our keys: two of them and a separator fit Stripe's 255 characters.
	maxKeyBytes = 120
	// maxRefunds bounds how many refunds of one payment are read.
	maxRefunds = 1_000
	// maxDisputes bounds how many of its disputes are.
	maxDisputes = 100
	pageSize    = 100 // Stripe's largest
)

// ErrOptions says that the gateway can't be made from its options.
var ErrOptions = errs.New(errs.Invalid, "bad_stripe_options",
	"Stripe can't be used with these settings.")

// Secret is a text that must not be printed: however it is formatted, logged or encoded, it is
// ****.
type Secret string

const hidden = "****"

// String is **** for any secret.
func (s Secret) String() string { return hidden }

// GoString is String, for %#v.
func (s Secret) GoString() string { return hidden }

// MarshalText is String, for JSON and its like.
func (s Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// LogValue is String, for logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// Options are what a Gateway is made of.
type Options struct {
	APIKey        Secret // sk_… or the restricted rk_…; whether it is test or live is in it
	WebhookSecret Secret // whsec_…, of the endpoint /v1/webhooks/stripe
	// ReturnURL is where buyers come back to when their order names no address of its own.
	ReturnURL string
	BaseURL   string // or empty: Stripe's
	Log       *slog.Logger
}

// Gateway is the port of the box office to Stripe. Safe for concurrent use.
type Gateway struct {
	client        *stripe.Client
	http          *http.Client
	live          bool
	webhookSecret Secret
	returnURL     string
	log           *slog.Logger
}

var (
	_ payment.Gateway    = (*Gateway)(nil)
	_ payment.Statement  = (*Gateway)(nil)
	_ payment.Identifier = (*Gateway)(nil)
)

// New makes the adapter; it makes no call. The failure is ErrOptions.
func New(o Options) (*Gateway, error) {
	live, err := modeOf(o.APIKey)
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(string(o.WebhookSecret), "whsec_") {
		return nil, ErrOptions.With("The webhook's secret doesn't begin with whsec_.")
	}
	if !absolute(o.ReturnURL) {
		return nil, ErrOptions.With("The address to return to must be an absolute URL.")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	g := &Gateway{http: newHTTPClient(), live: live, webhookSecret: o.WebhookSecret,
		returnURL: o.ReturnURL, log: o.Log}
	config := &stripe.BackendConfig{
		HTTPClient: g.http,
		// Retries belong to one layer, which is above this one and counts them.
		MaxNetworkRetries: stripe.Int64(0),
		EnableTelemetry:   new(false),
		LeveledLogger:     quietLogger{o.Log, o.APIKey},
	}
	if o.BaseURL != "" {
		config.URL = new(strings.TrimSuffix(o.BaseURL, "/"))
	}
	g.client = stripe.NewClient(string(o.APIKey),
		stripe.WithBackends(stripe.NewBackendsWithConfig(config)))
	return g, nil
}

// absolute tells whether a text is an address that a browser can be sent to.
func absolute(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}

// modeOf tells whether a key is for real money.
func modeOf(key Secret) (live bool, err error) {
	for _, kind := range []string{"sk_", "rk_"} {
		rest, ok := strings.CutPrefix(string(key), kind)
		switch {
		case ok && strings.HasPrefix(rest, "live_"):
			return true, nil
		case ok && strings.HasPrefix(rest, "test_"):
			return false, nil
		}
	}
	return false, ErrOptions.With("The API key begins with none of sk_live_, sk_test_, rk_live_, " +
		"rk_test_.")
}

// Close lets go of kept connections. The gateway stays usable.
func (g *Gateway) Close() { g.http.CloseIdleConnections() }

// Live tells whether real money moves.
func (g *Gateway) Live() bool { return g.live }

// String shows no secret.
func (g *Gateway) String() string { return fmt.Sprintf("stripe (live: %t)", g.live) }

// GoString is String, for %#v.
func (g *Gateway) GoString() string { return g.String() }

// LogValue is String, for logs.
func (g *Gateway) LogValue() slog.Value { return slog.StringValue(g.String()) }

var errForeign = errors.New("the answer is about something else")
