package booking

import (
	"fmt"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/fact"
	"ticketflow/internal/domain/ident"
)

// check holds the rows against the invariants of the box office and returns the first breach.
func (s *stage) check() error {
	for _, invariant := range []func() error{
		s.oneHolder, s.oneEnd, s.paidMeansTickets, s.passedOn, s.moneyAddsUp, s.booksAgree,
		s.moneyTold, s.admittedOnce, s.withinLimit,
	} {
		if err := invariant(); err != nil {
			return err
		}
	}
	return nil
}

// oneHolder is I1 and I2: the places are all there, and each is with exactly the hold or the order
// that stands on its grant.
func (s *stage) oneHolder() error {
	if len(s.places) != stagePlaces {
		return fmt.Errorf("I2: %d places of %d", len(s.places), stagePlaces)
	}
	claims := make(map[PlaceRef]int)
	claim := func(key ident.Key, lines []Line, state PlaceState, sure bool) error {
		for _, l := range lines {
			ref := PlaceRef{theEvent, l.Place}
			if s.places[ref].grantedTo(state, key, l.Fence) {
				claims[ref]++
			} else if sure {
				return fmt.Errorf("I1: %x lost the %v place %d: %+v", key[:2], state, l.Place,
					s.places[ref])
			}
		}
		return nil
	}
	for id, h := range s.holds {
		if h.State != HoldLive {
			continue
		}
		// Past its time a hold may have lost its places before it is swept.
		if err := claim(id.Key, h.Lines, Held, !s.now.After(h.ExpiresAt)); err != nil {
			return err
		}
	}
	for id, o := range s.orders {
		state, open := map[OrderState]PlaceState{AwaitingPayment: Ordered, Paid: Sold}[o.State]
		if !open {
			continue
		}
		if err := claim(id.Key, s.standing(o), state, true); err != nil {
			return err
		}
	}
	for ref, p := range s.places {
		granted := p.State == Held || p.State == Ordered || p.State == Sold
		if granted != (claims[ref] == 1) || claims[ref] > 1 {
			return fmt.Errorf("I1: the place %d is %+v and has %d holders", ref.Place, p,
				claims[ref])
		}
		if !granted && p.Holder != (ident.Key{}) {
			return fmt.Errorf("I1: the place %d is %v and has a holder", ref.Place, p.State)
		}
	}
	return nil
}

// oneEnd is I3: a hold ends once, and its state, its order and the facts say the same.
func (s *stage) oneEnd() error {
	ends := make(map[ident.Key][]fact.Kind)
	for _, f := range s.facts {
		switch f.Kind {
		case fact.HoldReleased, fact.HoldExpired, fact.OrderPlaced:
			ends[f.Hold] = append(ends[f.Hold], f.Kind)
		default:
		}
	}
	want := map[HoldState]fact.Kind{HoldReleased: fact.HoldReleased, HoldExpired: fact.HoldExpired,
		HoldOrdered: fact.OrderPlaced}
	for id, h := range s.holds {
		switch end := ends[id.Key]; {
		case h.State == HoldLive && len(end) == 0:
		case len(end) == 1 && end[0] == want[h.State]:
		default:
			return fmt.Errorf("I3: a hold is %v and ended with %v", h.State, end)
		}
		o, ok := s.orders[OrderID{id.Event, h.Order}]
		if ok != (h.State == HoldOrdered) || ok && o.Hold != id.Key {
			return fmt.Errorf("I3: a hold is %v and has the order %v", h.State, ok)
		}
	}
	return nil
}

// paidMeansTickets is I4, together with oneHolder: paid, sold and ticketed are the same, but for
// places whose ticket was given back.
func (s *stage) paidMeansTickets() error {
	living := make(map[ident.Key]int)
	for _, t := range s.tickets {
		if t.State.Living() {
			living[t.Order]++
		}
	}
	for id, o := range s.orders {
		want := 0
		if o.State == Paid {
			want = len(s.standing(o))
		}
		if living[id.Key] != want {
			return fmt.Errorf("I4: an order is %v and has %d tickets", o.State, living[id.Key])
		}
		for _, l := range s.standing(o) {
			t, ok := s.tickets[TicketRef{id.Event, l.Place, l.Fence}]
			if o.State == Paid && (!ok || t.Order != id.Key || !t.State.Living()) {
				return fmt.Errorf("I4: a paid order has no ticket for %d", l.Place)
			}
		}
	}
	return nil
}

// passedOn is the part of I4 that is about transfers: a place's tickets follow one another without
// a gap, all but the last are worth nothing, and each step was told.
func (s *stage) passedOn() error {
	told := make(map[TicketRef]int)
	for _, f := range s.facts {
		if f.Kind != fact.TicketTransferred {
			continue
		}
		fence, ok := ParseTransferName(f.Ref)
		if !ok || len(f.Places) != 1 {
			return fmt.Errorf("I4: a transfer was told as %+v", f)
		}
		told[TicketRef{f.Event, f.Places[0], fence}]++
	}
	passed := 0
	for ref, t := range s.tickets {
		if t.State == TicketTransferred {
			passed++
		}
		if t.Transfers == 0 {
			if t.Holder != (Holder{}) {
				return fmt.Errorf("I4: a buyer's own ticket is for %+v", t.Holder)
			}
			continue
		}
		ref.Fence--
		before, ok := s.tickets[ref]
		if !ok || before.State != TicketTransferred || before.Order != t.Order ||
			before.Transfers != t.Transfers-1 || before.ID.Secret == t.ID.Secret {
			return fmt.Errorf("I4: %+v follows on %+v", t, before)
		}
		if ref.Fence++; told[ref] != 1 || t.Holder == (Holder{}) {
			return fmt.Errorf("I4: %+v was told %d times", t, told[ref])
		}
	}
	if passed != len(told) {
		return fmt.Errorf("I4: %d tickets were passed on, %d were told", passed, len(told))
	}
	return nil
}

// admittedOnce is I8.
func (s *stage) admittedOnce() error {
	type entry struct {
		order ident.Key
		place catalog.PlaceNo
	}
	seen := make(map[entry]bool)
	for _, f := range s.facts {
		if f.Kind != fact.TicketAdmitted {
			continue
		}
		e := entry{f.Order, f.Places[0]}
		if seen[e] {
			return fmt.Errorf("I8: the ticket of place %d admitted twice", e.place)
		}
		seen[e] = true
	}
	used := 0
	for _, t := range s.tickets {
		if t.State == TicketUsed {
			used++
		}
	}
	if used != len(seen) {
		return fmt.Errorf("I8: %d tickets are used, %d were admitted", used, len(seen))
	}
	return nil
}

// withinLimit is I9, and that the counts are what they count.
func (s *stage) withinLimit() error {
	have := make(map[BuyerRef]int)
	for id, o := range s.orders {
		if o.State == AwaitingPayment || o.State == Paid {
			have[BuyerRef{id.Event, o.BuyerHash}] += len(s.standing(o))
		}
	}
	limit := s.events[theEvent].Terms.MaxPerBuyer
	for ref, n := range have {
		if limit > 0 && n > limit {
			return fmt.Errorf("I9: a buyer has %d places of %d", n, limit)
		}
		if s.buyers[ref] != n {
			return fmt.Errorf("I9: a buyer has %d places, the count says %d", n, s.buyers[ref])
		}
	}
	return nil
}
