// Package postgres keeps the ledger in PostgreSQL 15 or later: the truth of the cluster profile,
// for any number of instances.
//
// A batch is two round trips, one that loads and locks its rows and one that writes and commits,
// with one set-wise statement for each table. Commands and browsing have connections of their own,
// so that many readers can't keep a payment waiting.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/errs"
)

// Limits of the connections.
const (
	commandConns      = 8 // of one instance, for commands and what runs in the background
	readConns         = 8 // of one instance, for looking at bookings and at the catalogue
	replicaConns      = 8
	connectLimit      = 3 * time.Second
	statementTimeout  = 5 * time.Second
	lockTimeout       = 2 * time.Second
	idleInTransaction = 15 * time.Second
	connLifetime      = time.Hour
	connIdleTime      = 10 * time.Minute
	openLimit         = 15 * time.Second
)

// Options are what a Store needs from outside.
type Options struct {
	// URL is the primary's, postgres://…; decisions are made on nothing else.
	URL string
	// ReadURL is a replica's for lists, plans and sums, or empty. It may lag behind.
	ReadURL string
	// Clock is the ledger's clock of a test; nil is the database's clock, the same for all
	// instances.
	Clock func() time.Time
	// Name tells the operator in pg_stat_activity whose a connection is; empty is "ticketflow".
	Name string
}

// Store is an open ledger. It is safe for concurrent use.
type Store struct {
	clock    func() time.Time // nil: the database's
	commands *pgxpool.Pool
	reads    *pgxpool.Pool
	replica  *pgxpool.Pool // nil: there is none
	batches  sync.Pool     // of *batch
	settling settling
	recent   recent
	due      dueScans
	closed   atomic.Bool

	orderTickets gathered[booking.OrderID, soldOrder]
	answered     gathered[booking.AnswerRef, struct{}]

	commitLimit time.Duration // shorter in tests
}

// ErrNotMigrated says that the database's tables are older than this program.
var ErrNotMigrated = errors.New(
	"the database's tables are not up to date: run `ticketflow migrate up` first")

// ErrNotDurable says that the server would acknowledge what it hasn't written.
var ErrNotDurable = errors.New(
	"the server runs with synchronous_commit=off or fsync=off: what it says yes to may be lost")

// ErrStandby says that nothing can be written to the server.
var ErrStandby = errors.New("the server is a standby and takes no sales: name the primary, or " +
	"all servers with target_session_attrs=read-write (docs/operating.md)")

// ErrUnreachable says that a look at the ledger failed for want of a connection.
var ErrUnreachable = errs.New(errs.Unavailable, "ledger_unreachable",
	"The box office can't be reached at this moment. Please try again in a second.")

var errClosed = errors.New("the ledger is closed")

// Open connects to a database whose tables are up to date (Migrate). A later release's tables are
// accepted: migrations leave the release before working.
func Open(ctx context.Context, opt Options) (*Store, error) {
	return open(ctx, opt, statements())
}

func open(ctx context.Context, opt Options, prepared []*statement) (*Store, error) {
	s := &Store{clock: opt.Clock, commitLimit: commitLimit}
	s.batches.New = func() any { return newBatch() }
	s.orderTickets.run, s.answered.run = s.readOrderTickets, s.readAnswered
	if opt.Name == "" {
		opt.Name = "ticketflow"
	}
	ctx, cancel := context.WithTimeout(ctx, openLimit)
	defer cancel()
	err := s.connect(ctx, opt, prepared)
	if err == nil {
		err = s.check(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Store) connect(ctx context.Context, opt Options, prepared []*statement) (err error) {
	s.commands, err = newPool(ctx, opt.URL, opt.Name, commandConns, prepared)
	if err != nil {
		return err
	}
	if s.reads, err = newPool(ctx, opt.URL, opt.Name, readConns, nil); err != nil {
		return err
	}
	if opt.ReadURL != "" {
		s.replica, err = newPool(ctx, opt.ReadURL, opt.Name, replicaConns, nil)
	}
	return err
}

// newPool makes a bounded pool. It connects when it is needed, and again after a server was lost.
func newPool(
	ctx context.Context, url, name string, conns int32, prepared []*statement,
) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("read the database's URL: %w", err)
	}
	config.MaxConns = conns
	config.MaxConnLifetime = connLifetime
	config.MaxConnLifetimeJitter = connLifetime / 10
	config.MaxConnIdleTime = connIdleTime
	config.PingTimeout = connectLimit
	configure(config.ConnConfig, name)
	if len(prepared) > 0 {
		config.AfterConnect = func(ctx context.Context, c *pgx.Conn) error {
			return prepare(ctx, c.PgConn(), prepared)
		}
	}
	return pgxpool.NewWithConfig(ctx, config)
}

// configure sets what all connections have in common.
func configure(c *pgx.ConnConfig, name string) {
	c.ConnectTimeout = connectLimit
	c.DialFunc = newDialer().dial
	c.OnNotice = noteWarning
	maps.Copy(c.RuntimeParams, map[string]string{
		"application_name":                    name,
		"timezone":                            "UTC",
		"statement_timeout":                   inMillis(statementTimeout),
		"lock_timeout":                        inMillis(lockTimeout),
		"idle_in_transaction_session_timeout": inMillis(idleInTransaction),
		// The server notices by itself, too, that an instance is gone, and frees its locks.
		"tcp_keepalives_idle":     inSeconds(keepAliveIdle),
		"tcp_keepalives_interval": inSeconds(keepAliveInterval),
		"tcp_keepalives_count":    fmt.Sprint(keepAliveCount),
		// A statement is planned once for each connection, and by its keys: a plan that was made
		// while a table was empty would read all of it for ever, and planning each batch anew
		// costs as much as running it. All statements find their rows by an index.
		"plan_cache_mode":  "force_generic_plan",
		"enable_seqscan":   "off",
		"enable_hashjoin":  "off",
		"enable_mergejoin": "off",
		// Twice as slow as the plain scan for one row at a time.
		"enable_bitmapscan": "off",
		"jit":               "off",
	})
}

func inMillis(d time.Duration) string  { return fmt.Sprint(d.Milliseconds()) }
func inSeconds(d time.Duration) string { return fmt.Sprint(int(d.Seconds())) }

// check refuses a server that doesn't keep what it acknowledges, and tables that are too old.
func (s *Store) check(ctx context.Context) error {
	var durable, standby bool
	var version int64
	err := s.reads.QueryRow(ctx, `SELECT current_setting('synchronous_commit') <> 'off'
AND current_setting('fsync') = 'on', pg_is_in_recovery(),
(SELECT max(version_id) FROM goose_db_version WHERE is_applied)`).Scan(&durable, &standby,
		&version)
	switch {
	case code(err) == codeNoTable:
		return ErrNotMigrated
	case err != nil:
		return fmt.Errorf("connect to the database: %w", err)
	case standby:
		return ErrStandby
	case !durable:
		return ErrNotDurable
	}
	known, err := newestMigration()
	switch {
	case err != nil:
		return err
	case version < known:
		return fmt.Errorf("%w: they are at %d of %d", ErrNotMigrated, version, known)
	}
	return s.commands.Ping(ctx) // which prepares the commands' statements, once
}

// Close ends all connections. It may be called twice.
func (s *Store) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	for _, pool := range []*pgxpool.Pool{s.commands, s.reads, s.replica} {
		if pool != nil {
			pool.Close()
		}
	}
	return nil
}

// lost is told of each connection that broke: most likely the server was restarted, so that all
// others are broken, too. New ones are made when they are needed.
func (s *Store) lost() {
	if !s.closed.Load() {
		s.commands.Reset()
		s.reads.Reset()
	}
}
