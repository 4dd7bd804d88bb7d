package command

import (
	"context"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/errs"
)

// maxBlockPlaces bounds one request to block or unblock.
const maxBlockPlaces = 5_000

// ErrBlockTooMany says that a request names more places than one transaction should change.
var ErrBlockTooMany = errs.New(errs.Invalid, "too_many_places",
	"At most 5,000 places can be blocked in one request.")

// ErrNoKeys says that creating can't be made repeatable here.
var ErrNoKeys = errs.New(errs.Malformed, "idempotency_key_unsupported",
	"This request can't have an Idempotency-Key here.")

// under is the catalogue for a request. Without a key, which organisers may leave out, everything
// that is asked for is stored.
func (o *Office) under(kind string, in Idempotency) (Catalogue, error) {
	switch {
	case in.Key == "":
		return o.store, nil
	case len(in.Key) > maxIdempotencyKeyBytes:
		return nil, ErrKeyMissing
	case o.once == nil:
		return nil, ErrNoKeys
	}
	return o.once.Under(fingerprint(kind, in.Key), fingerprint(string(in.Body))), nil
}

// CreateVenue stores a venue. The same key again returns the same number.
func (o *Office) CreateVenue(
	ctx context.Context, v catalog.Venue, in Idempotency,
) (catalog.VenueID, error) {
	if err := v.Check(); err != nil {
		return 0, err
	}
	store, err := o.under("venue", in)
	if err != nil {
		return 0, err
	}
	return store.AddVenue(ctx, v)
}

// CreatePlan stores a seat plan of a venue. document is the plan as it will be read again. The same
// key again returns the same number.
func (o *Office) CreatePlan(
	ctx context.Context, venue catalog.VenueID, plan *catalog.Plan, document []byte,
	in Idempotency,
) (catalog.PlanID, error) {
	if err := o.offers.VenueExists(ctx, venue); err != nil {
		return 0, err
	}
	store, err := o.under("plan", in)
	if err != nil {
		return 0, err
	}
	return store.AddPlan(ctx, venue, plan, document)
}

// CreateEvent stores a draft on a plan. Its prices are checked against the plan. The same key again
// returns the same number.
func (o *Office) CreateEvent(
	ctx context.Context, e catalog.Event, in Idempotency,
) (catalog.EventID, error) {
	if err := e.CheckTexts(); err != nil {
		return 0, err
	}
	if err := o.offers.VenueExists(ctx, e.Venue); err != nil {
		return 0, err
	}
	plan, err := o.offers.Plan(ctx, e.Plan)
	if err != nil {
		return 0, err
	}
	e.Status = catalog.Draft
	if _, err := catalog.NewOffer(e, plan); err != nil {
		return 0, err
	}
	store, err := o.under("event", in)
	if err != nil {
		return 0, err
	}
	return store.AddEvent(ctx, e, plan.Places())
}

// PublishEvent puts a draft on sale, from the opening of its sale on. Twice is as once.
func (o *Office) PublishEvent(ctx context.Context, id catalog.EventID) error {
	return o.setStatus(ctx, id, catalog.Published)
}

// CancelEvent ends the sale of an event for good. Its orders stay as they are: giving money back is
// a decision of its own. Twice is as once.
func (o *Office) CancelEvent(ctx context.Context, id catalog.EventID) error {
	return o.setStatus(ctx, id, catalog.Cancelled)
}

func (o *Office) setStatus(ctx context.Context, id catalog.EventID, s catalog.Status) error {
	err := o.desk.do(ctx, id, &booking.SetStatus{Event: id, Status: s})
	o.offers.Forget(id)
	return err
}

// BlockPlaces takes free places off sale, all or none; with unblock it puts them back.
func (o *Office) BlockPlaces(
	ctx context.Context, id catalog.EventID, places []catalog.PlaceNo, unblock bool,
) error {
	switch {
	case len(places) == 0:
		return booking.ErrNoPlaces
	case len(places) > maxBlockPlaces:
		return ErrBlockTooMany
	}
	return o.desk.do(ctx, id,
		&booking.BlockPlaces{Event: id, Places: places, Unblock: unblock})
}
