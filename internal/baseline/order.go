package baseline

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// order is what a hold became.
type order struct {
	id, token string
	expiresAt time.Time
	places    []place
}

// ticket is one of a paid order.
type ticket struct {
	id, code string
	place
}

var errNoOrder = &refusal{http.StatusNotFound, "order_not_found"}

// orderWish is what a buyer orders with.
type orderWish struct {
	key, hold, token, name, email string
}

// order turns a live hold into an order, once.
func (s *Shop) order(ctx context.Context, w orderWish) (*order, error) {
	o := &order{id: prefixOrder + newKey(), token: newKey()}
	err := s.transact(ctx, func(ctx context.Context, tx pgx.Tx) error {
		var state int16
		var held []int32
		err := tx.QueryRow(ctx, `SELECT state, places FROM baseline.holds
WHERE id = $1 AND token = $2 AND expires_at > now() FOR UPDATE`, w.hold, w.token).
			Scan(&state, &held)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return errUnknown
		case err != nil:
			return err
		case state == holdOrdered:
			return errReplayed
		case state != holdLive:
			return errEnded
		}
		o.places, err = readPlaces(tx.Query(ctx, `SELECT `+hallColumns+`
FROM baseline.places WHERE place = ANY($1) ORDER BY place`, held))
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE baseline.holds SET state = 1 WHERE id = $1`, w.hold)
		if err != nil {
			return err
		}
		return tx.QueryRow(ctx, `INSERT INTO baseline.orders (id, token, idempotency_key, hold_id,
places, buyer_name, buyer_email, total, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, now() + $9) RETURNING expires_at`,
			o.id, o.token, w.key, w.hold, held, w.name, w.email, total(o.places), holdTime).
			Scan(&o.expiresAt)
	})
	if errors.Is(err, errReplayed) {
		return s.orderedBefore(ctx, w)
	}
	return o, err
}

// orderedBefore finds the order of a repeated request. Another request for the same hold is
// refused.
func (s *Shop) orderedBefore(ctx context.Context, w orderWish) (*order, error) {
	var o order
	var held []int32
	err := s.pool.QueryRow(ctx, `SELECT id, token, places, expires_at FROM baseline.orders
WHERE idempotency_key = $1 AND hold_id = $2`, w.key, w.hold).
		Scan(&o.id, &o.token, &held, &o.expiresAt)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, errEnded
	}
	if err != nil {
		return nil, err
	}
	o.places, err = readPlaces(s.pool.Query(ctx, `SELECT `+hallColumns+` FROM baseline.places
WHERE place = ANY($1) ORDER BY place`, held))
	return &o, err
}

// pay takes the news that an order was paid: its places are sold and its tickets made, once.
func (s *Shop) pay(ctx context.Context, id, transaction string) error {
	err := s.transact(ctx, func(ctx context.Context, tx pgx.Tx) error {
		var sold []int32
		err := tx.QueryRow(ctx, `UPDATE baseline.orders SET paid_by = $2
WHERE id = $1 AND paid_by IS NULL RETURNING places`, id, transaction).Scan(&sold)
		if errors.Is(err, pgx.ErrNoRows) {
			return errReplayed
		}
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE baseline.places SET state = 2 WHERE place = ANY($1)`, sold)
		if err != nil {
			return err
		}
		ids, codes := make([]string, len(sold)), make([]string, len(sold))
		for i := range sold {
			ids[i], codes[i] = prefixTicket+newKey(), newCode()
		}
		_, err = tx.Exec(ctx, `INSERT INTO baseline.tickets (order_id, place, id, code)
SELECT $1, * FROM unnest($2::integer[], $3::text[], $4::text[])`, id, sold, ids, codes)
		return err
	})
	if errors.Is(err, errReplayed) { // or no such order: the gateway needn't ask again either way
		return nil
	}
	return err
}

// codeKeys are as many drawn keys as make a code about as long as a signed one.
const codeKeys = 6

func newCode() string {
	parts := make([]string, codeKeys)
	for i := range parts {
		parts[i] = newKey()
	}
	return strings.Join(parts, "")
}

// tickets are those of a paid order; none while it isn't paid.
func (s *Shop) tickets(ctx context.Context, id, token string) ([]ticket, error) {
	rows, err := s.pool.Query(ctx, `SELECT t.id, t.code, p.place, p.section, p.line, p.seat
FROM baseline.orders o JOIN baseline.tickets t ON t.order_id = o.id
JOIN baseline.places p ON p.place = t.place WHERE o.id = $1 AND o.token = $2 ORDER BY t.place`,
		id, token)
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (t ticket, err error) {
		err = r.Scan(&t.id, &t.code, &t.number, &t.section, &t.line, &t.seat)
		return t, err
	})
	if err != nil || len(found) > 0 {
		return found, err
	}
	var known bool
	err = s.pool.QueryRow(ctx, `SELECT true FROM baseline.orders WHERE id = $1 AND token = $2`,
		id, token).Scan(&known)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, errNoOrder
	}
	return nil, err
}
