//go:build unix

package sqlite

import (
	"fmt"
	"os"
	"syscall"
)

const lockMode = 0o600

// lockFile keeps a second server out of the folder. The kernel gives the lock back when the process
// ends, however it ends.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, lockMode)
	if err != nil {
		return nil, fmt.Errorf("open the lock file: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		return nil, ErrLocked
	}
	return f, nil
}
