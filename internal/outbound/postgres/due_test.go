package postgres

import (
	"fmt"
	"testing"
	"time"

	"ticketflow/internal/domain/booking"
)

// TestDue looks for what has run out of time, and again after it has ended.
func TestDue(t *testing.T) {
	h := newHouse(t)
	address := h.database(t)
	store := opened(t, address, nil)
	ctx := t.Context()
	// Ended, live and due, live and not due; two end in the same millisecond.
	execute(t, address, `INSERT INTO holds SELECT 1, decode(lpad(to_hex(n), 40, '0'), 'hex'),
CASE WHEN n <= 3 THEN 3 ELSE 1 END, 0, CASE WHEN n = 9 THEN 5000000000000 ELSE 1000 * (n / 2) END,
0, 0, 'EUR', '{}', NULL FROM generate_series(1, 9) n;
INSERT INTO orders SELECT 1, hold, hold, CASE WHEN state = 1 THEN 1 ELSE 2 END, 0, expires_ms, 0, 0,
'EUR', '{}', '', '', '', '', '', '' FROM holds`)
	now := time.Now()
	due := func(limit int) string {
		t.Helper()
		holds, err := store.DueHolds(ctx, now, limit)
		if err != nil {
			t.Fatal(err)
		}
		orders, err := store.DueOrders(ctx, now.Add(time.Hour), limit) // its clock is ahead
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(lastBytes(holds, func(id booking.HoldID) byte { return id.Key[19] }),
			lastBytes(orders, func(id booking.OrderID) byte { return id.Key[19] }))
	}
	for _, c := range []struct {
		before string
		limit  int
		want   string
	}{
		{"", 10, "[4 5 6 7 8] [4 5 6 7 8]"},
		{"", 2, "[4 5] [4 5]"},
		{"", 10, "[4 5 6 7 8] [4 5 6 7 8]"}, // it stays listed until it has ended
		{"UPDATE holds SET state = 4 WHERE hold < '\\x0000000000000000000000000000000000000007'; " +
			"UPDATE orders SET state = 3", 10, "[7 8] []"},
		{"UPDATE holds SET state = 4", 10, "[] []"},
		{"UPDATE holds SET state = 1 WHERE expires_ms > 5000", 10, "[] []"},
	} {
		if c.before != "" {
			execute(t, address, c.before)
		}
		if got := due(c.limit); got != c.want {
			t.Errorf("after %q: got %s, want %s", c.before, got, c.want)
		}
	}
	if store.due.holds.from < 4_000 {
		t.Errorf("the next look begins at %d again", store.due.holds.from)
	}
}

func lastBytes[ID any](ids []ID, last func(ID) byte) (numbers []int) {
	for _, id := range ids {
		numbers = append(numbers, int(last(id)))
	}
	return numbers
}
