// Package command is everything that the box office can do: one file per command, the desk that
// runs commands in batches, and the ports that they need. `ls` is the list.
package command

import (
	"context"
	"errors"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/errs"
)

// Ledger is the truth: the one place that can say yes.
type Ledger interface {
	// Update runs decide over the rows that keys name, in one transaction: the rows are loaded
	// and guarded against other writers, decide changes the book, and what it changed is written
	// with conditions on what was loaded and committed. On return without error the changes are
	// durable. decide may be called more than once, always with a fresh book; if it returns an
	// error, nothing is written and Update returns that error; if it panics, nothing is written
	// and the panic goes on.
	//
	// The commit doesn't end with ctx. Failures are ErrBusy (nothing happened, try again),
	// ErrConflict (nothing happened: a row was not as it was read or can't be read, or a constraint
	// refused), ErrUnknown (it may have happened), or anything else (nothing happened).
	Update(ctx context.Context, keys *booking.Keys, decide func(*booking.Book) error) error
}

// Failures of a ledger.
var (
	// ErrBusy says that the transaction lost against another one and may be tried again.
	ErrBusy = errors.New("the ledger is busy")
	// ErrConflict says that a write's condition or a constraint refused the batch.
	ErrConflict = errors.New("the ledger refused a write")
)

// Failures that a buyer may see.
var (
	// ErrUnknown says that a command may or may not have happened. The same idempotency key finds
	// out; it must never be told as a no.
	ErrUnknown = errs.New(errs.Unavailable, "outcome_unknown",
		"We can't tell yet whether this worked. Please repeat the request with the same key.")
	// ErrOverloaded says that the command was not taken on: nothing happened.
	ErrOverloaded = errs.New(errs.Unavailable, "overloaded",
		"Too many people are buying at this moment. Please try again in a second.")
	// ErrContended says that the ledger refused the command by itself: nothing happened, and the
	// same request, decided anew, may succeed.
	ErrContended = errs.New(errs.Unavailable, "contended",
		"Something else was being changed at this moment. Please try again in a second.")
	// ErrClosing says that this instance is shutting down: nothing happened.
	ErrClosing = errs.New(errs.Unavailable, "closing",
		"This server is being restarted. Please try again in a second.")
)
