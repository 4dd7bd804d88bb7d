package payment

import (
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
