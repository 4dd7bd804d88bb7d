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

// times is how often something happened that happens at most once.
func times(happened bool) int {
	if happened {
		return 1
	}
	return 0
}
