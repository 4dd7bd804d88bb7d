package command

import (
	"context"
	"errors"
	"slices"

	"ticketflow/internal/app/board"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/errs"
	"ticketflow/internal/domain/picking"
)

// Lost is a place that a refusal is about.
type Lost struct {
	Place catalog.PlaceNo
	Label catalog.SeatLabel
	State booking.PlaceState // as far as it is known
}

// Advice helps a buyer on whose places were refused.
type Advice struct {
	Offer *catalog.Offer
	Lost  []Lost // of booking.ErrPlaceTaken: the places that somebody else has
	Alone []Lost // of picking.ErrOrphan: the seats that would stay alone
	// Instead is what may be asked for in place of what was asked for: as many places at the same
	// prices, side by side where that can be, and near to those that are lost. It is empty if there
	// are none.
	Instead []booking.Line
}

// Advise finds out what helps after HoldPlaces or AmendHold has failed: places are what was named
// to be added, best what was wished for in place of names. It is false where places were not the
// reason.
func (o *Office) Advise(
	ctx context.Context, event catalog.EventID, places []catalog.PlaceNo, best *picking.Wish,
	failure error,
) (a Advice, ok bool) {
	taken := errors.Is(failure, booking.ErrPlaceTaken)
	orphan := errors.Is(failure, picking.ErrOrphan)
	if !taken && !orphan {
		return a, false
	}
	seats, err := o.boards.Get(ctx, event)
	if err != nil {
		return a, false
	}
	a.Offer = seats.Offer()
	if orphan {
		a.Alone = lost(seats, placesIn(failure, fieldAlone))
		a.Instead = o.priced(a.Offer, placesIn(failure, fieldInstead))
		return a, true
	}
	a.Lost = lost(seats, takenOf(failure))
	for i := range a.Lost {
		if a.Lost[i].State == booking.Free { // the board hasn't heard of it yet
			a.Lost[i].State = booking.Held
		}
	}
	a.Instead = o.priced(a.Offer, instead(seats, places, takenOf(failure), best))
	return a, true
}

// Members of a refusal by the rule that no seat is left alone.
const (
	fieldAlone   = "alone"
	fieldInstead = "instead"
)

func lost(seats *board.Board, places []catalog.PlaceNo) []Lost {
	states := seats.States(places)
	all := make([]Lost, len(places))
	for i, p := range places {
		all[i] = Lost{p, seats.Offer().Plan().Label(p), states[i]}
	}
	return all
}

// priced is places at the prices of now, as lines that nobody holds.
func (o *Office) priced(offer *catalog.Offer, places []catalog.PlaceNo) []booking.Line {
	lines := make([]booking.Line, 0, len(places))
	for _, p := range places {
		price, _ := offer.PriceAt(p, o.clock())
		lines = append(lines, booking.Line{Place: p, Tier: offer.TierOf(p), Price: price.Minor()})
	}
	return lines
}

// instead finds other places for those of a wish. Those of one price stay together: if one of them
// is taken, all of them move.
func instead(
	seats *board.Board, places, taken []catalog.PlaceNo, best *picking.Wish,
) []catalog.PlaceNo {
	if best != nil {
		choice, _ := seats.Suggest(*best)
		return choice.Places
	}
	var found []catalog.PlaceNo
	for _, g := range alike(seats.Offer(), places) {
		to, moves := g.first(taken)
		if !moves {
			found = append(found, g.places...)
			continue
		}
		wish := picking.Wish{Count: len(g.places), Tier: int(g.tier), Section: picking.AnySection,
			SplitAllowed: true, Accessible: g.stepFree}
		choice, ok := seats.Near(wish, to)
		if !ok || g.tier == catalog.NotForSale {
			return nil
		}
		found = append(found, choice.Places...)
	}
	return found
}

// group is places that are as good as each other.
type group struct {
	tier     uint8
	stepFree bool
	places   []catalog.PlaceNo
}

func alike(offer *catalog.Offer, places []catalog.PlaceNo) (groups []group) {
	for _, p := range places {
		g := group{tier: offer.TierOf(p), stepFree: offer.Plan().Attributes(p)&
			(catalog.Accessible|catalog.Companion) != 0}
		at := 0
		for at < len(groups) && (groups[at].tier != g.tier || groups[at].stepFree != g.stepFree) {
			at++
		}
		if at == len(groups) {
			groups = append(groups, g)
		}
		groups[at].places = append(groups[at].places, p)
	}
	return groups
}

// first is the first of the group's places that is taken.
func (g group) first(taken []catalog.PlaceNo) (catalog.PlaceNo, bool) {
	for _, p := range g.places {
		if slices.Contains(taken, p) {
			return p, true
		}
	}
	return 0, false
}

// takenOf are the places that a refusal names.
func takenOf(err error) []catalog.PlaceNo { return placesIn(err, "taken") }

func placesIn(err error, field string) []catalog.PlaceNo {
	refusal, ok := errors.AsType[*errs.Error](err)
	if !ok {
		return nil
	}
	places, _ := refusal.Fields()[field].([]catalog.PlaceNo)
	return places
}
