package simpay

import (
	"time"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/domain/errs"
	"ticketflow/internal/domain/money"
)

// ErrSettled says that an operator can't settle a refund at the gateway's side.
var ErrSettled = errs.New(errs.Conflict, "refund_settled",
	"There is no such refund, or it is settled already.")

// refund is money that is given back, will be, or could not be.
type refund struct {
	key    string // of the box office; empty for one that was made at the gateway's side
	number int    // from 1, in the order of the journal
	amount int64
	at     int64         // milliseconds since 1970
	state  payment.State // Pending, Refunded or Declined
	due    int64         // milliseconds since 1970 when a pending one is settled; 0 by hand only
	fails  bool          // how it is settled then
}

// refundStatement is a copy of a refund to be shown.
type refundStatement struct {
	Refund      string
	RefundKey   string
	Transaction string
	State       payment.State
	Amount      money.Money
}

func (r *refund) statement(e *entry) refundStatement {
	amount, err := money.New(r.amount, e.amount.Currency())
	if err != nil { // never: it is no more than was paid
		amount = money.Money{}
	}
	return refundStatement{Refund: e.refundID(r.number), RefundKey: r.key,
		Transaction: e.transaction(), State: r.state, Amount: amount}
}

// giveBack records a refund, once per refund key; an empty key is one of the gateway's side, and
// an amount of nothing then is all that is left. The caller of a fresh one has to deliver its
// webhook.
func (b *book) giveBack(key, refundKey string, amount money.Money, plan refundPlan, now time.Time) (
	p parcel, st refundStatement, fresh bool, err error,
) {
	b.mu.Lock()
	defer b.mu.Unlock()
	e, minor, err := b.refundable(key, refundKey, amount)
	if err != nil {
		return parcel{}, refundStatement{}, false, err
	}
	for _, r := range e.refunds {
		if refundKey != "" && r.key == refundKey {
			if r.amount != minor {
				return parcel{}, refundStatement{}, false, payment.ErrKeyReused
			}
			return parcel{}, r.statement(e), false, nil
		}
	}
	if minor > e.left() || minor == 0 {
		return parcel{}, refundStatement{}, false, payment.ErrOverRefund
	}
	if len(e.refunds) >= maxRefunds {
		return parcel{}, refundStatement{}, false, ErrTooManyRefunds
	}
	r := &refund{key: refundKey, amount: minor, at: now.UnixMilli(), fails: plan.fails}
	record := byte('R')
	switch {
	case plan.pending:
		record, r.state = 'Q', payment.Pending
		if plan.wait > 0 {
			r.due = now.Add(plan.wait).UnixMilli()
		}
	case plan.fails:
		record, r.state = 'E', payment.Declined
	default:
		r.state = payment.Refunded
	}
	l := b.journal.begin(record)
	l.text(e.key)
	l.text(r.key)
	l.number(r.amount)
	l.number(r.at)
	if plan.pending {
		l.number(r.due)
		l.number(truth(r.fails))
	}
	if err := b.journal.commit(l); err != nil {
		return parcel{}, refundStatement{}, false, err
	}
	return e.tell(e.refund(r)), r.statement(e), true, nil
}

// refundable finds the payment that a refund is asked of, and the amount in minor units.
func (b *book) refundable(key, refundKey string, amount money.Money) (*entry, int64, error) {
	e := b.entries[key]
	switch {
	case e == nil:
		return nil, 0, payment.ErrNotFound
	case e.state != payment.Paid:
		return nil, 0, payment.ErrOverRefund
	case refundKey == "" && amount == money.Money{}:
		return e, e.left(), nil
	case amount.IsZero() || amount.Currency() != e.amount.Currency():
		return nil, 0, payment.ErrRejected
	}
	return e, amount.Minor(), nil
}

func truth(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}

// refund adds a refund and returns the change that tells of it.
func (e *entry) refund(r *refund) *change {
	e.refunds = append(e.refunds, r)
	r.number = len(e.refunds)
	c := &change{amount: r.amount, at: r.at, refund: r}
	switch r.state {
	case payment.Pending:
		c.kind = refundWaits
		e.reserved += r.amount
	case payment.Declined:
		c.kind = refundFailed
	default:
		c.kind = refundSucceeded
		e.refunded += r.amount
	}
	return c
}

// settleRefund ends a pending refund: it is done, or fails. The caller has to deliver the webhook.
// The failure is ErrSettled.
func (b *book) settleRefund(key string, number int, fails bool, now time.Time) (parcel, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	e := b.entries[key]
	if e == nil || number < 1 || number > len(e.refunds) ||
		e.refunds[number-1].state != payment.Pending {
		return parcel{}, ErrSettled
	}
	record := byte('S')
	if fails {
		record = 'U'
	}
	l := b.journal.begin(record)
	l.text(e.key)
	l.number(int64(number))
	l.number(now.UnixMilli())
	if err := b.journal.commit(l); err != nil {
		return parcel{}, err
	}
	return e.tell(e.settle(e.refunds[number-1], fails, now.UnixMilli())), nil
}

// settle ends a pending refund and returns the change that tells of it.
func (e *entry) settle(r *refund, fails bool, at int64) *change {
	e.reserved -= r.amount
	if fails {
		r.state = payment.Declined
		return &change{kind: refundFailed, amount: r.amount, at: at, refund: r}
	}
	r.state = payment.Refunded
	e.refunded += r.amount
	return &change{kind: refundSucceeded, amount: r.amount, at: at, refund: r}
}

// pendingRefund is one that is settled by itself when its time has come.
type pendingRefund struct {
	key    string
	number int
	fails  bool
	due    time.Time
}

// pendingRefund is the refund that a webhook tells of, if it is settled by itself; nothing if not.
func (b *book) pendingRefund(p parcel) (r pendingRefund) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if f := p.change.refund; f.state == payment.Pending && f.due > 0 {
		r = pendingRefund{p.entry.key, f.number, f.fails, time.UnixMilli(f.due)}
	}
	return r
}

// pendingRefunds are those that are settled by themselves.
func (b *book) pendingRefunds() (waiting []pendingRefund) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.order {
		for _, r := range e.refunds {
			if r.state == payment.Pending && r.due > 0 {
				waiting = append(waiting, pendingRefund{e.key, r.number, r.fails,
					time.UnixMilli(r.due)})
			}
		}
	}
	return waiting
}
