package postgres

import (
	"context"
	"time"

	"ticketflow/internal/app/outbox"
)

var _ outbox.Leases = (*Store)(nil)

// leaseLimit bounds a question about a lease, so that one that hangs doesn't eat the lease.
const leaseLimit = 2 * time.Second

// Acquire implements outbox.Leases.
func (s *Store) Acquire(
	ctx context.Context, name, owner string, ttl time.Duration,
) (taken bool, err error) {
	// The clock's own time, not the transaction's: that may have waited for the row.
	n, err := s.lease(ctx, `INSERT INTO leases AS l (name, owner, until)
VALUES ($1, $2, clock_timestamp() + make_interval(secs => $3))
ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until
WHERE l.owner = excluded.owner OR l.until <= clock_timestamp()`, name, owner, ttl.Seconds())
	return n == 1, err
}

// Renew implements outbox.Leases.
func (s *Store) Renew(
	ctx context.Context, name, owner string, ttl time.Duration,
) (held bool, err error) {
	n, err := s.lease(ctx, `UPDATE leases SET until = clock_timestamp() + make_interval(secs => $3)
WHERE name = $1 AND owner = $2`, name, owner, ttl.Seconds())
	return n == 1, err
}

// Release implements outbox.Leases.
func (s *Store) Release(ctx context.Context, name, owner string) error {
	_, err := s.lease(ctx, "DELETE FROM leases WHERE name = $1 AND owner = $2", name, owner)
	return err
}

func (s *Store) lease(ctx context.Context, sql string, args ...any) (rows int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, leaseLimit)
	defer cancel()
	tag, err := s.commands.Exec(ctx, sql, args...)
	return tag.RowsAffected(), translate(err)
}
