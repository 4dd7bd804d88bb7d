package simpay

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"ticketflow/internal/app/payment"
)

// post sends a choice and returns the status, or the failure of the connection.
func (r *rig) post(ctx context.Context, page, form string) (int, error) {
	r.t.Helper()
	q, err := http.NewRequestWithContext(ctx, http.MethodPost, page, strings.NewReader(form))
	if err != nil {
		r.t.Fatal(err)
	}
	q.Header.Set("Accept", "application/json")
	resp, err := r.client.Do(q)
	if err != nil {
		return 0, err
	}
	_ = resp.Body.Close()
	return resp.StatusCode, nil
}

// Whatever becomes of the answer, the effect is there or not as the knob says, and the box office
// never takes the missing answer for a no.
func TestAnswersThatAreLost(t *testing.T) {
	for _, tt := range []struct {
		knob   string
		effect bool
		status int // of the page's answer; 0 = none
	}{
		{"fail_before", false, 500}, {"fail_after", true, 500}, {"reset_before", false, 0},
		{"reset_after", true, 0}, {"hang_after", true, 0},
	} {
		t.Run(tt.knob, func(t *testing.T) {
			r := newRig(t, newHandClock())
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			page := r.begin("ord_1:1", 4900)
			status, err := r.post(ctx, page, "outcome=paid&"+tt.knob+"=1")
			if status != tt.status || (err == nil) != (tt.status > 0) {
				t.Errorf("page: %d, %v", status, err)
			}
			r.tell(http.MethodDelete, "/simpay/v1/knobs/ord_1:1", "", 200)
			st, err := r.gateway.LookUp(t.Context(), "ord_1:1")
			if tt.effect && (err != nil || st.State != payment.Paid) ||
				!tt.effect && !errors.Is(err, payment.ErrNotFound) {
				t.Errorf("payment: %+v, %v", st, err)
			}
			r.decide(page, "paid")
			if n := <-r.office.notices; n.State != payment.Paid {
				t.Errorf("notice: %+v", n)
			}
			r.noMoreNotices()
			r.lostCalls(tt.knob, tt.effect)
		})
	}
}

// lostCalls asks the API for a refund and for cancellation under a knob.
func (r *rig) lostCalls(knob string, effect bool) {
	t := r.t
	t.Helper()
	r.turn("", knob+"=1")
	ctx, cancel := context.WithTimeout(t.Context(), 400*time.Millisecond)
	defer cancel()
	_, err := r.gateway.Refund(ctx, "ord_1:1", "ref_1", euros(t, 900))
	if !errors.Is(err, payment.ErrUnknownOutcome) {
		t.Errorf("refund: %v", err)
	}
	ctx, cancel = context.WithTimeout(t.Context(), 400*time.Millisecond)
	defer cancel()
	if _, err := r.gateway.Cancel(ctx, "ord_2:1"); !errors.Is(err, payment.ErrUnknownOutcome) {
		t.Errorf("cancel: %v", err)
	}
	r.tell(http.MethodDelete, "/simpay/v1/knobs", "", 200)
	st, err := r.gateway.LookUp(t.Context(), "ord_1:1")
	if err != nil || effect != (st.Refunded == euros(t, 900)) {
		t.Errorf("refunded: %+v, %v", st, err)
	}
	if _, err = r.gateway.LookUp(t.Context(), "ord_2:1"); effect != (err == nil) {
		t.Errorf("cancelled: %v", err)
	}
	// The same keys again, and everybody agrees.
	again, err := r.gateway.Refund(t.Context(), "ord_1:1", "ref_1", euros(t, 900))
	if err != nil || again.State != payment.Refunded {
		t.Errorf("again: %+v, %v", again, err)
	}
	st, err = r.gateway.LookUp(t.Context(), "ord_1:1")
	if err != nil || st.Refunded != euros(t, 900) {
		t.Errorf("once: %+v, %v", st, err)
	}
}

// A hanging answer ends by itself, or with the simulator.
func TestHangingEnds(t *testing.T) {
	for name, end := range map[string]func(*rig, *handClock){
		"in time":   func(_ *rig, c *handClock) { c.advance(maxHang) },
		"at an end": func(r *rig, _ *handClock) { _ = r.sim.Close() },
	} {
		clock := newHandClock()
		r := newRig(t, clock)
		ended := make(chan error, 1)
		go func() {
			_, err := r.post(t.Context(), r.begin("ord_1:1", 4900), "outcome=paid&hang_after=1")
			ended <- err
		}()
		<-clock.changed
		select {
		case err := <-ended:
			t.Errorf("%s: answered: %v", name, err)
		default:
		}
		end(r, clock)
		if err := <-ended; err == nil {
			t.Errorf("%s: answered", name)
		}
	}
}

func TestLatency(t *testing.T) {
	clock := newHandClock()
	r := newRig(t, clock)
	r.turn("", "latency=1,latency_time=3s")
	answered := make(chan error, 1)
	go func() {
		_, err := r.gateway.LookUp(t.Context(), "ord_1:1")
		answered <- err
	}()
	<-clock.changed
	clock.advance(3*time.Second - 1)
	select {
	case err := <-answered:
		t.Errorf("too early: %v", err)
	case <-time.After(20 * time.Millisecond):
	}
	clock.advance(1)
	if err := <-answered; !errors.Is(err, payment.ErrNotFound) {
		t.Error(err)
	}
}

func TestDeclineKnob(t *testing.T) {
	r := newRig(t, WallClock{})
	_, answer := r.decide(r.begin("ord_1:1", 4900), "paid&decline=1&action=1")
	if answer["state"] != "declined" {
		t.Errorf("%v", answer)
	}
	if n := <-r.office.notices; n.State != payment.Declined {
		t.Errorf("%+v", n)
	}
}

// The second step: pending until the buyer confirms or refuses, in whatever order and however
// often the buttons are pressed, and closed for good when the box office has cancelled.
func TestSecondStep(t *testing.T) {
	for _, tt := range []struct {
		name, outcome string
		want          payment.State
	}{
		{"confirmed", "confirmed", payment.Paid}, {"refused", "refused", payment.Declined},
		{"cancelled", "", payment.Declined},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, WallClock{})
			page := r.begin("ord_1:1", 4900)
			if status, answer := r.decide(page, "confirmed"); status != http.StatusNotFound {
				t.Errorf("confirmed before it was paid: %d %v", status, answer)
			}
			r.turn("ord_1:1", "action=1")
			status, header := r.press(page, "paid")
			if status != http.StatusSeeOther || !strings.HasSuffix(page, header.Get("Location")) {
				t.Errorf("%d to %q", status, header.Get("Location"))
			}
			n := <-r.office.notices
			if n.State != payment.Pending || n.Subject != payment.OfPayment {
				t.Errorf("notice %+v", n)
			}
			for range 2 {
				st, err := r.gateway.LookUp(t.Context(), "ord_1:1")
				if err != nil || st.State != payment.Pending || st.Transaction != "" {
					t.Errorf("%+v, %v", st, err)
				}
				if _, _, body := r.page(page); !strings.Contains(body, `value="confirmed"`) ||
					!strings.Contains(body, `value="refused"`) {
					t.Error(body)
				}
				_ = r.sim.Close()
				r.open() // the buyer may take longer than the simulator lives
			}
			if _, answer := r.decide(page, "paid"); answer["state"] != "pending" {
				t.Errorf("pressed twice: %v", answer)
			}
			_, err := r.gateway.Refund(t.Context(), "ord_1:1", "ref_1", euros(t, 1))
			if !errors.Is(err, payment.ErrOverRefund) {
				t.Errorf("refund of what isn't charged: %v", err)
			}
			r.secondStep(page, tt.outcome, tt.want, n.NoticeID)
		})
	}
}

func (r *rig) secondStep(page, outcome string, want payment.State, first string) {
	t := r.t
	t.Helper()
	if outcome == "" {
		st, err := r.gateway.Cancel(t.Context(), "ord_1:1")
		if err != nil || st.State != want || st.Amount != euros(t, 4900) {
			t.Errorf("cancelled: %+v, %v", st, err)
		}
		for _, again := range []string{"confirmed", "refused", "paid"} {
			if status, answer := r.decide(page, again); status != http.StatusGone ||
				answer["code"] != ErrCancelled.Code() {
				t.Errorf("%s afterwards: %d %v", again, status, answer)
			}
		}
		r.noMoreNotices()
		return
	}
	for _, again := range []string{outcome, "confirmed", "refused", "paid"} {
		if _, answer := r.decide(page, again); answer["state"] != want.String() {
			t.Errorf("%s: %v", again, answer)
		}
	}
	if n := <-r.office.notices; n.State != want || n.NoticeID == first ||
		n.Amount != euros(t, 4900) {
		t.Errorf("notice %+v", n)
	}
	r.noMoreNotices()
	_ = r.sim.Close()
	r.open()
	st, err := r.gateway.LookUp(t.Context(), "ord_1:1")
	if err != nil || st.State != want {
		t.Errorf("after a restart: %+v, %v", st, err)
	}
}
