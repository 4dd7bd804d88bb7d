package booking

import (
	"errors"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/errs"
	"ticketflow/internal/domain/fact"
	"ticketflow/internal/domain/ident"
)

// PlaceOrder turns a live hold into an order that awaits its payment. An order that costs nothing
// has nothing to wait for: it is paid at once and gets its tickets in the same write.
type PlaceOrder struct {
	ID        OrderID
	Hold      HoldID
	Buyer     Buyer
	BuyerRef  BuyerRef
	ReturnURL string
	Seed      [SeedBytes]byte // random, for the tickets of an order that costs nothing
	Voucher   string          // a code as pricing.VoucherCode returns it, or empty
	Offer     *catalog.Offer  // what the hold was quoted from; needed for a voucher
	Seen      *int            // Amendments of the hold as the buyer has seen it, or nil
	Answer    AnswerRef
	Request   Fingerprint

	Made   Order // the result; of a replay only ID and ExpiresAt are set
	Replay bool
}

// errNoSeed is a defect of the caller: tickets with secrets that can be guessed.
var errNoSeed = errors.New("an order without a price needs a seed for its tickets")

// Keys names the rows of the command.
func (c *PlaceOrder) Keys() *Keys {
	k := &Keys{Events: []catalog.EventID{c.ID.Event}, Holds: []HoldID{c.Hold},
		Answers: []AnswerRef{c.Answer}, Buyers: []BuyerRef{c.BuyerRef}}
	if c.Voucher != "" {
		k.Vouchers = []VoucherRef{{c.ID.Event, c.Voucher}}
	}
	return k
}

// Decide moves the hold's places to the order. A hold past its time that nobody has retaken a
// place of may still be ordered.
func (c *PlaceOrder) Decide(b *Book) error {
	a, ok, err := b.answered(c.Answer, c.Request)
	if err != nil {
		return err
	}
	if ok {
		c.Replay = true
		c.Made = Order{ID: OrderID{c.ID.Event, a.Subject}, ExpiresAt: a.Until}
		return nil
	}
	sale, ok := b.events.get(c.ID.Event)
	if !ok {
		return ErrEventNotFound
	}
	if sale.Status == catalog.Cancelled {
		return ErrEventCancelled
	}
	h, ok := b.holds.get(c.Hold)
	if !ok || c.Hold.Event != c.ID.Event {
		return ErrHoldNotFound
	}
	if h, err = h.end(HoldOrdered, c.ID.Key); err != nil {
		return err
	}
	if c.Seen != nil && *c.Seen != h.Amendments {
		b.doubt()
		return ErrHoldChanged
	}
	if b.now.After(h.ExpiresAt) {
		// A hold that was made in time outlives the sale, but only for its own time.
		if err := sale.open(b.now); err != nil {
			b.doubt() // it may have been extended
			return err
		}
	}
	if err := b.count(c.BuyerRef, len(h.Lines), sale.Terms.MaxPerBuyer); err != nil {
		b.doubt() // it may have fewer places
		return err
	}
	b.holds.put(c.Hold, h)
	if c.Voucher != "" {
		// The hold keeps the quote without the voucher; h is what the order is made from.
		h.Charges, h.Total, err = b.redeem(VoucherRef{c.ID.Event, c.Voucher}, h, c.Offer)
		if err != nil {
			return err
		}
	}
	return c.move(b, h, sale)
}

// move brings the places from the hold to the order and writes the order down.
func (c *PlaceOrder) move(b *Book, h Hold, sale Sale) error {
	for _, l := range h.Lines {
		ref := PlaceRef{c.ID.Event, l.Place}
		p, _ := b.places.get(ref)
		p, err := p.Order(c.Hold.Key, l.Fence, c.ID.Key)
		if err != nil {
			b.doubt()
			return ErrHoldEnded
		}
		b.places.put(ref, p)
	}
	c.Replay = false
	c.Made = Order{ID: c.ID, Hold: c.Hold.Key, State: AwaitingPayment, PlacedAt: b.now,
		ExpiresAt: b.now.Add(sale.Terms.PayTime), Lines: h.Lines, Charges: h.Charges,
		Total: h.Total, Voucher: c.Voucher, Buyer: c.Buyer,
		BuyerHash: c.BuyerRef.Buyer, ReturnURL: c.ReturnURL}
	b.orders.put(c.ID, c.Made)
	b.answer(c.Answer, Answer{Request: c.Request, Subject: c.ID.Key, Until: c.Made.ExpiresAt})
	b.record(fact.Fact{Kind: fact.OrderPlaced, Event: c.ID.Event, Hold: c.Hold.Key,
		Order: c.ID.Key, Places: linePlaces(h.Lines), Amount: h.Total})
	if !h.Total.IsZero() {
		return nil
	}
	if c.Seed == ([SeedBytes]byte{}) {
		return errNoSeed
	}
	if !b.sell(c.Made) {
		return ErrPlaceLost
	}
	c.Made = b.issue(c.Made, c.Seed, fact.OrderPaid)
	return nil
}

// count adds n places to what a buyer has, within the limit (0 is none).
func (b *Book) count(ref BuyerRef, n, limit int) error {
	have, _ := b.buyers.get(ref)
	if limit > 0 && have+n > limit {
		return ErrBuyerLimit.WithField("max_per_buyer", limit).WithField("you_have", have)
	}
	b.buyers.put(ref, have+n)
	return nil
}

// uncount takes n places off what the buyer of an order has.
func (b *Book) uncount(o Order, n int) {
	ref := BuyerRef{o.ID.Event, o.BuyerHash}
	have, _ := b.buyers.get(ref)
	b.buyers.put(ref, max(0, have-n))
}

// ExpireOrder releases an order that wasn't paid in time. The caller has asked the gateway: it
// knows of no payment. On an order that isn't due it changes nothing.
type ExpireOrder struct{ ID OrderID }

// Keys names the rows of the command.
func (c *ExpireOrder) Keys() *Keys { return &Keys{Orders: []OrderID{c.ID}} }

// Decide frees the order's places.
func (c *ExpireOrder) Decide(b *Book) error {
	o, ok := b.orders.get(c.ID)
	if !ok {
		return ErrOrderNotFound
	}
	if !o.Due(b.now) {
		return nil
	}
	return b.endOrder(o, OrderExpired, fact.OrderExpired, false)
}

// endOrder takes the places away that the order still has.
func (b *Book) endOrder(o Order, state OrderState, kind fact.Kind, block bool) error {
	freed := b.leave(o, o.Lines, block)
	b.uncount(o, len(freed))
	if o.State == AwaitingPayment {
		b.unredeem(o) // what was paid for is used up, whatever becomes of it
	}
	o.State = state
	b.orders.put(o.ID, o)
	b.record(fact.Fact{Kind: kind, Event: o.ID.Event, Order: o.ID.Key, Places: freed})
	return nil
}

// CancelOrder ends an order: its tickets stop admitting at once. Whether a paid one gives its money
// back and its places go back on sale are decisions of their own. Cancelling twice is the same as
// once.
type CancelOrder struct {
	ID        OrderID
	KeepMoney bool // no refund; one may be made later
	Block     bool // the places don't go back on sale
	Unpaid    bool // only if it isn't paid: a buyer's own wish
}

// ErrOrderPaid says that a buyer can't cancel alone.
var ErrOrderPaid = errs.New(errs.Conflict, "order_paid",
	"The order is paid. Please ask the organiser for a refund.")

// Keys names the rows of the command.
func (c *CancelOrder) Keys() *Keys { return &Keys{Sales: []OrderID{c.ID}} }

// Decide ends the order.
func (c *CancelOrder) Decide(b *Book) error {
	o, ok := b.orders.get(c.ID)
	if !ok {
		return ErrOrderNotFound
	}
	switch o.State {
	case OrderCancelled:
		return nil
	case OrderExpired:
		return ErrOrderEnded
	case AwaitingPayment:
	case Paid:
		if c.Unpaid && !o.Total.IsZero() {
			return ErrOrderPaid
		}
		if err := b.void(o, b.living(o)); err != nil {
			return err
		}
		if !c.KeepMoney {
			if err := b.giveBack(o); err != nil {
				return err
			}
		}
	}
	return b.endOrder(o, OrderCancelled, fact.OrderCancelled, c.Block)
}

// void makes tickets of a paid order worthless. A used ticket is not cancelled.
func (b *Book) void(o Order, lines []Line) error {
	for _, l := range lines {
		ref := TicketRef{o.ID.Event, l.Place, l.Fence}
		t, ok := b.tickets.get(ref)
		if !ok {
			continue
		}
		if t.State == TicketUsed {
			return ErrAlreadyIn
		}
		t.State = TicketVoid
		b.tickets.put(ref, t)
	}
	return nil
}

// errNoPayment is a defect of the ledger: a paid order was loaded without its payment.
var errNoPayment = errors.New("the payment of a paid order is missing")

func (b *Book) giveBack(o Order) error {
	if o.Total.IsZero() {
		return nil
	}
	pay, ok := b.payments.get(PaymentRef{o.ID.Event, o.Provider, o.Transaction})
	if !ok || pay.Order != o.ID.Key {
		return errNoPayment
	}
	left, err := pay.left()
	if err != nil {
		return err
	}
	return b.requestRefund(pay, Refund{Amount: left, Reason: ReasonCancelled})
}

// BlockPlaces takes free places off sale, all or none; Unblock puts them back. Saying either twice
// is the same as once.
type BlockPlaces struct {
	Event   catalog.EventID
	Places  []catalog.PlaceNo
	Unblock bool
}

// Keys names the rows of the command.
func (c *BlockPlaces) Keys() *Keys {
	k := &Keys{Events: []catalog.EventID{c.Event}}
	for _, p := range c.Places {
		k.Places = append(k.Places, PlaceRef{c.Event, p})
	}
	return k
}

// Decide blocks or unblocks.
func (c *BlockPlaces) Decide(b *Book) error {
	if _, ok := b.events.get(c.Event); !ok {
		return ErrEventNotFound
	}
	var refused, changed []catalog.PlaceNo
	failure := ErrPlaceNotFree
	if c.Unblock {
		failure = ErrPlaceNotBlocked
	}
	for _, no := range c.Places {
		ref := PlaceRef{c.Event, no}
		p, ok := b.places.get(ref)
		if !ok {
			return ErrNoSuchPlace
		}
		if c.Unblock && p.State == Free {
			continue // saying it twice is the same as once
		}
		next, err := p.Unblock()
		if !c.Unblock {
			next, err = p.Block(b.now)
		}
		if err != nil {
			refused = append(refused, no)
			continue
		}
		if next != p {
			b.places.put(ref, next)
			changed = append(changed, no)
		}
	}
	if len(refused) > 0 {
		return failure.WithField("places", refused)
	}
	if len(changed) == 0 {
		return nil
	}
	kind := fact.PlacesBlocked
	if c.Unblock {
		kind = fact.PlacesUnblocked
	}
	b.record(fact.Fact{Kind: kind, Event: c.Event, Places: changed})
	return nil
}

// SetStatus publishes or cancels an event. Saying it twice is the same as once.
type SetStatus struct {
	Event  catalog.EventID
	Status catalog.Status
}

// Keys names the rows of the command.
func (c *SetStatus) Keys() *Keys { return &Keys{Events: []catalog.EventID{c.Event}} }

// Decide changes the status: draft → published → cancelled, never back.
func (c *SetStatus) Decide(b *Book) error {
	sale, ok := b.events.get(c.Event)
	if !ok {
		return ErrEventNotFound
	}
	if sale.Status == c.Status {
		return nil
	}
	if c.Status < sale.Status {
		return ErrEventCancelled
	}
	sale.Status = c.Status
	b.events.put(c.Event, sale)
	kind := fact.EventPublished
	if c.Status == catalog.Cancelled {
		kind = fact.EventCancelled
	}
	b.record(fact.Fact{Kind: kind, Event: c.Event, Hold: ident.Key{}})
	return nil
}
