package sqlite_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"zombiezen.com/go/sqlite/sqlitex"

	"ticketflow/internal/app/audit"
	"ticketflow/internal/effort"
	"ticketflow/internal/outbound/sqlite"
)

// corruption is one way to break a ledger. In its SQL, {9} is the key of place 9 of the first event
// and @9 the holder of that place.
type corruption struct {
	invariant string
	names     string // part of the row that the audit must show
	sql       string
}

var (
	placeMark  = regexp.MustCompile(`\{(\d+)\}`)
	holderMark = regexp.MustCompile(`@(\d+)`)
)

func (c corruption) script() string {
	sql := holderMark.ReplaceAllString(c.sql, "(SELECT holder FROM places WHERE place_key = {$1})")
	return placeMark.ReplaceAllString(sql, "(4294967296 + $1)")
}

// TestAuditFindsCorruption breaks copies of a healthy ledger, each in one way, and wants the
// invariant that names the damage to go red.
func TestAuditFindsCorruption(t *testing.T) {
	h := openAuditedHouse(t)
	paid := fillHouse(h)
	now := h.clock()
	h.close()
	healthy, err := os.ReadFile(sqlite.Path(h.dir))
	if err != nil {
		t.Fatal(err)
	}
	all := slices.Concat(placeCorruptions, holdCorruptions, ticketCorruptions, moneyCorruptions,
		shapeCorruptions, factCorruptions, promiseCorruptions, stateCorruptions,
		changeCorruptions, priceCorruptions, journalCorruptions, returnCorruptions,
		tellingCorruptions)
	for _, c := range effort.Some(all, 6) {
		t.Run(c.invariant+" "+c.names, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(sqlite.Path(dir), healthy, 0o600); err != nil {
				t.Fatal(err)
			}
			breakLedger(t, dir, c.script())
			wantBreach(t, auditDir(t, dir, now, paid...), c)
		})
	}
}

// keyless copies a table without the key that keeps its rows apart.
func keyless(table string) string {
	return "ALTER TABLE " + table + " RENAME TO keyed;CREATE TABLE " + table +
		" AS SELECT * FROM keyed"
}

func breakLedger(t *testing.T, dir, sql string) {
	t.Helper()
	pool, err := sqlitex.NewPool(sqlite.Path(dir), sqlitex.PoolOptions{PoolSize: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
	}()
	conn, err := pool.Take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Put(conn)
	// No disk needs to be waited for: the copy is thrown away.
	for part := range strings.SplitSeq("PRAGMA synchronous = OFF;"+sql, ";") {
		if err := sqlitex.ExecuteTransient(conn, part, nil); err != nil {
			t.Fatalf("%s: %v", part, err)
		}
		schema := strings.HasPrefix(part, "PRAGMA") || strings.HasPrefix(part, "ALTER") ||
			strings.HasPrefix(part, "CREATE") || strings.HasPrefix(part, "DROP")
		if !schema && conn.Changes() == 0 {
			t.Fatalf("%s: changes nothing", part)
		}
	}
}

func wantBreach(t *testing.T, r audit.Report, c corruption) {
	t.Helper()
	if r.OK {
		t.Fatal("the audit has found nothing")
	}
	for _, v := range r.Invariants {
		if v.ID != c.invariant {
			continue
		}
		if v.OK || v.Broken == 0 {
			t.Errorf("%s is said to hold:\n%s", v.ID, asText(t, r))
		}
		if !slices.ContainsFunc(v.Rows, func(row string) bool {
			return strings.Contains(row, c.names)
		}) {
			t.Errorf("no row of %s says %q:\n%s", v.ID, c.names, asText(t, r))
		}
		return
	}
	t.Errorf("the report lacks %s", c.invariant)
}

// secondOrder is a copy of a paid order under another key: its places are sold twice.
const secondOrder = `INSERT INTO orders SELECT order_no + 1000000, event_id, randomblob(20), hold,
state, placed_ms, expires_ms, paid_ms, total, currency, lines, buyer_name, buyer_email, buyer,
return_url, provider, transaction_id, charges, voucher, declined, language FROM orders
WHERE order_key = @9`

var placeCorruptions = []corruption{
	{"I1", "place 0 of evt_1: held by",
		"UPDATE places SET holder = randomblob(20) WHERE place_key = {0}"},
	{"I1", "which has ended", "UPDATE holds SET state = 3 WHERE hold = @0"},
	{"I1", "held until another time",
		"UPDATE places SET until_ms = until_ms + 1 WHERE place_key = {0}"},
	{"I1", "place 1 of evt_1: held by",
		"UPDATE places SET fence = fence + 1 WHERE place_key = {1}"},
	{"I1", "place 6 of evt_1: taken by",
		"UPDATE places SET holder = randomblob(20) WHERE place_key = {6}"},
	{"I1", "which doesn't await a payment", "UPDATE orders SET state = 3 WHERE order_key = @6"},
	{"I1", "place 9 of evt_1: sold to", "UPDATE orders SET state = 1 WHERE order_key = @9"},
	{"I1", "place 9 of evt_1: taken by",
		"UPDATE places SET fence = fence + 1 WHERE place_key = {9}"},
	{"I1", "which has no such grant", "UPDATE places SET holder = @15 WHERE place_key = {9}"},
	{"I1", "place 30 of evt_1: nobody", "UPDATE places SET holder = @9 WHERE place_key = {30}"},
	{"I1", "place 16 of evt_1: nobody", "UPDATE places SET holder = @9 WHERE place_key = {16}"},
	{"I1", "is live and hasn't got place 0",
		"UPDATE places SET state = 0, holder = NULL WHERE place_key = {0}"},
	{"I1", "is live and hasn't got place 5", // past its time, but nobody else was granted it
		"UPDATE places SET state = 0, holder = NULL WHERE place_key = {5}"},
	{"I1", "is live and hasn't got place 6",
		"UPDATE places SET state = 0, holder = NULL WHERE place_key = {6}"},
	{"I1", "is live and hasn't got place 9", secondOrder},
	{"I1", "is live and hasn't got place 59",
		"UPDATE holds SET lines = '[[59,1,0,4900]]' WHERE hold = @0"},
	{"I1", "is live and hasn't got place 0", "DELETE FROM places WHERE place_key = {0}"},
	{"I1", "is live and hasn't got place 10", "DELETE FROM places WHERE place_key = {10}"},
	{"I1", "is live and hasn't got place 1", "DELETE FROM events WHERE event_id = 2;" +
		"DELETE FROM places WHERE event_id = 2"},
	{"I1", "has place 0 twice",
		"UPDATE holds SET lines = '[[0,1,0,4900],[0,1,0,4900]]' WHERE hold = @0"},
	{"I1", "has place 9 twice",
		"UPDATE orders SET lines = '[[9,1,0,4900],[9,1,0,4900]]' WHERE order_key = @9"},

	{"I2", "has 59 places that count, and its plan 60",
		"DELETE FROM places WHERE place_key = {59}"},
	{"I2", "place 31 of evt_1 is where place 30", "DELETE FROM places WHERE place_key = {30}"},
	{"I2", "has 61 places that count, and its plan 60",
		"INSERT INTO places (place_key, state, fence, until_ms) VALUES ({60}, 0, 0, 0)"},
	{"I2", "unknown state 7", "UPDATE places SET state = 7 WHERE place_key = {30}"},
	{"I2", "unknown state -1", "UPDATE places SET state = -1 WHERE place_key = {30}"},
	{"I2", "and its plan 61", "UPDATE plans SET places = 61 WHERE plan_id = 1"},
	{"I2", "evt_1 has no plan", "DELETE FROM plans WHERE plan_id = 1"},
	{"I2", "evt_2 has 8 places and is no event", "DELETE FROM events WHERE event_id = 2"},
}

var holdCorruptions = []corruption{
	{"I3", "is in an unknown state", "UPDATE holds SET state = 9 WHERE hold = @0"},
	{"I3", "wasn't ordered, but an order names it",
		"UPDATE holds SET state = 1 WHERE order_key = @9"},
	{"I3", "wasn't ordered, but names an order", "UPDATE holds SET order_key = @9 WHERE state = 3"},
	{"I3", "was ordered more than once", secondOrder},
	{"I3", "was ordered, but not by the order", "DELETE FROM orders WHERE order_key = @9"},
	{"I3", "by the order that it names", "UPDATE holds SET order_key = @15 WHERE order_key = @9"},
	{"I3", "comes from a hold that doesn't exist", "DELETE FROM holds WHERE order_key = @9"},
	{"I3", "exactly one fact of its start",
		"UPDATE facts SET kind = 'x' WHERE kind = 'hold_placed'"},
	{"I3", "one fact of its start", copyFact("hold_placed")},
	{"I3", "has facts of its end", "UPDATE facts SET kind = 'x' WHERE kind = 'hold_released'"},
	{"I3", "facts of its end that don't fit", copyFact("hold_released")},
	{"I3", "of its end that don't fit its state", copyFact("order_placed")},
	{"I3", "end that don't fit",
		"UPDATE facts SET kind = 'hold_released' WHERE kind = 'hold_extended'"},
	{"I3", "end that don't fit its",
		"UPDATE facts SET kind = 'hold_released' WHERE kind = 'hold_expired'"},
	{"I3", "tells of another order", `UPDATE facts SET body = json_set(body, '$.order',
(SELECT json_extract(body, '$.order') FROM facts WHERE kind = 'order_paid'))
WHERE position = (SELECT min(position) FROM facts WHERE kind = 'order_placed')`},
	{"I3", "(hold_released) names no hold",
		"UPDATE facts SET body = json_remove(body, '$.hold') WHERE kind = 'hold_released'"},
	{"I3", "is stored under another number",
		"UPDATE holds SET hold_no = hold_no + 1000000 WHERE hold = @0"},
	{"I3", "is stored twice", `INSERT INTO holds SELECT hold_no + 1000000, event_id, hold, state,
created_ms, expires_ms, extensions, total, currency, lines, order_key, charges, amendments
FROM holds WHERE hold = @0`},
	{"I3", "is stored twice", strings.Replace(secondOrder, "randomblob(20)", "order_key", 1)},
}

// copyFact appends a second fact of a kind to the log.
func copyFact(kind string) string {
	return `INSERT INTO facts (event_id, kind, at_ms, body)
SELECT event_id, kind, at_ms, body FROM facts WHERE kind = '` + kind + `' LIMIT 1`
}

var ticketCorruptions = []corruption{
	{"I4", "is paid and has 0 tickets for place 9",
		"DELETE FROM tickets WHERE event_id = 1 AND place = 9"},
	{"I4", "which has no such grant",
		"UPDATE tickets SET fence = fence + 1 WHERE event_id = 1 AND place = 9"},
	{"I4", "the ticket of place 9 belongs to",
		"UPDATE tickets SET order_key = @15 WHERE event_id = 1 AND place = 9"},
	{"I4", "is paid and has 2 tickets for place 9", `INSERT INTO tickets SELECT event_id, place, 5,
fence, secret, order_key, state, used_ms, gate, transfers, holder_name, holder_email,
holder_language FROM tickets WHERE event_id = 1 AND place = 9`},
	{"I4", "the ticket of place 6 belongs to",
		"INSERT INTO tickets VALUES (1, 6, 0, 1, randomblob(16), @6, 1, 0, '', 0, '', '', '')"},
	{"I4", "which doesn't exist",
		"UPDATE tickets SET order_key = randomblob(20) WHERE event_id = 1 AND place = 9"},
	{"I4", "by its state or by its key", "UPDATE tickets SET state = 1 WHERE state = 3"},
	{"I4", "by its key, not by both", "UPDATE tickets SET voided = voided + 1 WHERE state = 3"},
	{"I4", "the ticket of place 10 of ord_",
		"UPDATE tickets SET state = 9 WHERE event_id = 1 AND place = 10"},
	{"I4", "is in an unknown state", "UPDATE orders SET state = 9 WHERE order_key = @6"},
	{"I4", "is paid without a time", "UPDATE orders SET paid_ms = 0 WHERE order_key = @9"},
	{"I4", "is paid and place 9 isn't sold to it",
		"UPDATE places SET state = 4 WHERE place_key = {9}"},
	{"I4", "place 9 of evt_1: sold to", "UPDATE orders SET state = 3 WHERE order_key = @9"},
}
