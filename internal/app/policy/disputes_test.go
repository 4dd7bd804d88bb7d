package policy_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ticketflow/internal/app/command"
	"ticketflow/internal/app/payment"
	"ticketflow/internal/app/policy"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/outbound/stripe"
)

// Of the recorded webhooks.
const (
	recordedIntent = "pi_3SkTicketFlow0001"
	recordedSecret = "whsec_norThisOne"
	recordedAt     = 1_767_225_600
)

// stripes reads Stripe's webhooks, and knows one payment without asking.
type stripes struct {
	*stripe.Gateway

	key  string
	book []payment.Status
}

// KeyOf tells whose the payment is.
func (s *stripes) KeyOf(_ context.Context, transaction string) (string, error) {
	if transaction != recordedIntent {
		return "", payment.ErrNotFound
	}
	return s.key, nil
}

// Payments is Stripe's book, on one page.
func (s *stripes) Payments(context.Context, string, int) ([]payment.Status, string, error) {
	return s.book, "", nil
}

// disputed is a paid order whose payment is at Stripe.
func (h *house) disputed() (*stripes, booking.OrderID) {
	h.Helper()
	id := h.order(1)
	_, err := h.office.RecordPayment(h.Context(), command.Paid{Order: id,
		Provider: stripe.Provider, Transaction: recordedIntent, Amount: euros(housePrice)})
	h.check(err)
	g, err := stripe.New(stripe.Options{APIKey: "sk_test_nobodyMayReadThis",
		WebhookSecret: recordedSecret, ReturnURL: "https://tickets.example.org/orders"})
	h.check(err)
	s := &stripes{Gateway: g, key: booking.AttemptKey(id, 1)}
	providers, err := payment.NewProviders(stripe.Provider,
		map[string]payment.Gateway{stripe.Provider: s})
	h.check(err)
	h.cashier = policy.NewCashier(h.office, providers, h.store, h.store, h.now,
		slog.New(slog.DiscardHandler))
	return s, id
}

// recorded takes a webhook that was recorded.
func (h *house) recorded(s *stripes, name string) {
	h.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "outbound", "stripe", "testdata",
		name+".http"))
	h.check(err)
	head, body, _ := bytes.Cut(text, []byte("\n\n"))
	n, err := s.ReadNotice(http.Header{"Stripe-Signature": {string(bytes.TrimPrefix(head,
		[]byte("Stripe-Signature: ")))}}, body, time.Unix(recordedAt, 0))
	h.check(err)
	taken, err := h.cashier.Take(h.Context(), n, string(body), false)
	h.check(err)
	if taken != policy.TakenNoted {
		h.Errorf("%s was %s", name, taken)
	}
}

// wantDisputes are the disputes of the payment, by their names at Stripe.
func (h *house) wantDisputes(want map[string]booking.RefundState, taken int64) {
	h.Helper()
	p, refunds, err := h.store.Payment(h.Context(), stripe.Provider, recordedIntent)
	h.check(err)
	if len(refunds) != len(want) || p.Refunded.Minor() != taken {
		h.Errorf("%+v with %+v", p, refunds)
	}
	for _, r := range refunds {
		if r.Reason != booking.ReasonDispute || r.State != want[r.GatewayRef] {
			h.Errorf("%+v", r)
		}
	}
	totals, err := h.store.AccountTotals(h.Context(), h.event)
	if err != nil || len(totals) != 1 || totals[0].Chargebacks != taken ||
		totals[0].Clearing != housePrice-taken || totals[0].Balance() != 0 {
		h.Errorf("%+v, %v", totals, err)
	}
}

// TestStripesDisputesOfOnePayment: two of a part each, one of which is decided for us. Whatever the
// webhooks' order is, and whoever repeats them, the other one stays as it is.
func TestStripesDisputesOfOnePayment(t *testing.T) {
	const first, second = "du_1SkTicketFlow0002", "du_1SkTicketFlow0003"
	orders := [][]string{
		{"charge.dispute.created_part", "charge.dispute.funds_withdrawn",
			"charge.dispute.closed_part_won"},
		{"charge.dispute.closed_part_won", "charge.dispute.created_part",
			"charge.dispute.funds_withdrawn"},
		{"charge.dispute.funds_withdrawn", "charge.dispute.created_part",
			"charge.dispute.created_part", "charge.dispute.closed_part_won"},
		{"charge.dispute.created_part", "charge.dispute.closed_part_won"}, // one is lost
		{}, // all are
	}
	for _, names := range orders {
		h := open(t)
		s, id := h.disputed()
		for _, name := range names {
			h.recorded(s, name)
		}
		s.book = []payment.Status{{Key: s.key, Transaction: recordedIntent,
			State: payment.Disputed, Amount: euros(housePrice), Disputed: euros(700),
			Disputes: []payment.DisputeStatus{
				{Dispute: first, State: payment.Declined, Amount: euros(900)},
				{Dispute: second, State: payment.Disputed, Amount: euros(700)}}}}
		for _, repaired := range []bool{len(names) < 3, false} {
			r, err := h.cashier.Reconcile(t.Context(), stripe.Provider)
			if err != nil || !r.Equal || (r.Repaired > 0) != repaired {
				t.Errorf("after %v: %+v, %v", names, r, err)
			}
		}
		h.wantDisputes(map[string]booking.RefundState{first: booking.RefundReversed,
			second: booking.RefundDone}, 700)
		if h.state(id) != booking.Paid {
			t.Errorf("the order is %v", h.state(id))
		}
	}
}

// TestADisputeThatIsAnother: books that disagree about one are different, and nothing is repaired.
func TestADisputeThatIsAnother(t *testing.T) {
	h := open(t)
	s, _ := h.disputed()
	h.recorded(s, "charge.dispute.created_part")
	s.book = []payment.Status{{Key: s.key, Transaction: recordedIntent, State: payment.Disputed,
		Amount: euros(housePrice), Disputed: euros(800), Disputes: []payment.DisputeStatus{
			{Dispute: "du_1SkTicketFlow0002", State: payment.Disputed, Amount: euros(800)}}}}
	r, err := h.cashier.Reconcile(t.Context(), stripe.Provider)
	if err != nil || r.Equal || r.Repaired != 0 || r.Differing != 1 {
		t.Errorf("%+v, %v", r, err)
	}
}
