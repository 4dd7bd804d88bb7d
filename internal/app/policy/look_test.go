package policy_test

import (
	"errors"
	"testing"
	"time"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/app/policy"
	"ticketflow/internal/domain/booking"
)

// TestBuyersAskTheGatewayNotTooOften: a page that is loaded again and again asks as often as it
// may, and says in between what the gateway said last. What is new, it asks about at once.
func TestBuyersAskTheGatewayNotTooOften(t *testing.T) {
	h := open(t)
	id, other := h.order(1), h.order(2)
	look := func(id booking.OrderID, times int) (doubt policy.Doubt, err error) {
		t.Helper()
		for range times {
			o, failure := h.store.Order(t.Context(), id)
			h.check(failure)
			doubt, err = h.cashier.LookAgain(t.Context(), o)
		}
		return doubt, err
	}
	asked := func(attempt, want int) {
		t.Helper()
		if got := h.gateway.asked[booking.AttemptKey(id, attempt)]; got != want {
			t.Errorf("the gateway was asked %d times about attempt %d, want %d", got, attempt, want)
		}
	}
	const burst, every = 4, 3 * time.Second
	if doubt, err := look(id, burst+5); doubt != policy.NotBegun || err != nil {
		t.Errorf("at first: %d, %v", doubt, err)
	}
	asked(1, burst)
	h.gateway.knows(h, id, payment.Pending)
	if doubt, _ := look(id, 1); doubt != policy.NotBegun {
		t.Errorf("too soon it says %d", doubt)
	}
	h.later += every
	if doubt, _ := look(id, 3); doubt != policy.Undecided {
		t.Errorf("then it says %d", doubt)
	}
	asked(1, burst+1)
	h.later += every
	h.gateway.fails[booking.AttemptKey(id, 1)] = errDown
	if doubt, err := look(id, 2); doubt != policy.Undecided || !errors.Is(err, errDown) {
		t.Errorf("while the gateway is down: %d, %v", doubt, err)
	}
	asked(1, burst+2)
	clear(h.gateway.fails)
	h.later += every
	h.gateway.knows(h, id, payment.Declined)
	if doubt, err := look(id, 1); doubt != policy.Decided || err != nil {
		t.Errorf("a declined payment: %d, %v", doubt, err)
	}
	if doubt, err := look(id, 1); doubt != policy.NotBegun || err != nil {
		t.Errorf("the next attempt: %d, %v", doubt, err)
	}
	asked(2, 1)
	if _, err := look(other, 1); err != nil ||
		h.gateway.asked[booking.AttemptKey(other, 1)] != 1 {
		t.Errorf("another order isn't asked about: %v", err)
	}
}

// TestAnOrderEndsOnlyWhenNobodyCanPayIt.
func TestAnOrderEndsOnlyWhenNobodyCanPayIt(t *testing.T) {
	h := open(t)
	for i, c := range []struct {
		says payment.State
		fail error
		want error
	}{
		{says: payment.Declined},
		{says: payment.Paid}, // it is paid now, and whoever ends it finds that out
		{says: payment.Pending, want: payment.ErrUnknownOutcome},
		{fail: errDown, want: errDown},
	} {
		id := h.order(i)
		h.gateway.knows(h, id, c.says)
		if c.fail != nil {
			h.gateway.fails[booking.AttemptKey(id, 1)] = c.fail
		}
		o, err := h.store.Order(t.Context(), id)
		h.check(err)
		if err := h.cashier.Close(t.Context(), h.store, o); !errors.Is(err, c.want) {
			t.Errorf("case %d: %v, want %v", i, err, c.want)
		}
		if paid := h.state(id) == booking.Paid; paid != (c.says == payment.Paid) {
			t.Errorf("case %d: the order is %v", i, h.state(id))
		}
		asked := h.gateway.asked[booking.AttemptKey(id, 1)]
		o.State = booking.Paid
		h.check(h.cashier.Close(t.Context(), h.store, o))
		if h.gateway.asked[booking.AttemptKey(id, 1)] != asked {
			t.Errorf("case %d: the gateway is asked about what is decided", i)
		}
	}
}
