package boot

import (
	"context"
	"io"
	"time"

	"ticketflow/internal/app/audit"
	"ticketflow/internal/app/command"
	"ticketflow/internal/app/notify"
	"ticketflow/internal/app/outbox"
	"ticketflow/internal/app/policy"
	"ticketflow/internal/app/query"
	"ticketflow/internal/config"
	"ticketflow/internal/outbound/postgres"
	"ticketflow/internal/outbound/sqlite"
)

// Lanes of the desk. SQLite has one writer, and more lanes would only make smaller batches. With
// PostgreSQL a lane is a connection that commits: more of them contend for two processors.
const (
	sqliteLanes   = 1
	postgresLanes = 2
)

// engine is the truth and all that is read from it, whatever holds it.
type engine struct {
	commands
	views
	lists
	books
	settings
	notify.Queue
	policy.AnswerLog
	io.Closer

	leases outbox.Leases
	lanes  int
}

// commands are the ports through which something is written.
type commands interface {
	command.Ledger
	command.Catalogue
	command.Creations
	outbox.Log
	outbox.Inbox
}

// views are the ports that only read.
type views interface {
	query.Bookings
	query.Shelf
	query.Sales
	policy.Due
	audit.Source
}

// lists are what lists are made of beside their rows.
type lists interface {
	query.KindList
}

// books are the views of money and of what it is worth.
type books interface {
	query.Vouchers
	query.Money
	query.OpenMoney
	query.RefundRequests
	query.Journal
}

// settings are what all instances share, drawn by the one that asks first.
type settings interface {
	query.Fences

	// Setting is the stored value, or what draw gives, stored; fresh tells which.
	Setting(ctx context.Context, name string, draw func() ([]byte, error)) (
		value []byte, fresh bool, err error)
}

// openEngine opens the ledger: PostgreSQL if an address is given, else the one of the data folder.
// Its failures tell the operator what to do.
func openEngine(
	ctx context.Context, dir string, c config.Cluster, clock func() time.Time,
) (*engine, error) {
	if c.DatabaseURL == "" {
		store, err := openStore(ctx, dir, clock)
		if err != nil {
			return nil, err
		}
		return &engine{commands: store, views: store, lists: store, books: store,
			settings: store, Queue: store, AnswerLog: store, Closer: store,
			leases: outbox.NewLocalLeases(clock), lanes: sqliteLanes}, nil
	}
	store, err := openPostgres(ctx, c)
	if err != nil {
		return nil, err
	}
	return &engine{commands: store, views: store, lists: store, books: store,
		settings: store, Queue: store, AnswerLog: store, Closer: store,
		leases: store, lanes: postgresLanes}, nil
}

func openPostgres(ctx context.Context, c config.Cluster) (*postgres.Store, error) {
	return postgres.Open(ctx, postgres.Options{URL: string(c.DatabaseURL),
		ReadURL: string(c.DatabaseReadURL)})
}

// openToRead opens the ledger beside a server that runs on it, for the audit.
func openToRead(
	ctx context.Context, dir string, c config.Cluster,
) (audit.Source, io.Closer, error) {
	if c.DatabaseURL == "" {
		store, err := sqlite.Open(ctx, dir, sqlite.Options{Clock: time.Now, Shared: true})
		return store, store, err
	}
	store, err := openPostgres(ctx, c)
	return store, store, err
}
