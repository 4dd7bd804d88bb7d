package sqlite

import (
	"context"
	"fmt"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

// PlaceStates implements query.Shelf.
func (s *Store) PlaceStates(ctx context.Context, id catalog.EventID) (states []byte, err error) {
	next := func(stmt *sqlite.Stmt) error {
		if stmt.ColumnInt(0) != len(states) {
			return fmt.Errorf("place %d of event %d is missing", len(states), id)
		}
		states = append(states, byte(stmt.ColumnInt(1)))
		return nil
	}
	err = s.read(ctx, func(c *sqlite.Conn) error {
		return sqlitex.Execute(c,
			"SELECT place, state FROM places WHERE place_key >= ? AND place_key < ?",
			&sqlitex.ExecOptions{Args: []any{int64(id) << 32, int64(id+1) << 32},
				ResultFunc: next})
	})
	return states, err
}

// PlaceFences implements query.Fences.
func (s *Store) PlaceFences(
	ctx context.Context, id catalog.EventID,
) (states []byte, fences []uint32, err error) {
	next := func(stmt *sqlite.Stmt) error {
		if stmt.ColumnInt(0) != len(states) {
			return fmt.Errorf("place %d of event %d is missing", len(states), id)
		}
		states = append(states, byte(stmt.ColumnInt(1)))
		fences = append(fences, uint32(stmt.ColumnInt64(2)))
		return nil
	}
	err = s.read(ctx, func(c *sqlite.Conn) error {
		return sqlitex.Execute(c,
			"SELECT place, state, fence FROM places WHERE place_key >= ? AND place_key < ?",
			&sqlitex.ExecOptions{Args: []any{int64(id) << 32, int64(id+1) << 32},
				ResultFunc: next})
	})
	return states, fences, err
}

// Hold implements query.Bookings.
func (s *Store) Hold(ctx context.Context, id booking.HoldID) (h booking.Hold, err error) {
	err = s.read(ctx, func(c *sqlite.Conn) error {
		stmt := c.Prep("SELECT " + holdColumns +
			" FROM holds WHERE hold_no = ? AND hold = ? AND event_id = ?")
		return single(bindKey(stmt, id.Event, id.Key), booking.ErrHoldNotFound,
			func() (err error) { h, err = scanHold(stmt, 0, id.Event); return err })
	})
	return h, err
}

// Order implements query.Bookings.
func (s *Store) Order(ctx context.Context, id booking.OrderID) (o booking.Order, err error) {
	err = s.read(ctx, func(c *sqlite.Conn) error { o, err = readOrder(c, id); return err })
	return o, err
}

func readOrder(c *sqlite.Conn, id booking.OrderID) (o booking.Order, err error) {
	stmt := c.Prep("SELECT " + orderColumns +
		" FROM orders WHERE order_no = ? AND order_key = ? AND event_id = ?")
	err = single(bindKey(stmt, id.Event, id.Key), booking.ErrOrderNotFound,
		func() (err error) { o, err = scanOrder(stmt, 0, id.Event); return err })
	return o, err
}

// OrderTickets implements query.Bookings: the order and its tickets, in one snapshot. Tickets that
// were voided are among them.
func (s *Store) OrderTickets(
	ctx context.Context, id booking.OrderID,
) (o booking.Order, tickets []booking.Ticket, err error) {
	if s.w != nil {
		if p, ok := s.w.recent.get(id); ok {
			return p.Order, p.Tickets, nil
		}
	}
	err = s.read(ctx, func(c *sqlite.Conn) (err error) {
		defer sqlitex.Save(c)(&err)
		if o, err = readOrder(c, id); err != nil {
			return err
		}
		stmt := c.Prep("SELECT " + ticketColumns +
			" FROM tickets WHERE event_id = ? AND place = ? AND order_key = ?")
		for _, l := range o.Lines {
			key := bind(stmt).int(int64(id.Event)).int(int64(l.Place)).bytes(id.Key[:])
			err := each(key, func() error {
				tickets = append(tickets, scanTicket(stmt, id.Event))
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	return o, tickets, err
}

// Ticket implements query.Bookings. The secret must be compared by the caller.
func (s *Store) Ticket(
	ctx context.Context, id booking.TicketID,
) (t booking.Ticket, err error) {
	err = s.read(ctx, func(c *sqlite.Conn) error {
		stmt := c.Prep("SELECT " + ticketColumns +
			" FROM tickets WHERE event_id = ? AND place = ? AND fence = ?")
		key := bind(stmt).int(int64(id.Event)).int(int64(id.Place)).int(int64(id.Fence))
		return single(key, booking.ErrTicketNotFound,
			func() error { t = scanTicket(stmt, id.Event); return nil })
	})
	return t, err
}

// Answered implements query.Bookings. It needs no look at the file: the index is in memory.
func (s *Store) Answered(_ context.Context, ref booking.AnswerRef) (bool, error) {
	if s.w == nil {
		return false, errClosed
	}
	_, found := s.w.answers.get(ref)
	return found, nil
}

// single is each for at most one row, with a failure of its own for none.
func single(b *binder, missing error, row func() error) error {
	found := false
	err := each(b, func() error { found = true; return row() })
	if err == nil && !found {
		return missing
	}
	return err
}
