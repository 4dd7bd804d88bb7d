package policy_test

import (
	"testing"
	"time"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/app/policy"
	"ticketflow/internal/domain/booking"
)

// TestAPageThatEndsUnusedIsNoDecline: while an order has time, another attempt has to follow.
// Afterwards we have closed the page ourselves, and nobody was declined.
func TestAPageThatEndsUnusedIsNoDecline(t *testing.T) {
	for _, c := range []struct {
		name        string
		due, unused bool
		want        int
	}{
		{"in time", false, true, 1},
		{"after its time", true, true, 0},
		{"a no of a bank after its time", true, false, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := open(t)
			id := h.order(1)
			if c.due {
				h.later = payTime + booking.PayGrace + time.Second
			}
			n := h.news(id, payment.Declined, housePrice)
			if c.unused {
				n.Transaction = ""
			}
			if got := h.take(n); got != policy.TakenNoted {
				t.Errorf("it is %s", got)
			}
			o, err := h.store.Order(t.Context(), id)
			h.check(err)
			if o.Declined != c.want {
				t.Errorf("%d were declined, want %d", o.Declined, c.want)
			}
		})
	}
}

// TestAClosedPageIsNoDecline: who looks after we have closed the page at the order's end doesn't
// make a decline of that.
func TestAClosedPageIsNoDecline(t *testing.T) {
	h := open(t)
	id := h.order(1)
	h.gateway.knows(h, id, payment.Declined)
	h.later = payTime + booking.PayGrace + time.Second
	o, err := h.store.Order(t.Context(), id)
	h.check(err)
	if doubt, err := h.cashier.Look(t.Context(), o); doubt != policy.Decided || err != nil {
		t.Errorf("%d, %v", doubt, err)
	}
	o, err = h.store.Order(t.Context(), id)
	h.check(err)
	if o.Declined != 0 {
		t.Errorf("%d were declined", o.Declined)
	}
}
