package httpapi

import (
	"context"

	"ticketflow/internal/app/command"
	"ticketflow/internal/domain/booking"
)

// NewTransfer says who a ticket is passed on to.
type NewTransfer struct {
	To       Buyer  `json:"to"`
	Language string `json:"language,omitempty" example:"de" doc:"BCP 47 tag, at most 35 characters: what the new holder is written to in. Without it, in that of the order's buyer"`
}

// Transferred is a ticket that was passed on.
type Transferred struct {
	Ticket   string     `json:"ticket" example:"tkt_000000800000r000000z22at2f3rgbqh15d17hw85vrgj" doc:"The old one"`
	State    string     `json:"state" enum:"transferred"`
	Place    uint32     `json:"place" example:"12"`
	PassedTo Buyer      `json:"passed_to"`
	Link     TicketLink `json:"link" doc:"For the new holder: a secret"`
}

// TicketLink is all that a new holder needs.
type TicketLink struct {
	Ticket string `json:"ticket" example:"tkt_000000800000r000000z22at2f3rgbqh15d17hw85vrgj" doc:"The new ticket: who knows it may see it"`
	Token  string `json:"token" example:"tok_h0qf22at2f3rgbqh15d17hw85r" doc:"With it, in the header Ticket-Token, the new ticket can be passed on again"`
}

type transferInput struct {
	Moving
	Ticket      string `path:"ticket" example:"tkt_000000800000r000000z22at2f3rgbqh15d17hw85vrgj" doc:"Identifier of a ticket"`
	OrderToken  string `header:"Order-Token" example:"tok_h0qf22at2f3rgbqh15d17hw85r" doc:"The token that came with the order"`
	TicketToken string `header:"Ticket-Token" example:"tok_h0qf22at2f3rgbqh15d17hw85r" doc:"The token that came with a ticket that was passed on"`
	Body        NewTransfer
}

type transferOutput struct{ Body Transferred }

// transferTicket answers POST /v1/tickets/{ticket}/transfer.
func (s *Server) transferTicket(ctx context.Context, in *transferInput) (*transferOutput, error) {
	id, err := booking.ParseTicketID(in.Ticket)
	if err != nil {
		return nil, booking.ErrTicketNotFound
	}
	to, err := booking.NewBuyer(in.Body.To.Name, in.Body.To.Email)
	if err != nil {
		return nil, err
	}
	if to.Language, err = booking.ParseLanguage(in.Body.Language); err != nil {
		return nil, err
	}
	wish := command.TransferWish{Ticket: id, To: to, Token: in.OrderToken}
	if in.TicketToken != "" {
		wish.Token = in.TicketToken
	}
	wish.Staff = wish.Token == "" && s.organiser(requestIn(ctx)) == nil
	same := Creating{Key: in.Key}
	wish.Idempotency = same.of(in.Body)
	made, err := s.office.TransferTicket(ctx, wish)
	if err != nil {
		return nil, err
	}
	return &transferOutput{Transferred{Ticket: in.Ticket, State: "transferred",
		Place: uint32(id.Place), PassedTo: Buyer{Name: to.Name, Email: to.Email},
		Link: TicketLink{Ticket: made.Ticket.String(), Token: made.Token.String()}}}, nil
}
