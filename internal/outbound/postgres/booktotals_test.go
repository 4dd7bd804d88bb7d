package postgres

import (
	"testing"

	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/money"
)

// TestBookTotalsOfABookThatHasGrown asks for the sums with a plan that was made for empty tables,
// as an instance does that was started before the sale.
func TestBookTotalsOfABookThatHasGrown(t *testing.T) {
	h := newHouse(t)
	address := h.database(t)
	store := opened(t, address, nil)
	const asked = 10 // after five times a plan is kept, for each connection
	for range asked {
		if totals, err := store.BookTotals(t.Context(), "simpay"); err != nil || len(totals) != 0 {
			t.Fatalf("an empty book: %+v, %v", totals, err)
		}
	}
	execute(t, address, `ALTER TABLE payments SET (autovacuum_enabled = false);
ALTER TABLE refunds SET (autovacuum_enabled = false);
INSERT INTO payments (event_id, provider, transaction_id, order_key, amount, currency, captured_ms,
	used_for, refunded)
SELECT 1, p, n, '', 100, CASE WHEN n % 2 = 0 THEN 'EUR' ELSE 'CHF' END, 1, 1, 0
FROM generate_series(1, 30000) n, unnest(ARRAY['simpay', 'offline']) p;
INSERT INTO refunds (event_id, refund, provider, transaction_id, order_key, amount, currency,
	reason, state, requested_ms, done_ms, gateway_ref)
SELECT 1, p || n, p, n, '', 10, CASE WHEN n % 2 = 0 THEN 'EUR' ELSE 'CHF' END,
	CASE WHEN n % 3 = 0 THEN 'dispute' ELSE 'cancelled' END, 1 + n % 5 % 2, 1, 1,
	CASE WHEN n % 7 = 0 THEN 'settled:x' ELSE 'r' END
FROM generate_series(1, 12000) n, unnest(ARRAY['simpay', 'offline']) p`)
	totals, err := store.BookTotals(t.Context(), "simpay")
	if err != nil || len(totals) != 2 {
		t.Fatalf("%+v, %v", totals, err)
	}
	for i, want := range []query.BookTotal{
		{Currency: money.Currency{'C', 'H', 'F'}, Refunded: 13_720, Disputed: 8_000},
		{Currency: money.Currency{'E', 'U', 'R'}, Refunded: 13_710, Disputed: 8_000},
	} {
		want.Payments, want.Captured = 15_000, 1_500_000
		if totals[i] != want {
			t.Errorf("%+v, want %+v", totals[i], want)
		}
	}
}
