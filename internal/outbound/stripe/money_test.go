package stripe

import (
	"errors"
	"testing"

	"github.com/stripe/stripe-go/v85"
	"pgregory.net/rapid"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/domain/money"
)

// TestMinorUnits holds Stripe's exceptions: https://docs.stripe.com/currencies
func TestMinorUnits(t *testing.T) {
	for _, test := range []struct {
		code          string
		ours, stripes int64 // 0: can't be said to Stripe
	}{
		{"EUR", 4900, 4900},
		{"USD", 1, 1},
		{"JPY", 4900, 4900}, // no minor unit, here and there
		{"KRW", 50_000, 50_000},
		{"XOF", 700, 700},
		{"ISK", 5, 500}, // no minor unit, but counted in hundredths for old times' sake
		{"UGX", 3700, 370_000},
		{"MGA", 4900, 49}, // two decimals by ISO 4217, none at Stripe
		{"MGA", 4950, 0},
		{"KWD", 5120, 5120}, // three decimals, of which two are taken
		{"KWD", 5124, 0},
		{"TND", 10, 10},
		{"HUF", 10_050, 10_050}, // whole forints count for payouts only
		{"EUR", 0, 0},
	} {
		m := amount(t, test.ours, test.code)
		got, code, err := toStripe(m)
		if test.stripes == 0 {
			if !errors.Is(err, payment.ErrRejected) {
				t.Errorf("%s: %d %s, %v", m, got, code, err)
			}
			continue
		}
		if err != nil || got != test.stripes {
			t.Errorf("%s: %d %s, %v, want %d", m, got, code, err, test.stripes)
		}
		if back, ok := fromStripe(got, stripe.Currency(code)); !ok || back != m {
			t.Errorf("%s comes back as %s", m, back)
		}
	}
	if m, ok := fromStripe(550, "isk"); ok {
		t.Errorf("half a króna is %s", m)
	}
	for _, bad := range []stripe.Currency{"", "euro", "e1r"} {
		if m, ok := fromStripe(1, bad); ok {
			t.Errorf("%q is %s", bad, m)
		}
	}
	if m, ok := fromStripe(-1, "eur"); ok {
		t.Errorf("less than nothing is %s", m)
	}
	if m, ok := fromStripe(money.MaxMinor, "mga"); ok {
		t.Errorf("too much is %s", m)
	}
}

// TestRecordIDs: no two keys share a record.
func TestRecordIDs(t *testing.T) {
	seen := map[string]string{}
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.StringMatching(`[!-~]{1,6}`).Draw(t, "key")
		id := recordID(key)
		if other, ok := seen[id]; ok && other != key {
			t.Errorf("%q and %q are %s", key, other, id)
		}
		seen[id] = key
	})
	if got := recordID("ord_0001:1"); got != "ticketflow_ord_0001-3a1" {
		t.Error(got)
	}
}
