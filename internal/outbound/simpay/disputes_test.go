package simpay

import (
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/domain/money"
)

// What the buyer's bank has taken back is ours no longer, until the dispute is won.
func TestDispute(t *testing.T) {
	clock := newHandClock()
	r := newRig(t, clock)
	r.sim.Start()
	r.decide(r.begin("ord_1:1", 4900), "paid&dispute=1&dispute_won=1&aftermath_time=2h")
	<-r.office.notices
	r.refund("ord_1:1", "ref_1", 900, payment.Refunded)
	<-r.office.notices
	<-clock.changed
	clock.advance(2 * time.Hour)
	n := <-r.office.notices
	if n.Subject != payment.OfDispute || n.State != payment.Disputed || n.RefundKey != "" ||
		n.Refund != n.Transaction+"_d1" || n.Amount != euros(t, 4000) {
		t.Errorf("%+v", n)
	}
	st := r.status("ord_1:1")
	if st.State != payment.Disputed || st.Disputed != euros(t, 4000) ||
		st.Refunded != euros(t, 900) {
		t.Errorf("%+v", st)
	}
	_, err := r.gateway.Refund(t.Context(), "ord_1:1", "ref_2", euros(t, 1))
	if !errors.Is(err, payment.ErrOverRefund) {
		t.Errorf("refund of what is gone: %v", err)
	}
	r.event("ord_1:1", `{"event":"dispute"}`, 409)
	<-clock.changed
	clock.advance(2 * time.Hour)
	n = <-r.office.notices
	if n.Subject != payment.OfDispute || n.State != payment.Declined ||
		n.Refund != n.Transaction+"_d1" || n.Amount != euros(t, 4000) {
		t.Errorf("%+v", n)
	}
	r.event("ord_1:1", `{"event":"dispute_won"}`, 409)
	if st := r.status("ord_1:1"); st.State != payment.Paid || st.Disputed != (money.Money{}) {
		t.Errorf("%+v", st)
	}
	r.refund("ord_1:1", "ref_2", 4000, payment.Refunded)
}

func TestDisputeByHand(t *testing.T) {
	r := newRig(t, WallClock{})
	r.sim.Start()
	r.paid("ord_1:1", 4900)
	r.event("ord_1:1", `{"event":"dispute","amount":4901}`, 409)
	r.event("ord_1:1", `{"event":"dispute","amount":1000}`, 200)
	if n := <-r.office.notices; n.State != payment.Disputed || n.Amount != euros(t, 1000) {
		t.Errorf("%+v", n)
	}
	r.event("ord_1:1", `{"event":"dispute_won"}`, 200)
	if n := <-r.office.notices; n.State != payment.Declined {
		t.Errorf("%+v", n)
	}
	r.event("ord_2:1", `{"event":"dispute"}`, 404)
	for _, body := range []string{"", "[]", `{"event":"dispute","amount":-1}`,
		`{"event":"refund_done","refund":-1}`} {
		r.event("ord_1:1", body, 400)
	}
	r.event("ord_1:1", `{"event":"bankruptcy"}`, 422)
	r.event("ord_1:1", `{"event":"refund_done","refund":1}`, 409)
}

// Several disputes of one payment are told apart, also by the next process.
func TestDisputesOfOnePayment(t *testing.T) {
	r := newRig(t, WallClock{})
	r.sim.Start()
	id := r.paid("ord_1:1", 4900).Transaction
	step := func(body, dispute string, state payment.State, minor int64) {
		t.Helper()
		r.event("ord_1:1", body, 200)
		if n := <-r.office.notices; n.Refund != id+dispute || n.State != state ||
			n.Amount != euros(t, minor) {
			t.Errorf("%s: %+v", body, n)
		}
		r.untilAcknowledged()
		_ = r.sim.Close()
		r.open()
		r.sim.Start()
	}
	step(`{"event":"dispute"}`, "_d1", payment.Disputed, 4900)
	r.event("ord_1:1", `{"event":"dispute"}`, 409) // nothing is left
	step(`{"event":"dispute_won"}`, "_d1", payment.Declined, 4900)
	step(`{"event":"dispute","amount":900}`, "_d2", payment.Disputed, 900)
	step(`{"event":"dispute","amount":700}`, "_d3", payment.Disputed, 700)
	step(`{"event":"dispute_won","dispute":2}`, "_d2", payment.Declined, 900)
	for _, number := range []string{"1", "2", "4"} {
		r.event("ord_1:1", `{"event":"dispute_won","dispute":`+number+`}`, 409)
	}
	r.event("ord_1:1", `{"event":"dispute_won","dispute":-1}`, 400)
	want := []payment.DisputeStatus{
		{Dispute: id + "_d1", State: payment.Declined, Amount: euros(t, 4900)},
		{Dispute: id + "_d2", State: payment.Declined, Amount: euros(t, 900)},
		{Dispute: id + "_d3", State: payment.Disputed, Amount: euros(t, 700)}}
	if st := r.status("ord_1:1"); !slices.Equal(st.Disputes, want) ||
		st.Disputed != euros(t, 700) || st.State != payment.Disputed {
		t.Errorf("%+v", st)
	}
	for range maxDisputes - len(want) {
		r.event("ord_1:1", `{"event":"dispute","amount":1}`, 200)
		<-r.office.notices
	}
	r.event("ord_1:1", `{"event":"dispute","amount":1}`, 409)
}

// A journal of a release that knew one dispute for each payment is read as it was meant.
func TestADisputeOfBefore(t *testing.T) {
	path := filepath.Join(t.TempDir(), journalFile)
	id := (&entry{}).transaction()
	writeJournal(t, path, [][]string{{"C", "k", id, "100", "EUR", "5"}, {"B", "k", "60", "5"},
		{"W", "k", "6"}})
	statements, _ := content(t, path)
	want := []disputeStatement{{id + "_d1", payment.Declined, 60}}
	if st := statements["k"]; !slices.Equal(st.Disputes, want) || st.Disputed != 0 {
		t.Errorf("%+v", st)
	}
}
