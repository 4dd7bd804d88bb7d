//go:build unix

package testservers

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"syscall"
)

const lockMode = 0o666 // tests of several users of the machine may share a server

var turns = struct {
	sync.Mutex

	file    *os.File
	holders int
}{}

// turn waits until no other process uses the server of that address, and keeps the others waiting
// until all who took a turn in this process have released it. The lock is a file's, so it goes
// with the process.
func turn(address string) (release func(), err error) {
	turns.Lock()
	defer turns.Unlock()
	if turns.holders == 0 {
		if turns.file, err = lockFor(address); err != nil {
			return nil, err
		}
	}
	turns.holders++
	return func() {
		turns.Lock()
		defer turns.Unlock()
		if turns.holders--; turns.holders == 0 {
			turns.file.Close()
		}
	}, nil
}

func lockFor(address string) (*os.File, error) {
	sum := sha256.Sum256([]byte(address))
	name := "ticketflow-test-" + hex.EncodeToString(sum[:8]) + ".lock"
	file, err := os.OpenFile(filepath.Join(os.TempDir(), name), os.O_CREATE|os.O_RDWR, lockMode)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}
