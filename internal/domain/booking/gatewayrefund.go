package booking

import (
	"slices"
	"time"

	"ticketflow/internal/domain/fact"
	"ticketflow/internal/domain/money"
)

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

// Decide books what has happened. What is owed because a refund has failed is settled with it, as
// far as it goes. When all of a payment is gone, its order ends: the tickets admit no longer, and
// the places stay off sale until the organiser says otherwise.
func (c *RecordGatewayRefund) Decide(b *Book) error {
	if !b.noted(c.News) {
		return nil
	}
	pay, ok := b.payments.get(c.Payment)
	switch {
	case !ok:
		return ErrPaymentNotFound
	case c.GatewayRef == "":
		return ErrRefundNotFound
	case c.Amount.IsZero() || c.Amount.Currency() != pay.Amount.Currency():
		return ErrRefundNothing
	}
	refunds := b.refundsOf(pay.Ref)
	if c.Dispute && c.Won {
		return c.won(b, pay, refunds)
	}
	for _, r := range refunds {
		if r.GatewayRef == c.GatewayRef && c.ours(r) {
			return nil
		}
	}
	rest, err := c.settle(b, pay, refunds)
	if err != nil || rest.IsZero() {
		return err
	}
	if pay, err = pay.refund(rest); err != nil {
		return err
	}
	b.payments.put(pay.Ref, pay)
	c.book(b, pay, rest)
	if c.Dispute {
		return nil // the organiser decides about the tickets
	}
	return c.end(b, pay)
}

// ours tells whether a refund under the same name at the gateway is this one: refunds and disputes
// have names of their own.
func (c *RecordGatewayRefund) ours(r Refund) bool {
	return c.Dispute == (r.Reason == ReasonDispute) || r.owed()
}

// ref names what was not asked for.
func (c *RecordGatewayRefund) ref() RefundRef {
	reason := ReasonGateway
	if c.Dispute {
		reason = ReasonDispute
	}
	return RefundRef{c.Payment.Event, string(reason) + ":" + c.Payment.Provider + ":" +
		c.Payment.Transaction + ":" + c.GatewayRef}
}

// settle pays what is owed because its refund has failed, and returns the rest of the amount: first
// a refund of the same amount, otherwise, if more has gone than the payment has left, as many as
// it takes, the last one in part. As long as another refund is on its way, nobody knows which of
// them the gateway will refuse.
func (c *RecordGatewayRefund) settle(b *Book, pay Payment, refunds []Refund) (money.Money, error) {
	rest, pending := c.Amount, false
	var failed []Refund
	for _, r := range refunds {
		switch r.State {
		case RefundRequested:
			pending = true
			b.refunds.put(r.Ref, r) // the decision rests on its state
		case RefundFailed:
			if r.Amount == c.Amount {
				c.pay(b, r)
				return money.Money{}, nil
			}
			failed = append(failed, r)
			b.refunds.put(r.Ref, r)
		case RefundDone, RefundReversed:
		}
	}
	left, err := pay.left()
	if err != nil {
		return rest, err
	}
	var larger []Refund
	for _, r := range failed {
		if rest.Minor() <= left.Minor() || r.Amount.Minor() > rest.Minor() {
			larger = append(larger, r)
			continue
		}
		if rest, err = rest.Sub(r.Amount); err != nil {
			return rest, err
		}
		c.pay(b, r)
	}
	switch {
	case rest.Minor() <= left.Minor():
		return rest, nil
	case len(larger) > 0:
		over, err := rest.Sub(left)
		if err != nil {
			return rest, err
		}
		first := max(0, slices.IndexFunc(larger, Refund.wholly))
		return left, c.cover(b, larger[first], refunds, over)
	case pending:
		return rest, ErrRefundPending
	default:
		return rest, ErrRefundTooMuch
	}
}

// pay marks what was owed as paid.
func (c *RecordGatewayRefund) pay(b *Book, r Refund) {
	r.State, r.DoneAt, r.GatewayRef = RefundDone, b.now, c.GatewayRef
	b.settle(r)
}

// book writes down an amount that was not asked for.
func (c *RecordGatewayRefund) book(b *Book, pay Payment, amount money.Money) {
	r := Refund{Ref: c.ref(), Payment: pay.Ref, Order: pay.Order, Amount: amount,
		Reason: ReasonGateway, State: RefundDone, RequestedAt: b.now, DoneAt: b.now,
		GatewayRef: c.GatewayRef}
	kind, told := EntryGatewayRefund, fact.GatewayRefunded
	if c.Dispute {
		r.Reason, kind, told = ReasonDispute, EntryDispute, fact.PaymentDisputed
	}
	b.refunds.put(r.Ref, r)
	b.post(r.taken(kind, pay.Use))
	b.record(fact.Fact{Kind: told, Event: r.Ref.Event, Order: r.Order, Amount: r.Amount,
		Ref: r.Ref.Key})
}

// taken is the entry of money that has gone at the gateway's side.
func (r Refund) taken(kind EntryKind, use Use) Entry {
	minor := r.Amount.Minor()
	e := r.entry(kind)
	e.Clearing = -minor
	switch {
	case use != Applied:
		e.Receivable = minor // it had bought nothing: it was the buyer's
	case r.Reason == ReasonDispute:
		e.Chargebacks = minor
	default:
		e.Refunds = minor
	}
	return e
}

// end ends an order that was wholly given back at the gateway's side, unless somebody was admitted.
func (c *RecordGatewayRefund) end(b *Book, pay Payment) error {
	o, ok := b.orders.get(c.Order)
	if !ok || pay.Use != Applied || pay.Refunded != pay.Amount || o.ID.Key != pay.Order {
		return nil
	}
	b.orders.put(o.ID, o) // the decision rests on its state
	if o.State != Paid {
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

// won books a dispute that was decided for us. Its message may come before the one of the dispute,
// which then changes nothing.
func (c *RecordGatewayRefund) won(b *Book, pay Payment, refunds []Refund) error {
	for _, r := range refunds { // what was owed and the bank had taken is owed again
		if r.GatewayRef == c.GatewayRef && r.owed() && r.State == RefundDone {
			b.fail(r)
		}
	}
	r, known := b.refunds.get(c.ref())
	if !known {
		r = Refund{Ref: c.ref(), Payment: pay.Ref, Order: pay.Order, Amount: c.Amount,
			Reason: ReasonDispute, State: RefundReversed, RequestedAt: b.now,
			GatewayRef: c.GatewayRef}
		b.refunds.put(r.Ref, r)
		return nil
	}
	if r.State != RefundDone {
		return nil
	}
	sum, err := pay.Refunded.Sub(r.Amount)
	if err != nil {
		return err
	}
	pay.Refunded = sum
	b.payments.put(pay.Ref, pay)
	back := r.taken(EntryDisputeWon, pay.Use)
	back.Clearing, back.Receivable, back.Chargebacks = -back.Clearing, -back.Receivable,
		-back.Chargebacks
	b.post(back)
	r.State, r.DoneAt = RefundReversed, time.Time{}
	b.refunds.put(r.Ref, r)
	b.record(fact.Fact{Kind: fact.DisputeWon, Event: r.Ref.Event, Order: r.Order,
		Amount: r.Amount, Ref: r.Ref.Key})
	if pay.Use != Returned {
		return nil
	}
	// It had bought nothing, so it goes on to the buyer.
	again := RefundRef{r.Ref.Event, string(ReasonDoubtful) + ":" + r.Ref.Key}
	return b.requestRefund(pay, Refund{Ref: again, Amount: r.Amount, Reason: ReasonDoubtful})
}
