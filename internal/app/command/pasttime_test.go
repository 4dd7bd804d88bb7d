package command_test

import (
	"errors"
	"testing"

	"ticketflow/internal/app/command"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

// TestAHoldPastItsTimeIsGranted: the board shows it until it is swept away, and hides nothing.
func TestAHoldPastItsTimeIsGranted(t *testing.T) {
	h := open(t, plain)
	_, err := h.hold(t.Context(), 1)
	h.check(err)
	wish := command.HoldWish{Event: h.event, Places: []catalog.PlaceNo{1},
		Idempotency: command.Idempotency{Key: "somebody else's"}}
	for _, at := range []int64{0, 60} {
		h.now.Store(at)
		decided := h.desk.Stats().Commands.Load()
		if _, err := h.office.HoldPlaces(t.Context(), wish); !errors.Is(err,
			booking.ErrPlaceTaken) || h.desk.Stats().Commands.Load() != decided {
			t.Errorf("after %d s: %v, or the ledger was asked", at, err)
		}
	}
	h.now.Store(61)
	wish.Key = "a new wish's" // under the old one the refusal would be repeated
	if _, err := h.office.HoldPlaces(t.Context(), wish); err != nil {
		t.Errorf("past its time: %v", err)
	}
	// The new hold's time counts from now on.
	wish.Key = "a third one's"
	h.now.Store(120)
	if _, err := h.office.HoldPlaces(t.Context(), wish); !errors.Is(err, booking.ErrPlaceTaken) {
		t.Errorf("within the second hold's time: %v", err)
	}
}
