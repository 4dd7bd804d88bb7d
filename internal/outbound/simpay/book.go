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
	// maxPayments bounds the book: one payment takes about 350 bytes of memory and 220 of journal.
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

// entry is one payment that the buyer decided about, or that the box office closed.
type entry struct {
	key    string
	id     [transactionBytes]byte
	amount money.Money   // nothing in no currency if it was closed before anybody told an amount
	opened payment.State // Pending, Paid or Declined, as it was first; never changes
	state  payment.State // the same, as it is now
	// cancelled: Declined, because the box office closed it.
	cancelled bool
	at        int64  // milliseconds since 1970
	notice    notice // of what it was first

	refunds  []*refund
	disputes []*contest
	changes  []*change // in the order of the journal, after the first
	refunded int64     // minor units that were returned
	reserved int64     // minor units of refunds that are pending
}

// left is what can still be returned, in minor units.
func (e *entry) left() int64 {
	if e.state != payment.Paid {
		return 0
	}
	return e.amount.Minor() - e.refunded - e.reserved - e.taken()
}

// transaction is the public id of the payment.
func (e *entry) transaction() string { return ident.Encode("spy", e.id[:]) }

func (e *entry) refundID(number int) string {
	return fmt.Sprintf("%s_r%d", e.transaction(), number)
}

func (e *entry) disputeID(number int) string {
	return fmt.Sprintf("%s_d%d", e.transaction(), number)
}

// statement is a copy of an entry to be shown.
type statement struct {
	Key         string
	Transaction string
	State       payment.State
	Amount      money.Money
	Refunded    int64
	Disputed    int64
	Cancelled   bool
	Refunds     []refundStatement
	Disputes    []disputeStatement
}

func (e *entry) statement() statement {
	s := statement{Key: e.key, Transaction: e.transaction(), State: e.state, Amount: e.amount,
		Refunded: e.refunded, Disputed: e.taken(), Cancelled: e.cancelled}
	switch {
	case e.state != payment.Paid:
	case s.Disputed > 0:
		s.State = payment.Disputed
	case s.Refunded == s.Amount.Minor():
		s.State = payment.Refunded
	}
	for _, r := range e.refunds {
		s.Refunds = append(s.Refunds, r.statement(e))
	}
	for _, d := range e.disputes {
		s.Disputes = append(s.Disputes,
			disputeStatement{e.disputeID(d.number), d.state(), d.amount})
	}
	return s
}

// book is what the simulator knows, in memory and in the journal. Safe for concurrent use.
type book struct {
	limit   int
	random  io.Reader
	mu      sync.Mutex
	entries map[string]*entry
	order   []*entry // as they came
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

func (b *book) add(e *entry) {
	b.entries[e.key] = e
	b.order = append(b.order, e)
}

// settle records what the buyer decided, once per key: the first decision stands, state is what it
// has become, and fresh tells whether this was it. The caller of a fresh one has to deliver its
// webhook. A Pending one waits for finish.
func (b *book) settle(v invoice, outcome payment.State, now time.Time) (e *entry,
	state payment.State, fresh bool, err error,
) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if e := b.entries[v.Key]; e != nil {
		if e.cancelled {
			return nil, payment.Unknown, false, ErrCancelled
		}
		if e.amount != v.Amount {
			return nil, payment.Unknown, false, payment.ErrKeyReused
		}
		return e, e.state, false, nil
	}
	if v.expired(now) {
		return nil, payment.Unknown, false, ErrExpired
	}
	if len(b.entries) >= b.limit {
		return nil, payment.Unknown, false, ErrFull
	}
	e = &entry{key: v.Key, amount: v.Amount, opened: outcome, state: outcome, at: now.UnixMilli(),
		notice: notice{progress: busy}}
	if err := b.draw(e); err != nil {
		return nil, payment.Unknown, false, err
	}
	kind := byte('C')
	switch outcome {
	case payment.Declined:
		kind = 'D'
	case payment.Pending:
		kind = 'P'
	default:
	}
	l := b.journal.begin(kind)
	l.text(e.key)
	l.text(e.transaction())
	l.number(e.amount.Minor())
	l.text(e.amount.Currency().String())
	l.number(e.at)
	if err := b.journal.commit(l); err != nil {
		return nil, payment.Unknown, false, err
	}
	b.add(e)
	return e, outcome, true, nil
}

// finish records the buyer's second step. The first one stands, as with settle; the webhook is the
// last one of the payment.
func (b *book) finish(v invoice, outcome payment.State, now time.Time) (p parcel,
	state payment.State, fresh bool, err error,
) {
	b.mu.Lock()
	defer b.mu.Unlock()
	e := b.entries[v.Key]
	switch {
	case e == nil:
		return parcel{}, payment.Unknown, false, payment.ErrNotFound
	case e.cancelled:
		return parcel{}, payment.Unknown, false, ErrCancelled
	case e.amount != v.Amount:
		return parcel{}, payment.Unknown, false, payment.ErrKeyReused
	case e.state != payment.Pending:
		return parcel{entry: e}, e.state, false, nil
	}
	record, kind := byte('Y'), paymentSucceeded
	if outcome == payment.Declined {
		record, kind = 'N', paymentDeclined
	}
	c := &change{kind: kind, amount: e.amount.Minor(), at: now.UnixMilli()}
	l := b.journal.begin(record)
	l.text(e.key)
	l.number(c.at)
	if err := b.journal.commit(l); err != nil {
		return parcel{}, payment.Unknown, false, err
	}
	e.state = outcome
	return e.tell(c), outcome, true, nil
}

// cancel closes a payment that isn't made, for good, and tells what it is afterwards.
func (b *book) cancel(key string, now time.Time) (statement, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	e := b.entries[key]
	if e != nil && e.state != payment.Pending {
		return e.statement(), nil
	}
	fresh := e == nil
	if fresh {
		if len(b.entries) >= b.limit {
			return statement{}, ErrFull
		}
		// Nobody has to be told: who cancels, knows.
		e = &entry{key: key, opened: payment.Declined, at: now.UnixMilli(),
			notice: notice{progress: acknowledged}}
		if err := b.draw(e); err != nil {
			return statement{}, err
		}
	}
	l := b.journal.begin('X')
	l.text(e.key)
	l.text(e.transaction())
	l.number(now.UnixMilli())
	if err := b.journal.commit(l); err != nil {
		return statement{}, err
	}
	if fresh {
		b.add(e)
	}
	e.state, e.cancelled = payment.Declined, true
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

// page is the payments that were captured or are pending, as they came, from a position on, and the
// position where the next page begins; -1 if there is none. Refunds and disputes count towards the
// limit, too, but the first payment is always shown.
func (b *book) page(from, limit int) (page []statement, next int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for at := from; at < len(b.order); at++ {
		e := b.order[at]
		if e.state == payment.Declined {
			continue
		}
		limit -= 1 + len(e.refunds) + len(e.disputes)
		if limit < 0 && len(page) > 0 {
			return page, at
		}
		page = append(page, e.statement())
	}
	return page, -1
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
