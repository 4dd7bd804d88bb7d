package postgres

import (
	"context"
	"time"

	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
)

var _ query.RefundRequests = (*Store)(nil)

const requestColumns = "r.event_id, r.order_key, r.state, r.reason, r.asked_ms, r.answer, " +
	"r.answered_ms"

func scanRequest(r row) booking.RefundRequest {
	return booking.RefundRequest{Order: booking.OrderID{Event: r.event(0), Key: r.key(1)},
		State: booking.RequestState(r.int(2)), Reason: r.text(3), AskedAt: r.time(4),
		Answer: r.text(5), AnsweredAt: r.time(6)}
}

// AskRefund implements query.RefundRequests.
func (s *Store) AskRefund(
	ctx context.Context, r booking.RefundRequest,
) (booking.RefundRequest, error) {
	now, err := s.now(ctx)
	if err != nil {
		return r, translate(err)
	}
	_, err = s.commands.Exec(ctx, `INSERT INTO refund_requests AS r
(event_id, order_key, state, reason, asked_ms, answer, answered_ms)
VALUES ($1, $2, $3, $4, $5, '', 0) ON CONFLICT (event_id, order_key)
DO UPDATE SET state = excluded.state, reason = excluded.reason, asked_ms = excluded.asked_ms,
answer = '', answered_ms = 0 WHERE r.state = 2`, int64(r.Order.Event),
		r.Order.Key[:], int16(booking.RequestOpen), r.Reason, millis(now))
	if err != nil {
		return r, translate(err)
	}
	return s.RefundRequest(ctx, r.Order)
}

// RefundRequest implements query.RefundRequests. It is not read from a replica: who has just asked
// wants to see it.
func (s *Store) RefundRequest(
	ctx context.Context, id booking.OrderID,
) (found booking.RefundRequest, err error) {
	err = s.background(ctx, func(r row) { found = scanRequest(r) }, "SELECT "+requestColumns+
		" FROM refund_requests r WHERE event_id = $1 AND order_key = $2", int64(id.Event),
		id.Key[:])
	if err == nil && found.State == 0 {
		return found, booking.ErrRequestNotFound
	}
	return found, translate(err)
}

// AnswerRefund implements query.RefundRequests.
func (s *Store) AnswerRefund(
	ctx context.Context, id booking.OrderID, state booking.RequestState, answer string,
	until time.Time,
) (booking.RefundRequest, error) {
	now, err := s.now(ctx)
	if err != nil {
		return booking.RefundRequest{}, translate(err)
	}
	_, err = s.commands.Exec(ctx, `UPDATE refund_requests
SET state = $1, answer = $2, answered_ms = $3
WHERE event_id = $4 AND order_key = $5 AND state = 1 AND ($6::bigint = 0 OR asked_ms <= $6)`,
		int16(state), answer, millis(now), int64(id.Event), id.Key[:], millis(until))
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
	err = s.background(ctx, func(r row) { all = append(all, scanRequest(r)) },
		"SELECT "+requestColumns+` FROM refund_requests r JOIN orders o USING (event_id, order_key)
WHERE r.state = 1 AND o.state = 2 ORDER BY r.asked_ms, r.order_key LIMIT $1`, limit)
	return all, translate(err)
}
