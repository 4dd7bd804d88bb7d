package sqlite

import (
	"context"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"ticketflow/internal/app/planfile"
	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/money"
)

var (
	_ query.Money     = (*Store)(nil)
	_ query.OpenMoney = (*Store)(nil)
	_ query.Journal   = (*Store)(nil)
)

// Payment implements query.Money.
func (s *Store) Payment(
	ctx context.Context, provider, transaction string,
) (p booking.Payment, refunds []booking.Refund, err error) {
	err = s.read(ctx, func(c *sqlite.Conn) (err error) {
		defer sqlitex.Save(c)(&err)
		stmt := c.Prep("SELECT " + paymentColumns + ", event_id FROM payments " +
			"WHERE provider = ? AND transaction_id = ?")
		err = single(bind(stmt).text(provider).text(transaction), booking.ErrPaymentNotFound,
			func() (err error) {
				p, err = scanPayment(stmt, catalog.EventID(stmt.ColumnInt64(9)))
				return err
			})
		if err != nil {
			return err
		}
		refunds, err = readRefunds(c, p.Ref)
		return err
	})
	return p, refunds, err
}

// readRefunds are all refunds of a payment.
func readRefunds(c *sqlite.Conn, ref booking.PaymentRef) (refunds []booking.Refund, err error) {
	stmt := c.Prep("SELECT " + refundColumns + " FROM refunds WHERE event_id = ? " +
		"AND provider = ? AND transaction_id = ? ORDER BY requested_ms, refund")
	key := bind(stmt).int(int64(ref.Event)).text(ref.Provider).text(ref.Transaction)
	err = each(key, func() error {
		r, err := scanRefund(stmt, ref.Event)
		refunds = append(refunds, r)
		return err
	})
	return refunds, err
}

// Refund implements query.Money.
func (s *Store) Refund(
	ctx context.Context, ref booking.RefundRef,
) (r booking.Refund, p booking.Payment, err error) {
	err = s.read(ctx, func(c *sqlite.Conn) (err error) {
		defer sqlitex.Save(c)(&err)
		stmt := c.Prep("SELECT " + refundColumns +
			" FROM refunds WHERE event_id = ? AND refund = ?")
		err = single(bind(stmt).int(int64(ref.Event)).text(ref.Key), booking.ErrRefundNotFound,
			func() (err error) { r, err = scanRefund(stmt, ref.Event); return err })
		if err != nil {
			return err
		}
		stmt = c.Prep("SELECT " + paymentColumns + " FROM payments " +
			"WHERE event_id = ? AND provider = ? AND transaction_id = ?")
		key := bind(stmt).int(int64(ref.Event)).text(r.Payment.Provider).
			text(r.Payment.Transaction)
		return single(key, booking.ErrPaymentNotFound,
			func() (err error) { p, err = scanPayment(stmt, ref.Event); return err })
	})
	return r, p, err
}

// OrderMoney implements query.Money. No index leads from an order to payments that weren't used for
// it, since each checkout would pay for that: an operator who asks waits until all were read.
func (s *Store) OrderMoney(
	ctx context.Context, id booking.OrderID,
) (payments []booking.Payment, refunds []booking.Refund, err error) {
	err = s.read(ctx, func(c *sqlite.Conn) (err error) {
		defer sqlitex.Save(c)(&err)
		stmt := c.Prep("SELECT " + paymentColumns + " FROM payments " +
			"WHERE order_key = ? AND event_id = ? ORDER BY captured_ms, transaction_id")
		err = each(bind(stmt).bytes(id.Key[:]).int(int64(id.Event)), func() error {
			p, err := scanPayment(stmt, id.Event)
			payments = append(payments, p)
			return err
		})
		if err != nil {
			return err
		}
		for _, p := range payments {
			of, err := readRefunds(c, p.Ref)
			if err != nil {
				return err
			}
			refunds = append(refunds, of...)
		}
		return nil
	})
	return payments, refunds, err
}

// PaidOrders implements query.Money.
func (s *Store) PaidOrders(
	ctx context.Context, after booking.OrderID, limit int,
) (ids []booking.OrderID, err error) {
	err = s.read(ctx, func(c *sqlite.Conn) error {
		stmt := c.Prep("SELECT order_key FROM orders WHERE order_no > ? AND event_id = ? " +
			"AND state = ? ORDER BY order_no LIMIT ?")
		key := bind(stmt).int(after.Key.Serial()).int(int64(after.Event)).
			int(int64(booking.Paid)).int(int64(limit))
		return each(key, func() error {
			ids = append(ids, booking.OrderID{Event: after.Event, Key: columnKey(stmt, 0)})
			return nil
		})
	})
	return ids, err
}

// BookTotals implements query.Money.
func (s *Store) BookTotals(
	ctx context.Context, provider string,
) (totals []query.BookTotal, err error) {
	err = s.read(ctx, func(c *sqlite.Conn) error {
		stmt := c.Prep(`SELECT p.currency, count(*), sum(p.amount),
	coalesce(sum((SELECT sum(r.amount) FROM refunds r WHERE r.event_id = p.event_id
		AND r.provider = p.provider AND r.transaction_id = p.transaction_id
		AND r.state = 2 AND r.reason <> 'dispute'
		AND r.gateway_ref NOT GLOB 'settled:*')), 0),
	coalesce(sum((SELECT sum(r.amount) FROM refunds r WHERE r.event_id = p.event_id
		AND r.provider = p.provider AND r.transaction_id = p.transaction_id
		AND r.state = 2 AND r.reason = 'dispute')), 0)
FROM payments p WHERE p.provider = ? GROUP BY p.currency ORDER BY p.currency`)
		return each(bind(stmt).text(provider), func() error {
			one, err := columnMoney(stmt, 1, 0)
			totals = append(totals, query.BookTotal{Currency: one.Currency(),
				Payments: stmt.ColumnInt64(1), Captured: stmt.ColumnInt64(2),
				Refunded: stmt.ColumnInt64(3), Disputed: stmt.ColumnInt64(4)})
			return err
		})
	})
	return totals, err
}

// KeptNotices implements query.OpenMoney.
func (s *Store) KeptNotices(
	ctx context.Context, since time.Time, limit int,
) (kept []query.KeptNotice, err error) {
	err = s.read(ctx, func(c *sqlite.Conn) error {
		stmt := c.Prep("SELECT " + noticeColumns + ", event_id, provider, notice FROM notices " +
			"WHERE state = 2 AND applied_ms >= ? ORDER BY applied_ms LIMIT ?")
		return each(bind(stmt).time(since).int(int64(limit)), func() error {
			kept = append(kept, scanKept(stmt))
			return nil
		})
	})
	return kept, err
}

func scanKept(stmt *sqlite.Stmt) query.KeptNotice {
	return query.KeptNotice{Notice: scanNotice(stmt, 0), Ref: booking.NoticeRef{
		Event:    catalog.EventID(stmt.ColumnInt64(4)),
		Provider: stmt.ColumnText(5), Notice: stmt.ColumnText(6)}}
}

// Notice implements query.OpenMoney.
func (s *Store) Notice(
	ctx context.Context, provider, notice string,
) (kept query.KeptNotice, err error) {
	err = s.read(ctx, func(c *sqlite.Conn) error {
		stmt := c.Prep("SELECT " + noticeColumns + ", event_id, provider, notice FROM notices " +
			"WHERE provider = ? AND notice = ?")
		return single(bind(stmt).text(provider).text(notice), booking.ErrNoticeNotFound,
			func() error { kept = scanKept(stmt); return nil })
	})
	return kept, err
}

// DoubtfulPayments implements query.OpenMoney.
func (s *Store) DoubtfulPayments(
	ctx context.Context, limit int,
) (payments []booking.Payment, err error) {
	err = s.read(ctx, func(c *sqlite.Conn) error {
		stmt := c.Prep("SELECT " + paymentColumns + ", event_id FROM payments " +
			"WHERE used_for = 3 ORDER BY captured_ms LIMIT ?")
		return each(bind(stmt).int(int64(limit)), func() error {
			p, err := scanPayment(stmt, catalog.EventID(stmt.ColumnInt64(9)))
			payments = append(payments, p)
			return err
		})
	})
	return payments, err
}

// OpenRefunds implements query.OpenMoney.
func (s *Store) OpenRefunds(
	ctx context.Context, state booking.RefundState, before time.Time, limit int,
) (refunds []booking.Refund, err error) {
	err = s.read(ctx, func(c *sqlite.Conn) error {
		stmt := c.Prep("SELECT " + refundColumns + ", event_id FROM refunds " +
			"WHERE state IN (1, 3) AND state = ? AND requested_ms < ? " +
			"ORDER BY requested_ms LIMIT ?")
		return each(bind(stmt).int(int64(state)).time(before).int(int64(limit)), func() error {
			r, err := scanRefund(stmt, catalog.EventID(stmt.ColumnInt64(13)))
			refunds = append(refunds, r)
			return err
		})
	})
	return refunds, err
}

// Entries implements query.Journal.
func (s *Store) Entries(
	ctx context.Context, event catalog.EventID, after int64, limit int,
) (entries []query.JournalEntry, err error) {
	err = s.read(ctx, func(c *sqlite.Conn) error {
		stmt := c.Prep("SELECT entry, " + entryColumns + " FROM journal " +
			"WHERE entry > ? AND event_id = ? ORDER BY entry LIMIT ?")
		return each(bind(stmt).int(after).int(int64(event)).int(int64(limit)), func() error {
			e, err := scanEntry(stmt)
			entries = append(entries, query.JournalEntry{Number: stmt.ColumnInt64(0), Entry: e})
			return err
		})
	})
	return entries, err
}

func scanEntry(stmt *sqlite.Stmt) (booking.Entry, error) {
	zero, err := columnMoney(stmt, 0, 7) // for the currency
	return booking.Entry{Event: catalog.EventID(stmt.ColumnInt64(1)),
		Kind: booking.EntryKind(stmt.ColumnText(2)), At: columnTime(stmt, 3),
		Order: columnKey(stmt, 4), Provider: stmt.ColumnText(5), Ref: stmt.ColumnText(6),
		Currency: zero.Currency(), Clearing: stmt.ColumnInt64(8),
		Receivable: stmt.ColumnInt64(9), Revenue: stmt.ColumnInt64(10),
		Fees: stmt.ColumnInt64(11), Tax: stmt.ColumnInt64(12), Refunds: stmt.ColumnInt64(13),
		Chargebacks: stmt.ColumnInt64(14)}, err
}

// AccountTotals implements query.Journal.
func (s *Store) AccountTotals(
	ctx context.Context, event catalog.EventID,
) (totals []query.AccountTotal, err error) {
	err = s.read(ctx, func(c *sqlite.Conn) error {
		stmt := c.Prep(`SELECT count(*), currency, sum(clearing), sum(receivable), sum(revenue),
	sum(fees), sum(tax), sum(refunds), sum(chargebacks)
FROM journal WHERE ?1 = 0 OR event_id = ?1 GROUP BY currency ORDER BY currency`)
		return each(bind(stmt).int(int64(event)), func() error {
			zero, err := columnMoney(stmt, 0, 1)
			totals = append(totals, query.AccountTotal{Entries: stmt.ColumnInt64(0),
				Entry: booking.Entry{Currency: zero.Currency(), Clearing: stmt.ColumnInt64(2),
					Receivable: stmt.ColumnInt64(3), Revenue: stmt.ColumnInt64(4),
					Fees: stmt.ColumnInt64(5), Tax: stmt.ColumnInt64(6),
					Refunds: stmt.ColumnInt64(7), Chargebacks: stmt.ColumnInt64(8)}})
			return err
		})
	})
	return totals, err
}

// The scan functions read the columns of writer.go's lists.

func scanPayment(stmt *sqlite.Stmt, event catalog.EventID) (booking.Payment, error) {
	p := booking.Payment{
		Ref: booking.PaymentRef{Event: event, Provider: stmt.ColumnText(0),
			Transaction: stmt.ColumnText(1)},
		Order:      columnKey(stmt, 2),
		CapturedAt: columnTime(stmt, 5),
		Use:        booking.Use(stmt.ColumnInt(6)),
		Attempt:    stmt.ColumnText(8),
	}
	var err error
	if p.Amount, err = columnMoney(stmt, 3, 4); err != nil {
		return p, err
	}
	p.Refunded, err = money.New(stmt.ColumnInt64(7), p.Amount.Currency())
	return p, err
}

func scanRefund(stmt *sqlite.Stmt, event catalog.EventID) (booking.Refund, error) {
	r := booking.Refund{
		Ref: booking.RefundRef{Event: event, Key: stmt.ColumnText(0)},
		Payment: booking.PaymentRef{Event: event, Provider: stmt.ColumnText(1),
			Transaction: stmt.ColumnText(2)},
		Order:       columnKey(stmt, 3),
		Reason:      booking.RefundReason(stmt.ColumnText(6)),
		State:       booking.RefundState(stmt.ColumnInt(7)),
		RequestedAt: columnTime(stmt, 8),
		DoneAt:      columnTime(stmt, 9),
		GatewayRef:  stmt.ColumnText(10),
		Retries:     stmt.ColumnInt(11),
	}
	var err error
	if r.Places, err = planfile.DecodePlaces(stmt.ColumnText(12)); err != nil {
		return r, err
	}
	r.Amount, err = columnMoney(stmt, 4, 5)
	return r, err
}

func scanNotice(stmt *sqlite.Stmt, c int) booking.Notice {
	return booking.Notice{State: booking.NoticeState(stmt.ColumnInt(c)),
		At: columnTime(stmt, c+1), Payload: stmt.ColumnText(c + 2), Why: stmt.ColumnText(c + 3)}
}
