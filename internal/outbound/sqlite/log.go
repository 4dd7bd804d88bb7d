package sqlite

import (
	"context"
	"strings"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"ticketflow/internal/app/outbox"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/fact"
)

var (
	_ outbox.Log   = (*Store)(nil)
	_ outbox.Inbox = (*Store)(nil)
)

// Cursor implements outbox.Log.
func (s *Store) Cursor(ctx context.Context, subscriber string) (position int64, err error) {
	err = s.read(ctx, func(c *sqlite.Conn) error {
		stmt := c.Prep("SELECT position FROM cursors WHERE subscriber = ?")
		return each(bind(stmt).text(subscriber),
			func() error { position = stmt.ColumnInt64(0); return nil })
	})
	return position, err
}

// Facts implements outbox.Log.
func (s *Store) Facts(
	ctx context.Context, subscriber string, after int64, kinds []fact.Kind, limit int,
) (page []outbox.Entry, upTo int64, err error) {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = string(k)
	}
	err = s.read(ctx, func(c *sqlite.Conn) (err error) {
		defer sqlitex.Save(c)(&err)
		last := c.Prep("SELECT coalesce(max(position), 0) FROM facts")
		err = each(bind(last), func() error { upTo = last.ColumnInt64(0); return nil })
		if err != nil {
			return err
		}
		stmt := c.Prep(`SELECT position, event_id, kind, at_ms, body FROM facts f
WHERE position > ?1 AND instr(?2, ',' || kind || ',')
AND NOT EXISTS (SELECT 1 FROM inbox i WHERE i.subscriber = ?3 AND i.position = f.position)
ORDER BY position LIMIT ?4`)
		list := "," + strings.Join(names, ",") + ","
		return each(bind(stmt).int(after).text(list).text(subscriber).int(int64(limit)),
			func() error {
				f, err := outbox.ParseBody([]byte(stmt.ColumnText(4)))
				f.Event = catalog.EventID(stmt.ColumnInt64(1))
				f.Kind, f.At = fact.Kind(stmt.ColumnText(2)), columnTime(stmt, 3)
				page = append(page, outbox.Entry{Position: stmt.ColumnInt64(0), Fact: f})
				return err
			})
	})
	if len(page) == limit {
		upTo = page[len(page)-1].Position
	}
	return page, max(upTo, after), err
}

// Applied implements outbox.Inbox.
func (s *Store) Applied(
	ctx context.Context, subscriber string, position int64,
) (applied bool, err error) {
	err = s.read(ctx, func(c *sqlite.Conn) error {
		stmt := c.Prep("SELECT 1 FROM inbox WHERE subscriber = ? AND position = ?")
		return each(bind(stmt).text(subscriber).int(position),
			func() error { applied = true; return nil })
	})
	return applied, err
}

// Handled implements outbox.Log and outbox.Inbox.
func (s *Store) Handled(_ context.Context, subscriber string, position int64) error {
	return translate(s.write(func(w *writer) error {
		return sqlitex.Execute(w.conn, "INSERT INTO inbox (subscriber, position, applied_ms) "+
			"VALUES (?,?,?) ON CONFLICT DO NOTHING",
			&sqlitex.ExecOptions{Args: []any{subscriber, position, millis(s.now())}})
	}))
}

// Advance implements outbox.Log.
func (s *Store) Advance(_ context.Context, subscriber string, position int64) error {
	return translate(s.write(func(w *writer) error {
		return sqlitex.Execute(w.conn, "INSERT INTO cursors (subscriber, position) VALUES (?,?) "+
			"ON CONFLICT DO UPDATE SET position = max(position, excluded.position)",
			&sqlitex.ExecOptions{Args: []any{subscriber, position}})
	}))
}

// Setting returns a stored setting, or what fresh makes, which is stored then. made tells which.
func (s *Store) Setting(
	_ context.Context, name string, fresh func() ([]byte, error),
) (value []byte, made bool, err error) {
	err = s.write(func(w *writer) error {
		err := sqlitex.Execute(w.conn, "SELECT value FROM settings WHERE name = ?",
			&sqlitex.ExecOptions{Args: []any{name}, ResultFunc: func(stmt *sqlite.Stmt) error {
				value = make([]byte, stmt.ColumnLen(0))
				stmt.ColumnBytes(0, value)
				return nil
			}})
		if err != nil || value != nil {
			return err
		}
		if value, err = fresh(); err != nil {
			return err
		}
		made = true
		return sqlitex.Execute(w.conn, "INSERT INTO settings (name, value) VALUES (?,?)",
			&sqlitex.ExecOptions{Args: []any{name, value}})
	})
	return value, made, translate(err)
}
