package sqlite_test

import (
	"strings"
	"testing"

	"ticketflow/internal/domain/booking"
)

var moneyCorruptions = []corruption{
	{"I5", "has the total 9801, and its lines make 9800",
		"UPDATE orders SET total = total + 1 WHERE order_key = @9"},
	{"I5", "has the total 9799, and", "UPDATE holds SET total = total - 1 WHERE hold = @0"},
	{"I5", "has lines that can't be read",
		"UPDATE orders SET lines = '[[9]]' WHERE order_key = @9"},
	{"I5", "has lines that can't be read", "UPDATE holds SET lines = 'x' WHERE hold = @0"},
	{"I5", "has no lines", "UPDATE orders SET lines = '[]', total = 0 WHERE order_key = @9"},
	{"I5", "has no currency", "UPDATE orders SET currency = '' WHERE order_key = @9"},
	{"I5", "differs from the quote of its hold", `UPDATE orders SET total = 9799,
lines = '[[9,1,0,4900],[10,1,0,4899]]' WHERE order_key = @9`},
	{"I5", "quote of its hold", "UPDATE orders SET currency = 'USD' WHERE order_key = @9"},
	{"I5", "has 9799 captured, 0 of it returned with tickets, and tickets for 9800",
		"UPDATE payments SET amount = amount - 1 WHERE transaction_id = 't-evt_1-9'"},
	{"I5", "isn't the total of",
		"UPDATE payments SET amount = amount + 1 WHERE transaction_id = 't-evt_1-9'"},
	{"I5", "is in USD, and",
		"UPDATE payments SET currency = 'USD' WHERE transaction_id = 't-evt_1-9'"},
	{"I5", "names no payment that was used for it",
		"DELETE FROM payments WHERE transaction_id = 't-evt_1-9'"},
	{"I5", "that was used for it",
		"UPDATE orders SET provider = '', transaction_id = '' WHERE order_key = @9"},
	{"I5", "was not used and isn't refunded",
		"UPDATE payments SET used_for = 2 WHERE transaction_id = 't-evt_1-9'"},
	{"I5", "isn't refunded", "DELETE FROM refunds WHERE transaction_id = 't-dropped';" +
		"UPDATE payments SET refunded = 0 WHERE transaction_id = 't-dropped'"},
	{"I5", "has an unknown use",
		"UPDATE payments SET used_for = 9 WHERE transaction_id = 't-evt_1-9'"},
	{"I5", "says 4899 is refunded, and its refunds make 4900",
		"UPDATE payments SET refunded = refunded - 1 WHERE transaction_id = 't-dropped'"},
	{"I5", "its refunds make 0", "DELETE FROM refunds WHERE transaction_id = 't-dropped'"},
	{"I5", "is refunded beyond its amount", "PRAGMA ignore_check_constraints = ON;" +
		"UPDATE payments SET refunded = amount + 1 WHERE transaction_id = 't-dropped';" +
		"UPDATE refunds SET amount = amount + 1 WHERE transaction_id = 't-dropped'"},
	{"I5", "gives back a payment that doesn't exist",
		"UPDATE refunds SET transaction_id = 'x' WHERE transaction_id = 't-dropped'"},
	{"I5", "is for another order than its payment",
		"UPDATE refunds SET order_key = @9 WHERE transaction_id = 't-dropped'"},
	{"I5", "is in another currency than its payment",
		"UPDATE refunds SET currency = 'USD' WHERE transaction_id = 't-dropped'"},
	{"I5", "gives nothing back",
		"UPDATE refunds SET amount = 0 WHERE transaction_id = 't-dropped'"},
	{"I5", "of evt_1 is in an unknown state",
		"UPDATE refunds SET state = 9 WHERE transaction_id = 't-dropped'"},
	{"I5", "is for an order that doesn't exist",
		"UPDATE payments SET order_key = randomblob(20) WHERE transaction_id = 't-evt_1-9'"},
	{"I5", "which names another payment", `INSERT INTO payments SELECT event_id, provider, 'second',
order_key, amount, currency, captured_ms, used_for, refunded, attempt FROM payments
WHERE transaction_id = 't-evt_1-9'`},
	{"I5", "names another payment", // of an order that expired
		"UPDATE payments SET used_for = 1 WHERE transaction_id = 't-too-late'"},
	{"I5", ", which isn't paid", "UPDATE orders SET state = 3 WHERE transaction_id = 't-evt_1-11'"},
	{"I5", "has 9800 captured, 0 of it returned with tickets, and tickets for 4900", `UPDATE tickets
SET state = 3, voided = fence WHERE event_id = 1 AND place = 10`},
}

// shapeCorruptions store values that a careless reader would take for sound ones.
var shapeCorruptions = []corruption{
	{"I2", "place 30 of evt_1 is in the unknown state",
		"UPDATE places SET state = 'x' WHERE place_key = {30}"},
	{"I1", "which doesn't exist",
		"UPDATE places SET holder = CAST(holder || x'00' AS BLOB) WHERE place_key = {9}"},
	{"I4", "the ticket of place 4294967295",
		"UPDATE tickets SET place = place + 4294967296 WHERE event_id = 1 AND place = 9"},
	{"I5", "has lines that can't be read", `UPDATE orders
SET lines = '[[9,4294967297,0,4900],[10,1,0,4900]]' WHERE order_key = @9`},
	{"I5", "has the total", "UPDATE orders SET total = 'x' WHERE order_key = @9"},
}

var factCorruptions = []corruption{
	{"I6", "is also stored for",
		keyless("payments") + `;INSERT INTO payments SELECT 2, provider, transaction_id, order_key,
amount, currency, captured_ms, used_for, refunded, attempt FROM payments
WHERE transaction_id = 't-evt_1-9'`},
	{"I6", "was applied for evt_1 and for evt_2", keyless("notices") + `;
INSERT INTO notices SELECT 2, provider, notice, applied_ms, state, why, payload FROM notices
WHERE notice = 'n-t-late'`},
	{"I6", "was paid, and 2 facts say so", copyFact("order_paid")},
	{"I6", "2 facts say so", copyFact("order_paid_late")},
	{"I6", "was paid, and 0 facts say so", "UPDATE facts SET kind = 'x' WHERE kind = 'order_paid'"},
	{"I6", "was never paid, and 1 facts say that it was",
		"UPDATE facts SET kind = 'order_paid' WHERE kind = 'order_expired'"},
	{"I6", "is paid, and there is no payment",
		"DELETE FROM payments WHERE transaction_id = 't-evt_1-9'"},
	{"I6", "there is no payment",
		"UPDATE payments SET used_for = 2 WHERE transaction_id = 't-evt_1-9'"},
	{"I6", "the log has no facts between 19 and 21", "DELETE FROM facts WHERE position = 20"},
	{"I6", "the log has no facts between 0 and 2", "DELETE FROM facts WHERE position = 1"},
	{"I6", "fact 20 can't be read", "UPDATE facts SET body = '{' WHERE position = 20"},
	{"I6", "(order_paid) names no order",
		"UPDATE facts SET body = json_remove(body, '$.order') WHERE kind = 'order_paid'"},
	{"I6", `subscriber "refunds" is at 99999`, "UPDATE cursors SET position = 99999"},
	{"I6", `subscriber "refunds" is at -1`, "UPDATE cursors SET position = -1"},
	{"I6", "has applied 99999, which is not in the log", "UPDATE inbox SET position = 99999"},
	{"I6", "has applied 0, which", "UPDATE inbox SET position = 0"},
	{"I6", "has applied 5, which is not in the log", "DELETE FROM facts WHERE position = 5"},
}

var promiseCorruptions = []corruption{
	{"I7", "was answered and doesn't exist", `UPDATE answers SET subject = randomblob(20)
WHERE answer_seq = (SELECT min(answer_seq) FROM answers)`},
	{"I7", "(hold_placed) is about a hold that doesn't exist", "DELETE FROM holds WHERE hold = @0"},
	{"I7", "(order_placed) is about an order that doesn't exist",
		"DELETE FROM orders WHERE order_key = @9"},
	{"I7", "was answered as paid and doesn't exist", "DELETE FROM orders WHERE order_key = @9"},
	{"I7", "was answered as paid and isn't", "UPDATE orders SET state = 1 WHERE order_key = @9"},
	{"I7", "answered as paid and isn't", "UPDATE orders SET paid_ms = 0 WHERE order_key = @9"},
	{"I7", "was answered with 2 tickets and has 1",
		"DELETE FROM tickets WHERE event_id = 1 AND place = 9"},
	{"I7", "is stored under another number",
		"UPDATE orders SET order_no = order_no + 1000000 WHERE order_key = @9"},

	{"I8", "has 1 used tickets and 0 admissions",
		"UPDATE tickets SET state = 2, used_ms = 5 WHERE event_id = 1 AND place = 10"},
	{"I8", "has 0 used tickets and 1 admissions",
		"UPDATE tickets SET state = 1, used_ms = 0 WHERE event_id = 1 AND place = 9"},
	{"I8", "has 1 used tickets and 2 admissions", copyFact("ticket_admitted")},
	{"I8", "is used without a time", "UPDATE tickets SET used_ms = 0 WHERE state = 2"},
	{"I8", "or unused with one",
		"UPDATE tickets SET used_ms = 5 WHERE event_id = 1 AND place = 10"},
	{"I8", "to place 30 of ord_", `UPDATE facts SET body = json_set(body, '$.places', json('[30]'))
WHERE kind = 'ticket_admitted'`},
	{"I8", "0 used tickets and 1 admissions", `UPDATE tickets SET state = 3, voided = fence,
used_ms = 0 WHERE event_id = 1 AND place = 9`},

	{"I9", "has 6 places, the limit is 5", "UPDATE events SET max_per_buyer = 5"},
	{"I9", "has 6 places, and the count says 5", "UPDATE buyers SET places = 5 WHERE places = 6"},
	{"I9", "and the count says 0", "DELETE FROM buyers WHERE places = 6"},
	{"I9", "has 0 places, and the count says 1",
		"INSERT INTO buyers VALUES (1, randomblob(16), 1)"},
	{"I9", "has 8 places, the limit is 6", `UPDATE orders
SET buyer = (SELECT buyer FROM buyers WHERE places = 6) WHERE order_key = @9`},
}

// TestAuditDistrustsItsCaller wants what a buyer says was answered to be checked too.
func TestAuditDistrustsItsCaller(t *testing.T) {
	h := openAuditedHouse(t)
	fillHouse(h)
	open := h.order(1, 40)
	for name, id := range map[string]string{
		"is no order id":                         "ord_x",
		"was answered as paid and isn't":         open.ID.String(),
		"was answered as paid and doesn't exist": booking.OrderID{Event: 1}.String(),
	} {
		wantBreach(t, auditDir(t, h.dir, h.clock(), id), corruption{"I7", name, ""})
	}
}

// TestAuditNamesAFewOfMany wants the rows of a report to be bounded, and the rest to be counted.
func TestAuditNamesAFewOfMany(t *testing.T) {
	h := openAuditedHouse(t)
	h.openEvent(auditedPlaces)
	now := h.clock()
	h.close()
	breakLedger(t, h.dir, "UPDATE places SET holder = randomblob(20)")
	r := auditDir(t, h.dir, now)
	if v := r.Invariants[0]; v.Broken != auditedPlaces || len(v.Rows) != 20 {
		t.Errorf("%d broken, %d named", v.Broken, len(v.Rows))
	}
	text := asText(t, r)
	for _, want := range []string{"BROKEN", "place 0 of evt_1", "and 40 more"} {
		if !strings.Contains(text, want) {
			t.Errorf("the text lacks %q:\n%s", want, text)
		}
	}
}
