package baseline

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/rueidis"
)

// Limits of the shop.
const (
	poolConnections = 24 // within the usual 16 to 32: enough for commits to share a flush
	holdTime        = 10 * time.Minute
	maxPickTries    = 5
	maxPlacesCount  = 16 // in one hold
	endTimeout      = 30 * time.Second
)

// The states of a place and of a hold, as the tables know them.
const (
	placeFree, placeHeld, placeSold       = 0, 1, 2
	holdLive, holdOrdered, holdReleased   = 0, 1, 2
	currency                              = "EUR"
	prefixHold, prefixOrder, prefixTicket = "hld_", "ord_", "tkt_"
)

// Options say where the shop keeps its books.
type Options struct {
	DatabaseURL string
	RedisURL    string // of the locks; empty: none, the rows' own locks decide alone
	Places      int    // in the hall
}

// Shop is the books of one event. It is safe for concurrent use.
type Shop struct {
	owner *pgx.Conn // holds the lock on the schema
	pool  *pgxpool.Pool
	locks *locks
}

// Open makes the tables in a schema named baseline, and fills the hall. Close must be called.
func Open(ctx context.Context, o Options) (*Shop, error) {
	s := &Shop{}
	if err := s.connect(ctx, o); err != nil {
		s.disconnect(ctx)
		return nil, err
	}
	return s, nil
}

func (s *Shop) connect(ctx context.Context, o Options) error {
	config, err := pgxpool.ParseConfig(o.DatabaseURL)
	if err != nil { // the URL may hold a password: it isn't repeated
		return errors.New("the database's URL can't be read")
	}
	config.MaxConns, config.MinConns = poolConnections, poolConnections
	if o.RedisURL != "" {
		option, err := rueidis.ParseURL(o.RedisURL)
		if err != nil {
			return errors.New("the URL of Redis can't be read")
		}
		option.DisableCache, option.ForceSingleClient = true, true
		client, err := rueidis.NewClient(option)
		if err != nil {
			return fmt.Errorf("connect the baseline to Redis: %w", err)
		}
		s.locks = &locks{client: client, run: rand.Text()}
	}
	if s.owner, err = pgx.ConnectConfig(ctx, config.ConnConfig.Copy()); err != nil {
		return fmt.Errorf("connect the baseline to its database: %w", err)
	}
	if err := create(ctx, s.owner, o.Places); err != nil {
		return err
	}
	if s.pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return fmt.Errorf("connect the baseline to its database: %w", err)
	}
	return nil
}

// Close waits for what is under way, counts, and drops the tables. It fails if a place was sold
// twice.
func (s *Shop) Close() (Count, error) {
	ctx, cancel := context.WithTimeout(context.Background(), endTimeout)
	defer cancel()
	s.pool.Close()
	s.pool = nil
	defer s.disconnect(ctx)
	c, err := count(ctx, s.owner)
	if err == nil {
		err = c.Check()
	}
	s.locks.clear(ctx, c.Places)
	return c, errors.Join(err, drop(ctx, s.owner))
}

func (s *Shop) disconnect(ctx context.Context) {
	if s.pool != nil {
		s.pool.Close()
	}
	if s.owner != nil {
		_ = s.owner.Close(ctx)
	}
	if s.locks != nil {
		s.locks.client.Close()
	}
}

// refusal is an answer that isn't yes: its HTTP status and the code of the problem.
type refusal struct {
	status int
	code   string
}

// Error implements error.
func (r *refusal) Error() string { return r.code }

// newKey draws a secret of 130 bits in lower case.
func newKey() string { return strings.ToLower(rand.Text()) }

// transact runs one transaction. It doesn't end with the request: a COMMIT that was sent must be
// heard out.
func (s *Shop) transact(ctx context.Context, do func(context.Context, pgx.Tx) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTimeout)
	defer cancel()
	tx, err := s.pool.Begin(ctx)
	if err != nil {
		return err
	}
	if err := do(ctx, tx); err != nil {
		return errors.Join(err, tx.Rollback(ctx))
	}
	return tx.Commit(ctx)
}

// place is a row of the hall.
type place struct {
	number              int32
	section, line, seat string
	tier                string
	price               int64
	state               int16
}

// hallColumns are what readPlaces reads.
const hallColumns = "place, section, line, seat, tier, price, state"

func readPlaces(rows pgx.Rows, err error) ([]place, error) {
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (p place, err error) {
		err = row.Scan(&p.number, &p.section, &p.line, &p.seat, &p.tier, &p.price, &p.state)
		return p, err
	})
}

func total(places []place) (sum int64) {
	for _, p := range places {
		sum += p.price
	}
	return sum
}

func numbers(places []place) []int32 {
	out := make([]int32, len(places))
	for i, p := range places {
		out[i] = p.number
	}
	return out
}
