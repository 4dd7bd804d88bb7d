package simpay

import (
	"testing"
	"time"

	"ticketflow/internal/app/payment"
)

func TestLostWebhook(t *testing.T) {
	clock := newHandClock()
	r := newRig(t, clock)
	r.sim.Start()
	if _, answer := r.decide(r.begin("ord_1:1", 4900), "paid&webhook_lost=1"); answer["state"] !=
		"paid" {
		t.Errorf("%v", answer)
	}
	clock.advance(time.Hour)
	if st, err := r.gateway.LookUp(t.Context(), "ord_1:1"); err != nil ||
		st.State != payment.Paid {
		t.Errorf("the book: %+v, %v", st, err)
	}
	// No Close: it stays lost for the next process, too, whatever ended this one.
	lost := r.sim
	b := openTestBook(t, r.folder+"/"+journalFile)
	if left, _ := b.claim(maxQueued); len(left) != 0 {
		t.Errorf("%d webhooks are found again", len(left))
	}
	_ = b.close()
	_ = lost.Close()
	r.noMoreNotices()
}

func TestLateWebhook(t *testing.T) {
	clock := newHandClock()
	r := newRig(t, clock)
	r.sim.Start()
	page := r.begin("ord_1:1", 4900)
	for range 2 { // neither the first post nor the second waits for it
		_, answer := r.decide(page, "paid&webhook_late=1&webhook_late_time=90m")
		if answer["state"] != "paid" {
			t.Errorf("%v", answer)
		}
	}
	<-clock.changed
	clock.advance(90*time.Minute - 1)
	r.noMoreNotices()
	clock.advance(1)
	n := <-r.office.notices
	if n.State != payment.Paid || clock.Now().Sub(n.At) != 90*time.Minute {
		t.Errorf("%+v", n)
	}
	r.untilAcknowledged()
	r.closeAndCheck(0)
}

func TestRepeatedWebhook(t *testing.T) {
	r := newRig(t, WallClock{})
	r.decide(r.begin("ord_1:1", 4900), "paid&webhook_again=1&webhook_again_times=100")
	first := <-r.office.notices
	for range 100 {
		if n := <-r.office.notices; n != first {
			t.Errorf("%+v, first %+v", n, first)
		}
	}
	r.noMoreNotices()
	r.closeAndCheck(0)
}

// A webhook that is kept back arrives behind the next one of its payment, or after its time.
func TestShuffledWebhooks(t *testing.T) {
	clock := newHandClock()
	r := newRig(t, clock)
	r.sim.Start()
	r.decide(r.begin("ord_1:1", 4900), "paid&webhook_shuffled=1&webhook_shuffled_time=1h")
	r.decide(r.begin("ord_2:1", 4900), "paid&webhook_shuffled=1&webhook_shuffled_time=1h")
	r.turn("ord_1:1", "webhook_shuffled=0")
	if _, err := r.gateway.Refund(t.Context(), "ord_1:1", "ref_1", euros(t, 900)); err != nil {
		t.Fatal(err)
	}
	if n := <-r.office.notices; n.Subject != payment.OfRefund {
		t.Errorf("first %+v", n)
	}
	if n := <-r.office.notices; n.Subject != payment.OfPayment || n.Key != "ord_1:1" {
		t.Errorf("second %+v", n)
	}
	r.noMoreNotices()
	clock.advance(time.Hour)
	if n := <-r.office.notices; n.Key != "ord_2:1" {
		t.Errorf("third %+v", n)
	}
	r.untilAcknowledged()
	r.closeAndCheck(0)
}

// The webhook of a refund may be there before the box office knows that it was granted.
func TestEarlyWebhook(t *testing.T) {
	r := newRig(t, WallClock{})
	r.sim.Start()
	r.decide(r.begin("ord_1:1", 4900), "paid")
	<-r.office.notices
	hold := make(chan struct{})
	r.office.mu.Lock()
	r.office.hold = hold
	r.office.mu.Unlock()
	r.turn("", "webhook_early=1")
	answered := make(chan error, 1)
	go func() {
		_, err := r.gateway.Refund(t.Context(), "ord_1:1", "ref_1", euros(t, 900))
		answered <- err
	}()
	select {
	case err := <-answered:
		t.Errorf("answered before the webhook was delivered: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	close(hold)
	if n := <-r.office.notices; n.RefundKey != "ref_1" {
		t.Errorf("%+v", n)
	}
	if err := <-answered; err != nil {
		t.Error(err)
	}
}

func TestForgedWebhook(t *testing.T) {
	clock := newHandClock()
	r := newRig(t, clock)
	r.sim.Start()
	answered := make(chan map[string]any, 1)
	go func() {
		_, answer := r.decide(r.begin("ord_1:1", 4900), "paid&webhook_forged=1")
		answered <- answer
	}()
	n := clock.untilNotice(t, r.office.notices)
	if n.State != payment.Paid || r.office.forged.Load() != 1 {
		t.Errorf("%+v after %d forgeries", n, r.office.forged.Load())
	}
	<-answered
	r.untilAcknowledged()
	r.noMoreNotices()
	r.closeAndCheck(0)
}
