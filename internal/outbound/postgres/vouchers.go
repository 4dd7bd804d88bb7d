package postgres

import (
	"context"

	"ticketflow/internal/app/planfile"
	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/pricing"
)

var _ query.Vouchers = (*Store)(nil)

const voucherColumns = "v.event_id, v.code, v.kind, v.value, v.tiers, v.from_ms, v.until_ms, " +
	"v.max_uses, v.used, v.disabled"

// Kinds of vouchers, as they are stored.
const (
	voucherPercent = 1
	voucherFixed   = 2
)

var (
	stmtVouchers = statement{name: "vouchers", kinds: "itib", sql: `WITH k AS MATERIALIZED (
	SELECT * FROM unnest($1::bigint[], $2::text[]) k (event_id, code)
	UNION ALL SELECT o.event_id, o.voucher
	FROM unnest($3::bigint[], $4::bytea[]) k (event_id, order_key)
	JOIN orders o USING (event_id, order_key) WHERE o.voucher <> ''
) SELECT ` + voucherColumns + ` FROM k JOIN vouchers v USING (event_id, code)
ORDER BY v.event_id, v.code FOR UPDATE OF v`}
	stmtAddVouchers = statement{name: "add_vouchers", kinds: "itiitiiiii", sql: `
INSERT INTO vouchers (event_id, code, kind, value, tiers, from_ms, until_ms, max_uses, used,
	disabled)
SELECT event_id, code, kind, value, tiers, from_ms, until_ms, max_uses, used, disabled
FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::bigint[],
	$7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[]) k (event_id, code, kind, value, tiers,
	from_ms, until_ms, max_uses, used, disabled) ORDER BY 1, 2`}
	stmtSetVouchers = counted("set_vouchers", "itiiii", `UPDATE vouchers v SET used = k.used,
disabled = k.disabled
FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
	k (event_id, code, used, disabled, was_used, was_disabled)
WHERE v.event_id = k.event_id AND v.code = k.code AND v.used = k.was_used
AND v.disabled = k.was_disabled`)
)

// askVouchers comes after the orders: those that are read bring their vouchers along.
func (b *batch) askVouchers(p *pipe, keys *booking.Keys) {
	if len(keys.Vouchers)+len(keys.Orders)+len(keys.Sales) == 0 {
		return
	}
	c, cols := b.columns(&stmtVouchers)
	for i := range keys.Vouchers {
		cols[0].int(int64(keys.Vouchers[i].Event))
		cols[1].text(keys.Vouchers[i].Code)
	}
	addOrders(cols[2:], keys.Orders)
	addOrders(cols[2:], keys.Sales)
	p.fetch(b.locking, &stmtVouchers, c, func(r row) error {
		v, err := scanVoucher(r)
		b.loaded.vouchers = append(b.loaded.vouchers, v)
		return err
	})
}

func (b *batch) saveVouchers(p *pipe, book *booking.Book) {
	set, change := b.columns(&stmtSetVouchers)
	add, fresh := b.columns(&stmtAddVouchers)
	for c := range book.ChangedVouchers() {
		v := &c.Value
		if !c.Insert {
			change[0].int(int64(v.Ref.Event))
			change[1].text(v.Ref.Code)
			change[2].int(int64(v.Used))
			change[3].bool(v.Disabled)
			change[4].int(int64(c.Loaded.Used))
			change[5].bool(c.Loaded.Disabled)
			continue
		}
		kind, value := voucherKind(&v.Terms)
		fresh[0].int(int64(v.Ref.Event))
		fresh[1].text(v.Ref.Code)
		fresh[2].int(kind)
		fresh[3].int(value)
		fresh[4].text(planfile.EncodeTiers(v.Terms.Tiers))
		fresh[5].time(v.Terms.From)
		fresh[6].time(v.Terms.Until)
		fresh[7].int(int64(v.Terms.MaxUses))
		fresh[8].int(int64(v.Used))
		fresh[9].bool(v.Disabled)
	}
	p.write(&stmtSetVouchers, set)
	p.write(&stmtAddVouchers, add)
}

func voucherKind(t *pricing.VoucherTerms) (kind, value int64) {
	if t.Percent > 0 {
		return voucherPercent, int64(t.Percent)
	}
	return voucherFixed, t.Fixed
}

func scanVoucher(r row) (v booking.Voucher, err error) {
	v = booking.Voucher{
		Ref:      booking.VoucherRef{Event: r.event(0), Code: r.text(1)},
		Used:     int(r.int(8)),
		Disabled: r.int(9) != 0,
		Terms: pricing.VoucherTerms{From: r.time(5), Until: r.time(6),
			MaxUses: int(r.int(7))},
	}
	if r.int(2) == voucherPercent {
		v.Terms.Percent = int(r.int(3))
	} else {
		v.Terms.Fixed = r.int(3)
	}
	v.Terms.Tiers, err = planfile.DecodeTiers(r.text(4))
	return v, err
}

// Voucher implements query.Vouchers.
func (s *Store) Voucher(
	ctx context.Context, ref booking.VoucherRef,
) (v booking.Voucher, err error) {
	err = s.one(ctx, booking.ErrVoucherUnknown, func(r row) (err error) {
		v, err = scanVoucher(r)
		return err
	}, "SELECT "+voucherColumns+" FROM vouchers v WHERE v.event_id = $1 AND v.code = $2",
		int64(ref.Event), ref.Code)
	return v, err
}

// Vouchers implements query.Vouchers, on the primary: an organiser who has just made one sees it.
func (s *Store) Vouchers(
	ctx context.Context, id catalog.EventID, after string, limit int,
) (list []booking.Voucher, err error) {
	var broken error
	err = s.read(ctx, func(r row) {
		v, err := scanVoucher(r)
		if err != nil {
			broken = err
		}
		list = append(list, v)
	}, "SELECT "+voucherColumns+` FROM vouchers v WHERE v.event_id = $1 AND v.code > $2
ORDER BY v.code LIMIT $3`, int64(id), after, limit)
	if err == nil {
		err = broken
	}
	return list, err
}
