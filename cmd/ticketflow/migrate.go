package main

import (
	"context"
	"fmt"
	"time"

	"ticketflow/internal/boot"
	"ticketflow/internal/config"
)

type migrateCommand struct {
	Up     migrateUpCommand     `cmd:"" help:"Bring the database's tables up to date."`
	Status migrateStatusCommand `cmd:"" help:"Show which migrations have been applied."`
}

type migrateUpCommand struct {
	config.Cluster
}

type migrateStatusCommand struct {
	config.Cluster
}

// Help implements kong.HelpProvider.
func (c *migrateCommand) Help() string {
	return `For PostgreSQL, whose address is read from TICKETFLOW_DATABASE_URL; the embedded ledger
brings its file up to date by itself. Migrations only add, so that servers of the release
before go on working meanwhile. Several may run at once: one does the work.

Examples:

    TICKETFLOW_DATABASE_URL=postgres://… ticketflow migrate up
    TICKETFLOW_DATABASE_URL=postgres://… ticketflow migrate status`
}

// Run applies what is missing.
func (c *migrateUpCommand) Run(ctx context.Context, std streams) error {
	applied, err := boot.Migrate(ctx, c.Cluster)
	if err != nil {
		return err
	}
	if len(applied) == 0 {
		fmt.Fprintln(std.out, "The tables are up to date.")
	}
	for _, version := range applied {
		fmt.Fprintf(std.out, "Applied migration %d.\n", version)
	}
	return nil
}

// Run lists the migrations.
func (c *migrateStatusCommand) Run(ctx context.Context, std streams) error {
	list, err := boot.MigrationStatus(ctx, c.Cluster)
	if err != nil {
		return err
	}
	for _, m := range list {
		state := "pending"
		if m.Applied {
			state = "applied " + m.AppliedAt.UTC().Format(time.RFC3339)
		}
		fmt.Fprintf(std.out, "%5d  %-30s  %s\n", m.Version, m.Name, state)
	}
	return nil
}
