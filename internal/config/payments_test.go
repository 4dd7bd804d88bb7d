package config_test

import (
	"strings"
	"testing"

	"ticketflow/internal/config"
)

// refused is a setting that can't work, and the words that the refusal must have.
type refused struct {
	name  string
	spoil func(*config.Serve)
	words []string
}

// refuseAll wants each to be refused with its words, without showing a secret: those have
// "nineteen" in them.
func refuseAll(t *testing.T, tests []refused) {
	t.Helper()
	for _, test := range tests {
		c, err := parse(t, "--simulated-payments")
		if err != nil {
			t.Fatal(err)
		}
		test.spoil(&c)
		err = c.Check()
		if err == nil {
			t.Errorf("%s is accepted", test.name)
			continue
		}
		for _, word := range test.words {
			if !strings.Contains(err.Error(), word) {
				t.Errorf("%s: %q says nothing of %s", test.name, err, word)
			}
		}
		if strings.Contains(err.Error(), "nineteen") {
			t.Errorf("%s: %q tells the key", test.name, err)
		}
	}
}

func acceptOne(t *testing.T, change func(*config.Serve)) {
	t.Helper()
	c, err := parse(t, "--simulated-payments")
	if err != nil {
		t.Fatal(err)
	}
	change(&c)
	if err := c.Check(); err != nil {
		t.Errorf("%+v: %v", c, err)
	}
}

// stripes takes payments with a key of Stripe.
func stripes(c config.Serve, key config.Secret) config.Serve {
	c.StripeSecretKey, c.StripeWebhookSecret = key, "whsec_nineteen"
	c.PublicURL = "https://tickets.example.org"
	return c
}

func TestPaymentsAreChecked(t *testing.T) {
	refuseAll(t, []refused{
		{"half of Stripe", func(c *config.Serve) { c.StripeSecretKey = "sk_test_nineteen" },
			[]string{"TICKETFLOW_STRIPE_SECRET_KEY", "TICKETFLOW_STRIPE_WEBHOOK_SECRET", "both"}},
		{"a public key", func(c *config.Serve) { *c = stripes(*c, "pk_live_nineteen") },
			[]string{"TICKETFLOW_STRIPE_SECRET_KEY", "sk_live_"}},
		{"another's secret", func(c *config.Serve) {
			*c = stripes(*c, "sk_test_1")
			c.StripeWebhookSecret = "nineteen"
		}, []string{"TICKETFLOW_STRIPE_WEBHOOK_SECRET", "whsec_"}},
		{"two gateways", func(c *config.Serve) {
			*c = stripes(*c, "sk_test_nineteen")
			c.SimpayURL, c.SimpaySecret = "http://127.0.0.1:1", "of-twenty-characters"
		}, []string{"--simpay-url", "TICKETFLOW_STRIPE_SECRET_KEY"}},
		{"real money for nothing", func(c *config.Serve) {
			*c = stripes(*c, "rk_live_nineteen")
			c.Demo = true
		}, []string{"--demo", "TICKETFLOW_STRIPE_SECRET_KEY"}},
		{"real money in clear", func(c *config.Serve) {
			*c = stripes(*c, "sk_live_nineteen")
			c.PublicURL = "http://tickets.example.org"
		}, []string{"--public-url", "https://"}},
		{"no amount", func(c *config.Serve) { c.OfflineInstructions = "Pay for {reference}." },
			[]string{"--offline-instructions", "{amount}"}},
	})
	for _, change := range []func(*config.Serve){
		func(c *config.Serve) { *c = stripes(*c, "sk_live_1") },
		func(c *config.Serve) {
			*c = stripes(*c, "rk_test_1")
			c.Demo, c.PublicURL = true, ""
		},
		func(c *config.Serve) { c.OfflineInstructions = "Pay {amount} for {reference}." },
	} {
		acceptOne(t, change)
	}
}
