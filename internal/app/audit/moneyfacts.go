package audit

import (
	"strings"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/fact"
)

// addReturnFact counts a fact at the payment that it tells of.
func (l *ledger) addReturnFact(r *FactRow) {
	f := &r.Fact
	order := booking.OrderID{Event: f.Event, Key: f.Order}
	if t := l.returned[giving{order, f.Ref}]; t != nil {
		t.facts++
		return
	}
	l.breach(i6, "fact %d returns payment %q of %s, and there is none", r.Position, f.Ref, order)
}

func (l *ledger) addDoubtFact(r *FactRow) {
	if t := l.doubts[doubt{r.Fact.Event, r.Fact.Ref}]; t != nil {
		t.facts++
		return
	}
	l.breach(i6, "fact %d doubts payment %q of %s, and there is none", r.Position, r.Fact.Ref,
		r.Fact.Event)
}

// addMoneyFact counts a fact at the refund that it tells of.
func (l *ledger) addMoneyFact(r *FactRow) {
	f := &r.Fact
	told := l.refunds[booking.RefundRef{Event: f.Event, Key: f.Ref}]
	if told == nil {
		l.breach(i6, "fact %d (%s) is about refund %q of %s, and there is none", r.Position,
			f.Kind, f.Ref, f.Event)
		return
	}
	//nolint:exhaustive // only these come here
	switch f.Kind {
	case fact.RefundRequested:
		told.requested++
	case fact.RefundDone:
		told.done++
	case fact.RefundFailed:
		told.failed++
	case fact.GatewayRefunded, fact.PaymentDisputed:
		told.taken++
	case fact.DisputeWon:
		told.won++
	case fact.TicketsReturned:
		told.tickets++
	}
}

// addDeclineFact looks whether the attempt is one of the order.
func (l *ledger) addDeclineFact(r *FactRow) {
	id, _, err := booking.ParseAttemptKey(r.Fact.Ref)
	if err != nil || id.Event != r.Fact.Event || id.Key != r.Fact.Order {
		l.breach(i6, "fact %d declines the attempt %q, which isn't one of its order", r.Position,
			r.Fact.Ref)
	}
}

// addKeptFact counts a fact at the message that it tells of.
func (l *ledger) addKeptFact(r *FactRow) {
	provider, name, _ := strings.Cut(r.Fact.Ref, ":")
	if n := l.noticed[transaction{provider, name}]; n != nil && n.row.Ref.Event == r.Fact.Event {
		n.kept++
		return
	}
	l.breach(i6, "fact %d keeps the message %q, which isn't there", r.Position, r.Fact.Ref)
}

// checkMoneyFacts is the part of I6 about money that goes back: it goes because a fact asks for it.
func (l *ledger) checkMoneyFacts() {
	for _, p := range l.received {
		ref := p.row.Ref
		order := booking.OrderID{Event: ref.Event, Key: p.row.Order}
		t := l.returned[giving{order, ref.Transaction}]
		if p.row.Use == int64(booking.Returned) && t != nil && t.facts != t.rows {
			l.breach(i6, "%s was returned, and %d facts say so", paymentName(ref), t.facts)
		}
		t = l.doubts[doubt{ref.Event, ref.Transaction}]
		if p.row.Use == int64(booking.Quarantined) && t.facts == 0 {
			l.breach(i6, "%s is in quarantine, and no fact says so", paymentName(ref))
		}
	}
	for _, r := range l.asked {
		l.checkRefundFacts(r)
	}
	for _, n := range l.messages {
		if n.row.State == int64(booking.NoticeKept) && n.kept == 0 || n.kept > 1 {
			l.breach(i6, "notice %q of %s was kept, and %d facts say so", n.row.Ref.Notice,
				n.row.Ref.Provider, n.kept)
		}
	}
}

// checkRefundFacts wants each step of a refund to have been told. A gateway may take back that one
// is done, so that there may be more steps than its last state shows.
func (l *ledger) checkRefundFacts(r *refund) {
	state := r.row.State
	done := times(state == int64(booking.RefundDone))
	if !r.owed() {
		won := times(state == int64(booking.RefundReversed))
		// The end of a dispute may be the first that is heard of it.
		unheard := won == 1 && r.taken == 0 && r.won == 0
		if (r.taken != 1 || r.won != won) && !unheard {
			l.breach(i6, "refund %q of %s was told by %d facts, and its end by %d", r.row.Ref.Key,
				r.row.Ref.Event, r.taken, r.won)
		}
		return
	}
	if r.requested != 1+int(r.row.Retries) || r.done < done || r.failed == 0 && r.done != done {
		l.breach(i6, "refund %q of %s was requested by %d facts, and done by %d", r.row.Ref.Key,
			r.row.Ref.Event, r.requested, r.done)
	}
	failed := int(r.row.Retries) + times(state == int64(booking.RefundFailed))
	if r.failed < failed {
		l.breach(i6, "refund %q of %s has failed %d times, and %d facts say so", r.row.Ref.Key,
			r.row.Ref.Event, failed, r.failed)
	}
	_, part := r.row.Ref.Whole()
	if want := times(r.row.Reason == booking.ReasonTickets && !part); r.tickets != want {
		l.breach(i6, "refund %q of %s returned tickets %d times, and %d facts say so",
			r.row.Ref.Key, r.row.Ref.Event, want, r.tickets)
	}
}
