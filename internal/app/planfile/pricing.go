package planfile

import (
	"time"

	"ticketflow/internal/domain/pricing"
)

// priceRules is the JSON of an event's pricing beyond its tiers; absent where there is none.
type priceRules struct {
	TicketFee  *priceFee   `json:"ticket_fee,omitempty"`
	OrderFee   *priceFee   `json:"order_fee,omitempty"`
	TicketTax  *priceTax   `json:"ticket_tax,omitempty"`
	FeeTax     *priceTax   `json:"fee_tax,omitempty"`
	EarlyBirds []priceBird `json:"early_birds,omitempty"`
	Groups     []group     `json:"groups,omitempty"`
}

type priceFee struct {
	Name     string `json:"name"`
	Fixed    int64  `json:"fixed"`
	Percent  int    `json:"basis_points"`
	Absorbed bool   `json:"absorbed,omitempty"`
}

type priceTax struct {
	Code  string `json:"code"`
	Rate  int    `json:"basis_points"`
	Added bool   `json:"added,omitempty"`
}

type priceBird struct {
	Tier  string    `json:"tier"`
	Price int64     `json:"minor"`
	Until time.Time `json:"until"`
}

type group struct {
	Name    string `json:"name"`
	From    int    `json:"from"`
	Percent int    `json:"basis_points,omitempty"`
	Each    int64  `json:"each,omitempty"`
}

func encodeRules(r *pricing.Rules) *priceRules {
	if r.Zero() {
		return nil
	}
	p := &priceRules{}
	if r.TicketFee != (pricing.Fee{}) {
		p.TicketFee = new(priceFee(r.TicketFee))
	}
	if r.OrderFee != (pricing.Fee{}) {
		p.OrderFee = new(priceFee(r.OrderFee))
	}
	if r.TicketTax != (pricing.Tax{}) {
		p.TicketTax = new(priceTax(r.TicketTax))
	}
	if r.FeeTax != (pricing.Tax{}) {
		p.FeeTax = new(priceTax(r.FeeTax))
	}
	for _, e := range r.EarlyBirds {
		p.EarlyBirds = append(p.EarlyBirds, priceBird(e))
	}
	for _, g := range r.Groups {
		p.Groups = append(p.Groups, group(g))
	}
	return p
}

func (p *priceRules) rules() (r pricing.Rules) {
	if p == nil {
		return r
	}
	if p.TicketFee != nil {
		r.TicketFee = pricing.Fee(*p.TicketFee)
	}
	if p.OrderFee != nil {
		r.OrderFee = pricing.Fee(*p.OrderFee)
	}
	if p.TicketTax != nil {
		r.TicketTax = pricing.Tax(*p.TicketTax)
	}
	if p.FeeTax != nil {
		r.FeeTax = pricing.Tax(*p.FeeTax)
	}
	for _, e := range p.EarlyBirds {
		e.Until = e.Until.UTC()
		r.EarlyBirds = append(r.EarlyBirds, pricing.EarlyBird(e))
	}
	for _, g := range p.Groups {
		r.Groups = append(r.Groups, pricing.Group(g))
	}
	return r
}
