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
	case (kind == 'C' || kind == 'D') && len(fields) == 5:
		return b.replayOutcome(kind, fields)
	case kind == 'R' && len(fields) == 4:
		return b.replayRefund(fields)
	case kind == 'X' && len(fields) == 3:
		return b.replayCancellation(fields)
	case kind == 'A' && len(fields) == 2:
		return b.replayAcknowledgement(fields)
	}
	return errLine
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
	e := &entry{key: string(fields[0]), amount: amount, state: payment.Paid, at: number(fields[4])}
	if kind == 'D' {
		e.state = payment.Declined
	}
	if err := ident.Decode("spy", string(fields[1]), e.id[:]); err != nil {
		return err
	}
	if !validKey(e.key) || e.at < 0 || b.entries[e.key] != nil {
		return errLine
	}
	b.entries[e.key] = e
	return nil
}

func (b *book) replayCancellation(fields [][]byte) error {
	e := &entry{key: string(fields[0]), state: payment.Declined, at: number(fields[2]),
		cancelled: true, notice: notice{progress: acknowledged}}
	if err := ident.Decode("spy", string(fields[1]), e.id[:]); err != nil {
		return err
	}
	if !validKey(e.key) || e.at < 0 || b.entries[e.key] != nil {
		return errLine
	}
	b.entries[e.key] = e
	return nil
}

func (b *book) replayRefund(fields [][]byte) error {
	e := b.entries[string(fields[0])]
	r := &refund{key: string(fields[1]), amount: number(fields[2]), at: number(fields[3])}
	if e == nil || e.state != payment.Paid || !validKey(r.key) || r.at < 0 || r.amount <= 0 ||
		r.amount > e.amount.Minor()-e.refunded || len(e.refunds) >= maxRefunds {
		return errLine
	}
	e.refunds = append(e.refunds, r)
	e.refunded += r.amount
	r.number = len(e.refunds)
	return nil
}

func (b *book) replayAcknowledgement(fields [][]byte) error {
	e := b.entries[string(fields[0])]
	n := number(fields[1])
	switch {
	case e == nil || n < 0 || n > int64(len(e.refunds)):
		return errLine
	case n == 0:
		e.notice.progress = acknowledged
	default:
		e.refunds[n-1].notice.progress = acknowledged
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
