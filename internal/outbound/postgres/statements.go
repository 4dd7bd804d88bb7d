package postgres

import (
	"strconv"
	"strings"
)

// Columns that several statements share, in the order in which their rows are scanned. The event
// comes first in each.
const (
	saleColumns = "event_id, status, revision, opens_ms, closes_ms, max_per_order, " +
		"max_per_buyer, hold_ms, pay_ms, max_extensions"
	placeColumns = "p.event_id, p.place, p.state, p.holder, p.fence, p.until_ms"
	holdColumns  = "h.event_id, h.hold, h.state, h.created_ms, h.expires_ms, h.extensions, " +
		"h.total, h.currency, h.lines, h.order_key, h.charges, h.amendments"
	orderColumns = "o.event_id, o.order_key, o.hold, o.state, o.placed_ms, o.expires_ms, " +
		"o.paid_ms, o.total, o.currency, o.lines, o.buyer_name, o.buyer_email, o.buyer, " +
		"o.return_url, o.provider, o.transaction_id, o.declined, o.charges, o.voucher, " +
		"o.language"
	ticketColumns = "t.event_id, t.place, t.fence, t.secret, t.order_key, t.state, t.used_ms, " +
		"t.gate, t.transfers, t.holder_name, t.holder_email, t.holder_language"
	paymentColumns = "m.event_id, m.provider, m.transaction_id, m.order_key, m.amount, " +
		"m.currency, m.captured_ms, m.used_for, m.refunded, m.attempt"
	refundColumns = "r.event_id, r.refund, r.provider, r.transaction_id, r.order_key, r.amount, " +
		"r.currency, r.reason, r.state, r.requested_ms, r.done_ms, r.gateway_ref, r.retries, " +
		"r.places"
	noticeColumns = "n.event_id, n.provider, n.notice, n.state, n.applied_ms, n.payload, n.why"
)

// statement is a prepared statement of the command connections.
type statement struct {
	name, sql string
	kinds     string // of its array parameters, see columns.reset
	counted   bool   // its last parameter is the number of rows that must be changed
}

// Statements that load. Rows are locked in the order of their keys and tables in the order in which
// they stand here, by every instance, so that two of them can't wait for each other. A row that is
// named twice comes twice, which costs less than to look for such rows. An event isn't locked: what
// is decided while its sale is being stopped counts as decided before.
//
// When a row was changed while it was waited for, the server looks again whether it belongs to the
// result. It can do that for a join with arrays or with a materialized list of keys; with a UNION
// in the join it would drop the row.
var (
	stmtBegin = statement{name: "begin", sql: "BEGIN ISOLATION LEVEL READ COMMITTED"}

	stmtEvents = statement{name: "events", kinds: "i", sql: "SELECT " + saleColumns +
		" FROM events WHERE event_id = ANY ($1::bigint[])"}
	stmtHolds = statement{name: "holds", kinds: "ib", sql: "SELECT " + holdColumns + `
FROM unnest($1::bigint[], $2::bytea[]) k (event_id, hold) JOIN holds h USING (event_id, hold)
ORDER BY h.event_id, h.hold FOR UPDATE OF h`}
	stmtOrders = statement{name: "orders", kinds: "ib", sql: "SELECT " + orderColumns + `
FROM unnest($1::bigint[], $2::bytea[]) k (event_id, order_key)
JOIN orders o USING (event_id, order_key)
ORDER BY o.event_id, o.order_key FOR UPDATE OF o`}
	// The holds and orders are locked by now: their lines stay as they are.
	stmtPlaces = statement{name: "places", kinds: "iiibib", sql: `WITH k AS MATERIALIZED (
	SELECT * FROM unnest($1::bigint[], $2::bigint[]) k (event_id, place)
	UNION ALL SELECT h.event_id, h.lines[generate_series(1, cardinality(h.lines), 4)]
	FROM unnest($3::bigint[], $4::bytea[]) k (event_id, hold) JOIN holds h USING (event_id, hold)
	UNION ALL SELECT o.event_id, o.lines[generate_series(1, cardinality(o.lines), 4)]
	FROM unnest($5::bigint[], $6::bytea[]) k (event_id, order_key)
	JOIN orders o USING (event_id, order_key)
) SELECT ` + placeColumns + `
FROM k JOIN places p USING (event_id, place)
ORDER BY p.event_id, p.place FOR UPDATE OF p`}
	stmtBuyers = statement{name: "buyers", kinds: "ibib", sql: `WITH k AS MATERIALIZED (
	SELECT * FROM unnest($1::bigint[], $2::bytea[]) k (event_id, buyer)
	UNION ALL SELECT o.event_id, o.buyer
	FROM unnest($3::bigint[], $4::bytea[]) k (event_id, order_key)
	JOIN orders o USING (event_id, order_key)
) SELECT b.event_id, b.buyer, b.places FROM k JOIN buyers b USING (event_id, buyer)
ORDER BY b.event_id, b.buyer FOR UPDATE OF b`}
	stmtTickets = statement{name: "tickets", kinds: "iiib", sql: `WITH k AS MATERIALIZED (
	SELECT * FROM unnest($1::bigint[], $2::bigint[]) k (event_id, place)
	UNION ALL SELECT o.event_id, o.lines[generate_series(1, cardinality(o.lines), 4)]
	FROM unnest($3::bigint[], $4::bytea[]) k (event_id, order_key)
	JOIN orders o USING (event_id, order_key)
) SELECT ` + ticketColumns + `
FROM k JOIN tickets t ON t.event_id = k.event_id AND t.place = k.place AND t.voided = 0
ORDER BY t.event_id, t.place FOR UPDATE OF t`}
	stmtPayments = statement{name: "payments", kinds: "ittib", sql: `WITH k AS MATERIALIZED (
	SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[])
		k (event_id, provider, transaction_id)
	UNION ALL SELECT o.event_id, o.provider, o.transaction_id
	FROM unnest($4::bigint[], $5::bytea[]) k (event_id, order_key)
	JOIN orders o USING (event_id, order_key) WHERE o.transaction_id <> ''
) SELECT ` + paymentColumns + `
FROM k JOIN payments m USING (event_id, provider, transaction_id)
ORDER BY m.provider, m.transaction_id FOR UPDATE OF m`}
	// The payments are locked by now: they get no further refunds.
	stmtRefunds = statement{name: "refunds", kinds: "ititt", sql: `WITH k AS MATERIALIZED (
	SELECT * FROM unnest($1::bigint[], $2::text[]) k (event_id, refund)
	UNION ALL SELECT r.event_id, r.refund
	FROM unnest($3::bigint[], $4::text[], $5::text[]) k (event_id, provider, transaction_id)
	JOIN refunds r USING (event_id, provider, transaction_id)
) SELECT ` + refundColumns + `
FROM k JOIN refunds r USING (event_id, refund)
ORDER BY r.event_id, r.refund FOR UPDATE OF r`}
	stmtNotices = statement{name: "notices", kinds: "itt", sql: "SELECT " + noticeColumns + `
FROM unnest($1::bigint[], $2::text[], $3::text[]) k (event_id, provider, notice)
JOIN notices n USING (event_id, provider, notice)`}
	stmtAnswers = statement{name: "answers", kinds: "ib", sql: `
SELECT a.event_id, a.answer, a.request, a.subject, a.until_ms
FROM unnest($1::bigint[], $2::bytea[]) k (event_id, answer)
JOIN answers a USING (event_id, answer)`}
	// Read last, when all locks are held: what others did before us has an earlier time.
	stmtClock = statement{name: "clock",
		sql: "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint"}
)

// Statements that write. A conditional one fails unless it finds each row as it was read. Rows that
// two instances may make at once are made in the order of their keys, as rows are locked.
var (
	stmtCommit = statement{name: "commit", sql: "COMMIT"}

	stmtSetEvents = counted("set_events", "iiii", `UPDATE events e SET status = k.status
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[])
	k (event_id, status, was_revision, was_status)
WHERE e.event_id = k.event_id AND e.revision = k.was_revision AND e.status = k.was_status`)
	// The condition is the guard of the whole box office: nobody writes a place that has been
	// granted anew since it was read.
	stmtSetPlaces = counted("set_places", "iiibiiiii", `UPDATE places p
SET state = k.state, holder = nullif(k.holder, ''), fence = k.fence, until_ms = k.until_ms
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bytea[], $5::bigint[], $6::bigint[],
	$7::bigint[], $8::bigint[], $9::bigint[])
	k (event_id, place, state, holder, fence, until_ms, was_fence, was_state, was_until)
WHERE p.event_id = k.event_id AND p.place = k.place AND p.fence = k.was_fence
AND p.state = k.was_state AND p.until_ms = k.was_until`)
	stmtAddHolds = statement{name: "add_holds", kinds: "ibiiiiittbti", sql: `INSERT INTO holds
(event_id, hold, state, created_ms, expires_ms, extensions, total, currency, lines, order_key,
charges, amendments)
SELECT event_id, hold, state, created_ms, expires_ms, extensions, total, currency, lines::bigint[],
	nullif(order_key, ''), charges, amendments
FROM unnest($1::bigint[], $2::bytea[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],
	$7::bigint[], $8::text[], $9::text[], $10::bytea[], $11::text[], $12::bigint[]) k (event_id,
	hold, state, created_ms, expires_ms, extensions, total, currency, lines, order_key, charges,
	amendments)`}
	stmtSetHolds = counted("set_holds", "ibiiibiii", `UPDATE holds h SET state = k.state,
expires_ms = k.expires_ms, extensions = k.extensions, order_key = nullif(k.order_key, '')
FROM unnest($1::bigint[], $2::bytea[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bytea[],
	$7::bigint[], $8::bigint[], $9::bigint[])
	k (event_id, hold, state, expires_ms, extensions, order_key, was_state, was_extensions,
	was_amendments)
WHERE h.event_id = k.event_id AND h.hold = k.hold AND h.state = k.was_state
AND h.extensions = k.was_extensions AND h.amendments = k.was_amendments`)
	// Few holds are amended: what only that changes is written after the rest, by itself.
	stmtAmendHolds = counted("amend_holds", "ibititi", `UPDATE holds h SET
lines = k.lines::bigint[], total = k.total, charges = k.charges, amendments = k.amendments
FROM unnest($1::bigint[], $2::bytea[], $3::bigint[], $4::text[], $5::bigint[], $6::text[],
	$7::bigint[]) k (event_id, hold, amendments, lines, total, charges, was_amendments)
WHERE h.event_id = k.event_id AND h.hold = k.hold AND h.amendments = k.was_amendments`)
	stmtAddOrders = statement{name: "add_orders", kinds: "ibbiiiiitttt" + "bttti" + "ttt",
		sql: `INSERT INTO orders (event_id, order_key, hold, state, placed_ms, expires_ms, paid_ms,
total, currency, lines, buyer_name, buyer_email, buyer, return_url, provider, transaction_id,
declined, charges, voucher, language)
SELECT event_id, order_key, hold, state, placed_ms, expires_ms, paid_ms, total, currency,
	lines::bigint[], buyer_name, buyer_email, buyer, return_url, provider, transaction_id, declined,
	charges, voucher, language
FROM unnest($1::bigint[], $2::bytea[], $3::bytea[], $4::bigint[], $5::bigint[], $6::bigint[],
	$7::bigint[], $8::bigint[], $9::text[], $10::text[], $11::text[], $12::text[], $13::bytea[],
	$14::text[], $15::text[], $16::text[], $17::bigint[], $18::text[], $19::text[],
	$20::text[]) k
	(event_id, order_key, hold, state, placed_ms, expires_ms, paid_ms, total, currency, lines,
	buyer_name, buyer_email, buyer, return_url, provider, transaction_id, declined, charges,
	voucher, language)`}
	// Transfers of two tickets of one order change nothing else of it than its lines.
	stmtSetOrders = counted("set_orders", "ibiitttiiit", `UPDATE orders o SET state = k.state,
paid_ms = k.paid_ms, lines = k.lines::bigint[], provider = k.provider,
transaction_id = k.transaction_id, declined = k.declined
FROM unnest($1::bigint[], $2::bytea[], $3::bigint[], $4::bigint[], $5::text[], $6::text[],
	$7::text[], $8::bigint[], $9::bigint[], $10::bigint[], $11::text[])
	k (event_id, order_key, state, paid_ms, lines, provider, transaction_id, declined, was_state,
	was_declined, was_lines)
WHERE o.event_id = k.event_id AND o.order_key = k.order_key AND o.state = k.was_state
AND o.declined = k.was_declined AND o.lines = k.was_lines::bigint[]`)
	// The lines of an order that awaits its payment are only changed together with its state: there
	// is no ticket yet to be passed on. To read and write arrays costs a third of the statement.
	stmtPayOrders = counted("pay_orders", "ibiittiii", `UPDATE orders o SET state = k.state,
paid_ms = k.paid_ms, provider = k.provider, transaction_id = k.transaction_id,
declined = k.declined
FROM unnest($1::bigint[], $2::bytea[], $3::bigint[], $4::bigint[], $5::text[], $6::text[],
	$7::bigint[], $8::bigint[], $9::bigint[])
	k (event_id, order_key, state, paid_ms, provider, transaction_id, declined, was_state,
	was_declined)
WHERE o.event_id = k.event_id AND o.order_key = k.order_key AND o.state = k.was_state
AND o.declined = k.was_declined`)
	// Voided tickets are written before new ones: they make room under the unique key.
	stmtSetTickets = counted("set_tickets", "iiiiiiti", `UPDATE tickets t SET voided = k.voided,
state = k.state, used_ms = k.used_ms, gate = k.gate
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],
	$7::text[], $8::bigint[])
	k (event_id, place, fence, voided, state, used_ms, gate, was_state)
WHERE t.event_id = k.event_id AND t.place = k.place AND t.voided = 0 AND t.fence = k.fence
AND t.state = k.was_state`)
	stmtAddTickets = statement{name: "add_tickets", kinds: "iiiibbiitittt", sql: `
INSERT INTO tickets
(event_id, place, voided, fence, secret, order_key, state, used_ms, gate, transfers, holder_name,
holder_email, holder_language)
SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bytea[],
	$6::bytea[], $7::bigint[], $8::bigint[], $9::text[], $10::bigint[], $11::text[],
	$12::text[], $13::text[])`}
	stmtAddPayments = statement{name: "add_payments", kinds: "ittbitiiit", sql: `
INSERT INTO payments
(event_id, provider, transaction_id, order_key, amount, currency, captured_ms, used_for, refunded,
attempt)
SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bytea[], $5::bigint[], $6::text[],
	$7::bigint[], $8::bigint[], $9::bigint[], $10::text[]) ORDER BY 2, 3`}
	stmtSetPayments = counted("set_payments", "ittiiii", `UPDATE payments m
SET refunded = k.refunded, used_for = k.used_for
FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[],
	$7::bigint[])
	k (event_id, provider, transaction_id, refunded, used_for, was_refunded, was_used_for)
WHERE m.event_id = k.event_id AND m.provider = k.provider
AND m.transaction_id = k.transaction_id AND m.refunded = k.was_refunded
AND m.used_for = k.was_used_for`)
	stmtAddRefunds = statement{name: "add_refunds", kinds: "itttbittiiitit", sql: `
INSERT INTO refunds
(event_id, refund, provider, transaction_id, order_key, amount, currency, reason, state,
requested_ms, done_ms, gateway_ref, retries, places)
SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::bytea[], $6::bigint[],
	$7::text[], $8::text[], $9::bigint[], $10::bigint[], $11::bigint[], $12::text[],
	$13::bigint[], $14::text[]) ORDER BY 1, 2`}
	stmtSetRefunds = counted("set_refunds", "itiiitiiii", `UPDATE refunds r SET amount = k.amount,
state = k.state, done_ms = k.done_ms, gateway_ref = k.gateway_ref, retries = k.retries
FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[],
	$7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[])
	k (event_id, refund, amount, state, done_ms, gateway_ref, retries, was_amount, was_state,
		was_retries)
WHERE r.event_id = k.event_id AND r.refund = k.refund AND r.amount = k.was_amount
AND r.state = k.was_state AND r.retries = k.was_retries`)
	stmtAddAnswers = statement{name: "add_answers", kinds: "ibbbii", sql: `INSERT INTO answers
(event_id, answer, request, subject, until_ms, made_ms)
SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bytea[], $4::bytea[], $5::bigint[],
	$6::bigint[]) ORDER BY 1, 2`}
	stmtAddBuyers = statement{name: "add_buyers", kinds: "ibi", sql: `INSERT INTO buyers
(event_id, buyer, places)
SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bigint[]) ORDER BY 1, 2`}
	stmtSetBuyers = counted("set_buyers", "ibii", `UPDATE buyers b SET places = k.places
FROM unnest($1::bigint[], $2::bytea[], $3::bigint[], $4::bigint[])
	k (event_id, buyer, places, was_places)
WHERE b.event_id = k.event_id AND b.buyer = k.buyer AND b.places = k.was_places`)
	stmtAddNotices = statement{name: "add_notices", kinds: "ittiitt", sql: `INSERT INTO notices
(event_id, provider, notice, state, applied_ms, payload, why)
SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::text[],
	$7::text[]) ORDER BY 2, 3`}
	stmtSetNotices = counted("set_notices", "ittiti", `UPDATE notices n SET state = k.state,
why = k.why
FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::bigint[])
	k (event_id, provider, notice, state, why, was_state)
WHERE n.event_id = k.event_id AND n.provider = k.provider AND n.notice = k.notice
AND n.state = k.was_state`)
	stmtAddEntries = statement{name: "add_entries", kinds: "itibtttiiiiiii",
		sql: `INSERT INTO journal (event_id, kind, at_ms, order_key, provider, ref, currency,
clearing, receivable, revenue, fees, tax, refunds, chargebacks)
SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bytea[], $5::text[], $6::text[],
	$7::text[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[],
	$13::bigint[], $14::bigint[])`}
	// The first condition numbers the transaction before it numbers its facts; log.go says why.
	stmtAddFacts = statement{name: "add_facts", kinds: "itit", sql: `INSERT INTO facts
(event_id, kind, at_ms, body)
SELECT event_id, kind, at_ms, body FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[])
	WITH ORDINALITY k (event_id, kind, at_ms, body, number)
WHERE pg_current_xact_id() IS NOT NULL ORDER BY number`}
)

// counted is an update that fails unless it changes as many rows as its last parameter says.
func counted(name, kinds, update string) statement {
	count := "$" + strconv.Itoa(len(kinds)+1)
	return statement{name: name, kinds: kinds, counted: true, sql: "WITH done AS (" + update +
		"\nRETURNING 1) SELECT expect_rows(count(*), " + count + "::bigint) FROM done"}
}

// unlockedSuffix marks the statements that load without locks.
const unlockedSuffix = "_unlocked"

// lockClause is what locks, at the end of a statement that loads.
const lockClause = " FOR UPDATE OF "

// orderClause is what sorts, before the clause that locks.
const orderClause = "\nORDER BY "

// unlocked is a statement without its locks, if it takes any, and without the order in which it
// takes them.
func (s *statement) unlocked() (*statement, bool) {
	sql, _, locks := strings.Cut(s.sql, lockClause)
	if locks {
		sql, _, _ = strings.Cut(sql, orderClause)
	}
	return &statement{name: s.name + unlockedSuffix, sql: sql, kinds: s.kinds}, locks
}
