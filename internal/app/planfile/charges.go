package planfile

import (
	"encoding/json"
	"errors"
	"fmt"

	"ticketflow/internal/domain/pricing"
)

// charge is the JSON of one line that an order has besides its places.
type charge struct {
	Kind     string `json:"kind"`
	Name     string `json:"name"`
	Tier     uint8  `json:"tier"`
	Quantity int    `json:"quantity"`
	Unit     int64  `json:"unit,omitempty"`
	Amount   int64  `json:"amount"`
	TaxCode  string `json:"tax_code,omitempty"`
	Rate     int    `json:"basis_points,omitempty"`
	Added    bool   `json:"added,omitempty"`
	Tax      int64  `json:"tax,omitempty"`
	Absorbed bool   `json:"absorbed,omitempty"`
	Total    int64  `json:"total"`
}

// errCharges says that charges aren't as EncodeCharges writes them.
var errCharges = errors.New("the charges can't be read")

// EncodeCharges is the charges of a hold or an order, as a ledger stores them: JSON, or empty for
// none.
func EncodeCharges(lines []pricing.Line) string {
	if len(lines) == 0 {
		return ""
	}
	list := make([]charge, len(lines))
	for i, l := range lines {
		list[i] = charge{Kind: l.Kind.String(), Name: l.Name, Tier: l.Tier, Quantity: l.Quantity,
			Unit: l.Unit, Amount: l.Amount, TaxCode: l.Rate.Code, Rate: l.Rate.Rate,
			Added: l.Rate.Added, Tax: l.Tax, Absorbed: l.Absorbed, Total: l.Total}
	}
	out, _ := json.Marshal(list) // texts and numbers can always be written
	return string(out)
}

// DecodeCharges reads what EncodeCharges has written.
func DecodeCharges(raw string) ([]pricing.Line, error) {
	if raw == "" {
		return nil, nil
	}
	var list []charge
	if err := json.Unmarshal([]byte(raw), &list); err != nil {
		return nil, fmt.Errorf("read the charges: %w", err)
	}
	if len(list) == 0 {
		return nil, errCharges
	}
	lines := make([]pricing.Line, len(list))
	for i, c := range list {
		kind := kindOf(c.Kind)
		if kind == 0 {
			return nil, errCharges
		}
		lines[i] = pricing.Line{Kind: kind, Name: c.Name, Tier: c.Tier, Quantity: c.Quantity,
			Unit: c.Unit, Amount: c.Amount, Tax: c.Tax, Absorbed: c.Absorbed, Total: c.Total,
			Rate: pricing.Tax{Code: c.TaxCode, Rate: c.Rate, Added: c.Added}}
	}
	return lines, nil
}

// kindOf finds a kind by its published name, or 0.
func kindOf(name string) pricing.Kind {
	for k := pricing.Tickets; k <= pricing.OrderFee; k++ {
		if k.String() == name {
			return k
		}
	}
	return 0
}

// EncodeTiers is the tiers of a voucher, as a ledger stores them: a JSON list of keys.
func EncodeTiers(keys []string) string {
	if len(keys) == 0 {
		return "[]"
	}
	out, _ := json.Marshal(keys) // texts can always be written
	return string(out)
}

// DecodeTiers reads what EncodeTiers has written.
func DecodeTiers(raw string) (keys []string, err error) {
	if err := json.Unmarshal([]byte(raw), &keys); err != nil {
		return nil, fmt.Errorf("read the tiers of a voucher: %w", err)
	}
	if len(keys) == 0 {
		return nil, nil
	}
	return keys, nil
}
