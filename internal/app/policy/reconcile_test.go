package policy_test

import (
	"testing"
	"time"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/app/policy"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/money"
)

// reconciled compares the books and wants them to be equal.
func (h *house) reconciled(repaired int) {
	h.Helper()
	r, err := h.cashier.Reconcile(h.Context(), provider)
	if err != nil || !r.Equal || r.Repaired != repaired {
		h.Errorf("%+v, %v; want %d repaired", r, err, repaired)
	}
}

// TestADisputeThatIsHeardOfWhenItIsOver: its message came when the money had gone back by our own
// refund, since the bank had returned it, and the message that says so was lost.
func TestADisputeThatIsHeardOfWhenItIsOver(t *testing.T) {
	h := open(t)
	id := h.cancelled(1)
	h.refundAll()
	h.wantDone(1)
	price, err := money.New(housePrice, money.Currency{'E', 'U', 'R'})
	h.check(err)
	key, refund := booking.AttemptKey(id, 1), h.facts("refund_requested")[0].Fact.Ref
	h.gateway.book = []payment.Status{{Key: key, Transaction: "t " + id.String(),
		State: payment.Refunded, Amount: price, Refunded: price,
		Disputes: []payment.DisputeStatus{{Dispute: "d-1", State: payment.Declined, Amount: price}},
		Refunds: []payment.RefundStatus{{RefundKey: refund, Refund: "back-1",
			State: payment.Refunded, Amount: price}}}}
	inquiry := h.gateway.book[0]
	inquiry.Disputes = nil // the bank has only asked
	both := h.gateway.book
	h.gateway.book = []payment.Status{inquiry}
	h.reconciled(0)
	h.gateway.book = both
	opened := h.news(id, payment.Disputed, housePrice)
	opened.Subject, opened.Refund, opened.Transaction = payment.OfDispute, "d-1", "t "+id.String()
	if got := h.take(opened); got != policy.TakenKept {
		t.Fatalf("the dispute was %s", got)
	}
	h.reconciled(1)
	h.reconciled(0)
	h.check(h.cashier.Chase(t.Context()))
	kept, err := h.store.KeptNotices(t.Context(), time.Time{}, 10)
	if err != nil || len(kept) != 0 {
		t.Errorf("kept are %v, %v", kept, err)
	}
	_, refunds, err := h.store.OrderMoney(t.Context(), id)
	if err != nil || len(refunds) != 2 {
		t.Fatalf("%+v, %v", refunds, err)
	}
	for _, r := range refunds {
		if r.Reason == booking.ReasonDispute &&
			(r.State != booking.RefundReversed || r.Amount != price) {
			t.Errorf("%+v", r)
		}
	}
}

// TestWhatIsRefusedEndsNoComparison: it is a difference, and what comes after it is repaired.
func TestWhatIsRefusedEndsNoComparison(t *testing.T) {
	h := open(t)
	id := h.order(1)
	missing := payment.Status{Key: booking.AttemptKey(id, 1), Transaction: "t1",
		State: payment.Paid, Amount: euros(housePrice)}
	nothing, foreign := missing, missing
	nothing.Transaction, nothing.Amount = "t2", euros(0)
	foreign.Transaction, foreign.Key = "t3", "of another shop"
	h.gateway.book = []payment.Status{nothing, foreign, missing}
	r, err := h.cashier.Reconcile(t.Context(), provider)
	if err != nil || r.Equal || r.Repaired != 1 || r.Differing != 2 || h.state(id) != booking.Paid {
		t.Fatalf("%+v, %v; the order is %v", r, err, h.state(id))
	}
	for i, transaction := range []string{"t2", "t3"} {
		if d := r.Differences[i]; d.Transaction != transaction || d.What == "" {
			t.Errorf("%+v", d)
		}
	}
}
