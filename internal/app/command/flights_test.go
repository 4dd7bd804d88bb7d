package command

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"ticketflow/internal/domain/booking"
)

func TestTheSecondWithAKeyWaitsForTheFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := flights{clock: time.Now}
		ref := booking.AnswerRef{Event: 1}
		if err := f.enter(t.Context(), ref, booking.Fingerprint{1}); err != nil {
			t.Fatal(err)
		}
		if err := f.enter(t.Context(), booking.AnswerRef{Event: 2},
			booking.Fingerprint{1}); err != nil {
			t.Fatalf("another key had to wait: %v", err)
		}
		entered := make(chan int, 2)
		for i := range cap(entered) {
			go func() {
				if err := f.enter(t.Context(), ref, booking.Fingerprint{1}); err != nil {
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
			f.leave(ref, nil)
			<-entered
		}
		f.leave(ref, nil)
		if len(f.busy) != 1 { // the other key's
			t.Errorf("%d keys are still busy", len(f.busy))
		}
	})
}

func TestWhoGivesUpWaitingIsToldUnknown(t *testing.T) {
	f := flights{clock: time.Now}
	ref := booking.AnswerRef{Event: 1}
	if err := f.enter(t.Context(), ref, booking.Fingerprint{1}); err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := f.enter(ended, ref, booking.Fingerprint{1}); !errors.Is(err, ErrUnknown) {
		t.Errorf("got %v, want ErrUnknown", err)
	}
}

// TestARefusalIsSharedByThoseWhoWait: the same request is told the same no. Another one under the
// key, and one that comes after a failure which may be over, try for themselves.
func TestARefusalIsSharedByThoseWhoWait(t *testing.T) {
	same, other := booking.Fingerprint{1}, booking.Fingerprint{2}
	for name, c := range map[string]struct {
		err     error
		request booking.Fingerprint
		shared  bool
	}{
		"refused":         {booking.ErrPlaceTaken, same, true},
		"another request": {booking.ErrPlaceTaken, other, false},
		"overloaded":      {ErrOverloaded, same, false},
		"unknown":         {ErrUnknown, same, false},
		"granted":         {nil, same, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := flights{clock: time.Now}
				ref := booking.AnswerRef{Event: 1}
				if err := f.enter(t.Context(), ref, same); err != nil {
					t.Fatal(err)
				}
				said := make(chan error, 1)
				go func() { said <- f.enter(t.Context(), ref, c.request) }()
				synctest.Wait()
				f.leave(ref, c.err)
				err := <-said
				if shared := errors.Is(err, booking.ErrPlaceTaken); shared != c.shared ||
					!shared && err != nil {
					t.Errorf("who waited is told %v", err)
				}
				if !c.shared {
					return
				}
				time.Sleep(refusalKept - 1)
				if err := f.enter(t.Context(), ref, same); !errors.Is(err, c.err) {
					t.Errorf("who comes a moment later is told %v", err)
				}
				time.Sleep(time.Nanosecond)
				if err := f.enter(t.Context(), ref, same); err != nil {
					t.Errorf("who comes later is told %v", err)
				}
			})
		})
	}
}
