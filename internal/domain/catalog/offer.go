package catalog

import (
	"time"

	"ticketflow/internal/domain/money"
	"ticketflow/internal/domain/pricing"
)

// NotForSale is the tier index of a place that no price rule reaches.
const NotForSale = 0xFF

// Offer is an event on its plan: the price of each place. It is immutable and safe for concurrent
// use; a changed event makes a new Offer.
type Offer struct {
	event  Event
	plan   *Plan
	tierOf []uint8
	runs   []TierRun
	plain  bool // the tiers alone make the price, now and later
}

// NewOffer binds the event's prices to the plan's places.
func NewOffer(event Event, plan *Plan) (*Offer, error) {
	if err := event.Check(); err != nil {
		return nil, err
	}
	o := &Offer{event: event, plan: plan, tierOf: make([]uint8, plan.Places()),
		plain: event.Pricing.Zero()}
	for i := range o.tierOf {
		o.tierOf[i] = NotForSale
	}
	index := make(map[string]uint8, len(event.Tiers))
	for i, t := range event.Tiers {
		index[t.Key] = uint8(i)
	}
	places := plan.byCategory()
	for _, r := range event.Rules {
		if err := o.apply(r, index[r.Tier], places); err != nil {
			return nil, err
		}
	}
	o.runs = runsOf(o.tierOf)
	return o, nil
}

// TierRun is neighbouring places of one tier.
type TierRun struct {
	Tier   uint8 // or NotForSale
	Places int
}

func runsOf(tiers []uint8) (runs []TierRun) {
	for i, tier := range tiers {
		if i == 0 || tier != tiers[i-1] {
			runs = append(runs, TierRun{Tier: tier})
		}
		runs[len(runs)-1].Places++
	}
	return runs
}

// TierRuns is the tier of every place in plan order, neighbours of one tier together: some hundred
// runs for a stadium. It is shared and must not be changed.
func (o *Offer) TierRuns() []TierRun { return o.runs }

// byCategory lists the places of each category.
func (p *Plan) byCategory() [][]PlaceNo {
	places := make([][]PlaceNo, len(p.spec.Categories))
	for i := range p.places {
		if c := p.CategoryOf(PlaceNo(i)); c >= 0 {
			places[c] = append(places[c], PlaceNo(i))
		}
	}
	return places
}

func (o *Offer) apply(r Rule, tier uint8, places [][]PlaceNo) error {
	for _, name := range r.Categories {
		c, ok := o.plan.categories[name]
		if !ok {
			return ErrRule.With("The plan has no category " + name + ".")
		}
		for _, p := range places[c] {
			o.tierOf[p] = tier
		}
	}
	for _, name := range r.Sections {
		i, ok := o.plan.byName[name]
		if !ok {
			return ErrRule.With("The plan has no section " + name + ".")
		}
		s := &o.plan.sections[i]
		for p := range s.Places {
			o.tierOf[int(s.First)+p] = tier
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

// Price is what the place costs without an early-bird price; ok is false where it is not for sale.
func (o *Offer) Price(p PlaceNo) (price money.Money, ok bool) {
	t := o.TierOf(p)
	if t == NotForSale {
		return money.Money{}, false
	}
	return o.event.Tiers[t].Price, true
}

// Currency is the one currency of all tiers.
func (o *Offer) Currency() money.Currency { return o.event.Tiers[0].Price.Currency() }

// Alone is what one place costs, in minor units of the event's currency.
type Alone struct {
	Price    int64 // without fees and added taxes
	Pays     int64 // with them
	OrderFee int64 // once for the order, with its tax
}

// Alone is what a buyer pays at a time for one place of a tier and nothing else.
func (o *Offer) Alone(tier uint8, now time.Time) (Alone, error) {
	price := o.TierPrice(tier, now).Minor()
	a := Alone{Price: price, Pays: price}
	if o.Plain() {
		return a, nil
	}
	q, err := o.Event().Pricing.Quote([]pricing.Place{o.Asked(tier, price)}, nil)
	if err != nil {
		return Alone{}, err
	}
	for _, l := range q.Lines {
		if l.Kind == pricing.OrderFee {
			a.OrderFee += l.Total
		}
	}
	a.Pays = q.Total - a.OrderFee
	return a, nil
}
