package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"ticketflow/internal/app/outbox"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/fact"
	"ticketflow/internal/domain/money"
	"ticketflow/internal/outbound/contract"
)

// probe looks at a ledger's database from outside.
type probe struct {
	house   *house
	store   *Store
	address string
	clock   func() time.Time
}

// Crash implements contract.Probe: what would be left is what is committed, and that is copied, so
// that the old engine, should it live on, can't touch it.
func (p *probe) Crash(t contract.T) *contract.Engine {
	t.Helper()
	left := p.house.database(t)
	duplicate(t, p.address, left)
	return p.house.engineAt(t, left, p.clock)
}

// Overwrite implements contract.Probe. The store must not know the row any more: what a memory does
// with rows that others have changed is TestMemoryIsChecked's.
func (p *probe) Overwrite(ctx context.Context, ref booking.PlaceRef, to booking.Place) error {
	p.store.recent.distrust()
	_, err := p.store.commands.Exec(ctx, `UPDATE places SET state = $1, holder = $2, fence = $3,
until_ms = $4 WHERE event_id = $5 AND place = $6`, int64(to.State), to.Holder[:],
		int64(to.Fence), millis(to.Until), int64(ref.Event), int64(ref.Place))
	return err
}

// Meddle implements contract.Probe.
func (p *probe) Meddle(_ context.Context, statement string) error {
	return meddle(p.address, statement)
}

// Rows implements contract.Probe.
func (p *probe) Rows(ctx context.Context, id catalog.EventID) (rows contract.Rows, err error) {
	rows.Answers = make(map[booking.Fingerprint]booking.Answer)
	rows.Buyers = make(map[booking.Fingerprint]int)
	snapshot := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	err = pgx.BeginTxFunc(ctx, p.store.reads, snapshot, func(tx pgx.Tx) error {
		for _, look := range []func(context.Context, pgx.Tx, catalog.EventID, *contract.Rows) error{
			bookingRows, moneyRows, guardRows, factRows,
		} {
			if err := look(ctx, tx, id, &rows); err != nil {
				return err
			}
		}
		return nil
	})
	return rows, err
}

// scanAll shows all rows of a query about an event.
func scanAll(
	ctx context.Context, tx pgx.Tx, sql string, id catalog.EventID, scan func(r row) error,
) error {
	var broken error
	err := fetch(ctx, tx, func(r row) {
		if err := scan(r); err != nil {
			broken = err
		}
	}, sql, int64(id))
	if err == nil {
		err = broken
	}
	return err
}

// look is a query about an event, and what to do with its rows.
type look struct {
	sql string
	row func(r row) error
}

func lookAll(ctx context.Context, tx pgx.Tx, id catalog.EventID, looks ...look) error {
	for _, l := range looks {
		if err := scanAll(ctx, tx, l.sql, id, l.row); err != nil {
			return err
		}
	}
	return nil
}

func bookingRows(
	ctx context.Context, tx pgx.Tx, id catalog.EventID, rows *contract.Rows,
) error {
	return lookAll(ctx, tx, id,
		look{"SELECT status FROM events WHERE event_id = $1", func(r row) error {
			rows.Status = catalog.Status(r.int(0))
			return nil
		}},
		look{"SELECT " + placeColumns + " FROM places p WHERE p.event_id = $1 ORDER BY p.place",
			func(r row) error {
				_, place := scanPlace(r)
				rows.Places = append(rows.Places, place)
				return nil
			}},
		look{"SELECT " + holdColumns + " FROM holds h WHERE h.event_id = $1 ORDER BY h.hold",
			func(r row) error {
				h, err := scanHold(r)
				rows.Holds = append(rows.Holds, h)
				return err
			}},
		look{"SELECT " + orderColumns + " FROM orders o WHERE o.event_id = $1 ORDER BY o.order_key",
			func(r row) error {
				o, err := scanOrder(r)
				rows.Orders = append(rows.Orders, o)
				return err
			}},
		look{"SELECT " + ticketColumns + " FROM tickets t WHERE t.event_id = $1 " +
			"ORDER BY t.place, t.fence", func(r row) error {
			rows.Tickets = append(rows.Tickets, scanTicket(r))
			return nil
		}})
}

func moneyRows(
	ctx context.Context, tx pgx.Tx, id catalog.EventID, rows *contract.Rows,
) error {
	return lookAll(ctx, tx, id,
		look{"SELECT " + paymentColumns + " FROM payments m WHERE m.event_id = $1 " +
			"ORDER BY m.transaction_id" + byteOrder, func(r row) error {
			payment, err := scanPayment(r)
			rows.Payments = append(rows.Payments, payment)
			return err
		}},
		look{"SELECT " + refundColumns + " FROM refunds r WHERE r.event_id = $1 " +
			"ORDER BY r.refund" + byteOrder, func(r row) error {
			refund, err := scanRefund(r)
			rows.Refunds = append(rows.Refunds, refund)
			return err
		}},
		look{"SELECT event_id, kind, at_ms, order_key, provider, ref, currency, clearing, " +
			"receivable, revenue, fees, tax, refunds, chargebacks FROM journal " +
			"WHERE event_id = $1 ORDER BY entry", func(r row) error {
			e := booking.Entry{Event: id, Kind: booking.EntryKind(r.text(1)), At: r.time(2),
				Order: r.key(3), Provider: r.text(4), Ref: r.text(5), Clearing: r.int(7),
				Receivable: r.int(8), Revenue: r.int(9), Fees: r.int(10), Tax: r.int(11),
				Refunds: r.int(12), Chargebacks: r.int(13)}
			var err error
			e.Currency, err = money.ParseCurrency(r.text(6))
			rows.Journal = append(rows.Journal, e)
			return err
		}})
}

func guardRows(
	ctx context.Context, tx pgx.Tx, id catalog.EventID, rows *contract.Rows,
) error {
	return lookAll(ctx, tx, id,
		look{"SELECT event_id, answer, request, subject, until_ms FROM answers WHERE event_id = $1",
			func(r row) error {
				rows.Answers[r.fingerprint(1)] = scanAnswer(r)
				return nil
			}},
		look{"SELECT buyer, places FROM buyers WHERE event_id = $1", func(r row) error {
			rows.Buyers[r.fingerprint(0)] = int(r.int(1))
			return nil
		}},
		look{"SELECT " + voucherColumns + " FROM vouchers v WHERE v.event_id = $1 ORDER BY v.code",
			func(r row) error {
				v, err := scanVoucher(r)
				rows.Vouchers = append(rows.Vouchers, v)
				return err
			}},
		look{"SELECT " + noticeColumns + " FROM notices n WHERE n.event_id = $1 " +
			"ORDER BY n.notice" + byteOrder, func(r row) error {
			ref, notice := scanNotice(r)
			rows.Notices = append(rows.Notices, contract.Noticed{Ref: ref, Notice: notice})
			return nil
		}})
}

func factRows(
	ctx context.Context, tx pgx.Tx, id catalog.EventID, rows *contract.Rows,
) error {
	return lookAll(ctx, tx, id,
		look{"SELECT position, kind, at_ms, body FROM facts WHERE event_id = $1 ORDER BY position",
			func(r row) error {
				f, err := outbox.ParseBody(r[3])
				f.Kind, f.Event, f.At = fact.Kind(r.text(1)), id, r.time(2)
				rows.Facts = append(rows.Facts, contract.Recorded{Position: r.int(0), Fact: f})
				return err
			}})
}
