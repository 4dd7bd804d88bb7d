package stripe

import (
	"testing"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/testservers"
)

// TestStripesOwnMock puts every kind of request that we make to stripe-mock, which refuses
// parameters that Stripe doesn't know or that are of another type, and compares the fields that our
// fake answers with those of Stripe's description.
func TestStripesOwnMock(t *testing.T) {
	f := newFake(t)
	f.mock = testservers.StartStripeMock(t).URL
	g := f.gateway()
	paid(t, f, g)
	if _, err := g.Refund(t.Context(), key, "ref_1", euros(t, 900)); err != nil {
		t.Error(err)
	}
	f.intents[0].disputed = true
	f.disputes = append(f.disputes, &dispute{id: "dp_1", intent: f.intents[0].id,
		status: "lost", amount: 4000, currency: "eur"})
	if got, err := g.LookUp(t.Context(), key); err != nil || got.State != payment.Disputed {
		t.Errorf("%+v, %v", got, err)
	}
	if _, _, err := g.Payments(t.Context(), "", 10); err != nil {
		t.Error(err)
	}
	if got, err := g.KeyOf(t.Context(), f.intents[0].id); err != nil || got != key {
		t.Errorf("%s, %v", got, err)
	}
	second := request(t)
	second.Key = "ord_0002:1"
	if _, err := g.Begin(t.Context(), second); err != nil {
		t.Error(err)
	}
	f.tries(second.Key, "requires_action")
	if got, err := g.Cancel(t.Context(), second.Key); err != nil ||
		got.State != payment.Declined {
		t.Errorf("%+v, %v", got, err)
	}
	seen := map[string]bool{}
	for _, call := range f.asked() {
		seen[call] = true
	}
	const kinds = 12
	if len(seen) != kinds {
		t.Errorf("%d of %d kinds of request were compared: %v", len(seen), kinds, seen)
	}
}
