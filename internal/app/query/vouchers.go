package query

import (
	"context"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

// Vouchers is where vouchers are looked at. What is decided about them is decided in the ledger.
type Vouchers interface {
	// Voucher fails with booking.ErrVoucherUnknown.
	Voucher(ctx context.Context, ref booking.VoucherRef) (booking.Voucher, error)
	// Vouchers are those of an event whose codes come after one, in order, up to a limit.
	Vouchers(ctx context.Context, id catalog.EventID, after string,
		limit int) ([]booking.Voucher, error)
}
