package audit

import (
	"slices"

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
	l.addReturned(r, told)
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
func (l *ledger) addReturned(r *RefundRow, told *refund) {
	tickets, p := r.Reason == booking.ReasonTickets, told.payment
	_, part := r.Ref.Whole()
	if r.Unreadable || (tickets && !part) != (len(r.Places) > 0) {
		l.breach(i4, "refund %q of %s has places that can't be read, or shouldn't have any, or "+
			"lacks them", r.Ref.Key, r.Ref.Event)
	}
	if !tickets || p.position < 0 {
		return
	}
	o := &l.orders[p.position]
	o.refunded += r.Amount
	if part {
		return
	}
	told.valued = true
	worths, lines := l.worths(o), l.linesOf(o)
	for _, no := range r.Places {
		i := slices.IndexFunc(lines, func(of line) bool { return of.Place == no })
		if i < 0 {
			l.breach(i4, "refund %q returns place %d of %s, which isn't its", r.Ref.Key, no, o.id)
			continue
		}
		lines[i].returned++
		told.worth += worths[i]
		if o.live() {
			l.buyer(booking.BuyerRef{Event: o.id.Event, Buyer: o.buyer}).counted--
		}
	}
}

// checkParts is the part of I5 about refunds a part of which was paid in another way: with its
// parts, a refund is what its tickets were.
func (l *ledger) checkParts() {
	for _, r := range l.asked {
		ref, part := r.row.Ref.Whole()
		if !part {
			continue
		}
		whole := l.refunds[ref]
		if whole == nil || whole.payment != r.payment || whole.row.Reason != r.row.Reason {
			l.breach(i5, "refund %q of %s is a part of one that doesn't exist", r.row.Ref.Key,
				r.row.Ref.Event)
			continue
		}
		whole.parts += r.row.Amount
	}
	for _, r := range l.asked {
		if r.valued && r.row.Amount+r.parts != r.worth {
			l.breach(i5, "refund %q of %s is of %d, and its tickets were %d", r.row.Ref.Key,
				booking.OrderID{Event: r.row.Ref.Event, Key: r.row.Order}, r.row.Amount+r.parts,
				r.worth)
		}
	}
}
