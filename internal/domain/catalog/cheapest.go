package catalog

import (
	"time"

	"ticketflow/internal/domain/money"
)

// Cheapest is what a buyer pays at a time for one place of the cheapest tier that may be asked for.
// ok is false if none may.
func (o *Offer) Cheapest(
	now time.Time, may func(tier int) bool,
) (price money.Money, ok bool, err error) {
	lowest := int64(0)
	for i := range o.event.Tiers {
		if !may(i) {
			continue
		}
		alone, err := o.Alone(uint8(i), now)
		if err != nil {
			return price, false, err
		}
		if !ok || alone.Pays < lowest {
			lowest, ok = alone.Pays, true
		}
	}
	if !ok {
		return price, false, nil
	}
	price, err = money.New(lowest, o.Currency())
	return price, true, err
}

// LowestEver is the least that one place of the event costs its buyer at any time, in thousandths of
// the currency: what searches by price leave out what is dearer by. It is 0 if it can't be told.
func (e *Event) LowestEver() int64 {
	o := &Offer{event: *e, plain: e.Pricing.Zero()}
	var lowest money.Money
	found := false
	see := func(at time.Time) {
		price, ok, err := o.Cheapest(at, func(int) bool { return true })
		if err == nil && ok && (!found || price.Minor() < lowest.Minor()) {
			lowest, found = price, true
		}
	}
	end := time.Time{}
	for _, b := range e.Pricing.EarlyBirds {
		see(b.Until.Add(-time.Nanosecond))
		if b.Until.After(end) {
			end = b.Until
		}
	}
	see(end)
	if !found {
		return 0
	}
	return lowest.Thousandths()
}
