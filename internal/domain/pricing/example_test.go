package pricing_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"ticketflow/internal/domain/errs"
	"ticketflow/internal/domain/money"
	"ticketflow/internal/domain/pricing"
)

var noon = time.Date(2026, 9, 12, 12, 0, 0, 0, time.UTC)

// opera are rules with everything in them.
func opera() pricing.Rules {
	return pricing.Rules{
		TicketFee: pricing.Fee{Name: "Service fee", Fixed: 150, Percent: 250},
		OrderFee:  pricing.Fee{Name: "Order fee", Fixed: 200},
		TicketTax: pricing.Tax{Code: "AT-13", Rate: 1_300},
		FeeTax:    pricing.Tax{Code: "AT-20", Rate: 2_000, Added: true},
		EarlyBirds: []pricing.EarlyBird{
			{Tier: "cat1", Price: 4_500, Until: noon.Add(48 * time.Hour)},
			{Tier: "cat1", Price: 3_900, Until: noon},
		},
		Groups: []pricing.Group{{Name: "Group of 3", From: 3, Percent: 1_000},
			{Name: "Group of 10", From: 10, Each: 700}},
	}
}

func places(tier uint8, price int64, n int) []pricing.Place {
	return slices.Repeat([]pricing.Place{
		{Tier: tier, Name: string(rune('A' + tier)), Price: price}}, n)
}

// TestEachLine is the example of docs/pricing.md.
func TestEachLine(t *testing.T) {
	rules := opera()
	asked := slices.Concat(places(1, 2_500, 1), places(0, 4_900, 2))
	got, err := rules.Quote(asked, &pricing.Voucher{Code: "FIVE", Fixed: 500})
	if err != nil {
		t.Fatal(err)
	}
	at, fee := rules.TicketTax, rules.FeeTax
	want := []pricing.Line{
		{pricing.Tickets, "A", 0, 2, 4_900, 9_800, at, 1_127, false, 9_800},
		{pricing.Tickets, "B", 1, 1, 2_500, 2_500, at, 288, false, 2_500},
		{pricing.GroupDiscount, "Group of 3", 0, 2, -490, -980, at, -112, false, -980},
		{pricing.GroupDiscount, "Group of 3", 1, 1, -250, -250, at, -29, false, -250},
		{pricing.VoucherDiscount, "FIVE", 0, 2, -199, -398, at, -46, false, -398},
		{pricing.VoucherDiscount, "FIVE", 1, 1, -102, -102, at, -12, false, -102},
		{pricing.TicketFee, "Service fee", 0, 2, 0, 511, fee, 102, false, 613},
		{pricing.TicketFee, "Service fee", 1, 1, 204, 204, fee, 41, false, 245},
		{pricing.OrderFee, "Order fee", pricing.AllTiers, 1, 200, 200, fee, 40, false, 240},
	}
	for i, l := range got.Lines {
		if i >= len(want) || l != want[i] {
			t.Errorf("line %d is %+v", i, l)
		}
	}
	if len(got.Lines) != len(want) || got.Total != 11_668 {
		t.Errorf("%d lines, total %d", len(got.Lines), got.Total)
	}
	charges := got.Charges()
	if tax := charges[0]; tax != (pricing.Line{Kind: pricing.TicketTax, Name: "AT-13", Quantity: 2,
		Rate: at, Tax: 1_127}) {
		t.Errorf("the tax of the tickets is %+v", tax)
	}
	split := pricing.SplitOf(got.Total, charges)
	if split != (pricing.Split{Revenue: 9_354, Fees: 915, Tax: 1_399}) {
		t.Errorf("the split is %+v", split)
	}
}

// TestFreeBesidePaid: what is free has no fee, also in an order that isn't.
func TestFreeBesidePaid(t *testing.T) {
	rules := opera()
	q, err := rules.Quote(slices.Concat(places(0, 0, 1), places(1, 1_000, 1)), nil)
	if err != nil {
		t.Fatal(err)
	}
	fees := 0
	for _, l := range q.Lines {
		if l.Kind == pricing.TicketFee {
			fees++
			if l.Tier != 1 {
				t.Errorf("a fee for what is free: %+v", l)
			}
		}
	}
	if fees != 1 {
		t.Errorf("%d ticket fees", fees)
	}
}

// TestGroupForMost: of several group rates the one for most places counts, however they are listed.
func TestGroupForMost(t *testing.T) {
	rules := pricing.Rules{Groups: []pricing.Group{{Name: "4", From: 4, Each: 30},
		{Name: "6", From: 6, Each: 60}, {Name: "2", From: 2, Each: 10}}}
	for n, want := range map[int]int64{1: 100, 2: 180, 3: 270, 4: 280, 5: 350, 6: 240, 7: 280} {
		if q, err := rules.Quote(places(0, 100, n), nil); err != nil || q.Total != want {
			t.Errorf("%d places cost %d, want %d (%v)", n, q.Total, want, err)
		}
	}
}

// TestAbsorbed: the buyer's price stays, and the organiser pays no more than there is.
func TestAbsorbed(t *testing.T) {
	for name, c := range map[string]struct {
		fee        int64
		tax        pricing.Tax
		fees, vat  int64
		remaining  int64
		ticketTax  pricing.Tax
		wantsTotal int64
	}{
		"small": {fee: 100, fees: 100, remaining: 900, wantsTotal: 1_000},
		"taxed": {fee: 100, tax: pricing.Tax{Code: "T", Rate: 2_000, Added: true}, fees: 100,
			vat: 20, remaining: 880, wantsTotal: 1_000},
		"larger than the ticket": {fee: 5_000, tax: pricing.Tax{Code: "T", Rate: 2_500}, fees: 800,
			vat: 200, wantsTotal: 1_000},
		"larger, tax added": {fee: 5_000, tax: pricing.Tax{Code: "T", Rate: 2_500, Added: true},
			fees: 800, vat: 200, wantsTotal: 1_000},
		"beside the tax of the ticket": {fee: 5_000, fees: 1_000, vat: 100,
			ticketTax: pricing.Tax{Code: "T", Rate: 1_000, Added: true}, wantsTotal: 1_100},
	} {
		rules := pricing.Rules{FeeTax: c.tax, TicketTax: c.ticketTax,
			TicketFee: pricing.Fee{Name: "F", Fixed: c.fee, Absorbed: true}}
		q, err := rules.Quote(places(0, 1_000, 1), nil)
		if err != nil {
			t.Fatal(name, err)
		}
		split := pricing.SplitOf(q.Total, q.Charges())
		if q.Total != c.wantsTotal || split != (pricing.Split{c.remaining, c.fees, c.vat}) {
			t.Errorf("%s: total %d, %+v", name, q.Total, split)
		}
	}
}

func TestEarlyBird(t *testing.T) {
	rules := opera()
	for at, want := range map[time.Duration]int64{
		-time.Millisecond: 3_900, 0: 4_500, 47 * time.Hour: 4_500, 48 * time.Hour: 4_900,
	} {
		if got := rules.Price("cat1", 4_900, noon.Add(at)); got != want {
			t.Errorf("%s later it costs %d, want %d", at, got, want)
		}
	}
	if got := rules.Price("cat2", 4_900, noon.Add(-time.Hour)); got != 4_900 {
		t.Errorf("another tier costs %d", got)
	}
}

// TestRemainder: what rounding leaves goes to the last line that can bear it.
func TestRemainder(t *testing.T) {
	rules := pricing.Rules{}
	asked := slices.Concat(places(0, 100, 1), places(1, 100, 1), places(2, 1, 1))
	for fixed, want := range map[int64][]int64{
		100: {-49, -50, -1}, 200: {-99, -100, -1}, 201: {-100, -100, -1}, 999: {-100, -100, -1},
		3: {-1, -1, -1}, 1: {-1},
	} {
		q, err := rules.Quote(asked, &pricing.Voucher{Code: "V", Fixed: fixed})
		if err != nil {
			t.Fatal(err)
		}
		var off []int64
		for _, l := range q.Lines[3:] {
			off = append(off, l.Amount)
		}
		if !slices.Equal(off, want) {
			t.Errorf("%d off is spread as %v, want %v", fixed, off, want)
		}
	}
}

// TestHalfEven: exact halves go to the even neighbour.
func TestHalfEven(t *testing.T) {
	rules := pricing.Rules{TicketTax: pricing.Tax{Code: "T", Rate: 1_000, Added: true}}
	for price, want := range map[int64]int64{5: 0, 15: 2, 25: 2, 35: 4, 16: 2, 14: 1, 24: 2,
		26: 3} {
		q, err := rules.Quote(places(0, price, 1), nil)
		if err != nil || q.Lines[0].Tax != want || q.Total != price+want {
			t.Errorf("10 %% of %d: %+v, %v", price, q, err)
		}
	}
}

func TestVoucherOfSomeTiers(t *testing.T) {
	rules := pricing.Rules{}
	asked := slices.Concat(places(0, 100, 1), places(63, 100, 1))
	v := &pricing.Voucher{Code: "V", Percent: 10_000, Tiers: 1 << 63}
	if q, err := rules.Quote(asked, v); err != nil || q.Total != 100 {
		t.Errorf("%+v, %v", q, err)
	}
	v.Tiers = 1 << 5
	if _, err := rules.Quote(asked, v); !errors.Is(err, pricing.ErrVoucherUseless) {
		t.Errorf("a voucher for another tier: %v", err)
	}
	if _, err := rules.Quote(places(0, 0, 2), &pricing.Voucher{Fixed: 9}); !errors.Is(err,
		pricing.ErrVoucherUseless) {
		t.Errorf("a voucher for what is free: %v", err)
	}
}

// TestFullyDiscounted: no fee and no tax is left of an order that costs nothing.
func TestFullyDiscounted(t *testing.T) {
	rules := opera()
	q, err := rules.Quote(places(0, 4_900, 3), &pricing.Voucher{Code: "ALL", Percent: 10_000})
	if err != nil || q.Total != 0 {
		t.Fatalf("%+v, %v", q, err)
	}
	if split := pricing.SplitOf(0, q.Charges()); split != (pricing.Split{}) {
		t.Errorf("%+v", split)
	}
}

func TestOverflow(t *testing.T) {
	plain, dear := pricing.Rules{}, opera()
	dear.TicketFee.Fixed = money.MaxMinor
	for name, c := range map[string]struct {
		rules  *pricing.Rules
		places []pricing.Place
	}{
		"a sum":           {&plain, places(0, money.MaxMinor, 2)},
		"a price":         {&plain, places(0, money.MaxMinor+1, 1)},
		"less than none":  {&plain, places(0, -1, 1)},
		"too many places": {&plain, places(0, 0, 1_001)},
		"fees":            {&dear, places(0, 1, 2)},
		"fee and price":   {&dear, places(0, money.MaxMinor, 1)},
	} {
		if q, err := c.rules.Quote(c.places, nil); !errors.Is(err, pricing.ErrOverflow) {
			t.Errorf("%s: %+v, %v", name, q, err)
		}
	}
}

func TestCheck(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*pricing.Rules)
		want  *errs.Error
	}{
		"sound":          {func(*pricing.Rules) {}, nil},
		"none":           {func(r *pricing.Rules) { *r = pricing.Rules{} }, nil},
		"a nameless fee": {func(r *pricing.Rules) { r.OrderFee.Name = "" }, pricing.ErrFee},
		"a broken name":  {func(r *pricing.Rules) { r.OrderFee.Name = "a\nb" }, pricing.ErrFee},
		"a fee of none":  {func(r *pricing.Rules) { r.OrderFee.Fixed = 0 }, pricing.ErrFee},
		"a negative fee": {func(r *pricing.Rules) { r.TicketFee.Fixed = -1 }, pricing.ErrFee},
		"101 percent": {func(r *pricing.Rules) { r.TicketFee.Percent = 10_001 },
			pricing.ErrFee},
		"a nameless tax": {func(r *pricing.Rules) { r.TicketTax.Code = "" }, pricing.ErrTax},
		"an odd code":    {func(r *pricing.Rules) { r.TicketTax.Code = "AT 13" }, pricing.ErrTax},
		"a tax of none":  {func(r *pricing.Rules) { r.FeeTax.Rate = 0 }, pricing.ErrTax},
		"a large tax":    {func(r *pricing.Rules) { r.FeeTax.Rate = 10_001 }, pricing.ErrTax},
		"no such tier": {func(r *pricing.Rules) { r.EarlyBirds[0].Tier = "x" },
			pricing.ErrEarlyBird},
		"a negative bird": {func(r *pricing.Rules) { r.EarlyBirds[0].Price = -1 },
			pricing.ErrEarlyBird},
		"an endless bird": {func(r *pricing.Rules) { r.EarlyBirds[0].Until = time.Time{} },
			pricing.ErrEarlyBird},
		"two birds at once": {func(r *pricing.Rules) { r.EarlyBirds[0].Until = noon },
			pricing.ErrEarlyBird},
		"a group of one": {func(r *pricing.Rules) { r.Groups[0].From = 1 }, pricing.ErrGroup},
		"percent and off": {func(r *pricing.Rules) { r.Groups[0].Each = 1 },
			pricing.ErrGroup},
		"nothing off":     {func(r *pricing.Rules) { r.Groups[1].Each = 0 }, pricing.ErrGroup},
		"a negative rate": {func(r *pricing.Rules) { r.Groups[1].Each = -1 }, pricing.ErrGroup},
		"a nameless rate": {func(r *pricing.Rules) { r.Groups[1].Name = " " }, pricing.ErrGroup},
		"two groups":      {func(r *pricing.Rules) { r.Groups[1].From = 3 }, pricing.ErrGroup},
	} {
		rules := opera()
		c.spoil(&rules)
		err := rules.Check(func(key string) bool { return key == "cat1" })
		if c.want == nil && err != nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestVoucherTerms(t *testing.T) {
	for name, c := range map[string]struct {
		terms pricing.VoucherTerms
		sound bool
	}{
		"percent":         {pricing.VoucherTerms{Percent: 10_000, Tiers: []string{"cat1"}}, true},
		"an amount":       {pricing.VoucherTerms{Fixed: 1, MaxUses: 3, From: noon}, true},
		"nothing":         {pricing.VoucherTerms{}, false},
		"both":            {pricing.VoucherTerms{Percent: 1, Fixed: 1}, false},
		"101 percent":     {pricing.VoucherTerms{Percent: 10_001}, false},
		"less than none":  {pricing.VoucherTerms{Fixed: -1}, false},
		"an unknown tier": {pricing.VoucherTerms{Fixed: 1, Tiers: []string{"x"}}, false},
		"minus one use":   {pricing.VoucherTerms{Fixed: 1, MaxUses: -1}, false},
		"an empty time":   {pricing.VoucherTerms{Fixed: 1, From: noon, Until: noon}, false},
	} {
		err := c.terms.Check(func(key string) bool { return key == "cat1" })
		if c.sound && err != nil || !c.sound && !errors.Is(err, pricing.ErrVoucherTerms) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestVoucherCode(t *testing.T) {
	for in, want := range map[string]string{
		" spring-27 ": "SPRING-27", "ABC": "ABC", "ab": "", "a b": "", "ſpring": "", "ıabc": "",
		"A234567890123456789012345678901234567890":  "A234567890123456789012345678901234567890",
		"12345678901234567890123456789012345678901": "", "a_b": "",
	} {
		got, err := pricing.VoucherCode(in)
		if got != want || (want == "") != errors.Is(err, pricing.ErrVoucherCode) {
			t.Errorf("%q is %q, %v", in, got, err)
		}
	}
}
