// Package money is amounts in minor units of one currency, checked against overflow.
package money

import (
	"math"
	"strconv"

	"ticketflow/internal/domain/errs"
)

// MaxMinor bounds every amount, in minor units: sums of MaxPlaces of them still fit an int64.
const MaxMinor = 1_000_000_000_000

// Failures of arithmetic and parsing.
var (
	ErrCurrency = errs.New(errs.Invalid, "bad_currency",
		"A currency is three capital letters (ISO 4217), for instance EUR.")
	ErrMixed = errs.New(errs.Invalid, "mixed_currencies",
		"Amounts of different currencies can't be added.")
	ErrRange = errs.New(errs.Invalid, "amount_out_of_range",
		"The amount is negative or too large.")
)

// Currency is an ISO 4217 code. The zero value is no currency.
type Currency [3]byte

// ParseCurrency reads three capital letters.
func ParseCurrency(s string) (Currency, error) {
	if len(s) != 3 {
		return Currency{}, ErrCurrency
	}
	for i := range 3 {
		if s[i] < 'A' || s[i] > 'Z' {
			return Currency{}, ErrCurrency
		}
	}
	return Currency{s[0], s[1], s[2]}, nil
}

// String returns the code, or an empty string for no currency.
func (c Currency) String() string {
	if c == (Currency{}) {
		return ""
	}
	return string(c[:])
}

// Money is an amount of minor units (cents) of one currency. The zero value is nothing, in no
// currency, and may be added to any amount.
type Money struct {
	minor    int64
	currency Currency
}

// New makes an amount from 0 to MaxMinor minor units.
func New(minor int64, currency Currency) (Money, error) {
	if minor < 0 || minor > MaxMinor {
		return Money{}, ErrRange
	}
	if currency == (Currency{}) {
		return Money{}, ErrCurrency
	}
	return Money{minor, currency}, nil
}

// Minor is the amount in minor units.
func (m Money) Minor() int64 { return m.minor }

// Currency is the currency of the amount.
func (m Money) Currency() Currency { return m.currency }

// IsZero tells whether the amount is nothing.
func (m Money) IsZero() bool { return m.minor == 0 }

// Add sums two amounts of one currency.
func (m Money) Add(o Money) (Money, error) {
	if m == (Money{}) {
		return o, nil
	}
	if o == (Money{}) {
		return m, nil
	}
	if m.currency != o.currency {
		return Money{}, ErrMixed
	}
	if m.minor > math.MaxInt64-o.minor {
		return Money{}, ErrRange
	}
	return Money{m.minor + o.minor, m.currency}, nil
}

// Sub takes o from m; a result below nothing is refused.
func (m Money) Sub(o Money) (Money, error) {
	if o == (Money{}) {
		return m, nil
	}
	if m.currency != o.currency {
		return Money{}, ErrMixed
	}
	if o.minor > m.minor {
		return Money{}, ErrRange
	}
	return Money{m.minor - o.minor, m.currency}, nil
}

// String is for logs: minor units and code, for instance "4900 EUR".
func (m Money) String() string {
	return strconv.FormatInt(m.minor, 10) + " " + m.currency.String()
}
