package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/pprof"

	"ticketflow/internal/boot"
	"ticketflow/internal/config"
)

type serveCommand struct {
	config.Serve
	CPUProfile string `help:"Write a CPU profile of the whole run, for go tool pprof (default: none)." type:"path" placeholder:"FILE"`
}

// Run serves until the process is told to stop or the server fails.
func (c *serveCommand) Run(ctx context.Context, std streams) error {
	// A key from the environment, for containers and rehearsals; never a flag: others can read
	// those.
	c.APIKey = config.Secret(os.Getenv("TICKETFLOW_API_KEY"))
	c.SimpaySecret = config.Secret(os.Getenv("TICKETFLOW_SIMPAY_SECRET"))
	logger := newLogger(std.err, c.LogFormat, c.LogLevel)
	stop, err := c.profile()
	if err != nil {
		return err
	}
	defer stop()
	app, err := boot.Start(ctx, c.Serve, logger)
	if err != nil {
		return err
	}
	c.welcome(std.out, app)
	select {
	case err = <-app.Failed():
	case <-ctx.Done():
		logger.Info("stopping: finishing what was begun")
	}
	if closed := app.Close(); err == nil {
		err = closed
	}
	return err
}

// welcome says where to go and what to try.
func (c *serveCommand) welcome(w io.Writer, app *boot.App) {
	fmt.Fprintf(w, "TicketFlow is ready at %s\n\n", app.URL)
	fmt.Fprintf(w, "  Shop                   %s/\n", app.URL)
	if app.Mails != "" {
		fmt.Fprintf(w, "  Mails, kept here       %s\n", app.Mails)
	}
	fmt.Fprintf(w, "  API, to read and try   %s/swagger\n", app.URL)
	fmt.Fprintf(w, "  Events                 %s/v1/events\n", app.URL)
	fmt.Fprintf(w, "  Health, metrics        %s/readyz  %s/metrics\n", app.URL, app.URL)
	if app.APIKey != "" {
		fmt.Fprintf(w, "\nThe organisers' API key, shown this once:\n\n  %s\n", app.APIKey)
	}
	if c.Demo {
		fmt.Fprintf(w, `
Hold the two best places of the theatre:

  curl -X POST %s/v1/events/evt_1/holds \
    -H 'Idempotency-Key: my-very-first-hold' -H 'Content-Type: application/json' \
    -d '{"best":{"count":2}}'
`, app.URL)
	}
	fmt.Fprintln(w)
}

// profile starts the CPU profile that was asked for, and returns what ends it.
func (c *serveCommand) profile() (stop func(), err error) {
	if c.CPUProfile == "" {
		return func() {}, nil
	}
	f, err := os.Create(c.CPUProfile)
	if err != nil {
		return nil, fmt.Errorf("--cpu-profile: %w", err)
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(fmt.Errorf("--cpu-profile: %w", err), f.Close())
	}
	return func() {
		pprof.StopCPUProfile()
		_ = f.Close() // a profile that was cut off can't be read, and says so
	}, nil
}
