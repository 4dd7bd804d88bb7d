package sqlite_test

import "testing"

// stateCorruptions let one row contradict itself, or its event be lost.
var stateCorruptions = []corruption{
	{"I1", "place 16 of evt_1 isn't held, but its hold has an end",
		"UPDATE places SET until_ms = 5 WHERE place_key = {16}"},
	{"I1", "place 9 of evt_1 isn't held", "UPDATE places SET until_ms = 5 WHERE place_key = {9}"},
	{"I4", "isn't paid, but has the time of a payment",
		"UPDATE orders SET paid_ms = 5 WHERE order_key = @6"},
	{"I5", "is done without a time, or not done with one",
		"UPDATE refunds SET done_ms = 0 WHERE state = 2"},
	{"I5", "or not done with one", "UPDATE refunds SET done_ms = 5 WHERE state = 1"},
	{"I7", "is of evt_2, which doesn't exist", "DELETE FROM events WHERE event_id = 2"},
	{"I7", "of evt_1 was answered twice", `INSERT INTO answers (event_id, answer, request, subject,
until_ms, made_ms) SELECT event_id, answer, request, subject, until_ms, made_ms + 1000
FROM answers LIMIT 1`},
	{"I8", "at another time than its ticket was used",
		"UPDATE tickets SET used_ms = used_ms + 1 WHERE state = 2"},
}

// changeCorruptions take a fact out of the log, or put one in. What follows from a fact, like the
// way of a refund to the gateway, is then left undone or done twice.
var changeCorruptions = []corruption{
	{"I6", `is paid by "t-evt_1-9", and it was by "t-late"`, `UPDATE orders
SET transaction_id = 't-late' WHERE order_key = @9`},
	{"I6", "expired 1 times, and 0 facts say so",
		"UPDATE facts SET kind = 'x' WHERE kind = 'order_expired'"},
	{"I6", "expired 1 times, and 2 facts say so", copyFact("order_expired")},
	{"I6", "expired 0 times, and 1 facts say so",
		"UPDATE facts SET kind = 'order_paid' WHERE kind = 'order_paid_late'"},
	{"I3", "has facts of other places than it has", `UPDATE facts
SET body = json_set(body, '$.places', json('[0]')) WHERE kind = 'hold_placed'`},
	{"I6", "was cancelled 1 times, and 0 facts say so",
		"UPDATE facts SET kind = 'x' WHERE kind = 'order_cancelled'"},
	{"I6", "was cancelled 1 times, and 2 facts say so", copyFact("order_cancelled")},
	{"I6", "was cancelled 0 times, and 1 facts say so",
		"UPDATE facts SET kind = 'order_cancelled' WHERE kind = 'order_paid_late'"},
	{"I6", "(order_cancelled) names no order",
		"UPDATE facts SET body = json_remove(body, '$.order') WHERE kind = 'order_cancelled'"},
	{"I6", "was returned, and 0 facts say so",
		"UPDATE facts SET kind = 'x' WHERE kind = 'payment_returned'"},
	{"I6", "was returned, and 2 facts say so", copyFact("payment_returned")},
	{"I6", `returns payment "t-dropped"`,
		"DELETE FROM payments WHERE transaction_id = 't-dropped'"},
	{"I6", "was requested by 0 facts, and done by",
		"UPDATE facts SET kind = 'x' WHERE kind = 'refund_requested'"},
	{"I6", "was requested by 2 facts, and done by", copyFact("refund_requested")},
	{"I6", "was requested by 1 facts, and done by 2", copyFact("refund_done")},
	{"I6", "was requested by 1 facts, and done by 0",
		"UPDATE refunds SET state = 2, done_ms = 5 WHERE state = 1"},
	{"I6", "(refund_done) is about refund", "DELETE FROM refunds WHERE state = 2"},
	{"I6", `subscriber "refunds" has two cursors`,
		keyless("cursors") + ";INSERT INTO cursors SELECT * FROM cursors"},
	{"I6", `subscriber "refunds" has applied 5 twice`,
		keyless("inbox") + ";INSERT INTO inbox SELECT * FROM inbox"},
}

// TestAuditLetsKeysBeForgotten is about a key that is used again when nobody knows it any more.
func TestAuditLetsKeysBeForgotten(t *testing.T) {
	for name, sql := range map[string]string{
		"after a day": `INSERT INTO answers (event_id, answer, request, subject, until_ms, made_ms)
SELECT event_id, answer, request, subject, until_ms, made_ms + 86400000 FROM answers LIMIT 1`,
		"after many others": `INSERT INTO answers SELECT answer_seq + 1000000, event_id, answer,
request, subject, until_ms, made_ms FROM answers LIMIT 1`,
	} {
		t.Run(name, func(t *testing.T) {
			h := openAuditedHouse(t)
			h.hold(h.openEvent(8), 0)
			now := h.clock()
			h.close()
			breakLedger(t, h.dir, sql)
			if r := auditDir(t, h.dir, now); !r.OK {
				t.Errorf("broken:\n%s", asText(t, r))
			}
		})
	}
}
