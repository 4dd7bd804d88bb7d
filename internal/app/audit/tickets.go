package audit

import (
	"math"

	"ticketflow/internal/domain/booking"
)

func (l *ledger) addTicket(t *TicketRow) {
	l.checked(i4)
	l.checked(i8)
	id := booking.OrderID{Event: t.Event, Key: t.Order}
	passed := t.State == int64(booking.TicketTransferred)
	void := t.State == int64(booking.TicketVoid) || passed
	used := t.State == int64(booking.TicketUsed)
	if !void && !used && t.State != int64(booking.TicketValid) {
		l.breach(i4, "the ticket of place %d of %s is in an unknown state", t.Place, id)
	}
	if void != (t.Voided != 0) || void && t.Voided != t.Fence {
		l.breach(i4, "the ticket of place %d of %s is void by its state or by its key, not by both",
			t.Place, id)
	}
	if used == t.UsedAt.IsZero() {
		l.breach(i8, "the ticket of place %d of %s is used without a time, or unused with one",
			t.Place, id)
	}
	o := l.order(id)
	if o == nil {
		l.breach(i4, "the ticket of place %d belongs to %s, which doesn't exist", t.Place, id)
		return
	}
	of := l.lineAt(o, t.Place)
	if passed {
		if of != nil {
			of.passed++
		}
		return
	}
	o.tickets++
	if of != nil {
		of.transfers = uint8(min(max(t.Transfers, 0), math.MaxUint8))
	}
	if used && of != nil {
		of.used++
		of.usedAt = t.UsedAt.UnixMilli()
	}
	if void {
		return
	}
	switch {
	case !o.paid():
		l.breach(i4, "the ticket of place %d belongs to %s, which isn't paid", t.Place, id)
	case of == nil || int64(of.Fence) != t.Fence:
		l.breach(i4, "the ticket of place %d belongs to %s, which has no such grant", t.Place, id)
		return
	}
	if of != nil {
		of.living++
		o.living++
		o.worth += of.Price
	}
}

// checkTickets is the other half of I4: each place of a paid order has its one ticket.
func (l *ledger) checkTickets() {
	for i := range l.orders {
		o := &l.orders[i]
		if s := o.quote.State; s < int64(booking.AwaitingPayment) ||
			s > int64(booking.OrderCancelled) {
			l.breach(i4, "%s is in an unknown state", o.id)
		}
		if !o.paid() {
			if o.wasPaid && o.quote.State != int64(booking.OrderCancelled) {
				l.breach(i4, "%s isn't paid, but has the time of a payment", o.id)
			}
			continue
		}
		if !o.wasPaid {
			l.breach(i4, "%s is paid without a time", o.id)
		}
		for _, of := range l.linesOf(o) {
			switch {
			case of.returned > 1:
				l.breach(i4, "place %d of %s was returned %d times", of.Place, o.id, of.returned)
			case of.returned == 1 && of.living > 0:
				l.breach(i4, "place %d of %s was returned and has a ticket", of.Place, o.id)
			case of.returned == 0 && of.living != 1:
				l.breach(i4, "%s is paid and has %d tickets for place %d", o.id, of.living,
					of.Place)
			}
		}
	}
}

// addTransfer counts a ticket_transferred fact, for I4.
func (l *ledger) addTransfer(r *FactRow) {
	id := booking.OrderID{Event: r.Fact.Event, Key: r.Fact.Order}
	o := l.order(id)
	for _, no := range r.Fact.Places {
		l.checked(i4)
		var of *line
		if o != nil {
			of = l.lineAt(o, no)
		}
		if of == nil {
			l.breach(i4, "fact %d passes place %d of %s on, which isn't its", r.Position, no, id)
			continue
		}
		of.told++
	}
}

// checkTransfers is the part of I4 that is about transfers: each step is a ticket and a fact, and
// the last ticket knows how many there were.
func (l *ledger) checkTransfers() {
	for i := range l.orders {
		o := &l.orders[i]
		for _, of := range l.linesOf(o) {
			if of.passed != of.told || of.passed != of.transfers {
				l.breach(i4, "place %d of %s has %d tickets that were passed on, %d facts about "+
					"it, and its last ticket says %d", of.Place, o.id, of.passed, of.told,
					of.transfers)
			}
		}
	}
}

// addAdmission counts a ticket_admitted fact, for I8.
func (l *ledger) addAdmission(r *FactRow) {
	id := booking.OrderID{Event: r.Fact.Event, Key: r.Fact.Order}
	o := l.order(id)
	for _, no := range r.Fact.Places {
		l.checked(i8)
		var of *line
		if o != nil {
			of = l.lineAt(o, no)
		}
		if of == nil {
			l.breach(i8, "fact %d admits to place %d of %s, which isn't its", r.Position, no, id)
			continue
		}
		of.admitted++
		if of.used > 0 && of.usedAt != r.Fact.At.UnixMilli() {
			l.breach(i8, "fact %d admits to place %d of %s, at another time than its ticket was "+
				"used", r.Position, no, id)
		}
	}
}

// checkAdmissions is I8: a ticket is used if and only if one fact says that somebody was admitted.
func (l *ledger) checkAdmissions() {
	for i := range l.orders {
		o := &l.orders[i]
		for _, of := range l.linesOf(o) {
			if of.used > 1 || of.used != of.admitted {
				l.breach(i8, "place %d of %s has %d used tickets and %d admissions",
					of.Place, o.id, of.used, of.admitted)
			}
		}
	}
}
