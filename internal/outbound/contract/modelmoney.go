package contract

import (
	"slices"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/fact"
)

type modelPayment struct {
	order              *modelOrder
	captured, refunded int64
	use                booking.Use
}

type modelRefund struct {
	payment *modelPayment
	amount  int64
	state   booking.RefundState
}

// pay applies a payment of amount, gives it back, or puts it into quarantine.
func (m *model) pay(o *modelOrder, transaction string, amount int64) booking.PaymentOutcome {
	if m.payments[transaction] != nil {
		return booking.PaymentRepeated
	}
	p := &modelPayment{order: o, captured: amount, use: booking.Applied}
	m.payments[transaction] = p
	outcome := booking.PaymentApplied
	switch {
	case amount != o.total:
		p.use = booking.Quarantined
		m.tell(fact.PaymentDoubtful)
		return booking.PaymentQuarantined
	case !m.cancelled && o.state == booking.AwaitingPayment:
		m.tell(fact.OrderPaid)
	case !m.cancelled && o.state == booking.OrderExpired &&
		m.buyers[o.buyer]+len(o.places) <= m.limit &&
		!slices.ContainsFunc(o.places, func(no catalog.PlaceNo) bool { return !m.available(no) }):
		outcome = booking.PaymentTookBack
		m.buyers[o.buyer] += len(o.places)
		m.tell(fact.OrderPaidLate)
	default:
		p.use = booking.Returned
		m.tell(fact.PaymentReturned)
		m.giveBack(p, "late_payment:"+provider+":"+transaction, amount)
		return booking.PaymentGivenBack
	}
	o.state, o.payment = booking.Paid, p
	m.give(o.places, modelPlace{state: booking.Sold, owner: o})
	for _, no := range o.places {
		o.tickets[no] = booking.TicketValid
	}
	return outcome
}

// giveBack asks for a refund, unless it is of nothing.
func (m *model) giveBack(p *modelPayment, key string, amount int64) {
	p.refunded += amount
	if amount > 0 {
		m.refunds[key] = &modelRefund{p, amount, booking.RefundRequested}
		m.tell(fact.RefundRequested)
	}
}

// living are the places of a paid order that have a ticket; used tells that somebody is inside.
func (o *modelOrder) living() (places []catalog.PlaceNo) {
	for _, no := range o.places {
		if o.tickets[no] != booking.TicketVoid {
			places = append(places, no)
		}
	}
	return places
}

func (o *modelOrder) used(places []catalog.PlaceNo) bool {
	return slices.ContainsFunc(places, func(no catalog.PlaceNo) bool {
		return o.tickets[no] == booking.TicketUsed
	})
}

func (o *modelOrder) void(places []catalog.PlaceNo) {
	for _, no := range places {
		o.tickets[no] = booking.TicketVoid
	}
}

func (m *model) cancel(o *modelOrder, c *booking.CancelOrder) error {
	switch o.state {
	case booking.OrderCancelled:
		return nil
	case booking.OrderExpired:
		return booking.ErrOrderEnded
	case booking.Paid:
		if c.Unpaid {
			return booking.ErrOrderPaid
		}
		if o.used(o.places) {
			return booking.ErrAlreadyIn
		}
		o.void(o.places)
		if !c.KeepMoney {
			m.giveBack(o.payment, "cancelled:"+provider+":"+m.transaction(o.payment),
				o.payment.captured-o.payment.refunded)
		}
	case booking.AwaitingPayment:
	}
	m.end(o, booking.OrderCancelled, fact.OrderCancelled, c.Block)
	return nil
}

// transaction is the name of a payment.
func (m *model) transaction(p *modelPayment) string {
	for name, of := range m.payments {
		if of == p {
			return name
		}
	}
	return ""
}

// refund gives back the money of some places, of all, or an amount that changes no ticket.
func (m *model) refund(o *modelOrder, c *booking.RefundOrder) error {
	p, goodwill := o.payment, c.Goodwill.Minor()
	key := booking.NewRefundRef(c.ID.Event, c.Refund).Key
	switch {
	case p == nil:
		return booking.ErrOrderNotPaid
	case goodwill > p.captured-p.refunded:
		return booking.ErrRefundTooMuch
	case goodwill > 0:
		m.giveBack(p, key, goodwill)
		return nil
	case o.state != booking.Paid:
		return booking.ErrOrderNotPaid
	}
	living, chosen := o.living(), c.Places
	if len(chosen) == 0 {
		chosen = living
	}
	for _, no := range chosen {
		if !slices.Contains(living, no) {
			return booking.ErrNotInOrder
		}
	}
	if o.used(chosen) {
		return booking.ErrAlreadyIn
	}
	amount := m.price * int64(len(chosen))
	all := len(chosen) == len(living)
	if all {
		amount = p.captured - p.refunded
	}
	if amount > p.captured-p.refunded {
		return booking.ErrRefundTooMuch
	}
	o.void(chosen)
	m.giveBack(p, key, amount)
	if all {
		m.end(o, booking.OrderCancelled, fact.OrderCancelled, c.Block)
		return nil
	}
	m.leave(o, chosen, c.Block)
	m.tell(fact.TicketsReturned)
	o.places = slices.DeleteFunc(slices.Clone(o.places), func(no catalog.PlaceNo) bool {
		return slices.Contains(chosen, no)
	})
	return nil
}

func (m *model) returnPayment(transaction string) error {
	p := m.payments[transaction]
	switch p.use {
	case booking.Returned:
		return nil
	case booking.Applied:
		return booking.ErrPaymentInUse
	case booking.Quarantined:
	}
	p.use = booking.Returned
	m.tell(fact.PaymentReturned)
	m.giveBack(p, "doubtful:"+provider+":"+transaction, p.captured)
	return nil
}

// refunded is what the gateway says about a refund.
func (m *model) refunded(key string, failed bool) {
	r := m.refunds[key]
	switch {
	case failed && r.state != booking.RefundFailed:
		r.state = booking.RefundFailed
		m.tell(fact.RefundFailed)
	case !failed && r.state != booking.RefundDone:
		r.state = booking.RefundDone
		m.tell(fact.RefundDone)
	}
}

func (m *model) retry(key string) error {
	r := m.refunds[key]
	if r.state != booking.RefundFailed {
		return booking.ErrRefundNotFailed
	}
	r.state = booking.RefundRequested
	m.tell(fact.RefundRequested)
	return nil
}
