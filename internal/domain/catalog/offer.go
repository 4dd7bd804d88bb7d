package catalog

import "ticketflow/internal/domain/money"

// NotForSale is the tier index of a place that no price rule reaches.
const NotForSale = 0xFF

// Offer is an event on its plan: the price of each place. It is immutable and safe for concurrent
// use; a changed event makes a new Offer.
type Offer struct {
	event  Event
	plan   *Plan
	tierOf []uint8
}

// NewOffer binds the event's prices to the plan's places.
func NewOffer(event Event, plan *Plan) (*Offer, error) {
	if err := event.Check(); err != nil {
		return nil, err
	}
	o := &Offer{event: event, plan: plan, tierOf: make([]uint8, plan.Places())}
	for i := range o.tierOf {
		o.tierOf[i] = NotForSale
	}
	index := make(map[string]uint8, len(event.Tiers))
	for i, t := range event.Tiers {
		index[t.Key] = uint8(i)
	}
	for _, r := range event.Rules {
		if err := o.apply(r, index[r.Tier]); err != nil {
			return nil, err
		}
	}
	return o, nil
}

func (o *Offer) apply(r Rule, tier uint8) error {
	for _, name := range r.Categories {
		found := false
		for c, category := range o.plan.Categories() {
			if category.Name != name {
				continue
			}
			found = true
			for p := range o.tierOf {
				if o.plan.CategoryOf(PlaceNo(p)) == c {
					o.tierOf[p] = tier
				}
			}
		}
		if !found {
			return ErrRule.With("The plan has no category " + name + ".")
		}
	}
	for _, name := range r.Sections {
		found := false
		for _, s := range o.plan.Sections() {
			if s.Name != name {
				continue
			}
			found = true
			for p := range s.Places {
				o.tierOf[int(s.First)+p] = tier
			}
		}
		if !found {
			return ErrRule.With("The plan has no section " + name + ".")
		}
	}
	for _, p := range r.Places {
		if int(p) >= len(o.tierOf) {
			return ErrRule.With("A rule names a place beyond the plan.")
		}
		o.tierOf[p] = tier
	}
	return nil
}

// Event is the event as it was when the offer was made.
func (o *Offer) Event() *Event { return &o.event }

// Plan is the seat plan.
func (o *Offer) Plan() *Plan { return o.plan }

// Places is the number of places, for sale or not.
func (o *Offer) Places() int { return len(o.tierOf) }

// TierOf is the index of the place's tier in Event().Tiers, or NotForSale.
func (o *Offer) TierOf(p PlaceNo) uint8 {
	if int(p) >= len(o.tierOf) {
		return NotForSale
	}
	return o.tierOf[p]
}

// TierIndex finds a tier by its key.
func (o *Offer) TierIndex(key string) (uint8, bool) {
	for i, t := range o.event.Tiers {
		if t.Key == key {
			return uint8(i), true
		}
	}
	return 0, false
}

// Price is what the place costs; ok is false where it is not for sale.
func (o *Offer) Price(p PlaceNo) (price money.Money, ok bool) {
	t := o.TierOf(p)
	if t == NotForSale {
		return money.Money{}, false
	}
	return o.event.Tiers[t].Price, true
}

// Currency is the one currency of all tiers.
func (o *Offer) Currency() money.Currency { return o.event.Tiers[0].Price.Currency() }
