package postgres

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"ticketflow/internal/domain/fact"
	"ticketflow/internal/outbound/contract"
)

// logWriter is a connection that records facts in a transaction of its own.
type logWriter struct {
	t    *testing.T
	conn *pgx.Conn
}

func newLogWriter(t *testing.T, address string) *logWriter {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.WithoutCancel(t.Context())) })
	return &logWriter{t, conn}
}

func (w *logWriter) do(script string) {
	w.t.Helper()
	if _, err := w.conn.PgConn().Exec(w.t.Context(), script).ReadAll(); err != nil {
		w.t.Fatalf("%s: %v", script, err)
	}
}

// What a writer does; it begins when it is given its number.
const (
	logBegin  = "BEGIN; SELECT pg_current_xact_id()"
	logRecord = "INSERT INTO facts (event_id, kind, at_ms, body) " +
		"VALUES (1, 'order_paid', 0, '{}')"
	logCommit   = "COMMIT"
	logRollback = "ROLLBACK"
)

// How long a reader of the log waits for others' transactions, and between its looks.
const (
	logPatience = 20 * time.Second
	logPause    = 10 * time.Millisecond
)

// logReader reads the facts after a cursor, and tells how far it came.
type logReader func(after int64) (positions []int64, upTo int64)

func (w *logWriter) read(sql string) logReader {
	return func(after int64) (positions []int64, upTo int64) {
		upTo = after
		err := fetch(w.t.Context(), w.conn, func(r row) {
			upTo = r.int(0)
			positions = append(positions, upTo)
		}, sql, after)
		if err != nil {
			w.t.Fatal(err)
		}
		return positions, upTo
	}
}

// storeReader reads as the relay does, as often as a settled log needs.
func storeReader(t *testing.T, store *Store) logReader {
	t.Helper()
	return func(after int64) (positions []int64, upTo int64) {
		kinds := []fact.Kind{fact.OrderPaid}
		page, upTo, err := store.Facts(t.Context(), "reader", after, kinds, 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page {
			positions = append(positions, e.Position)
		}
		return positions, upTo
	}
}

// lateStory is what two writers do, step by step, with a look at the log after each step.
type lateStory struct {
	name  string
	steps []lateStep
	want  []int64 // what a reader must have seen at the end, in this order
}

type lateStep struct {
	writer int
	script string
}

func lateStories() []lateStory {
	return []lateStory{
		{"the earlier transaction commits late", []lateStep{
			{0, logBegin}, {0, logRecord}, {1, logBegin}, {1, logRecord}, {1, logCommit},
			{0, logCommit},
		}, []int64{1, 2}},
		// It was given its number early, and then waited for a row before it recorded anything.
		{"the later transaction commits late", []lateStep{
			{1, logBegin}, {0, logBegin}, {0, logRecord}, {1, logRecord}, {1, logCommit},
			{0, logCommit},
		}, []int64{1, 2}},
		// Snapshots don't know a transaction that is newer than all that have ended.
		{"the newest of all transactions commits late", []lateStep{
			{1, logBegin}, {1, logRecord}, {1, logCommit}, {0, logBegin}, {0, logRecord},
			{0, logCommit},
		}, []int64{1, 2}},
		{"a position is given and never used", []lateStep{
			{0, logBegin}, {0, logRecord}, {1, logBegin}, {1, logRecord}, {1, logCommit},
			{0, logRollback},
		}, []int64{2}},
		{"and one that is used after it", []lateStep{
			{0, logBegin}, {0, logRecord}, {0, logRollback}, {1, logBegin}, {1, logRecord},
			{1, logCommit},
		}, []int64{2}},
	}
}

// tell plays a story and returns what a reader has seen. In the end the reader may be patient: an
// older transaction of any database of the server keeps facts back, another test's too.
func (s lateStory) tell(
	writers []*logWriter, read logReader, patience time.Duration,
) (seen []int64) {
	cursor := int64(0)
	look := func() {
		positions, upTo := read(cursor)
		seen, cursor = append(seen, positions...), upTo
	}
	look()
	for _, step := range s.steps {
		writers[step.writer].do(step.script)
		look()
	}
	look()
	for end := time.Now().Add(patience); len(seen) < len(s.want) && time.Now().Before(end); look() {
		<-time.After(logPause)
	}
	return seen
}

// TestFactsOfLateCommits lets transactions commit in another order than that of their facts'
// positions. The two obvious ways to read the log are the negative controls: each must miss some.
func TestFactsOfLateCommits(t *testing.T) {
	h := newHouse(t)
	missed := make(map[string]int)
	for _, story := range lateStories() {
		t.Run(story.name, func(t *testing.T) {
			for name, reader := range map[string]func(*testing.T, string) logReader{
				"the store": func(t *testing.T, address string) logReader {
					t.Helper()
					return storeReader(t, opened(t, address, nil))
				},
				"by position": func(t *testing.T, address string) logReader {
					t.Helper()
					return newLogWriter(t, address).read(
						"SELECT position FROM facts WHERE position > $1 ORDER BY position")
				},
				"by position, of transactions before all that run": func(
					t *testing.T, address string,
				) logReader {
					t.Helper()
					return newLogWriter(t, address).read(`SELECT position FROM facts
WHERE position > $1 AND xmin::text::bigint < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
ORDER BY position`)
				},
			} {
				address := h.database(t)
				writers := []*logWriter{newLogWriter(t, address), newLogWriter(t, address)}
				patience := time.Duration(0)
				if name == "the store" {
					patience = logPatience
				}
				seen := story.tell(writers, reader(t, address), patience)
				switch right := slices.Equal(seen, story.want); {
				case right:
				case name == "the store":
					t.Errorf("it saw %v, want %v", seen, story.want)
				default:
					missed[name]++
					t.Logf("control %q saw %v of %v", name, seen, story.want)
				}
			}
		})
	}
	if len(missed) != 2 {
		t.Errorf("only these controls missed a fact: %v", missed)
	}
}

// TestInsertNumbersTheTransactionFirst shows that what settling relies on holds: a transaction has
// its number before its facts have positions, even if it writes nothing else.
func TestInsertNumbersTheTransactionFirst(t *testing.T) {
	h := newHouse(t)
	address := h.database(t)
	execute(t, address, trigger("facts", "INSERT", `IF pg_current_xact_id_if_assigned() IS NULL THEN
RAISE 'no number yet'; END IF; RETURN NEW;`))
	w := newLogWriter(t, address)
	insert := func(sql string) error {
		_, err := w.conn.Exec(t.Context(), sql, []int64{1}, []string{"x"}, []int64{0},
			[]string{"{}"})
		return err
	}
	if err := insert(stmtAddFacts.sql); err != nil {
		t.Error(err)
	}
	if err := insert(`INSERT INTO facts (event_id, kind, at_ms, body) SELECT * FROM
unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[])`); err == nil {
		t.Error("the control had a number, too: nothing is shown")
	}
}

// TestSettlingOnAnotherServer shows that after a fail-over which lost facts nothing is skipped.
func TestSettlingOnAnotherServer(t *testing.T) {
	var s settling
	s.see(sighting{100, 50})
	if got := s.look(51); got != 100 {
		t.Fatalf("settled at %d", got)
	}
	if s.known(90) {
		t.Error("a position that was given anew is taken for settled")
	}
	s.see(sighting{90, 40})
	if got := s.look(40); got != 90 {
		t.Errorf("settled at %d of the new server", got)
	}
	for i := range int64(3 * maxSightings) {
		s.see(sighting{91 + i, 60 + i})
	}
	if len(s.sightings) > maxSightings {
		t.Errorf("%d sightings are kept", len(s.sightings))
	}
	if got := s.look(60 + 3*maxSightings); got != 90+3*maxSightings {
		t.Errorf("settled at %d", got)
	}
}

// TestCursorsAndInbox shows the rest of the log's promises.
func TestCursorsAndInbox(t *testing.T) {
	h := newHouse(t)
	address := h.database(t)
	store := opened(t, address, contract.NewClock().Now)
	ctx := t.Context()
	w := newLogWriter(t, address)
	for range 3 {
		w.do(logRecord)
	}
	for _, position := range []int64{2, 1} { // it never goes back
		if err := store.Advance(ctx, "a", position); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := store.Cursor(ctx, "a"); err != nil || got != 2 {
		t.Errorf("cursor %d, %v", got, err)
	}
	for range 2 {
		if err := store.Handled(ctx, "b", 2); err != nil {
			t.Fatal(err)
		}
	}
	for position, want := range map[int64]bool{1: false, 2: true} {
		if got, err := store.Applied(ctx, "b", position); err != nil || got != want {
			t.Errorf("position %d is applied: %v, %v", position, got, err)
		}
	}
	read := func(subscriber string, after int64, kinds []fact.Kind, limit int) ([]int64, int64) {
		page, upTo, err := store.Facts(ctx, subscriber, after, kinds, limit)
		if err != nil {
			t.Fatal(err)
		}
		var positions []int64
		for _, e := range page {
			positions = append(positions, e.Position)
		}
		return positions, upTo
	}
	paid := []fact.Kind{fact.OrderPaid}
	// Facts are readable when no older transaction runs any more, those of other databases on the
	// same server included: other tests have some.
	begun, tries := time.Now(), time.NewTicker(logPause)
	defer tries.Stop()
	for _, upTo := read("a", 0, paid, 1); upTo == 0; _, upTo = read("a", 0, paid, 1) {
		if <-tries.C; time.Since(begun) > logPatience {
			t.Fatal("the facts don't come")
		}
	}
	for _, c := range []struct {
		subscriber string
		kinds      []fact.Kind
		limit      int
		want       []int64
		upTo       int64
	}{
		{"a", paid, 9, []int64{1, 2, 3}, 3}, {"b", paid, 9, []int64{1, 3}, 3},
		{"a", paid, 2, []int64{1, 2}, 2}, {"a", []fact.Kind{fact.HoldPlaced}, 9, nil, 3},
	} {
		if got, upTo := read(c.subscriber, 0, c.kinds, c.limit); !slices.Equal(got, c.want) ||
			upTo != c.upTo {
			t.Errorf("%+v: got %v up to %d", c, got, upTo)
		}
	}
}
