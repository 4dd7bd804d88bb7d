// Command withservers runs another command with real servers for its tests:
//
//	withservers go test ./...
//
// For PostgreSQL, Redis and RabbitMQ each it takes the first of these that works: the address in
// the environment, a container (where Docker is there), a server that is installed, one that it
// installs with apt-get (as root on Debian or Ubuntu). It starts private ones on free loopback
// ports, tells their addresses to the command in TICKETFLOW_TEST_DATABASE_URL, _REDIS_URL,
// _AMQP_URL and _AMQP_ADMIN_URL, sets TICKETFLOW_TEST_REQUIRED=1, and afterwards ends what it
// started and nothing else. Chromium it finds or installs likewise, and names its program in
// TICKETFLOW_TEST_CHROMIUM; the tests start it. Files of tests and servers it puts into memory
// where there is plenty, unless TMPDIR says otherwise: who measures how fast a ledger is must name
// a folder on a disk. Its exit status is the command's. What it does is told on standard error.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"ticketflow/internal/testservers/engines"
)

const (
	statusFailed = 1
	statusUsage  = 2
	killedBase   = 128              // a shell's status of a command that a signal has ended
	graceLimit   = 15 * time.Second // for the command to end after a signal
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(),
		os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	status := run(ctx, os.Args[1:], os.Stderr)
	stop()
	os.Exit(status)
}

func run(ctx context.Context, args []string, log io.Writer) int {
	if len(args) == 0 {
		fmt.Fprintln(log, "usage: withservers COMMAND [ARGUMENT ...]")
		return statusUsage
	}
	f := &finder{
		log: log, docker: "docker", apt: "apt-get", root: os.Geteuid() == 0, system: "/",
	}
	forget, err := f.inMemory()
	if err != nil {
		f.say("files of tests aren't kept in memory: %v", err)
	}
	servers, err := f.all(ctx)
	defer func() {
		for _, s := range servers {
			if err := s.end(); err != nil {
				fmt.Fprintf(log, "withservers: end %s: %v\n", s.name, err)
			}
		}
		if err := forget(); err != nil {
			f.say("%v", err)
		}
	}()
	if err != nil {
		fmt.Fprintln(log, "withservers:", err)
		return statusFailed
	}
	browser, err := f.chromium(ctx)
	if err != nil {
		fmt.Fprintln(log, "withservers:", err)
		return statusFailed
	}
	environment := append(os.Environ(), "TICKETFLOW_TEST_REQUIRED=1",
		engines.ChromiumVariable+"="+browser)
	for _, s := range servers {
		environment = append(environment, s.environment...)
	}
	if nginx := f.nginx(ctx); nginx != "" {
		environment = append(environment, "TICKETFLOW_TEST_NGINX="+nginx)
	}
	return runCommand(ctx, args, environment, log)
}

// runCommand runs the command in a process group of its own, so that a signal to us reaches all of
// it once, and gives its status as a shell would.
func runCommand(ctx context.Context, args, environment []string, log io.Writer) int {
	//nolint:gosec // running what it is told to is its purpose
	command := exec.CommandContext(ctx, args[0], args[1:]...)
	command.Env = environment
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	command.SysProcAttr = ownGroup()
	command.Cancel = func() error { return signalGroup(command.Process, syscall.SIGTERM) }
	command.WaitDelay = graceLimit
	err := command.Run()
	if command.Process != nil && ctx.Err() != nil {
		// Who has not heeded the first signal.
		if err := signalGroup(command.Process, syscall.SIGKILL); err != nil {
			fmt.Fprintln(log, "withservers:", err)
		}
	}
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit) && exit.ExitCode() >= 0:
		return exit.ExitCode()
	case errors.As(err, &exit):
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
			return killedBase + int(status.Signal())
		}
	}
	fmt.Fprintln(log, "withservers:", err)
	return statusFailed
}
