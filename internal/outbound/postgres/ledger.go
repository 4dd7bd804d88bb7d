package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"ticketflow/internal/app/command"
	"ticketflow/internal/domain/booking"
)

var _ command.Ledger = (*Store)(nil)

// Limits of a transaction.
const (
	bookSizeHint  = 64              // commands that a book is made for when it is not known
	acquireLimit  = 3 * time.Second // to wait for a connection
	loadLimit     = 6 * time.Second // for the round trip that loads: statementTimeout and some
	commitLimit   = 6 * time.Second // for the one that writes and commits; then it is unknown
	rollbackLimit = 2 * time.Second
)

// Codes of failures (SQLSTATE) that mean something to the port.
const (
	codeSerialization = "40001"
	codeDeadlock      = "40P01"
	codeLockTimeout   = "55P03"
	codeTimeout       = "57014" // of a statement
	codeReadOnly      = "25006" // the server has become, or was taken for, a primary
	codeUnique        = "23505"
	codeCheck         = "23514"
	codeNoTable       = "42P01"
	codeStale         = "TF001" // expect_rows of the migrations
)

// Update implements command.Ledger. One batch is two round trips: one that loads, one that writes
// and commits. ctx is looked at only before the transaction begins.
//
// The first try doesn't lock what it loads, and doesn't load what this instance has written a
// moment ago: each write is conditional on its row as the decision has seen it, so that a decision
// on an old row fails as a whole. So does one that refuses a command for what may be old: a no
// writes nothing that could be checked. Then it is tried once more, with all rows read and locked
// in the order of their keys; the next batches do that at once, because others are at work.
func (s *Store) Update(
	ctx context.Context, keys *booking.Keys, decide func(*booking.Book) error,
) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if s.closed.Load() {
		return errClosed
	}
	err := s.update(ctx, keys, decide, s.recent.mustLock())
	if errors.Is(err, errDoubted) {
		err = s.update(ctx, keys, decide, true)
	}
	if c := code(err); c == codeUnique || c == codeStale {
		// Another instance has changed or made a row since this one has seen it: now that is seen.
		// Only if it doesn't help the batch itself is wrong.
		s.recent.distrust()
		err = s.update(ctx, keys, decide, true)
	}
	if err != nil {
		s.recent.distrust()
	}
	return translate(err)
}

func (s *Store) update(
	ctx context.Context, keys *booking.Keys, decide func(*booking.Book) error, locking bool,
) error {
	conn, err := s.acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release() // one that is not idle is closed, which undoes its transaction
	ctx = context.WithoutCancel(ctx)
	pg := conn.Conn().PgConn()
	b := s.batches.Get().(*batch)
	defer s.batches.Put(b)
	b.locking = locking
	b.loaded.reset()
	if !locking {
		s.recent.recall(b, keys)
		keys = &b.rest
	}
	if err := s.load(ctx, pg, b, keys); err != nil {
		return s.undo(ctx, pg, fmt.Errorf("load the batch: %w", err))
	}
	book := b.loaded.book(max(len(keys.Answers), bookSizeHint))
	if err := decide(book); err != nil {
		return errors.Join(decidedError{err}, s.undo(ctx, pg, nil))
	}
	if !locking && book.Doubted() {
		return errDoubted // nothing has begun
	}
	if err := s.commit(ctx, pg, b, book); err != nil {
		return err
	}
	s.recent.remember(book)
	return nil
}

// decidedError is a failure of the decision: it is told as it is.
type decidedError struct{ error }

// Unwrap is the decision's own failure.
func (e decidedError) Unwrap() error { return e.error }

func (s *Store) acquire(ctx context.Context) (*pgxpool.Conn, error) {
	wait, cancel := context.WithTimeout(ctx, acquireLimit)
	defer cancel()
	conn, err := s.commands.Acquire(wait)
	if err != nil {
		return nil, errors.Join(errNoConnection, err)
	}
	return conn, nil
}

func (s *Store) load(
	ctx context.Context, pg *pgconn.PgConn, b *batch, keys *booking.Keys,
) error {
	ctx, cancel := context.WithTimeout(ctx, loadLimit)
	defer cancel()
	p := &pipe{Pipeline: pg.StartPipeline(ctx)}
	b.ask(p, keys, s.clock)
	if err := p.receive(); err != nil {
		return err
	}
	if s.clock != nil {
		b.loaded.now = s.clock().UTC().Truncate(time.Millisecond)
	}
	return nil
}

// commit writes what was decided. From the moment at which its COMMIT is sent, only the server's
// own word tells what has become of it.
func (s *Store) commit(
	ctx context.Context, pg *pgconn.PgConn, b *batch, book *booking.Book,
) error {
	ctx, cancel := context.WithTimeout(ctx, s.commitLimit)
	defer cancel()
	p := &pipe{Pipeline: pg.StartPipeline(ctx)}
	if !b.locking {
		p.lead = &stmtBegin
	}
	if !b.save(p, book) {
		if err := p.Close(); err != nil {
			return err
		}
		return s.undo(ctx, pg, nil) // all were refused: there is nothing to wait for the disk for
	}
	p.send(&stmtCommit, nil, nil)
	warned(pg)
	err := p.receive()
	switch {
	case err == nil && warned(pg):
		// For instance: the server gave up waiting for its standby.
		return errUnknownCommit
	case err == nil:
		return nil
	case refused(err) || code(err) != "" && p.failed != stmtCommit.name:
		// The server's word came in the place of a statement before the COMMIT, which therefore
		// was not looked at.
		return s.undo(ctx, pg, err)
	default:
		s.lost()
		return errors.Join(errUnknownCommit, err)
	}
}

// undo ends a transaction that is not to be, and returns why. If even that fails, the connection is
// closed by its release, and the server ends the transaction by itself.
func (s *Store) undo(ctx context.Context, pg *pgconn.PgConn, why error) error {
	if lostConnection(why) || code(why) == codeReadOnly {
		s.lost() // the next connection looks for the primary anew
		return why
	}
	if pg.TxStatus() == txIdle {
		return why // nothing had begun
	}
	ctx, cancel := context.WithTimeout(ctx, rollbackLimit)
	defer cancel()
	if _, err := pg.Exec(ctx, "ROLLBACK").ReadAll(); err != nil {
		s.lost()
	}
	return why
}

// txIdle is the server's word for "no transaction".
const txIdle = 'I'

var (
	errDoubted       = errors.New("a command was refused for what may be old")
	errNoConnection  = errors.New("no connection to the database")
	errUnknownCommit = errors.New("the outcome of the commit is unknown")
)

// code is the SQLSTATE of a failure that the server has told, or nothing.
func code(err error) string {
	if failure, ok := errors.AsType[*pgconn.PgError](err); ok {
		return failure.Code
	}
	return ""
}

// refused tells whether the server itself has said that a transaction failed, and goes on serving
// the connection. A FATAL failure may come after the commit.
func refused(err error) bool {
	if errors.Is(err, errRolledBack) {
		return true
	}
	failure, ok := errors.AsType[*pgconn.PgError](err)
	return ok && failure.SeverityUnlocalized == "ERROR"
}

// lostConnection tells a failure of the connection from one of a statement.
func lostConnection(err error) bool {
	if err == nil || errors.Is(err, errUnreadable) {
		return false
	}
	return !refused(err)
}

// translate names the failures of the engine in the words of the port, by SQLSTATE.
func translate(err error) error {
	decided, ok := errors.AsType[decidedError](err)
	switch {
	case err == nil:
		return nil
	case ok:
		return decided.error
	case errors.Is(err, errUnknownCommit):
		return errors.Join(command.ErrUnknown, err)
	case errors.Is(err, errUnreadable):
		return errors.Join(command.ErrConflict, err)
	case errors.Is(err, errClosed):
		return err
	}
	switch code(err) {
	case codeUnique, codeCheck, codeStale:
		return errors.Join(command.ErrConflict, err)
	case codeSerialization, codeDeadlock, codeLockTimeout, codeTimeout, codeReadOnly:
		return errors.Join(command.ErrBusy, err)
	}
	if lostConnection(err) {
		return errors.Join(command.ErrBusy, err)
	}
	return err
}
