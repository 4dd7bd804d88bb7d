package pricing

import (
	"cmp"
	"slices"
)

// Place is one place that is asked for, at its price now.
type Place struct {
	Tier  uint8 // index of the tier
	Name  string
	Price int64
}

// bundle is the places of one tier and what is left of their price after discounts.
type bundle struct {
	tier     uint8
	name     string
	quantity int
	price    int64 // of one place, before discounts
	left     int64
}

// quoting is a quote that is being made.
type quoting struct {
	rules   *Rules
	bundles []bundle
	lines   []Line
}

// Quote prices places, in whatever order they are named. voucher is nil for none; one that takes
// nothing off is refused.
func (r *Rules) Quote(places []Place, voucher *Voucher) (Quote, error) {
	q := quoting{rules: r}
	if err := q.bundle(places); err != nil {
		return Quote{}, err
	}
	for i := range q.bundles {
		b := &q.bundles[i]
		l := Line{Kind: Tickets, Name: b.name, Tier: b.tier, Quantity: b.quantity,
			Unit: b.price, Amount: b.left, Rate: r.TicketTax}
		q.add(l, r.TicketTax.of(b.left))
	}
	q.discountGroup(len(places))
	if voucher != nil {
		if err := q.discountVoucher(voucher); err != nil {
			return Quote{}, err
		}
	}
	q.charge()
	made := Quote{Lines: q.lines, Total: Sum(q.lines)}
	if !within(made.Total) {
		return Quote{}, ErrOverflow
	}
	return made, nil
}

// bundle puts places of one tier and price together, in the order of their tiers.
func (q *quoting) bundle(places []Place) error {
	if len(places) > MaxQuantity {
		return ErrOverflow
	}
	sum := int64(0)
	for _, p := range places {
		if sum += p.Price; !within(p.Price) || !within(sum) {
			return ErrOverflow
		}
		i := slices.IndexFunc(q.bundles, func(b bundle) bool {
			return b.tier == p.Tier && b.price == p.Price
		})
		if i < 0 {
			i = len(q.bundles)
			q.bundles = append(q.bundles, bundle{tier: p.Tier, name: p.Name, price: p.Price})
		}
		q.bundles[i].quantity++
		q.bundles[i].left += p.Price
	}
	slices.SortFunc(q.bundles, func(a, b bundle) int {
		return cmp.Or(cmp.Compare(a.tier, b.tier), cmp.Compare(b.price, a.price))
	})
	return nil
}

// add puts a line with its tax into the quote.
func (q *quoting) add(l Line, tax int64) {
	if l.Rate != (Tax{}) {
		l.Tax = tax
	}
	if !l.Absorbed {
		l.Total = l.cost()
	}
	q.lines = append(q.lines, l)
}

// takeOff is a discount on a bundle. Its tax is what it takes off the tax of the tickets, so that
// the rounding of several discounts can't make more, or less, than the tax of what is left.
func (q *quoting) takeOff(kind Kind, name string, b *bundle, off int64) {
	if off == 0 {
		return
	}
	rate := q.rules.TicketTax
	tax := rate.of(b.left-off) - rate.of(b.left)
	b.left -= off
	q.add(Line{Kind: kind, Name: name, Tier: b.tier, Quantity: b.quantity,
		Unit: unit(-off, b.quantity), Amount: -off, Rate: rate}, tax)
}

func (q *quoting) discountGroup(places int) {
	g := q.rules.group(places)
	if g.From == 0 {
		return
	}
	for i := range q.bundles {
		b := &q.bundles[i]
		off := share(b.left, int64(g.Percent), WholePercent)
		if g.Percent == 0 {
			off = min(g.Each, b.price) * int64(b.quantity)
		}
		q.takeOff(GroupDiscount, g.Name, b, off)
	}
}

func (q *quoting) discountVoucher(v *Voucher) error {
	off := make([]int64, len(q.bundles))
	sum, useful := int64(0), false
	for i := range q.bundles {
		if b := &q.bundles[i]; v.covers(b.tier) {
			off[i] = share(b.left, int64(v.Percent), WholePercent)
			sum += b.left
		}
	}
	if v.Percent == 0 {
		q.spread(v, min(v.Fixed, sum), sum, off)
	}
	for i := range q.bundles {
		q.takeOff(VoucherDiscount, v.Code, &q.bundles[i], off[i])
		useful = useful || off[i] > 0
	}
	if !useful {
		return ErrVoucherUseless
	}
	return nil
}

// spread divides an amount by the price of the bundles that the voucher is for. What the rounding
// down leaves goes to the last of them, or to those before it where that would cost less than
// nothing.
func (q *quoting) spread(v *Voucher, amount, sum int64, off []int64) {
	if sum == 0 {
		return
	}
	rest := amount
	for i := range q.bundles {
		if b := &q.bundles[i]; v.covers(b.tier) {
			off[i] = floorShare(b.left, amount, sum)
			rest -= off[i]
		}
	}
	for i, b := range slices.Backward(q.bundles) {
		if v.covers(b.tier) {
			more := min(rest, b.left-off[i])
			off[i] += more
			rest -= more
		}
	}
}

// charge adds the fees. They are for tickets that still cost something: what is free stays free.
func (q *quoting) charge() {
	r, left := q.rules, int64(0)
	room := int64(0) // what the organiser gets for the tickets, and can pay absorbed fees from
	for i := range q.bundles {
		left += q.bundles[i].left
	}
	for i := range q.lines {
		room += q.lines[i].cost() - q.lines[i].Tax
	}
	if left == 0 {
		return
	}
	for i := range q.bundles {
		b := &q.bundles[i]
		if b.left == 0 || r.TicketFee == (Fee{}) {
			continue
		}
		l := Line{Tier: b.tier, Quantity: b.quantity}
		q.fee(TicketFee, r.TicketFee, l, b.left, &room)
	}
	if r.OrderFee != (Fee{}) {
		q.fee(OrderFee, r.OrderFee, Line{Tier: AllTiers, Quantity: 1}, left, &room)
	}
}

// fee adds one line for a fee on tickets of a price. An absorbed one ends where the organiser's
// money from this order ends.
func (q *quoting) fee(kind Kind, f Fee, l Line, price int64, room *int64) {
	l.Kind, l.Name, l.Absorbed, l.Rate = kind, f.Name, f.Absorbed, q.rules.FeeTax
	l.Amount = f.Fixed*int64(l.Quantity) + share(price, int64(f.Percent), WholePercent)
	l.Tax = l.Rate.of(l.Amount)
	if f.Absorbed {
		if l.cost() > *room {
			contained := Tax{Rate: l.Rate.Rate}
			l.Amount, l.Tax = *room, contained.of(*room)
			if l.Rate.Added {
				l.Amount -= l.Tax
			}
		}
		*room -= l.cost()
	}
	if l.cost() > 0 {
		l.Unit = unit(l.Amount, l.Quantity)
		q.add(l, l.Tax)
	}
}
