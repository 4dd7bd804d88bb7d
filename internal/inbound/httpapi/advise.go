package httpapi

import (
	"context"
	"encoding/json"
	"errors"

	"ticketflow/internal/app/command"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/errs"
	"ticketflow/internal/domain/picking"
)

// advise adds to a refusal of places what they are called, and what may be asked for instead.
func (s *Server) advise(
	ctx context.Context, event catalog.EventID, places []catalog.PlaceNo, best *picking.Wish,
	failure error,
) error {
	refusal, ok := errors.AsType[*errs.Error](failure)
	if !ok {
		return failure
	}
	a, ok := s.office.Advise(ctx, event, places, best, failure)
	if !ok {
		return failure
	}
	if len(a.Lost) > 0 {
		refusal = refusal.WithField("lost", lostPlaces(a.Lost))
	}
	if len(a.Alone) > 0 {
		refusal = refusal.WithField("alone", lostPlaces(a.Alone))
	}
	return refusal.WithField("instead", json.RawMessage(appendPlaces(nil, a.Offer, a.Instead)))
}

func lostPlaces(lost []command.Lost) []LostPlace {
	places := make([]LostPlace, len(lost))
	for i, l := range lost {
		places[i] = LostPlace{Place: uint32(l.Place), Section: l.Label.Section, Row: l.Label.Row,
			Seat: l.Label.Seat, State: shownState(l.State)}
	}
	return places
}

func whyOf(w *command.Why) *Why {
	if w == nil {
		return nil
	}
	why := &Why{SideBySide: w.SideBySide, DistanceCM: w.DistanceCM, Stretches: []Stretch{}}
	for _, s := range w.Stretches {
		why.Stretches = append(why.Stretches, Stretch{Section: s.Section, Row: s.Row,
			First: s.First, Last: s.Last, Count: len(s.Places)})
	}
	return why
}

// shownState is a state in the words of the board, which tells an order from a hold to nobody.
func shownState(state booking.PlaceState) string {
	if state == booking.Ordered {
		state = booking.Held
	}
	return state.String()
}
