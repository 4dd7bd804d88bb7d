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

// Without is the order without some of its places: its lines, charges and total. What it costs less
// is what these places have cost, with their part of discounts, fees and taxes; the fee of the
// order as a whole stays until no place does.
func (o Order) Without(gone func(catalog.PlaceNo) bool) (Order, error) {
	tiers, kept := make([]uint8, len(o.Lines)), make([]bool, len(o.Lines))
	var lines []Line
	for i, l := range o.Lines {
		tiers[i], kept[i] = l.Tier, !gone(l.Place)
		if kept[i] {
			lines = append(lines, l)
		}
	}
	o.Lines, o.Charges = lines, pricing.Keep(o.Charges, tiers, kept)
	total := pricing.Sum(o.Charges)
	for _, l := range lines {
		total += l.Price
	}
	var err error
	o.Total, err = money.New(total, o.Total.Currency())
	return o, err
}

// worth is what some of the places that an order still has have cost, with their part of discounts,
// fees and taxes. Returned one after the other, places are worth as much as returned together.
func (o Order) worth(living, chosen []Line) (money.Money, error) {
	if o.Charges == nil {
		return linesTotal(chosen, o.Total.Currency())
	}
	still := func(lines []Line) func(catalog.PlaceNo) bool {
		return func(no catalog.PlaceNo) bool {
			return !slices.ContainsFunc(lines, func(l Line) bool { return l.Place == no })
		}
	}
	before, err := o.Without(still(living))
	if err != nil {
		return money.Money{}, err
	}
	after, err := before.Without(func(no catalog.PlaceNo) bool { return !still(chosen)(no) })
	if err != nil {
		return money.Money{}, err
	}
	return before.Total.Sub(after.Total)
}
