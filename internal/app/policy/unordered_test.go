package policy_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"testing"
	"time"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/app/policy"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/money"
)

// bank is a gateway with one payment. It keeps a true book, and all messages that it has for us.
type bank struct {
	payment.Gateway // of the rest nothing is wanted

	chance   *rand.Rand
	paid     payment.Notice
	refunds  []payment.RefundStatus
	disputes []payment.DisputeStatus
	messages []payment.Notice
}

func euros(minor int64) money.Money {
	m, err := money.New(minor, money.Currency{'E', 'U', 'R'})
	if err != nil {
		panic(err)
	}
	return m
}

// left is what can still go back.
func (b *bank) left() int64 {
	left := b.paid.Amount.Minor()
	for _, d := range b.disputes {
		if d.State == payment.Disputed {
			left -= d.Amount.Minor()
		}
	}
	for _, r := range b.refunds {
		if r.State != payment.Declined {
			left -= r.Amount.Minor()
		}
	}
	return left
}

// tell adds a message, which may come at any time, or never.
func (b *bank) tell(subject payment.Subject, state payment.State, refund, key string, minor int64) {
	n := b.paid
	n.NoticeID = fmt.Sprint("m", len(b.messages))
	n.Subject, n.State, n.Refund, n.RefundKey = subject, state, refund, key
	n.Amount = euros(minor)
	b.messages = append(b.messages, n)
}

// giveBack makes a refund, which may be pending, or fail.
func (b *bank) giveBack(key string, minor int64, state payment.State) payment.RefundStatus {
	r := payment.RefundStatus{RefundKey: key, Refund: fmt.Sprint("back-", len(b.refunds)),
		Transaction: b.paid.Transaction, State: state, Amount: euros(minor)}
	b.refunds = append(b.refunds, r)
	b.tell(payment.OfRefund, state, r.Refund, key, minor)
	return r
}

func (b *bank) Refund(
	_ context.Context, _, refundKey string, amount money.Money,
) (payment.RefundStatus, error) {
	for _, r := range b.refunds {
		if r.RefundKey == refundKey {
			return r, nil
		}
	}
	if amount.Minor() > b.left() {
		return payment.RefundStatus{}, payment.ErrOverRefund
	}
	r := b.giveBack(refundKey, amount.Minor(), []payment.State{payment.Refunded,
		payment.Refunded, payment.Pending, payment.Declined}[b.chance.IntN(4)])
	if b.chance.IntN(5) == 0 {
		return payment.RefundStatus{}, payment.ErrUnknownOutcome
	}
	return r, nil
}

// Payments is its book.
func (b *bank) Payments(context.Context, string, int) ([]payment.Status, string, error) {
	return []payment.Status{b.status()}, "", nil
}

func (b *bank) status() payment.Status {
	st := payment.Status{Key: b.paid.Key, Transaction: b.paid.Transaction, State: payment.Paid,
		Amount: b.paid.Amount, Refunds: b.refunds, Disputes: b.disputes}
	for _, r := range b.refunds {
		if r.State == payment.Refunded {
			st.Refunded, _ = st.Refunded.Add(r.Amount)
		}
	}
	for _, d := range b.disputes {
		if d.State == payment.Disputed {
			st.State = payment.Disputed
			st.Disputed, _ = st.Disputed.Add(d.Amount)
		}
	}
	return st
}

// happen lets something happen at the gateway's side.
func (b *bank) happen() {
	some := b.left() // all of it, or a part
	if some > 1 && b.chance.IntN(2) == 0 {
		some = 1 + b.chance.Int64N(some-1)
	}
	switch b.chance.IntN(5) {
	case 0:
		if some > 0 {
			b.giveBack("", some, payment.Refunded)
		}
	case 1:
		if some > 0 {
			d := payment.DisputeStatus{Dispute: fmt.Sprint("d-", len(b.disputes)),
				State: payment.Disputed, Amount: euros(some)}
			b.disputes = append(b.disputes, d)
			b.tell(payment.OfDispute, d.State, d.Dispute, "", some)
		}
	case 2:
		if len(b.disputes) == 0 {
			return
		}
		d := &b.disputes[b.chance.IntN(len(b.disputes))]
		if d.State == payment.Disputed {
			d.State = payment.Declined
			b.tell(payment.OfDispute, d.State, d.Dispute, "", d.Amount.Minor())
		}
	default:
		b.settle()
	}
}

// settle ends the refunds that are pending.
func (b *bank) settle() {
	for i := range b.refunds {
		if r := &b.refunds[i]; r.State == payment.Pending {
			r.State = []payment.State{payment.Refunded, payment.Declined}[b.chance.IntN(2)]
			b.tell(payment.OfRefund, r.State, r.Refund, r.RefundKey, r.Amount.Minor())
		}
	}
}

// TestBooksMeetWhateverIsHeardOfWhen lets both sides give one payment back in every way, while
// messages come in any order, more than once or never. In the end, after what an operator does,
// nothing is left over.
func TestBooksMeetWhateverIsHeardOfWhen(t *testing.T) {
	const payments = 60
	h := open(t)
	for n := range payments {
		b := &bank{chance: rand.New(rand.NewPCG(20_261_123, uint64(n)))}
		name := fmt.Sprint("bank-", n) // whose book has nothing else
		providers, err := payment.NewProviders(name, map[string]payment.Gateway{name: b})
		h.check(err)
		h.cashier = policy.NewCashier(h.office, providers, h.store, h.store, h.now,
			slog.New(slog.DiscardHandler))
		id := h.order(n + 1)
		b.paid = h.news(id, payment.Paid, housePrice)
		b.paid.Provider = name
		h.take(b.paid)
		h.disorder(b, id)
		b.settle()
		left := h.operated(b)
		for tries := 0; left != "" && tries < 10; tries++ {
			left = h.operated(b)
		}
		if left != "" {
			t.Fatalf("payment %d: %s\nat the gateway %+v", n, left, b.status())
		}
	}
}

// disorder lets things happen to an order's payment on both sides.
func (h *house) disorder(b *bank, id booking.OrderID) {
	h.Helper()
	for range 12 {
		switch b.chance.IntN(6) {
		case 0:
			h.check(h.office.CancelOrder(h.Context(), id))
		case 1:
			h.refundsOf(b)
		case 2, 3:
			b.happen()
		default:
			if n := len(b.messages); n > 0 {
				h.take(b.messages[b.chance.IntN(n)])
			}
		}
	}
}

// refundsOf has the cashier ask for what was requested, whatever the answer is.
func (h *house) refundsOf(b *bank) (open []booking.Refund) {
	h.Helper()
	_, refunds, err := h.store.Payment(h.Context(), b.paid.Provider, b.paid.Transaction)
	h.check(err)
	for _, r := range refunds {
		if r.State == booking.RefundRequested {
			_ = h.cashier.Refund(h.Context(), r.Ref)
		}
		if r.State == booking.RefundRequested || r.State == booking.RefundFailed {
			open = append(open, r)
		}
	}
	return open
}

// operated does what an operator does, with what goes on by itself, and says what is left over.
func (h *house) operated(b *bank) string {
	h.Helper()
	for _, r := range h.refundsOf(b) {
		if r.State == booking.RefundFailed {
			h.check(h.office.RetryRefund(h.Context(), r.Ref))
		}
	}
	open := h.refundsOf(b)
	b.settle()
	h.check(h.cashier.Chase(h.Context()))
	kept, err := h.store.KeptNotices(h.Context(), time.Time{}, 10)
	h.check(err)
	books, err := h.cashier.Reconcile(h.Context(), b.paid.Provider)
	h.check(err)
	if len(kept)+len(open) == 0 && books.Equal && books.Repaired == 0 {
		return ""
	}
	return fmt.Sprintf("kept %+v\nopen %+v\n%+v", kept, open, books)
}
