package command

import (
	"context"
	"slices"
	"time"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/pricing"
)

// CreateVoucher adds a voucher to an event. The same terms once more are as once; other terms under
// the same code fail with booking.ErrVoucherExists. The code may be in either case.
func (o *Office) CreateVoucher(
	ctx context.Context, ref booking.VoucherRef, terms pricing.VoucherTerms,
) (v booking.Voucher, err error) {
	offer, err := o.offers.Get(ctx, ref.Event)
	if err != nil {
		return v, err
	}
	if ref.Code, err = pricing.VoucherCode(ref.Code); err != nil {
		return v, err
	}
	if err := terms.Check(offer.HasTier); err != nil {
		return v, err
	}
	terms.Tiers = slices.Compact(slices.Sorted(slices.Values(terms.Tiers)))
	terms.From, terms.Until = stored(terms.From), stored(terms.Until)
	cmd := &booking.CreateVoucher{Ref: ref, Terms: terms}
	// After a failure the command may still be on its way: nobody reads its result then.
	if err := o.desk.do(ctx, ref.Event, cmd); err != nil {
		return v, err
	}
	return cmd.Made, nil
}

// stored is a time in the precision in which ledgers keep it.
func stored(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Millisecond)
}

// DisableVoucher keeps a voucher from being used by further orders. Twice is as once.
func (o *Office) DisableVoucher(
	ctx context.Context, ref booking.VoucherRef,
) (v booking.Voucher, err error) {
	if ref.Code, err = pricing.VoucherCode(ref.Code); err != nil {
		return v, err
	}
	cmd := &booking.DisableVoucher{Ref: ref}
	if err := o.desk.do(ctx, ref.Event, cmd); err != nil {
		return v, err
	}
	return cmd.Made, nil
}
