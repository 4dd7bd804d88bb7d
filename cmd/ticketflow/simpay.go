package main

import (
	"context"
	"fmt"
	"os"

	"ticketflow/internal/boot"
	"ticketflow/internal/config"
)

type simpayCommand struct {
	config.Simpay
}

// Help implements kong.HelpProvider.
func (c *simpayCommand) Help() string {
	return `Takes no real money. A server has a simulator of its own; several instances need one
that they share. Both sides read TICKETFLOW_SIMPAY_SECRET, 20 characters or more.

Examples:

    ticketflow simpay --addr 127.0.0.1:8081 --office-url http://127.0.0.1:8080
    ticketflow serve --simpay-url http://127.0.0.1:8081`
}

// Run serves until the process is told to stop.
func (c *simpayCommand) Run(ctx context.Context, std streams) error {
	c.Secret = config.Secret(os.Getenv("TICKETFLOW_SIMPAY_SECRET"))
	logger := newLogger(std.err, "text", 0)
	return boot.StartSimpay(ctx, c.Simpay, logger, func(url string) {
		fmt.Fprintf(std.out, "The payment simulator is ready at %s\n", url)
	})
}
