package booking

import (
	"iter"
	"slices"
	"time"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/errs"
	"ticketflow/internal/domain/money"
	"ticketflow/internal/domain/pricing"
)

// Failures of a voucher.
var (
	// ErrVoucherUnknown doesn't tell whether the code never existed or was disabled.
	ErrVoucherUnknown = errs.New(errs.Invalid, "voucher_unknown",
		"There is no such voucher for this event.")
	ErrVoucherNotNow = errs.New(errs.Conflict, "voucher_not_now",
		"This voucher isn't valid at this time.")
	ErrVoucherUsedUp = errs.New(errs.Conflict, "voucher_used_up",
		"This voucher was used as often as it may be.")
	// ErrVoucherNotFound is for organisers.
	ErrVoucherNotFound = errs.New(errs.NotFound, "voucher_not_found", "There is no such voucher.")
	ErrVoucherExists   = errs.New(errs.Conflict, "voucher_exists",
		"The event has a voucher with this code and other terms.")
)

// VoucherRef names a voucher; the code is as pricing.VoucherCode returns it.
type VoucherRef struct {
	Event catalog.EventID
	Code  string
}

// Voucher is a discount for who knows its code. Used counts the orders that have it and await their
// payment or have ever been paid.
//
// Used may be larger than the limit in one case: a payment came after its order had expired and
// others had used the voucher meanwhile. The buyer has paid what we had asked for, so the order is
// honoured at its price, and counted; nobody else gets the discount until the number is below the
// limit again. To send the money back over a count that the buyer can't see would lose a payer.
type Voucher struct {
	Ref      VoucherRef
	Terms    pricing.VoucherTerms
	Disabled bool
	Used     int
}

// Usable tells why nobody can use the voucher now, if so.
func (v *Voucher) Usable(now time.Time) error {
	switch t := &v.Terms; {
	case v.Disabled:
		return ErrVoucherUnknown
	case now.Before(t.From):
		return ErrVoucherNotNow.WithField("valid_from", t.From)
	case !t.Until.IsZero() && !now.Before(t.Until):
		return ErrVoucherNotNow.WithField("valid_until", t.Until)
	case t.MaxUses > 0 && v.Used >= t.MaxUses:
		return ErrVoucherUsedUp
	}
	return nil
}

// redeem counts a voucher for an order of a hold, and prices the order with it.
func (b *Book) redeem(
	ref VoucherRef, h Hold, offer *catalog.Offer,
) (charges []pricing.Line, total money.Money, err error) {
	v, ok := b.vouchers.get(ref)
	if !ok {
		return nil, total, ErrVoucherUnknown
	}
	if err := v.Usable(b.now); err != nil {
		return nil, total, err
	}
	if charges, total, err = h.WithVoucher(offer, &v); err != nil {
		if _, known := offer.TierSet(v.Terms.Tiers); known {
			b.doubt() // it may have other places
		}
		return nil, total, err
	}
	v.Used++
	b.vouchers.put(ref, v)
	return charges, total, nil
}

// unredeem gives the voucher of an order back that ends without having been paid.
func (b *Book) unredeem(o Order) { b.recount(o, -1) }

// retake counts the voucher of an order again that had given it back, and is paid late.
func (b *Book) retake(o Order) { b.recount(o, 1) }

func (b *Book) recount(o Order, n int) {
	if o.Voucher == "" {
		return
	}
	ref := VoucherRef{o.ID.Event, o.Voucher}
	if v, ok := b.vouchers.get(ref); ok {
		v.Used += n
		b.vouchers.put(ref, v)
	}
}

// CreateVoucher adds a voucher to an event. The same once more is as once.
type CreateVoucher struct {
	Ref   VoucherRef
	Terms pricing.VoucherTerms // checked

	Made Voucher // the result
}

// Keys names the rows of the command.
func (c *CreateVoucher) Keys() *Keys {
	return &Keys{Events: []catalog.EventID{c.Ref.Event}, Vouchers: []VoucherRef{c.Ref}}
}

// Decide adds the voucher.
func (c *CreateVoucher) Decide(b *Book) error {
	if _, ok := b.events.get(c.Ref.Event); !ok {
		return ErrEventNotFound
	}
	if v, ok := b.vouchers.get(c.Ref); ok {
		if !sameTerms(&v.Terms, &c.Terms) {
			return ErrVoucherExists
		}
		c.Made = v
		return nil
	}
	c.Made = Voucher{Ref: c.Ref, Terms: c.Terms}
	b.vouchers.put(c.Ref, c.Made)
	return nil
}

func sameTerms(a, b *pricing.VoucherTerms) bool {
	return a.Percent == b.Percent && a.Fixed == b.Fixed && a.MaxUses == b.MaxUses &&
		a.From.Equal(b.From) && a.Until.Equal(b.Until) && slices.Equal(a.Tiers, b.Tiers)
}

// DisableVoucher keeps a voucher from being used by further orders. Those that have it keep it.
// Twice is as once.
type DisableVoucher struct {
	Ref VoucherRef

	Made Voucher // the result
}

// Keys names the rows of the command.
func (c *DisableVoucher) Keys() *Keys { return &Keys{Vouchers: []VoucherRef{c.Ref}} }

// Decide disables the voucher.
func (c *DisableVoucher) Decide(b *Book) error {
	v, ok := b.vouchers.get(c.Ref)
	if !ok {
		return ErrVoucherNotFound
	}
	if !v.Disabled {
		v.Disabled = true
		b.vouchers.put(c.Ref, v)
	}
	c.Made = v
	return nil
}

// NameVoucher asks for a voucher.
func (b *Book) NameVoucher(ref VoucherRef) bool { return b.vouchers.name(ref) }

// LoadVoucher puts a voucher into the book.
func (b *Book) LoadVoucher(v Voucher) { b.vouchers.load(v.Ref, v) }

// ChangedVouchers are the voucher rows to write.
func (b *Book) ChangedVouchers() iter.Seq[Change[VoucherRef, Voucher]] { return b.vouchers.changes }
