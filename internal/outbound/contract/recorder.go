package contract

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
)

// recorder is the T of a negative control.
type recorder struct {
	ctx context.Context //nolint:containedctx // it is what Context returns

	mu       sync.Mutex
	failures []string
	cleanups []func()
}

var _ T = (*recorder)(nil)

// Helper does nothing: nobody looks for lines.
func (r *recorder) Helper() {}

// Errorf writes a failure down.
func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

// Fatalf writes a failure down and ends the case.
func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}

// Cleanup keeps undo for the end of the case.
func (r *recorder) Cleanup(undo func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cleanups = append(r.cleanups, undo)
}

// Context ends before the cleanup begins.
func (r *recorder) Context() context.Context { return r.ctx }

func (r *recorder) undo() {
	for _, undo := range slices.Backward(r.cleanups) {
		undo()
	}
}
