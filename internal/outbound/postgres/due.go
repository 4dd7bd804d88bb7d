package postgres

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"ticketflow/internal/app/policy"
	"ticketflow/internal/domain/booking"
)

var _ policy.Due = (*Store)(nil)

// Limits of the look for what is due.
const (
	dueScanRows = 20_000           // of one query; it goes on where it has stopped
	dueMargin   = 10 * time.Minute // a transaction that is still open may write an earlier end
)

// dueScans remember how far back there is anything open at all. An index of what is open alone
// would be changed by each end of a hold, that is in every checkout, and cost the cheap kind of
// update; the index by expiry is only written when a row is made. What has ended stays in it, so a
// scan begins where the oldest open row was found last.
type dueScans struct {
	holds, orders dueScan
}

type dueScan struct {
	mu   sync.Mutex
	from int64 // no row that expires before is open; milliseconds
}

// DueHolds implements policy.Due: live holds past their time, the oldest first.
func (s *Store) DueHolds(
	ctx context.Context, now time.Time, limit int,
) (ids []booking.HoldID, err error) {
	const sql = `SELECT event_id, hold, expires_ms, state = 1 FROM holds
WHERE expires_ms >= $1 AND expires_ms < least($2::bigint, $3::bigint)
ORDER BY expires_ms FETCH FIRST $4 ROWS WITH TIES`
	err = s.scanDue(ctx, &s.due.holds, sql, now, limit, func(r row) {
		ids = append(ids, booking.HoldID{Event: r.event(0), Key: r.key(1)})
	})
	return ids, err
}

// DueOrders implements policy.Due: orders that still await a payment past their time and its grace.
func (s *Store) DueOrders(
	ctx context.Context, now time.Time, limit int,
) (ids []booking.OrderID, err error) {
	const sql = `SELECT event_id, order_key, expires_ms, state = 1 FROM orders
WHERE expires_ms >= $1 AND expires_ms < least($2::bigint, $3::bigint)
ORDER BY expires_ms FETCH FIRST $4 ROWS WITH TIES`
	err = s.scanDue(ctx, &s.due.orders, sql, now.Add(-booking.PayGrace), limit, func(r row) {
		ids = append(ids, booking.OrderID{Event: r.event(0), Key: r.key(1)})
	})
	return ids, err
}

// scanDue shows up to limit open rows that end before now. The clock of an instance may be ahead:
// the ledger's own bounds it.
func (s *Store) scanDue(
	ctx context.Context, scan *dueScan, sql string, now time.Time, limit int, show func(r row),
) error {
	scan.mu.Lock()
	defer scan.mu.Unlock()
	ledger, err := s.now(ctx)
	if err != nil {
		return err
	}
	settled := millis(ledger.Add(-dueMargin))
	from, found, oldest := scan.from, 0, int64(0)
	for {
		rows, last := 0, from
		err := s.background(ctx, func(r row) {
			rows++
			last = r.int(2)
			if r.int(3) == 0 || found == limit {
				return
			}
			if found == 0 {
				oldest = last
			}
			found++
			show(r)
		}, sql, from, millis(now), millis(ledger), dueScanRows)
		if err != nil {
			return err
		}
		if found > 0 {
			scan.from = max(scan.from, min(oldest, settled))
		} else {
			scan.from = max(scan.from, min(last, settled))
		}
		if rows < dueScanRows || found == limit {
			return nil
		}
		from = last + 1
	}
}

// now is the ledger's time.
func (s *Store) now(ctx context.Context) (now time.Time, err error) {
	if s.clock != nil {
		return s.clock().UTC().Truncate(time.Millisecond), nil
	}
	err = s.background(ctx, func(r row) { now = r.time(0) }, stmtClock.sql)
	return now, err
}

// background runs a query on the commands' connections: what keeps the house going must not wait
// behind those who look around.
func (s *Store) background(
	ctx context.Context, show func(r row), sql string, args ...any,
) error {
	conn, err := s.commands.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	return fetch(ctx, conn, show, sql, args...)
}

// querier is a connection, a pool or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// fetch shows each row of a query in the binary format.
func fetch(
	ctx context.Context, from querier, show func(r row), sql string, args ...any,
) error {
	rows, err := from.Query(ctx, sql, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		show(rows.RawValues())
	}
	return rows.Err()
}
