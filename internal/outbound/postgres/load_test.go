package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

// count is how many rows of each table a load has brought.
func (l *loaded) count() string {
	return fmt.Sprintf("%d events, %d holds, %d orders, %d places, %d buyers, %d tickets, "+
		"%d payments, %d refunds, %d notices, %d answers", len(l.events), len(l.holds),
		len(l.orders), len(l.places), len(l.buyers), len(l.tickets), len(l.payments),
		len(l.refunds), len(l.notices), len(l.answers))
}

// loadAll loads rows as Update does, and gives them up again.
func loadAll(t *testing.T, store *Store, keys *booking.Keys) string {
	t.Helper()
	conn, err := store.acquire(t.Context())
	if err != nil {
		t.Error(err)
		return ""
	}
	defer conn.Release()
	b, pg := newBatch(), conn.Conn().PgConn()
	b.locking = true
	err = store.load(t.Context(), pg, b, keys)
	if err := store.undo(t.Context(), pg, err); err != nil {
		t.Error(err)
	}
	return b.loaded.count()
}

// TestRowsThatChangeWhileTheyAreWaitedFor lets another transaction change a table's rows while a
// load waits for them. The server then looks again whether each row belongs to the result, with the
// parts of the plan that it kept; the plan must be one with which it can.
func TestRowsThatChangeWhileTheyAreWaitedFor(t *testing.T) {
	h := newHouse(t)
	address := h.database(t)
	hall := openFaultHall(t, address)
	var sold []*booking.PlaceOrder
	for range 3 {
		sold = hall.orders
		batch, _ := hall.batch()
		hall.run(batch...)
	}
	execute(t, address, `INSERT INTO refunds SELECT event_id, 'r', provider, transaction_id,
order_key, 1, 'EUR', '', 1, 0, 0, '' FROM payments LIMIT 1`)
	event := hall.offer.Event().ID
	held, ordered, paid := hall.holds[0], hall.orders[0], sold[0]
	payment := booking.PaymentRef{Event: event, Provider: "simpay",
		Transaction: fmt.Sprintf("%x", sold[1].ID.Key)}
	keys := &booking.Keys{
		Events: []catalog.EventID{event},
		Places: []booking.PlaceRef{{Event: event, Place: hall.next + 1}},
		Holds:  []booking.HoldID{held.ID}, Orders: []booking.OrderID{ordered.ID},
		Sales: []booking.OrderID{paid.ID}, Answers: []booking.AnswerRef{held.Answer},
		Buyers: []booking.BuyerRef{sold[2].BuyerRef}, Payments: []booking.PaymentRef{payment},
		Notices: []booking.NoticeRef{{Event: event, Provider: payment.Provider,
			Notice: payment.Transaction}},
		Refunds: []booking.RefundRef{{Event: event, Key: "r"}},
		Tickets: []booking.PlaceRef{{Event: event, Place: sold[1].Made.Lines[0].Place}},
	}
	const want = "1 events, 1 holds, 2 orders, 7 places, 3 buyers, 3 tickets, 2 payments, " +
		"1 refunds, 1 notices, 1 answers"
	if got := loadAll(t, hall.store, keys); got != want {
		t.Fatalf("got %s, want %s", got, want)
	}
	blocker := newLogWriter(t, address)
	for table, column := range map[string]string{"holds": "state", "orders": "state",
		"places": "state", "buyers": "places", "tickets": "state", "payments": "refunded",
		"refunds": "state"} {
		blocker.do("BEGIN; UPDATE " + table + " SET " + column + " = " + column)
		counted := make(chan string)
		go func() { counted <- loadAll(t, hall.store, keys) }()
		awaitLock(hall)
		blocker.do("COMMIT")
		if got := <-counted; got != want {
			t.Errorf("after a change of %s: got %s, want %s", table, got, want)
		}
	}
}

// awaitLock returns when somebody waits for a row.
func awaitLock(h *benchHall) {
	h.b.Helper()
	ctx, cancel := context.WithTimeout(h.b.Context(), time.Minute)
	defer cancel()
	for waiting := false; !waiting; {
		h.must(fetch(ctx, h.store.reads, func(r row) { waiting = r.int(0) > 0 },
			`SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'`))
	}
}

// planOf is how the server would run a prepared statement of a new connection.
func planOf(t *testing.T, store *Store, s *statement) (plan string) {
	t.Helper()
	conn, err := store.acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	args := slices.Repeat([]string{"'{}'"}, len(s.kinds))
	if s.counted {
		args = append(args, "0")
	}
	script := "EXPLAIN EXECUTE " + s.name + " (" + strings.Join(args, ", ") + ")"
	results, err := conn.Conn().PgConn().Exec(t.Context(), script).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", script, err)
	}
	for _, line := range results[0].Rows {
		plan += string(line[0]) + "\n"
	}
	return plan
}

// TestStatementsFindTheirRowsByAnIndex looks at the plans that a connection keeps which was made
// while all tables were empty.
func TestStatementsFindTheirRowsByAnIndex(t *testing.T) {
	h := newHouse(t)
	store := opened(t, h.database(t), nil)
	for _, s := range statements() {
		if s.kinds == "" {
			continue
		}
		plan := planOf(t, store, s)
		for _, bad := range []string{"Seq Scan", "Bitmap", "Hash Join", "Merge Join"} {
			if strings.Contains(plan, bad) {
				t.Errorf("%s:\n%s", s.name, plan)
			}
		}
	}
	broken := h.database(t)
	execute(t, broken, withoutKey("places"))
	plan := planOf(t, opened(t, broken, nil), &stmtPlaces)
	if !strings.Contains(plan, "Seq Scan on places") {
		t.Errorf("without an index, too, the plan is\n%s", plan)
	}
}
