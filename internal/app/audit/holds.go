package audit

import (
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/ident"
)

// checkOrigin counts the orders of each hold, for I3.
func (l *ledger) checkOrigin(o *order) {
	if h := l.hold(booking.HoldID{Event: o.id.Event, Key: o.hold}); h != nil {
		h.orders++
		l.checkSameQuote(o, h)
		return
	}
	l.breach(i3, "%s comes from a hold that doesn't exist", o.id)
}

// checkHolds is I3: a hold has one end, and its order and its facts say the same.
func (l *ledger) checkHolds() {
	for i := range l.holds {
		h := &l.holds[i]
		if why := l.wrongEnd(h); why != "" {
			l.breach(i3, "%s %s", h.id, why)
		}
		if why := h.wrongFacts(); why != "" {
			l.breach(i3, "%s %s", h.id, why)
		}
	}
}

func (l *ledger) wrongEnd(h *hold) string {
	if h.quote.State < int64(booking.HoldLive) || h.quote.State > int64(booking.HoldExpired) {
		return "is in an unknown state"
	}
	if h.quote.State != int64(booking.HoldOrdered) {
		switch {
		case h.orders > 0:
			return "wasn't ordered, but an order names it"
		case h.order != (ident.Key{}):
			return "wasn't ordered, but names an order"
		}
		return ""
	}
	o := l.order(booking.OrderID{Event: h.id.Event, Key: h.order})
	switch {
	case h.orders > 1:
		return "was ordered more than once"
	case o == nil || o.hold != h.id.Key:
		return "was ordered, but not by the order that it names"
	}
	return ""
}

func (h *hold) wrongFacts() string {
	var want [3]int // ordered, released, expired
	switch h.quote.State {
	case int64(booking.HoldOrdered):
		want[0] = 1
	case int64(booking.HoldReleased):
		want[1] = 1
	case int64(booking.HoldExpired):
		want[2] = 1
	}
	switch {
	case h.placed != 1:
		return "hasn't exactly one fact of its start"
	case [3]int{h.ordered, h.released, h.lapsed} != want:
		return "has facts of its end that don't fit its state"
	case h.told != len(h.quote.Lines):
		return "has facts of other places than it has"
	}
	return ""
}
