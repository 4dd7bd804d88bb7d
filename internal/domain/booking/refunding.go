package booking

import (
	"slices"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/fact"
	"ticketflow/internal/domain/ident"
	"ticketflow/internal/domain/money"
)

// RefundOrder gives money of a paid order back: for some of its tickets, for all of them, or an
// amount that changes no ticket. It is asked for once per answer key.
type RefundOrder struct {
	ID       OrderID
	Refund   ident.Key         // of the refund that it makes
	Places   []catalog.PlaceNo // whose tickets are returned; empty with Goodwill zero: all
	Goodwill money.Money       // an amount instead of tickets
	Block    bool              // the places don't go back on sale
	Answer   AnswerRef
	Request  Fingerprint

	Made RefundRef // the result
}

// Keys names the rows of the command.
func (c *RefundOrder) Keys() *Keys {
	return &Keys{Events: []catalog.EventID{c.ID.Event}, Sales: []OrderID{c.ID},
		Answers: []AnswerRef{c.Answer}}
}

// Decide asks for the refund.
func (c *RefundOrder) Decide(b *Book) error {
	a, replay, err := b.answered(c.Answer, c.Request)
	if err != nil {
		return err
	}
	if replay {
		c.Made = NewRefundRef(c.ID.Event, a.Subject)
		return nil
	}
	o, ok := b.orders.get(c.ID)
	if !ok {
		return ErrOrderNotFound
	}
	pay, ok := b.payments.get(PaymentRef{o.ID.Event, o.Provider, o.Transaction})
	if !ok || pay.Order != o.ID.Key {
		return ErrOrderNotPaid
	}
	c.Made = NewRefundRef(c.ID.Event, c.Refund)
	b.answer(c.Answer, Answer{Request: c.Request, Subject: c.Refund, Until: b.now})
	if !c.Goodwill.IsZero() {
		if c.Goodwill.Currency() != pay.Amount.Currency() {
			return ErrRefundNothing
		}
		return b.requestRefund(pay, Refund{Ref: c.Made, Amount: c.Goodwill,
			Reason: ReasonGoodwill})
	}
	if o.State != Paid {
		return ErrOrderNotPaid
	}
	return c.tickets(b, o, pay)
}

// tickets returns some of an order's tickets, or all.
func (c *RefundOrder) tickets(b *Book, o Order, pay Payment) error {
	living := b.living(o)
	chosen := living
	if len(c.Places) > 0 {
		chosen = nil
		for _, l := range living {
			if slices.Contains(c.Places, l.Place) {
				chosen = append(chosen, l)
			}
		}
		if len(chosen) != len(c.Places) {
			return ErrNotInOrder
		}
	}
	if len(chosen) == 0 {
		return ErrNotInOrder
	}
	reason := ReasonTickets
	var amount money.Money
	var err error
	if len(chosen) == len(living) { // with the last ticket all that is left goes back
		amount, err = pay.left()
		reason = ReasonCancelled
	} else {
		amount, err = o.worth(chosen)
	}
	if err != nil {
		return err
	}
	if amount.IsZero() && len(chosen) < len(living) {
		return ErrRefundNothing
	}
	if err := b.void(o, chosen); err != nil {
		return err
	}
	if reason == ReasonCancelled {
		if err := b.requestRefund(pay, Refund{Ref: c.Made, Amount: amount,
			Reason: reason}); err != nil {
			return err
		}
		return b.endOrder(o, OrderCancelled, fact.OrderCancelled, c.Block)
	}
	if err := b.requestRefund(pay, Refund{Ref: c.Made, Amount: amount, Reason: reason,
		Places: linePlaces(chosen)}); err != nil {
		return err
	}
	freed := b.leave(o, chosen, c.Block)
	b.uncount(o, len(chosen))
	b.record(fact.Fact{Kind: fact.TicketsReturned, Event: o.ID.Event, Order: o.ID.Key,
		Places: freed, Amount: amount, Ref: c.Made.Key})
	return nil
}

// living are the lines of a paid order that still have a ticket.
func (b *Book) living(o Order) (lines []Line) {
	for _, l := range o.Lines {
		t, ok := b.tickets.get(TicketRef{o.ID.Event, l.Place, l.Fence})
		if ok && t.Order == o.ID.Key && t.State != TicketVoid {
			lines = append(lines, l)
		}
	}
	return lines
}

// leave takes places away from an order; they go back on sale or are blocked.
func (b *Book) leave(o Order, lines []Line, block bool) []catalog.PlaceNo {
	freed := b.release(o.ID.Event, o.ID.Key, lines)
	if !block {
		return freed
	}
	for _, no := range freed {
		ref := PlaceRef{o.ID.Event, no}
		p, _ := b.places.get(ref)
		if p, err := p.Block(b.now); err == nil { // it is free: it was released just now
			b.places.put(ref, p)
		}
	}
	return freed
}

// ReturnPayment sends a payment in quarantine back to the buyer.
type ReturnPayment struct{ Payment PaymentRef }

// Keys names the rows of the command.
func (c *ReturnPayment) Keys() *Keys { return &Keys{Returns: []PaymentRef{c.Payment}} }

// Decide asks for the refund of the whole payment. Saying it twice is as once.
func (c *ReturnPayment) Decide(b *Book) error {
	pay, ok := b.payments.get(c.Payment)
	switch {
	case !ok:
		return ErrPaymentNotFound
	case pay.Use == Returned:
		return nil
	case pay.Use != Quarantined:
		return ErrPaymentInUse
	}
	amount, err := pay.left()
	if err != nil {
		return err
	}
	pay.Use = Returned
	return b.requestRefund(pay, Refund{Amount: amount, Reason: ReasonDoubtful})
}

// RecordGatewayRefund notes money that was given back at the gateway's side: by hand, or because
// the buyer's bank took it.
type RecordGatewayRefund struct {
	Order      OrderID
	Payment    PaymentRef
	GatewayRef string // the gateway's name of the refund or the dispute
	Amount     money.Money
	Dispute    bool
	Won        bool // the dispute was decided for us
	News       News
}

// Keys names the rows of the command.
func (c *RecordGatewayRefund) Keys() *Keys {
	return &Keys{Sales: []OrderID{c.Order}, Returns: []PaymentRef{c.Payment},
		Notices: c.News.keys()}
}

// Decide books what has happened. A refund that had failed and is of the same amount was settled
// with it. When all of a payment is gone, its order ends: the tickets admit no longer, and the
// places stay off sale until the organiser says otherwise.
func (c *RecordGatewayRefund) Decide(b *Book) error {
	if !b.noted(c.News) {
		return nil
	}
	pay, ok := b.payments.get(c.Payment)
	if !ok {
		return ErrPaymentNotFound
	}
	if c.Amount.IsZero() || c.Amount.Currency() != pay.Amount.Currency() {
		return ErrRefundNothing
	}
	reason, kind := ReasonGateway, EntryGatewayRefund
	if c.Dispute {
		reason, kind = ReasonDispute, EntryDispute
	}
	ref := RefundRef{pay.Ref.Event, string(reason) + ":" + pay.Ref.Provider + ":" + c.GatewayRef}
	known, seen := b.refunds.get(ref)
	if c.Won {
		return c.returned(b, pay, known)
	}
	if seen {
		return nil
	}
	pending := false
	for _, r := range b.refundsOf(pay.Ref) {
		if r.GatewayRef == c.GatewayRef && r.Reason != ReasonDispute {
			return nil
		}
		if !c.Dispute && r.State == RefundFailed && r.Amount == c.Amount {
			r.State, r.DoneAt, r.GatewayRef = RefundDone, b.now, c.GatewayRef
			b.settle(r)
			return nil
		}
		pending = pending || r.State == RefundRequested
	}
	next, err := pay.refund(c.Amount)
	if err != nil && pending {
		return ErrRefundPending // the gateway will refuse that one
	}
	if err != nil {
		return err
	}
	b.payments.put(pay.Ref, next)
	r := Refund{Ref: ref, Payment: pay.Ref, Order: pay.Order, Amount: c.Amount, Reason: reason,
		State: RefundDone, RequestedAt: b.now, DoneAt: b.now, GatewayRef: c.GatewayRef}
	b.refunds.put(ref, r)
	c.post(b, r, kind, pay.Use)
	if c.Dispute {
		return nil // the organiser decides about the tickets
	}
	return c.end(b, next)
}

func (c *RecordGatewayRefund) post(b *Book, r Refund, kind EntryKind, use Use) {
	minor := r.Amount.Minor()
	e := r.entry(kind)
	told := fact.GatewayRefunded
	e.Clearing = -minor
	switch {
	case c.Dispute:
		e.Chargebacks, told = minor, fact.PaymentDisputed
	case use == Applied:
		e.Refunds = minor
	default:
		e.Receivable = minor // it had bought nothing
	}
	b.post(e)
	b.record(fact.Fact{Kind: told, Event: r.Ref.Event, Order: r.Order, Amount: r.Amount,
		Ref: r.Ref.Key})
}

// end ends an order that was wholly given back at the gateway's side, unless somebody was admitted.
func (c *RecordGatewayRefund) end(b *Book, pay Payment) error {
	o, ok := b.orders.get(c.Order)
	if !ok || o.State != Paid || pay.Use != Applied || pay.Refunded != pay.Amount ||
		o.ID.Key != pay.Order {
		return nil
	}
	living := b.living(o)
	for _, l := range living {
		t, _ := b.tickets.get(TicketRef{o.ID.Event, l.Place, l.Fence})
		if t.State == TicketUsed {
			return nil
		}
	}
	if err := b.void(o, living); err != nil {
		return err
	}
	return b.endOrder(o, OrderCancelled, fact.OrderCancelled, true)
}

// returned books a dispute that was won.
func (c *RecordGatewayRefund) returned(b *Book, pay Payment, r Refund) error {
	if r.State != RefundDone {
		return nil
	}
	sum, err := pay.Refunded.Sub(r.Amount)
	if err != nil {
		return err
	}
	pay.Refunded = sum
	b.payments.put(pay.Ref, pay)
	r.State = RefundReversed
	b.refunds.put(r.Ref, r)
	e := r.entry(EntryDisputeWon)
	e.Clearing, e.Chargebacks = r.Amount.Minor(), -r.Amount.Minor()
	b.post(e)
	b.record(fact.Fact{Kind: fact.DisputeWon, Event: r.Ref.Event, Order: r.Order,
		Amount: r.Amount, Ref: r.Ref.Key})
	return nil
}
