package policy_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/app/policy"
)

// TestNewsOfOthers: a genuine message that isn't about our payments is acknowledged and leaves
// nothing behind.
func TestNewsOfOthers(t *testing.T) {
	h := open(t)
	n := payment.Notice{Provider: provider, NoticeID: "evt_of_others"}
	for range 2 {
		taken, err := h.cashier.Take(t.Context(), n, "{}", false)
		if err != nil || taken != policy.TakenIgnored {
			t.Errorf("%s, %v", taken, err)
		}
	}
	if got := h.cashier.Count(policy.TakenIgnored); got != 2 {
		t.Errorf("counted %d", got)
	}
	if kept, err := h.store.Notice(t.Context(), provider, n.NoticeID); err == nil {
		t.Errorf("it is kept: %+v", kept)
	}
}

// knowing is a gateway whose notices of disputes don't tell whose they are.
type knowing struct {
	payment.Gateway
	key string
	err error
}

// KeyOf implements payment.Identifier.
func (k *knowing) KeyOf(context.Context, string) (string, error) { return k.key, k.err }

// TestNewsWithoutKey: the gateway is asked whose they are; as long as it can't tell they are sent
// again, and those of others are left alone.
func TestNewsWithoutKey(t *testing.T) {
	h := open(t)
	id := h.order(1)
	paid := h.news(id, payment.Paid, housePrice)
	if got := h.take(paid); got != policy.TakenPaid {
		t.Fatal(got)
	}
	k := &knowing{Gateway: h.gateway, err: payment.ErrUnavailable}
	providers, err := payment.NewProviders(provider, map[string]payment.Gateway{provider: k})
	h.check(err)
	cashier := policy.NewCashier(h.office, providers, h.store, h.store, h.now,
		slog.New(slog.DiscardHandler))
	dispute := payment.Notice{Provider: provider, NoticeID: "evt_1", Refund: "du_1",
		Transaction: paid.Transaction, Amount: paid.Amount, Subject: payment.OfDispute,
		State: payment.Disputed}
	take := func() (policy.Taken, error) { return cashier.Take(t.Context(), dispute, "{}", false) }
	if got, err := take(); !errors.Is(err, payment.ErrUnavailable) {
		t.Errorf("while the gateway is down: %s, %v", got, err)
	}
	k.err = payment.ErrNotFound
	if got, err := take(); err != nil || got != policy.TakenIgnored {
		t.Errorf("of others: %s, %v", got, err)
	}
	k.key, k.err = paid.Key, nil
	if got, err := take(); err != nil || got != policy.TakenNoted {
		t.Errorf("ours: %s, %v", got, err)
	}
}
