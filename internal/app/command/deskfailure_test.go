package command_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"

	"ticketflow/internal/app/command"
	"ticketflow/internal/domain/booking"
)

// failing is a ledger that fails where it is told to. before is asked ahead of each transaction,
// and after behind one that was committed; a nil failure lets it be.
type failing struct {
	command.Ledger
	before, after func(keys *booking.Keys) error
}

func (f *failing) Update(
	ctx context.Context, keys *booking.Keys, decide func(*booking.Book) error,
) error {
	if f.before != nil {
		if err := f.before(keys); err != nil {
			return err
		}
	}
	err := f.Ledger.Update(ctx, keys, decide)
	if err == nil && f.after != nil {
		return f.after(keys)
	}
	return err
}

// failBefore and failAfter wrap a ledger in one that fails before or behind its transactions.
func failBefore(fail func(*booking.Keys) error) func(command.Ledger) command.Ledger {
	return func(l command.Ledger) command.Ledger { return &failing{Ledger: l, before: fail} }
}

func failAfter(fail func(*booking.Keys) error) func(command.Ledger) command.Ledger {
	return func(l command.Ledger) command.Ledger { return &failing{Ledger: l, after: fail} }
}

func TestBusyIsTriedAgain(t *testing.T) {
	var left atomic.Int64
	h := open(t, failBefore(func(*booking.Keys) error {
		if left.Add(-1) >= 0 {
			return command.ErrBusy
		}
		return nil
	}))
	stats := h.desk.Stats()
	left.Store(updateTries - 1)
	if _, err := h.hold(t.Context(), 1); err != nil {
		t.Errorf("with %d busy tries: %v", updateTries-1, err)
	}
	if got := stats.Retries.Load(); got != updateTries-1 {
		t.Errorf("%d retries, want %d", got, updateTries-1)
	}
	left.Store(1_000)
	if _, err := h.hold(t.Context(), 2); !errors.Is(err, command.ErrOverloaded) {
		t.Errorf("with a ledger that stays busy: %v", err)
	}
	if got := left.Load(); got != 1_000-updateTries {
		t.Errorf("%d tries, want %d", 1_000-got, updateTries)
	}
	left.Store(0)
	if got := h.held(); got != 1 {
		t.Errorf("%d places are held, want 1", got)
	}
	if _, err := h.hold(t.Context(), 2); err != nil {
		t.Errorf("once more: %v", err)
	}
}

func TestConflictIsSplit(t *testing.T) {
	const n, depth = 64, 6
	poisoned := booking.PlaceRef{Place: 40}
	h, g, all := busy(t, failBefore(func(keys *booking.Keys) error {
		if slices.ContainsFunc(keys.Places, func(ref booking.PlaceRef) bool {
			return ref.Place == poisoned.Place
		}) {
			return command.ErrConflict
		}
		return nil
	}))
	failures := h.queue(all, n)
	end := g.letGo()
	defer end()
	all.Wait()
	for i, err := range failures {
		switch bad := i+1 == int(poisoned.Place); {
		case bad && !errors.Is(err, command.ErrConflict):
			t.Errorf("the poisoned command: %v", err)
		case !bad && err != nil:
			t.Errorf("command %d: %v", i, err)
		}
	}
	if got := h.desk.Stats().Splits.Load(); got != depth {
		t.Errorf("%d splits for 1 bad command of %d, want %d", got, n, depth)
	}
	if got := h.held(); got != n {
		t.Errorf("%d places are held, want %d", got, n)
	}
}

var errOnPurpose = errors.New("failed on purpose")

func TestFailureReachesAll(t *testing.T) {
	const n = 10
	var broken atomic.Bool
	h, g, all := busy(t, failBefore(func(*booking.Keys) error {
		if broken.Load() {
			return errOnPurpose
		}
		return nil
	}))
	failures := h.queue(all, n)
	g.goOn <- struct{}{} // the first command
	<-g.entered
	broken.Store(true)
	end := g.letGo()
	defer end()
	all.Wait()
	for i, err := range failures {
		if !errors.Is(err, errOnPurpose) {
			t.Errorf("command %d: %v", i, err)
		}
	}
	if got := h.held(); got != 1 {
		t.Errorf("%d places are held, want 1", got)
	}
	broken.Store(false)
	if _, err := h.hold(t.Context(), 1); err != nil {
		t.Errorf("after the failure: %v", err)
	}
}

// TestUnknownCommit loses the answer of a commit, or the commit itself: nobody of the batch is told
// yes or no, and the same key finds out.
func TestUnknownCommit(t *testing.T) {
	const n = 10
	for name, wrap := range map[string]func(func(*booking.Keys) error) func(
		command.Ledger) command.Ledger{
		"that has happened": failAfter, "that hasn't": failBefore,
	} {
		t.Run(name, func(t *testing.T) {
			var broken atomic.Bool
			h, g, all := busy(t, wrap(func(*booking.Keys) error {
				if broken.Load() {
					return command.ErrUnknown
				}
				return nil
			}))
			failures := h.queue(all, n)
			g.goOn <- struct{}{} // the first command
			<-g.entered
			broken.Store(true)
			end := g.letGo()
			defer end()
			all.Wait()
			broken.Store(false)
			for i, err := range failures {
				if !errors.Is(err, command.ErrUnknown) {
					t.Errorf("command %d: %v", i, err)
				}
			}
			stats := h.desk.Stats()
			if u, r := stats.Unknown.Load(), stats.Retries.Load(); u != 1 || r != 0 {
				t.Errorf("%d unknown batches and %d retries, want 1 and none", u, r)
			}
			want := 1
			if name == "that has happened" {
				want += n
			}
			if got := h.held(); got != want {
				t.Errorf("%d places are held, want %d", got, want)
			}
			for i := range n {
				first, err := h.hold(t.Context(), i+1)
				again, errAgain := h.hold(t.Context(), i+1)
				if err != nil || errAgain != nil || first.Hold.ID != again.Hold.ID {
					t.Errorf("key %d: %v, %v and %v, %v", i, first.Hold.ID, err, again.Hold.ID,
						errAgain)
				}
			}
			if got := h.held(); got != n+1 {
				t.Errorf("%d places are held, want %d", got, n+1)
			}
		})
	}
}

// TestCommitOutlivesRequest shows that the ledger is given a context that nobody can end.
func TestCommitOutlivesRequest(t *testing.T) {
	var ended atomic.Bool
	watch := &watching{ended: &ended}
	h := open(t, func(l command.Ledger) command.Ledger {
		watch.Ledger = l
		return watch
	})
	ctx, cancel := context.WithCancel(t.Context())
	watch.cancel = cancel
	_, err := h.hold(ctx, 1)
	if err != nil && !errors.Is(err, command.ErrUnknown) {
		t.Errorf("a request that ended during its commit: %v", err)
	}
	h.desk.Close()
	if ended.Load() || h.held() != 1 {
		t.Errorf("the commit ended with its request: %v, %d places", ended.Load(), h.held())
	}
	if _, err := h.hold(ctx, 2); err == nil {
		t.Error("a request that had ended was taken on")
	}
}

type watching struct {
	command.Ledger
	cancel context.CancelFunc
	ended  *atomic.Bool
}

func (w *watching) Update(
	ctx context.Context, keys *booking.Keys, decide func(*booking.Book) error,
) error {
	w.cancel()
	if ctx.Err() != nil || ctx.Done() != nil {
		w.ended.Store(true)
	}
	return w.Ledger.Update(ctx, keys, decide)
}
