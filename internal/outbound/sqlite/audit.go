package sqlite

import (
	"bytes"
	"context"
	"math"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"ticketflow/internal/app/audit"
	"ticketflow/internal/app/planfile"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/ident"
)

var _ audit.Source = (*Store)(nil)

// ScanRows implements audit.Source, in one read transaction: the writer isn't held up, but the
// write-ahead log grows until the last row was shown.
func (s *Store) ScanRows(ctx context.Context, look audit.Look) error {
	return s.read(ctx, func(c *sqlite.Conn) (err error) {
		defer sqlitex.Save(c)(&err)
		scan := scanner{conn: c, look: look}
		// The first read takes the snapshot, so that no commit in it is later than now.
		if err := scan.rows("SELECT count(*) FROM events", func(*sqlite.Stmt) {}); err != nil {
			return err
		}
		look.Now(s.now())
		for _, table := range []func() error{
			scan.events, scan.places, scan.holds, scan.orders, scan.tickets, scan.payments,
			scan.refunds, scan.notices, scan.journal, scan.buyers, scan.vouchers, scan.answers,
			scan.facts, scan.cursors, scan.inbox,
		} {
			if err := table(); err != nil {
				return err
			}
		}
		return nil
	})
}

// scanner shows the rows of a snapshot.
type scanner struct {
	conn    *sqlite.Conn
	look    audit.Look
	scratch []byte
}

func (a *scanner) rows(sql string, show func(*sqlite.Stmt)) error {
	stmt, err := a.conn.Prepare(sql)
	if err != nil {
		return err
	}
	return each(bind(stmt), func() error { show(stmt); return nil })
}

// whole is an integer, or one that nothing sound equals where something else is stored:
// SQLite would read a text as 0.
func whole(stmt *sqlite.Stmt, col int) int64 {
	if stmt.ColumnType(col) != sqlite.TypeInteger {
		return math.MinInt64
	}
	return stmt.ColumnInt64(col)
}

// wholeKey is a key, zero for none, or one that nothing sound equals where it hasn't a key's
// length.
func wholeKey(stmt *sqlite.Stmt, col int) ident.Key {
	if n := stmt.ColumnLen(col); n != 0 && n != ident.KeyBytes {
		return ident.Key(bytes.Repeat([]byte{0xFF}, ident.KeyBytes))
	}
	return columnKey(stmt, col)
}

// wholePlace is a place, or one that no plan has where the number is no place's.
func wholePlace(stmt *sqlite.Stmt, col int) catalog.PlaceNo {
	no := whole(stmt, col)
	if no < 0 || no > math.MaxUint32 {
		return math.MaxUint32
	}
	return catalog.PlaceNo(no)
}

func columnEvent(stmt *sqlite.Stmt, col int) catalog.EventID {
	return catalog.EventID(whole(stmt, col))
}

func (a *scanner) events() error {
	var r audit.EventRow
	return a.rows("SELECT event_id, coalesce(p.places, -1), max_per_buyer FROM events "+
		"LEFT JOIN plans p USING (plan_id) ORDER BY event_id", func(stmt *sqlite.Stmt) {
		r = audit.EventRow{ID: columnEvent(stmt, 0), PlanPlaces: whole(stmt, 1),
			MaxPerBuyer: whole(stmt, 2)}
		a.look.Event(&r)
	})
}

func (a *scanner) places() error {
	var r audit.PlaceRow
	return a.rows("SELECT place_key, state, holder, fence, until_ms FROM places "+
		"ORDER BY place_key", func(stmt *sqlite.Stmt) {
		key := stmt.ColumnInt64(0)
		r = audit.PlaceRow{Event: catalog.EventID(key >> 32),
			Place: catalog.PlaceNo(key & (1<<32 - 1)),
			State: whole(stmt, 1), Holder: wholeKey(stmt, 2), Fence: whole(stmt, 3),
			Until: columnTime(stmt, 4)}
		a.look.Place(&r)
	})
}

// quote reads serial, state, expiry, total, currency and lines, from the first column on. Lines
// that would be written otherwise than they are stored count as unreadable.
func (a *scanner) quote(stmt *sqlite.Stmt) audit.Quote {
	q := audit.Quote{Serial: whole(stmt, 0), State: whole(stmt, 1),
		Expires: columnTime(stmt, 2), Total: whole(stmt, 3), Currency: stmt.ColumnText(4)}
	text := stmt.ColumnText(5)
	lines, err := parseLines(text)
	a.scratch = appendLines(a.scratch[:0], lines)
	q.Lines, q.Unreadable = lines, err != nil || string(a.scratch) != text
	return q
}

// charges adds what is beyond the lines. What would be written otherwise counts as unreadable.
func charges(q audit.Quote, text string) audit.Quote {
	lines, err := planfile.DecodeCharges(text)
	q.Charges = lines
	q.Unreadable = q.Unreadable || err != nil || planfile.EncodeCharges(lines) != text
	return q
}

func (a *scanner) holds() error {
	var r audit.HoldRow
	return a.rows("SELECT hold_no, state, expires_ms, total, currency, lines, event_id, hold, "+
		"order_key, charges FROM holds ORDER BY hold_no", func(stmt *sqlite.Stmt) {
		r = audit.HoldRow{ID: booking.HoldID{Event: columnEvent(stmt, 6), Key: wholeKey(stmt, 7)},
			Quote: charges(a.quote(stmt), stmt.ColumnText(9)), Order: wholeKey(stmt, 8)}
		a.look.Hold(&r)
	})
}

func (a *scanner) orders() error {
	var r audit.OrderRow
	return a.rows("SELECT order_no, state, expires_ms, total, currency, lines, event_id, "+
		"order_key, hold, paid_ms, buyer, provider, transaction_id, charges, voucher FROM orders "+
		"ORDER BY order_no", func(stmt *sqlite.Stmt) {
		r = audit.OrderRow{
			ID:    booking.OrderID{Event: columnEvent(stmt, 6), Key: wholeKey(stmt, 7)},
			Quote: charges(a.quote(stmt), stmt.ColumnText(13)), Hold: wholeKey(stmt, 8),
			PaidAt: columnTime(stmt, 9),
			Buyer:  columnFingerprint(stmt, 10), Provider: stmt.ColumnText(11),
			Transaction: stmt.ColumnText(12), Voucher: stmt.ColumnText(14)}
		a.look.Order(&r)
	})
}

func (a *scanner) tickets() error {
	var r audit.TicketRow
	return a.rows("SELECT event_id, place, voided, fence, order_key, state, used_ms, transfers "+
		"FROM tickets ORDER BY event_id, place, voided", func(stmt *sqlite.Stmt) {
		r = audit.TicketRow{Event: columnEvent(stmt, 0),
			Place:  wholePlace(stmt, 1),
			Voided: whole(stmt, 2), Fence: whole(stmt, 3), Order: wholeKey(stmt, 4),
			State: whole(stmt, 5), UsedAt: columnTime(stmt, 6), Transfers: whole(stmt, 7)}
		a.look.Ticket(&r)
	})
}
