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

// SeedBytes is the size of the random seed that an order's ticket secrets are derived from.
const SeedBytes = 32

// RecordPayment applies a captured payment to its order, whoever brings the news of it.
type RecordPayment struct {
	Payment PaymentRef
	Notice  NoticeRef // the message that brought it; zero when the gateway was asked instead
	Payload string    // of the message
	Order   OrderID
	Attempt int // that was paid; 0 is the first
	Amount  money.Money
	Seed    [SeedBytes]byte // random; a decision that runs twice makes the same tickets
	Again   bool            // an operator replays it: a payment in quarantine is looked at anew

	Outcome PaymentOutcome // the result
}

// PaymentOutcome tells what a payment did.
type PaymentOutcome uint8

// The outcomes of a payment.
const (
	PaymentRepeated    PaymentOutcome = iota // known already, nothing changed
	PaymentApplied                           // the order is paid now
	PaymentTookBack                          // the order had expired; its places were still free
	PaymentGivenBack                         // there was nothing left to pay for: it is refunded
	PaymentQuarantined                       // not what was ordered: an operator has to look at it
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
// its places are still free; anything else gives the money back. A payment of another amount, or
// for an order that doesn't exist, is kept in quarantine: a gateway has captured it, so it must not
// go unrecorded, but nobody knows whose mistake it is.
func (c *RecordPayment) Decide(b *Book) error {
	c.Outcome = PaymentRepeated
	if c.Amount.IsZero() || c.Payment.Transaction == "" {
		return ErrPaymentMismatch // nothing was captured, so there is nothing to give back
	}
	if !b.noted(News{c.Notice, c.Payload}) && !c.Again {
		return nil
	}
	pay, seen := b.payments.get(c.Payment)
	if seen && (!c.Again || pay.Use != Quarantined || pay.Order != c.Order.Key) {
		return nil
	}
	if !seen {
		pay = Payment{Ref: c.Payment, Order: c.Order.Key, Amount: c.Amount, CapturedAt: b.now}
		if c.Attempt > 1 {
			pay.Attempt = AttemptKey(c.Order, c.Attempt)
		}
	}
	o, ok := b.orders.get(c.Order)
	if !ok || o.Total != pay.Amount || !pay.Refunded.IsZero() {
		if !seen {
			c.Outcome = PaymentQuarantined
			b.quarantine(pay, o.ID)
		}
		return nil
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
	b.orders.put(o.ID, o) // the decision rests on its state: the ledger checks what it writes
	return b.sendBack(pay)
}

// sendBack records a payment that pays for nothing, and asks for its refund.
func (b *Book) sendBack(pay Payment) error {
	if pay.Use != Quarantined {
		b.deposit(pay)
	}
	pay.Use = Returned
	b.record(fact.Fact{Kind: fact.PaymentReturned, Event: pay.Ref.Event, Order: pay.Order,
		Amount: pay.Amount, Ref: pay.Ref.Transaction})
	return b.requestRefund(pay, Refund{Amount: pay.Amount, Reason: ReasonLate})
}

// quarantine records a payment that an operator has to look at. No order is known by the name that
// it came with if known is zero.
func (b *Book) quarantine(pay Payment, known OrderID) {
	b.deposit(pay)
	pay.Use = Quarantined
	b.payments.put(pay.Ref, pay)
	b.record(fact.Fact{Kind: fact.PaymentDoubtful, Event: pay.Ref.Event, Order: known.Key,
		Amount: pay.Amount, Ref: pay.Ref.Transaction})
}

// deposit books money that has bought nothing so far.
func (b *Book) deposit(pay Payment) {
	e := entryOf(EntryDeposit, pay)
	e.Clearing, e.Receivable = pay.Amount.Minor(), -pay.Amount.Minor()
	b.post(e)
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
	e := entryOf(EntrySale, pay).earned(o)
	if pay.Use == Quarantined {
		e.Kind, e.Receivable = EntryDepositApplied, pay.Amount.Minor()
	} else {
		e.Clearing = pay.Amount.Minor()
	}
	b.post(e)
	pay.Use = Applied
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
	if !ok || !t.State.Living() {
		return b.notLiving(ref)
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
