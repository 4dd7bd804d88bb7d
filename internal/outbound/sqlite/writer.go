package sqlite

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"zombiezen.com/go/sqlite"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/recall"
)

// writer is the one connection that writes, with its prepared statements. Its user holds Store.mu.
type writer struct {
	conn      *sqlite.Conn
	scratch   []byte
	memory    recall.Rows
	answers   answerIndex
	recent    recent
	deadlines deadlines
	behind    bool // the file may hold what the memory lacks

	answerSeq int64 // the last answer that the batch has written, or 0

	begin, commit, rollback *sqlite.Stmt

	getEvent, getPlace, getHold, getOrder, getBuyer          *sqlite.Stmt
	newAnswers, oldAnswer, openHolds, openOrders             *sqlite.Stmt
	getPayment, getNotice, getRefund, getTicket              *sqlite.Stmt
	setEvent, setPlace, addHold, setHold, addOrder, setOrder *sqlite.Stmt
	addAnswer, addBuyer, setBuyer, addPayment, setPayment    *sqlite.Stmt
	addNotice, addRefund, setRefund, addTicket, setTicket    *sqlite.Stmt
	addFact, getReturns, setNotice, addEntry                 *sqlite.Stmt
	getVoucher, addVoucher, setVoucher, amendHold            *sqlite.Stmt
}

// Columns that several statements share, in the order in which their rows are scanned.
const (
	holdColumns = "hold, state, created_ms, expires_ms, extensions, total, currency, lines, " +
		"order_key, charges, amendments"
	orderColumns = "order_key, hold, state, placed_ms, expires_ms, paid_ms, total, currency, " +
		"lines, buyer_name, buyer_email, buyer, return_url, provider, transaction_id, " +
		"declined, charges, voucher, language"
	ticketColumns = "place, fence, secret, order_key, state, used_ms, gate, " +
		"transfers, holder_name, holder_email, holder_language"
	paymentColumns = "provider, transaction_id, order_key, amount, currency, captured_ms, " +
		"used_for, refunded, attempt"
	refundColumns = "refund, provider, transaction_id, order_key, amount, currency, reason, " +
		"state, requested_ms, done_ms, gateway_ref, retries, places"
	entryColumns = "event_id, kind, at_ms, order_key, provider, ref, currency, clearing, " +
		"receivable, revenue, fees, tax, refunds, chargebacks"
	noticeColumns = "state, applied_ms, payload, why"
	saleColumns   = "status, revision, opens_ms, closes_ms, max_per_order, max_per_buyer, " +
		"hold_ms, pay_ms, max_extensions"
)

// statement is one of the writer's prepared statements.
type statement struct {
	stmt **sqlite.Stmt
	sql  string
}

func (w *writer) prepare() error {
	for _, s := range slices.Concat(w.reads(), w.writes()) {
		stmt, err := w.conn.Prepare(s.sql)
		if err != nil {
			return fmt.Errorf("prepare %q: %w", s.sql, err)
		}
		*s.stmt = stmt
	}
	return nil
}

func (w *writer) reads() []statement {
	return []statement{
		{&w.begin, "BEGIN IMMEDIATE"},
		{&w.commit, "COMMIT"},
		{&w.rollback, "ROLLBACK"},
		{&w.getEvent, "SELECT " + saleColumns + " FROM events WHERE event_id = ?"},
		{&w.getPlace, "SELECT state, holder, fence, until_ms FROM places WHERE place_key = ?"},
		{&w.getHold, "SELECT " + holdColumns +
			" FROM holds WHERE hold_no = ? AND hold = ? AND event_id = ?"},
		{&w.getOrder, "SELECT " + orderColumns +
			" FROM orders WHERE order_no = ? AND order_key = ? AND event_id = ?"},
		{&w.oldAnswer, "SELECT answer_seq FROM answers WHERE made_ms < ? " +
			"ORDER BY answer_seq DESC LIMIT 1"},
		{&w.newAnswers, "SELECT answer_seq, event_id, answer, request, subject, until_ms " +
			"FROM answers WHERE answer_seq > ? ORDER BY answer_seq"},
		{&w.openHolds, "SELECT event_id, hold, expires_ms FROM holds WHERE state = 1"},
		{&w.openOrders, "SELECT event_id, order_key, expires_ms FROM orders WHERE state = 1"},
		{&w.getBuyer, "SELECT places FROM buyers WHERE event_id = ? AND buyer = ?"},
		{&w.getPayment, "SELECT " + paymentColumns + " FROM payments " +
			"WHERE event_id = ? AND provider = ? AND transaction_id = ?"},
		{&w.getNotice, "SELECT " + noticeColumns + " FROM notices " +
			"WHERE event_id = ? AND provider = ? AND notice = ?"},
		{&w.getRefund, "SELECT " + refundColumns +
			" FROM refunds WHERE event_id = ? AND refund = ?"},
		{&w.getReturns, "SELECT " + refundColumns + " FROM refunds " +
			"WHERE event_id = ? AND provider = ? AND transaction_id = ?"},
		{&w.getTicket, "SELECT " + ticketColumns +
			" FROM tickets WHERE event_id = ? AND place = ? AND voided = 0"},
		{&w.getVoucher, "SELECT " + voucherColumns +
			" FROM vouchers WHERE event_id = ? AND code = ?"},
	}
}

func (w *writer) writes() []statement {
	return []statement{
		{&w.setEvent, "UPDATE events SET status = ? " +
			"WHERE event_id = ? AND revision = ? AND status = ?"},
		// The condition is the guard of the whole box office: nobody writes a place that has
		// been granted anew since it was read.
		{&w.setPlace, "UPDATE places SET state = ?, holder = ?, fence = ?, until_ms = ? " +
			"WHERE place_key = ? AND fence = ? AND state = ? AND until_ms = ?"},
		{&w.addHold, "INSERT INTO holds (hold_no, event_id, " + holdColumns +
			") VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)"},
		{&w.setHold, "UPDATE holds SET state = ?, expires_ms = ?, extensions = ?, order_key = ? " +
			"WHERE hold_no = ? AND state = ? AND extensions = ? AND amendments = ?"},
		{&w.amendHold, "UPDATE holds SET amendments = ?, lines = ?, total = ?, charges = ? " +
			"WHERE hold_no = ? AND amendments = ?"},
		{&w.addOrder, "INSERT INTO orders (order_no, event_id, " + orderColumns +
			") VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"},
		{&w.setOrder, "UPDATE orders SET state = ?, paid_ms = ?, lines = ?, provider = ?, " +
			"transaction_id = ?, declined = ? WHERE order_no = ? AND state = ? AND declined = ? " +
			"AND lines = ?"},
		{&w.addAnswer, "INSERT INTO answers (event_id, answer, request, subject, until_ms, " +
			"made_ms) VALUES (?,?,?,?,?,?)"},
		{&w.addBuyer, "INSERT INTO buyers (event_id, buyer, places) VALUES (?,?,?)"},
		{&w.setBuyer, "UPDATE buyers SET places = ? " +
			"WHERE event_id = ? AND buyer = ? AND places = ?"},
		{&w.addPayment, "INSERT INTO payments (event_id, " + paymentColumns +
			") VALUES (?,?,?,?,?,?,?,?,?,?)"},
		{&w.setPayment, "UPDATE payments SET refunded = ?, used_for = ? WHERE event_id = ? " +
			"AND provider = ? AND transaction_id = ? AND refunded = ? AND used_for = ?"},
		{&w.addNotice, "INSERT INTO notices (event_id, provider, notice, " + noticeColumns +
			") VALUES (?,?,?,?,?,?,?)"},
		{&w.setNotice, "UPDATE notices SET state = ?, why = ? " +
			"WHERE event_id = ? AND provider = ? AND notice = ? AND state = ?"},
		{&w.addRefund, "INSERT INTO refunds (event_id, " + refundColumns +
			") VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)"},
		{&w.setRefund, "UPDATE refunds SET state = ?, done_ms = ?, gateway_ref = ?, " +
			"retries = ? WHERE event_id = ? AND refund = ? AND state = ? AND retries = ?"},
		{&w.addTicket, "INSERT INTO tickets (event_id, voided, " + ticketColumns +
			") VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)"},
		{&w.setTicket, "UPDATE tickets SET voided = ?, state = ?, used_ms = ?, gate = ? " +
			"WHERE event_id = ? AND place = ? AND voided = 0 AND fence = ? AND state = ?"},
		{&w.addEntry, "INSERT INTO journal (" + entryColumns +
			") VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)"},
		{&w.addFact, "INSERT INTO facts (event_id, kind, at_ms, body) VALUES (?,?,?,?)"},
		{&w.addVoucher, "INSERT INTO vouchers (event_id, " + voucherColumns +
			") VALUES (?,?,?,?,?,?,?,?,?,?)"},
		{&w.setVoucher, "UPDATE vouchers SET used = ?, disabled = ? " +
			"WHERE event_id = ? AND code = ? AND used = ? AND disabled = ?"},
	}
}

// transact runs change between BEGIN IMMEDIATE and COMMIT. If change fails, nothing is written. A
// failed COMMIT is rolled back; if even that can't be known, the failure is errUnknownCommit.
func (w *writer) transact(change func() error) error {
	if err := bind(w.begin).run(); err != nil {
		return err
	}
	ended := false
	defer func() {
		if !ended { // change panicked: whoever catches that must not find the transaction open
			_ = bind(w.rollback).run()
		}
	}()
	err := change()
	ended = true
	if err != nil {
		return errors.Join(err, bind(w.rollback).run())
	}
	if err = bind(w.commit).run(); err == nil {
		return nil
	}
	if w.conn.AutocommitEnabled() {
		// SQLite has ended the transaction by itself and reported a failure: what reached the
		// disk can't be told from here.
		return errors.Join(errUnknownCommit, err)
	}
	return errors.Join(err, bind(w.rollback).run())
}

// remember keeps what a committed batch has written, so that it needn't be read again.
func (w *writer) remember(b *booking.Book) {
	w.memory.Remember(b)
	w.recent.remember(b)
	w.deadlines.remember(b)
	for c := range b.ChangedAnswers() {
		w.answers.put(b.Now(), w.answerSeq, c.Key, answerRow{request: c.Value.Request,
			subject: c.Value.Subject, until: millis(c.Value.Until)})
	}
}

// forget is for a batch that failed; unknown says that it may have been written all the same.
func (w *writer) forget(unknown bool) {
	w.memory.Forget()
	w.recent.forget()
	w.behind = w.behind || unknown
}

// catchUp reads what is kept in memory from the file: when the ledger is opened, and after a commit
// of unknown outcome.
func (w *writer) catchUp(now time.Time) error {
	if !w.behind {
		return nil
	}
	if err := w.readAnswers(now); err != nil {
		return err
	}
	if err := w.readDeadlines(); err != nil {
		return err
	}
	w.behind = false
	return nil
}

var errUnknownCommit = errors.New("the outcome of the commit is unknown")

// changedOne tells whether the conditional write before found its row as it was read.
func (w *writer) changedOne() error {
	if w.conn.Changes() != 1 {
		return errStale
	}
	return nil
}

var errStale = errors.New("a row was changed since it was read")
