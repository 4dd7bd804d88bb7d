package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"ticketflow/internal/app/notify"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/fact"
)

var _ notify.Queue = (*Store)(nil)

// Plan implements notify.Queue.
func (s *Store) Plan(
	ctx context.Context, letters []notify.Letter, subscriber string, upTo int64,
) error {
	return translate(pgx.BeginFunc(ctx, s.commands, func(tx pgx.Tx) error {
		var batch pgx.Batch
		for _, l := range letters {
			batch.Queue(`INSERT INTO mails (mail, kind, role, event_id, order_key, place, fence,
amount, currency, at_ms, due_ms, tries, state, why)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, 0, 1, '') ON CONFLICT DO NOTHING`,
				l.Key, string(l.Kind), int16(l.To), int64(l.Event), l.Order[:], int64(l.Place),
				int64(l.Fence), l.Amount.Minor(), l.Amount.Currency().String(), millis(l.At))
		}
		batch.Queue(`INSERT INTO cursors (subscriber, position) VALUES ($1, $2)
ON CONFLICT (subscriber) DO UPDATE SET position = excluded.position
WHERE cursors.position < excluded.position`, subscriber, upTo)
		return tx.SendBatch(ctx, &batch).Close()
	}))
}

// Claim implements notify.Queue. Rows that another instance is claiming are passed over.
func (s *Store) Claim(
	ctx context.Context, now, until time.Time, limit int,
) (letters []notify.Letter, err error) {
	var broken error
	err = s.background(ctx, func(r row) {
		l := notify.Letter{Key: r.text(0), Kind: fact.Kind(r.text(1)), To: notify.Role(r.int(2)),
			Event: r.event(3), Order: r.key(4), Place: catalog.PlaceNo(r.int(5)),
			Fence: uint32(r.int(6)), At: r.time(9), Tries: int(r.int(10))}
		if r.text(8) != "" {
			var err error
			if l.Amount, err = r.money(7, 8); err != nil {
				broken = err
			}
		}
		letters = append(letters, l)
	}, `UPDATE mails SET due_ms = $3, tries = tries + 1 WHERE mail IN (
	SELECT mail FROM mails WHERE state = 1 AND due_ms <= $1 ORDER BY due_ms, mail LIMIT $2
	FOR UPDATE SKIP LOCKED)
RETURNING mail, kind, role, event_id, order_key, place, fence, amount, currency, at_ms, tries`,
		millis(now), limit, millis(until))
	if err == nil {
		err = broken
	}
	return letters, translate(err)
}

// Settle implements notify.Queue.
func (s *Store) Settle(
	ctx context.Context, key string, state notify.State, next time.Time, why string,
) error {
	_, err := s.commands.Exec(ctx, `UPDATE mails SET state = $1, due_ms = $2, why = $3
WHERE mail = $4 AND state = 1`, int16(state), millis(next), why, key)
	return translate(err)
}

// Backlog implements notify.Queue.
func (s *Store) Backlog(ctx context.Context) (b notify.Backlog, err error) {
	err = s.background(ctx, func(r row) {
		b = notify.Backlog{Waiting: r.int(0), Failed: r.int(1), Oldest: r.time(2)}
	}, `SELECT (SELECT count(*) FROM mails WHERE state = 1),
	(SELECT count(*) FROM mails WHERE state = 3),
	(SELECT coalesce(min(at_ms), 0) FROM mails WHERE state = 1)`)
	return b, translate(err)
}
