package sqlite

import (
	"context"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"ticketflow/internal/app/notify"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/fact"
)

var _ notify.Queue = (*Store)(nil)

// Plan implements notify.Queue.
func (s *Store) Plan(
	_ context.Context, letters []notify.Letter, subscriber string, upTo int64,
) error {
	return translate(s.write(func(w *writer) error {
		add := w.conn.Prep(`INSERT INTO mails (mail, kind, role, event_id, order_key, place, fence,
amount, currency, at_ms, due_ms, tries, state, why) VALUES (?,?,?,?,?,?,?,?,?,?,?,0,1,'')
ON CONFLICT DO NOTHING`)
		for _, l := range letters {
			err := bind(add).text(l.Key).text(string(l.Kind)).int(int64(l.To)).
				int(int64(l.Event)).bytes(l.Order[:]).int(int64(l.Place)).int(int64(l.Fence)).
				int(l.Amount.Minor()).text(l.Amount.Currency().String()).time(l.At).time(l.At).run()
			if err != nil {
				return err
			}
		}
		return sqlitex.Execute(w.conn, "INSERT INTO cursors (subscriber, position) VALUES (?,?) "+
			"ON CONFLICT DO UPDATE SET position = max(position, excluded.position)",
			&sqlitex.ExecOptions{Args: []any{subscriber, upTo}})
	}))
}

const dueMails = "SELECT mail FROM mails WHERE state = 1 AND due_ms <= ?1 " +
	"ORDER BY due_ms, mail LIMIT ?2"

// Claim implements notify.Queue. The writer isn't troubled if there is nothing due.
func (s *Store) Claim(
	ctx context.Context, now, until time.Time, limit int,
) (letters []notify.Letter, err error) {
	due := false
	err = s.read(ctx, func(c *sqlite.Conn) error {
		return each(bind(c.Prep(dueMails)).time(now).int(1),
			func() error { due = true; return nil })
	})
	if err != nil || !due {
		return nil, translate(err)
	}
	err = s.write(func(w *writer) error {
		letters = nil
		stmt := w.conn.Prep("UPDATE mails SET due_ms = ?3, tries = tries + 1 WHERE mail IN (" +
			dueMails + ") RETURNING mail, kind, role, event_id, order_key, place, fence, amount, " +
			"currency, at_ms, tries")
		return each(bind(stmt).time(now).int(int64(limit)).time(until), func() error {
			l, err := scanLetter(stmt)
			letters = append(letters, l)
			return err
		})
	})
	return letters, translate(err)
}

func scanLetter(stmt *sqlite.Stmt) (notify.Letter, error) {
	l := notify.Letter{Key: stmt.ColumnText(0), Kind: fact.Kind(stmt.ColumnText(1)),
		To: notify.Role(stmt.ColumnInt(2)), Event: catalog.EventID(stmt.ColumnInt64(3)),
		Order: columnKey(stmt, 4), Place: catalog.PlaceNo(stmt.ColumnInt64(5)),
		Fence: uint32(stmt.ColumnInt64(6)), At: columnTime(stmt, 9), Tries: stmt.ColumnInt(10)}
	if stmt.ColumnText(8) == "" {
		return l, nil
	}
	var err error
	l.Amount, err = columnMoney(stmt, 7, 8)
	return l, err
}

// Settle implements notify.Queue.
func (s *Store) Settle(
	_ context.Context, key string, state notify.State, next time.Time, why string,
) error {
	return translate(s.write(func(w *writer) error {
		return bind(w.conn.Prep("UPDATE mails SET state = ?, due_ms = ?, why = ? " +
			"WHERE mail = ? AND state = 1")).int(int64(state)).time(next).text(why).text(key).run()
	}))
}

// Backlog implements notify.Queue.
func (s *Store) Backlog(ctx context.Context) (b notify.Backlog, err error) {
	err = s.read(ctx, func(c *sqlite.Conn) error {
		stmt := c.Prep("SELECT (SELECT count(*) FROM mails WHERE state = 1), " +
			"(SELECT count(*) FROM mails WHERE state = 3), " +
			"(SELECT coalesce(min(at_ms), 0) FROM mails WHERE state = 1)")
		return each(bind(stmt), func() error {
			b = notify.Backlog{Waiting: stmt.ColumnInt64(0), Failed: stmt.ColumnInt64(1),
				Oldest: columnTime(stmt, 2)}
			return nil
		})
	})
	return b, translate(err)
}
