package command

import (
	"context"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/picking"
)

// AmendWish changes which places a hold has. With Best, the best free ones are added in place of
// named ones.
type AmendWish struct {
	Hold        booking.HoldID
	Add, Remove []catalog.PlaceNo
	Best        *picking.Wish
	Idempotency
}

// AmendHold adds places to a live hold and gives some of its places back, all or nothing. It fails
// like HoldPlaces, also if more places go than an order may have, and with booking.ErrHoldEnded or
// ErrHoldOrdered. A hold without places is released. A repeated request is told the hold as it is
// now.
func (o *Office) AmendHold(ctx context.Context, w AmendWish) (HoldMade, error) {
	if max(len(w.Add), len(w.Remove)) > catalog.MaxPlacesPerOrder {
		return HoldMade{}, booking.ErrTooManyPlaces
	}
	event := w.Hold.Event
	offer, err := o.offers.Get(ctx, event)
	if err != nil {
		return HoldMade{}, err
	}
	ref, request, err := o.answer(event, "amend "+w.Hold.String(), w.Idempotency)
	if err != nil {
		return HoldMade{}, err
	}
	seats, err := o.boards.Get(ctx, event)
	if err != nil {
		return HoldMade{}, err
	}
	before, err := o.bookings.Hold(ctx, w.Hold)
	if err != nil {
		return HoldMade{}, err
	}
	cmd := &booking.AmendHold{ID: w.Hold, Offer: offer.Offer, Revision: offer.Revision,
		Add: w.Add, Remove: w.Remove, Answer: ref, Request: request}
	mine := make([]catalog.PlaceNo, len(before.Lines))
	for i, l := range before.Lines {
		mine[i] = l.Place
	}
	ask := claim{cmd: cmd, event: event, answer: ref, mine: mine, places: &cmd.Add,
		remove: w.Remove, lock: &cmd.Lock, fence: &cmd.Fence, replay: &cmd.Replay,
		lockTime: offer.Event().Terms.HoldTime, orphans: !offer.Event().Terms.NoOrphans}
	if err := o.claim(ctx, seats, ask, request, w.Best); err != nil {
		return HoldMade{}, err
	}
	if cmd.Replay {
		if cmd.Made, err = o.bookings.Hold(ctx, w.Hold); err != nil {
			return HoldMade{}, err
		}
	}
	return o.made(offer, cmd.Made, w.Best), nil
}
