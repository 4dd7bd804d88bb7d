package simpay

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/app/stdwebhook"
	"ticketflow/internal/domain/money"
	"ticketflow/internal/outbound/contract"
)

// TestSabotagedAdaptersFail: each way to be wrong about money turns the suite red, and in the case
// that is about it.
func TestSabotagedAdaptersFail(t *testing.T) {
	type sabotage struct {
		name  string
		spoil func(*saboteur)
		red   string // the case that must notice
	}
	for _, tt := range []sabotage{
		{"charges twice per key", (*saboteur).chargeTwice, "paying/the same request again"},
		{"charges twice at once", (*saboteur).chargeTwice,
			"paying/many pages of one attempt at once"},
		{"tells unknown as declined", (*saboteur).unknownIsDeclined, "lost answers/of a question"},
		{"tells what nobody has paid as declined", (*saboteur).unknownIsDeclined,
			"paying/nobody has paid"},
		{"forgets to cancel", (*saboteur).forgetCancel, "cancelling/before anybody pays"},
		{"forgets it in a race", (*saboteur).forgetCancel, "cancelling/while it is being paid"},
		{"cancels what is paid", (*saboteur).cancelPaid, "cancelling/what is paid"},
		{"refunds more than it has", (*saboteur).refundTooMuch, "refunds/more than was captured"},
		{"refunds more at once", (*saboteur).refundTooMuch, "refunds/many at once"},
		{"refunds twice per key", (*saboteur).refundTwice, "refunds/the same key again"},
		{"repeats a lost refund", (*saboteur).refundTwice, "lost answers/of a refund"},
		{"tells a pending refund as done", (*saboteur).refundAtOnce, "refunds/one that waits"},
		{"tells a lost refund as refused", (*saboteur).unknownIsRefused,
			"lost answers/of a refund"},
		{"accepts a wrong signature", (*saboteur).believeAll, "notices/forged"},
		{"accepts an old notice", (*saboteur).believeOld, "notices/forged"},
		{"gives notices no id", (*saboteur).sameNotice, "notices/of a payment"},
		{"hides what staff refund", (*saboteur).hideStaff, "other side/staff refund"},
		{"hides a dispute", (*saboteur).hideDispute,
			"other side/the buyer's bank takes it back"},
		{"leaves out the last page", (*saboteur).shortBook, "other side/the book"},
		{"has no failures of ours", (*saboteur).foreignFailures,
			"refunds/a key of another amount"},
		{"leaves out a case for no reason", (*saboteur).leaveOut, "paying/a second step"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			said := contract.RecordGateway(tt.red, func(ct contract.T) *contract.Till {
				till := openTill(ct)
				s := &saboteur{Gateway: till.Gateway.(*Gateway), bank: till.Bank.(*bank)}
				tt.spoil(s)
				till.Gateway, till.Book, till.Lacks = s, s, s.lacks
				return till
			})
			if said[tt.red] == "" {
				t.Errorf("%s didn't notice; red: %v", tt.red, slices.Sorted(maps.Keys(said)))
			}
			t.Logf("%.200s", said[tt.red])
		})
	}
}

func (s *saboteur) chargeTwice() {
	s.begin = func(s *saboteur, ctx context.Context, r payment.Request) (payment.Page, error) {
		if n := s.count.Add(1); n > 1 && r.Key != "" {
			r.Key = fmt.Sprintf("%s-%d", r.Key, n)
		}
		return s.Gateway.Begin(ctx, r)
	}
}

func (s *saboteur) unknownIsDeclined() {
	s.lookUp = func(s *saboteur, ctx context.Context, key string) (payment.Status, error) {
		st, err := s.Gateway.LookUp(ctx, key)
		if errors.Is(err, payment.ErrUnknownOutcome) || errors.Is(err, payment.ErrNotFound) {
			return payment.Status{Key: key, State: payment.Declined}, nil
		}
		return st, err
	}
}

func (s *saboteur) leaveOut() { s.lacks = map[contract.Power]string{contract.SecondStep: ""} }

func (s *saboteur) forgetCancel() {
	s.cancel = func(s *saboteur, ctx context.Context, key string) (payment.Status, error) {
		st, err := s.Gateway.LookUp(ctx, key)
		if errors.Is(err, payment.ErrNotFound) {
			return payment.Status{Key: key, State: payment.Declined}, nil
		}
		return st, err
	}
}

func (s *saboteur) cancelPaid() {
	s.cancel = func(s *saboteur, ctx context.Context, key string) (payment.Status, error) {
		_, err := s.Gateway.Cancel(ctx, key)
		return payment.Status{Key: key, State: payment.Declined}, err
	}
}

func (s *saboteur) refundTooMuch() {
	s.refund = func(s *saboteur, ctx context.Context, key, refundKey string, amount money.Money) (
		payment.RefundStatus, error,
	) {
		s.bank.sim.book.mu.Lock()
		if e := s.bank.sim.book.entries[key]; e != nil {
			e.refunded = -money.MaxMinor // the gateway has forgotten what it returned
		}
		s.bank.sim.book.mu.Unlock()
		return s.Gateway.Refund(ctx, key, refundKey, amount)
	}
}

func (s *saboteur) refundTwice() {
	s.refund = func(s *saboteur, ctx context.Context, key, refundKey string, amount money.Money) (
		payment.RefundStatus, error,
	) {
		if n := s.count.Add(1); n > 1 && refundKey != "" {
			refundKey = fmt.Sprintf("%s-%d", refundKey, n)
		}
		return s.Gateway.Refund(ctx, key, refundKey, amount)
	}
}

func (s *saboteur) refundAtOnce() {
	s.refund = func(s *saboteur, ctx context.Context, key, refundKey string, amount money.Money) (
		payment.RefundStatus, error,
	) {
		st, err := s.Gateway.Refund(ctx, key, refundKey, amount)
		if err == nil {
			st.State = payment.Refunded
		}
		return st, err
	}
}

func (s *saboteur) unknownIsRefused() {
	s.refund = func(s *saboteur, ctx context.Context, key, refundKey string, amount money.Money) (
		payment.RefundStatus, error,
	) {
		st, err := s.Gateway.Refund(ctx, key, refundKey, amount)
		if errors.Is(err, payment.ErrUnknownOutcome) {
			err = payment.ErrRejected
		}
		return st, err
	}
}

func (s *saboteur) foreignFailures() {
	s.refund = func(s *saboteur, ctx context.Context, key, refundKey string, amount money.Money) (
		payment.RefundStatus, error,
	) {
		st, err := s.Gateway.Refund(ctx, key, refundKey, amount)
		if err != nil {
			err = fmt.Errorf("the driver says: %s", err.Error())
		}
		return st, err
	}
}

func (s *saboteur) believeAll() {
	s.notice = func(_ *saboteur, header map[string][]string, body []byte, _ time.Time) (
		payment.Notice, error,
	) {
		n, ok := parseNotice(body)
		h, err := stdwebhook.ReadHeaders(header)
		if !ok || err != nil {
			return payment.Notice{}, payment.ErrNotice
		}
		n.Provider, n.NoticeID = Provider, h.ID
		return n, nil
	}
}

func (s *saboteur) believeOld() {
	s.notice = func(s *saboteur, header map[string][]string, body []byte, now time.Time) (
		payment.Notice, error,
	) {
		if h, err := stdwebhook.ReadHeaders(header); err == nil {
			now = time.Unix(h.Timestamp, 0)
		}
		return s.Gateway.ReadNotice(header, body, now)
	}
}

func (s *saboteur) sameNotice() {
	s.notice = func(s *saboteur, header map[string][]string, body []byte, now time.Time) (
		payment.Notice, error,
	) {
		n, err := s.Gateway.ReadNotice(header, body, now)
		n.NoticeID = "msg_1"
		return n, err
	}
}

func (s *saboteur) hideStaff() {
	s.lookUp = func(s *saboteur, ctx context.Context, key string) (payment.Status, error) {
		st, err := s.Gateway.LookUp(ctx, key)
		st.Refunds = slices.DeleteFunc(st.Refunds, func(r payment.RefundStatus) bool {
			return r.RefundKey == ""
		})
		return st, err
	}
}

func (s *saboteur) hideDispute() {
	s.lookUp = func(s *saboteur, ctx context.Context, key string) (payment.Status, error) {
		st, err := s.Gateway.LookUp(ctx, key)
		if st.State == payment.Disputed {
			st.State, st.Disputed = payment.Paid, money.Money{}
		}
		return st, err
	}
}

func (s *saboteur) shortBook() {
	s.payments = func(s *saboteur, ctx context.Context, after string, limit int) (
		[]payment.Status, string, error,
	) {
		page, _, err := s.Gateway.Payments(ctx, after, limit)
		return page, "", err
	}
}
