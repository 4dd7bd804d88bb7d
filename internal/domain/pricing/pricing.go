// Package pricing turns the places of an order into what a buyer pays: early-bird prices, group
// rates, vouchers, service fees and taxes, line by line. docs/pricing.md tells the rules in words.
//
// All amounts are minor units of the event's one currency. Every line is rounded by itself, half to
// even, and the total is the sum of the lines: nothing is rounded a second time.
package pricing

import (
	"slices"
	"strings"
	"time"

	"ticketflow/internal/domain/errs"
	"ticketflow/internal/domain/money"
)

// Failures of rules and of quotes.
var (
	ErrFee = errs.New(errs.Invalid, "bad_fee",
		"A fee needs a name, an amount that isn't negative, and 0 to 100 percent.")
	ErrTax = errs.New(errs.Invalid, "bad_tax",
		"A tax needs a code of letters, digits, dots and hyphens, and more than 0 to 100 percent.")
	ErrEarlyBird = errs.New(errs.Invalid, "bad_early_bird", "An early-bird price is not complete.")
	ErrGroup     = errs.New(errs.Invalid, "bad_group_rate",
		"A group rate needs two places or more, and either percent or an amount off each.")
	ErrOverflow = errs.New(errs.Invalid, "price_out_of_range",
		"The price of these places is negative or too large.")
)

// Bounds of rules.
const (
	WholePercent  = 10_000 // basis points: 1,300 are 13 %
	MaxEarlyBirds = 256
	MaxGroups     = 20
	MaxQuantity   = 1_000 // places in one quote
	MaxNameRunes  = 80
	maxCodeBytes  = 20
)

// AllTiers stands in a line that belongs to the order as a whole.
const AllTiers = 0xFF

// Fee is what is paid for the service, besides the tickets.
type Fee struct {
	Name     string
	Fixed    int64 // for each place, or once for the order
	Percent  int   // of the discounted price of the tickets, basis points
	Absorbed bool  // the organiser pays it out of the tickets; the buyer's price stays the same
}

// Tax is a rate with a name, for instance AT-13. The zero value is no tax.
type Tax struct {
	Code  string
	Rate  int  // basis points
	Added bool // on top of the price; otherwise the price contains it
}

// EarlyBird is the price of a tier until a date. Of several, the one that ends first counts.
type EarlyBird struct {
	Tier  string
	Price int64
	Until time.Time // from then on it is over
}

// Group is what comes off the price of each place of an order that has enough of them. Of several,
// the one that asks for most places counts.
type Group struct {
	Name    string
	From    int   // places in the order
	Percent int   // basis points, or
	Each    int64 // off each place
}

// Rules are an event's prices beyond its tiers. The zero value adds and takes off nothing.
type Rules struct {
	TicketFee  Fee // for each place that still costs something after discounts
	OrderFee   Fee // once, if any place does
	TicketTax  Tax
	FeeTax     Tax
	EarlyBirds []EarlyBird
	Groups     []Group
}

// Plain tells that the places alone make the price: there is nothing to quote.
func (r *Rules) Plain() bool {
	return r.TicketFee == (Fee{}) && r.OrderFee == (Fee{}) && r.TicketTax == (Tax{}) &&
		len(r.Groups) == 0
}

// Zero tells that there are no rules at all.
func (r *Rules) Zero() bool {
	return r.Plain() && r.FeeTax == (Tax{}) && len(r.EarlyBirds) == 0
}

// Check tells the first thing that is wrong with the rules; tier tells whether a key is a tier's.
func (r *Rules) Check(tier func(key string) bool) error {
	for _, f := range []Fee{r.TicketFee, r.OrderFee} {
		if err := f.check(); err != nil {
			return err
		}
	}
	for _, t := range []Tax{r.TicketTax, r.FeeTax} {
		if err := t.check(); err != nil {
			return err
		}
	}
	if err := r.checkEarlyBirds(tier); err != nil {
		return err
	}
	if len(r.Groups) > MaxGroups {
		return ErrGroup.With("An event has at most 20 group rates.")
	}
	for i, g := range r.Groups {
		if err := g.check(); err != nil {
			return err
		}
		if slices.ContainsFunc(r.Groups[:i], func(o Group) bool { return o.From == g.From }) {
			return ErrGroup.With("Two group rates begin at the same number of places.")
		}
	}
	return nil
}

func (f Fee) check() error {
	switch {
	case f == (Fee{}):
		return nil
	case !validName(f.Name):
		return ErrFee.With("The name has 1 to 80 characters.")
	case f.Fixed < 0 || f.Fixed > money.MaxMinor || f.Percent < 0 || f.Percent > WholePercent:
		return ErrFee
	case f.Fixed == 0 && f.Percent == 0:
		return ErrFee.With("A fee of nothing is left out.")
	}
	return nil
}

func (t Tax) check() error {
	odd := func(r rune) bool { return r != '.' && oddInCode(r) }
	switch {
	case t == (Tax{}):
		return nil
	case t.Code == "" || len(t.Code) > maxCodeBytes || strings.ContainsFunc(t.Code, odd):
		return ErrTax
	case t.Rate <= 0 || t.Rate > WholePercent:
		return ErrTax
	}
	return nil
}

func (r *Rules) checkEarlyBirds(tier func(key string) bool) error {
	if len(r.EarlyBirds) > MaxEarlyBirds {
		return ErrEarlyBird.With("An event has at most 256 early-bird prices.")
	}
	for i, e := range r.EarlyBirds {
		switch {
		case !tier(e.Tier):
			return ErrEarlyBird.With("There is no tier " + e.Tier + ".")
		case e.Price < 0 || e.Price > money.MaxMinor:
			return ErrEarlyBird.With("The price is negative or too large.")
		case e.Until.IsZero():
			return ErrEarlyBird.With("It needs an end.")
		}
		if slices.ContainsFunc(r.EarlyBirds[:i], func(o EarlyBird) bool {
			return o.Tier == e.Tier && o.Until.Equal(e.Until)
		}) {
			return ErrEarlyBird.With("Two prices of the tier " + e.Tier + " end together.")
		}
	}
	return nil
}

func (g Group) check() error {
	switch {
	case !validName(g.Name):
		return ErrGroup.With("The name has 1 to 80 characters.")
	case g.From < 2 || g.From > MaxQuantity:
		return ErrGroup
	case g.Percent < 0 || g.Percent > WholePercent || g.Each < 0 || g.Each > money.MaxMinor:
		return ErrGroup
	case (g.Percent == 0) == (g.Each == 0):
		return ErrGroup
	}
	return nil
}

// validName bounds what is shown to buyers and keeps control characters out of it.
func validName(s string) bool {
	n := len([]rune(s))
	return n > 0 && n <= MaxNameRunes && strings.TrimSpace(s) == s &&
		!strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// Price is what a place of a tier costs at a time, before discounts, fees and added taxes.
func (r *Rules) Price(tier string, usual int64, now time.Time) int64 {
	price, until := usual, time.Time{}
	for i := range r.EarlyBirds {
		e := &r.EarlyBirds[i]
		if e.Tier == tier && now.Before(e.Until) && (until.IsZero() || e.Until.Before(until)) {
			price, until = e.Price, e.Until
		}
	}
	return price
}

// group is the rate for so many places, or the zero value.
func (r *Rules) group(places int) (best Group) {
	for _, g := range r.Groups {
		if places >= g.From && g.From > best.From {
			best = g
		}
	}
	return best
}
