package command

import (
	"context"
	"errors"
	"slices"

	"ticketflow/internal/app/board"
	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/errs"
	"ticketflow/internal/domain/picking"
)

// Bounds of how often the best places are picked again after a lost race. Behind a lock there are
// other instances whose picks this one doesn't know yet, and a lost race costs the ledger nothing.
const (
	maxPickTries       = 5
	maxLockedPickTries = 20
)

// ErrNotEnough says that the wish can't be met with what is free now.
var ErrNotEnough = errs.New(errs.Conflict, "not_enough_places",
	"There are not enough free places for this wish.")

// HoldWish asks for places: the named ones, or the best that are free.
type HoldWish struct {
	Event  catalog.EventID
	Places []catalog.PlaceNo // named places; empty if Best is set
	Best   *picking.Wish
	Idempotency
}

// HoldMade is a hold that was granted.
type HoldMade struct {
	Hold       booking.Hold
	Offer      *query.Offer
	Token      Token
	SideBySide bool // all places are neighbours
}

// HoldPlaces sets places aside, all or none. With named places it fails with ErrPlaceTaken if one
// is not free; with a wish for the best ones it picks again after a lost race, a few times.
func (o *Office) HoldPlaces(ctx context.Context, w HoldWish) (made HoldMade, err error) {
	offer, err := o.offers.Get(ctx, w.Event)
	if err != nil {
		return HoldMade{}, err
	}
	ref, request, err := o.answer(w.Event, "hold", w.Idempotency)
	if err != nil {
		return HoldMade{}, err
	}
	if opens := offer.Event().Terms.OpensAt; o.clock().Before(opens) {
		// Nobody can have been answered before: the early crowd never reaches the ledger.
		return HoldMade{}, booking.ErrSaleNotOpen.WithField("opens_at", opens)
	}
	seats, err := o.boards.Get(ctx, w.Event)
	if err != nil {
		return HoldMade{}, err
	}
	key, err := o.keys.Next()
	if err != nil {
		return HoldMade{}, err
	}
	cmd := &booking.HoldPlaces{ID: booking.HoldID{Event: w.Event, Key: key}, Offer: offer.Offer,
		Revision: offer.Revision, Places: w.Places, Answer: ref, Request: request}
	if err := o.flights.enter(ctx, ref, request); err != nil {
		return HoldMade{}, err
	}
	defer func() { o.flights.leave(ref, err) }()
	if w.Best == nil {
		err = o.holdNamed(ctx, seats, cmd)
	} else {
		err = o.holdBest(ctx, seats, cmd, *w.Best)
	}
	if errors.Is(err, booking.ErrRevised) {
		o.offers.Forget(w.Event)
	}
	if err != nil {
		return HoldMade{}, err
	}
	if cmd.Replay {
		if cmd.Made, err = o.heldBefore(ctx, cmd.Made); err != nil {
			return HoldMade{}, err
		}
	}
	return HoldMade{Hold: cmd.Made, Offer: offer, Token: o.HoldToken(cmd.Made.ID),
		SideBySide: SideBySide(offer.Plan(), cmd.Made.Lines)}, nil
}

// heldBefore is the hold of an answer that was given before, as it was answered then.
func (o *Office) heldBefore(ctx context.Context, made booking.Hold) (booking.Hold, error) {
	h, err := o.bookings.Hold(ctx, made.ID)
	h.ExpiresAt = made.ExpiresAt
	return h, err
}

// SideBySide tells whether all places of the lines are neighbours, in order.
func SideBySide(plan *catalog.Plan, lines []booking.Line) bool {
	for i := 1; i < len(lines); i++ {
		before := lines[i-1].Place
		standing := plan.Section(plan.SectionOf(before)).Standing &&
			plan.SectionOf(before) == plan.SectionOf(lines[i].Place)
		if !standing && (lines[i].Place != before+1 || !plan.Adjacent(before)) {
			return false
		}
	}
	return true
}

// holdNamed refuses early, on the board's advice, what was taken long ago; only requests that may
// succeed, and those that were answered before, reach the ledger.
func (o *Office) holdNamed(
	ctx context.Context, seats *board.Board, cmd *booking.HoldPlaces,
) error {
	if len(cmd.Places) > catalog.MaxPlacesPerOrder {
		return booking.ErrTooManyPlaces
	}
	if taken := seats.Taken(cmd.Places); len(taken) > 0 {
		before, err := o.bookings.Answered(ctx, cmd.Answer)
		if err != nil {
			return err
		}
		if !before {
			return booking.ErrPlaceTaken.WithField("taken", taken)
		}
	}
	return o.decide(ctx, cmd)
}

// holdBest picks and holds. The picked places are marked on the board until the ledger has decided,
// so that buyers who press at the same instant are sent to different places. Places that somebody
// else turned out to have stay marked until the end: the board may not have heard of it yet.
func (o *Office) holdBest(
	ctx context.Context, seats *board.Board, cmd *booking.HoldPlaces, wish picking.Wish,
) error {
	if wish.Count > catalog.MaxPlacesPerOrder {
		return booking.ErrTooManyPlaces
	}
	var lost []catalog.PlaceNo
	defer func() { seats.Unmark(lost) }()
	tries := maxPickTries
	if o.locked != nil {
		tries = maxLockedPickTries
	}
	var err error
	for range tries {
		choice, ok := seats.Pick(wish)
		if !ok {
			before, err := o.bookings.Answered(ctx, cmd.Answer)
			if err != nil {
				return err
			}
			if !before {
				return ErrNotEnough
			}
		}
		cmd.Places = choice.Places
		err = o.decide(ctx, cmd)
		if !errors.Is(err, booking.ErrPlaceTaken) {
			seats.Unmark(choice.Places)
			return err
		}
		taken := takenOf(err)
		seats.Unmark(slices.DeleteFunc(slices.Clone(choice.Places),
			func(p catalog.PlaceNo) bool { return slices.Contains(taken, p) }))
		lost = append(lost, taken...)
	}
	return err
}
