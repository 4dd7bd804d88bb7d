package catalog_test

import (
	"testing"
	"time"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/money"
	"ticketflow/internal/domain/pricing"
)

func yen(t *testing.T, amount int64) money.Money {
	t.Helper()
	m, err := money.New(amount, money.Currency{'J', 'P', 'Y'})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestTheLeastThatAPlaceEverCosts(t *testing.T) {
	until := time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)
	event := catalog.Event{Tiers: []catalog.Tier{
		{Key: "a", Name: "A", Price: yen(t, 5_000)}, {Key: "b", Name: "B", Price: yen(t, 4_000)},
	}}
	for name, c := range map[string]struct {
		rules pricing.Rules
		want  int64
	}{
		"plain":      {pricing.Rules{}, 4_000_000},
		"with a fee": {pricing.Rules{TicketFee: pricing.Fee{Name: "Fee", Fixed: 100}}, 4_100_000},
		"early, then earlier still": {pricing.Rules{EarlyBirds: []pricing.EarlyBird{
			{Tier: "a", Price: 3_000, Until: until},
			{Tier: "a", Price: 3_500, Until: until.AddDate(0, 0, -1)},
		}}, 3_000_000},
	} {
		t.Run(name, func(t *testing.T) {
			e := event
			e.Pricing = c.rules
			if got := e.LowestEver(); got != c.want {
				t.Errorf("%d, want %d", got, c.want)
			}
		})
	}
	if got := (&catalog.Event{}).LowestEver(); got != 0 {
		t.Errorf("an event without prices: %d", got)
	}
}
