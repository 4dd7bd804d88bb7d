package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"ticketflow/internal/app/outbox"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/fact"
	"ticketflow/internal/domain/money"
	"ticketflow/internal/outbound/contract"
)

// engineIn opens the ledger in a folder for the contract suite.
func engineIn(t contract.T, dir string, clock func() time.Time) *contract.Engine {
	t.Helper()
	store, err := Open(t.Context(), dir, Options{Clock: clock})
	if err != nil {
		t.Fatalf("open the ledger: %v", err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Errorf("close the ledger: %v", err)
		}
	})
	return &contract.Engine{Ledger: store, Catalogue: store, Shelf: store, Kinds: store,
		Bookings: store, Vouchers: store, Sales: store, Mails: store, Log: store,
		Requests: store, Answers: store,
		Probe: &probe{store: store, dir: dir, clock: clock}}
}

// engine opens an empty ledger for the contract suite.
func engine(t contract.T, clock func() time.Time) *contract.Engine {
	t.Helper()
	return engineIn(t, folder(t), clock)
}

func folder(t contract.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "ledger")
	if err != nil {
		t.Fatalf("make a folder: %v", err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// probe looks at a ledger's file from outside.
type probe struct {
	store *Store
	dir   string
	clock func() time.Time
}

// Crash implements contract.Probe: it copies the files as they lie there, without the memory that a
// killed process would lose, and opens the copy.
func (p *probe) Crash(t contract.T) *contract.Engine {
	t.Helper()
	left := folder(t)
	for _, name := range []string{fileName, fileName + "-wal"} {
		content, err := os.ReadFile(filepath.Join(p.dir, name))
		if err == nil {
			err = os.WriteFile(filepath.Join(left, name), content, 0o600)
		}
		if err != nil {
			t.Fatalf("copy the ledger: %v", err)
		}
	}
	return engineIn(t, left, p.clock)
}

// Overwrite implements contract.Probe. The store must not remember what it wrote itself.
func (p *probe) Overwrite(_ context.Context, ref booking.PlaceRef, to booking.Place) error {
	p.store.mu.Lock()
	defer p.store.mu.Unlock()
	p.store.w.memory.Forget()
	return meddle(p.dir, fmt.Sprintf("UPDATE places SET state = %d, holder = x'%x', fence = %d, "+
		"until_ms = %d WHERE event_id = %d AND place = %d", to.State, to.Holder, to.Fence,
		millis(to.Until), ref.Event, ref.Place))
}

// Meddle implements contract.Probe.
func (p *probe) Meddle(_ context.Context, statement string) error {
	return meddle(p.dir, statement)
}

// meddle runs a script on a ledger's file on a connection that the store doesn't know.
func meddle(dir, script string) error {
	conn, err := sqlite.OpenConn(Path(dir), sqlite.OpenReadWrite|sqlite.OpenWAL)
	if err != nil {
		return err
	}
	conn.SetBusyTimeout(busyTimeout)
	return errors.Join(sqlitex.ExecuteScript(conn, script, nil), conn.Close())
}

// Rows implements contract.Probe.
func (p *probe) Rows(ctx context.Context, id catalog.EventID) (rows contract.Rows, err error) {
	rows.Answers = make(map[booking.Fingerprint]booking.Answer)
	rows.Buyers = make(map[booking.Fingerprint]int)
	err = p.store.read(ctx, func(c *sqlite.Conn) (err error) {
		defer sqlitex.Save(c)(&err)
		for _, table := range []struct {
			sql string
			row func(*sqlite.Stmt) error
		}{
			{"SELECT status FROM events WHERE event_id = ?", func(stmt *sqlite.Stmt) error {
				rows.Status = catalog.Status(stmt.ColumnInt(0))
				return nil
			}},
			{"SELECT state, holder, fence, until_ms FROM places WHERE event_id = ? ORDER BY place",
				func(stmt *sqlite.Stmt) error {
					rows.Places = append(rows.Places, scanPlace(stmt, 0))
					return nil
				}},
			{"SELECT " + holdColumns + " FROM holds WHERE event_id = ? ORDER BY hold",
				func(stmt *sqlite.Stmt) error {
					h, err := scanHold(stmt, 0, id)
					rows.Holds = append(rows.Holds, h)
					return err
				}},
			{"SELECT " + orderColumns + " FROM orders WHERE event_id = ? ORDER BY order_key",
				func(stmt *sqlite.Stmt) error {
					o, err := scanOrder(stmt, 0, id)
					rows.Orders = append(rows.Orders, o)
					return err
				}},
			{"SELECT " + ticketColumns + " FROM tickets WHERE event_id = ? ORDER BY place, fence",
				func(stmt *sqlite.Stmt) error {
					rows.Tickets = append(rows.Tickets, scanTicket(stmt, id))
					return nil
				}},
		} {
			if err := scanAll(c, table.sql, id, table.row); err != nil {
				return err
			}
		}
		if err := moneyRows(c, id, &rows); err != nil {
			return err
		}
		return guardRows(c, id, &rows)
	})
	return rows, err
}

func scanAll(c *sqlite.Conn, sql string, id catalog.EventID, row func(*sqlite.Stmt) error) error {
	stmt := c.Prep(sql)
	return each(bind(stmt).int(int64(id)), func() error { return row(stmt) })
}

func moneyRows(c *sqlite.Conn, id catalog.EventID, rows *contract.Rows) error {
	err := scanAll(c, "SELECT "+paymentColumns+" FROM payments WHERE event_id = ? "+
		"ORDER BY transaction_id", id, func(stmt *sqlite.Stmt) error {
		p, err := scanPayment(stmt, id)
		rows.Payments = append(rows.Payments, p)
		return err
	})
	if err != nil {
		return err
	}
	err = scanAll(c, "SELECT "+entryColumns+" FROM journal WHERE event_id = ? ORDER BY entry", id,
		func(stmt *sqlite.Stmt) error {
			zero, err := columnMoney(stmt, 0, 6) // for the currency
			rows.Journal = append(rows.Journal, journalRow(stmt, zero.Currency()))
			return err
		})
	if err != nil {
		return err
	}
	return scanAll(c, "SELECT "+refundColumns+" FROM refunds WHERE event_id = ? ORDER BY refund",
		id, func(stmt *sqlite.Stmt) error {
			r, err := scanRefund(stmt, id)
			rows.Refunds = append(rows.Refunds, r)
			return err
		})
}

func journalRow(stmt *sqlite.Stmt, currency money.Currency) booking.Entry {
	return booking.Entry{Event: catalog.EventID(stmt.ColumnInt64(0)),
		Kind: booking.EntryKind(stmt.ColumnText(1)), At: columnTime(stmt, 2),
		Order: columnKey(stmt, 3), Provider: stmt.ColumnText(4), Ref: stmt.ColumnText(5),
		Currency: currency, Clearing: stmt.ColumnInt64(7), Receivable: stmt.ColumnInt64(8),
		Revenue: stmt.ColumnInt64(9), Fees: stmt.ColumnInt64(10), Tax: stmt.ColumnInt64(11),
		Refunds: stmt.ColumnInt64(12), Chargebacks: stmt.ColumnInt64(13)}
}

func guardRows(c *sqlite.Conn, id catalog.EventID, rows *contract.Rows) error {
	for sql, row := range map[string]func(*sqlite.Stmt) error{
		"SELECT answer, request, subject, until_ms FROM answers WHERE event_id = ?": func(
			stmt *sqlite.Stmt,
		) error {
			rows.Answers[columnFingerprint(stmt, 0)] = booking.Answer{
				Request: columnFingerprint(stmt, 1), Subject: columnKey(stmt, 2),
				Until: columnTime(stmt, 3)}
			return nil
		},
		"SELECT buyer, places FROM buyers WHERE event_id = ?": func(stmt *sqlite.Stmt) error {
			rows.Buyers[columnFingerprint(stmt, 0)] = stmt.ColumnInt(1)
			return nil
		},
		"SELECT " + voucherColumns + " FROM vouchers WHERE event_id = ? ORDER BY code": func(
			stmt *sqlite.Stmt,
		) error {
			v, err := scanVoucher(stmt, id)
			rows.Vouchers = append(rows.Vouchers, v)
			return err
		},
		"SELECT " + noticeColumns + ", provider, notice FROM notices WHERE event_id = ? " +
			"ORDER BY notice": func(stmt *sqlite.Stmt) error {
			rows.Notices = append(rows.Notices, contract.Noticed{Notice: scanNotice(stmt, 0),
				Ref: booking.NoticeRef{Event: id, Provider: stmt.ColumnText(4),
					Notice: stmt.ColumnText(5)}})
			return nil
		},
		"SELECT position, kind, at_ms, body FROM facts WHERE event_id = ? ORDER BY position": func(
			stmt *sqlite.Stmt,
		) error {
			f, err := outbox.ParseBody([]byte(stmt.ColumnText(3)))
			f.Kind, f.Event, f.At = fact.Kind(stmt.ColumnText(1)), id, columnTime(stmt, 2)
			rows.Facts = append(rows.Facts, contract.Recorded{Position: stmt.ColumnInt64(0),
				Fact: f})
			return err
		},
	} {
		if err := scanAll(c, sql, id, row); err != nil {
			return err
		}
	}
	return nil
}
