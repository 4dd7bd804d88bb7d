package policy_test

import (
	"bytes"
	"context"
	"errors"
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
	err                             error
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
	return make([]booking.Payment, min(h.doubtful, limit)), nil
}

func (h *heap) OpenRefunds(
	_ context.Context, state booking.RefundState, before time.Time, limit int,
) ([]booking.Refund, error) {
	switch {
	case state == booking.RefundFailed && before.After(h.now()):
		return make([]booking.Refund, min(h.failed, limit)), nil
	case state == booking.RefundRequested && h.now().Sub(before) == policy.LongRefund:
		return make([]booking.Refund, min(h.waiting, limit)), nil
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
