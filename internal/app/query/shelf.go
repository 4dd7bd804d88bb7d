// Package query is everything that can be looked at: one file per view, with the read port that it
// needs. The structs with JSON tags are the published shapes.
package query

import (
	"context"
	"time"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/errs"
)

// Failures of looking at the catalogue.
var (
	ErrVenueNotFound = errs.New(errs.NotFound, "venue_not_found", "There is no such venue.")
	ErrPlanNotFound  = errs.New(errs.NotFound, "plan_not_found", "There is no such seat plan.")
)

// Shelf is where the catalogue is kept.
type Shelf interface {
	// Venue fails with ErrVenueNotFound.
	Venue(ctx context.Context, id catalog.VenueID) (catalog.Venue, error)
	// PlanDocument is the plan as planfile has written it; it fails with ErrPlanNotFound.
	PlanDocument(ctx context.Context, id catalog.PlanID) ([]byte, error)
	// Event fails with booking.ErrEventNotFound. The revision grows with each change of prices.
	Event(ctx context.Context, id catalog.EventID) (e catalog.Event, revision int64, err error)
	// Events is a page of the list, by start and number.
	Events(ctx context.Context, f EventFilter) ([]EventRow, error)
	// PlaceStates is the state of each place, in order.
	PlaceStates(ctx context.Context, id catalog.EventID) ([]byte, error)
}

// KindList is what kinds of events there are.
type KindList interface {
	// Kinds are the kinds of the events that start from a time on, without repeats, by name.
	Kinds(ctx context.Context, from time.Time) ([]string, error)
}

// MaxKinds bounds the kinds that a list offers.
const MaxKinds = 50

// EventFilter narrows a list of events. Zero fields don't narrow it.
type EventFilter struct {
	Text, Place string
	Kind        string
	MaxPrice    int64     // of the cheapest place, in thousandths: others may cost more by now
	From, To    time.Time // of the start: From included, To not
	Drafts      bool      // organisers also see what isn't published
	AfterStart  time.Time // the last row of the page before
	AfterID     catalog.EventID
	Limit       int
}

// EventRow is one line of a list of events.
type EventRow struct {
	ID                          catalog.EventID
	Title, Venue, City, Country string
	Kind                        string
	Status                      catalog.Status
	TimeZone                    string
	StartsAt, OpensAt, ClosesAt time.Time
}
