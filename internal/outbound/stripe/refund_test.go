package stripe

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"ticketflow/internal/app/payment"
)

// TestRefundOnce: a refund's key holds within Stripe's day of memory and beyond it.
func TestRefundOnce(t *testing.T) {
	f := newFake(t)
	g := f.gateway()
	paid(t, f, g)
	var first payment.RefundStatus
	for n := range 3 {
		got, err := g.Refund(t.Context(), key, "ref_1", euros(t, 900))
		if err != nil || got.State != payment.Refunded || got.RefundKey != "ref_1" ||
			got.Amount != euros(t, 900) || got.Refund == "" || got.Transaction == "" {
			t.Fatalf("%+v, %v", got, err)
		}
		if n == 0 {
			first = got
		}
		if got != first || len(f.refunds) != 1 {
			t.Errorf("time %d: %+v, first %+v, %d refunds", n, got, first, len(f.refunds))
		}
		clear(f.replays)
	}
	if f.refunds[0].metadata[metaKey] != key || f.refunds[0].metadata[metaRefundKey] != "ref_1" {
		t.Errorf("%v", f.refunds[0].metadata)
	}
	_, err := g.Refund(t.Context(), key, "ref_1", euros(t, 901))
	if !errors.Is(err, payment.ErrKeyReused) {
		t.Errorf("another amount: %v", err)
	}
}

func TestRefundLimits(t *testing.T) {
	f := newFake(t)
	g := f.gateway()
	refund := func(refundKey string, minor int64) error {
		_, err := g.Refund(t.Context(), key, refundKey, euros(t, minor))
		return err
	}
	if err := refund("ref_0", 1); !errors.Is(err, payment.ErrNotFound) {
		t.Errorf("before it began: %v", err)
	}
	begin(t, g)
	if err := refund("ref_0", 1); !errors.Is(err, payment.ErrNotFound) {
		t.Errorf("before it was paid: %v", err)
	}
	intent := f.tries(key, "processing")
	if err := refund("ref_0", 1); !errors.Is(err, payment.ErrOverRefund) {
		t.Errorf("before the bank said yes: %v", err)
	}
	f.becomes(intent, "succeeded")
	if err := refund("ref_1", 4901); !errors.Is(err, payment.ErrOverRefund) {
		t.Errorf("more than all: %v", err)
	}
	if _, err := g.Refund(t.Context(), key, "ref_1", amount(t, 100, "USD")); !errors.Is(err,
		payment.ErrRejected) {
		t.Errorf("another currency: %v", err)
	}
	if err := errors.Join(refund("ref_1", 4000), refund("ref_2", 900)); err != nil {
		t.Error(err)
	}
	if err := refund("ref_3", 1); !errors.Is(err, payment.ErrOverRefund) {
		t.Errorf("after all: %v", err)
	}
	got, err := g.LookUp(t.Context(), key)
	if err != nil || got.State != payment.Refunded || got.Refunded != euros(t, 4900) ||
		len(got.Refunds) != 2 || got.Refunds[0].RefundKey != "ref_1" {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestRefundRace: of two that don't fit together, Stripe lets one through and says why not the
// other; we say it in our words.
func TestRefundRace(t *testing.T) {
	f := newFake(t)
	g := f.gateway()
	paid(t, f, g)
	f.meanwhile("POST /v1/refunds", func() {
		if _, err := g.Refund(t.Context(), key, "ref_2", euros(t, 3000)); err != nil {
			t.Error(err)
		}
	})
	_, err := g.Refund(t.Context(), key, "ref_1", euros(t, 3000))
	if !errors.Is(err, payment.ErrOverRefund) {
		t.Error(err)
	}
}

// TestRefundsTogether: the same refund, asked for by many at once, is one.
func TestRefundsTogether(t *testing.T) {
	f := newFake(t)
	g := f.gateway()
	paid(t, f, g)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, err := g.Refund(t.Context(), key, "ref_1", euros(t, 100)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if len(f.refunds) != 1 {
		t.Errorf("%d refunds", len(f.refunds))
	}
}

// TestRefundsOfOthers: what was done in Stripe's dashboard, and what has failed, is told; the state
// follows the money.
func TestRefundsOfOthers(t *testing.T) {
	f := newFake(t)
	g := f.gateway()
	paid(t, f, g)
	id := f.intents[0].id
	for _, r := range []refund{{status: "failed", amount: 4900}, {status: "pending", amount: 1000},
		{status: "succeeded", amount: 500}, {status: "canceled", amount: 100},
		{status: "requires_action", amount: 50}} {
		r.id, r.intent, r.currency = f.id("re"), id, "eur"
		f.refunds = append(f.refunds, &r)
	}
	got, err := g.LookUp(t.Context(), key)
	var states []payment.State
	for _, r := range got.Refunds {
		states = append(states, r.State)
		if r.RefundKey != "" || r.Refund == "" || r.Transaction != id {
			t.Errorf("%+v", r)
		}
	}
	want := []payment.State{payment.Declined, payment.Pending, payment.Refunded, payment.Declined,
		payment.Pending}
	if err != nil || got.State != payment.Paid || got.Refunded != euros(t, 500) ||
		!slices.Equal(states, want) {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := g.Refund(t.Context(), key, "ref_1", euros(t, 3351)); !errors.Is(err,
		payment.ErrOverRefund) {
		t.Errorf("what is on its way counts: %v", err)
	}
	if _, err := g.Refund(t.Context(), key, "ref_1", euros(t, 3350)); err != nil {
		t.Errorf("what has failed doesn't: %v", err)
	}
}

// TestDisputes: money that the buyer's bank has taken back, and what only looks like it.
func TestDisputes(t *testing.T) {
	for status, want := range map[string]payment.State{"needs_response": payment.Disputed,
		"under_review": payment.Disputed, "lost": payment.Disputed, "won": payment.Paid,
		"warning_needs_response": payment.Paid, "warning_closed": payment.Paid,
		"prevented": payment.Paid} {
		f := newFake(t)
		g := f.gateway()
		paid(t, f, g)
		f.intents[0].disputed = true
		f.disputes = append(f.disputes, &dispute{id: "dp_1", intent: f.intents[0].id,
			status: status, amount: 4900, currency: "eur"})
		got, err := g.LookUp(t.Context(), key)
		_, refused := g.Refund(t.Context(), key, "ref_1", euros(t, 1))
		if errors.Is(refused, payment.ErrOverRefund) != (want == payment.Disputed) {
			t.Errorf("refund while it is %s: %v", status, refused)
		}
		if err != nil || got.State != want || got.Disputed.IsZero() == (want == payment.Disputed) {
			t.Errorf("%s: %+v, %v", status, got, err)
		}
		var disputes []payment.DisputeStatus
		switch {
		case want == payment.Disputed:
			disputes = []payment.DisputeStatus{{Dispute: "dp_1", State: want, Amount: got.Amount}}
		case status == "won":
			disputes = []payment.DisputeStatus{{Dispute: "dp_1", State: payment.Declined,
				Amount: got.Amount}}
		}
		if !slices.Equal(got.Disputes, disputes) {
			t.Errorf("%s: %+v", status, got)
		}
	}
}

// TestDisputesOfOnePayment: each is told by its own name, with what it took, and those that moved
// no money aren't.
func TestDisputesOfOnePayment(t *testing.T) {
	f := newFake(t)
	g := f.gateway()
	paid(t, f, g)
	f.intents[0].disputed = true
	for i, status := range []string{"won", "warning_closed", "lost", "needs_response"} {
		f.disputes = append(f.disputes, &dispute{id: fmt.Sprint("dp_", i), status: status,
			intent: f.intents[0].id, amount: int64(4900 - 1000*i), currency: "eur"})
	}
	f.disputes = append(f.disputes, &dispute{id: "dp_other", intent: "pi_other",
		status: "lost", amount: 1, currency: "eur"})
	want := []payment.DisputeStatus{
		{Dispute: "dp_0", State: payment.Declined, Amount: euros(t, 4900)},
		{Dispute: "dp_2", State: payment.Disputed, Amount: euros(t, 2900)},
		{Dispute: "dp_3", State: payment.Disputed, Amount: euros(t, 1900)}}
	got, err := g.LookUp(t.Context(), key)
	if err != nil || !slices.Equal(got.Disputes, want) || got.Disputed != euros(t, 4800) ||
		got.State != payment.Disputed {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := g.Refund(t.Context(), key, "ref_1", euros(t, 101)); !errors.Is(err,
		payment.ErrOverRefund) {
		t.Errorf("more than the banks have left: %v", err)
	}
	f.disputes[0].id = "" // nobody could tell it from others
	if got, err := g.LookUp(t.Context(), key); !errors.Is(err, payment.ErrUnknownOutcome) {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestKeyOf: whose a payment is, for news that don't know.
func TestKeyOf(t *testing.T) {
	f := newFake(t)
	g := f.gateway()
	paid(t, f, g)
	intent := f.intents[0]
	if got, err := g.KeyOf(t.Context(), intent.id); err != nil || got != key {
		t.Errorf("%s, %v", got, err)
	}
	intent.metadata = map[string]string{"shop": "souvenirs"}
	for _, id := range []string{intent.id, "pi_none"} {
		if got, err := g.KeyOf(t.Context(), id); !errors.Is(err, payment.ErrNotFound) {
			t.Errorf("of others: %s, %v", got, err)
		}
	}
	f.fails("GET /v1/payment_intents/*", strange)
	if got, err := g.KeyOf(t.Context(), intent.id); !errors.Is(err, payment.ErrUnknownOutcome) {
		t.Errorf("%s, %v", got, err)
	}
}

// TestStatement reads the book in pages: ours, captured or pending, with what was returned.
func TestStatement(t *testing.T) {
	f := newFake(t)
	g := f.gateway()
	for n, status := range []string{"succeeded", "processing", "requires_payment_method",
		"succeeded", "requires_action", "succeeded"} {
		r := request(t)
		r.Key = "ord_000" + string(rune('0'+n)) + ":1"
		if _, err := g.Begin(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		f.tries(r.Key, status)
	}
	f.intents[3].metadata = map[string]string{} // of another program
	if _, err := g.Refund(t.Context(), "ord_0000:1", "ref_1", euros(t, 900)); err != nil {
		t.Fatal(err)
	}
	for limit := range 8 {
		var book []string
		for after, pages := "", 0; ; pages++ {
			page, next, err := g.Payments(t.Context(), after, limit)
			if err != nil || pages > 10 {
				t.Fatal(pages, err)
			}
			for _, s := range page {
				book = append(book, s.Key+" "+s.State.String()+" "+s.Refunded.String())
			}
			if after = next; next == "" {
				break
			}
		}
		want := []string{"ord_0005:1 paid 0 ", "ord_0004:1 pending 0 ", "ord_0001:1 pending 0 ",
			"ord_0000:1 paid 900 EUR"}
		if !slices.Equal(book, want) {
			t.Errorf("in pages of %d: %q", limit, book)
		}
	}
}
