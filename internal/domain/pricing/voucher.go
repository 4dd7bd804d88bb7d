package pricing

import (
	"math/bits"
	"strings"
	"time"

	"ticketflow/internal/domain/errs"
	"ticketflow/internal/domain/money"
)

// Failures of vouchers.
var (
	ErrVoucherCode = errs.New(errs.Invalid, "bad_voucher_code",
		"A voucher code has 3 to 40 letters, digits and hyphens.")
	ErrVoucherTerms = errs.New(errs.Invalid, "bad_voucher",
		"A voucher needs either percent or an amount, and its limits must make sense.")
	ErrVoucherUseless = errs.New(errs.Conflict, "voucher_without_effect",
		"This voucher takes nothing off these places.")
)

// Bounds of a code.
const (
	minVoucherBytes = 3
	maxVoucherBytes = 40
	maxVoucherUses  = 1_000_000_000
)

// Voucher is what comes off the price for who knows its code.
type Voucher struct {
	Code    string // as VoucherCode returns it
	Percent int    // basis points, or
	Fixed   int64  // off the order
	Tiers   uint64 // a bit for each tier's index that it is for; 0 is all
}

func (v *Voucher) covers(tier uint8) bool {
	return v.Tiers == 0 || tier < 64 && v.Tiers&(1<<tier) != 0
}

// VoucherCode is a code in the form in which it is kept: people type it in either case.
func VoucherCode(s string) (string, error) {
	s = strings.TrimSpace(s)
	if len(s) < minVoucherBytes || len(s) > maxVoucherBytes || strings.ContainsFunc(s, oddInCode) {
		return "", ErrVoucherCode
	}
	return strings.ToUpper(s), nil
}

// oddInCode finds what a code can't have. Letters of other alphabets, some of which have a Latin
// capital, are among it.
func oddInCode(r rune) bool {
	return (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-'
}

// VoucherTerms are what an organiser says about a voucher.
type VoucherTerms struct {
	Percent int   // basis points, or
	Fixed   int64 // off the order
	Tiers   []string
	From    time.Time // zero: from now on
	Until   time.Time // zero: as long as the sale lasts
	MaxUses int       // 0 is no limit
}

// Check tells what is wrong with the terms; tier tells whether a key is a tier's.
func (t *VoucherTerms) Check(tier func(key string) bool) error {
	switch {
	case t.Percent < 0 || t.Percent > WholePercent || t.Fixed < 0 || t.Fixed > money.MaxMinor:
		return ErrVoucherTerms
	case (t.Percent == 0) == (t.Fixed == 0):
		return ErrVoucherTerms.With("It takes off either percent or an amount.")
	case t.MaxUses < 0 || t.MaxUses > maxVoucherUses:
		return ErrVoucherTerms.With("The number of uses is 0 (no limit) to 1,000,000,000.")
	case !t.From.IsZero() && !t.Until.IsZero() && !t.From.Before(t.Until):
		return ErrVoucherTerms.With("It must begin before it ends.")
	}
	for _, key := range t.Tiers {
		if !tier(key) {
			return ErrVoucherTerms.With("There is no tier " + key + ".")
		}
	}
	return nil
}

// floorShare is a times part of whole, rounded down.
func floorShare(a, part, whole int64) int64 {
	high, low := bits.Mul64(uint64(a), uint64(part))
	n, _ := bits.Div64(high, low, uint64(whole))
	return int64(n)
}
