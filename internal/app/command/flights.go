package command

import (
	"context"
	"sync"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/errs"
)

// flights keeps two requests with the same idempotency key from running side by side in this
// process: the second waits for the first, and is told the same. The ledger alone would already
// give both the same grant; but the second could be refused on the board's advice while the first
// is being committed, or be granted what was refused to the first, and a double click would be told
// yes and no.
type flights struct {
	mu   sync.Mutex
	busy map[booking.AnswerRef]*flight
}

// flight is a request under way.
type flight struct {
	request booking.Fingerprint
	ended   chan struct{} // made by the first who waits
	refused error         // set before ended is closed
}

// enter waits until nobody else is under way with the key. If it returns no error, the caller must
// leave. If the request that it has waited for was the same one and was refused, so is this one: a
// refusal isn't stored anywhere else.
func (f *flights) enter(
	ctx context.Context, ref booking.AnswerRef, request booking.Fingerprint,
) error {
	for {
		f.mu.Lock()
		before, ok := f.busy[ref]
		if !ok {
			if f.busy == nil {
				f.busy = make(map[booking.AnswerRef]*flight)
			}
			f.busy[ref] = &flight{request: request}
			f.mu.Unlock()
			return nil
		}
		if before.ended == nil {
			before.ended = make(chan struct{})
		}
		f.mu.Unlock()
		select {
		case <-before.ended:
			if before.refused != nil && before.request == request {
				return before.refused
			}
		case <-ctx.Done():
			return ErrUnknown
		}
	}
}

// leave ends a request with its failure, or nil.
func (f *flights) leave(ref booking.AnswerRef, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	fl := f.busy[ref]
	delete(f.busy, ref)
	if fl.ended == nil {
		return
	}
	switch errs.KindOf(err) {
	case errs.Conflict, errs.Gone, errs.NotFound, errs.Invalid, errs.Forbidden:
		fl.refused = err
	default: // granted, or a failure that may be over for the next one
	}
	close(fl.ended)
}
