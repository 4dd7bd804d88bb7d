// Package sqlite keeps the ledger in one SQLite file: the truth of the embedded profile.
//
// One connection writes, with BEGIN IMMEDIATE, a write-ahead log and synchronous=FULL, so that what
// was answered survives a kill of the process and a loss of power. A pool of connections reads;
// readers never wait for the writer.
package sqlite

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitemigration"
	"zombiezen.com/go/sqlite/sqlitex"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// applicationID marks the file as TicketFlow's ("TkFl"), so that no other database is migrated.
const applicationID = 0x546b466c

// Limits of the connections.
const (
	readerConns     = 4
	busyTimeout     = 5 * time.Second
	writerCacheKiB  = 16 << 10
	readerCacheKiB  = 2 << 10
	checkpointPages = 8_000 // of 4 KiB; a checkpoint copies them back into the file
	fileName        = "ticketflow.db"
	lockName        = "ticketflow.lock"
	dirMode         = 0o700
)

// ErrLocked says that another process serves the same folder.
var ErrLocked = errors.New("the data folder is in use by another TicketFlow process")

// ErrNewer says that the ledger was written by a later release.
var ErrNewer = errors.New("the ledger was written by a later release of TicketFlow")

// Options are what a Store needs from outside.
type Options struct {
	Clock  func() time.Time // the ledger's clock
	Shared bool             // open beside a running server (audit): no lock, nothing is written
}

// Store is an open ledger. It is safe for concurrent use.
type Store struct {
	clock func() time.Time
	lock  *os.File
	pool  *sqlitex.Pool

	mu     sync.Mutex // guards w
	w      *writer
	closed bool
}

// Path is where the ledger of a data folder is.
func Path(dir string) string { return filepath.Join(dir, fileName) }

// Open opens the ledger in a folder, which it creates, and brings its tables up to date.
func Open(ctx context.Context, dir string, opt Options) (*Store, error) {
	s := &Store{clock: opt.Clock}
	path := Path(dir)
	if opt.Shared {
		if _, err := os.Stat(path); err != nil {
			return nil, fmt.Errorf("no ledger in the folder: %w", err)
		}
		return s, s.openReaders(path)
	}
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return nil, fmt.Errorf("create the data folder: %w", err)
	}
	lock, err := lockFile(filepath.Join(dir, lockName))
	if err != nil {
		return nil, err
	}
	s.lock = lock
	if err := s.openWriter(ctx, path); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if err := s.openReaders(path); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Store) openWriter(ctx context.Context, path string) error {
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadWrite|sqlite.OpenCreate|sqlite.OpenWAL)
	if err != nil {
		return fmt.Errorf("open the ledger: %w", err)
	}
	s.w = &writer{conn: conn, behind: true}
	conn.SetBusyTimeout(busyTimeout)
	err = pragmas(conn, "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON",
		fmt.Sprintf("cache_size=-%d", writerCacheKiB), "temp_store=MEMORY",
		fmt.Sprintf("wal_autocheckpoint=%d", checkpointPages))
	if err != nil {
		return err
	}
	schema, err := migrations()
	if err != nil {
		return err
	}
	if err := sqlitemigration.Migrate(ctx, conn, schema); err != nil {
		return fmt.Errorf("migrate the ledger: %w", err)
	}
	if err := checkVersion(conn, len(schema.Migrations)); err != nil {
		return err
	}
	if err := s.w.prepare(); err != nil {
		return err
	}
	return s.w.catchUp(s.now())
}

// checkVersion refuses the file of a later release: its tables may mean what this one doesn't know.
func checkVersion(conn *sqlite.Conn, known int) error {
	version := 0
	err := sqlitex.ExecuteTransient(conn, "PRAGMA user_version", &sqlitex.ExecOptions{
		ResultFunc: func(stmt *sqlite.Stmt) error { version = stmt.ColumnInt(0); return nil }})
	if err != nil {
		return fmt.Errorf("read the version of the ledger: %w", err)
	}
	if version > known {
		return fmt.Errorf("%w: its version is %d, and this program knows %d", ErrNewer, version,
			known)
	}
	return nil
}

// pragmas sets one after the other; some of them don't work inside a transaction.
func pragmas(conn *sqlite.Conn, settings ...string) error {
	for _, setting := range settings {
		if err := sqlitex.ExecuteTransient(conn, "PRAGMA "+setting, nil); err != nil {
			return fmt.Errorf("set %s: %w", setting, err)
		}
	}
	return nil
}

func migrations() (sqlitemigration.Schema, error) {
	schema := sqlitemigration.Schema{AppID: applicationID}
	names, err := fs.Glob(migrationFiles, "migrations/*.sql")
	if err != nil {
		return schema, err
	}
	for _, name := range names { // Glob sorts: the numbers in front give the order
		script, err := migrationFiles.ReadFile(name)
		if err != nil {
			return schema, err
		}
		schema.Migrations = append(schema.Migrations, string(script))
	}
	return schema, nil
}

func (s *Store) openReaders(path string) (err error) {
	s.pool, err = sqlitex.NewPool(path, sqlitex.PoolOptions{
		Flags:    sqlite.OpenReadWrite | sqlite.OpenWAL,
		PoolSize: readerConns,
		PrepareConn: func(c *sqlite.Conn) error {
			c.SetBusyTimeout(busyTimeout)
			return pragmas(c, "query_only=ON", fmt.Sprintf("cache_size=-%d", readerCacheKiB))
		},
	})
	if err != nil {
		return fmt.Errorf("open the ledger's readers: %w", err)
	}
	return nil
}

// Close ends all connections. It may be called twice.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	var errList []error
	if s.pool != nil {
		errList = append(errList, s.pool.Close())
	}
	if s.w != nil {
		errList = append(errList, s.w.conn.Close())
	}
	if s.lock != nil {
		errList = append(errList, s.lock.Close())
	}
	return errors.Join(errList...)
}

// now is the ledger's time in the precision in which it is stored.
func (s *Store) now() time.Time { return s.clock().UTC().Truncate(time.Millisecond) }

// read runs query on a reading connection, in one snapshot.
func (s *Store) read(ctx context.Context, query func(*sqlite.Conn) error) (err error) {
	conn, err := s.pool.Take(ctx)
	if err != nil {
		return fmt.Errorf("wait for a reader: %w", err)
	}
	defer s.pool.Put(conn)
	return query(conn)
}

// write runs change in one transaction of the writer. change must not commit by itself.
func (s *Store) write(change func(*writer) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.locked(change)
}

// locked is write for who holds s.mu.
func (s *Store) locked(change func(*writer) error) error {
	if s.closed || s.w == nil {
		return errClosed
	}
	return s.w.transact(func() error { return change(s.w) })
}

var errClosed = errors.New("the ledger is closed")
