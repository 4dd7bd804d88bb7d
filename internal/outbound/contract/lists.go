package contract

import (
	"slices"
	"time"

	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/money"
	"ticketflow/internal/domain/pricing"
)

// readListed: events are found by their kind and by the least that a place of them ever costs, and
// the kinds are those of events that everybody may see.
func readListed(s *stage) {
	ctx := s.t.Context()
	const kind, hidden = "kind of the lists' events", "kind of a draft"
	add := func(kind string, minor int64, birds ...pricing.EarlyBird) catalog.EventID {
		event := *s.show(terms{places: 1}).offer.Event()
		price, err := money.New(minor, money.Currency{'E', 'U', 'R'})
		s.noError(err)
		event.Kind, event.Status = kind, catalog.Published
		event.Tiers = slices.Clone(event.Tiers)
		event.Tiers[0].Price, event.Pricing.EarlyBirds = price, birds
		if kind == hidden {
			event.Status = catalog.Draft
		}
		id, err := s.engine.Catalogue.AddEvent(ctx, event, 1)
		s.noError(err)
		stored, _, err := s.engine.Shelf.Event(ctx, id)
		s.noError(err)
		same(s.t, "kind", stored.Kind, kind)
		return id
	}
	cheap, dear := add(kind, 2_000), add(kind, 5_000)
	tier := s.show(terms{places: 1}).offer.Event().Tiers[0].Key
	early := add(kind, 9_000, pricing.EarlyBird{Tier: tier, Price: 1_500, Until: time.Unix(1, 0)})
	add(hidden, 2_000)

	listed := func(f query.EventFilter) (ids []catalog.EventID) {
		f.Kind, f.Limit = kind, 10
		rows, err := s.engine.Shelf.Events(ctx, f)
		s.noError(err)
		for _, row := range rows {
			same(s.t, "kind", row.Kind, kind)
			ids = append(ids, row.ID)
		}
		slices.Sort(ids)
		return ids
	}
	for price, want := range map[int64][]catalog.EventID{
		0: {cheap, dear, early}, 20_000: {cheap, early}, 14_999: nil,
	} {
		if got := listed(query.EventFilter{MaxPrice: price}); !slices.Equal(got, want) {
			s.t.Errorf("for %d: got %v, want %v", price, got, want)
		}
	}

	kinds, err := s.engine.Shelf.Kinds(ctx, time.Time{})
	s.noError(err)
	count := 0
	for _, k := range kinds {
		if k == kind {
			count++
		}
	}
	same(s.t, "mentions of the kind", count, 1)
	same(s.t, "a draft's kind is told", slices.Contains(kinds, hidden), false)
	kinds, err = s.engine.Shelf.Kinds(ctx, s.clock.Now().AddDate(100, 0, 0))
	s.noError(err)
	same(s.t, "kinds in a hundred years", len(kinds), 0)
}
