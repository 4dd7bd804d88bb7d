package boot

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"ticketflow/internal/app/audit"
	"ticketflow/internal/config"
)

// Audit checks the invariants of the ledger, that of a data folder or the configured database,
// beside a server that runs on it or while none does. Nothing is written.
func Audit(
	ctx context.Context, dir string, c config.Cluster, opt audit.Options,
) (report audit.Report, err error) {
	if err := c.Check(); err != nil {
		return report, err
	}
	store, closer, err := openToRead(ctx, dir, c)
	if errors.Is(err, fs.ErrNotExist) {
		return report, fmt.Errorf("name the server's folder with --data: %w", err)
	}
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, closer.Close()) }()
	return audit.Run(ctx, store, opt)
}
