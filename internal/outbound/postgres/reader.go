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

// soldOrder is an order with its tickets. What can't be read is told to those alone who asked for
// it.
type soldOrder struct {
	order   booking.Order
	tickets []booking.Ticket
	broken  error
}

// orderColumnCount is how many columns orderColumns are: those of the tickets follow.
const orderColumnCount = 20

// OrderTickets implements query.Bookings: the order and its tickets, in one statement and so in one
// snapshot. Tickets that were voided are among them.
func (s *Store) OrderTickets(
	ctx context.Context, id booking.OrderID,
) (o booking.Order, tickets []booking.Ticket, err error) {
	if p, ok := s.recent.sold(id); ok {
		return p.Order, p.Tickets, nil
	}
	sold, found, err := s.orderTickets.get(ctx, id)
	switch {
	case err != nil:
		return o, nil, err
	case !found:
		return o, nil, booking.ErrOrderNotFound
	}
	return sold.order, sold.tickets, sold.broken
}

// readOrderTickets reads many orders at once: every buyer who has paid asks for the tickets.
func (s *Store) readOrderTickets(
	ctx context.Context, ids []booking.OrderID, found func(i int, sold soldOrder),
) error {
	events, keys := make([]int64, len(ids)), make([][]byte, len(ids))
	for i := range ids {
		events[i], keys[i] = int64(ids[i].Event), ids[i].Key[:]
	}
	var sold soldOrder
	last := -1
	return s.read(ctx, func(r row) {
		if i := int(r.int(0)) - 1; i != last {
			last, sold = i, soldOrder{}
			sold.order, sold.broken = scanOrder(r[1:])
		}
		if ticket := r[1+orderColumnCount:]; ticket[0] != nil {
			sold.tickets = append(sold.tickets, scanTicket(ticket))
		}
		found(last, sold)
	}, orderTicketsSQL, events, keys)
}

// orderTicketsSQL looks rows up one after the other: OFFSET 0 keeps the server from joining the
// tables in another order, which it would choose, for the life of the connection, while they are
// empty or their statistics old.
const orderTicketsSQL = "SELECT k.number, " + orderColumns + ", " + ticketColumns + `
FROM unnest($1::bigint[], $2::bytea[]) WITH ORDINALITY k (event_id, order_key, number)
CROSS JOIN LATERAL (SELECT * FROM orders o WHERE o.event_id = k.event_id
	AND o.order_key = k.order_key OFFSET 0) o
LEFT JOIN LATERAL generate_series(1, cardinality(o.lines), 4) i ON true
LEFT JOIN LATERAL (SELECT * FROM tickets t WHERE t.event_id = o.event_id AND t.place = o.lines[i]
	AND t.order_key = o.order_key OFFSET 0) t ON true
ORDER BY k.number, i, t.voided`

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
	_, found, err = s.answered.get(ctx, ref)
	return found, err
}

// readAnswered looks for many answers at once: everybody who finds a place taken asks.
func (s *Store) readAnswered(
	ctx context.Context, refs []booking.AnswerRef, found func(i int, _ struct{}),
) error {
	events, keys := make([]int64, len(refs)), make([][]byte, len(refs))
	for i := range refs {
		events[i], keys[i] = int64(refs[i].Event), refs[i].Key[:]
	}
	return s.read(ctx, func(r row) { found(int(r.int(0))-1, struct{}{}) },
		`SELECT k.number FROM unnest($1::bigint[], $2::bytea[])
WITH ORDINALITY k (event_id, answer, number) CROSS JOIN LATERAL (SELECT FROM answers a
	WHERE a.event_id = k.event_id AND a.answer = k.answer OFFSET 0) a`,
		events, keys)
}

// one reads something that takes at least one row, with a failure of its own for none.
func (s *Store) one(
	ctx context.Context, missing error, read func(r row) error, sql string, args ...any,
) error {
	found := false
	var broken error
	err := s.read(ctx, func(r row) {
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
