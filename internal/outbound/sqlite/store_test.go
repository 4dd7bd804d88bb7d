package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"ticketflow/internal/app/command"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/outbound/contract"
)

// opened opens a store that the test closes.
func opened(t *testing.T, dir string) *Store {
	t.Helper()
	store, err := Open(t.Context(), dir, Options{Clock: contract.NewClock().Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

// value is the first column of the first row of a query.
func value(t *testing.T, conn *sqlite.Conn, query string) (found string) {
	t.Helper()
	err := sqlitex.ExecuteTransient(conn, query, &sqlitex.ExecOptions{
		ResultFunc: func(stmt *sqlite.Stmt) error { found = stmt.ColumnText(0); return nil }})
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return found
}

func TestOneServerPerFolder(t *testing.T) {
	dir := t.TempDir()
	store := opened(t, dir)
	if _, err := Open(t.Context(), dir, Options{Clock: time.Now}); !errors.Is(err, ErrLocked) {
		t.Errorf("a second store: %v", err)
	}
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), childFolder+"="+dir)
	out, err := child.CombinedOutput()
	if err == nil || !strings.Contains(string(out), ErrLocked.Error()) {
		t.Errorf("a second process: %v, %s", err, out)
	}
	// The audit looks at a folder that is being served.
	shared, err := Open(t.Context(), dir, Options{Clock: time.Now, Shared: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(shared.Close(), shared.Close(), store.Close()); err != nil {
		t.Error(err)
	}
	opened(t, dir)
	if _, err := Open(t.Context(), t.TempDir(), Options{Shared: true}); !errors.Is(
		err, fs.ErrNotExist) {
		t.Errorf("a look at an empty folder: %v", err)
	}
}

func TestClosedStore(t *testing.T) {
	store := opened(t, t.TempDir())
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	err := store.Update(t.Context(), &booking.Keys{}, func(*booking.Book) error { return nil })
	if !errors.Is(err, errClosed) {
		t.Errorf("an update: %v", err)
	}
	if _, err := store.Hold(t.Context(), booking.HoldID{}); err == nil {
		t.Error("a closed store was read")
	}
}

func TestSettingsAreInForce(t *testing.T) {
	store := opened(t, t.TempDir())
	for query, want := range map[string]string{
		"PRAGMA journal_mode":   "wal",
		"PRAGMA synchronous":    "2", // FULL: the log is synced before a commit is told
		"PRAGMA foreign_keys":   "1",
		"PRAGMA application_id": fmt.Sprint(applicationID),
		"PRAGMA quick_check":    "ok",
	} {
		if got := value(t, store.w.conn, query); got != want {
			t.Errorf("%s of the writer: got %q, want %q", query, got, want)
		}
	}
	err := store.read(t.Context(), func(c *sqlite.Conn) error {
		if got := value(t, c, "PRAGMA query_only"); got != "1" {
			t.Errorf("a reader may write: %q", got)
		}
		return sqlitex.ExecuteTransient(c, "DELETE FROM places", nil)
	})
	if sqlite.ErrCode(err).ToPrimary() != sqlite.ResultReadOnly {
		t.Errorf("a write on a reader: %v", err)
	}
}

func TestMigrationsRunOnce(t *testing.T) {
	dir := t.TempDir()
	const schema = "SELECT group_concat(sql, ';') FROM " +
		"(SELECT sql FROM sqlite_schema ORDER BY name)"
	var first string
	for range 3 {
		store := opened(t, dir)
		got := value(t, store.w.conn, schema) + value(t, store.w.conn, "PRAGMA user_version")
		if first == "" {
			first = got
		}
		if got != first || !strings.Contains(got, "CREATE TABLE places") {
			t.Errorf("the tables have changed:\n%s\n%s", got, first)
		}
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestForeignFilesAreRefused(t *testing.T) {
	for name, script := range map[string]string{
		"of a later release":     "PRAGMA user_version = 1000",
		"of another application": "PRAGMA application_id = 7",
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := opened(t, dir).Close(); err != nil {
				t.Fatal(err)
			}
			if err := meddle(dir, script); err != nil {
				t.Fatal(err)
			}
			store, err := Open(t.Context(), dir, Options{Clock: time.Now})
			if err == nil {
				t.Error("it was opened")
				_ = store.Close()
			}
		})
	}
	t.Run("that is no database", func(t *testing.T) {
		dir := t.TempDir()
		err := os.WriteFile(Path(dir), []byte(strings.Repeat("no database", 1000)), 0o600)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Open(t.Context(), dir, Options{Clock: time.Now}); err == nil {
			t.Error("it was opened")
		}
	})
}

// TestFullDisk fills the file up to a bound. What doesn't fit is refused for certain, what was
// acknowledged stays, and when there is room again selling goes on.
func TestFullDisk(t *testing.T) {
	clock := contract.NewClock()
	e := engine(t, clock.Now)
	store := e.Ledger.(*Store)
	bound := func(pages string) {
		t.Helper()
		store.mu.Lock()
		defer store.mu.Unlock()
		value(t, store.w.conn, "PRAGMA max_page_count = "+pages)
	}
	full := contract.FullDisk{
		Fill:  func() { bound(value(t, store.w.conn, "PRAGMA page_count")) },
		Empty: func() { bound("1000000") },
		Certain: func(err error) bool {
			return sqlite.ErrCode(err).ToPrimary() == sqlite.ResultFull &&
				!errors.Is(err, command.ErrUnknown)
		},
	}
	full.Run(t, e, clock)
}
