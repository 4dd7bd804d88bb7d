package planfile

import (
	"encoding/json"
	"fmt"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/money"
)

// priceList is the JSON of an event's prices.
type priceList struct {
	Currency string      `json:"currency"`
	Tiers    []priceTier `json:"tiers"`
	Rules    []priceRule `json:"rules"`
	Pricing  *priceRules `json:"pricing,omitempty"`
}

type priceTier struct {
	Key   string `json:"key"`
	Name  string `json:"name"`
	Minor int64  `json:"minor"`
}

type priceRule struct {
	Tier       string            `json:"tier"`
	Categories []string          `json:"categories,omitempty"`
	Sections   []string          `json:"sections,omitempty"`
	Places     []catalog.PlaceNo `json:"places,omitempty"`
}

// EncodePrices is the prices of an event, as a ledger stores them: JSON with the currency, the
// tiers in their order, the rules, and the fees, taxes and discounts if there are any.
func EncodePrices(e *catalog.Event) (string, error) {
	list := priceList{Currency: e.Tiers[0].Price.Currency().String(),
		Pricing: encodeRules(&e.Pricing)}
	for _, t := range e.Tiers {
		list.Tiers = append(list.Tiers, priceTier{t.Key, t.Name, t.Price.Minor()})
	}
	for _, r := range e.Rules {
		list.Rules = append(list.Rules, priceRule(r))
	}
	out, err := json.Marshal(list)
	return string(out), err
}

// DecodePrices adds stored prices to an event.
func DecodePrices(raw string, e *catalog.Event) error {
	var list priceList
	if err := json.Unmarshal([]byte(raw), &list); err != nil {
		return fmt.Errorf("read the prices: %w", err)
	}
	currency, err := money.ParseCurrency(list.Currency)
	if err != nil {
		return err
	}
	for _, t := range list.Tiers {
		price, err := money.New(t.Minor, currency)
		if err != nil {
			return err
		}
		e.Tiers = append(e.Tiers, catalog.Tier{Key: t.Key, Name: t.Name, Price: price})
	}
	for _, r := range list.Rules {
		e.Rules = append(e.Rules, catalog.Rule(r))
	}
	e.Pricing = list.Pricing.rules()
	return nil
}
