package main

import (
	"context"
	"fmt"
	"log/slog"

	"ticketflow/internal/boot"
)

type nullCommand struct {
	Addr string `help:"Address to listen on." default:"127.0.0.1:0"`
}

// Run serves until the process is told to stop.
func (c *nullCommand) Run(ctx context.Context, std streams) error {
	logger := newLogger(std.err, "text", slog.LevelWarn)
	return boot.StartNull(ctx, c.Addr, logger, func(url string) {
		fmt.Fprintf(std.out, "TicketFlow is ready at %s\n", url)
	})
}
