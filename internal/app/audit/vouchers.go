package audit

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/pricing"
)

// voucher counts the orders that have a voucher, and how many of them were paid late.
type voucher struct {
	row     VoucherRow
	known   bool
	counted int64
	late    int64
}

func (l *ledger) voucher(ref booking.VoucherRef) *voucher {
	v := l.vouchers[ref]
	if v == nil {
		v = &voucher{}
		l.vouchers[ref] = v
	}
	return v
}

func (l *ledger) addVoucher(r *VoucherRow) {
	v := l.voucher(r.Ref)
	v.row, v.known = *r, true
}

// checkVouchers is the part of I9 about vouchers: the uses are the orders that have it and await
// their payment or were ever paid, and only late payments may lead beyond the limit. An order has
// the discount of the voucher that it names, and of no other.
func (l *ledger) checkVouchers() {
	for i := range l.orders {
		o := &l.orders[i]
		if code := discountOf(o.quote.Charges); code != o.voucher {
			l.breach(i9, "%s names the voucher %q and has the discount of %q", o.id,
				o.voucher, code)
		}
		if o.voucher == "" {
			continue
		}
		v := l.voucher(booking.VoucherRef{Event: o.id.Event, Code: o.voucher})
		if o.live() || o.wasPaid {
			v.counted++
			v.late += int64(min(o.late, 1))
		}
	}
	refs := slices.SortedFunc(maps.Keys(l.vouchers), func(a, b booking.VoucherRef) int {
		return cmp.Or(cmp.Compare(a.Event, b.Event), strings.Compare(a.Code, b.Code))
	})
	for _, ref := range refs {
		l.checked(i9)
		v := l.vouchers[ref]
		switch {
		case !v.known:
			l.breach(i9, "the voucher %s of %s has orders and doesn't exist", ref.Code, ref.Event)
		case v.row.Used != v.counted:
			l.breach(i9, "the voucher %s of %s has %d orders, and the count says %d", ref.Code,
				ref.Event, v.counted, v.row.Used)
		case v.row.MaxUses > 0 && v.counted-v.late > v.row.MaxUses:
			l.breach(i9, "the voucher %s of %s has %d orders that weren't late, the limit is %d",
				ref.Code, ref.Event, v.counted-v.late, v.row.MaxUses)
		}
	}
}

// discountOf is the code of the voucher that charges have a discount of, or empty.
func discountOf(charges []pricing.Line) string {
	for i := range charges {
		if charges[i].Kind == pricing.VoucherDiscount {
			return charges[i].Name
		}
	}
	return ""
}

// worthOf is what the living tickets of an order with charges have cost, and what was charged for
// the order as a whole as long as there is any.
func (l *ledger) worthOf(o *order) (sum int64) {
	lines := l.linesOf(o)
	for i, worth := range l.worths(o) {
		if lines[i].living > 0 {
			sum += worth
		}
	}
	for i := range o.quote.Charges {
		if c := &o.quote.Charges[i]; c.Tier == pricing.AllTiers && o.living > 0 {
			sum += c.Total
		}
	}
	return sum
}

// worths are what the places of an order have cost each.
func (l *ledger) worths(o *order) []int64 {
	lines := l.linesOf(o)
	places := make([]pricing.Place, len(lines))
	for i := range lines {
		places[i] = pricing.Place{Tier: lines[i].Tier, Price: lines[i].Price}
	}
	return pricing.Worth(o.quote.Charges, places)
}

// addsUp tells whether a charge's total is made of its parts. What the organiser bears costs the
// buyer nothing.
func addsUp(c *pricing.Line) bool {
	want := c.Amount
	if c.Rate.Added {
		want += c.Tax
	}
	if c.Absorbed {
		want = 0
	}
	return c.Total == want
}
