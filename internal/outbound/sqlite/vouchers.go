package sqlite

import (
	"context"

	"zombiezen.com/go/sqlite"

	"ticketflow/internal/app/planfile"
	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/pricing"
)

var _ query.Vouchers = (*Store)(nil)

const voucherColumns = "code, kind, value, tiers, from_ms, until_ms, max_uses, used, disabled"

// Kinds of vouchers, as they are stored.
const (
	voucherPercent = 1
	voucherFixed   = 2
)

// loadVoucher loads a voucher that a command or an order names.
func (w *writer) loadVoucher(b *booking.Book, ref booking.VoucherRef) error {
	if ref.Code == "" || !b.NameVoucher(ref) {
		return nil
	}
	stmt := w.getVoucher
	return each(bind(stmt).int(int64(ref.Event)).text(ref.Code), func() error {
		v, err := scanVoucher(stmt, ref.Event)
		b.LoadVoucher(v)
		return err
	})
}

func (w *writer) saveVouchers(b *booking.Book) error {
	for c := range b.ChangedVouchers() {
		v := c.Value
		if !c.Insert {
			row := bind(w.setVoucher).int(int64(v.Used)).bool(v.Disabled).
				int(int64(v.Ref.Event)).text(v.Ref.Code).int(int64(c.Loaded.Used)).
				bool(c.Loaded.Disabled)
			if err := w.update(row); err != nil {
				return err
			}
			continue
		}
		kind, value := voucherKind(&v.Terms)
		err := bind(w.addVoucher).int(int64(v.Ref.Event)).text(v.Ref.Code).int(kind).int(value).
			text(planfile.EncodeTiers(v.Terms.Tiers)).time(v.Terms.From).
			time(v.Terms.Until).int(int64(v.Terms.MaxUses)).
			int(int64(v.Used)).bool(v.Disabled).run()
		if err != nil {
			return err
		}
	}
	return nil
}

func voucherKind(t *pricing.VoucherTerms) (kind, value int64) {
	if t.Percent > 0 {
		return voucherPercent, int64(t.Percent)
	}
	return voucherFixed, t.Fixed
}

func scanVoucher(stmt *sqlite.Stmt, event catalog.EventID) (v booking.Voucher, err error) {
	v = booking.Voucher{
		Ref:      booking.VoucherRef{Event: event, Code: stmt.ColumnText(0)},
		Used:     stmt.ColumnInt(7),
		Disabled: stmt.ColumnInt(8) != 0,
		Terms: pricing.VoucherTerms{From: columnTime(stmt, 4), Until: columnTime(stmt, 5),
			MaxUses: stmt.ColumnInt(6)},
	}
	if stmt.ColumnInt(1) == voucherPercent {
		v.Terms.Percent = stmt.ColumnInt(2)
	} else {
		v.Terms.Fixed = stmt.ColumnInt64(2)
	}
	v.Terms.Tiers, err = planfile.DecodeTiers(stmt.ColumnText(3))
	return v, err
}

// Voucher implements query.Vouchers.
func (s *Store) Voucher(
	ctx context.Context, ref booking.VoucherRef,
) (v booking.Voucher, err error) {
	err = s.read(ctx, func(c *sqlite.Conn) error {
		stmt := c.Prep("SELECT " + voucherColumns +
			" FROM vouchers WHERE event_id = ? AND code = ?")
		return single(bind(stmt).int(int64(ref.Event)).text(ref.Code), booking.ErrVoucherUnknown,
			func() (err error) { v, err = scanVoucher(stmt, ref.Event); return err })
	})
	return v, err
}

// Vouchers implements query.Vouchers.
func (s *Store) Vouchers(
	ctx context.Context, id catalog.EventID, after string, limit int,
) (list []booking.Voucher, err error) {
	err = s.read(ctx, func(c *sqlite.Conn) error {
		stmt := c.Prep("SELECT " + voucherColumns +
			" FROM vouchers WHERE event_id = ? AND code > ? ORDER BY code LIMIT ?")
		return each(bind(stmt).int(int64(id)).text(after).int(int64(limit)), func() error {
			v, err := scanVoucher(stmt, id)
			list = append(list, v)
			return err
		})
	})
	return list, err
}
