package payment

import (
	"errors"
	"testing"

	"ticketflow/internal/domain/errs"
)

func TestNamesOfStates(t *testing.T) {
	for state, want := range map[State]string{Unknown: "unknown", Pending: "pending", Paid: "paid",
		Declined: "declined", Refunded: "refunded", 99: "unknown"} {
		if got := state.String(); got != want {
			t.Errorf("state %d: %q, want %q", state, got, want)
		}
	}
}

// Unknown is told as "try later", never as a refusal.
func TestUnknownIsNoRefusal(t *testing.T) {
	for _, err := range []error{ErrUnknownOutcome, ErrUnavailable} {
		if errs.KindOf(err) != errs.Unavailable {
			t.Errorf("%v: kind %d", err, errs.KindOf(err))
		}
	}
}

func TestLater(t *testing.T) {
	err := Later(7)
	if seconds, ok := RetryAfter(err); !ok || seconds != 7 || !errors.Is(err, ErrUnavailable) {
		t.Errorf("%v: %d, %t", err, seconds, ok)
	}
	for _, err := range []error{nil, ErrUnavailable, errors.New("x")} {
		if seconds, ok := RetryAfter(err); ok {
			t.Errorf("%v: %d", err, seconds)
		}
	}
}
