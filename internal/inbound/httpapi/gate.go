package httpapi

import (
	"context"
	"time"

	"ticketflow/internal/app/command"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

// Scan is what a gate read from a ticket.
type Scan struct {
	Code  string `json:"code" minLength:"1" maxLength:"319" example:"TF1:..." doc:"What the QR says, as it was read"`
	Event string `json:"event,omitempty" maxLength:"20" example:"evt_1" doc:"The event that this gate admits to; a ticket of another one is refused"`
	Gate  string `json:"gate,omitempty" maxLength:"100" pattern:"^[^\\x00-\\x1f\\x7f]*$" example:"North 2" doc:"Name of the gate; a second scan is told where the first one was"`
}

// Admission is a yes at the gate.
type Admission struct {
	Result     string    `json:"result" enum:"admitted"`
	Event      string    `json:"event" example:"evt_1"`
	Place      uint32    `json:"place" example:"12"`
	Section    string    `json:"section" example:"214"`
	Row        string    `json:"row" example:"12"`
	Seat       string    `json:"seat" example:"7"`
	Gate       string    `json:"gate" example:"North 2"`
	AdmittedAt time.Time `json:"admitted_at"`
}

type scanInput struct {
	Key  string `header:"Idempotency-Key" maxLength:"255" example:"scan-1" doc:"The same key with the same scan repeats the yes; without one, a repetition is a second scan"`
	Body Scan
}

type admissionOutput struct{ Body Admission }

// checkIn admits the bearer of a code. The code is checked first without the ledger, so that noise
// never reaches it.
func (s *Server) checkIn(ctx context.Context, in *scanInput) (*admissionOutput, error) {
	claims, err := s.keyring.Verify(in.Body.Code)
	if err != nil {
		return nil, err
	}
	if err := claims.Within(s.clock()); err != nil {
		return nil, err
	}
	event := catalog.EventID(claims.Event)
	if in.Body.Event != "" && in.Body.Event != event.String() {
		return nil, booking.ErrWrongEvent
	}
	offer, err := s.offers.Get(ctx, event)
	if err != nil {
		return nil, err
	}
	id := booking.TicketID{Event: event, Place: catalog.PlaceNo(claims.Place),
		Fence: claims.Fence, Secret: claims.Secret}
	_, at, err := s.office.CheckIn(ctx, id, in.Body.Gate, command.Idempotency{Key: in.Key,
		Body: []byte(in.Body.Code + "\x00" + in.Body.Gate)})
	if err != nil {
		return nil, err
	}
	label := offer.Plan().Label(id.Place)
	return &admissionOutput{Admission{Result: "admitted", Event: event.String(),
		Place: uint32(id.Place), Section: label.Section, Row: label.Row, Seat: label.Seat,
		Gate: in.Body.Gate, AdmittedAt: at}}, nil
}
