package policy_test

import (
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
