package boot

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"ticketflow/internal/app/policy"
	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
)

// heap is open money: one message, two payments, and refunds.
type heap struct{ query.OpenMoney }

func (heap) KeptNotices(context.Context, time.Time, int) ([]query.KeptNotice, error) {
	return make([]query.KeptNotice, 1), nil
}

func (heap) DoubtfulPayments(context.Context, int) ([]booking.Payment, error) {
	return make([]booking.Payment, 2), nil
}

func (heap) OpenRefunds(
	_ context.Context, state booking.RefundState, _ time.Time, _ int,
) ([]booking.Refund, error) {
	if state == booking.RefundFailed {
		return make([]booking.Refund, 3), nil
	}
	return make([]booking.Refund, 4), nil
}

// TestGaugesOfOpenMoney: each shows what its name says.
func TestGaugesOfOpenMoney(t *testing.T) {
	b := policy.NewBacklog(heap{}, time.Now, slog.New(slog.DiscardHandler))
	if err := b.Count(t.Context()); err != nil {
		t.Fatal(err)
	}
	m := newMetrics()
	m.money(b)
	all, err := m.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, family := range all {
		got[family.GetName()] = family.GetMetric()[0].GetGauge().GetValue()
	}
	for name, want := range map[string]float64{"kept_notices": 1, "quarantined_payments": 2,
		"failed_refunds": 3, "waiting_refunds": 4} {
		if n := got["ticketflow_money_"+name]; n != want {
			t.Errorf("%s is %v, want %v", name, n, want)
		}
	}
}
