package query

import (
	"context"
	"time"

	"ticketflow/internal/app/board"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/money"
)

// glanceTime is how old the count of an event's places may be in a list, where nobody looks at the
// event itself.
const glanceTime = 10 * time.Second

// Glance is what a list says about the sale of one event.
type Glance struct {
	From  money.Money // all that a buyer pays now for the cheapest place that is left
	Free  int         // places that are for sale and free
	Total int         // places that are for sale at all
}

// Glances are for lists that many look at. A board is asked where there is one; where there is
// none, places are counted now and then instead of keeping a board for each event that was ever
// listed. It is safe for concurrent use.
type Glances struct {
	offers *Offers
	boards *board.Boards
	clock  func() time.Time
	counts kept[catalog.EventID, []board.Counts]
}

// NewGlances makes glances without content.
func NewGlances(offers *Offers, boards *board.Boards, clock func() time.Time) *Glances {
	g := &Glances{offers: offers, boards: boards, clock: clock}
	g.counts.rows = make(map[catalog.EventID]*view[[]board.Counts])
	g.counts.keep = glanceTime
	return g
}

// Get is a glance at an event at a time. Places are counted while the sale is open only.
func (g *Glances) Get(
	ctx context.Context, id catalog.EventID, now time.Time,
) (Glance, error) {
	offer, err := g.offers.Get(ctx, id)
	if err != nil {
		return Glance{}, err
	}
	terms := offer.Event().Terms
	var tiers []board.Counts
	if !now.Before(terms.OpensAt) && now.Before(terms.ClosesAt) {
		if tiers, err = g.tiers(ctx, offer); err != nil {
			return Glance{}, err
		}
	}
	var glance Glance
	for _, t := range tiers {
		glance.Free += t.Free
		glance.Total += t.Free + t.Held + t.Sold + t.Blocked
	}
	glance.From, _, err = offer.Cheapest(now, func(tier int) bool {
		return glance.Free == 0 || tiers[tier].Free > 0
	})
	return glance, err
}

// tiers counts the places of each tier.
func (g *Glances) tiers(ctx context.Context, offer *Offer) ([]board.Counts, error) {
	id := offer.Event().ID
	if b := g.boards.Loaded(id); b != nil {
		_, _, tiers, _ := b.Summary()
		if len(tiers) == len(offer.Event().Tiers) {
			return tiers, nil
		}
	}
	return g.counts.get(ctx, id, g.clock, func(ctx context.Context) ([]board.Counts, error) {
		states, err := g.offers.PlaceStates(ctx, id)
		if err != nil {
			return nil, err
		}
		tiers := make([]board.Counts, len(offer.Event().Tiers))
		for i, state := range states {
			if t := offer.TierOf(catalog.PlaceNo(i)); t != catalog.NotForSale {
				tiers[t].Add(booking.PlaceState(state))
			}
		}
		return tiers, nil
	})
}
