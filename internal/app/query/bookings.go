package query

import (
	"context"
	"crypto/subtle"

	"ticketflow/internal/domain/booking"
)

// Bookings is where holds, orders and tickets are read. Each method sees one committed state.
type Bookings interface {
	// Hold fails with booking.ErrHoldNotFound.
	Hold(ctx context.Context, id booking.HoldID) (booking.Hold, error)
	// Order fails with booking.ErrOrderNotFound.
	Order(ctx context.Context, id booking.OrderID) (booking.Order, error)
	// OrderTickets is an order with all of its tickets, void ones too.
	OrderTickets(ctx context.Context, id booking.OrderID) (booking.Order, []booking.Ticket, error)
	// Ticket finds by event, place and fence; it doesn't look at the secret.
	Ticket(ctx context.Context, id booking.TicketID) (booking.Ticket, error)
	// Answered tells whether a request with this key has been answered with success before.
	Answered(ctx context.Context, ref booking.AnswerRef) (bool, error)
}

// Ticket is the ticket with this id, secret included.
func Ticket(
	ctx context.Context, from Bookings, id booking.TicketID,
) (booking.Ticket, error) {
	t, err := from.Ticket(ctx, id)
	if err != nil {
		return booking.Ticket{}, err
	}
	if subtle.ConstantTimeCompare(t.ID.Secret[:], id.Secret[:]) != 1 {
		return booking.Ticket{}, booking.ErrTicketNotFound
	}
	return t, nil
}
