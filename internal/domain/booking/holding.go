package booking

import (
	"errors"
	"time"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/errs"
	"ticketflow/internal/domain/fact"
	"ticketflow/internal/domain/ident"
)

// Failures of asking for places.
var (
	ErrSaleNotOpen = errs.New(errs.Conflict, "sale_not_open",
		"Tickets for this event are not on sale now.")
	ErrEventCancelled = errs.New(errs.Gone, "event_cancelled", "The event was cancelled.")
	ErrTooManyPlaces  = errs.New(errs.Invalid, "too_many_places",
		"These are more places than one order may have.")
	ErrNoPlaces   = errs.New(errs.Invalid, "no_places", "Please name at least one place.")
	ErrPlaceTwice = errs.New(errs.Invalid, "place_twice", "A place is named twice.")
	ErrNotForSale = errs.New(errs.Invalid, "not_for_sale", "One of the places is not for sale.")
)

// open tells why nothing can be sold now, if so.
func (s Sale) open(now time.Time) error {
	switch {
	case s.Status == catalog.Cancelled:
		return ErrEventCancelled
	case s.Status != catalog.Published:
		return ErrEventNotFound
	case now.Before(s.Terms.OpensAt):
		return ErrSaleNotOpen.WithField("opens_at", s.Terms.OpensAt)
	case !now.Before(s.Terms.ClosesAt):
		return ErrSaleNotOpen.WithField("closed_at", s.Terms.ClosesAt)
	}
	return nil
}

// HoldPlaces asks for places, all or none.
type HoldPlaces struct {
	ID       HoldID
	Offer    *catalog.Offer // frozen into the hold's quote
	Revision int64          // of the offer; an older one than the ledger's is refused
	Places   []catalog.PlaceNo
	Answer   AnswerRef
	Request  Fingerprint
	Lock     uint32 // the number of the lock that was taken for the places; 0 is none

	Made   Hold   // the result; of a replay only ID and ExpiresAt are set
	Replay bool   // the same request was answered before
	Fence  uint32 // after ErrLockStale: the newest fence of the places that refused the lock
}

// Keys names the rows of the command.
func (c *HoldPlaces) Keys() *Keys {
	k := &Keys{Events: []catalog.EventID{c.ID.Event}, Answers: []AnswerRef{c.Answer}}
	k.Places = make([]PlaceRef, len(c.Places))
	for i, p := range c.Places {
		k.Places[i] = PlaceRef{c.ID.Event, p}
	}
	return k
}

// Decide grants the places, all or none.
func (c *HoldPlaces) Decide(b *Book) error {
	a, ok, err := b.answered(c.Answer, c.Request)
	if err != nil {
		return err
	}
	if ok {
		c.Replay = true
		c.Made = Hold{ID: HoldID{c.ID.Event, a.Subject}, ExpiresAt: a.Until}
		return nil
	}
	sale, ok := b.events.get(c.ID.Event)
	if !ok {
		return ErrEventNotFound
	}
	if err := sale.open(b.now); err != nil {
		return err
	}
	if sale.Revision != c.Revision {
		return ErrRevised
	}
	if len(c.Places) > sale.Terms.MaxPerOrder {
		return ErrTooManyPlaces.WithField("max_per_order", sale.Terms.MaxPerOrder)
	}
	until := b.now.Add(sale.Terms.HoldTime)
	if len(c.Places) == 0 {
		return ErrNoPlaces
	}
	lines, err := b.grant(asked{c.ID, c.Offer, c.Places, c.Lock, until}, &c.Fence)
	if err != nil {
		return err
	}
	charges, total, err := priced(lines, c.Offer)
	if err != nil {
		return err
	}
	c.Replay = false
	c.Made = Hold{ID: c.ID, State: HoldLive, CreatedAt: b.now, ExpiresAt: until,
		Lines: lines, Charges: charges, Total: total}
	b.holds.put(c.ID, c.Made)
	b.answer(c.Answer, Answer{Request: c.Request, Subject: c.ID.Key, Until: until})
	b.record(fact.Fact{Kind: fact.HoldPlaced, Event: c.ID.Event, Hold: c.ID.Key,
		Places: c.Places, Amount: total})
	return nil
}

// asked is places that a hold asks for.
type asked struct {
	hold   HoldID
	offer  *catalog.Offer
	places []catalog.PlaceNo
	lock   uint32
	until  time.Time
}

// grant gives places to a hold, all or none. After ErrLockStale, fence is the newest one of the
// places that refused the lock.
func (b *Book) grant(ask asked, fence *uint32) ([]Line, error) {
	lines := make([]Line, len(ask.places))
	var taken []catalog.PlaceNo
	*fence = 0
	for i, no := range ask.places {
		ref := PlaceRef{ask.hold.Event, no}
		p, ok := b.places.get(ref)
		if !ok {
			return nil, ErrNoSuchPlace
		}
		if p.Holder == ask.hold.Key {
			return nil, ErrPlaceTwice
		}
		price, ok := ask.offer.PriceAt(no, b.now)
		if !ok {
			return nil, ErrNotForSale
		}
		next, err := p.HoldUnder(ask.lock, ask.hold.Key, ask.until, b.now)
		switch {
		case errors.Is(err, ErrLockStale):
			*fence = max(*fence, p.Fence)
			continue
		case err != nil:
			taken = append(taken, no)
			continue
		}
		b.places.put(ref, next)
		lines[i] = Line{Place: no, Fence: next.Fence, Tier: ask.offer.TierOf(no),
			Price: price.Minor()}
	}
	if len(taken) > 0 {
		return nil, ErrPlaceTaken.WithField("taken", taken)
	}
	if *fence != 0 {
		return nil, ErrLockStale
	}
	return lines, nil
}

// ExtendHold gives a hold its full time once more, counted from now, while the sale is open.
type ExtendHold struct {
	ID      HoldID
	Answer  AnswerRef
	Request Fingerprint

	Until time.Time // the result: the new expiry
}

// Keys names the rows of the command.
func (c *ExtendHold) Keys() *Keys {
	return &Keys{Events: []catalog.EventID{c.ID.Event}, Holds: []HoldID{c.ID},
		Answers: []AnswerRef{c.Answer}}
}

// Decide extends the hold and the grants of its places, all or none.
func (c *ExtendHold) Decide(b *Book) error {
	a, ok, err := b.answered(c.Answer, c.Request)
	if err != nil {
		return err
	}
	if ok {
		c.Until = a.Until
		return nil
	}
	h, ok := b.holds.get(c.ID)
	if !ok {
		return ErrHoldNotFound
	}
	sale, ok := b.events.get(c.ID.Event)
	if !ok {
		return ErrEventNotFound
	}
	if err := sale.open(b.now); err != nil {
		return err
	}
	until := b.now.Add(sale.Terms.HoldTime)
	if h, err = h.extend(until, sale.Terms.MaxExtensions); err != nil {
		return err
	}
	for _, l := range h.Lines {
		ref := PlaceRef{c.ID.Event, l.Place}
		p, _ := b.places.get(ref)
		if p, err = p.Extend(c.ID.Key, l.Fence, until); err != nil {
			b.doubt()
			return ErrHoldEnded
		}
		b.places.put(ref, p)
	}
	b.holds.put(c.ID, h)
	c.Until = until
	b.answer(c.Answer, Answer{Request: c.Request, Subject: c.ID.Key, Until: until})
	b.record(fact.Fact{Kind: fact.HoldExtended, Event: c.ID.Event, Hold: c.ID.Key,
		Places: linePlaces(h.Lines)})
	return nil
}

// ReleaseHold gives a hold's places back before their time. Releasing twice is the same as once.
type ReleaseHold struct{ ID HoldID }

// Keys names the rows of the command.
func (c *ReleaseHold) Keys() *Keys { return &Keys{Holds: []HoldID{c.ID}} }

// Decide frees the places.
func (c *ReleaseHold) Decide(b *Book) error {
	h, ok := b.holds.get(c.ID)
	if !ok {
		return ErrHoldNotFound
	}
	if h.State == HoldReleased {
		return nil
	}
	return b.endHold(h, HoldReleased, fact.HoldReleased)
}

// ExpireHold ends a hold whose time is over. On any other hold it changes nothing.
type ExpireHold struct{ ID HoldID }

// Keys names the rows of the command.
func (c *ExpireHold) Keys() *Keys { return &Keys{Holds: []HoldID{c.ID}} }

// Decide frees those places that nobody has taken in between.
func (c *ExpireHold) Decide(b *Book) error {
	h, ok := b.holds.get(c.ID)
	if !ok {
		return ErrHoldNotFound
	}
	if h.State != HoldLive || !b.now.After(h.ExpiresAt) {
		return nil
	}
	return b.endHold(h, HoldExpired, fact.HoldExpired)
}

func (b *Book) endHold(h Hold, state HoldState, kind fact.Kind) error {
	h, err := h.end(state, ident.Key{})
	if err != nil {
		return err
	}
	freed := b.release(h.ID.Event, h.ID.Key, h.Lines)
	b.holds.put(h.ID, h)
	b.record(fact.Fact{Kind: kind, Event: h.ID.Event, Hold: h.ID.Key, Places: freed})
	return nil
}
