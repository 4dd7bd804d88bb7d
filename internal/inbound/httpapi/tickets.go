package httpapi

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/inbound/edge"
	"ticketflow/internal/inbound/qrimage"
)

// defaultScale is the pixels of one module of a QR if the request doesn't say.
const defaultScale = 8

type ticketInput struct {
	Ticket string `path:"ticket" example:"tkt_000000800000r000000z22at2f3rgbqh15d17hw85vrgj" doc:"Identifier of a ticket: a secret"`
}

type ticketOutput struct{ Body Ticket }

func (s *Server) readTicket(ctx context.Context, in *ticketInput) (*ticketOutput, error) {
	o, t, code, err := s.ticket(ctx, in.Ticket)
	if err != nil {
		return nil, err
	}
	offer, err := s.offers.Get(ctx, t.ID.Event)
	if err != nil {
		return nil, err
	}
	label := offer.Plan().Label(t.ID.Place)
	return &ticketOutput{Ticket{ID: t.ID.String(), Place: uint32(t.ID.Place),
		Section: label.Section, Row: label.Row, Seat: label.Seat, State: t.State.String(),
		HolderName: o.NameOn(t), Code: code}}, nil
}

// ticket finds a ticket and its code, which takes the whole order: its tickets are signed together.
func (s *Server) ticket(
	ctx context.Context, id string,
) (o booking.Order, t booking.Ticket, code string, err error) {
	parsed, err := booking.ParseTicketID(id)
	if err != nil {
		return o, t, "", booking.ErrTicketNotFound
	}
	found, err := query.Ticket(ctx, s.bookings, parsed)
	if err != nil {
		return o, t, "", err
	}
	order := booking.OrderID{Event: found.ID.Event, Key: found.Order}
	o, tickets, err := s.bookings.OrderTickets(ctx, order)
	if err != nil {
		return o, t, "", err
	}
	// The state is taken from the same snapshot as the code, or a ticket voided in between would be
	// shown as valid without one.
	i := slices.IndexFunc(tickets, func(t booking.Ticket) bool { return t.ID == parsed })
	if i < 0 {
		return o, t, "", booking.ErrTicketNotFound
	}
	codes, err := query.Codes(s.signer, tickets)
	if err != nil {
		return o, t, "", err
	}
	return o, tickets[i], codes[i], nil
}

// symbol is the QR of a ticket that still admits.
func (s *Server) symbol(r *http.Request) (qrimage.Symbol, error) {
	_, t, code, err := s.ticket(r.Context(), r.PathValue("ticket"))
	switch {
	case err != nil:
		return qrimage.Symbol{}, err
	case t.State == booking.TicketTransferred:
		return qrimage.Symbol{}, booking.ErrTicketTransferred
	case !t.State.Living():
		return qrimage.Symbol{}, booking.ErrTicketVoid
	}
	return qrimage.Encode(code)
}

// drawPNG answers GET /v1/tickets/{ticket}/qr.png.
func (s *Server) drawPNG(w http.ResponseWriter, r *http.Request) {
	scale := defaultScale
	if text := r.URL.Query().Get("scale"); text != "" {
		var err error
		if scale, err = strconv.Atoi(text); err != nil {
			edge.Fail(w, r, qrimage.ErrScale)
			return
		}
	}
	symbol, err := s.symbol(r)
	if err != nil {
		edge.Fail(w, r, err)
		return
	}
	picture, err := symbol.PNG(scale)
	if err != nil {
		edge.Fail(w, r, err)
		return
	}
	sendPicture(w, "image/png", picture)
}

// drawSVG answers GET /v1/tickets/{ticket}/qr.svg.
func (s *Server) drawSVG(w http.ResponseWriter, r *http.Request) {
	symbol, err := s.symbol(r)
	if err != nil {
		edge.Fail(w, r, err)
		return
	}
	sendPicture(w, "image/svg+xml", symbol.SVG())
}

func sendPicture(w http.ResponseWriter, media string, picture []byte) {
	h := w.Header()
	h.Set("Content-Type", media)
	h.Set("Content-Length", strconv.Itoa(len(picture)))
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(picture) // who has gone can't be told
}
