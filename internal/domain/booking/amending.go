package booking

import (
	"cmp"
	"errors"
	"slices"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/fact"
)

// AmendHold changes which places a live hold has, all or nothing. The hold stays what it is, with
// its end; its price is quoted anew, for all of its places, as if it were made now. Adding what it
// has and removing what it hasn't got changes nothing. Removing its last place releases it.
type AmendHold struct {
	ID       HoldID
	Offer    *catalog.Offer // frozen into the hold's quote
	Revision int64          // of the offer; an older one than the ledger's is refused
	Add      []catalog.PlaceNo
	Remove   []catalog.PlaceNo
	Answer   AnswerRef
	Request  Fingerprint
	Lock     uint32 // the number of the lock that was taken for the added places; 0 is none

	Made   Hold   // the result; of a replay only ID and ExpiresAt are set
	Replay bool   // the same request was answered before
	Fence  uint32 // after ErrLockStale: the newest fence of the places that refused the lock
}

// Keys names the rows of the command.
func (c *AmendHold) Keys() *Keys {
	k := &Keys{Events: []catalog.EventID{c.ID.Event}, Holds: []HoldID{c.ID},
		Answers: []AnswerRef{c.Answer}, Places: make([]PlaceRef, len(c.Add))}
	for i, p := range c.Add {
		k.Places[i] = PlaceRef{c.ID.Event, p}
	}
	return k
}

// Decide amends the hold.
func (c *AmendHold) Decide(b *Book) error {
	a, ok, err := b.answered(c.Answer, c.Request)
	if err != nil {
		return err
	}
	if ok {
		c.Replay = true
		c.Made = Hold{ID: c.ID, ExpiresAt: a.Until}
		return nil
	}
	h, ok := b.holds.get(c.ID)
	if !ok {
		return ErrHoldNotFound
	}
	if err := h.live(); err != nil {
		return err
	}
	if b.now.After(h.ExpiresAt) {
		b.doubt()
		return ErrHoldEnded // what is added could be taken away at once
	}
	if h, err = c.changed(b, h); err != nil {
		return err
	}
	c.Replay = false
	c.Made = h
	b.answer(c.Answer, Answer{Request: c.Request, Subject: c.ID.Key, Until: h.ExpiresAt})
	return nil
}

// changed is the hold as it is wished for. A refusal is doubted where it rests on what the hold
// had, not where it follows from the wish or from what is named in it: to decide a whole batch anew
// is dear, and a wish that is wrong in itself stays so.
func (c *AmendHold) changed(b *Book, h Hold) (Hold, error) {
	a, err := c.against(h.Lines)
	if err != nil {
		return h, err
	}
	if err := c.permit(b, a); err != nil {
		return h, err
	}
	if len(a.add) == 0 && len(a.gone) == 0 {
		h.Amendments++ // to be written: only if the hold is still like that, nothing changes
		b.holds.put(c.ID, h)
		return h, nil
	}
	if len(a.add) == 0 && len(a.kept) == 0 {
		err := b.endHold(h, HoldReleased, fact.HoldReleased)
		h.State = HoldReleased
		return h, err
	}
	return c.amend(b, h, a)
}

// amendment is what a command really changes of a hold.
type amendment struct {
	kept, gone []Line
	add        []catalog.PlaceNo
}

// against compares the wish with what the hold has.
func (c *AmendHold) against(lines []Line) (a amendment, err error) {
	named := slices.Concat(c.Add, c.Remove)
	if len(named) == 0 {
		return a, ErrNoPlaces
	}
	slices.Sort(named)
	if len(slices.Compact(named)) < len(c.Add)+len(c.Remove) {
		return a, ErrPlaceTwice
	}
	for _, l := range lines {
		if slices.Contains(c.Remove, l.Place) {
			a.gone = append(a.gone, l)
		} else {
			a.kept = append(a.kept, l)
		}
	}
	for _, no := range c.Add {
		if !slices.ContainsFunc(lines, func(l Line) bool { return l.Place == no }) {
			a.add = append(a.add, no)
		}
	}
	return a, nil
}

// permit holds the change against the sale. To give places back is allowed at any time.
func (c *AmendHold) permit(b *Book, a amendment) error {
	sale, ok := b.events.get(c.ID.Event)
	if !ok {
		return ErrEventNotFound
	}
	if len(a.add) > 0 {
		if err := sale.open(b.now); err != nil {
			b.doubt() // it may have them all
			return err
		}
	}
	if sale.Revision != c.Revision {
		return ErrRevised
	}
	if len(a.add) > 0 && len(a.kept)+len(a.add) > sale.Terms.MaxPerOrder {
		if len(c.Add) <= sale.Terms.MaxPerOrder {
			b.doubt()
		}
		return ErrTooManyPlaces.WithField("max_per_order", sale.Terms.MaxPerOrder)
	}
	return nil
}

func (c *AmendHold) amend(b *Book, h Hold, a amendment) (Hold, error) {
	lines, err := c.kept(b, a.kept)
	if err == nil && len(b.release(c.ID.Event, c.ID.Key, a.gone)) < len(a.gone) {
		err = ErrHoldEnded
	}
	if err != nil {
		b.doubt()
		return h, err
	}
	added, err := b.grant(asked{c.ID, c.Offer, a.add, c.Lock, h.ExpiresAt}, &c.Fence)
	if err != nil {
		if errors.Is(err, ErrPlaceTwice) {
			b.doubt() // the place knows the hold, the hold doesn't know the place
		}
		return h, err
	}
	h.Lines = append(lines, added...)
	slices.SortFunc(h.Lines, func(x, y Line) int { return cmp.Compare(x.Place, y.Place) })
	if h.Charges, h.Total, err = priced(h.Lines, c.Offer); err != nil {
		b.doubt()
		return h, err
	}
	h.Amendments++
	b.holds.put(c.ID, h)
	c.tell(b, h, a)
	return h, nil
}

// kept are the lines that stay, at the prices of now. All of them must still be the hold's.
func (c *AmendHold) kept(b *Book, lines []Line) ([]Line, error) {
	kept := make([]Line, len(lines), len(lines)+len(c.Add))
	for i, l := range lines {
		p, _ := b.places.get(PlaceRef{c.ID.Event, l.Place})
		if !p.grantedTo(Held, c.ID.Key, l.Fence) {
			return nil, ErrHoldEnded
		}
		price, ok := c.Offer.PriceAt(l.Place, b.now)
		if !ok {
			return nil, ErrNotForSale
		}
		l.Tier, l.Price = c.Offer.TierOf(l.Place), price.Minor()
		kept[i] = l
	}
	return kept, nil
}

// tell records what has come and gone, each by itself: who counts places needs no memory of what
// the hold had before.
func (c *AmendHold) tell(b *Book, h Hold, a amendment) {
	f := fact.Fact{Event: c.ID.Event, Hold: c.ID.Key, Amount: h.Total}
	if len(a.gone) > 0 {
		f.Kind, f.Places = fact.HoldShrunk, linePlaces(a.gone)
		b.record(f)
	}
	if len(a.add) > 0 {
		f.Kind, f.Places = fact.HoldGrown, a.add
		b.record(f)
	}
}
