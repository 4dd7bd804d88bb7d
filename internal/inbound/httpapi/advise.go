package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"

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
	member, lost := "lost", a.Lost
	if len(a.Alone) > 0 {
		member, lost = "alone", a.Alone
	}
	return refusal.WithField(member, json.RawMessage(appendLost(nil, lost))).
		WithField("instead", json.RawMessage(appendPlaces(nil, a.Offer, a.Instead)))
}

// appendLost writes LostPlaces by hand: in a rush most answers are refusals.
func appendLost(b []byte, lost []command.Lost) []byte {
	b = append(b, '[')
	for i, l := range lost {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendUint(append(b, `{"place":`...), uint64(l.Place), 10)
		b = appendLabel(b, l.Label)
		b = append(append(append(b, `,"state":"`...), shownState(l.State)...), `"}`...)
	}
	return append(b, ']')
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
