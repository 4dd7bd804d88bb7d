package audit

import (
	"fmt"
	"time"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/fact"
	"ticketflow/internal/domain/ident"
)

// maxReportGaps bounds the gaps of the log that are remembered; more of them are only counted.
const maxReportGaps = 1_000

func (l *ledger) addNotice(r *NoticeRow) {
	l.checked(i6)
	once := transaction{r.Ref.Provider, r.Ref.Notice}
	if other, twice := l.noticed[once]; twice {
		l.breach(i6, "notice %q of %s was applied for %s and for %s", r.Ref.Notice,
			r.Ref.Provider, other.row.Ref.Event, r.Ref.Event)
	}
	n := &notice{row: *r}
	l.noticed[once] = n
	l.messages = append(l.messages, n)
	kept := r.State == int64(booking.NoticeKept)
	if !kept && r.State != int64(booking.NoticeApplied) || kept != (r.Why != "") {
		l.breach(i6, "notice %q of %s is neither applied nor kept for a reason", r.Ref.Notice,
			r.Ref.Provider)
	}
	if kept {
		l.open.KeptNotices++
	}
}

func (l *ledger) addFact(r *FactRow) {
	l.checked(i6)
	if r.Position != l.last+1 {
		if !r.Sparse || r.Position <= l.last {
			l.breach(i6, "the log has no facts between %d and %d", l.last, r.Position)
		}
		if len(l.gaps) < maxReportGaps {
			l.gaps = append(l.gaps, span{l.last + 1, r.Position - 1})
		}
	}
	l.last = r.Position
	if r.Unreadable {
		l.breach(i6, "fact %d can't be read", r.Position)
		return
	}
	h, o := l.subjects(r)
	//nolint:exhaustive // the other facts change neither a hold, an order nor money
	switch r.Fact.Kind {
	case fact.HoldPlaced, fact.OrderPlaced, fact.HoldReleased, fact.HoldExpired:
		l.addHoldFact(r, h)
	case fact.OrderPaid, fact.OrderPaidLate, fact.OrderExpired, fact.OrderCancelled:
		l.addOrderFact(r, o)
	case fact.PaymentReturned:
		l.addReturnFact(r)
	case fact.PaymentDoubtful:
		l.addDoubtFact(r)
	case fact.RefundRequested, fact.RefundDone, fact.RefundFailed, fact.GatewayRefunded,
		fact.PaymentDisputed, fact.DisputeWon, fact.TicketsReturned:
		l.addMoneyFact(r)
	case fact.PaymentDeclined:
		l.addDeclineFact(r)
	case fact.NoticeKept:
		l.addKeptFact(r)
	case fact.TicketAdmitted:
		l.addAdmission(r)
	case fact.TicketTransferred:
		l.addTransfer(r)
	}
}

// subjects finds what a fact is about; it must be there, which is a part of I7.
func (l *ledger) subjects(r *FactRow) (h *hold, o *order) {
	f := &r.Fact
	if f.Hold != (ident.Key{}) {
		l.checked(i7)
		if h = l.hold(booking.HoldID{Event: f.Event, Key: f.Hold}); h == nil {
			l.breach(i7, "fact %d (%s) is about a hold that doesn't exist", r.Position, f.Kind)
		}
	}
	if f.Order != (ident.Key{}) {
		l.checked(i7)
		id := booking.OrderID{Event: f.Event, Key: f.Order}
		if o = l.order(id); o == nil && (!l.strange[id] || !ofMoney(f.Kind)) {
			l.breach(i7, "fact %d (%s) is about an order that doesn't exist", r.Position, f.Kind)
		}
	}
	return h, o
}

// ofMoney tells whether a fact may be about money that somebody has paid for nothing.
func ofMoney(kind fact.Kind) bool {
	//nolint:exhaustive // the others are about what there is
	switch kind {
	case fact.PaymentReturned, fact.RefundRequested, fact.RefundDone, fact.RefundFailed,
		fact.GatewayRefunded, fact.PaymentDisputed, fact.DisputeWon:
		return true
	}
	return false
}

func (l *ledger) addHoldFact(r *FactRow, h *hold) {
	if h == nil {
		if r.Fact.Hold == (ident.Key{}) {
			l.breach(i3, "fact %d (%s) names no hold", r.Position, r.Fact.Kind)
		}
		return
	}
	//nolint:exhaustive // only these come here
	switch r.Fact.Kind {
	case fact.HoldPlaced:
		h.placed++
	case fact.OrderPlaced:
		h.ordered++
		if r.Fact.Order != h.order {
			l.breach(i3, "fact %d tells of another order than %s names", r.Position, h.id)
		}
	case fact.HoldReleased:
		h.released++
	case fact.HoldExpired:
		h.lapsed++
	}
}

func (l *ledger) addCursor(r *CursorRow) {
	l.checked(i6)
	if r.Subscriber == l.cursor.Subscriber {
		l.breach(i6, "subscriber %q has two cursors", r.Subscriber)
	}
	l.cursor = *r
	if r.Position < 0 || r.Position > l.last {
		l.breach(i6, "subscriber %q is at %d, and the log ends at %d", r.Subscriber, r.Position,
			l.last)
	}
}

func (l *ledger) addInbox(r *CursorRow) {
	l.checked(i6)
	if *r == l.applied {
		l.breach(i6, "subscriber %q has applied %d twice", r.Subscriber, r.Position)
	}
	l.applied = *r
	missing := r.Position < 1 || r.Position > l.last
	for _, gap := range l.gaps {
		missing = missing || gap.from <= r.Position && r.Position <= gap.to
	}
	if missing {
		l.breach(i6, "subscriber %q has applied %d, which is not in the log", r.Subscriber,
			r.Position)
	}
}

// What an idempotency key promises: to be known for a day, or until so many others were answered.
const (
	answerLifetime = 24 * time.Hour
	answerDistance = 1_000_000 // answers
)

func (l *ledger) addAnswer(r *AnswerRow) {
	l.checked(i7)
	last := &l.answer
	if r.Event == last.Event && r.Key == last.Key && r.Number-last.Number < answerDistance &&
		r.MadeAt.Sub(last.MadeAt) < answerLifetime {
		l.breach(i7, "the key %x of %s was answered twice: with %s and with %s", r.Key, r.Event,
			subject(r.Event, last.Subject), subject(r.Event, r.Subject))
	}
	*last = *r
	if l.hold(booking.HoldID{Event: r.Event, Key: r.Subject}) == nil &&
		l.order(booking.OrderID{Event: r.Event, Key: r.Subject}) == nil &&
		l.refunds[booking.NewRefundRef(r.Event, r.Subject)] == nil {
		l.breach(i7, "%s was answered and doesn't exist", subject(r.Event, r.Subject))
	}
}

// subject names what may be a hold, an order or a refund.
func subject(event catalog.EventID, key ident.Key) string {
	return fmt.Sprintf("%s, %s or %s", booking.HoldID{Event: event, Key: key},
		booking.OrderID{Event: event, Key: key}, booking.NewRefundRef(event, key).Key)
}

// checkAcknowledged is the part of I7 that the buyers bring: their order is there, is or was paid,
// and has a ticket for each place.
func (l *ledger) checkAcknowledged(ids []string) {
	for _, text := range ids {
		l.checked(i7)
		id, err := booking.ParseOrderID(text)
		if err != nil {
			l.breach(i7, "%q was answered and is no order id", text)
			continue
		}
		o := l.order(id)
		switch {
		case o == nil:
			l.breach(i7, "%s was answered as paid and doesn't exist", id)
		case !o.wasPaid || !o.paid() && o.quote.State != int64(booking.OrderCancelled):
			l.breach(i7, "%s was answered as paid and isn't", id)
		case o.tickets != o.count:
			l.breach(i7, "%s was answered with %d tickets and has %d", id, o.count, o.tickets)
		}
	}
}
