package booking

import (
	"slices"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/money"
	"ticketflow/internal/domain/pricing"
)

// priced is what a new hold costs: the charges beyond its places, and the total. Where the event
// has no rules, nothing is made for them.
func priced(lines []Line, offer *catalog.Offer) ([]pricing.Line, money.Money, error) {
	if offer.Plain() {
		total, err := linesTotal(lines, offer.Currency())
		return nil, total, err
	}
	return quoted(lines, offer, nil)
}

// quoted prices the places of lines, at the prices that the lines have, with the offer's rules.
func quoted(
	lines []Line, offer *catalog.Offer, voucher *pricing.Voucher,
) ([]pricing.Line, money.Money, error) {
	asked := make([]pricing.Place, len(lines))
	for i, l := range lines {
		asked[i] = offer.Asked(l.Tier, l.Price)
	}
	q, err := offer.Event().Pricing.Quote(asked, voucher)
	if err != nil {
		return nil, money.Money{}, err
	}
	total, err := money.New(q.Total, offer.Currency())
	return q.Charges(), total, err
}

// WithVoucher is what an order of the hold would cost with a voucher: the charges and the total. It
// fails with ErrRevised if the offer has other rules than the hold was quoted with.
func (h Hold) WithVoucher(
	offer *catalog.Offer, v *Voucher,
) ([]pricing.Line, money.Money, error) {
	frozen, _, err := quoted(h.Lines, offer, nil)
	if err != nil {
		return nil, money.Money{}, err
	}
	if !slices.Equal(frozen, h.Charges) {
		return nil, money.Money{}, ErrRevised
	}
	tiers, ok := offer.TierSet(v.Terms.Tiers)
	if !ok {
		return nil, money.Money{}, pricing.ErrVoucherUseless
	}
	return quoted(h.Lines, offer, &pricing.Voucher{Code: v.Ref.Code, Percent: v.Terms.Percent,
		Fixed: v.Terms.Fixed, Tiers: tiers})
}

// Split tells where the order's money goes: to the organiser, to the service, and to the tax. The
// three add up to Total.
func (o Order) Split() pricing.Split { return pricing.SplitOf(o.Total.Minor(), o.Charges) }

// Worth is what each of the order's lines has cost, with its part of discounts, fees and taxes. It
// is what goes back when the place is returned; the fee of the order as a whole stays until no
// place is left.
func (o Order) Worth() []int64 {
	places := make([]pricing.Place, len(o.Lines))
	for i, l := range o.Lines {
		places[i] = pricing.Place{Tier: l.Tier, Price: l.Price}
	}
	return pricing.Worth(o.Charges, places)
}

// Rest is what those of the order's lines have cost that still stand, with what was charged for the
// order as a whole as long as there are any.
func (o Order) Rest(standing []Line) (sum int64) {
	for i, worth := range o.Worth() {
		if slices.Contains(standing, o.Lines[i]) {
			sum += worth
		}
	}
	for i := range o.Charges {
		if o.Charges[i].Tier == pricing.AllTiers && len(standing) > 0 {
			sum += o.Charges[i].Total
		}
	}
	return sum
}

// worth is the worth of some of the order's lines.
func (o Order) worth(lines []Line) (money.Money, error) {
	sum := int64(0)
	for i, worth := range o.Worth() {
		if slices.Contains(lines, o.Lines[i]) {
			sum += worth
		}
	}
	return money.New(sum, o.Total.Currency())
}
