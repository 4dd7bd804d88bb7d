package sqlite

import (
	"testing"
	"time"

	"zombiezen.com/go/sqlite/sqlitex"

	"ticketflow/internal/outbound/contract"
)

// TestNumbersOfAnswersAreNotGivenAgain: the index follows the log by its numbers.
func TestNumbersOfAnswersAreNotGivenAgain(t *testing.T) {
	store := opened(t, t.TempDir())
	add := func() (number int64) {
		err := store.write(func(w *writer) error {
			err := sqlitex.Execute(w.conn, `INSERT INTO answers
(event_id, answer, request, subject, until_ms, made_ms)
VALUES (1, randomblob(16), randomblob(16), randomblob(20), 0, 1)`, nil)
			number = w.conn.LastInsertRowID()
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return number
	}
	const answers = 3
	for range answers {
		add()
	}
	for round, want := range []int{answers - 1, 0} {
		n, err := store.ForgetAnswers(t.Context(), contract.NewClock().Now().Add(time.Hour), 100)
		if n != want || err != nil {
			t.Errorf("round %d removed %d, want %d: %v", round, n, want, err)
		}
	}
	if n := add(); n != answers+1 {
		t.Errorf("the next answer has the number %d", n)
	}
}
