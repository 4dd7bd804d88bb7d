package query

import (
	"context"
	"fmt"
	"time"

	"ticketflow/internal/domain/catalog"
)

// PlanReader turns a stored plan document into a plan; planfile has it.
type PlanReader func(document []byte) (*catalog.Plan, error)

// Offers keeps events on their plans in memory. An offer is kept until it is forgotten, and a plan
// for ever: plans don't change, and there are as many as the venue has halls. Many who ask at once
// wait for one load. It is safe for concurrent use.
type Offers struct {
	shelf  Shelf
	read   PlanReader
	offers loads[catalog.EventID, *Offer]
	plans  loads[catalog.PlanID, *catalog.Plan]
}

// Offer is an event on its plan, its venue, and the revision of its prices.
type Offer struct {
	*catalog.Offer
	Venue    catalog.Venue
	Revision int64
}

// Zone is the event's time zone; UTC if this machine doesn't know it.
func (o *Offer) Zone() *time.Location {
	zone, err := time.LoadLocation(o.Event().TimeZone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// NewOffers makes an empty cache.
func NewOffers(shelf Shelf, read PlanReader) *Offers {
	o := &Offers{shelf: shelf, read: read}
	o.offers.load = o.loadOffer
	o.plans.load = o.loadPlan
	return o
}

// Get returns the event's offer, from memory or from the shelf.
func (o *Offers) Get(ctx context.Context, id catalog.EventID) (*Offer, error) {
	return o.offers.get(ctx, id)
}

func (o *Offers) loadOffer(ctx context.Context, id catalog.EventID) (*Offer, error) {
	event, revision, err := o.shelf.Event(ctx, id)
	if err != nil {
		return nil, err
	}
	venue, err := o.shelf.Venue(ctx, event.Venue)
	if err != nil {
		return nil, err
	}
	plan, err := o.Plan(ctx, event.Plan)
	if err != nil {
		return nil, err
	}
	bound, err := catalog.NewOffer(event, plan)
	if err != nil {
		return nil, fmt.Errorf("bind event %d to its plan: %w", id, err)
	}
	return &Offer{Offer: bound, Venue: venue, Revision: revision}, nil
}

// Plan returns a seat plan.
func (o *Offers) Plan(ctx context.Context, id catalog.PlanID) (*catalog.Plan, error) {
	return o.plans.get(ctx, id)
}

func (o *Offers) loadPlan(ctx context.Context, id catalog.PlanID) (*catalog.Plan, error) {
	document, err := o.shelf.PlanDocument(ctx, id)
	if err != nil {
		return nil, err
	}
	plan, err := o.read(document)
	if err != nil {
		return nil, fmt.Errorf("read plan %d: %w", id, err)
	}
	return plan, nil
}

// Forget drops an event, so that the next one who asks sees it as it is in the ledger, even while
// it is being loaded.
func (o *Offers) Forget(id catalog.EventID) { o.offers.forget(id) }

// ForgetAll drops all events, when it isn't known which of them others have changed.
func (o *Offers) ForgetAll() { o.offers.forgetAll() }

// Offer is Get without the revision, for the boards.
func (o *Offers) Offer(ctx context.Context, id catalog.EventID) (*catalog.Offer, error) {
	offer, err := o.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	return offer.Offer, nil
}

// PlaceStates is the committed state of each place, for the boards.
func (o *Offers) PlaceStates(ctx context.Context, id catalog.EventID) ([]byte, error) {
	return o.shelf.PlaceStates(ctx, id)
}

// Fences is a shelf that also knows the fences of places.
type Fences interface {
	// PlaceFences is the state of each place, in order, and the fence of its last grant, as they
	// are committed now: not from a replica that lags behind.
	PlaceFences(ctx context.Context, id catalog.EventID) (states []byte, fences []uint32, err error)
}

// WithFences are the offers with the fences beside them: what the boards of one of several
// instances are made of.
func (o *Offers) WithFences(fences Fences) FencedOffers { return FencedOffers{o, fences} }

// FencedOffers are offers with the fences of their places.
type FencedOffers struct {
	*Offers
	Fences
}

// VenueExists fails with ErrVenueNotFound if there is no such venue.
func (o *Offers) VenueExists(ctx context.Context, id catalog.VenueID) error {
	_, err := o.shelf.Venue(ctx, id)
	return err
}
