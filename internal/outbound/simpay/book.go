package simpay

import (
	"encoding/binary"
	"fmt"
	"io"
	"sync"
	"time"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/domain/errs"
	"ticketflow/internal/domain/ident"
	"ticketflow/internal/domain/money"
)

const (
	// maxPayments bounds the book: one payment takes about 280 bytes of memory and 220 of journal.
	maxPayments = 500_000
	// maxRefunds bounds the refunds of one payment, which are searched one by one.
	maxRefunds = 256

	transactionBytes = 16
)

// Failures of the book that a caller can see.
var (
	ErrFull = errs.New(errs.Unavailable, "simpay_full",
		"The simulator's book is full. Start it with a new data folder.")
	ErrTooManyRefunds = errs.New(errs.TooMany, "too_many_refunds",
		"This payment has been refunded too many times.")
	ErrExpired = errs.New(errs.Gone, "payment_link_expired",
		"This payment link has expired. Nothing was paid with it.")
	ErrCancelled = errs.New(errs.Gone, "payment_cancelled",
		"The box office has closed this payment. Nothing was paid, and nothing can be.")
)

// entry is one payment that the buyer decided about.
type entry struct {
	key      string
	id       [transactionBytes]byte
	amount   money.Money
	state    payment.State // Paid or Declined
	at       int64         // milliseconds since 1970
	refunded int64         // minor units
	refunds  []*refund
	notice   notice
	// cancelled: closed by the box office. The amount is nothing in no currency if the simulator
	// had never heard of the payment.
	cancelled bool
}

// refund is money given back.
type refund struct {
	key    string
	number int // from 1, in the order of the journal
	amount int64
	at     int64 // milliseconds since 1970
	notice notice
}

// progress is how far the webhook of a change has come.
type progress uint8

const (
	idle         progress = iota // nobody delivers it
	busy                         // somebody delivers it or has it in a queue
	acknowledged                 // the box office has it
	abandoned                    // out of tries until the next start
)

type notice struct {
	progress progress
	done     chan struct{} // made by the first who waits, closed by the acknowledgement
}

// parcel names one webhook: the outcome of a payment, or one refund of it. What it says never
// changes, so it may be read without a lock.
type parcel struct {
	entry  *entry
	refund *refund // nil for the outcome
}

func (p parcel) notice() *notice {
	if p.refund != nil {
		return &p.refund.notice
	}
	return &p.entry.notice
}

func (p parcel) number() int {
	if p.refund != nil {
		return p.refund.number
	}
	return 0
}

// transaction is the public id of the payment.
func (e *entry) transaction() string { return ident.Encode("spy", e.id[:]) }

func (e *entry) refundID(number int) string {
	return fmt.Sprintf("%s_r%d", e.transaction(), number)
}

// statement is a copy of an entry to be shown.
type statement struct {
	Key         string
	Transaction string
	State       payment.State
	Amount      money.Money
	Refunded    int64
	Cancelled   bool
}

func (e *entry) statement() statement {
	s := statement{Key: e.key, Transaction: e.transaction(), State: e.state, Amount: e.amount,
		Refunded: e.refunded, Cancelled: e.cancelled}
	if s.State == payment.Paid && s.Refunded == s.Amount.Minor() {
		s.State = payment.Refunded
	}
	return s
}

// book is what the simulator knows, in memory and in the journal. Safe for concurrent use.
type book struct {
	limit   int
	random  io.Reader
	mu      sync.Mutex
	entries map[string]*entry
	journal *journal
}

// openBook replays the journal at path.
func openBook(path string, random io.Reader) (*book, error) {
	b := &book{limit: maxPayments, random: random, entries: make(map[string]*entry)}
	j, err := openJournal(path, b.replay)
	if err != nil {
		return nil, err
	}
	b.journal = j
	return b, nil
}

// settle records what the buyer decided, once per key: the first decision stands and fresh tells
// whether this was it. The caller of a fresh one has to deliver its webhook.
func (b *book) settle(v invoice, outcome payment.State, now time.Time) (e *entry, fresh bool,
	err error,
) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if e := b.entries[v.Key]; e != nil {
		if e.cancelled {
			return nil, false, ErrCancelled
		}
		if e.amount != v.Amount {
			return nil, false, payment.ErrKeyReused
		}
		return e, false, nil
	}
	if v.expired(now) {
		return nil, false, ErrExpired
	}
	if len(b.entries) >= b.limit {
		return nil, false, ErrFull
	}
	e = &entry{key: v.Key, amount: v.Amount, state: outcome, at: now.UnixMilli(),
		notice: notice{progress: busy}}
	if err := b.draw(e); err != nil {
		return nil, false, err
	}
	kind := byte('C')
	if outcome == payment.Declined {
		kind = 'D'
	}
	l := b.journal.begin(kind)
	l.text(e.key)
	l.text(e.transaction())
	l.number(e.amount.Minor())
	l.text(e.amount.Currency().String())
	l.number(e.at)
	if err := b.journal.commit(l); err != nil {
		return nil, false, err
	}
	b.entries[e.key] = e
	return e, true, nil
}

// giveBack records a refund, once per refund key. The caller of a fresh one has to deliver its
// webhook.
func (b *book) giveBack(key, refundKey string, amount money.Money, now time.Time) (p parcel,
	fresh bool, err error,
) {
	b.mu.Lock()
	defer b.mu.Unlock()
	e := b.entries[key]
	if e == nil {
		return parcel{}, false, payment.ErrNotFound
	}
	if e.cancelled {
		return parcel{}, false, payment.ErrOverRefund
	}
	if amount.IsZero() || amount.Currency() != e.amount.Currency() {
		return parcel{}, false, payment.ErrRejected
	}
	for _, r := range e.refunds {
		if r.key == refundKey {
			if r.amount != amount.Minor() {
				return parcel{}, false, payment.ErrKeyReused
			}
			return parcel{e, r}, false, nil
		}
	}
	if e.state != payment.Paid || amount.Minor() > e.amount.Minor()-e.refunded {
		return parcel{}, false, payment.ErrOverRefund
	}
	if len(e.refunds) >= maxRefunds {
		return parcel{}, false, ErrTooManyRefunds
	}
	r := &refund{key: refundKey, number: len(e.refunds) + 1, amount: amount.Minor(),
		at: now.UnixMilli(), notice: notice{progress: busy}}
	l := b.journal.begin('R')
	l.text(e.key)
	l.text(r.key)
	l.number(r.amount)
	l.number(r.at)
	if err := b.journal.commit(l); err != nil {
		return parcel{}, false, err
	}
	e.refunds = append(e.refunds, r)
	e.refunded += r.amount
	return parcel{e, r}, true, nil
}

// cancel closes a payment that nobody has made, for good, and tells what it is afterwards.
func (b *book) cancel(key string, now time.Time) (statement, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if e := b.entries[key]; e != nil {
		return e.statement(), nil
	}
	if len(b.entries) >= b.limit {
		return statement{}, ErrFull
	}
	// Nobody has to be told: who cancels, knows.
	e := &entry{key: key, state: payment.Declined, at: now.UnixMilli(), cancelled: true,
		notice: notice{progress: acknowledged}}
	if err := b.draw(e); err != nil {
		return statement{}, err
	}
	l := b.journal.begin('X')
	l.text(e.key)
	l.text(e.transaction())
	l.number(e.at)
	if err := b.journal.commit(l); err != nil {
		return statement{}, err
	}
	b.entries[key] = e
	return e.statement(), nil
}

// draw gives an entry its id. Ids grow with time, as those of real gateways often do: who stores
// them, appends.
func (b *book) draw(e *entry) error {
	if _, err := io.ReadFull(b.random, e.id[:]); err != nil {
		return fmt.Errorf("draw a payment id: %w", err)
	}
	binary.BigEndian.PutUint32(e.id[:], uint32(e.at>>10))
	e.id[4] = byte(e.at >> 2)
	return nil
}

// lookUp is what became of a key.
func (b *book) lookUp(key string) (statement, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	e := b.entries[key]
	if e == nil {
		return statement{}, false
	}
	return e.statement(), true
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
	if n.done != nil {
		close(n.done)
		n.done = nil
	}
	l := b.journal.begin('A')
	l.text(p.entry.key)
	l.number(int64(p.number()))
	return b.journal.later(l)
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

// release gives a webhook up for now: to idle, from where claim takes it, or to abandoned.
func (b *book) release(p parcel, to progress) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if n := p.notice(); n.progress == busy {
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
	for _, e := range b.entries {
		if !take(parcel{e, nil}) {
			return parcels, true
		}
		for _, r := range e.refunds {
			if !take(parcel{e, r}) {
				return parcels, true
			}
		}
	}
	return parcels, false
}

// flush writes what the journal has put off.
func (b *book) flush() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.journal.flush()
}

func (b *book) close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.journal.close()
}
