package boot_test

import (
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"zombiezen.com/go/sqlite/sqlitex"

	"ticketflow/internal/outbound/postgres"
	"ticketflow/internal/outbound/sqlite"
	"ticketflow/internal/testservers"
)

// Tables and columns that only one of the engines has, each with its reason. Columns that an engine
// generates are not looked at.
var (
	onlySQLite = map[string]string{
		"places.place_key":         "SQLite's cheapest key; it makes event_id and place",
		"holds.hold_no":            "the same: the first eight bytes of hold",
		"orders.order_no":          "the same: the first eight bytes of order_key",
		"refund_requests.order_no": "the same, of its order",
	}
	onlyPostgres = map[string]string{
		"places.event_id":             "SQLite generates it from place_key",
		"places.place":                "SQLite generates it from place_key",
		"leases.name":                 "SQLite has one instance, which needs no leases",
		"leases.owner":                "the same",
		"leases.until":                "the same",
		"goose_db_version.id":         "where goose keeps the version; SQLite has a field for it",
		"goose_db_version.version_id": "the same",
		"goose_db_version.is_applied": "the same",
		"goose_db_version.tstamp":     "the same",
	}
)

// TestBothEnginesHaveTheSameColumns compares what both engines' migrations end with.
func TestBothEnginesHaveTheSameColumns(t *testing.T) {
	ours, theirs := postgresColumns(t), sqliteColumns(t)
	if len(ours) < 100 || len(theirs) < 100 {
		t.Fatalf("only %d and %d columns were found", len(ours), len(theirs))
	}
	difference(t, ours, theirs, onlyPostgres, "SQLite")
	difference(t, theirs, ours, onlySQLite, "PostgreSQL")
}

func difference(t *testing.T, here, there []string, known map[string]string, engine string) {
	t.Helper()
	for _, column := range here {
		if _, ok := known[column]; !ok && !slices.Contains(there, column) {
			t.Errorf("%s lacks %s", engine, column)
		}
	}
	for column := range known {
		if !slices.Contains(here, column) || slices.Contains(there, column) {
			t.Errorf("%s is listed as missing in %s, and that isn't so", column, engine)
		}
	}
}

func postgresColumns(t *testing.T) (columns []string) {
	t.Helper()
	address, ctx := testservers.PostgreSQL(t), t.Context()
	if _, err := postgres.Migrate(ctx, address); err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(ctx) }()
	rows, err := conn.Query(ctx, `SELECT table_name || '.' || column_name
FROM information_schema.columns WHERE table_schema = 'public' AND is_generated = 'NEVER'`)
	if err != nil {
		t.Fatal(err)
	}
	if columns, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
		t.Fatal(err)
	}
	return columns
}

func sqliteColumns(t *testing.T) (columns []string) {
	t.Helper()
	dir := t.TempDir()
	store, err := sqlite.Open(t.Context(), dir, sqlite.Options{Clock: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	pool, err := sqlitex.NewPool(sqlite.Path(dir), sqlitex.PoolOptions{PoolSize: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = pool.Close() }()
	conn, err := pool.Take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Put(conn)
	stmt := conn.Prep(`SELECT t.name || '.' || c.name FROM sqlite_schema t,
pragma_table_xinfo(t.name) c WHERE t.type = 'table' AND c.hidden = 0`)
	for {
		more, err := stmt.Step()
		if err != nil {
			t.Fatal(err)
		}
		if !more {
			return columns
		}
		columns = append(columns, stmt.ColumnText(0))
	}
}
