package config

import (
	"errors"
	"net/url"
	"slices"
	"strings"
)

// Payments chooses who takes the money. The payment simulator moves none: it has to be asked for.
// Secrets come from the environment or from the configuration file, never from flags, which others
// on the machine can read.
type Payments struct {
	StripeSecretKey     Secret `help:"Stripe's API key, sk_… or a restricted rk_…: buyers pay at Stripe (default: the simulator)." env:"TICKETFLOW_STRIPE_SECRET_KEY" placeholder:"KEY" secret:""`
	StripeWebhookSecret Secret `help:"Secret of Stripe's webhook to /v1/webhooks/stripe, whsec_… (default: no Stripe)." env:"TICKETFLOW_STRIPE_WEBHOOK_SECRET" placeholder:"SECRET" secret:""`
	OfflineInstructions string `help:"Also take transfers or cash, confirmed by staff: what the buyer reads, with {amount} and {reference} in it (default: not offered)." env:"TICKETFLOW_OFFLINE_INSTRUCTIONS" placeholder:"TEXT"`

	SimulatedPayments bool `help:"Take simulated payments outside of a demo: nobody pays anything, and tickets are issued all the same." env:"TICKETFLOW_SIMULATED_PAYMENTS"`

	StripeURL string `kong:"-"` // where Stripe's API is, for tests; empty: at Stripe
}

// liveKeys are how Stripe's keys for real money begin.
var liveKeys = []string{"sk_live_", "rk_live_"}

// checkPayments tells the first setting of payments that can't work. It never shows a secret.
func (s *Serve) checkPayments() error {
	p := &s.Payments
	if (p.StripeSecretKey == "") != (p.StripeWebhookSecret == "") {
		return errors.New("TICKETFLOW_STRIPE_SECRET_KEY and TICKETFLOW_STRIPE_WEBHOOK_SECRET " +
			"belong together: set both")
	}
	if p.StripeSecretKey != "" {
		if err := s.checkStripe(); err != nil {
			return err
		}
	}
	if text := p.OfflineInstructions; text != "" &&
		(!strings.Contains(text, "{amount}") || !strings.Contains(text, "{reference}")) {
		return errors.New("--offline-instructions must have {amount} and {reference} in it, or " +
			"nobody knows what to pay, and for what")
	}
	return nil
}

// checkTaker refuses to give tickets away by oversight.
func (s *Serve) checkTaker() error {
	if s.Demo || s.SimulatedPayments || s.SimpayURL != "" || s.StripeSecretKey != "" {
		return nil
	}
	return errors.New("nobody takes payments: set TICKETFLOW_STRIPE_SECRET_KEY and " +
		"TICKETFLOW_STRIPE_WEBHOOK_SECRET (docs/payments.md), or look around with --demo; " +
		"--simulated-payments issues tickets that nobody pays for")
}

func (s *Serve) checkStripe() error {
	key := string(s.StripeSecretKey)
	if !slices.ContainsFunc(append([]string{"sk_test_", "rk_test_"}, liveKeys...),
		func(kind string) bool { return strings.HasPrefix(key, kind) }) {
		return errors.New("TICKETFLOW_STRIPE_SECRET_KEY is no secret key of Stripe: those begin " +
			"with sk_live_, rk_live_, sk_test_ or rk_test_")
	}
	if !strings.HasPrefix(string(s.StripeWebhookSecret), "whsec_") {
		return errors.New("TICKETFLOW_STRIPE_WEBHOOK_SECRET is no webhook secret of Stripe: " +
			"those begin with whsec_")
	}
	if s.SimpayURL != "" {
		return errors.New("--simpay-url and TICKETFLOW_STRIPE_SECRET_KEY are two ways to take " +
			"payments: choose one")
	}
	if !slices.ContainsFunc(liveKeys, func(kind string) bool {
		return strings.HasPrefix(key, kind)
	}) {
		return nil
	}
	if s.Demo {
		return errors.New("--demo sells tickets of events that there aren't, and " +
			"TICKETFLOW_STRIPE_SECRET_KEY is for real money: use a test key")
	}
	if u, err := url.Parse(s.PublicURL); err != nil || u.Scheme != "https" {
		return errors.New("with a live key of Stripe, --public-url must be the https:// address " +
			"that buyers come back to")
	}
	return nil
}
