package policy_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ticketflow/internal/app/policy"
	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
)

// heap is open money of a test's making.
type heap struct {
	query.OpenMoney

	mu                              sync.Mutex // of all that the test changes or reads
	kept, doubtful, failed, waiting int
	reads                           int
	err                             error // of reading messages
	broken                          error // of reading anything else
	now                             func() time.Time
}

func (h *heap) KeptNotices(
	_ context.Context, since time.Time, limit int,
) ([]query.KeptNotice, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.reads++
	if !since.IsZero() {
		return nil, nil // not all of them
	}
	return make([]query.KeptNotice, min(h.kept, limit)), h.err
}

func (h *heap) DoubtfulPayments(_ context.Context, limit int) ([]booking.Payment, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return make([]booking.Payment, min(h.doubtful, limit)), h.fails("payments")
}

func (h *heap) fails(what string) error {
	if h.broken == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, h.broken)
}

func (h *heap) OpenRefunds(
	_ context.Context, state booking.RefundState, before time.Time, limit int,
) ([]booking.Refund, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case state == booking.RefundFailed && before.After(h.now()):
		return make([]booking.Refund, min(h.failed, limit)), h.fails("failed")
	case state == booking.RefundRequested && h.now().Sub(before) == policy.LongRefund:
		return make([]booking.Refund, min(h.waiting, limit)), h.fails("waiting")
	}
	return nil, nil
}

// TestBacklogIsCountedNowAndThen, and keeps its last word when it can't be read.
func TestBacklogIsCountedNowAndThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		h := &heap{kept: 1, doubtful: 2, failed: 3, waiting: 1_000, now: time.Now}
		b := policy.NewBacklog(h, time.Now, slog.New(slog.NewTextHandler(&log, nil)))
		ctx, stop := context.WithCancel(t.Context())
		go b.Run(ctx)
		synctest.Wait()
		if b.Kept() != 1 || b.Doubtful() != 2 || b.Failed() != 3 || b.Waiting() != 200 {
			t.Errorf("counted %d %d %d %d", b.Kept(), b.Doubtful(), b.Failed(), b.Waiting())
		}
		h.mu.Lock()
		h.kept, h.doubtful, h.err = 0, 0, errors.New("the ledger is away")
		h.mu.Unlock()
		time.Sleep(time.Minute)
		synctest.Wait()
		h.mu.Lock()
		reads := h.reads
		h.mu.Unlock()
		if b.Kept() != 1 || b.Doubtful() != 0 || reads != 7 {
			t.Errorf("a minute later: %d %d, after %d reads", b.Kept(), b.Doubtful(), reads)
		}
		if !strings.Contains(log.String(), "the ledger is away") {
			t.Errorf("the log says %q", log.String())
		}
		stop()
		synctest.Wait()
	})
}

// TestABacklogThatCannotBeRead stays what it was, and each failure is told; at the end none is.
func TestABacklogThatCannotBeRead(t *testing.T) {
	var log bytes.Buffer
	h := &heap{kept: 1, doubtful: 2, failed: 3, waiting: 4}
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	h.now = func() time.Time { return now }
	b := policy.NewBacklog(h, h.now, slog.New(slog.NewTextHandler(&log, nil)))
	if err := b.Count(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.kept, h.doubtful, h.failed, h.waiting = 0, 0, 0, 0
	h.broken = errors.New("the ledger is away")
	h.err = h.fails("messages")
	err := b.Count(t.Context())
	if b.Kept() != 1 || b.Doubtful() != 2 || b.Failed() != 3 || b.Waiting() != 4 {
		t.Errorf("counted %d %d %d %d", b.Kept(), b.Doubtful(), b.Failed(), b.Waiting())
	}
	for _, what := range []string{"messages", "payments", "failed", "waiting"} {
		if err == nil || !strings.Contains(err.Error(), what+": the ledger is away") {
			t.Errorf("nothing is said of %s: %v", what, err)
		}
	}
	ended, stop := context.WithCancel(t.Context())
	stop()
	if b.Run(ended); log.Len() > 0 {
		t.Errorf("at the end the log says %s", log.String())
	}
}
