package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"ticketflow/internal/boot"
	"ticketflow/internal/config"
)

type baselineCommand struct {
	Addr   string `help:"Address to listen on." default:"127.0.0.1:0"`
	Places int    `help:"Places on sale." default:"80000" placeholder:"N"`

	config.Cluster
}

// Run serves until the process is told to stop.
func (c *baselineCommand) Run(ctx context.Context, std streams) error {
	switch {
	case c.Places < 1:
		return errors.New("--places must be 1 or more")
	case c.DatabaseURL == "":
		return errNoBaseline
	}
	logger := newLogger(std.err, "text", slog.LevelWarn)
	return boot.StartBaseline(ctx, c.Cluster, c.Addr, c.Places, logger, func(url string) {
		fmt.Fprintf(std.out, "TicketFlow is ready at %s\n", url)
	})
}

// errNoBaseline says what the baseline is built on.
var errNoBaseline = errors.New("the baseline is a shop on PostgreSQL, with locks in Redis: " +
	"set TICKETFLOW_DATABASE_URL to a database for rehearsals, and TICKETFLOW_REDIS_URLS")
