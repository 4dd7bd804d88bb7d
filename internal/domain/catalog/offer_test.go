package catalog_test

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"testing"

	"ticketflow/internal/domain/catalog"
)

// smallHouse is a plan of two sections: "Left" with 6 seats of category Best, of which the last is
// Other, and "Right" with 4 standing places of Other.
func smallHouse(t *testing.T) *catalog.Plan {
	t.Helper()
	row := catalog.RowSpec{Label: "1"}
	for i := range 6 {
		row.Explicit = append(row.Explicit, catalog.SeatSpec{Label: strconv.Itoa(i + 1),
			At: catalog.Point{X: int32(50 * i)}})
	}
	row.Explicit[5].Category = "Other"
	p, err := catalog.NewPlan(catalog.PlanSpec{Name: "House",
		Categories: []catalog.Category{{Name: "Best"}, {Name: "Other"}, {Name: "Unused"}},
		Sections: []catalog.SectionSpec{
			{Name: "Left", Category: "Best", Rows: []catalog.RowSpec{row}},
			{Name: "Right", Category: "Other", Standing: 4, Outline: []catalog.Point{
				{X: 0, Y: 100}, {X: 100, Y: 100}, {X: 100, Y: 200}}},
		}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestTheLastRuleWins(t *testing.T) {
	const none = catalog.NotForSale
	for _, c := range []struct {
		name  string
		rules []catalog.Rule
		want  []uint8
	}{
		{"no rules", nil, []uint8{none, none, none, none, none, none, none, none, none, none}},
		{"a category", []catalog.Rule{{Tier: "one", Categories: []string{"Other"}}},
			[]uint8{none, none, none, none, none, 0, 0, 0, 0, 0}},
		{"a category without places", []catalog.Rule{{Tier: "one", Categories: []string{"Unused"}}},
			[]uint8{none, none, none, none, none, none, none, none, none, none}},
		{"a section over a category", []catalog.Rule{
			{Tier: "one", Categories: []string{"Best", "Other"}},
			{Tier: "two", Sections: []string{"Right"}},
		}, []uint8{0, 0, 0, 0, 0, 0, 1, 1, 1, 1}},
		{"places over a section", []catalog.Rule{
			{Tier: "one", Sections: []string{"Left", "Right"}},
			{Tier: "two", Places: []catalog.PlaceNo{0, 9}},
			{Tier: "one", Places: []catalog.PlaceNo{9}},
		}, []uint8{1, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
	} {
		e := concert()
		e.Rules = c.rules
		o, err := catalog.NewOffer(e, smallHouse(t))
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		for i, want := range c.want {
			at := catalog.PlaceNo(i)
			cost, sold := o.Price(at)
			if o.TierOf(at) != want || sold != (want != none) ||
				sold && cost != e.Tiers[want].Price {
				t.Errorf("%s: the place %d is of tier %d for %v (%v), want %d", c.name, i,
					o.TierOf(at), cost, sold, want)
			}
		}
		var runs []uint8
		for i, r := range o.TierRuns() {
			if i > 0 && r.Tier == o.TierRuns()[i-1].Tier {
				t.Errorf("%s: neighbours of one tier are two runs: %v", c.name, o.TierRuns())
			}
			runs = append(runs, slices.Repeat([]uint8{r.Tier}, r.Places)...)
		}
		if !slices.Equal(runs, c.want) {
			t.Errorf("%s: the runs say %v, want %v", c.name, runs, c.want)
		}
		if _, sold := o.Price(10); sold || o.Places() != 10 || o.TierOf(math.MaxUint32) != none {
			t.Errorf("%s: a place beyond the plan is for sale", c.name)
		}
	}
}

func TestARuleNamesWhatThePlanHas(t *testing.T) {
	for name, rule := range map[string]catalog.Rule{
		"category": {Tier: "one", Categories: []string{"Best", "best"}},
		"section":  {Tier: "one", Sections: []string{"Left", "Middle"}},
		"place":    {Tier: "one", Places: []catalog.PlaceNo{9, 10}},
		"huge":     {Tier: "one", Places: []catalog.PlaceNo{math.MaxUint32}},
	} {
		e := concert()
		e.Rules = []catalog.Rule{rule}
		if _, err := catalog.NewOffer(e, smallHouse(t)); !errors.Is(err, catalog.ErrRule) {
			t.Errorf("%s: %v", name, err)
		}
	}
	bad := concert()
	bad.Title = ""
	if _, err := catalog.NewOffer(bad, smallHouse(t)); !errors.Is(err, catalog.ErrTitle) {
		t.Errorf("a bad event: %v", err)
	}
	o, err := catalog.NewOffer(concert(), smallHouse(t))
	if err != nil {
		t.Fatal(err)
	}
	if i, ok := o.TierIndex("two"); !ok || i != 1 {
		t.Errorf("the tier two is %d, %v", i, ok)
	}
	if i, ok := o.TierIndex("ten"); ok {
		t.Errorf("a tier that isn't is %d", i)
	}
	if o.Currency().String() != "EUR" || o.Event().Title != "Concert" || o.Plan().Places() != 10 {
		t.Errorf("%v, %v", o.Currency(), o.Event())
	}
}
