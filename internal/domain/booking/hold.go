package booking

import (
	"time"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/errs"
	"ticketflow/internal/domain/ident"
	"ticketflow/internal/domain/money"
	"ticketflow/internal/domain/pricing"
)

// Failures of a hold.
var (
	ErrHoldNotFound = errs.New(errs.NotFound, "hold_not_found", "There is no such hold.")
	ErrHoldEnded    = errs.New(errs.Gone, "hold_ended",
		"The hold has ended. Please choose your places again.")
	ErrHoldOrdered = errs.New(errs.Conflict, "hold_ordered",
		"An order has already been made from this hold.")
	ErrHoldChanged = errs.New(errs.Conflict, "hold_changed",
		"The places or their price have changed meanwhile. Please look at them again.")
	ErrNoMoreExtensions = errs.New(errs.Conflict, "no_more_extensions",
		"The hold can't be extended any further.")
)

// HoldState is where a hold is in its life.
type HoldState uint8

// A hold starts Live and ends exactly once, in one of the other three.
const (
	HoldLive HoldState = iota + 1
	HoldOrdered
	HoldReleased
	HoldExpired
)

// String is the published name of the state.
func (s HoldState) String() string {
	switch s {
	case HoldLive:
		return "live"
	case HoldOrdered:
		return "ordered"
	case HoldReleased:
		return "released"
	case HoldExpired:
		return "expired"
	}
	return "unknown"
}

// Line is one place in a hold or an order: the grant that it stands on, and its frozen price.
type Line struct {
	Place catalog.PlaceNo
	Fence uint32
	Tier  uint8
	Price int64 // minor units of the hold's currency
}

// Hold is places that are set aside for somebody for a while, at a price that won't change.
type Hold struct {
	ID         HoldID
	State      HoldState
	CreatedAt  time.Time
	ExpiresAt  time.Time
	Extensions int
	Amendments int            // how often its places were changed
	Lines      []Line         // never changed in place
	Charges    []pricing.Line // beyond the places, nil if there are none; never changed in place
	Total      money.Money    // of lines and charges
	Order      ident.Key      // the order that was made from it; zero unless HoldOrdered
}

// extend moves the end of a live hold.
func (h Hold) extend(until time.Time, maxExtensions int) (Hold, error) {
	if err := h.live(); err != nil {
		return h, err
	}
	if h.Extensions >= maxExtensions {
		return h, ErrNoMoreExtensions
	}
	h.Extensions++
	h.ExpiresAt = until
	return h, nil
}

// end brings a live hold to one of its three ends.
func (h Hold) end(state HoldState, order ident.Key) (Hold, error) {
	if err := h.live(); err != nil {
		return h, err
	}
	h.State, h.Order = state, order
	return h, nil
}

func (h Hold) live() error {
	switch h.State {
	case HoldLive:
		return nil
	case HoldOrdered:
		return ErrHoldOrdered
	default:
		return ErrHoldEnded
	}
}
