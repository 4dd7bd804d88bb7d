package sqlite

import (
	"zombiezen.com/go/sqlite"

	"ticketflow/internal/app/audit"
	"ticketflow/internal/app/outbox"
	"ticketflow/internal/app/planfile"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/fact"
)

func columnPaymentRef(stmt *sqlite.Stmt) booking.PaymentRef {
	return booking.PaymentRef{Event: columnEvent(stmt, 0), Provider: stmt.ColumnText(1),
		Transaction: stmt.ColumnText(2)}
}

func (a *scanner) payments() error {
	var r audit.PaymentRow
	return a.rows("SELECT event_id, provider, transaction_id, order_key, amount, currency, "+
		"used_for, refunded, attempt FROM payments ORDER BY event_id, provider, transaction_id",
		func(stmt *sqlite.Stmt) {
			r = audit.PaymentRow{Ref: columnPaymentRef(stmt), Order: wholeKey(stmt, 3),
				Amount: whole(stmt, 4), Currency: stmt.ColumnText(5),
				Use: whole(stmt, 6), Refunded: whole(stmt, 7), Attempt: stmt.ColumnText(8)}
			a.look.Payment(&r)
		})
}

func (a *scanner) refunds() error {
	var r audit.RefundRow
	return a.rows("SELECT event_id, provider, transaction_id, refund, order_key, amount, "+
		"currency, state, done_ms, reason, retries, places FROM refunds "+
		"ORDER BY event_id, refund", func(stmt *sqlite.Stmt) {
		places, err := planfile.DecodePlaces(stmt.ColumnText(11))
		r = audit.RefundRow{Payment: columnPaymentRef(stmt),
			Ref:   booking.RefundRef{Event: columnEvent(stmt, 0), Key: stmt.ColumnText(3)},
			Order: wholeKey(stmt, 4), Amount: whole(stmt, 5), Currency: stmt.ColumnText(6),
			State: whole(stmt, 7), DoneAt: columnTime(stmt, 8),
			Reason:  booking.RefundReason(stmt.ColumnText(9)),
			Retries: whole(stmt, 10), Places: places, Unreadable: err != nil}
		a.look.Refund(&r)
	})
}

func (a *scanner) notices() error {
	var r audit.NoticeRow
	return a.rows("SELECT event_id, provider, notice, state, why FROM notices "+
		"ORDER BY event_id, provider, notice", func(stmt *sqlite.Stmt) {
		r = audit.NoticeRow{State: whole(stmt, 3), Why: stmt.ColumnText(4),
			Ref: booking.NoticeRef{Event: columnEvent(stmt, 0), Provider: stmt.ColumnText(1),
				Notice: stmt.ColumnText(2)}}
		a.look.Notice(&r)
	})
}

func (a *scanner) journal() error {
	var r audit.EntryRow
	return a.rows("SELECT entry, "+entryColumns+" FROM journal ORDER BY entry",
		func(stmt *sqlite.Stmt) {
			r = audit.EntryRow{Number: whole(stmt, 0), Event: columnEvent(stmt, 1),
				Kind: booking.EntryKind(stmt.ColumnText(2)), Order: wholeKey(stmt, 4),
				Provider: stmt.ColumnText(5), Ref: stmt.ColumnText(6),
				Currency: stmt.ColumnText(7), Accounts: audit.Accounts{
					Clearing: whole(stmt, 8), Receivable: whole(stmt, 9),
					Revenue: whole(stmt, 10), Fees: whole(stmt, 11), Tax: whole(stmt, 12),
					Refunds: whole(stmt, 13), Chargebacks: whole(stmt, 14)}}
			a.look.Entry(&r)
		})
}

func (a *scanner) buyers() error {
	var r audit.BuyerRow
	return a.rows("SELECT event_id, buyer, places FROM buyers ORDER BY event_id, buyer",
		func(stmt *sqlite.Stmt) {
			r = audit.BuyerRow{Ref: booking.BuyerRef{Event: columnEvent(stmt, 0),
				Buyer: columnFingerprint(stmt, 1)}, Places: whole(stmt, 2)}
			a.look.Buyer(&r)
		})
}

func (a *scanner) vouchers() error {
	var r audit.VoucherRow
	return a.rows("SELECT event_id, code, used, max_uses FROM vouchers ORDER BY event_id, code",
		func(stmt *sqlite.Stmt) {
			r = audit.VoucherRow{Ref: booking.VoucherRef{Event: columnEvent(stmt, 0),
				Code: stmt.ColumnText(1)}, Used: whole(stmt, 2), MaxUses: whole(stmt, 3)}
			a.look.Voucher(&r)
		})
}

func (a *scanner) answers() error {
	var r audit.AnswerRow
	return a.rows("SELECT event_id, answer, subject, answer_seq, made_ms FROM answers "+
		"ORDER BY event_id, answer, answer_seq", func(stmt *sqlite.Stmt) {
		r = audit.AnswerRow{Event: columnEvent(stmt, 0), Key: columnFingerprint(stmt, 1),
			Subject: wholeKey(stmt, 2), Number: whole(stmt, 3), MadeAt: columnTime(stmt, 4)}
		a.look.Answer(&r)
	})
}

func (a *scanner) facts() error {
	var r audit.FactRow
	return a.rows("SELECT position, event_id, kind, at_ms, body FROM facts ORDER BY position",
		func(stmt *sqlite.Stmt) {
			body, err := outbox.ParseBody([]byte(stmt.ColumnText(4)))
			r = audit.FactRow{Position: whole(stmt, 0), Fact: body, Unreadable: err != nil}
			r.Fact.Event, r.Fact.Kind = columnEvent(stmt, 1), fact.Kind(stmt.ColumnText(2))
			r.Fact.At = columnTime(stmt, 3)
			a.look.Fact(&r)
		})
}

func (a *scanner) cursors() error {
	return a.positions("SELECT subscriber, position FROM cursors ORDER BY subscriber",
		a.look.Cursor)
}

func (a *scanner) inbox() error {
	return a.positions("SELECT subscriber, position FROM inbox ORDER BY subscriber, position",
		a.look.Inbox)
}

func (a *scanner) positions(sql string, show func(*audit.CursorRow)) error {
	var r audit.CursorRow
	return a.rows(sql, func(stmt *sqlite.Stmt) {
		r = audit.CursorRow{Subscriber: stmt.ColumnText(0), Position: whole(stmt, 1)}
		show(&r)
	})
}
