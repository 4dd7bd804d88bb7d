package pricing_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"ticketflow/internal/domain/pricing"
)

func drawFee(t *rapid.T, name string) pricing.Fee {
	if !rapid.Bool().Draw(t, name) {
		return pricing.Fee{}
	}
	return pricing.Fee{Name: name, Fixed: rapid.Int64Range(0, 2_000).Draw(t, name+" fixed"),
		Percent:  rapid.IntRange(1, 10_000).Draw(t, name+" percent"),
		Absorbed: rapid.Bool().Draw(t, name+" absorbed")}
}

func drawTax(t *rapid.T, name string) pricing.Tax {
	if !rapid.Bool().Draw(t, name) {
		return pricing.Tax{}
	}
	return pricing.Tax{Code: name, Rate: rapid.IntRange(1, 10_000).Draw(t, name+" rate"),
		Added: rapid.Bool().Draw(t, name+" added")}
}

func drawRules(t *rapid.T) pricing.Rules {
	r := pricing.Rules{TicketFee: drawFee(t, "ticket fee"), OrderFee: drawFee(t, "order fee"),
		TicketTax: drawTax(t, "ticket-tax"), FeeTax: drawTax(t, "fee-tax")}
	for from := range rapid.IntRange(0, 3).Draw(t, "groups") {
		g := pricing.Group{Name: "group", From: 2 + 2*from}
		if rapid.Bool().Draw(t, "each") {
			g.Each = rapid.Int64Range(1, 20_000).Draw(t, "off each")
		} else {
			g.Percent = rapid.IntRange(1, 10_000).Draw(t, "group percent")
		}
		r.Groups = append(r.Groups, g)
	}
	if err := r.Check(func(string) bool { return true }); err != nil {
		t.Fatalf("%+v: %v", r, err)
	}
	return r
}

// drawPlaces are places in three tiers, each with its price.
func drawPlaces(t *rapid.T) (asked []pricing.Place) {
	for tier := range uint8(3) {
		price := rapid.OneOf(rapid.Int64Range(0, 10_000), rapid.Int64Range(0, 10_000_000)).
			Draw(t, "price")
		n := rapid.IntRange(0, 4).Draw(t, "places")
		asked = append(asked, places(tier, price, n)...)
	}
	return asked
}

func drawVoucher(t *rapid.T) *pricing.Voucher {
	v := &pricing.Voucher{Code: "V", Tiers: rapid.Uint64Range(0, 7).Draw(t, "tiers")}
	switch rapid.IntRange(0, 2).Draw(t, "voucher") {
	case 0:
		return nil
	case 1:
		v.Percent = rapid.IntRange(1, 10_000).Draw(t, "voucher percent")
	default:
		v.Fixed = rapid.Int64Range(1, 30_000).Draw(t, "voucher amount")
	}
	return v
}

// quote prices places; a voucher that has no effect is left out.
func quote(
	t *rapid.T, r *pricing.Rules, asked []pricing.Place, v *pricing.Voucher,
) pricing.Quote {
	t.Helper()
	q, err := r.Quote(asked, v)
	if v != nil && err != nil {
		q, err = r.Quote(asked, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// TestLinesAddUp: totals are exact sums, nothing is negative, and the organiser, the service and
// the tax get all of it.
func TestLinesAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, asked, v := drawRules(t), drawPlaces(t), drawVoucher(t)
		q := quote(t, &r, asked, v)
		sum, prices := int64(0), int64(0)
		left, tax := map[uint8]int64{}, map[uint8]int64{}
		for _, l := range q.Lines {
			sum += l.Total
			added := int64(0)
			if l.Rate.Added {
				added = l.Tax
			}
			if want := l.Amount + added; !l.Absorbed && l.Total != want ||
				l.Absorbed && l.Total != 0 || l.Unit != 0 && l.Unit*int64(l.Quantity) != l.Amount {
				t.Errorf("a line doesn't add up: %+v", l)
			}
			switch l.Kind {
			case pricing.Tickets, pricing.GroupDiscount, pricing.VoucherDiscount:
				left[l.Tier] += l.Amount
				tax[l.Tier] += l.Tax
				if (l.Kind == pricing.Tickets) != (l.Amount >= 0) && l.Amount != 0 {
					t.Errorf("a line has the wrong sign: %+v", l)
				}
			case pricing.TicketFee, pricing.OrderFee, pricing.TicketTax:
				if l.Amount < 0 || l.Tax < 0 || l.Total < 0 {
					t.Errorf("a fee is negative: %+v", l)
				}
			}
		}
		for tier := range left {
			if left[tier] < 0 || tax[tier] < 0 || tax[tier] > left[tier] {
				t.Errorf("tier %d is left with %d and the tax %d", tier, left[tier], tax[tier])
			}
		}
		for _, p := range asked {
			prices += p.Price
		}
		charges := q.Charges()
		split := pricing.SplitOf(q.Total, charges)
		if sum != q.Total || q.Total < 0 || prices+pricing.Sum(charges) != q.Total {
			t.Errorf("the total is %d, the lines make %d, places %d and charges %d", q.Total, sum,
				prices, pricing.Sum(charges))
		}
		if split.Revenue+split.Fees+split.Tax != q.Total || split.Revenue < 0 || split.Fees < 0 ||
			split.Tax < 0 {
			t.Errorf("%d is split as %+v", q.Total, split)
		}
	})
}

// TestWorth: what the places have cost is never negative, and makes the total with what is charged
// for the order as a whole.
func TestWorth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, asked, v := drawRules(t), drawPlaces(t), drawVoucher(t)
		q := quote(t, &r, asked, v)
		sum := int64(0)
		for _, l := range q.Lines {
			if l.Tier == pricing.AllTiers {
				sum += l.Total
			}
		}
		least, most := map[uint8]int64{}, map[uint8]int64{}
		for i, worth := range pricing.Worth(q.Charges(), asked) {
			sum += worth
			tier := asked[i].Tier
			if low, seen := least[tier]; !seen || worth < low {
				least[tier] = worth
			}
			most[tier] = max(most[tier], worth)
			if worth < 0 || q.Charges() == nil && worth != asked[i].Price {
				t.Errorf("place %d is worth %d", i, worth)
			}
		}
		for tier := range least {
			if most[tier] > least[tier]+1 {
				t.Errorf("places of tier %d are worth %d to %d", tier, least[tier], most[tier])
			}
		}
		if sum != q.Total {
			t.Errorf("the places are worth %d, and the total is %d", sum, q.Total)
		}
	})
}

// TestDeterministic: the order in which places are named doesn't matter.
func TestDeterministic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, asked, v := drawRules(t), drawPlaces(t), drawVoucher(t)
		q := quote(t, &r, asked, v)
		shuffled := slices.Clone(asked)
		chance := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		chance.Shuffle(len(shuffled), func(i, j int) {
			shuffled[i], shuffled[j] = shuffled[j], shuffled[i]
		})
		again := quote(t, &r, shuffled, v)
		if !slices.Equal(q.Lines, again.Lines) || q.Total != again.Total {
			t.Errorf("%+v\n%+v", q, again)
		}
	})
}

// TestMoreCostsMore: without group rates and fixed vouchers another place never makes it cheaper.
func TestMoreCostsMore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, asked, v := drawRules(t), drawPlaces(t), drawVoucher(t)
		r.Groups = nil
		if v != nil && v.Fixed > 0 {
			v = nil
		}
		before := quote(t, &r, asked, v).Total
		tier := uint8(rapid.IntRange(0, 2).Draw(t, "another"))
		price := rapid.Int64Range(0, 10_000).Draw(t, "its price")
		i := slices.IndexFunc(asked, func(p pricing.Place) bool { return p.Tier == tier })
		if i >= 0 {
			price = asked[i].Price
		}
		after := quote(t, &r, append(asked, places(tier, price, 1)...), v).Total
		if after < before {
			t.Errorf("%d places cost %d, and one more %d", len(asked), before, after)
		}
	})
}

// TestVoucherNeverCostsMore: a voucher takes off what it says, and no more than there is.
func TestVoucherNeverCostsMore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, asked := drawRules(t), drawPlaces(t)
		v := drawVoucher(t)
		if v == nil {
			return
		}
		q, err := r.Quote(asked, v)
		if err != nil {
			return
		}
		plain, err := r.Quote(asked, nil)
		if err != nil || q.Total > plain.Total {
			t.Errorf("with the voucher it costs %d, without %d, %v", q.Total, plain.Total, err)
		}
		off, covered := int64(0), int64(0)
		for _, l := range q.Lines {
			switch l.Kind { //nolint:exhaustive // fees and taxes aren't the voucher's
			case pricing.VoucherDiscount:
				off -= l.Amount
			case pricing.Tickets, pricing.GroupDiscount:
				if v.Tiers == 0 || v.Tiers&(1<<l.Tier) != 0 {
					covered += l.Amount
				}
			}
		}
		if v.Fixed > 0 && off != min(v.Fixed, covered) {
			t.Errorf("%d off %d takes %d off", v.Fixed, covered, off)
		}
	})
}

// TestNoRules: without rules the price is the sum of the places, and there are no charges.
func TestNoRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		asked := drawPlaces(t)
		r := pricing.Rules{}
		q := quote(t, &r, asked, nil)
		sum := int64(0)
		for _, p := range asked {
			sum += p.Price
		}
		if !r.Zero() || !r.Plain() || q.Total != sum || q.Charges() != nil {
			t.Errorf("%+v", q)
		}
	})
}
