package board

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"ticketflow/internal/app/demo"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/money"
	"ticketflow/internal/domain/picking"
)

// stadium is the demo's stadium with a price for each category.
func stadium(tb testing.TB) *catalog.Offer {
	tb.Helper()
	plan, err := catalog.NewPlan(demo.Stadium())
	if err != nil {
		tb.Fatal(err)
	}
	event := catalog.Event{ID: 1, Title: "Concert", TimeZone: "UTC", StartsAt: start,
		Terms: catalog.Terms{OpensAt: start.Add(-time.Hour), ClosesAt: start, MaxPerOrder: 8,
			HoldTime: time.Minute, PayTime: time.Minute}}
	for i, c := range plan.Categories() {
		price, err := money.New(int64(10_000-1_000*i), money.Currency{'E', 'U', 'R'})
		if err != nil {
			tb.Fatal(err)
		}
		key := fmt.Sprintf("cat%d", i)
		event.Tiers = append(event.Tiers, catalog.Tier{Key: key, Name: c.Name, Price: price})
		event.Rules = append(event.Rules, catalog.Rule{Tier: key, Categories: []string{c.Name}})
	}
	offer, err := catalog.NewOffer(event, plan)
	if err != nil {
		tb.Fatal(err)
	}
	return offer
}

var start = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// BenchmarkPick picks, takes what was picked, and gives as many other places of the same prices
// back, so that the house stays as full as it is and nothing that was learned holds for long.
func BenchmarkPick(b *testing.B) {
	offer := stadium(b)
	wish := func(tier, count int) picking.Wish {
		return picking.Wish{Count: count, Tier: tier, Section: picking.AnySection,
			SplitAllowed: count > 6}
	}
	for _, percent := range []int{0, 50, 95, 99} {
		for _, w := range []struct {
			name string
			wish picking.Wish
		}{
			{"any=2", wish(picking.AnyTier, 2)}, {"tier=1", wish(2, 1)}, {"tier=2", wish(2, 2)},
			{"tier=4", wish(2, 4)}, {"split=8", wish(5, 8)},
		} {
			b.Run(fmt.Sprintf("sold=%d%%/%s", percent, w.name), func(b *testing.B) {
				p, taken := fill(offer, percent, w.wish.Tier)
				at := 0
				for b.Loop() {
					choice, _ := p.Pick(w.wish)
					for _, place := range choice.Places {
						p.Set(place, false)
						back := place
						if len(taken) > 0 {
							at = (at + 1) % len(taken)
							back, taken[at] = taken[at], place
						}
						p.Set(back, true)
					}
				}
			})
		}
	}
}

// fill makes a picker that has sold so much of a house, at random, and returns what is sold of one
// tier, or of all.
func fill(offer *catalog.Offer, percent, tier int) (*picking.Picker, []catalog.PlaceNo) {
	p := picking.New(offer)
	random := rand.New(rand.NewPCG(1, 2))
	var taken []catalog.PlaceNo
	for _, i := range random.Perm(offer.Places())[:offer.Places()*percent/100] {
		at := catalog.PlaceNo(i)
		p.Set(at, false)
		if tier == picking.AnyTier || tier == int(offer.TierOf(at)) {
			taken = append(taken, at)
		}
	}
	return p, taken
}

func BenchmarkNewPicker(b *testing.B) {
	offer := stadium(b)
	for b.Loop() {
		picking.New(offer)
	}
}
