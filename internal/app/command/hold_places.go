package command

import (
	"context"
	"errors"
	"slices"
	"time"

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
	Why        *Why // of places that were chosen as the best, otherwise nil
}

// HoldPlaces sets places aside, all or none. With named places it fails with ErrPlaceTaken if one
// is not free; with a wish for the best ones it picks again after a lost race, a few times. A
// repeated request is told the hold as it is now.
func (o *Office) HoldPlaces(ctx context.Context, w HoldWish) (HoldMade, error) {
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
	ask := claim{cmd: cmd, event: w.Event, answer: ref, places: &cmd.Places, lock: &cmd.Lock,
		fence: &cmd.Fence, replay: &cmd.Replay, lockTime: offer.Event().Terms.HoldTime,
		orphans: !offer.Event().Terms.NoOrphans}
	if err := o.claim(ctx, seats, ask, request, w.Best); err != nil {
		return HoldMade{}, err
	}
	if cmd.Replay {
		if cmd.Made, err = o.bookings.Hold(ctx, cmd.Made.ID); err != nil {
			return HoldMade{}, err
		}
	}
	return o.made(offer, cmd.Made, w.Best), nil
}

// made is a hold as its buyer is told.
func (o *Office) made(offer *query.Offer, h booking.Hold, best *picking.Wish) HoldMade {
	m := HoldMade{Hold: h, Offer: offer, Token: o.HoldToken(h.ID),
		SideBySide: SideBySide(offer.Plan(), h.Lines)}
	if best != nil {
		m.Why = whyThese(offer.Plan(), h.Lines, m.SideBySide)
	}
	return m
}

// SideBySide tells whether all places of the lines are neighbours, in order.
func SideBySide(plan *catalog.Plan, lines []booking.Line) bool {
	for i := 1; i < len(lines); i++ {
		if !plan.Beside(lines[i-1].Place, lines[i].Place) {
			return false
		}
	}
	return true
}

// claim is a command on its way to the ledger that asks for places. What it points to is the
// command's.
type claim struct {
	cmd      decision
	event    catalog.EventID
	answer   booking.AnswerRef
	mine     []catalog.PlaceNo // what the buyer has already
	remove   []catalog.PlaceNo
	orphans  bool // a single free seat may be left alone
	places   *[]catalog.PlaceNo
	lock     *uint32
	fence    *uint32
	replay   *bool
	lockTime time.Duration
}

// claim brings a command to the ledger that asks for named places, or for the best.
func (o *Office) claim(
	ctx context.Context, seats *board.Board, ask claim, request booking.Fingerprint,
	best *picking.Wish,
) (err error) {
	if err := o.flights.enter(ctx, ask.answer, request); err != nil {
		return err
	}
	defer func() { o.flights.leave(ask.answer, err) }()
	if best == nil {
		err = o.claimNamed(ctx, seats, ask)
	} else {
		err = o.claimBest(ctx, seats, ask, *best)
	}
	if errors.Is(err, booking.ErrRevised) {
		o.offers.Forget(ask.event)
	}
	return err
}

// claimNamed refuses early, on the board's advice, what was taken long ago; only requests that may
// succeed, and those that were answered before, reach the ledger.
func (o *Office) claimNamed(ctx context.Context, seats *board.Board, ask claim) error {
	if len(*ask.places) > catalog.MaxPlacesPerOrder {
		return booking.ErrTooManyPlaces
	}
	if taken := ask.foreign(seats.Taken(*ask.places)); len(taken) > 0 {
		before, err := o.bookings.Answered(ctx, ask.answer)
		if err != nil {
			return err
		}
		if !before {
			return booking.ErrPlaceTaken.WithField("taken", taken)
		}
	}
	if err := o.judge(ctx, seats, ask); err != nil {
		return err
	}
	return o.decide(ctx, ask)
}

// judge refuses a choice that would leave a single seat alone, where the event has that rule. Only
// the board knows the neighbours, and what it says is advice: two who choose at the same instant
// may leave a seat alone between them.
func (o *Office) judge(ctx context.Context, seats *board.Board, ask claim) error {
	if ask.orphans || len(*ask.places) == 0 {
		return nil
	}
	orphans, wrong := seats.Orphans(picking.Named{Mine: ask.mine, Add: *ask.places,
		Remove: ask.remove})
	if !wrong {
		return nil
	}
	before, err := o.bookings.Answered(ctx, ask.answer)
	if err != nil || before {
		return err
	}
	return picking.ErrOrphan.WithField(fieldAlone, orphans.Alone).
		WithField(fieldInstead, orphans.Instead)
}

// foreign are those of the places that the buyer doesn't have.
func (c claim) foreign(places []catalog.PlaceNo) []catalog.PlaceNo {
	return slices.DeleteFunc(places, func(p catalog.PlaceNo) bool {
		return slices.Contains(c.mine, p)
	})
}

// claimBest picks and asks. The picked places are marked on the board until the ledger has decided,
// so that buyers who press at the same instant are sent to different places. Places that somebody
// else turned out to have stay marked until the end: the board may not have heard of it yet.
func (o *Office) claimBest(
	ctx context.Context, seats *board.Board, ask claim, wish picking.Wish,
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
			before, err := o.bookings.Answered(ctx, ask.answer)
			if err != nil {
				return err
			}
			if !before {
				return ErrNotEnough
			}
		}
		*ask.places = choice.Places
		err = o.decide(ctx, ask)
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
