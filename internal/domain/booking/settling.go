package booking

import (
	"strings"
	"unicode/utf8"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/errs"
)

// StaffProvider is the provider of money that staff take and pay out: cash, or a bank transfer.
const StaffProvider = "offline"

// settledMark begins the gateway's name of a refund that no gateway has made.
const settledMark = "settled:"

// ErrRefundNotOpen says that a refund can't be settled by staff.
var ErrRefundNotOpen = errs.New(errs.Conflict, "refund_not_open",
	"Only a refund that has failed, or that staff pay out, can be settled.")

// Elsewhere tells whether staff have paid the refund out, and no gateway.
func (r Refund) Elsewhere() bool { return strings.HasPrefix(r.GatewayRef, settledMark) }

// SettledWith is the reference that staff have paid the refund out with, or empty.
func (r Refund) SettledWith() string {
	if !r.Elsewhere() {
		return ""
	}
	return r.GatewayRef[len(settledMark):]
}

// SettleRefund notes that staff have paid a refund out: one that the gateway has refused for
// certain, or one of money that staff had taken. Saying it twice is as once.
type SettleRefund struct {
	Refund    RefundRef
	Reference string // of the transfer or the receipt
}

// Keys names the rows of the command.
func (c *SettleRefund) Keys() *Keys { return &Keys{Refunds: []RefundRef{c.Refund}} }

// Decide marks the refund as done. The money came from the staff's account, not from the gateway's:
// the gateway still has it. As long as a gateway may still pay, staff must not.
func (c *SettleRefund) Decide(b *Book) error {
	r, ok := b.refunds.get(c.Refund)
	if !ok || !r.owed() {
		return ErrRefundNotFound
	}
	by := settledMark + c.Reference
	switch {
	case r.State == RefundDone && r.GatewayRef == by:
		return nil
	case r.State == RefundFailed:
	case r.State == RefundRequested && r.Payment.Provider == StaffProvider:
	default:
		return ErrRefundNotOpen
	}
	r.State, r.DoneAt, r.GatewayRef = RefundDone, b.now, by
	b.settle(r)
	return nil
}

// maxRefundKey bounds the part of a refund's identifier behind the event, in bytes.
const maxRefundKey = 300

// String writes the public form: ref_… of a refund that somebody asked for, and evt_1:… of one that
// follows from something else.
func (r RefundRef) String() string {
	if strings.HasPrefix(r.Key, refundPrefix+"_") {
		return r.Key
	}
	return r.Event.String() + ":" + r.Key
}

// ParseRefundRef reads the public form. The failure is ErrRefundNotFound.
func ParseRefundRef(s string) (RefundRef, error) {
	if strings.HasPrefix(s, refundPrefix+"_") {
		whole, number, part := strings.Cut(s, partMark)
		event, _, err := decodeScoped(refundPrefix, whole)
		if err != nil || part && !partNumber(number) {
			return RefundRef{}, ErrRefundNotFound
		}
		return RefundRef{event, s}, nil
	}
	id, key, _ := strings.Cut(s, ":")
	event, err := catalog.ParseEventID(id)
	if err != nil || key == "" || len(key) > maxRefundKey || !utf8.ValidString(key) ||
		strings.ContainsRune(key, 0) || strings.HasPrefix(key, refundPrefix+"_") {
		return RefundRef{}, ErrRefundNotFound
	}
	return RefundRef{event, key}, nil
}
