package simpay

import "ticketflow/internal/app/payment"

// progress is how far the webhook of a change has come.
type progress uint8

const (
	idle         progress = iota // nobody delivers it
	busy                         // somebody delivers it or has it in a queue
	parked                       // as busy, but not soon: nobody waits for it
	acknowledged                 // the box office has it, or never will
	abandoned                    // out of tries until the next start
)

type notice struct {
	progress progress
	done     chan struct{} // made by the first who waits, closed by the acknowledgement
}

// wakeAll ends the waiting for a webhook.
func (n *notice) wakeAll() {
	if n.done != nil {
		close(n.done)
		n.done = nil
	}
}

// noticeKind is what a webhook says.
type noticeKind uint8

const (
	paymentSucceeded noticeKind = iota
	paymentDeclined
	paymentPending
	refundSucceeded
	refundWaits
	refundFailed
	disputeOpened
	disputeDecided
	numberOfKinds
)

// noticeText is how a webhook says it.
type noticeText struct {
	name    string
	subject payment.Subject
	state   payment.State
}

var noticeKinds = [numberOfKinds]noticeText{
	paymentSucceeded: {"payment.succeeded", payment.OfPayment, payment.Paid},
	paymentDeclined:  {"payment.declined", payment.OfPayment, payment.Declined},
	paymentPending:   {"payment.pending", payment.OfPayment, payment.Pending},
	refundSucceeded:  {"refund.succeeded", payment.OfRefund, payment.Refunded},
	refundWaits:      {"refund.pending", payment.OfRefund, payment.Pending},
	refundFailed:     {"refund.failed", payment.OfRefund, payment.Declined},
	disputeOpened:    {"dispute.opened", payment.OfDispute, payment.Disputed},
	disputeDecided:   {"dispute.won", payment.OfDispute, payment.Declined},
}

// change is what the box office is told of after the first decision. Only its notice changes.
type change struct {
	number int // from 1, in the order of the journal
	kind   noticeKind
	amount int64
	at     int64 // milliseconds since 1970
	notice notice
	// What it is about, if that isn't the payment.
	refund  *refund
	dispute *contest
}

// parcel names one webhook. What it says never changes, so it may be read without a lock.
type parcel struct {
	entry  *entry
	change *change // nil for what the payment was first
}

func (p parcel) notice() *notice {
	if p.change != nil {
		return &p.change.notice
	}
	return &p.entry.notice
}

func (p parcel) number() int {
	if p.change != nil {
		return p.change.number
	}
	return 0
}

func (p parcel) kind() noticeKind {
	switch {
	case p.change != nil:
		return p.change.kind
	case p.entry.opened == payment.Paid:
		return paymentSucceeded
	case p.entry.opened == payment.Pending:
		return paymentPending
	default:
		return paymentDeclined
	}
}

// tell adds a change whose webhook the caller delivers.
func (e *entry) tell(c *change) parcel {
	c.number = len(e.changes) + 1
	c.notice.progress = busy
	e.changes = append(e.changes, c)
	return parcel{e, c}
}

// acknowledge notes that the box office has the webhook and wakes who waits for that.
func (b *book) acknowledge(p parcel) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := p.notice()
	if n.progress == acknowledged {
		return nil
	}
	n.progress = acknowledged
	n.wakeAll()
	return b.journal.later(b.acknowledgement(p))
}

// lose notes, at once, that a webhook is never delivered.
func (b *book) lose(p parcel) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := p.notice()
	n.progress = acknowledged
	n.wakeAll()
	return b.journal.commit(b.acknowledgement(p))
}

func (b *book) acknowledgement(p parcel) line {
	l := b.journal.begin('A')
	l.text(p.entry.key)
	l.number(int64(p.number()))
	return l
}

// awaited is closed once the webhook is acknowledged; nil if there is nothing to wait for.
func (b *book) awaited(p parcel) <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := p.notice()
	if n.progress != busy {
		return nil
	}
	if n.done == nil {
		n.done = make(chan struct{})
	}
	return n.done
}

// park says that a webhook will be late: who waits for it goes on.
func (b *book) park(p parcel) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if n := p.notice(); n.progress == busy {
		n.progress = parked
		n.wakeAll()
	}
}

// unpark says that a webhook is on its way now.
func (b *book) unpark(p parcel) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if n := p.notice(); n.progress == parked {
		n.progress = busy
	}
}

// release gives a webhook up for now: to idle, from where claim takes it, or to abandoned.
func (b *book) release(p parcel, to progress) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if n := p.notice(); n.progress == busy || n.progress == parked {
		n.progress = to
	}
}

// claim takes at most limit idle webhooks to deliver and tells whether there are more.
func (b *book) claim(limit int) (parcels []parcel, more bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	take := func(p parcel) bool {
		if n := p.notice(); n.progress == idle {
			if len(parcels) == limit {
				return false
			}
			n.progress = busy
			parcels = append(parcels, p)
		}
		return true
	}
	for _, e := range b.order {
		if !take(parcel{e, nil}) {
			return parcels, true
		}
		for _, c := range e.changes {
			if !take(parcel{e, c}) {
				return parcels, true
			}
		}
	}
	return parcels, false
}
