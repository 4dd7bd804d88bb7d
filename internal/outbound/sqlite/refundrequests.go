package sqlite

import (
	"context"
	"time"

	"zombiezen.com/go/sqlite"

	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

var _ query.RefundRequests = (*Store)(nil)

const requestColumns = "r.event_id, r.order_key, r.state, r.reason, r.asked_ms, r.answer, " +
	"r.answered_ms"

func scanRequest(stmt *sqlite.Stmt) booking.RefundRequest {
	return booking.RefundRequest{
		Order: booking.OrderID{Event: catalog.EventID(stmt.ColumnInt64(0)),
			Key: columnKey(stmt, 1)},
		State: booking.RequestState(stmt.ColumnInt(2)), Reason: stmt.ColumnText(3),
		AskedAt: columnTime(stmt, 4), Answer: stmt.ColumnText(5), AnsweredAt: columnTime(stmt, 6)}
}

// AskRefund implements query.RefundRequests.
func (s *Store) AskRefund(
	ctx context.Context, r booking.RefundRequest,
) (booking.RefundRequest, error) {
	err := s.write(func(w *writer) error {
		return bind(w.conn.Prep("INSERT INTO refund_requests (order_no, event_id, order_key, " +
			"state, reason, asked_ms, answer, answered_ms) VALUES (?,?,?,?,?,?,'',0) " +
			"ON CONFLICT (order_no) DO UPDATE SET state = excluded.state, " +
			"reason = excluded.reason, asked_ms = excluded.asked_ms, answer = '', " +
			"answered_ms = 0 WHERE state = 2")).int(r.Order.Key.Serial()).int(int64(r.Order.Event)).
			bytes(r.Order.Key[:]).int(int64(booking.RequestOpen)).text(r.Reason).time(s.now()).run()
	})
	if err != nil {
		return r, translate(err)
	}
	return s.RefundRequest(ctx, r.Order)
}

// RefundRequest implements query.RefundRequests.
func (s *Store) RefundRequest(
	ctx context.Context, id booking.OrderID,
) (r booking.RefundRequest, err error) {
	err = s.read(ctx, func(c *sqlite.Conn) error {
		stmt := c.Prep("SELECT " + requestColumns + " FROM refund_requests r " +
			"WHERE order_no = ? AND order_key = ? AND event_id = ?")
		return single(bindKey(stmt, id.Event, id.Key), booking.ErrRequestNotFound,
			func() error { r = scanRequest(stmt); return nil })
	})
	return r, translate(err)
}

// AnswerRefund implements query.RefundRequests.
func (s *Store) AnswerRefund(
	ctx context.Context, id booking.OrderID, state booking.RequestState, answer string,
	until time.Time,
) (booking.RefundRequest, error) {
	err := s.write(func(w *writer) error {
		return bind(w.conn.Prep("UPDATE refund_requests SET state = ?, answer = ?, " +
			"answered_ms = ? WHERE order_no = ? AND event_id = ? AND order_key = ? " +
			"AND state = 1 AND (? = 0 OR asked_ms <= ?)")).int(int64(state)).text(answer).
			time(s.now()).int(id.Key.Serial()).int(int64(id.Event)).bytes(id.Key[:]).
			time(until).time(until).run()
	})
	if err != nil {
		return booking.RefundRequest{}, translate(err)
	}
	r, err := s.RefundRequest(ctx, id)
	switch {
	case err != nil:
		return r, err
	case r.State == booking.RequestOpen:
		return r, booking.ErrRequestNotFound
	case r.State != state || r.Answer != answer:
		return r, booking.ErrRequestAnswered
	}
	return r, nil
}

// OpenRequests implements query.RefundRequests.
func (s *Store) OpenRequests(
	ctx context.Context, limit int,
) (all []booking.RefundRequest, err error) {
	err = s.read(ctx, func(c *sqlite.Conn) error {
		stmt := c.Prep("SELECT " + requestColumns + " FROM refund_requests r JOIN orders o " +
			"USING (order_no) WHERE r.state = 1 AND o.state = 2 " +
			"ORDER BY r.asked_ms, r.order_key LIMIT ?")
		return each(bind(stmt).int(int64(limit)), func() error {
			all = append(all, scanRequest(stmt))
			return nil
		})
	})
	return all, translate(err)
}
