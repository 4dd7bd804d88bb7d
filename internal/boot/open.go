package boot

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"syscall"
	"time"

	"ticketflow/internal/outbound/sqlite"
)

// openStore opens the ledger of a data folder. Its failures tell the operator what to do.
func openStore(
	ctx context.Context, dir string, clock func() time.Time,
) (*sqlite.Store, error) {
	store, err := sqlite.Open(ctx, dir, sqlite.Options{Clock: clock})
	if errors.Is(err, sqlite.ErrLocked) {
		if whole, notFound := filepath.Abs(dir); notFound == nil {
			dir = whole
		}
		return nil, fmt.Errorf(
			"%w: stop it, or give this one a folder of its own with --data (this is %s)", err, dir)
	}
	return store, err
}

// listen opens the server's port. Its failures tell the operator what to do.
func listen(ctx context.Context, addr string) (net.Listener, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("another program listens on %s: stop it, or choose another port "+
			"with --addr: %w", addr, err)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("the system doesn't let this user listen on %s: choose a port "+
			"above 1023 with --addr: %w", addr, err)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return nil, fmt.Errorf("%s is no address of this machine: choose one with --addr, "+
			"0.0.0.0 is all of them: %w", addr, err)
	case err != nil:
		return nil, fmt.Errorf("listen on %s (--addr): %w", addr, err)
	}
	return listener, nil
}
