package postgres

import (
	"context"
	"slices"
	"sync"

	"github.com/jackc/pgx/v5"

	"ticketflow/internal/app/outbox"
	"ticketflow/internal/domain/fact"
)

var _ outbox.Log = (*Store)(nil)

// maxSightings bounds what settling remembers; beyond it every other one is dropped.
const maxSightings = 1_024

// settling tells up to which position the log is settled: every fact up to there is committed and
// can be read, or never will be.
//
// Transactions number their facts before they commit, so that position 7 may be seen while 6 is
// still to come. Nor does a transaction's own number help: it may be older than that of a
// transaction that has numbered its facts before. What helps is to look twice. When the sequence
// stood at u and after that a transaction was given the number x, then all positions up to u belong
// to transactions before x (each has its number before it numbers facts; their insert sees to
// that). Once no transaction before x is running, all of them are settled.
type settling struct {
	mu        sync.Mutex // held during a look
	sightings []sighting // both of their numbers rise
	settled   int64
}

type sighting struct{ position, transaction int64 }

// known tells whether the positions up to this one need no sighting any more.
func (s *settling) known(position int64) bool {
	n := len(s.sightings)
	last := s.settled
	if n > 0 {
		last = s.sightings[n-1].position
	}
	if position < last {
		// It is another server, which lacks what this one had seen: its positions and
		// transactions are others.
		s.sightings, s.settled = nil, 0
		return position == 0
	}
	return position == last
}

func (s *settling) see(seen sighting) {
	if n := len(s.sightings); n > 0 && seen.transaction < s.sightings[n-1].transaction {
		s.sightings, s.settled = nil, 0
	}
	if len(s.sightings) == maxSightings {
		half := s.sightings[:0]
		for i := 1; i < maxSightings; i += 2 {
			half = append(half, s.sightings[i])
		}
		s.sightings = half
	}
	s.sightings = append(s.sightings, seen)
}

// look returns the settled position, when all transactions before oldest have ended.
func (s *settling) look(oldest int64) int64 {
	ended := 0
	for ended < len(s.sightings) && s.sightings[ended].transaction <= oldest {
		s.settled = s.sightings[ended].position
		ended++
	}
	s.sightings = slices.Delete(s.sightings, 0, ended)
	return s.settled
}

// Cursor implements outbox.Log.
func (s *Store) Cursor(ctx context.Context, subscriber string) (position int64, err error) {
	err = s.background(ctx, func(r row) { position = r.int(0) },
		"SELECT position FROM cursors WHERE subscriber = $1", subscriber)
	return position, err
}

// Facts implements outbox.Log. It reads up to where the log is settled.
func (s *Store) Facts(
	ctx context.Context, subscriber string, after int64, kinds []fact.Kind, limit int,
) (page []outbox.Entry, upTo int64, err error) {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = string(k)
	}
	settled, err := s.settledFacts(ctx)
	if err != nil || settled <= after {
		return nil, after, err
	}
	var broken error
	err = s.background(ctx, func(r row) {
		f, err := outbox.ParseBody(r[4])
		if err != nil && broken == nil {
			broken = err
		}
		f.Event, f.Kind, f.At = r.event(1), fact.Kind(r.text(2)), r.time(3)
		page = append(page, outbox.Entry{Position: r.int(0), Fact: f})
	}, `SELECT position, event_id, kind, at_ms, body FROM facts f
WHERE position > $1 AND position <= $2 AND kind = ANY ($3)
AND NOT EXISTS (SELECT FROM inbox i WHERE i.subscriber = $4 AND i.position = f.position)
ORDER BY position LIMIT $5`, after, settled, names, subscriber, limit)
	switch {
	case err != nil:
		return nil, after, err
	case broken != nil:
		return nil, after, broken
	case len(page) == limit:
		settled = page[len(page)-1].Position
	}
	return page, max(settled, after), nil
}

// settledFacts is the position of the last fact up to which the log is settled.
func (s *Store) settledFacts(ctx context.Context) (position int64, err error) {
	conn, err := s.commands.Acquire(ctx)
	if err != nil {
		return 0, err
	}
	defer conn.Release()
	s.settling.mu.Lock()
	defer s.settling.mu.Unlock()
	// Each is a statement of its own: their order is what counts.
	seen := sighting{}
	if err := fetch(ctx, conn, func(r row) { seen.position = r.int(0) }, lastPosition); err != nil {
		return 0, err
	}
	if !s.settling.known(seen.position) {
		// A snapshot's end wouldn't do: it only knows the transactions that have ended already.
		err := fetch(ctx, conn, func(r row) { seen.transaction = r.int(0) },
			"SELECT pg_current_xact_id()::text::bigint")
		if err != nil {
			return 0, err
		}
		s.settling.see(seen)
	}
	oldest := int64(0)
	err = fetch(ctx, conn, func(r row) { oldest = r.int(0) },
		"SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
	if err != nil {
		return 0, err
	}
	// Positions that were given to nobody are not facts: the cursor stays among those that are.
	err = fetch(ctx, conn, func(r row) { position = r.int(0) },
		"SELECT coalesce(max(position), 0) FROM facts WHERE position <= $1",
		s.settling.look(oldest))
	return position, err
}

// lastPosition is the last position that was given to any transaction, committed or not.
const lastPosition = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM facts_position_seq"

// Applied tells whether a subscriber has applied the fact at a position.
func (s *Store) Applied(
	ctx context.Context, subscriber string, position int64,
) (applied bool, err error) {
	err = s.background(ctx, func(row) { applied = true },
		"SELECT 1 FROM inbox WHERE subscriber = $1 AND position = $2", subscriber, position)
	return applied, err
}

// Handled implements outbox.Log.
func (s *Store) Handled(ctx context.Context, subscriber string, position int64) error {
	now, err := s.now(ctx)
	if err != nil {
		return translate(err)
	}
	_, err = s.commands.Exec(ctx, `INSERT INTO inbox (subscriber, position, applied_ms)
VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, subscriber, position, millis(now))
	return translate(err)
}

// Advance implements outbox.Log.
func (s *Store) Advance(ctx context.Context, subscriber string, position int64) error {
	_, err := s.commands.Exec(ctx, `INSERT INTO cursors (subscriber, position) VALUES ($1, $2)
ON CONFLICT (subscriber) DO UPDATE SET position = excluded.position
WHERE cursors.position < excluded.position`, subscriber, position)
	return translate(err)
}

// Setting returns a stored setting, or what fresh makes, which is stored then. made tells which. Of
// several instances that ask at once, one makes it.
func (s *Store) Setting(
	ctx context.Context, name string, fresh func() ([]byte, error),
) (value []byte, made bool, err error) {
	err = pgx.BeginFunc(ctx, s.commands, func(tx pgx.Tx) error {
		// Settings are made once in the life of a ledger: to lock them all costs nobody anything.
		if _, err := tx.Exec(ctx, "LOCK TABLE settings IN SHARE ROW EXCLUSIVE MODE"); err != nil {
			return err
		}
		err := fetch(ctx, tx, func(r row) {
			value = append(make([]byte, 0, len(r[0])), r[0]...)
		}, "SELECT value FROM settings WHERE name = $1", name)
		if err != nil || value != nil {
			return err
		}
		if value, err = fresh(); err != nil {
			return err
		}
		made = true
		_, err = tx.Exec(ctx, "INSERT INTO settings (name, value) VALUES ($1, $2)", name, value)
		return err
	})
	if err != nil {
		return nil, false, translate(err)
	}
	return value, made, nil
}
