package contract

import (
	"maps"
	"slices"

	"pgregory.net/rapid"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

func rarely(t *rapid.T, what string) bool { return rapid.IntRange(0, 3).Draw(t, what) == 0 }

// drawRefund gives back a part of an order, or all of it.
func (m *machine) drawRefund(t *rapid.T, o *modelOrder) expectation {
	c := m.refund(booking.Order{ID: o.command.ID})
	c.Block = rarely(t, "block")
	switch rapid.IntRange(0, 3).Draw(t, "part") {
	case 0:
	case 1:
		c.Goodwill = euros(t, rapid.SampledFrom([]int64{1, 1_000, m.terms.price}).
			Draw(t, "goodwill"))
	default:
		from := o.places
		if rarely(t, "any") {
			from = []catalog.PlaceNo{0, 1, 2, 3, 4, 5, 6}
		}
		c.Places = rapid.SliceOfNDistinct(rapid.SampledFrom(from), 1, min(2, len(from)), rapid.ID).
			Draw(t, "places")
	}
	return expectation{command: c, want: m.model.refund(o, c)}
}

// drawOfMoney is about a payment or a refund that there is.
func (m *machine) drawOfMoney(t *rapid.T, kind string) (expectation, bool) {
	if kind == "return" {
		if len(m.payments) == 0 {
			return expectation{}, false
		}
		ref := rapid.SampledFrom(m.payments).Draw(t, "payment").Payment
		return expectation{command: &booking.ReturnPayment{Payment: ref},
			want: m.model.returnPayment(ref.Transaction)}, true
	}
	keys := slices.Sorted(maps.Keys(m.model.refunds))
	if len(keys) == 0 {
		return expectation{}, false
	}
	ref := booking.RefundRef{Event: m.id, Key: rapid.SampledFrom(keys).Draw(t, "refund")}
	if kind == "retry" {
		return expectation{command: &booking.RetryRefund{Refund: ref},
			want: m.model.retry(ref.Key)}, true
	}
	c := &booking.RecordRefund{Refund: ref, Failed: rapid.Bool().Draw(t, "failed"),
		GatewayRef: "gateway"}
	m.model.refunded(ref.Key, c.Failed)
	return expectation{command: c}, true
}

// checkMoney compares payments and refunds with the model.
func (m *machine) checkMoney(t *rapid.T, rows Rows) {
	same(T(t), "payments", len(rows.Payments), len(m.model.payments))
	for _, got := range rows.Payments {
		want := m.model.payments[got.Ref.Transaction]
		if want == nil {
			t.Fatalf("a payment that nobody made: %v", got)
		}
		same(T(t), "amount of a payment", got.Amount.Minor(), want.captured)
		same(T(t), "refunds of a payment", got.Refunded.Minor(), want.refunded)
		same(T(t), "order of a payment", got.Order, want.order.command.ID.Key)
		same(T(t), "use of a payment", got.Use, want.use)
	}
	same(T(t), "refunds", len(rows.Refunds), len(m.model.refunds))
	for _, got := range rows.Refunds {
		want := m.model.refunds[got.Ref.Key]
		if want == nil {
			t.Fatalf("a refund that nobody asked for: %v", got)
		}
		same(T(t), "amount of a refund", got.Amount.Minor(), want.amount)
		same(T(t), "state of a refund", got.State, want.state)
		same(T(t), "order of a refund", got.Order, want.payment.order.command.ID.Key)
	}
}
