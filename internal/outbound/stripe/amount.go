package stripe

import (
	"strings"

	"github.com/stripe/stripe-go/v85"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/domain/money"
)

// Stripe counts in minor units as ISO 4217 does, with these exceptions
// (https://docs.stripe.com/currencies#minor-units).
var (
	// enlarged have no minor unit, but Stripe counts them in hundredths, of which it takes whole
	// hundreds only.
	enlarged = map[string]bool{"ISK": true, "UGX": true}
	// reduced have two decimals by ISO 4217, and none at Stripe.
	reduced = map[string]bool{"MGA": true}
	// tens have three decimals, of which Stripe takes two: the last digit must be 0.
	tens = map[string]bool{"BHD": true, "IQD": true, "JOD": true, "KWD": true, "LYD": true,
		"OMR": true, "TND": true}
)

const hundred = 100

// toStripe gives an amount as Stripe counts it. What Stripe can't count is refused rather than
// rounded: the buyer would pay something else than was said.
func toStripe(m money.Money) (minor int64, currency string, err error) {
	minor, currency = m.Minor(), m.Currency().String()
	switch {
	case minor == 0 || currency == "":
		return 0, "", payment.ErrRejected.With("There is nothing to pay or to return.")
	case enlarged[currency]:
		minor *= hundred
	case reduced[currency] && minor%hundred != 0, tens[currency] && minor%10 != 0:
		return 0, "", payment.ErrRejected.With("Stripe can't take " + m.String() + " exactly.")
	case reduced[currency]:
		minor /= hundred
	}
	return minor, strings.ToLower(currency), nil
}

// fromStripe reads an amount that Stripe tells.
func fromStripe(minor int64, currency stripe.Currency) (money.Money, bool) {
	c, err := money.ParseCurrency(strings.ToUpper(string(currency)))
	if err != nil {
		return money.Money{}, false
	}
	switch {
	case enlarged[c.String()] && minor%hundred != 0:
		return money.Money{}, false
	case enlarged[c.String()]:
		minor /= hundred
	case reduced[c.String()] && minor > money.MaxMinor/hundred:
		return money.Money{}, false
	case reduced[c.String()]:
		minor *= hundred
	}
	m, err := money.New(minor, c)
	return m, err == nil
}
