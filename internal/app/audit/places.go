package audit

import (
	"maps"
	"slices"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/ident"
)

// inOrder lists the events by number, so that a report doesn't depend on chance.
func (l *ledger) inOrder() []catalog.EventID { return slices.Sorted(maps.Keys(l.events)) }

// checkPlans is I2: the rows of an event's places are those of its plan, each in a known state.
func (l *ledger) checkPlans() {
	for _, id := range l.inOrder() {
		l.checked(i2)
		e := l.events[id]
		switch {
		case !e.known:
			l.breach(i2, "%s has %d places and is no event", id, len(e.places))
			continue
		case e.PlanPlaces < 0:
			l.breach(i2, "%s has no plan", id)
		}
		sum := int64(0)
		for i := range e.places {
			p := &e.places[i]
			if int64(p.no) != int64(i) {
				l.breach(i2, "place %d of %s is where place %d should be", p.no, id, i)
				break
			}
			if p.state < int64(booking.Free) || p.state > int64(booking.Ordered) {
				l.breach(i2, "place %d of %s is in the unknown state %d", p.no, id, p.state)
				continue
			}
			sum++
		}
		if sum != e.PlanPlaces {
			l.breach(i2, "%s has %d places that count, and its plan %d", id, sum, e.PlanPlaces)
		}
	}
}

// checkHolders is I1 from the side of the places: who has a place has a right to it.
func (l *ledger) checkHolders() {
	for _, id := range l.inOrder() {
		for i := range l.events[id].places {
			l.checked(i1)
			p := &l.events[id].places[i]
			if p.state != int64(booking.Held) && !p.until.IsZero() {
				l.breach(i1, "place %d of %s isn't held, but its hold has an end", p.no, id)
			}
			why := l.wrongHolder(id, p)
			if why == "" {
				continue
			}
			l.breach(i1, "place %d of %s: %s", p.no, id, why)
			if p.state == int64(booking.Sold) {
				l.breach(i4, "place %d of %s: %s", p.no, id, why)
			}
		}
	}
}

// wrongHolder tells what is wrong with the holder of a place, or nothing.
func (l *ledger) wrongHolder(id catalog.EventID, p *place) string {
	switch p.state {
	case int64(booking.Free), int64(booking.Blocked):
		if p.holder != (ident.Key{}) {
			return "nobody should have it, but it names a holder"
		}
	case int64(booking.Held):
		return l.wrongHold(booking.HoldID{Event: id, Key: p.holder}, p)
	case int64(booking.Ordered), int64(booking.Sold):
		return l.wrongOrder(booking.OrderID{Event: id, Key: p.holder}, p)
	}
	return ""
}

func (l *ledger) wrongHold(id booking.HoldID, p *place) string {
	h := l.hold(id)
	switch {
	case h == nil:
		return "held by " + id.String() + ", which doesn't exist"
	case h.quote.State != int64(booking.HoldLive):
		return "held by " + id.String() + ", which has ended"
	case !h.quote.Expires.Equal(p.until):
		return "held until another time than " + id.String()
	}
	for _, of := range h.quote.Lines {
		if of.Place == p.no && int64(of.Fence) == p.fence {
			return ""
		}
	}
	return "held by " + id.String() + ", which has no such grant"
}

func (l *ledger) wrongOrder(id booking.OrderID, p *place) string {
	o := l.order(id)
	ordered := p.state == int64(booking.Ordered)
	switch {
	case o == nil:
		return "taken by " + id.String() + ", which doesn't exist"
	case ordered && !o.awaits():
		return "ordered by " + id.String() + ", which doesn't await a payment"
	case !ordered && !o.paid():
		return "sold to " + id.String() + ", which isn't paid"
	}
	switch of := l.lineAt(o, p.no); {
	case of == nil || int64(of.Fence) != p.fence:
		return "taken by " + id.String() + ", which has no such grant"
	case of.returned > 0:
		return "taken by " + id.String() + ", which has returned it"
	}
	return ""
}

// checkGrants is I1 from the side of holds and orders: who has a right to a place has it.
func (l *ledger) checkGrants() {
	for i := range l.holds {
		h := &l.holds[i]
		if h.quote.State != int64(booking.HoldLive) {
			continue
		}
		for n, of := range h.quote.Lines {
			if !l.keepsHeld(h, of) {
				l.breach(i1, "%s is live and hasn't got place %d", h.id, of.Place)
			}
			if slices.ContainsFunc(h.quote.Lines[:n], func(o booking.Line) bool {
				return o.Place == of.Place
			}) {
				l.breach(i1, "%s has place %d twice", h.id, of.Place)
			}
		}
	}
	for i := range l.orders {
		o := &l.orders[i]
		if o.live() {
			l.checkOrderGrants(o)
		}
	}
}

// keepsHeld tells whether a live hold has a place of its lines. Past its time it may have lost it
// to a later grant.
func (l *ledger) keepsHeld(h *hold, of booking.Line) bool {
	p := l.place(h.id.Event, of.Place)
	if p == nil {
		return false
	}
	if p.state == int64(booking.Held) && p.holder == h.id.Key && p.fence == int64(of.Fence) {
		return true
	}
	return h.quote.Expires.Before(l.now) && p.fence > int64(of.Fence)
}

func (l *ledger) checkOrderGrants(o *order) {
	want := int64(booking.Ordered)
	if o.paid() {
		want = int64(booking.Sold)
	}
	lines := l.linesOf(o)
	for n, of := range lines {
		p := l.place(o.id.Event, of.Place)
		if of.returned > 0 {
			continue
		}
		if p == nil || p.state != want || p.holder != o.id.Key || p.fence != int64(of.Fence) {
			l.breach(i1, "%s is live and hasn't got place %d", o.id, of.Place)
			if o.paid() {
				l.breach(i4, "%s is paid and place %d isn't sold to it", o.id, of.Place)
			}
		}
		if slices.ContainsFunc(lines[:n], func(o line) bool { return o.Place == of.Place }) {
			l.breach(i1, "%s has place %d twice", o.id, of.Place)
		}
	}
}
