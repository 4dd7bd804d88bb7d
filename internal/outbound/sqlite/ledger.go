package sqlite

import (
	"context"
	"errors"
	"fmt"

	"zombiezen.com/go/sqlite"

	"ticketflow/internal/app/command"
	"ticketflow/internal/domain/booking"
)

var _ command.Ledger = (*Store)(nil)

// bookSizeHint is how many commands a book is made for when it is not known.
const bookSizeHint = 64

// Update implements command.Ledger. One batch is one transaction and one sync of the disk. ctx is
// looked at only before the transaction begins: what has begun is finished.
func (s *Store) Update(
	ctx context.Context, keys *booking.Keys, decide func(*booking.Book) error,
) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	err := s.write(func(w *writer) error {
		book := booking.NewBook(s.now(), max(len(keys.Answers), bookSizeHint))
		if err := w.load(book, keys); err != nil {
			return fmt.Errorf("load the batch: %w", err)
		}
		if err := decide(book); err != nil {
			return err
		}
		return w.save(book)
	})
	return translate(err)
}

// translate names the failures of the engine in the words of the port, by result code.
func translate(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errUnknownCommit):
		return errors.Join(command.ErrUnknown, err)
	case errors.Is(err, errStale):
		return errors.Join(command.ErrConflict, err)
	}
	switch sqlite.ErrCode(err).ToPrimary() {
	case sqlite.ResultConstraint:
		return errors.Join(command.ErrConflict, err)
	case sqlite.ResultBusy, sqlite.ResultLocked:
		return errors.Join(command.ErrBusy, err)
	}
	return err
}
