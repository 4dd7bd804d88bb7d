//go:build !unix

package sqlite

import (
	"fmt"
	"os"
)

const lockMode = 0o600

// lockFile opens the lock file; on this system SQLite's own locks keep two writers apart.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, lockMode)
	if err != nil {
		return nil, fmt.Errorf("open the lock file: %w", err)
	}
	return f, nil
}
