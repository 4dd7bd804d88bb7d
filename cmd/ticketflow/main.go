// Command ticketflow is a ticket box office in one binary: `ticketflow serve --demo` starts it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // venues' time zones, also where the system has none

	"github.com/alecthomas/kong"
)

// cli is every subcommand with its flags.
type cli struct {
	Serve          serveCommand       `cmd:"" help:"Run the box office."`
	Flashsale      flashsaleCommand   `cmd:"" help:"Rehearse a rush and audit what it left behind."`
	Audit          auditCommand       `cmd:"" help:"Check the ledger: nothing sold twice, nothing lost."`
	Health         healthCommand      `cmd:"" help:"Ask a running server whether it takes requests."`
	Payments       paymentsCommand    `cmd:"" help:"Compare, inspect and repair payments."`
	Statement      statementCommand   `cmd:"" help:"Print what an event has earned."`
	RefundEvent    refundEventCommand `cmd:"" help:"Refund the orders of a cancelled event."`
	Migrate        migrateCommand     `cmd:"" help:"Bring the tables of PostgreSQL up to date."`
	Simpay         simpayCommand      `cmd:"" help:"Run the payment simulator in a process of its own."`
	Nullserver     nullCommand        `cmd:"" hidden:"" help:"Answer like the box office and store nothing."`
	Baselineserver baselineCommand    `cmd:"" hidden:"" help:"Sell as a conventional box office does."`
	Version        versionCommand     `cmd:"" help:"Print the version."`

	Config kong.ConfigFlag `help:"Configuration file (JSON): names of flags and their values." type:"existingfile" placeholder:"FILE"`
}

// streams are where a command writes to.
type streams struct {
	out, err io.Writer
}

// errBroken ends a command with status 1 after it has said everything itself.
var errBroken = errors.New("")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ctx, untie := tied(ctx, os.Stdin)
	err := run(ctx, os.Args[1:], streams{os.Stdout, os.Stderr})
	untie()
	stop()
	if err == nil {
		return
	}
	if !errors.Is(err, errBroken) {
		fmt.Fprintln(os.Stderr, "ticketflow:", err)
	}
	os.Exit(1)
}

// run is the program without its process.
func run(ctx context.Context, args []string, std streams) error {
	var c cli
	ended := -1
	parser, err := kong.New(&c,
		kong.Name("ticketflow"),
		kong.Description("A ticket box office that does not break on the day of the rush. "+
			"To look around: ticketflow serve --demo"),
		kong.ValueFormatter(explain),
		kong.Configuration(strictJSON),
		kong.Writers(std.out, std.err),
		kong.Exit(func(status int) { ended = status }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(std),
	)
	if err != nil {
		return err
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(args)
	if ended == 0 { // help was asked for and printed
		return nil
	}
	if err != nil {
		return fmt.Errorf("%w (see `ticketflow --help`)", err)
	}
	for _, part := range command.Path {
		if part.Flag != nil && !part.Resolved && part.Flag.Tag.Has("secret") {
			return fmt.Errorf("--%s may hold a password, and others can read flags: set %s instead",
				part.Flag.Name, part.Flag.Tag.Envs[0])
		}
	}
	return command.Run()
}

// newLogger writes structured logs to standard error.
func newLogger(w io.Writer, format string, level slog.Level) *slog.Logger {
	options := &slog.HandlerOptions{Level: level}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
