package web

import (
	"context"
	"time"

	"ticketflow/internal/app/board"
	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/money"
)

// event is what the page of an event shows.
type event struct {
	*query.Offer
	start, doors time.Time // in the event's zone; doors may be zero
	tiers        []eventTier
	free         int // places that are for sale and free
	sale         string
	open         bool // the sale is open and something is left
}

type eventTier struct {
	name  string
	price money.Money // all that a buyer pays for one place
	usual money.Money // before an early-bird price; zero without one
	free  int
	total int
}

// offer finds an event that everybody may see.
func (s *Site) offer(ctx context.Context, id string) (*query.Offer, error) {
	event, err := catalog.ParseEventID(id)
	if err != nil {
		return nil, booking.ErrEventNotFound
	}
	offer, err := s.offers.Get(ctx, event)
	if err != nil {
		return nil, err
	}
	if offer.Event().Status == catalog.Draft {
		return nil, booking.ErrEventNotFound
	}
	return offer, nil
}

func (s *Site) showEvent(v *visit) (component, error) {
	ctx := v.request.Context()
	offer, err := s.offer(ctx, v.request.PathValue("event"))
	if err != nil {
		return nil, err
	}
	e := event{Offer: offer}
	facts := offer.Event()
	e.start = inZone(facts.StartsAt, facts.TimeZone)
	if !facts.DoorsAt.IsZero() && facts.DoorsAt.Unix() != 0 {
		e.doors = inZone(facts.DoorsAt, facts.TimeZone)
	}
	seats, err := s.boards.Get(ctx, facts.ID)
	if err != nil {
		return nil, err
	}
	_, _, tiers, _ := seats.Summary()
	if err := e.price(tiers, v.now); err != nil {
		return nil, err
	}
	e.judge(v)
	return eventPage(v, &e), nil
}

// price fills in what each tier costs now.
func (e *event) price(counts []board.Counts, now time.Time) error {
	for i, tier := range e.Event().Tiers {
		alone, err := e.Alone(uint8(i), now)
		if err != nil {
			return err
		}
		t := eventTier{name: tier.Name, free: counts[i].Free,
			total: counts[i].Free + counts[i].Held + counts[i].Sold + counts[i].Blocked}
		if t.price, err = money.New(alone.Pays, e.Currency()); err != nil {
			return err
		}
		if tier.Price.Minor() != alone.Price {
			t.usual = tier.Price
		}
		e.free += t.free
		e.tiers = append(e.tiers, t)
	}
	return nil
}

// judge says what a buyer can do now.
func (e *event) judge(v *visit) {
	terms, zone := e.Event().Terms, e.Event().TimeZone
	switch {
	case e.Event().Status == catalog.Cancelled:
		e.sale = v.Event.Cancelled
	case v.now.Before(terms.OpensAt):
		e.sale = v.Event.OpensAt(v.Dates.Full(inZone(terms.OpensAt, zone)),
			v.Dates.In(terms.OpensAt.Sub(v.now)))
	case !v.now.Before(terms.ClosesAt):
		e.sale = v.Event.ClosedAt(v.Dates.Full(inZone(terms.ClosesAt, zone)))
	case e.free == 0:
		e.sale = v.Event.SoldOut
	default:
		e.open = true
	}
}
