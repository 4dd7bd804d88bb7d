package simpay

import (
	"slices"
	"time"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/domain/errs"
)

// ErrDispute says that a bank can't do this.
var ErrDispute = errs.New(errs.Conflict, "dispute_refused",
	"Only a captured payment can be disputed, not too often, and a dispute is decided once.")

// maxDisputes bounds the disputes of one payment.
const maxDisputes = 16

// contest is a dispute: money that a buyer's bank has taken back. It may return it.
type contest struct {
	number int // from 1, in the order of the journal
	amount int64
	won    bool // it was given back to us
}

// disputeStatement is a copy of a dispute to be shown.
type disputeStatement struct {
	Dispute string
	State   payment.State // Disputed or Declined
	Amount  int64
}

func (d *contest) state() payment.State {
	if d.won {
		return payment.Declined
	}
	return payment.Disputed
}

// taken is what buyers' banks have taken back and not returned, in minor units.
func (e *entry) taken() (sum int64) {
	for _, d := range e.disputes {
		if !d.won {
			sum += d.amount
		}
	}
	return sum
}

// takeBack records that the buyer's bank takes money back: minor units, or all that is left if 0.
// The caller has to deliver the webhook, which tells of the last dispute of the entry. The failures
// are payment.ErrNotFound, ErrDispute and payment.ErrOverRefund.
func (b *book) takeBack(key string, minor int64, now time.Time) (parcel, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	e := b.entries[key]
	switch {
	case e == nil:
		return parcel{}, payment.ErrNotFound
	case e.state != payment.Paid || len(e.disputes) >= maxDisputes:
		return parcel{}, ErrDispute
	case minor == 0:
		minor = e.left()
	}
	if minor < 1 || minor > e.left() {
		return parcel{}, payment.ErrOverRefund
	}
	l := b.journal.begin('B')
	l.text(e.key)
	l.number(minor)
	l.number(now.UnixMilli())
	if err := b.journal.commit(l); err != nil {
		return parcel{}, err
	}
	return e.tell(e.lose(minor, now.UnixMilli())), nil
}

// lose opens a dispute and returns the change that tells of it.
func (e *entry) lose(minor, at int64) *change {
	d := &contest{number: len(e.disputes) + 1, amount: minor}
	e.disputes = append(e.disputes, d)
	return &change{kind: disputeOpened, amount: minor, at: at, dispute: d}
}

// open is a dispute that isn't decided, or nil; the last such one if number is 0.
func (e *entry) open(number int) *contest {
	for _, d := range slices.Backward(e.disputes) {
		if !d.won && (number == 0 || number == d.number) {
			return d
		}
	}
	return nil
}

// winBack records that a dispute was decided for us, the last open one if number is 0. The caller
// has to deliver the webhook. The failures are payment.ErrNotFound and ErrDispute.
func (b *book) winBack(key string, number int, now time.Time) (parcel, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	e := b.entries[key]
	if e == nil {
		return parcel{}, payment.ErrNotFound
	}
	d := e.open(number)
	if d == nil {
		return parcel{}, ErrDispute
	}
	l := b.journal.begin('W')
	l.text(e.key)
	l.number(now.UnixMilli())
	l.number(int64(d.number))
	if err := b.journal.commit(l); err != nil {
		return parcel{}, err
	}
	return e.tell(d.win(now.UnixMilli())), nil
}

// win decides a dispute for us and returns the change that tells of it.
func (d *contest) win(at int64) *change {
	d.won = true
	return &change{kind: disputeDecided, amount: d.amount, at: at, dispute: d}
}

// replayDispute is the change that a line about a dispute tells of, or nil if it doesn't fit. A
// decision of a release that knew one dispute for each payment doesn't name it.
func (e *entry) replayDispute(kind byte, fields [][]byte) *change {
	switch {
	case kind == 'B' && len(fields) == 3 && len(e.disputes) < maxDisputes:
		if minor := number(fields[1]); minor > 0 && minor <= e.left() {
			return e.lose(minor, number(fields[2]))
		}
	case kind == 'W' && (len(fields) == 2 || len(fields) == 3):
		which := int64(1)
		if len(fields) == 3 {
			which = number(fields[2])
		}
		if which < 1 || which > int64(len(e.disputes)) {
			return nil
		}
		if d := e.open(int(which)); d != nil {
			return d.win(number(fields[1]))
		}
	}
	return nil
}
