package command

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"ticketflow/internal/domain/booking"
)

func TestTheSecondWithAKeyWaitsForTheFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f flights
		ref := booking.AnswerRef{Event: 1}
		if err := f.enter(t.Context(), ref); err != nil {
			t.Fatal(err)
		}
		if err := f.enter(t.Context(), booking.AnswerRef{Event: 2}); err != nil {
			t.Fatalf("another key had to wait: %v", err)
		}
		entered := make(chan int, 2)
		for i := range cap(entered) {
			go func() {
				if err := f.enter(t.Context(), ref); err != nil {
					t.Error(err)
				}
				entered <- i
			}()
		}
		for range cap(entered) {
			synctest.Wait()
			if len(entered) != 0 {
				t.Fatal("two are under way with one key")
			}
			f.leave(ref)
			<-entered
		}
		f.leave(ref)
		if len(f.busy) != 1 { // the other key's
			t.Errorf("%d keys are still busy", len(f.busy))
		}
	})
}

func TestWhoGivesUpWaitingIsToldUnknown(t *testing.T) {
	var f flights
	ref := booking.AnswerRef{Event: 1}
	if err := f.enter(t.Context(), ref); err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := f.enter(ended, ref); !errors.Is(err, ErrUnknown) {
		t.Errorf("got %v, want ErrUnknown", err)
	}
}
