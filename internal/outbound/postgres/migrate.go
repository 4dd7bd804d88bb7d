package postgres

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// Limits of migrations.
const (
	migrateStatementTimeout = 10 * time.Minute // an index over a full table takes its time
	migrateLockSeconds      = 1                // between two attempts to be the one that migrates
	migrateLockAttempts     = 300
)

// Migration is one step of the tables and whether it has been made.
type Migration struct {
	Version   int64
	Name      string
	Applied   bool
	AppliedAt time.Time // zero if it isn't
}

// Migrate brings a database's tables up to date and returns the versions that were applied. Several
// instances may call it at once: one migrates, the others wait.
func Migrate(ctx context.Context, url string) (versions []int64, err error) {
	err = withProvider(url, func(p *goose.Provider) error {
		results, err := p.Up(ctx)
		for _, r := range results {
			versions = append(versions, r.Source.Version)
		}
		return err
	})
	if err != nil {
		return versions, fmt.Errorf("migrate the database: %w", err)
	}
	return versions, nil
}

// Status lists the migrations that this program knows, the oldest first.
func Status(ctx context.Context, url string) (list []Migration, err error) {
	err = withProvider(url, func(p *goose.Provider) error {
		all, err := p.Status(ctx)
		for _, m := range all {
			list = append(list, Migration{Version: m.Source.Version, Name: m.Source.Path,
				Applied: m.State == goose.StateApplied, AppliedAt: m.AppliedAt})
		}
		return err
	})
	if err != nil {
		return list, fmt.Errorf("look at the database's migrations: %w", err)
	}
	return list, nil
}

func withProvider(url string, use func(*goose.Provider) error) error {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return fmt.Errorf("read the database's URL: %w", err)
	}
	config.ConnectTimeout = connectLimit
	config.RuntimeParams["application_name"] = "ticketflow migrate"
	// Who can't have a table at once gives way to the sales, which would queue up behind.
	config.RuntimeParams["lock_timeout"] = inMillis(lockTimeout)
	config.RuntimeParams["statement_timeout"] = inMillis(migrateStatementTimeout)
	db := stdlib.OpenDB(*config)
	provider, err := newProvider(db)
	if err == nil {
		err = use(provider)
	}
	return errors.Join(err, db.Close())
}

func newProvider(db *sql.DB) (*goose.Provider, error) {
	locker, err := lock.NewPostgresSessionLocker(
		lock.WithLockTimeout(migrateLockSeconds, migrateLockAttempts))
	if err != nil {
		return nil, err
	}
	files, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectPostgres, db, files,
		goose.WithSessionLocker(locker), goose.WithDisableGlobalRegistry(true))
}

// newestMigration is the version of the last migration that this program knows.
func newestMigration() (int64, error) {
	names, err := fs.Glob(migrationFiles, "migrations/*.sql")
	if err != nil || len(names) == 0 {
		return 0, errors.Join(errNoMigrations, err)
	}
	return goose.NumericComponent(names[len(names)-1]) // Glob sorts
}

var errNoMigrations = errors.New("the program carries no migrations")
