package command

import (
	"context"
	"sync"
	"time"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/errs"
	"ticketflow/internal/domain/recall"
)

// refusalKept is how long a refusal is repeated: the two clicks of a double click may be seconds
// apart when they arrive at a server that is overrun.
const refusalKept = 5 * time.Second

// flights keeps two requests with the same idempotency key from running side by side in this
// process: the second waits for the first, and is told the same. The ledger alone would already
// give both the same grant; but the second could be refused on the board's advice while the first
// is being committed, or be granted what was refused to the first, and a double click would be told
// yes and no. For the same reason a refusal is repeated for a moment.
type flights struct {
	clock func() time.Time

	mu      sync.Mutex
	busy    map[booking.AnswerRef]*flight
	refused recall.Generations[booking.AnswerRef, refusal]
}

type refusal struct {
	request booking.Fingerprint
	err     error
	at      time.Time
}

// flight is a request under way.
type flight struct {
	request booking.Fingerprint
	ended   chan struct{} // made by the first who waits
}

// enter waits until nobody else is under way with the key. If it returns no error, the caller must
// leave. If the same request was refused a moment ago, so is this one: a refusal isn't stored
// anywhere else.
func (f *flights) enter(
	ctx context.Context, ref booking.AnswerRef, request booking.Fingerprint,
) error {
	for {
		f.mu.Lock()
		before, ok := f.busy[ref]
		if !ok {
			no, found := f.refused.Get(ref)
			if found && no.request == request && f.clock().Sub(no.at) < refusalKept {
				f.mu.Unlock()
				return no.err
			}
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
	if err != nil && errs.KindOf(err) == errs.Conflict {
		f.refused.Put(ref, refusal{fl.request, err, f.clock()})
	}
	if fl.ended != nil {
		close(fl.ended)
	}
}
