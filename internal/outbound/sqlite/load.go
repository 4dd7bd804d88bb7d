package sqlite

import (
	"errors"

	"zombiezen.com/go/sqlite"

	"ticketflow/internal/app/planfile"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

// load fills the book with the rows that keys name, and with what they bring along. The writer's
// transaction is immediate: nobody else writes between here and the commit.
func (w *writer) load(b *booking.Book, keys *booking.Keys) error {
	for _, id := range keys.Events {
		if err := w.loadEvent(b, id); err != nil {
			return err
		}
	}
	for _, ref := range keys.Places {
		if err := w.loadPlace(b, ref); err != nil {
			return err
		}
	}
	for _, id := range keys.Holds {
		if err := w.loadHold(b, id); err != nil {
			return err
		}
	}
	for _, id := range keys.Orders {
		if err := w.loadOrder(b, id, false); err != nil {
			return err
		}
	}
	for _, id := range keys.Sales {
		if err := w.loadOrder(b, id, true); err != nil {
			return err
		}
	}
	if err := w.loadGuards(b, keys); err != nil {
		return err
	}
	return w.loadMoney(b, keys)
}

func (w *writer) loadMoney(b *booking.Book, keys *booking.Keys) error {
	for _, ref := range keys.Payments {
		if err := w.loadPayment(b, ref); err != nil {
			return err
		}
	}
	for _, ref := range keys.Notices {
		if !b.NameNotice(ref) {
			continue
		}
		stmt := w.getNotice
		err := each(bind(stmt).int(int64(ref.Event)).text(ref.Provider).text(ref.Notice),
			func() error { b.LoadNotice(ref, scanNotice(stmt, 0)); return nil })
		if err != nil {
			return err
		}
	}
	for _, ref := range keys.Refunds {
		if !b.NameRefund(ref) {
			continue
		}
		stmt := w.getRefund
		err := each(bind(stmt).int(int64(ref.Event)).text(ref.Key), func() error {
			r, err := scanRefund(stmt, ref.Event)
			b.LoadRefund(r)
			return err
		})
		if err != nil {
			return err
		}
	}
	for _, ref := range keys.Returns {
		if err := w.loadReturns(b, ref); err != nil {
			return err
		}
	}
	return nil
}

// loadReturns loads a payment with all of its refunds. They may be loaded twice, but only before
// the first decision of the batch.
func (w *writer) loadReturns(b *booking.Book, ref booking.PaymentRef) error {
	if err := w.loadPayment(b, ref); err != nil {
		return err
	}
	stmt := w.getReturns
	key := bind(stmt).int(int64(ref.Event)).text(ref.Provider).text(ref.Transaction)
	return each(key, func() error {
		r, err := scanRefund(stmt, ref.Event)
		b.LoadRefund(r)
		return err
	})
}

// errUnreadable says that a row doesn't hold what this package writes.
var errUnreadable = errors.New("a row can't be read")

// each steps through the rows of a bound statement and makes it ready for its next use.
func each(b *binder, row func() error) error {
	for {
		more, err := b.stmt.Step()
		if err == nil && more {
			if err = row(); err == nil {
				continue
			}
			err = errors.Join(errUnreadable, err)
		}
		if again := b.stmt.Reset(); err == nil {
			err = again
		}
		return err
	}
}

func (w *writer) loadEvent(b *booking.Book, id catalog.EventID) error {
	if !b.NameEvent(id) {
		return nil
	}
	stmt := w.getEvent
	return each(bind(stmt).int(int64(id)), func() error {
		b.LoadEvent(id, scanSale(stmt, 0))
		return nil
	})
}

func (w *writer) loadPlace(b *booking.Book, ref booking.PlaceRef) error {
	if !b.NamePlace(ref) {
		return nil
	}
	if p, ok := w.memory.Place(ref); ok {
		b.LoadPlace(ref, p)
		return nil
	}
	stmt := w.getPlace
	return each(bind(stmt).int(placeKey(ref)), func() error {
		b.LoadPlace(ref, scanPlace(stmt, 0))
		return nil
	})
}

func (w *writer) loadHold(b *booking.Book, id booking.HoldID) error {
	if !b.NameHold(id) {
		return nil
	}
	h, ok := w.memory.Hold(id)
	if ok {
		b.LoadHold(h)
		return w.loadLines(b, id.Event, h.Lines)
	}
	stmt := w.getHold
	err := each(bindKey(stmt, id.Event, id.Key), func() (err error) {
		h, err = scanHold(stmt, 0, id.Event)
		b.LoadHold(h)
		return err
	})
	if err != nil {
		return err
	}
	return w.loadLines(b, id.Event, h.Lines)
}

func (w *writer) loadLines(b *booking.Book, id catalog.EventID, lines []booking.Line) error {
	for _, l := range lines {
		if err := w.loadPlace(b, booking.PlaceRef{Event: id, Place: l.Place}); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) loadOrder(b *booking.Book, id booking.OrderID, whole bool) error {
	first := b.NameOrder(id)
	if !first && !whole {
		return nil
	}
	o, err := w.order(id)
	if err != nil || o.State == 0 {
		return err
	}
	if first {
		b.LoadOrder(o)
	}
	if err := w.loadLines(b, id.Event, o.Lines); err != nil {
		return err
	}
	voucher := booking.VoucherRef{Event: id.Event, Code: o.Voucher}
	if err := w.loadVoucher(b, voucher); err != nil {
		return err
	}
	buyer := booking.BuyerRef{Event: id.Event, Buyer: o.BuyerHash}
	if err := w.loadBuyer(b, buyer); err != nil || !whole {
		return err
	}
	for _, l := range o.Lines {
		ref := booking.PlaceRef{Event: id.Event, Place: l.Place}
		if err := w.loadTicket(b, ref); err != nil {
			return err
		}
	}
	if o.Transaction == "" {
		return nil
	}
	return w.loadPayment(b, booking.PaymentRef{Event: id.Event, Provider: o.Provider,
		Transaction: o.Transaction})
}

// order is an order's row; its state is zero if there is none.
func (w *writer) order(id booking.OrderID) (o booking.Order, err error) {
	if o, ok := w.memory.Order(id); ok {
		return o, nil
	}
	stmt := w.getOrder
	err = each(bindKey(stmt, id.Event, id.Key), func() (err error) {
		o, err = scanOrder(stmt, 0, id.Event)
		return err
	})
	return o, err
}

func (w *writer) loadPayment(b *booking.Book, ref booking.PaymentRef) error {
	if !b.NamePayment(ref) {
		return nil
	}
	stmt := w.getPayment
	key := bind(stmt).int(int64(ref.Event)).text(ref.Provider).text(ref.Transaction)
	return each(key, func() error {
		p, err := scanPayment(stmt, ref.Event)
		b.LoadPayment(p)
		return err
	})
}

// The scan functions read the columns of writer.go's lists, starting at column c.

func scanSale(stmt *sqlite.Stmt, c int) booking.Sale {
	return booking.Sale{
		Status:   catalog.Status(stmt.ColumnInt(c)),
		Revision: stmt.ColumnInt64(c + 1),
		Terms: catalog.Terms{
			OpensAt:       columnTime(stmt, c+2),
			ClosesAt:      columnTime(stmt, c+3),
			MaxPerOrder:   stmt.ColumnInt(c + 4),
			MaxPerBuyer:   stmt.ColumnInt(c + 5),
			HoldTime:      columnDuration(stmt, c+6),
			PayTime:       columnDuration(stmt, c+7),
			MaxExtensions: stmt.ColumnInt(c + 8),
		},
	}
}

func scanPlace(stmt *sqlite.Stmt, c int) booking.Place {
	return booking.Place{
		State:  booking.PlaceState(stmt.ColumnInt(c)),
		Holder: columnKey(stmt, c+1),
		Fence:  uint32(stmt.ColumnInt64(c + 2)),
		Until:  columnTime(stmt, c+3),
	}
}

func scanHold(stmt *sqlite.Stmt, c int, event catalog.EventID) (booking.Hold, error) {
	h := booking.Hold{
		ID:         booking.HoldID{Event: event, Key: columnKey(stmt, c)},
		State:      booking.HoldState(stmt.ColumnInt(c + 1)),
		CreatedAt:  columnTime(stmt, c+2),
		ExpiresAt:  columnTime(stmt, c+3),
		Extensions: stmt.ColumnInt(c + 4),
		Order:      columnKey(stmt, c+8),
		Amendments: stmt.ColumnInt(c + 10),
	}
	var err error
	if h.Total, err = columnMoney(stmt, c+5, c+6); err != nil {
		return h, err
	}
	if h.Lines, err = parseLines(stmt.ColumnText(c + 7)); err != nil {
		return h, err
	}
	h.Charges, err = planfile.DecodeCharges(stmt.ColumnText(c + 9))
	return h, err
}

func scanOrder(stmt *sqlite.Stmt, c int, event catalog.EventID) (booking.Order, error) {
	o := booking.Order{
		ID:        booking.OrderID{Event: event, Key: columnKey(stmt, c)},
		Hold:      columnKey(stmt, c+1),
		State:     booking.OrderState(stmt.ColumnInt(c + 2)),
		PlacedAt:  columnTime(stmt, c+3),
		ExpiresAt: columnTime(stmt, c+4),
		PaidAt:    columnTime(stmt, c+5),
		Buyer: booking.Buyer{Name: stmt.ColumnText(c + 9), Email: stmt.ColumnText(c + 10),
			Language: stmt.ColumnText(c + 18)},
		BuyerHash:   columnFingerprint(stmt, c+11),
		ReturnURL:   stmt.ColumnText(c + 12),
		Provider:    stmt.ColumnText(c + 13),
		Transaction: stmt.ColumnText(c + 14),
		Declined:    stmt.ColumnInt(c + 15),
		Voucher:     stmt.ColumnText(c + 17),
	}
	var err error
	if o.Total, err = columnMoney(stmt, c+6, c+7); err != nil {
		return o, err
	}
	if o.Lines, err = parseLines(stmt.ColumnText(c + 8)); err != nil {
		return o, err
	}
	o.Charges, err = planfile.DecodeCharges(stmt.ColumnText(c + 16))
	return o, err
}

func scanTicket(stmt *sqlite.Stmt, event catalog.EventID) booking.Ticket {
	t := booking.Ticket{
		ID: booking.TicketID{
			Event: event,
			Place: catalog.PlaceNo(stmt.ColumnInt64(0)),
			Fence: uint32(stmt.ColumnInt64(1)),
		},
		Order:  columnKey(stmt, 3),
		State:  booking.TicketState(stmt.ColumnInt(4)),
		UsedAt: columnTime(stmt, 5),
		Gate:   stmt.ColumnText(6),

		Transfers: stmt.ColumnInt(7),
		Holder: booking.Holder{Name: stmt.ColumnText(8), Email: stmt.ColumnText(9),
			Language: stmt.ColumnText(10)},
	}
	stmt.ColumnBytes(2, t.ID.Secret[:])
	return t
}
