package booking

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"time"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/fact"
	"ticketflow/internal/domain/money"
)

// Reasons of a refund.
const (
	reasonLate        = "late_payment"
	reasonWrongAmount = "wrong_amount"
	reasonCancelled   = "cancelled"
)

// SeedBytes is the size of the random seed that an order's ticket secrets are derived from.
const SeedBytes = 32

// RecordPayment applies a captured payment to its order, whoever brings the news of it.
type RecordPayment struct {
	Payment PaymentRef
	Notice  NoticeRef // the message that brought it; zero when the gateway was asked instead
	Order   OrderID
	Amount  money.Money
	Seed    [SeedBytes]byte // random; a decision that runs twice makes the same tickets

	Outcome PaymentOutcome // the result
}

// PaymentOutcome tells what a payment did.
type PaymentOutcome uint8

// The outcomes of a payment.
const (
	PaymentRepeated  PaymentOutcome = iota // known already, nothing changed
	PaymentApplied                         // the order is paid now
	PaymentTookBack                        // the order had expired; its places were still free
	PaymentGivenBack                       // there was nothing left to pay for: it is refunded
)

// Keys names the rows of the command.
func (c *RecordPayment) Keys() *Keys {
	k := &Keys{Events: []catalog.EventID{c.Order.Event}, Orders: []OrderID{c.Order},
		Payments: []PaymentRef{c.Payment}}
	if c.Notice != (NoticeRef{}) {
		k.Notices = []NoticeRef{c.Notice}
	}
	return k
}

// Decide applies the late payment policy: an open order is paid; an expired one is paid if all of
// its places are still free; anything else gives the money back, and so does an amount that isn't
// the order's: a gateway has captured it, so it must not go unrecorded.
func (c *RecordPayment) Decide(b *Book) error {
	c.Outcome = PaymentRepeated
	if c.Notice != (NoticeRef{}) {
		if _, seen := b.notices.get(c.Notice); seen {
			return nil
		}
		b.notices.put(c.Notice, b.now)
	}
	if _, seen := b.payments.get(c.Payment); seen {
		return nil
	}
	o, ok := b.orders.get(c.Order)
	if !ok {
		return ErrOrderNotFound
	}
	if c.Amount.IsZero() {
		return ErrPaymentMismatch // nothing was captured, so there is nothing to give back
	}
	pay := Payment{Ref: c.Payment, Order: c.Order.Key, Amount: c.Amount, CapturedAt: b.now,
		Use: Applied}
	if o.Total != c.Amount {
		c.Outcome = PaymentGivenBack
		return b.sendBack(o, pay, reasonWrongAmount)
	}
	if sale, ok := b.events.get(o.ID.Event); ok && sale.Status == catalog.Published {
		switch o.State {
		case AwaitingPayment:
			if b.sell(o) {
				c.Outcome = PaymentApplied
				b.pay(o, pay, c.Seed, fact.OrderPaid)
				return nil
			}
		case OrderExpired:
			if again, ok := b.takeBack(o, sale.Terms.MaxPerBuyer); ok {
				c.Outcome = PaymentTookBack
				b.pay(again, pay, c.Seed, fact.OrderPaidLate)
				return nil
			}
		case Paid, OrderCancelled:
		}
	}
	c.Outcome = PaymentGivenBack
	return b.sendBack(o, pay, reasonLate)
}

// sendBack records a payment that pays for nothing, and asks for its refund.
func (b *Book) sendBack(o Order, pay Payment, reason string) error {
	pay.Use = Returned
	b.record(fact.Fact{Kind: fact.PaymentReturned, Event: o.ID.Event, Order: o.ID.Key,
		Amount: pay.Amount, Ref: pay.Ref.Transaction})
	return b.requestRefund(pay, pay.Amount, reason)
}

// sell makes the places of an open order sold, all or none.
func (b *Book) sell(o Order) bool {
	sold := make([]Place, len(o.Lines))
	for i, l := range o.Lines {
		p, _ := b.places.get(PlaceRef{o.ID.Event, l.Place})
		next, err := p.Sell(o.ID.Key, l.Fence)
		if err != nil {
			return false
		}
		sold[i] = next
	}
	for i, l := range o.Lines {
		b.places.put(PlaceRef{o.ID.Event, l.Place}, sold[i])
	}
	return true
}

// takeBack grants an expired order its places anew, if all are free, within the buyer's limit.
func (b *Book) takeBack(o Order, maxPerBuyer int) (Order, bool) {
	lines := make([]Line, len(o.Lines))
	sold := make([]Place, len(o.Lines))
	for i, l := range o.Lines {
		p, _ := b.places.get(PlaceRef{o.ID.Event, l.Place})
		next, err := p.Retake(o.ID.Key, b.now)
		if err != nil {
			return o, false
		}
		sold[i], lines[i] = next, l
		lines[i].Fence = next.Fence
	}
	buyer := BuyerRef{o.ID.Event, o.BuyerHash}
	if b.count(buyer, len(lines), maxPerBuyer) != nil {
		return o, false
	}
	for i, l := range lines {
		b.places.put(PlaceRef{o.ID.Event, l.Place}, sold[i])
	}
	o.Lines = lines
	b.retake(o)
	return o, true
}

// pay records the payment and makes the order, whose places are sold, paid.
func (b *Book) pay(o Order, pay Payment, seed [SeedBytes]byte, kind fact.Kind) {
	o.Provider, o.Transaction = pay.Ref.Provider, pay.Ref.Transaction
	b.payments.put(pay.Ref, pay)
	b.issue(o, seed, kind)
}

// issue makes an order paid and gives it one ticket for each place.
func (b *Book) issue(o Order, seed [SeedBytes]byte, kind fact.Kind) Order {
	for i, l := range o.Lines {
		id := TicketID{Event: o.ID.Event, Place: l.Place, Fence: l.Fence}
		id.Secret = ticketSecret(seed, i)
		b.tickets.put(TicketRef{id.Event, id.Place, id.Fence},
			Ticket{ID: id, Order: o.ID.Key, State: TicketValid})
	}
	o.State, o.PaidAt = Paid, b.now
	b.orders.put(o.ID, o)
	b.record(fact.Fact{Kind: kind, Event: o.ID.Event, Order: o.ID.Key,
		Places: linePlaces(o.Lines), Amount: o.Total, Ref: o.Transaction})
	return o
}

func ticketSecret(seed [SeedBytes]byte, line int) (secret [SecretBytes]byte) {
	var in [SeedBytes + 4]byte
	copy(in[:], seed[:])
	binary.BigEndian.PutUint32(in[SeedBytes:], uint32(line))
	sum := sha256.Sum256(in[:])
	copy(secret[:], sum[:])
	return secret
}

// requestRefund takes amount out of the payment and records the wish; a policy asks the gateway.
func (b *Book) requestRefund(pay Payment, amount money.Money, reason string) error {
	pay, err := pay.refund(amount)
	if err != nil {
		return err
	}
	b.payments.put(pay.Ref, pay)
	if amount.IsZero() {
		return nil
	}
	// Two gateways may use the same name for their transactions.
	ref := RefundRef{pay.Ref.Event,
		reason + ":" + pay.Ref.Provider + ":" + pay.Ref.Transaction}
	b.refunds.put(ref, Refund{Ref: ref, Payment: pay.Ref, Order: pay.Order, Amount: amount,
		Reason: reason, State: RefundRequested, RequestedAt: b.now})
	b.record(fact.Fact{Kind: fact.RefundRequested, Event: pay.Ref.Event, Order: pay.Order,
		Amount: amount, Ref: ref.Key})
	return nil
}

// RecordRefund notes that the gateway has given the money back. Saying it twice is as once.
type RecordRefund struct {
	Refund     RefundRef
	GatewayRef string
}

// Keys names the rows of the command.
func (c *RecordRefund) Keys() *Keys { return &Keys{Refunds: []RefundRef{c.Refund}} }

// Decide marks the refund as done.
func (c *RecordRefund) Decide(b *Book) error {
	r, ok := b.refunds.get(c.Refund)
	if !ok {
		return ErrRefundNotFound
	}
	if r.State == RefundDone {
		return nil
	}
	r.State, r.DoneAt, r.GatewayRef = RefundDone, b.now, c.GatewayRef
	b.refunds.put(c.Refund, r)
	b.record(fact.Fact{Kind: fact.RefundDone, Event: c.Refund.Event, Order: r.Order,
		Amount: r.Amount, Ref: c.Refund.Key})
	return nil
}

// CheckIn admits the bearer of a ticket, once.
type CheckIn struct {
	Ticket  TicketID
	Gate    string
	Answer  AnswerRef // zero if the gate sent no key
	Request Fingerprint

	Admitted Ticket // the result
	At       time.Time
}

// Keys names the rows of the command.
func (c *CheckIn) Keys() *Keys {
	k := &Keys{Events: []catalog.EventID{c.Ticket.Event},
		Tickets: []PlaceRef{{c.Ticket.Event, c.Ticket.Place}}}
	if c.Answer != (AnswerRef{}) {
		k.Answers = []AnswerRef{c.Answer}
	}
	return k
}

// Decide lets somebody in. The same key again repeats the yes; any other scan is told when and
// where the ticket was used.
func (c *CheckIn) Decide(b *Book) error {
	a, replay, err := b.answered(c.Answer, c.Request)
	if err != nil {
		return err
	}
	ref := TicketRef{c.Ticket.Event, c.Ticket.Place, c.Ticket.Fence}
	t, ok := b.tickets.get(ref)
	if !ok {
		return ErrTicketVoid
	}
	if subtle.ConstantTimeCompare(t.ID.Secret[:], c.Ticket.Secret[:]) != 1 {
		return ErrTicketNotFound
	}
	if replay {
		c.Admitted, c.At = t, a.Until
		return nil
	}
	if sale, _ := b.events.get(c.Ticket.Event); sale.Status == catalog.Cancelled {
		return ErrEventCancelled
	}
	if t, err = t.admit(b.now, c.Gate); err != nil {
		return err
	}
	b.tickets.put(ref, t)
	c.Admitted, c.At = t, b.now
	b.answer(c.Answer, Answer{Request: c.Request, Subject: t.Order, Until: b.now})
	b.record(fact.Fact{Kind: fact.TicketAdmitted, Event: c.Ticket.Event, Order: t.Order,
		Places: []catalog.PlaceNo{c.Ticket.Place}, Ref: c.Gate})
	return nil
}
