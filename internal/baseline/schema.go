package baseline

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// What tells the schema of a rehearsal from one of the same name that is somebody else's.
const (
	schemaMark = "made by a ticketflow rehearsal, dropped after it"
	schemaLock = 7_242_001 // the number of an advisory lock: one rehearsal at a time
)

// Failures of making the tables.
var (
	ErrForeign = errors.New("the database has a schema named baseline that no rehearsal has " +
		"made: use a database of your own for rehearsals")
	ErrTaken = errors.New("another rehearsal is measuring the baseline in this database")
)

// tables are what a shop of one event needs. A ticket's place is unique: whatever the code does,
// the database refuses to sell it twice.
const tables = `
CREATE SCHEMA baseline;
COMMENT ON SCHEMA baseline IS '` + schemaMark + `';
CREATE TABLE baseline.places (
  place   integer PRIMARY KEY,
  section text NOT NULL,
  line    text NOT NULL,
  seat    text NOT NULL,
  tier    text NOT NULL,
  price   bigint NOT NULL,
  state   smallint NOT NULL DEFAULT 0, -- 0 free, 1 held, 2 sold
  hold_id text
);
CREATE INDEX places_free ON baseline.places (place) WHERE state = 0;
CREATE TABLE baseline.holds (
  id              text PRIMARY KEY,
  token           text NOT NULL,
  idempotency_key text NOT NULL UNIQUE,
  places          integer[] NOT NULL,
  state           smallint NOT NULL DEFAULT 0, -- 0 live, 1 ordered, 2 released
  expires_at      timestamptz NOT NULL
);
CREATE TABLE baseline.orders (
  id              text PRIMARY KEY,
  token           text NOT NULL,
  idempotency_key text NOT NULL UNIQUE,
  hold_id         text NOT NULL UNIQUE REFERENCES baseline.holds,
  places          integer[] NOT NULL,
  buyer_name      text NOT NULL,
  buyer_email     text NOT NULL,
  total           bigint NOT NULL,
  paid_by         text,
  expires_at      timestamptz NOT NULL
);
CREATE TABLE baseline.tickets (
  order_id text NOT NULL REFERENCES baseline.orders,
  place    integer NOT NULL UNIQUE,
  id       text NOT NULL,
  code     text NOT NULL,
  PRIMARY KEY (order_id, place)
);`

// fill makes a hall with rows of 40 seats, at one price.
const fill = `
INSERT INTO baseline.places (place, section, line, seat, tier, price)
SELECT n, (201 + n / 1000)::text, (1 + n % 1000 / 40)::text, (1 + n % 40)::text, 'cat1', 4900
FROM generate_series(0, $1::integer - 1) n`

// create makes the schema anew. The connection keeps the lock until it is closed.
func create(ctx context.Context, conn *pgx.Conn, places int) error {
	var mine bool
	err := conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", schemaLock).Scan(&mine)
	if err != nil {
		return fmt.Errorf("lock the baseline's schema: %w", err)
	}
	if !mine {
		return ErrTaken
	}
	if err := drop(ctx, conn); err != nil { // what a killed rehearsal has left
		return err
	}
	if _, err := conn.Exec(ctx, tables); err != nil {
		return fmt.Errorf("make the baseline's tables: %w", err)
	}
	if _, err := conn.Exec(ctx, fill, places); err != nil {
		return fmt.Errorf("fill the baseline's hall: %w", err)
	}
	// The planner must know the hall from the first request on, not when autovacuum comes by.
	if _, err := conn.Exec(ctx, "VACUUM ANALYZE baseline.places"); err != nil {
		return fmt.Errorf("analyse the baseline's hall: %w", err)
	}
	return nil
}

// drop removes the schema, if a rehearsal has made it.
func drop(ctx context.Context, conn *pgx.Conn) error {
	var mark string
	err := conn.QueryRow(ctx, `SELECT coalesce(obj_description(oid, 'pg_namespace'), '')
FROM pg_namespace WHERE nspname = 'baseline'`).Scan(&mark)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil
	case err != nil:
		return fmt.Errorf("look for the baseline's schema: %w", err)
	case mark != schemaMark:
		return ErrForeign
	}
	if _, err := conn.Exec(ctx, "DROP SCHEMA baseline CASCADE"); err != nil {
		return fmt.Errorf("drop the baseline's schema: %w", err)
	}
	return nil
}

// Count is what the tables say in the end.
type Count struct {
	Places  int // in the hall
	Sold    int // that are marked as sold
	Tickets int
	Holders int // different places that have a ticket
}

// Check tells whether each place was sold once at most: as many are sold as have a ticket, and no
// place has two.
func (c Count) Check() error {
	if c.Sold != c.Tickets || c.Tickets != c.Holders || c.Sold > c.Places {
		return fmt.Errorf("the baseline has sold %d of %d places, with %d tickets for %d places",
			c.Sold, c.Places, c.Tickets, c.Holders)
	}
	return nil
}

func count(ctx context.Context, conn *pgx.Conn) (c Count, err error) {
	err = conn.QueryRow(ctx, `SELECT
(SELECT count(*) FROM baseline.places), (SELECT count(*) FROM baseline.places WHERE state = 2),
(SELECT count(*) FROM baseline.tickets), (SELECT count(DISTINCT place) FROM baseline.tickets)`,
	).Scan(&c.Places, &c.Sold, &c.Tickets, &c.Holders)
	if err != nil {
		return c, fmt.Errorf("count what the baseline has sold: %w", err)
	}
	return c, nil
}
