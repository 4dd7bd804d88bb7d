package catalog

import (
	"time"

	"ticketflow/internal/domain/money"
	"ticketflow/internal/domain/pricing"
)

// TierPrice is what a place of a tier costs at a time.
func (o *Offer) TierPrice(tier uint8, now time.Time) money.Money {
	t := &o.event.Tiers[tier]
	if o.plain {
		return t.Price
	}
	price, err := money.New(o.event.Pricing.Price(t.Key, t.Price.Minor(), now), o.Currency())
	if err != nil { // NewOffer has checked all prices
		return t.Price
	}
	return price
}

// PriceAt is what the place costs at a time; ok is false where it is not for sale.
func (o *Offer) PriceAt(p PlaceNo, now time.Time) (price money.Money, ok bool) {
	t := o.TierOf(p)
	if t == NotForSale {
		return money.Money{}, false
	}
	return o.TierPrice(t, now), true
}

// Plain tells that the places' prices alone make the price of an order, unless a voucher is named.
func (o *Offer) Plain() bool { return o.plain || o.event.Pricing.Plain() }

// HasTier tells whether a key is that of a tier.
func (o *Offer) HasTier(key string) bool { _, ok := o.TierIndex(key); return ok }

// TierSet has a bit for the index of each tier that is named, the form in which a quote wants the
// tiers of a voucher. ok is false if keys are named and the event has none of them.
func (o *Offer) TierSet(keys []string) (set uint64, ok bool) {
	for _, key := range keys {
		if i, known := o.TierIndex(key); known {
			set |= 1 << i
		}
	}
	return set, set != 0 || len(keys) == 0
}

// Asked is a place of a tier, at a price, as a quote wants it.
func (o *Offer) Asked(tier uint8, price int64) pricing.Place {
	name := ""
	if int(tier) < len(o.event.Tiers) {
		name = o.event.Tiers[tier].Name
	}
	return pricing.Place{Tier: tier, Name: name, Price: price}
}
