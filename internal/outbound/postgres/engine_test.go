package postgres

import (
	"bytes"
	"context"
	"crypto/rand"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"ticketflow/internal/outbound/contract"
	"ticketflow/internal/testservers"
)

// house is a server on which the engines of one test get a database each.
type house struct {
	admin    string // the URL of a database from which others are made
	template string // the name of a migrated database

	mu sync.Mutex // a template can be copied once at a time
}

// newHouse takes a database from the shared server and migrates a template beside it.
func newHouse(t testing.TB) *house {
	t.Helper()
	return houseAt(t, testservers.PostgreSQL(t))
}

func houseAt(t testing.TB, admin string) *house {
	t.Helper()
	h := &house{admin: admin, template: "template_" + strings.ToLower(rand.Text())}
	execute(t, h.admin, "CREATE DATABASE "+h.template)
	t.Cleanup(func() { execute(t, h.admin, "DROP DATABASE "+h.template+" WITH (FORCE)") })
	if _, err := Migrate(t.Context(), h.at(h.template)); err != nil {
		t.Fatal(err)
	}
	return h
}

// at is the URL of a database of the house.
func (h *house) at(name string) string {
	u, err := url.Parse(h.admin)
	if err != nil {
		panic(err)
	}
	u.Path = "/" + name
	return u.String()
}

// database makes an empty, migrated database that ends with the test, and returns its URL.
func (h *house) database(t contract.T) string {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	name := "engine_" + strings.ToLower(rand.Text())
	execute(t, h.admin, "CREATE DATABASE "+name+" TEMPLATE "+h.template)
	t.Cleanup(func() { execute(t, h.admin, "DROP DATABASE "+name+" WITH (FORCE)") })
	return h.at(name)
}

// failer is what both kinds of tests can do.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// execute runs a script on a connection that no store knows.
func execute(t failer, address, script string) {
	t.Helper()
	if err := meddle(address, script); err != nil {
		t.Fatalf("%.60s: %v", script, err)
	}
}

func meddle(address, script string) error {
	ctx, cancel := context.WithTimeout(context.Background(), openLimit)
	defer cancel()
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	_, err = conn.PgConn().Exec(ctx, script).ReadAll()
	return err
}

// engine opens an empty ledger for the contract suite.
func (h *house) engine(t contract.T, clock func() time.Time) *contract.Engine {
	t.Helper()
	return h.engineAt(t, h.database(t), clock)
}

// engineAt opens the ledger in a database.
func (h *house) engineAt(
	t contract.T, address string, clock func() time.Time,
) *contract.Engine {
	t.Helper()
	return wrap(h, opened(t, address, clock), address, clock)
}

func wrap(
	h *house, store *Store, address string, clock func() time.Time,
) *contract.Engine {
	return &contract.Engine{Ledger: store, Catalogue: store, Shelf: store, Kinds: store,
		Bookings: store, Vouchers: store, Sales: store, Mails: store, Log: store,
		Requests: store, Answers: store,
		Probe: &probe{house: h, store: store, address: address, clock: clock}}
}

// opened opens a store that the test closes.
func opened(t contract.T, address string, clock func() time.Time) *Store {
	t.Helper()
	store, err := Open(t.Context(), Options{URL: address, Clock: clock})
	if err != nil {
		t.Fatalf("open the ledger: %v", err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Errorf("close the ledger: %v", err)
		}
	})
	return store
}

// ledgerTables are all tables, those that others refer to first, with the column that a sequence
// numbers.
var ledgerTables = []struct{ name, numbered string }{
	{"settings", ""}, {"venues", "venue_id"}, {"plans", "plan_id"}, {"events", "event_id"},
	{"places", ""}, {"holds", ""}, {"orders", ""}, {"tickets", ""}, {"payments", ""},
	{"notices", ""}, {"refunds", ""}, {"buyers", ""}, {"answers", "answer_seq"},
	{"facts", "position"}, {"cursors", ""}, {"inbox", ""}, {"mails", ""},
	{"refund_requests", ""}, {"journal", "entry"},
	{"vouchers", ""},
}

// duplicate copies what is committed in one database into another one that is empty.
func duplicate(t contract.T, from, to string) {
	t.Helper()
	ctx := t.Context()
	source, err := pgx.Connect(ctx, from)
	if err != nil {
		t.Fatalf("connect to the ledger: %v", err)
	}
	defer func() { _ = source.Close(ctx) }()
	target, err := pgx.Connect(ctx, to)
	if err != nil {
		t.Fatalf("connect to the copy: %v", err)
	}
	defer func() { _ = target.Close(ctx) }()
	_, err = source.Exec(ctx, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
	for _, table := range ledgerTables {
		var content bytes.Buffer
		if err == nil {
			_, err = source.PgConn().CopyTo(ctx, &content,
				"COPY "+table.name+" TO STDOUT (FORMAT binary)")
		}
		if err == nil {
			_, err = target.PgConn().CopyFrom(ctx, &content,
				"COPY "+table.name+" FROM STDIN (FORMAT binary)")
		}
		if err == nil && table.numbered != "" {
			_, err = target.Exec(ctx, "SELECT setval(pg_get_serial_sequence('"+table.name+
				"', '"+table.numbered+"'), max("+table.numbered+")) FROM "+table.name)
		}
		if err != nil {
			t.Fatalf("copy %s: %v", table.name, err)
		}
	}
}
