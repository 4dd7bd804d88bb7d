package postgres

import (
	"bytes"
	"context"

	"github.com/jackc/pgx/v5"

	"ticketflow/internal/app/audit"
	"ticketflow/internal/app/outbox"
	"ticketflow/internal/app/planfile"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/fact"
	"ticketflow/internal/domain/ident"
)

var _ audit.Source = (*Store)(nil)

// ScanRows implements audit.Source, in one REPEATABLE READ snapshot on the primary. Rows are shown
// as they arrive; vacuum can't clean up behind the snapshot until the last one was shown.
func (s *Store) ScanRows(ctx context.Context, look audit.Look) error {
	tx, err := s.reads.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead,
		AccessMode: pgx.ReadOnly})
	if err != nil {
		return err
	}
	// Nothing was written, so that nothing can be lost with a failed rollback.
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	_, err = tx.Exec(ctx, "SET LOCAL statement_timeout = 0; "+
		"SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL plan_cache_mode = auto; "+
		"SET LOCAL enable_seqscan = on; SET LOCAL enable_hashjoin = on; "+
		"SET LOCAL enable_mergejoin = on")
	if err != nil {
		return err
	}
	scan := scanner{tx: tx, look: look}
	// The first read takes the snapshot, so that no commit in it is later than now.
	if err := scan.rows(ctx, "SELECT count(*) FROM events", func(row) {}); err != nil {
		return err
	}
	now, err := s.now(ctx)
	if err != nil {
		return err
	}
	look.Now(now)
	for _, table := range []func(context.Context) error{
		scan.events, scan.places, scan.holds, scan.orders, scan.tickets, scan.payments,
		scan.refunds, scan.notices, scan.journal, scan.buyers, scan.vouchers, scan.answers,
		scan.facts,
		scan.cursors, scan.inbox,
	} {
		if err := table(ctx); err != nil {
			return err
		}
	}
	return nil
}

// scanner shows the rows of a snapshot.
type scanner struct {
	tx   pgx.Tx
	look audit.Look
}

func (a *scanner) rows(ctx context.Context, sql string, show func(r row)) error {
	return fetch(ctx, a.tx, show, sql)
}

// wholeKey is a key, zero for none, or one that nothing sound equals where it hasn't a key's
// length.
func wholeKey(r row, col int) ident.Key {
	if n := len(r[col]); n != 0 && n != ident.KeyBytes {
		return ident.Key(bytes.Repeat([]byte{0xFF}, ident.KeyBytes))
	}
	return r.key(col)
}

// wholePlace is a place, or one that no plan has where the number is no place's.
func wholePlace(r row, col int) catalog.PlaceNo {
	const none = 1<<32 - 1
	no := r.int(col)
	if no < 0 || no > none {
		return none
	}
	return catalog.PlaceNo(no)
}

func (a *scanner) events(ctx context.Context) error {
	return a.rows(ctx, "SELECT event_id, coalesce(p.places, -1), max_per_buyer FROM events "+
		"LEFT JOIN plans p USING (plan_id) ORDER BY event_id", func(r row) {
		a.look.Event(&audit.EventRow{ID: r.event(0), PlanPlaces: r.int(1),
			MaxPerBuyer: r.int(2)})
	})
}

func (a *scanner) places(ctx context.Context) error {
	var shown audit.PlaceRow
	return a.rows(ctx, "SELECT "+placeColumns+" FROM places p ORDER BY p.event_id, p.place",
		func(r row) {
			shown = audit.PlaceRow{Event: r.event(0), Place: wholePlace(r, 1), State: r.int(2),
				Holder: wholeKey(r, 3), Fence: r.int(4), Until: r.time(5)}
			a.look.Place(&shown)
		})
}

// quote reads state, expiry, total, currency and lines, from the third column on. The integer that
// SQLite stores such rows under is part of the key.
func (a *scanner) quote(r row, key ident.Key) audit.Quote {
	q := audit.Quote{Serial: key.Serial(), State: r.int(2), Expires: r.time(3), Total: r.int(4),
		Currency: r.text(5)}
	lines, err := r.lines(6)
	q.Lines, q.Unreadable = lines, err != nil
	return q
}

// charges adds what is beyond the lines.
func charges(q audit.Quote, text string) audit.Quote {
	lines, err := planfile.DecodeCharges(text)
	q.Charges = lines
	q.Unreadable = q.Unreadable || err != nil || planfile.EncodeCharges(lines) != text
	return q
}

func (a *scanner) holds(ctx context.Context) error {
	var shown audit.HoldRow
	return a.rows(ctx, "SELECT event_id, hold, state, expires_ms, total, currency, lines, "+
		"order_key, charges FROM holds ORDER BY event_id, hold", func(r row) {
		id := booking.HoldID{Event: r.event(0), Key: wholeKey(r, 1)}
		shown = audit.HoldRow{ID: id, Quote: charges(a.quote(r, id.Key), r.text(8)),
			Order: wholeKey(r, 7)}
		a.look.Hold(&shown)
	})
}

func (a *scanner) orders(ctx context.Context) error {
	var shown audit.OrderRow
	return a.rows(ctx, "SELECT event_id, order_key, state, expires_ms, total, currency, lines, "+
		"hold, paid_ms, buyer, provider, transaction_id, charges, voucher FROM orders "+
		"ORDER BY event_id, order_key", func(r row) {
		id := booking.OrderID{Event: r.event(0), Key: wholeKey(r, 1)}
		shown = audit.OrderRow{ID: id, Quote: charges(a.quote(r, id.Key), r.text(12)),
			Hold:   wholeKey(r, 7),
			PaidAt: r.time(8), Buyer: r.fingerprint(9), Provider: r.text(10),
			Transaction: r.text(11), Voucher: r.text(13)}
		a.look.Order(&shown)
	})
}

func (a *scanner) tickets(ctx context.Context) error {
	var shown audit.TicketRow
	return a.rows(ctx, "SELECT event_id, place, voided, fence, order_key, state, used_ms, "+
		"transfers FROM tickets ORDER BY event_id, place, voided", func(r row) {
		shown = audit.TicketRow{Event: r.event(0), Place: wholePlace(r, 1), Voided: r.int(2),
			Fence: r.int(3), Order: wholeKey(r, 4), State: r.int(5), UsedAt: r.time(6),
			Transfers: r.int(7)}
		a.look.Ticket(&shown)
	})
}

// byteOrder sorts text as Go and SQLite compare it, whatever the database's language.
const byteOrder = ` COLLATE "C"`

func paymentRef(r row) booking.PaymentRef {
	return booking.PaymentRef{Event: r.event(0), Provider: r.text(1), Transaction: r.text(2)}
}

func (a *scanner) payments(ctx context.Context) error {
	return a.rows(ctx, "SELECT event_id, provider, transaction_id, order_key, amount, currency, "+
		"used_for, refunded, attempt FROM payments ORDER BY event_id, provider"+byteOrder+
		", transaction_id"+byteOrder, func(r row) {
		a.look.Payment(&audit.PaymentRow{Ref: paymentRef(r), Order: wholeKey(r, 3),
			Amount: r.int(4), Currency: r.text(5), Use: r.int(6), Refunded: r.int(7),
			Attempt: r.text(8)})
	})
}

func (a *scanner) refunds(ctx context.Context) error {
	return a.rows(ctx, "SELECT event_id, provider, transaction_id, refund, order_key, amount, "+
		"currency, state, done_ms, reason, retries, places FROM refunds "+
		"ORDER BY event_id, refund"+byteOrder,
		func(r row) {
			places, err := planfile.DecodePlaces(r.text(11))
			a.look.Refund(&audit.RefundRow{Payment: paymentRef(r),
				Ref:   booking.RefundRef{Event: r.event(0), Key: r.text(3)},
				Order: wholeKey(r, 4), Amount: r.int(5), Currency: r.text(6), State: r.int(7),
				DoneAt: r.time(8), Reason: booking.RefundReason(r.text(9)), Retries: r.int(10),
				Places: places, Unreadable: err != nil})
		})
}

func (a *scanner) notices(ctx context.Context) error {
	return a.rows(ctx, "SELECT event_id, provider, notice, state, why FROM notices "+
		"ORDER BY event_id, provider"+byteOrder+", notice"+byteOrder, func(r row) {
		a.look.Notice(&audit.NoticeRow{State: r.int(3), Why: r.text(4),
			Ref: booking.NoticeRef{Event: r.event(0), Provider: r.text(1), Notice: r.text(2)}})
	})
}

func (a *scanner) journal(ctx context.Context) error {
	return a.rows(ctx, "SELECT entry, event_id, kind, order_key, provider, ref, currency, "+
		"clearing, receivable, revenue, fees, tax, refunds, chargebacks FROM journal "+
		"ORDER BY entry", func(r row) {
		a.look.Entry(&audit.EntryRow{Number: r.int(0), Event: r.event(1),
			Kind: booking.EntryKind(r.text(2)), Order: wholeKey(r, 3), Provider: r.text(4),
			Ref: r.text(5), Currency: r.text(6), Accounts: audit.Accounts{Clearing: r.int(7),
				Receivable: r.int(8), Revenue: r.int(9), Fees: r.int(10), Tax: r.int(11),
				Refunds: r.int(12), Chargebacks: r.int(13)}})
	})
}

func (a *scanner) buyers(ctx context.Context) error {
	return a.rows(ctx, "SELECT event_id, buyer, places FROM buyers ORDER BY event_id, buyer",
		func(r row) {
			a.look.Buyer(&audit.BuyerRow{Ref: booking.BuyerRef{Event: r.event(0),
				Buyer: r.fingerprint(1)}, Places: r.int(2)})
		})
}

func (a *scanner) vouchers(ctx context.Context) error {
	return a.rows(ctx, "SELECT event_id, code, used, max_uses FROM vouchers "+
		"ORDER BY event_id, code", func(r row) {
		a.look.Voucher(&audit.VoucherRow{Ref: booking.VoucherRef{Event: r.event(0),
			Code: r.text(1)}, Used: r.int(2), MaxUses: r.int(3)})
	})
}

func (a *scanner) answers(ctx context.Context) error {
	return a.rows(ctx, "SELECT event_id, answer, subject, answer_seq, made_ms FROM answers "+
		"ORDER BY event_id, answer, answer_seq", func(r row) {
		a.look.Answer(&audit.AnswerRow{Event: r.event(0), Key: r.fingerprint(1),
			Subject: wholeKey(r, 2), Number: r.int(3), MadeAt: r.time(4)})
	})
}

func (a *scanner) facts(ctx context.Context) error {
	var shown audit.FactRow
	return a.rows(ctx, "SELECT position, event_id, kind, at_ms, body FROM facts ORDER BY position",
		func(r row) {
			body, err := outbox.ParseBody(r[4])
			shown = audit.FactRow{Position: r.int(0), Fact: body, Unreadable: err != nil,
				Sparse: true}
			shown.Fact.Event, shown.Fact.Kind = r.event(1), fact.Kind(r.text(2))
			shown.Fact.At = r.time(3)
			a.look.Fact(&shown)
		})
}

func (a *scanner) cursors(ctx context.Context) error {
	return a.positions(ctx, "SELECT subscriber, position FROM cursors ORDER BY subscriber"+
		byteOrder, a.look.Cursor)
}

func (a *scanner) inbox(ctx context.Context) error {
	return a.positions(ctx, "SELECT subscriber, position FROM inbox ORDER BY subscriber"+
		byteOrder+", position", a.look.Inbox)
}

func (a *scanner) positions(
	ctx context.Context, sql string, show func(*audit.CursorRow),
) error {
	return a.rows(ctx, sql, func(r row) {
		show(&audit.CursorRow{Subscriber: r.text(0), Position: r.int(1)})
	})
}
