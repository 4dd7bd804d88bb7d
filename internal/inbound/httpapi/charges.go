package httpapi

import (
	"strconv"

	"ticketflow/internal/app/strictjson"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/pricing"
)

// Charge is a line of a quote besides the places. All amounts are minor units of the total's
// currency; those of discounts are negative.
type Charge struct {
	Kind     string     `json:"kind" enum:"group_discount,voucher,ticket_tax,ticket_fee,order_fee"`
	Name     string     `json:"name" example:"Service fee" doc:"For people: the fee, the group rate, the voucher's code or the tax"`
	Tier     string     `json:"tier,omitempty" example:"cat1" doc:"Whose places it is about; absent for the whole order"`
	Quantity int        `json:"quantity" example:"2"`
	Unit     int64      `json:"unit,omitempty" example:"273" doc:"The amount for one, where all are the same"`
	Amount   int64      `json:"amount" example:"546" doc:"Without a tax that is added; 0 for ticket_tax"`
	Tax      *ChargeTax `json:"tax,omitempty" doc:"Absent if it isn't taxed"`
	PaidBy   string     `json:"paid_by" enum:"buyer,organiser" doc:"What the organiser pays isn't in the total"`
	Total    int64      `json:"total" example:"546" doc:"What the line adds to the total of the places"`
}

// ChargeTax is the tax of a line: contained in its amount, or added to it.
type ChargeTax struct {
	Code        string `json:"code" example:"AT-20"`
	BasisPoints int    `json:"basis_points" example:"2000" doc:"2000 is 20 %"`
	Added       bool   `json:"added" doc:"On top of the amount; otherwise the amount contains it"`
	Amount      int64  `json:"amount" example:"91"`
}

// Who pays a line.
const (
	paidByBuyer     = "buyer"
	paidByOrganiser = "organiser"
)

func paidBy(absorbed bool) string {
	if absorbed {
		return paidByOrganiser
	}
	return paidByBuyer
}

func chargesOf(offer *catalog.Offer, lines []pricing.Line) (charges []Charge) {
	for _, l := range lines {
		c := Charge{Kind: l.Kind.String(), Name: l.Name, Tier: tierKey(offer, l.Tier),
			Quantity: l.Quantity, Unit: l.Unit, Amount: l.Amount, PaidBy: paidBy(l.Absorbed),
			Total: l.Total}
		if l.Rate != (pricing.Tax{}) {
			c.Tax = &ChargeTax{l.Rate.Code, l.Rate.Rate, l.Rate.Added, l.Tax}
		}
		charges = append(charges, c)
	}
	return charges
}

// appendCharges writes the member charges, where there are any.
func appendCharges(b []byte, offer *catalog.Offer, lines []pricing.Line) []byte {
	if len(lines) == 0 {
		return b
	}
	b = append(b, `,"charges":[`...)
	for i := range lines {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendCharge(b, offer, &lines[i])
	}
	return append(b, ']')
}

func appendCharge(b []byte, offer *catalog.Offer, l *pricing.Line) []byte {
	b = append(append(b, `{"kind":"`...), l.Kind.String()...)
	b = strictjson.AppendString(append(b, `","name":`...), l.Name)
	if key := tierKey(offer, l.Tier); key != "" {
		b = strictjson.AppendString(append(b, `,"tier":`...), key)
	}
	b = strconv.AppendInt(append(b, `,"quantity":`...), int64(l.Quantity), 10)
	if l.Unit != 0 {
		b = strconv.AppendInt(append(b, `,"unit":`...), l.Unit, 10)
	}
	b = strconv.AppendInt(append(b, `,"amount":`...), l.Amount, 10)
	if l.Rate != (pricing.Tax{}) {
		b = strictjson.AppendString(append(b, `,"tax":{"code":`...), l.Rate.Code)
		b = strconv.AppendInt(append(b, `,"basis_points":`...), int64(l.Rate.Rate), 10)
		b = strictjson.AppendBool(append(b, `,"added":`...), l.Rate.Added)
		b = strconv.AppendInt(append(b, `,"amount":`...), l.Tax, 10)
		b = append(b, '}')
	}
	b = append(append(b, `,"paid_by":"`...), paidBy(l.Absorbed)...)
	b = strconv.AppendInt(append(b, `","total":`...), l.Total, 10)
	return append(b, '}')
}
