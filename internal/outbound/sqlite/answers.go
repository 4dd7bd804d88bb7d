package sqlite

import (
	"sync"
	"time"

	"zombiezen.com/go/sqlite"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/ident"
)

// Limits of the index of answers.
const (
	answersKept     = 24 * time.Hour // an idempotency key is known for at least so long …
	maxIndexAnswers = 1_000_000      // … unless so many are given in less: then for half of them
)

// answerIndex finds the stored answer of an idempotency key. Clients' keys are random: a tree over
// them would touch a page of its own for each command, which costs more than all the rest of a
// batch's commit. So the table is a log, written at its end, and the index over its last day is in
// memory, read from the log when the ledger is opened. It may be read while the writer works.
type answerIndex struct {
	mu         sync.RWMutex
	young, old map[booking.AnswerRef]answerRow
	begun      time.Time // of the young generation
	last       int64     // the log is in the index up to here
}

// answerRow is an answer in the least room.
type answerRow struct {
	request booking.Fingerprint
	subject ident.Key
	until   int64 // milliseconds
}

func (r answerRow) answer() booking.Answer {
	return booking.Answer{Request: r.request, Subject: r.subject, Until: fromMillis(r.until)}
}

func (x *answerIndex) get(ref booking.AnswerRef) (booking.Answer, bool) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	r, ok := x.young[ref]
	if !ok {
		r, ok = x.old[ref]
	}
	return r.answer(), ok
}

// put takes over an answer that is committed.
func (x *answerIndex) put(now time.Time, seq int64, ref booking.AnswerRef, r answerRow) {
	x.mu.Lock()
	defer x.mu.Unlock()
	full := len(x.young) >= maxIndexAnswers
	if x.young == nil || full || now.Sub(x.begun) > answersKept {
		x.old, x.young, x.begun = x.young, make(map[booking.AnswerRef]answerRow), now
	}
	x.young[ref] = r
	x.last = max(x.last, seq)
}

// readAnswers brings what stands in the log after the last known answer into the index.
func (w *writer) readAnswers(now time.Time) error {
	from := w.answers.last
	if from == 0 { // skip what is too old; read backwards, so that only the last day is read
		err := each(bind(w.oldAnswer).time(now.Add(-answersKept)),
			func() error { from = w.oldAnswer.ColumnInt64(0); return nil })
		if err != nil {
			return err
		}
	}
	stmt := w.newAnswers
	return each(bind(stmt).int(from), func() error {
		ref := booking.AnswerRef{Event: catalog.EventID(stmt.ColumnInt64(1)),
			Key: columnFingerprint(stmt, 2)}
		w.answers.put(now, stmt.ColumnInt64(0), ref, scanAnswer(stmt))
		return nil
	})
}

func scanAnswer(stmt *sqlite.Stmt) answerRow {
	return answerRow{request: columnFingerprint(stmt, 3), subject: columnKey(stmt, 4),
		until: stmt.ColumnInt64(5)}
}

// saveAnswers appends the batch's answers to the log.
func (w *writer) saveAnswers(b *booking.Book) error {
	w.answerSeq = 0
	for c := range b.ChangedAnswers() {
		a := c.Value
		err := bind(w.addAnswer).int(int64(c.Key.Event)).bytes(c.Key.Key[:]).
			bytes(a.Request[:]).bytes(a.Subject[:]).time(a.Until).time(b.Now()).run()
		if err != nil {
			return err
		}
		w.answerSeq = w.conn.LastInsertRowID()
	}
	return nil
}
