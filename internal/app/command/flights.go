package command

import (
	"context"
	"sync"

	"ticketflow/internal/domain/booking"
)

// flights keeps two requests with the same idempotency key from running side by side in this
// process: the second waits for the first, and then finds its answer. The ledger alone would
// already give both the same grant; but the second could be refused on the board's advice while
// the first is being committed, and a double click would be told yes and no.
type flights struct {
	mu   sync.Mutex
	busy map[booking.AnswerRef]chan struct{} // closed when the request has ended
}

// enter waits until nobody else is under way with the key. The caller must leave.
func (f *flights) enter(ctx context.Context, ref booking.AnswerRef) error {
	for {
		f.mu.Lock()
		before, ok := f.busy[ref]
		if !ok {
			if f.busy == nil {
				f.busy = make(map[booking.AnswerRef]chan struct{})
			}
			f.busy[ref] = nil // a channel is made by the first who waits
			f.mu.Unlock()
			return nil
		}
		if before == nil {
			before = make(chan struct{})
			f.busy[ref] = before
		}
		f.mu.Unlock()
		select {
		case <-before:
		case <-ctx.Done():
			return ErrUnknown
		}
	}
}

func (f *flights) leave(ref booking.AnswerRef) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if waiting := f.busy[ref]; waiting != nil {
		close(waiting)
	}
	delete(f.busy, ref)
}
