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
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.update(keys, decide)
	if errors.Is(err, errStale) {
		// Only a row that was remembered can be stale: the memory is empty now, so read them all.
		err = s.update(keys, decide)
	}
	return translate(err)
}

func (s *Store) update(keys *booking.Keys, decide func(*booking.Book) error) error {
	var book *booking.Book
	returned := false
	defer func() {
		if !returned && s.w != nil { // a panic: what was read belongs to no transaction any more
			s.w.forget(false)
		}
	}()
	err := s.locked(func(w *writer) error {
		book = booking.NewBook(s.now(), max(len(keys.Answers), bookSizeHint))
		if err := w.catchUp(book.Now()); err != nil {
			return fmt.Errorf("catch up with the file: %w", err)
		}
		if err := w.load(book, keys); err != nil {
			return fmt.Errorf("load the batch: %w", err)
		}
		if err := decide(book); err != nil {
			return err
		}
		return w.save(book)
	})
	returned = true
	switch {
	case err == nil:
		s.w.remember(book)
	case s.w != nil:
		s.w.forget(errors.Is(err, errUnknownCommit))
	}
	return err
}

// translate names the failures of the engine in the words of the port, by result code.
func translate(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errUnknownCommit):
		return errors.Join(command.ErrUnknown, err)
	case errors.Is(err, errStale), errors.Is(err, errUnreadable):
		return errors.Join(command.ErrConflict, err)
	}
	switch sqlite.ErrCode(err).ToPrimary() {
	case sqlite.ResultConstraint:
		return errors.Join(command.ErrConflict, err)
	case sqlite.ResultBusy, sqlite.ResultLocked:
		return errors.Join(command.ErrBusy, err)
	default:
		return err
	}
}
