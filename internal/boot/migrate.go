package boot

import (
	"context"
	"errors"

	"ticketflow/internal/config"
	"ticketflow/internal/outbound/postgres"
)

// errNoDatabase says that there is nothing to migrate.
var errNoDatabase = errors.New("set TICKETFLOW_DATABASE_URL to the database's address: " +
	"the embedded ledger needs no migrations, it brings its file up to date by itself")

// Migration is one step of the database's tables.
type Migration = postgres.Migration

// Migrate brings the configured database up to date and returns the versions that were applied.
func Migrate(ctx context.Context, c config.Cluster) ([]int64, error) {
	if err := checkDatabase(c); err != nil {
		return nil, err
	}
	return postgres.Migrate(ctx, string(c.DatabaseURL))
}

// MigrationStatus lists the migrations that this program knows, the oldest first.
func MigrationStatus(ctx context.Context, c config.Cluster) ([]Migration, error) {
	if err := checkDatabase(c); err != nil {
		return nil, err
	}
	return postgres.Status(ctx, string(c.DatabaseURL))
}

func checkDatabase(c config.Cluster) error {
	if c.DatabaseURL == "" {
		return errNoDatabase
	}
	return c.Check()
}
