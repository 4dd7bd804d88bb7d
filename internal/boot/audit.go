package boot

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"ticketflow/internal/app/audit"
	"ticketflow/internal/outbound/sqlite"
)

// Audit checks the invariants of the ledger in a data folder, beside a server that runs on it or
// while none does. Nothing is written.
func Audit(
	ctx context.Context, dir string, opt audit.Options,
) (report audit.Report, err error) {
	store, err := sqlite.Open(ctx, dir, sqlite.Options{Clock: time.Now, Shared: true})
	if errors.Is(err, fs.ErrNotExist) {
		return report, fmt.Errorf("name the server's folder with --data: %w", err)
	}
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	return audit.Run(ctx, store, opt)
}
