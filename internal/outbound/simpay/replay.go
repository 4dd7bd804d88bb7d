package simpay

import (
	"errors"
	"strconv"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/domain/ident"
	"ticketflow/internal/domain/money"
)

var errLine = errors.New("the line doesn't fit those before it")

// replay applies one line of the journal to a book that nobody else uses yet.
func (b *book) replay(kind byte, fields [][]byte) error {
	switch {
	case (kind == 'C' || kind == 'D' || kind == 'P') && len(fields) == 5:
		return b.replayOutcome(kind, fields)
	case kind == 'X' && len(fields) == 3:
		return b.replayCancellation(fields)
	}
	e := b.entries[string(fields[0])] // a whole line has a field
	if e == nil {
		return errLine
	}
	if kind == 'A' && len(fields) == 2 {
		return e.replayAcknowledgement(fields)
	}
	c := e.replayChange(kind, fields)
	if c == nil || c.at < 0 {
		return errLine
	}
	e.tell(c)
	c.notice.progress = idle
	return nil
}

func (b *book) replayOutcome(kind byte, fields [][]byte) error {
	currency, err := money.ParseCurrency(string(fields[3]))
	if err != nil {
		return err
	}
	amount, err := money.New(number(fields[2]), currency)
	if err != nil {
		return err
	}
	e := &entry{key: string(fields[0]), amount: amount, opened: payment.Paid, at: number(fields[4])}
	switch kind {
	case 'D':
		e.opened = payment.Declined
	case 'P':
		e.opened = payment.Pending
	}
	e.state = e.opened
	return b.replayEntry(e, fields[1])
}

func (b *book) replayEntry(e *entry, id []byte) error {
	if err := ident.Decode("spy", string(id), e.id[:]); err != nil {
		return err
	}
	if !validKey(e.key) || e.at < 0 || b.entries[e.key] != nil {
		return errLine
	}
	b.add(e)
	return nil
}

func (b *book) replayCancellation(fields [][]byte) error {
	if e := b.entries[string(fields[0])]; e != nil {
		if e.state != payment.Pending || e.transaction() != string(fields[1]) {
			return errLine
		}
		e.state, e.cancelled = payment.Declined, true
		return nil
	}
	return b.replayEntry(&entry{key: string(fields[0]), opened: payment.Declined,
		state: payment.Declined, at: number(fields[2]), cancelled: true,
		notice: notice{progress: acknowledged}}, fields[1])
}

// replayChange is the change that a line tells of, or nil if it doesn't fit.
func (e *entry) replayChange(kind byte, fields [][]byte) *change {
	switch {
	case (kind == 'Y' || kind == 'N') && len(fields) == 2 && e.state == payment.Pending:
		c := &change{kind: paymentSucceeded, amount: e.amount.Minor(), at: number(fields[1])}
		e.state = payment.Paid
		if kind == 'N' {
			c.kind, e.state = paymentDeclined, payment.Declined
		}
		return c
	case (kind == 'R' || kind == 'E') && len(fields) == 4:
		r := &refund{key: string(fields[1]), amount: number(fields[2]), at: number(fields[3]),
			state: payment.Refunded}
		if kind == 'E' {
			r.state = payment.Declined
		}
		return e.replayRefund(r)
	case kind == 'Q' && len(fields) == 6:
		r := &refund{key: string(fields[1]), amount: number(fields[2]), at: number(fields[3]),
			state: payment.Pending, due: number(fields[4]), fails: number(fields[5]) == 1}
		if r.due < 0 {
			return nil
		}
		return e.replayRefund(r)
	case (kind == 'S' || kind == 'U') && len(fields) == 3:
		n := number(fields[1])
		if n < 1 || n > int64(len(e.refunds)) || e.refunds[n-1].state != payment.Pending {
			return nil
		}
		return e.settle(e.refunds[n-1], kind == 'U', number(fields[2]))
	case kind == 'B' || kind == 'W':
		return e.replayDispute(kind, fields)
	}
	return nil
}

func (e *entry) replayRefund(r *refund) *change {
	if r.key != "" && !validKey(r.key) || r.at < 0 || r.amount <= 0 || r.amount > e.left() ||
		len(e.refunds) >= maxRefunds {
		return nil
	}
	return e.refund(r)
}

func (e *entry) replayAcknowledgement(fields [][]byte) error {
	n := number(fields[1])
	switch {
	case n < 0 || n > int64(len(e.changes)):
		return errLine
	case n == 0:
		e.notice.progress = acknowledged
	default:
		e.changes[n-1].notice.progress = acknowledged
	}
	return nil
}

// number reads what journal lines write; -1 is no number of theirs.
func number(text []byte) int64 {
	n, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil || n < 0 {
		return -1
	}
	return n
}
