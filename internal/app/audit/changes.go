package audit

import (
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/fact"
	"ticketflow/internal/domain/ident"
)

func (l *ledger) addOrderFact(r *FactRow, o *order) {
	if o == nil {
		if r.Fact.Order == (ident.Key{}) {
			l.breach(i6, "fact %d (%s) names no order", r.Position, r.Fact.Kind)
		}
		return
	}
	//nolint:exhaustive // only these come here
	switch r.Fact.Kind {
	case fact.OrderPaid:
		l.addPaidFact(r, o)
	case fact.OrderPaidLate:
		o.late++
		l.addPaidFact(r, o)
	case fact.OrderExpired:
		o.lapsed++
	case fact.OrderCancelled:
		o.ended++
	}
}

func (l *ledger) addPaidFact(r *FactRow, o *order) {
	o.paidFacts++
	switch {
	case o.applied == 0 && o.quote.Total > 0:
		l.breach(i6, "fact %d says that %s is paid, and there is no payment", r.Position, o.id)
	case r.Fact.Ref != o.transaction:
		l.breach(i6, "fact %d says that %s is paid by %q, and it was by %q", r.Position, o.id,
			r.Fact.Ref, o.transaction)
	}
}

// addMoneyFact counts a fact at the payment or refund that it tells of.
func (l *ledger) addMoneyFact(r *FactRow) {
	f := &r.Fact
	if f.Kind == fact.PaymentReturned {
		order := booking.OrderID{Event: f.Event, Key: f.Order}
		if t := l.returned[giving{order, f.Ref}]; t != nil {
			t.facts++
			return
		}
		l.breach(i6, "fact %d returns payment %q of %s, and there is none", r.Position, f.Ref,
			order)
		return
	}
	told := l.refunds[booking.RefundRef{Event: f.Event, Key: f.Ref}]
	switch {
	case told == nil:
		l.breach(i6, "fact %d (%s) is about refund %q of %s, and there is none", r.Position,
			f.Kind, f.Ref, f.Event)
	case f.Kind == fact.RefundRequested:
		told.requested++
	default:
		told.done++
	}
}

// checkOrderFacts is the part of I6 about orders: each change of an order was told once, because
// what follows from it follows from the telling.
func (l *ledger) checkOrderFacts() {
	for i := range l.orders {
		o := &l.orders[i]
		cancelled := o.quote.State == int64(booking.OrderCancelled)
		was := o.paid() || cancelled && o.wasPaid
		switch {
		case was && o.paidFacts != 1:
			l.breach(i6, "%s was paid, and %d facts say so", o.id, o.paidFacts)
		case !was && o.paidFacts > 0:
			l.breach(i6, "%s was never paid, and %d facts say that it was", o.id, o.paidFacts)
		}
		lapsed := o.late // who paid late had been too late before
		if o.quote.State == int64(booking.OrderExpired) {
			lapsed = 1
		}
		if o.lapsed != lapsed {
			l.breach(i6, "%s expired %d times, and %d facts say so", o.id, lapsed, o.lapsed)
		}
		if want := times(cancelled); o.ended != want {
			l.breach(i6, "%s was cancelled %d times, and %d facts say so", o.id, want, o.ended)
		}
	}
}

// checkMoneyFacts is the part of I6 about money that goes back: it goes because a fact asks for it.
func (l *ledger) checkMoneyFacts() {
	for _, p := range l.received {
		if p.row.Use != int64(booking.Returned) {
			continue
		}
		order := booking.OrderID{Event: p.row.Ref.Event, Key: p.row.Order}
		if t := l.returned[giving{order, p.row.Ref.Transaction}]; t != nil && t.facts != t.rows {
			l.breach(i6, "%s was returned, and %d facts say so", paymentName(p.row.Ref), t.facts)
		}
	}
	for _, told := range l.asked {
		if told.requested != 1 || told.done != times(told.finished) {
			l.breach(i6, "refund %q of %s was requested by %d facts, and done by %d", told.ref.Key,
				told.ref.Event, told.requested, told.done)
		}
	}
}

// times is how often something happened that happens at most once.
func times(happened bool) int {
	if happened {
		return 1
	}
	return 0
}
