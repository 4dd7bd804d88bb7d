package postgres

import (
	"context"

	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
)

var _ query.Bookings = (*Store)(nil)

// Bookings are read from the primary: who has just been told of an order must find it.

// Hold implements query.Bookings.
func (s *Store) Hold(ctx context.Context, id booking.HoldID) (h booking.Hold, err error) {
	err = s.one(ctx, booking.ErrHoldNotFound, func(r row) (err error) {
		h, err = scanHold(r)
		return err
	}, "SELECT "+holdColumns+" FROM holds h WHERE h.event_id = $1 AND h.hold = $2",
		int64(id.Event), id.Key[:])
	return h, err
}

// Order implements query.Bookings.
func (s *Store) Order(ctx context.Context, id booking.OrderID) (o booking.Order, err error) {
	err = s.one(ctx, booking.ErrOrderNotFound, func(r row) (err error) {
		o, err = scanOrder(r)
		return err
	}, "SELECT "+orderColumns+" FROM orders o WHERE o.event_id = $1 AND o.order_key = $2",
		int64(id.Event), id.Key[:])
	return o, err
}

// orderColumnCount is how many columns orderColumns are: those of the tickets follow.
const orderColumnCount = 16

// OrderTickets implements query.Bookings: the order and its tickets, in one statement and so in one
// snapshot. Tickets that were voided are among them.
func (s *Store) OrderTickets(
	ctx context.Context, id booking.OrderID,
) (o booking.Order, tickets []booking.Ticket, err error) {
	err = s.one(ctx, booking.ErrOrderNotFound, func(r row) (err error) {
		if o.State == 0 {
			if o, err = scanOrder(r); err != nil {
				return err
			}
		}
		if ticket := r[orderColumnCount:]; ticket[0] != nil {
			tickets = append(tickets, scanTicket(ticket))
		}
		return nil
	}, "SELECT "+orderColumns+", "+ticketColumns+` FROM orders o
LEFT JOIN LATERAL generate_series(1, cardinality(o.lines), 4) i ON true
LEFT JOIN tickets t ON t.event_id = o.event_id AND t.place = o.lines[i]
	AND t.order_key = o.order_key
WHERE o.event_id = $1 AND o.order_key = $2 ORDER BY i, t.voided`, int64(id.Event), id.Key[:])
	return o, tickets, err
}

// Ticket implements query.Bookings. The secret must be compared by the caller.
func (s *Store) Ticket(ctx context.Context, id booking.TicketID) (t booking.Ticket, err error) {
	err = s.one(ctx, booking.ErrTicketNotFound, func(r row) error {
		t = scanTicket(r)
		return nil
	}, "SELECT "+ticketColumns+` FROM tickets t
WHERE t.event_id = $1 AND t.place = $2 AND t.fence = $3`, int64(id.Event), int64(id.Place),
		int64(id.Fence))
	return t, err
}

// Answered implements query.Bookings.
func (s *Store) Answered(ctx context.Context, ref booking.AnswerRef) (found bool, err error) {
	err = fetch(ctx, s.reads, func(row) { found = true },
		"SELECT 1 FROM answers WHERE event_id = $1 AND answer = $2", int64(ref.Event), ref.Key[:])
	return found, err
}

// one reads something that takes at least one row, with a failure of its own for none.
func (s *Store) one(
	ctx context.Context, missing error, read func(r row) error, sql string, args ...any,
) error {
	found := false
	var broken error
	err := fetch(ctx, s.reads, func(r row) {
		found = true
		if broken == nil {
			broken = read(r)
		}
	}, sql, args...)
	switch {
	case err != nil:
		return err
	case broken != nil:
		return broken
	case !found:
		return missing
	}
	return nil
}
