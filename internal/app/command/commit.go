package command

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

// run commits a batch and answers its commands. A batch that the ledger refuses, or in which a
// command panics, is cut in two, so that one bad command never fails its neighbours.
func (d *Desk) run(batch []*job, keys *booking.Keys) {
	err := d.commit(batch, keys)
	if len(batch) > 1 && divisible(err) {
		d.stats.Splits.Add(1)
		half := len(batch) / 2
		d.run(batch[:half], keys)
		d.run(batch[half:], keys)
		return
	}
	if err != nil {
		err = d.failed(batch, err)
	}
	for _, j := range batch {
		if err != nil { // even a no may have followed from a neighbour's yes that is undone now
			j.err = err
		}
		close(j.done)
	}
}

// divisible tells whether a batch has certainly come to nothing because of one of its commands.
func divisible(err error) bool {
	return err != nil && !errors.Is(err, ErrUnknown) &&
		(errors.Is(err, ErrConflict) || errors.Is(err, errPanic))
}

// failed is what the commands of a batch are told that came to nothing, or may have.
func (d *Desk) failed(batch []*job, err error) error {
	ctx := context.Background()
	switch {
	case errors.Is(err, ErrBusy):
		return ErrOverloaded
	case errors.Is(err, ErrUnknown):
		d.stats.Unknown.Add(1)
		d.logger.ErrorContext(ctx, "the outcome of a commit is unknown", "commands", len(batch),
			"error", err)
		doubtful := make(map[catalog.EventID]struct{}, 1)
		for _, j := range batch {
			if _, known := doubtful[j.event]; !known {
				doubtful[j.event] = struct{}{}
				d.doubted(j.event)
			}
		}
	case errors.Is(err, errPanic):
		d.stats.Panics.Add(1)
		d.logger.ErrorContext(ctx, "a command panicked", "event", batch[0].event.String(),
			"command", fmt.Sprintf("%T", batch[0].cmd), "error", err)
		return errPanic
	case errors.Is(err, ErrConflict):
		d.stats.Conflicts.Add(1)
		d.logger.ErrorContext(ctx, "the ledger refuses a command", "event",
			batch[0].event.String(), "command", fmt.Sprintf("%T", batch[0].cmd), "error", err)
		return errors.Join(ErrContended, err)
	}
	return err
}

func (d *Desk) commit(batch []*job, keys *booking.Keys) error {
	for try := 1; ; try++ {
		book, err := d.update(batch, keys)
		if err == nil {
			d.stats.Batches.Add(1)
			d.stats.Commands.Add(int64(len(batch)))
			d.changed(book)
			return nil
		}
		if !errors.Is(err, ErrBusy) {
			return err
		}
		d.stats.Retries.Add(1)
		if try == maxUpdateTries {
			return err
		}
		if d.sleep != nil {
			longest := float64(firstUpdatePause << (try - 1))
			d.sleep(time.Duration(d.random() * longest))
		}
	}
}

// update is one transaction over a batch. A panic becomes an error: while commands were deciding,
// nothing has been written; anywhere else, that can't be told.
func (d *Desk) update(batch []*job, keys *booking.Keys) (book *booking.Book, err error) {
	deciding := true
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		if err = fmt.Errorf("%w: %v\n%s", errPanic, p, debug.Stack()); !deciding {
			err = errors.Join(ErrUnknown, err)
		}
	}()
	keys.Reset()
	for _, j := range batch {
		keys.Add(j.cmd.Keys())
	}
	deciding = false
	// The commit must not end with any one buyer's request: it has a life of its own.
	err = d.ledger.Update(context.Background(), keys, func(b *booking.Book) error {
		deciding, book = true, b
		for _, j := range batch {
			j.err = b.Try(j.cmd.Decide)
		}
		deciding = false
		return nil
	})
	return book, err
}

var errPanic = errors.New("a command panicked")
