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
	return `Takes no real money, and starts with --demo only. A server has a simulator of its own;
several instances need one that they share. Both sides read TICKETFLOW_SIMPAY_SECRET, 20 characters
or more. The knobs are turned at /simpay/knobs while it runs.

Examples:

    ticketflow simpay --demo --office-url http://127.0.0.1:8080
    ticketflow simpay --demo --knobs webhook_lost=0.1,fail_after=0.05 --seed 7`
}

// Run serves until the process is told to stop.
func (c *simpayCommand) Run(ctx context.Context, std streams) error {
	c.Secret = config.Secret(os.Getenv("TICKETFLOW_SIMPAY_SECRET"))
	logger := newLogger(std.err, "text", 0)
	return boot.StartSimpay(ctx, c.Simpay, logger, func(url string) {
		fmt.Fprintf(std.out, "The payment simulator is ready at %s\n", url)
	})
}
