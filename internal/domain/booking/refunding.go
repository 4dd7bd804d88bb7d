package booking

import (
	"slices"
	"time"

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

	Made RefundRef // the result; zero if the tickets were returned and no money was left
	At   time.Time // when that was decided; of a repeated request, the first time
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
		c.Made, c.At = RefundRef{}, a.Until
		if a.Subject != c.ID.Key {
			c.Made = NewRefundRef(c.ID.Event, a.Subject)
		}
		return nil
	}
	o, ok := b.orders.get(c.ID)
	if !ok {
		return ErrOrderNotFound
	}
	pay, ok := b.payments.get(PaymentRef{o.ID.Event, o.Provider, o.Transaction})
	switch {
	case o.State == Paid && o.Total.IsZero():
		return ErrRefundNothing
	case !ok || pay.Order != o.ID.Key:
		return ErrOrderNotPaid
	}
	c.Made = NewRefundRef(c.ID.Event, c.Refund)
	switch {
	case !c.Goodwill.IsZero() && c.Goodwill.Currency() != pay.Amount.Currency():
		return ErrRefundNothing
	case !c.Goodwill.IsZero():
		err = b.requestRefund(pay, Refund{Ref: c.Made, Amount: c.Goodwill, Reason: ReasonGoodwill})
	case o.State != Paid:
		return ErrOrderNotPaid
	default:
		err = c.tickets(b, o, pay)
	}
	if err != nil {
		return err
	}
	subject := c.Refund
	if _, made := b.refunds.get(c.Made); !made {
		c.Made, subject = RefundRef{}, c.ID.Key // there was no money left
	}
	c.At = b.now
	b.answer(c.Answer, Answer{Request: c.Request, Subject: subject, Until: c.At})
	return nil
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
		if ok && t.Order == o.ID.Key && t.State.Living() {
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
	b.record(fact.Fact{Kind: fact.PaymentReturned, Event: pay.Ref.Event, Order: pay.Order,
		Amount: amount, Ref: pay.Ref.Transaction})
	return b.requestRefund(pay, Refund{Amount: amount, Reason: ReasonDoubtful})
}
