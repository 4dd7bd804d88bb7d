package audit

import (
	"ticketflow/internal/domain/booking"
)

func (l *ledger) addRefund(r *RefundRow) {
	l.checked(i5)
	l.checked(i6)
	told := &refund{row: *r, payment: l.payments[r.Payment]}
	told.row.Places = nil
	l.refunds[r.Ref] = told
	l.asked = append(l.asked, told)
	if why := told.wrong(); why != "" {
		l.breach(i5, "refund %q of %s %s", r.Ref.Key, r.Ref.Event, why)
	}
	if r.State == int64(booking.RefundFailed) {
		l.open.FailedRefunds++
	}
	p := told.payment
	if p == nil {
		return
	}
	if r.State != int64(booking.RefundReversed) {
		p.refunds += r.Amount
	}
	l.addReturned(r, p)
}

// owed tells whether the refund was asked for here.
func (r *refund) owed() bool {
	return r.row.Reason != booking.ReasonGateway && r.row.Reason != booking.ReasonDispute
}

// ofSale tells whether the refund takes back a part of what was sold.
func (r *refund) ofSale() bool { return r.payment.row.Use == int64(booking.Applied) }

// wrong tells what is wrong with a refund, or nothing.
func (r *refund) wrong() string {
	row := &r.row
	finished := row.State == int64(booking.RefundDone)
	switch {
	case finished == row.DoneAt.IsZero():
		return "is done without a time, or not done with one"
	case r.payment == nil:
		return "gives back a payment that doesn't exist"
	case row.Order != r.payment.row.Order:
		return "is for another order than its payment"
	case row.Currency != r.payment.row.Currency:
		return "is in another currency than its payment"
	case row.Amount <= 0:
		return "gives nothing back"
	case row.Retries < 0 || row.Retries > booking.MaxRefundRetries:
		return "was tried too often"
	case !finished && row.State != int64(booking.RefundRequested) &&
		row.State != int64(booking.RefundFailed) && row.State != int64(booking.RefundReversed):
		return "is in an unknown state"
	case row.State == int64(booking.RefundReversed) && row.Reason != booking.ReasonDispute:
		return "is reversed, and is no dispute"
	case !r.owed() && (row.Retries > 0 || !finished &&
		row.State != int64(booking.RefundReversed)):
		return "was made at the gateway's side, and isn't done"
	}
	return r.wrongReason()
}

func (r *refund) wrongReason() string {
	sale := r.ofSale()
	switch r.row.Reason {
	case booking.ReasonGateway, booking.ReasonDispute:
		return ""
	case booking.ReasonCancelled, booking.ReasonTickets, booking.ReasonGoodwill:
		if !sale {
			return "takes back a sale, and its payment has paid for nothing"
		}
	case booking.ReasonLate, booking.ReasonDoubtful, booking.ReasonWrongAmount:
		if sale {
			return "returns a payment for nothing, and it has paid for an order"
		}
	default:
		return "has an unknown reason"
	}
	return ""
}

// addReturned notes which places of an order were given back, for I4: they are off the order.
func (l *ledger) addReturned(r *RefundRow, p *payment) {
	tickets := r.Reason == booking.ReasonTickets
	if r.Unreadable || tickets != (len(r.Places) > 0) {
		l.breach(i4, "refund %q of %s has places that can't be read, or shouldn't have any, or "+
			"lacks them", r.Ref.Key, r.Ref.Event)
	}
	if !tickets || p.position < 0 {
		return
	}
	o := &l.orders[p.position]
	o.refunded += r.Amount
	worth := int64(0)
	for _, no := range r.Places {
		of := l.lineAt(o, no)
		if of == nil {
			l.breach(i4, "refund %q returns place %d of %s, which isn't its", r.Ref.Key, no, o.id)
			continue
		}
		of.returned++
		worth += of.Price
		if o.live() {
			l.buyer(booking.BuyerRef{Event: o.id.Event, Buyer: o.buyer}).counted--
		}
	}
	if worth != r.Amount {
		l.breach(i5, "refund %q of %s is of %d, and its tickets were %d", r.Ref.Key, o.id,
			r.Amount, worth)
	}
}
