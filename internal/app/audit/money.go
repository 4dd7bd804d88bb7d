package audit

import (
	"fmt"
	"slices"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/money"
	"ticketflow/internal/domain/pricing"
)

// checkQuote is the part of I5 that one row can break: the total is the sum of the lines and of the
// charges.
func (l *ledger) checkQuote(name func() string, q *Quote) {
	l.checked(i5)
	if q.Unreadable {
		l.breach(i5, "%s has lines that can't be read", name())
		return
	}
	if len(q.Lines) == 0 {
		l.breach(i5, "%s has no lines", name())
	}
	sum := int64(0)
	for _, of := range q.Lines {
		sum += of.Price
	}
	for i := range q.Charges {
		if !addsUp(&q.Charges[i]) {
			l.breach(i5, "%s has a charge (%s) that doesn't add up", name(), q.Charges[i].Kind)
		}
	}
	sum += pricing.Sum(q.Charges)
	if sum != q.Total {
		l.breach(i5, "%s has the total %d, and its lines make %d", name(), q.Total, sum)
	}
	if _, err := money.ParseCurrency(q.Currency); err != nil {
		l.breach(i5, "%s has no currency", name())
	}
}

// checkSameQuote is the part of I5 about the price: it was frozen in the hold. Only the fences may
// differ, since a late payment takes its places anew; and with a voucher it costs less.
func (l *ledger) checkSameQuote(o *order, h *hold) {
	lines := l.linesOf(o)
	same := o.quote.Currency == h.quote.Currency && len(lines) == len(h.quote.Lines)
	if o.voucher == "" {
		same = same && o.quote.Total == h.quote.Total &&
			slices.Equal(o.quote.Charges, h.quote.Charges)
	} else {
		same = same && o.quote.Total <= h.quote.Total
	}
	for i := 0; same && i < len(lines); i++ {
		was := h.quote.Lines[i]
		same = lines[i].Place == was.Place && lines[i].Price == was.Price
	}
	if !same {
		l.breach(i5, "%s differs from the quote of its hold", o.id)
	}
}

func paymentName(ref booking.PaymentRef) string {
	return fmt.Sprintf("payment %q of %s for %s", ref.Transaction, ref.Provider, ref.Event)
}

func (l *ledger) addPayment(r *PaymentRow) {
	l.checked(i5)
	l.checked(i6)
	once := transaction{r.Ref.Provider, r.Ref.Transaction}
	if other, twice := l.captured[once]; twice {
		l.breach(i6, "%s is also stored for %s", paymentName(r.Ref), other)
	}
	l.captured[once] = r.Ref.Event
	p := &payment{row: *r, position: -1}
	l.payments[r.Ref] = p
	l.received = append(l.received, p)
	id := booking.OrderID{Event: r.Ref.Event, Key: r.Order}
	l.doubts[doubt{r.Ref.Event, r.Ref.Transaction}] = &tally{}
	switch r.Use {
	case int64(booking.Returned):
		back := giving{id, r.Ref.Transaction}
		if l.returned[back] == nil {
			l.returned[back] = &tally{}
		}
		l.returned[back].rows++
	case int64(booking.Quarantined):
		l.open.Quarantined++
	}
	if attempt, _, err := booking.ParseAttemptKey(r.Attempt); r.Attempt != "" &&
		(err != nil || attempt != id) {
		l.breach(i5, "%s is of the attempt %q, which isn't one of its order",
			paymentName(r.Ref), r.Attempt)
	}
	i, ok := l.orderAt[id]
	switch {
	case ok:
		p.position = i
	case r.Use == int64(booking.Returned) || r.Use == int64(booking.Quarantined):
		l.strange[id] = true
	default:
		l.breach(i5, "%s is for an order that doesn't exist", paymentName(r.Ref))
	}
	if !ok || r.Use != int64(booking.Applied) {
		return // money of any currency can come by mistake
	}
	o := &l.orders[i]
	o.captured += r.Amount
	o.applied++
	if r.Currency != o.quote.Currency {
		l.breach(i5, "%s is in %s, and %s in %s", paymentName(r.Ref), r.Currency, o.id,
			o.quote.Currency)
	}
}

// checkMoney is I5 where several rows must agree.
func (l *ledger) checkMoney() {
	for i := range l.orders {
		o := &l.orders[i]
		if len(o.quote.Charges) > 0 {
			o.worth = l.worthOf(o)
		}
		// What was given without a ticket in return is the organiser's affair, and so is what is
		// kept of an order that was cancelled.
		if kept := o.captured - o.refunded; kept != o.worth && (o.paid() || o.worth > 0) {
			l.breach(i5, "%s has %d captured, %d of it returned with tickets, and tickets for %d",
				o.id, o.captured, o.refunded, o.worth)
		}
		ref := booking.PaymentRef{Event: o.id.Event, Provider: o.provider,
			Transaction: o.transaction}
		named := l.payments[ref]
		free := o.quote.Total == 0
		if (o.transaction != "" || o.paid()) && !free &&
			(named == nil || named.row.Order != o.id.Key ||
				named.row.Use != int64(booking.Applied)) {
			l.breach(i5, "%s names no payment that was used for it", o.id)
		}
	}
	for _, p := range l.received {
		if why := l.wrongPayment(p); why != "" {
			l.breach(i5, "%s %s", paymentName(p.row.Ref), why)
		}
	}
}

// wrongPayment tells what is wrong with a payment, or nothing: it is used for one order that was
// paid, or all of it goes back, or it waits for somebody to look at it.
func (l *ledger) wrongPayment(p *payment) string {
	returned := p.row.Refunded == p.row.Amount
	switch {
	case p.refunds != p.row.Refunded:
		return fmt.Sprintf("says %d is refunded, and its refunds make %d", p.row.Refunded,
			p.refunds)
	case p.row.Refunded > p.row.Amount:
		return "is refunded beyond its amount"
	case p.row.Use == int64(booking.Returned):
		if !returned {
			return "was not used and isn't refunded"
		}
		return ""
	case p.row.Use == int64(booking.Quarantined):
		return ""
	case p.row.Use != int64(booking.Applied):
		return "has an unknown use"
	case p.position < 0:
		return "" // told already
	}
	o := &l.orders[p.position]
	switch {
	case o.provider != p.row.Ref.Provider || o.transaction != p.row.Ref.Transaction:
		return "is used for " + o.id.String() + ", which names another payment"
	case p.row.Amount != o.quote.Total:
		return "isn't the total of " + o.id.String()
	case o.paid():
	case o.quote.State != int64(booking.OrderCancelled):
		return "is used for " + o.id.String() + ", which isn't paid"
	}
	return ""
}
