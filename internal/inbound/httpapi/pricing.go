package httpapi

import (
	"time"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/pricing"
)

// Pricing is what an event adds to the prices of its tiers, and what it takes off. Amounts are
// minor units of the tiers' currency, percentages basis points: 250 is 2.5 %.
type Pricing struct {
	TicketFee  *Fee        `json:"ticket_fee,omitempty" doc:"For each place that costs something after discounts"`
	OrderFee   *Fee        `json:"order_fee,omitempty" doc:"Once for an order, if any of its places costs something"`
	TicketTax  *Tax        `json:"ticket_tax,omitempty" doc:"Of the places"`
	FeeTax     *Tax        `json:"fee_tax,omitempty" doc:"Of both fees"`
	EarlyBirds []EarlyBird `json:"early_birds,omitempty" maxItems:"256" nullable:"false" doc:"Of several for a tier, the one that ends first counts"`
	Groups     []GroupRate `json:"groups,omitempty" maxItems:"20" nullable:"false" doc:"Of several, the one for most places counts"`
}

// Fee is what is paid for the service: an amount, a percentage, or both.
type Fee struct {
	Name        string `json:"name" minLength:"1" maxLength:"80" example:"Service fee"`
	Fixed       int64  `json:"fixed,omitempty" minimum:"0" maximum:"1000000000000" example:"150" doc:"For each place, or once for the order"`
	BasisPoints int    `json:"basis_points,omitempty" minimum:"0" maximum:"10000" example:"250" doc:"Of the places' price after discounts"`
	PaidBy      string `json:"paid_by,omitempty" enum:"buyer,organiser" default:"buyer" doc:"The organiser pays out of the tickets, and no more than there is"`
}

// Tax is a rate with a name, for instance AT-13.
type Tax struct {
	Code        string `json:"code" minLength:"1" maxLength:"20" pattern:"^[A-Za-z0-9.-]+$" example:"AT-13"`
	BasisPoints int    `json:"basis_points" minimum:"1" maximum:"10000" example:"1300"`
	Added       bool   `json:"added,omitempty" doc:"On top of the price; otherwise the price contains it"`
}

// EarlyBird is the price of a tier until a date.
type EarlyBird struct {
	Tier   string    `json:"tier" maxLength:"40" example:"cat1"`
	Amount int64     `json:"amount" minimum:"0" maximum:"1000000000000" example:"3900"`
	Until  time.Time `json:"until" doc:"From then on the next price counts; holds keep theirs"`
}

// GroupRate is what comes off each place of an order that has enough of them.
type GroupRate struct {
	Name        string `json:"name" minLength:"1" maxLength:"80" example:"School class"`
	From        int    `json:"from" minimum:"2" maximum:"50" example:"10" doc:"Places in the order"`
	BasisPoints int    `json:"basis_points,omitempty" minimum:"0" maximum:"10000" example:"1000" doc:"Either this"`
	Each        int64  `json:"each,omitempty" minimum:"0" maximum:"1000000000000" doc:"or an amount off each place"`
}

func (f *Fee) fee() pricing.Fee {
	if f == nil {
		return pricing.Fee{}
	}
	return pricing.Fee{Name: f.Name, Fixed: f.Fixed, Percent: f.BasisPoints,
		Absorbed: f.PaidBy == paidByOrganiser}
}

func (t *Tax) tax() pricing.Tax {
	if t == nil {
		return pricing.Tax{}
	}
	return pricing.Tax{Code: t.Code, Rate: t.BasisPoints, Added: t.Added}
}

// rules are what an organiser has asked for; the domain checks them.
func (p *Pricing) rules() (r pricing.Rules) {
	if p == nil {
		return r
	}
	r = pricing.Rules{TicketFee: p.TicketFee.fee(), OrderFee: p.OrderFee.fee(),
		TicketTax: p.TicketTax.tax(), FeeTax: p.FeeTax.tax()}
	for _, e := range p.EarlyBirds {
		r.EarlyBirds = append(r.EarlyBirds, pricing.EarlyBird{Tier: e.Tier, Price: e.Amount,
			Until: e.Until.UTC().Truncate(time.Millisecond)})
	}
	for _, g := range p.Groups {
		r.Groups = append(r.Groups, pricing.Group{Name: g.Name, From: g.From,
			Percent: g.BasisPoints, Each: g.Each})
	}
	return r
}

// pricingOf is what everybody may know about an event's prices; nil if the tiers say it all.
func pricingOf(r *pricing.Rules) *Pricing {
	if r.Zero() {
		return nil
	}
	p := &Pricing{TicketFee: feeOf(r.TicketFee), OrderFee: feeOf(r.OrderFee),
		TicketTax: taxOf(r.TicketTax), FeeTax: taxOf(r.FeeTax)}
	for _, e := range r.EarlyBirds {
		p.EarlyBirds = append(p.EarlyBirds, EarlyBird{Tier: e.Tier, Amount: e.Price,
			Until: e.Until})
	}
	for _, g := range r.Groups {
		p.Groups = append(p.Groups, GroupRate{Name: g.Name, From: g.From,
			BasisPoints: g.Percent, Each: g.Each})
	}
	return p
}

func feeOf(f pricing.Fee) *Fee {
	if f == (pricing.Fee{}) {
		return nil
	}
	return &Fee{Name: f.Name, Fixed: f.Fixed, BasisPoints: f.Percent, PaidBy: paidBy(f.Absorbed)}
}

func taxOf(t pricing.Tax) *Tax {
	if t == (pricing.Tax{}) {
		return nil
	}
	return &Tax{Code: t.Code, BasisPoints: t.Rate, Added: t.Added}
}

// tierState tells honestly what a place costs.
func tierState(offer *catalog.Offer, i int, places Counts, now time.Time) (t TierState, err error) {
	tier, currency := offer.Event().Tiers[i], offer.Currency()
	alone, err := offer.Alone(uint8(i), now)
	if err != nil {
		return t, err
	}
	t = TierState{Key: tier.Key, Name: tier.Name, Price: moneyOf(alone.Price, currency),
		BuyerPays: moneyOf(alone.Pays, currency), Places: places}
	if alone.OrderFee > 0 {
		t.OrderFee = new(moneyOf(alone.OrderFee, currency))
	}
	if usual := tier.Price.Minor(); usual != alone.Price {
		t.UsualPrice = new(moneyOf(usual, currency))
	}
	return t, nil
}
