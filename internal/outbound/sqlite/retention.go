package sqlite

import (
	"context"
	"time"

	"zombiezen.com/go/sqlite/sqlitex"

	"ticketflow/internal/app/policy"
)

var _ policy.AnswerLog = (*Store)(nil)

// ForgetAnswers implements policy.AnswerLog. The log is cut off at its beginning. Its newest row
// stays: SQLite would give its number to the next one, which the index then takes for known.
func (s *Store) ForgetAnswers(
	_ context.Context, then time.Time, limit int,
) (removed int, err error) {
	err = s.write(func(w *writer) error {
		err := sqlitex.Execute(w.conn, `DELETE FROM answers WHERE answer_seq IN (
SELECT answer_seq FROM (SELECT answer_seq, made_ms FROM answers ORDER BY answer_seq LIMIT ?1)
WHERE made_ms < ?2 AND answer_seq < (SELECT max(answer_seq) FROM answers))`,
			&sqlitex.ExecOptions{Args: []any{limit, millis(then)}})
		removed = w.conn.Changes()
		return err
	})
	return removed, translate(err)
}
