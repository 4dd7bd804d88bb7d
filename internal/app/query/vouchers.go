package query

import (
	"context"
	"time"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/money"
	"ticketflow/internal/domain/pricing"
)

// Vouchers is where vouchers are looked at. What is decided about them is decided in the ledger.
type Vouchers interface {
	// Voucher fails with booking.ErrVoucherUnknown.
	Voucher(ctx context.Context, ref booking.VoucherRef) (booking.Voucher, error)
	// Vouchers are those of an event whose codes come after one, in order, up to a limit.
	Vouchers(ctx context.Context, id catalog.EventID, after string,
		limit int) ([]booking.Voucher, error)
}

// WithVoucher is what an order of a hold would cost with a voucher, whose code is as it was typed.
// It counts nothing: others may use the voucher up before the order is placed. The failures are
// those of vouchers, and booking.ErrRevised.
func WithVoucher(
	ctx context.Context, from Vouchers, offer *catalog.Offer, h booking.Hold, typed string,
	now time.Time,
) (charges []pricing.Line, total money.Money, code string, err error) {
	if code, err = pricing.VoucherCode(typed); err != nil {
		return nil, total, "", err
	}
	v, err := from.Voucher(ctx, booking.VoucherRef{Event: h.ID.Event, Code: code})
	if err != nil {
		return nil, total, "", err
	}
	if err := v.Usable(now); err != nil {
		return nil, total, "", err
	}
	charges, total, err = h.WithVoucher(offer, &v)
	return charges, total, code, err
}
