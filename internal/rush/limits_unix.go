//go:build unix

package rush

import (
	"fmt"
	"syscall"
	"time"
)

// RaiseFileLimit lifts the soft limit of open files to at least n, as far as the hard one allows.
// Who is what there should be fewer of if it can't be done: "buyers".
func RaiseFileLimit(n int, who string) error {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("reading the limit of open files: %w", err)
	}
	//nolint:unconvert // the fields are signed on some systems
	if uint64(limit.Cur) >= uint64(n) {
		return nil
	}
	//nolint:unconvert // as above
	if uint64(limit.Max) < uint64(n) {
		return fmt.Errorf("%w: %d of %d; raise it with ulimit -Hn, or take fewer %s",
			errFewFiles, limit.Max, n, who)
	}
	limit.Cur = limit.Max
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("raising the limit of open files: %w", err)
	}
	return nil
}

// CPUTime is how much processor time this process has used.
func CPUTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
