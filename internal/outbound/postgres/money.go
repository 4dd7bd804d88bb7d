package postgres

import (
	"context"
	"time"

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

// reading keeps the first failure of reading rows.
type reading struct{ broken error }

func (r *reading) keep(err error) {
	if r.broken == nil {
		r.broken = err
	}
}

// failure is err, or else the first failure of a row.
func (r *reading) failure(err error) error {
	if err != nil {
		return err
	}
	return r.broken
}

// Payment implements query.Money.
func (s *Store) Payment(
	ctx context.Context, provider, transaction string,
) (p booking.Payment, refunds []booking.Refund, err error) {
	err = s.one(ctx, booking.ErrPaymentNotFound, func(r row) (err error) {
		p, err = scanPayment(r)
		return err
	}, "SELECT "+paymentColumns+" FROM payments m WHERE m.provider = $1 AND m.transaction_id = $2",
		provider, transaction)
	if err != nil {
		return p, nil, err
	}
	refunds, err = s.refunds(ctx, p.Ref)
	return p, refunds, err
}

// refunds are all refunds of a payment.
func (s *Store) refunds(
	ctx context.Context, ref booking.PaymentRef,
) (refunds []booking.Refund, err error) {
	return s.readRefunds(ctx, "SELECT "+refundColumns+` FROM refunds r
WHERE r.event_id = $1 AND r.provider = $2 AND r.transaction_id = $3
ORDER BY r.requested_ms, r.refund`+byteOrder, int64(ref.Event), ref.Provider, ref.Transaction)
}

func (s *Store) readRefunds(
	ctx context.Context, sql string, args ...any,
) (refunds []booking.Refund, err error) {
	var read reading
	err = s.read(ctx, func(r row) {
		refund, err := scanRefund(r)
		read.keep(err)
		refunds = append(refunds, refund)
	}, sql, args...)
	return refunds, read.failure(err)
}

func (s *Store) readPayments(
	ctx context.Context, sql string, args ...any,
) (payments []booking.Payment, err error) {
	var read reading
	err = s.read(ctx, func(r row) {
		p, err := scanPayment(r)
		read.keep(err)
		payments = append(payments, p)
	}, sql, args...)
	return payments, read.failure(err)
}

// Refund implements query.Money.
func (s *Store) Refund(
	ctx context.Context, ref booking.RefundRef,
) (refund booking.Refund, p booking.Payment, err error) {
	err = s.one(ctx, booking.ErrRefundNotFound, func(r row) (err error) {
		if refund, err = scanRefund(r); err != nil {
			return err
		}
		p, err = scanPayment(r[refundColumnCount:])
		return err
	}, "SELECT "+refundColumns+", "+paymentColumns+` FROM refunds r
JOIN payments m USING (event_id, provider, transaction_id)
WHERE r.event_id = $1 AND r.refund = $2`, int64(ref.Event), ref.Key)
	return refund, p, err
}

// refundColumnCount is how many columns refundColumns names.
const refundColumnCount = 14

// OrderMoney implements query.Money. No index leads from an order to payments that weren't used for
// it, since each checkout would pay for that: an operator who asks waits until all were read.
func (s *Store) OrderMoney(
	ctx context.Context, id booking.OrderID,
) (payments []booking.Payment, refunds []booking.Refund, err error) {
	payments, err = s.readPayments(ctx, "SELECT "+paymentColumns+` FROM payments m
WHERE m.event_id = $1 AND m.order_key = $2 ORDER BY m.captured_ms, m.transaction_id`+byteOrder,
		int64(id.Event), id.Key[:])
	if err != nil {
		return nil, nil, err
	}
	for i := range payments {
		of, err := s.refunds(ctx, payments[i].Ref)
		if err != nil {
			return nil, nil, err
		}
		refunds = append(refunds, of...)
	}
	return payments, refunds, nil
}

// PaidOrders implements query.Money.
func (s *Store) PaidOrders(
	ctx context.Context, after booking.OrderID, limit int,
) (ids []booking.OrderID, err error) {
	err = s.read(ctx, func(r row) {
		ids = append(ids, booking.OrderID{Event: after.Event, Key: r.key(0)})
	}, `SELECT order_key FROM orders WHERE event_id = $1 AND order_key > $2 AND state = $3
ORDER BY order_key LIMIT $4`, int64(after.Event), after.Key[:], int64(booking.Paid), int64(limit))
	return ids, err
}

// BookTotals implements query.Money. Payments and refunds are summed up apart: a plan that was made
// when there were few would join them row by row, and take longer than a statement may.
func (s *Store) BookTotals(
	ctx context.Context, provider string,
) (totals []query.BookTotal, err error) {
	var read reading
	err = s.read(ctx, func(r row) {
		currency, err := money.ParseCurrency(r.text(0))
		read.keep(err)
		totals = append(totals, query.BookTotal{Currency: currency, Payments: r.int(1),
			Captured: r.int(2), Refunded: r.int(3), Disputed: r.int(4)})
	}, `SELECT currency, sum(payments)::bigint, sum(captured)::bigint, sum(refunded)::bigint,
	sum(disputed)::bigint
FROM (
	SELECT currency, count(*) AS payments, sum(amount) AS captured, 0 AS refunded, 0 AS disputed
	FROM payments WHERE provider = $1 GROUP BY currency
	UNION ALL
	SELECT currency, 0, 0,
		coalesce(sum(amount) FILTER (WHERE reason <> 'dispute'
			AND gateway_ref NOT LIKE 'settled:%'), 0),
		coalesce(sum(amount) FILTER (WHERE reason = 'dispute'), 0)
	FROM refunds WHERE provider = $1 AND state = 2 GROUP BY currency
) sums GROUP BY currency ORDER BY currency`+byteOrder, provider)
	return totals, read.failure(err)
}

// KeptNotices implements query.OpenMoney.
func (s *Store) KeptNotices(
	ctx context.Context, since time.Time, limit int,
) (kept []query.KeptNotice, err error) {
	err = s.read(ctx, func(r row) {
		ref, notice := scanNotice(r)
		kept = append(kept, query.KeptNotice{Ref: ref, Notice: notice})
	}, "SELECT "+noticeColumns+` FROM notices n WHERE n.state = 2 AND n.applied_ms >= $1
ORDER BY n.applied_ms LIMIT $2`, millis(since), int64(limit))
	return kept, err
}

// Notice implements query.OpenMoney.
func (s *Store) Notice(
	ctx context.Context, provider, notice string,
) (kept query.KeptNotice, err error) {
	err = s.one(ctx, booking.ErrNoticeNotFound, func(r row) error {
		kept.Ref, kept.Notice = scanNotice(r)
		return nil
	}, "SELECT "+noticeColumns+" FROM notices n WHERE n.provider = $1 AND n.notice = $2", provider,
		notice)
	return kept, err
}

// DoubtfulPayments implements query.OpenMoney.
func (s *Store) DoubtfulPayments(ctx context.Context, limit int) ([]booking.Payment, error) {
	return s.readPayments(ctx, "SELECT "+paymentColumns+` FROM payments m WHERE m.used_for = 3
ORDER BY m.captured_ms LIMIT $1`, int64(limit))
}

// OpenRefunds implements query.OpenMoney.
func (s *Store) OpenRefunds(
	ctx context.Context, state booking.RefundState, before time.Time, limit int,
) ([]booking.Refund, error) {
	return s.readRefunds(ctx, "SELECT "+refundColumns+` FROM refunds r
WHERE r.state IN (1, 3) AND r.state = $1 AND r.requested_ms < $2
ORDER BY r.requested_ms LIMIT $3`, int64(state), millis(before), int64(limit))
}

// Entries implements query.Journal.
func (s *Store) Entries(
	ctx context.Context, event catalog.EventID, after int64, limit int,
) (entries []query.JournalEntry, err error) {
	var read reading
	err = s.read(ctx, func(r row) {
		e, err := scanEntry(r)
		read.keep(err)
		entries = append(entries, e)
	}, `SELECT event_id, entry, kind, at_ms, order_key, provider, ref, currency, clearing,
	receivable, revenue, fees, tax, refunds, chargebacks
FROM journal WHERE entry > $2 AND event_id = $1 ORDER BY entry LIMIT $3`, int64(event), after,
		int64(limit))
	return entries, read.failure(err)
}

func scanEntry(r row) (query.JournalEntry, error) {
	currency, err := money.ParseCurrency(r.text(7))
	return query.JournalEntry{Number: r.int(1), Entry: booking.Entry{Event: r.event(0),
		Kind: booking.EntryKind(r.text(2)), At: r.time(3), Order: r.key(4), Provider: r.text(5),
		Ref: r.text(6), Currency: currency, Clearing: r.int(8), Receivable: r.int(9),
		Revenue: r.int(10), Fees: r.int(11), Tax: r.int(12), Refunds: r.int(13),
		Chargebacks: r.int(14)}}, err
}

// AccountTotals implements query.Journal.
func (s *Store) AccountTotals(
	ctx context.Context, event catalog.EventID,
) (totals []query.AccountTotal, err error) {
	var read reading
	err = s.read(ctx, func(r row) {
		currency, err := money.ParseCurrency(r.text(1))
		read.keep(err)
		totals = append(totals, query.AccountTotal{Entries: r.int(0),
			Entry: booking.Entry{Currency: currency, Clearing: r.int(2), Receivable: r.int(3),
				Revenue: r.int(4), Fees: r.int(5), Tax: r.int(6), Refunds: r.int(7),
				Chargebacks: r.int(8)}})
	}, `SELECT count(*), currency, sum(clearing)::bigint, sum(receivable)::bigint,
	sum(revenue)::bigint, sum(fees)::bigint, sum(tax)::bigint, sum(refunds)::bigint,
	sum(chargebacks)::bigint
FROM journal WHERE $1 = 0 OR event_id = $1 GROUP BY currency ORDER BY currency`+byteOrder,
		int64(event))
	return totals, read.failure(err)
}
