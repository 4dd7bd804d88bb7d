package planfile_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"ticketflow/internal/app/planfile"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/money"
	"ticketflow/internal/domain/pricing"
)

// rulesOfAllSorts has something in each field of the rules.
func rulesOfAllSorts() pricing.Rules {
	return pricing.Rules{
		TicketFee: pricing.Fee{Name: "Service", Fixed: 150, Percent: 250},
		OrderFee:  pricing.Fee{Name: "Order", Fixed: 99, Absorbed: true},
		TicketTax: pricing.Tax{Code: "AT-13", Rate: 1_300},
		FeeTax:    pricing.Tax{Code: "AT-20", Rate: 2_000, Added: true},
		EarlyBirds: []pricing.EarlyBird{{Tier: "a", Price: 500,
			Until: time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)}},
		Groups: []pricing.Group{{Name: "G", From: 10, Percent: 1_000},
			{Name: "H", From: 20, Each: 200}}}
}

func TestPricesAreReadAsTheyWereWritten(t *testing.T) {
	price, err := money.New(1_000, money.Currency{'E', 'U', 'R'})
	if err != nil {
		t.Fatal(err)
	}
	for name, rules := range map[string]pricing.Rules{"none": {}, "all": rulesOfAllSorts()} {
		e := catalog.Event{Tiers: []catalog.Tier{{Key: "a", Name: "A", Price: price}},
			Rules: []catalog.Rule{{Tier: "a", Places: []catalog.PlaceNo{1}}}, Pricing: rules}
		text, err := planfile.EncodePrices(&e)
		if err != nil {
			t.Fatal(err)
		}
		var back catalog.Event
		if err := planfile.DecodePrices(text, &back); err != nil || !reflect.DeepEqual(e, back) {
			t.Errorf("%s: %s is read as %+v, %v", name, text, back, err)
		}
		if strings.Contains(text, "pricing") != (name == "all") {
			t.Errorf("%s: %s", name, text)
		}
	}
}

func TestChargesAreReadAsTheyWereWritten(t *testing.T) {
	rules := rulesOfAllSorts()
	asked := make([]pricing.Place, 12)
	for i := range asked {
		asked[i] = pricing.Place{Tier: uint8(i % 3), Price: 1_000}
	}
	q, err := rules.Quote(asked, &pricing.Voucher{Code: "V", Percent: 500})
	if err != nil {
		t.Fatal(err)
	}
	for _, lines := range [][]pricing.Line{nil, q.Charges()} {
		text := planfile.EncodeCharges(lines)
		if (text == "") != (lines == nil) {
			t.Fatal(text)
		}
		back, err := planfile.DecodeCharges(text)
		if err != nil || !reflect.DeepEqual(lines, back) {
			t.Errorf("%s is read as %+v, %v", text, back, err)
		}
	}
	for _, text := range []string{"x", "[]", "null", `[{"kind":"tip"}]`, `{}`} {
		if lines, err := planfile.DecodeCharges(text); err == nil {
			t.Errorf("%s is read as %+v", text, lines)
		}
	}
}

func TestTiersAreReadAsTheyWereWritten(t *testing.T) {
	for _, keys := range [][]string{nil, {"a", `"b"`}} {
		text := planfile.EncodeTiers(keys)
		if back, err := planfile.DecodeTiers(text); err != nil || !reflect.DeepEqual(keys, back) {
			t.Errorf("%s is read as %v, %v", text, back, err)
		}
	}
	if keys, err := planfile.DecodeTiers("x"); err == nil {
		t.Error(keys)
	}
}
