package simpay

import (
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/domain/money"
)

// paid makes a payment and reads its webhook.
func (r *rig) paid(key string, minor int64) payment.Notice {
	r.t.Helper()
	r.decide(r.begin(key, minor), "paid")
	return <-r.office.notices
}

func (r *rig) event(key, body string, want int) {
	r.t.Helper()
	r.tell(http.MethodPost, "/simpay/v1/payments/"+key+"/events", body, want)
}

func (r *rig) status(key string) payment.Status {
	r.t.Helper()
	st, err := r.gateway.LookUp(r.t.Context(), key)
	if err != nil {
		r.t.Fatal(err)
	}
	return st
}

// refund asks for a refund and wants a state.
func (r *rig) refund(key, refundKey string, minor int64, want payment.State) payment.RefundStatus {
	r.t.Helper()
	st, err := r.gateway.Refund(r.t.Context(), key, refundKey, euros(r.t, minor))
	if err != nil || st.State != want {
		r.t.Errorf("refund %s: %+v, %v, want %v", refundKey, st, err, want)
	}
	return st
}

func TestRefundPendingUntilSettledByHand(t *testing.T) {
	r := newRig(t, WallClock{})
	r.sim.Start()
	r.paid("ord_1:1", 4900)
	r.turn("ord_1:1", "refund_pending=1")
	first := r.refund("ord_1:1", "ref_1", 3000, payment.Pending)
	if n := <-r.office.notices; n.Subject != payment.OfRefund || n.State != payment.Pending ||
		n.Refund != first.Refund || n.RefundKey != "ref_1" || n.Amount != euros(t, 3000) {
		t.Errorf("%+v", n)
	}
	// What is on its way back can't go back twice, also not after a restart.
	for range 2 {
		_, err := r.gateway.Refund(t.Context(), "ord_1:1", "ref_2", euros(t, 1901))
		if !errors.Is(err, payment.ErrOverRefund) {
			t.Errorf("more than is left: %v", err)
		}
		st := r.status("ord_1:1")
		if st.State != payment.Paid || st.Refunded != (money.Money{}) || len(st.Refunds) != 1 ||
			st.Refunds[0] != first {
			t.Errorf("%+v", st)
		}
		r.untilAcknowledged()
		_ = r.sim.Close()
		r.open()
		r.sim.Start()
	}
	r.refund("ord_1:1", "ref_1", 3000, payment.Pending)
	r.event("ord_1:1", `{"event":"refund_done"}`, 200)
	if n := <-r.office.notices; n.State != payment.Refunded || n.Refund != first.Refund {
		t.Errorf("%+v", n)
	}
	r.event("ord_1:1", `{"event":"refund_failed"}`, 409)
	r.refund("ord_1:1", "ref_1", 3000, payment.Refunded)
	if st := r.status("ord_1:1"); st.Refunded != euros(t, 3000) {
		t.Errorf("%+v", st)
	}
}

// A pending refund is settled when its time has come, by the next process if need be.
func TestRefundPendingForATime(t *testing.T) {
	for _, tt := range []struct {
		knobs string
		want  payment.State
		left  int64
	}{
		{"refund_pending=1,refund_pending_time=1h", payment.Refunded, 1900},
		{"refund_pending=1,refund_pending_time=1h,refund_fails=1", payment.Declined, 4900},
	} {
		for _, restart := range []bool{false, true} {
			clock := newHandClock()
			r := newRig(t, clock)
			r.sim.Start()
			r.paid("ord_1:1", 4900)
			r.turn("", tt.knobs)
			first := r.refund("ord_1:1", "ref_1", 3000, payment.Pending)
			<-r.office.notices
			r.untilAcknowledged()
			r.tell(http.MethodDelete, "/simpay/v1/knobs", "", 200)
			if restart {
				_ = r.sim.Close()
				r.open()
				r.sim.Start()
			}
			<-clock.changed
			clock.advance(time.Hour - time.Millisecond)
			r.noMoreNotices()
			clock.advance(time.Millisecond)
			n := <-r.office.notices
			if n.State != tt.want || n.Subject != payment.OfRefund || n.Refund != first.Refund {
				t.Errorf("%+v", n)
			}
			r.refund("ord_1:1", "ref_1", 3000, tt.want)
			r.turn("", "refund_pending=0,refund_fails=0")
			_, err := r.gateway.Refund(t.Context(), "ord_1:1", "ref_2", euros(t, tt.left+1))
			if !errors.Is(err, payment.ErrOverRefund) {
				t.Errorf("more than is left: %v", err)
			}
			r.refund("ord_1:1", "ref_2", tt.left, payment.Refunded)
		}
	}
}

// A refund that fails at once returns nothing, and the same key stays failed.
func TestRefundFails(t *testing.T) {
	r := newRig(t, WallClock{})
	r.sim.Start()
	r.paid("ord_1:1", 4900)
	r.turn("ord_1:1", "refund_fails=1")
	failed := r.refund("ord_1:1", "ref_1", 4900, payment.Declined)
	if n := <-r.office.notices; n.State != payment.Declined || n.Subject != payment.OfRefund ||
		n.Refund != failed.Refund {
		t.Errorf("%+v", n)
	}
	r.tell(http.MethodDelete, "/simpay/v1/knobs/ord_1:1", "", 200)
	r.refund("ord_1:1", "ref_1", 4900, payment.Declined)
	r.refund("ord_1:1", "ref_2", 4900, payment.Refunded)
	if st := r.status("ord_1:1"); st.State != payment.Refunded || len(st.Refunds) != 2 {
		t.Errorf("%+v", st)
	}
}

// A refund in the gateway's dashboard has no key of ours.
func TestGatewayRefund(t *testing.T) {
	clock := newHandClock()
	r := newRig(t, clock)
	r.sim.Start()
	r.decide(r.begin("ord_1:1", 4900), "paid&gateway_refund=1&aftermath_time=2h")
	<-r.office.notices
	r.event("ord_1:1", `{"event":"refund","amount":900}`, 200)
	one := <-r.office.notices
	<-clock.changed
	clock.advance(2 * time.Hour)
	two := <-r.office.notices
	for i, n := range []payment.Notice{one, two} {
		if n.Subject != payment.OfRefund || n.State != payment.Refunded || n.RefundKey != "" ||
			n.Refund != fmt.Sprintf("%s_r%d", n.Transaction, i+1) ||
			n.Amount != euros(t, []int64{900, 4000}[i]) {
			t.Errorf("%d: %+v", i, n)
		}
	}
	st := r.status("ord_1:1")
	if st.State != payment.Refunded || st.Refunded != euros(t, 4900) || len(st.Refunds) != 2 ||
		st.Refunds[0].RefundKey != "" || st.Refunds[0].Refund != one.Refund {
		t.Errorf("%+v", st)
	}
	r.event("ord_1:1", `{"event":"refund"}`, 409)
	r.event("ord_1:1", `{"event":"refund","amount":1}`, 409)
}

// A page is bounded by what is on it, refunds included, and has at least one payment.
func TestPagesCountRefunds(t *testing.T) {
	b := openTestBook(t, filepath.Join(t.TempDir(), journalFile))
	defer func() { _ = b.close() }()
	now := time.Unix(1_800_000_000, 0)
	for i := range 3 {
		v := invoice{Key: fmt.Sprintf("ord_%d:1", i), Amount: euros(t, 100), Expires: 1 << 31}
		if _, _, _, err := b.settle(v, payment.Paid, now); err != nil {
			t.Fatal(err)
		}
		for j := range 3 {
			_, _, _, err := b.giveBack(v.Key, fmt.Sprintf("ref_%d", j), euros(t, 1), refundPlan{},
				now)
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	for limit, want := range map[int]int{1: 1, 4: 1, 7: 1, 8: 2, 11: 2, 12: 3} {
		if page, next := b.page(0, limit); len(page) != want || (next < 0) != (want == 3) {
			t.Errorf("limit %d: %d payments, next at %d, want %d", limit, len(page), next, want)
		}
	}
}

// The simulator's book, page by page, is what it says of each payment, and nothing that wasn't
// captured and isn't pending.
func TestStatement(t *testing.T) {
	r := newRig(t, WallClock{})
	r.sim.Start()
	const payments = 23
	var want []payment.Status
	for i := range payments {
		key := fmt.Sprintf("ord_%d:1", i)
		switch i % 5 {
		case 1:
			r.decide(r.begin(key, 100), "declined")
		case 2:
			r.decide(r.begin(key, 100), "paid&action=1")
		default:
			r.decide(r.begin(key, 1000), "paid")
		}
		<-r.office.notices
		switch i % 5 {
		case 3:
			r.refund(key, "ref_1", 300, payment.Refunded)
			r.event(key, `{"event":"refund","amount":50}`, 200)
		case 4:
			r.event(key, `{"event":"dispute"}`, 200)
		}
		if i%5 != 1 {
			want = append(want, r.status(key))
		}
	}
	if _, err := r.gateway.Cancel(t.Context(), "ord_closed:1"); err != nil {
		t.Fatal(err)
	}
	for _, limit := range []int{-1, 1, 4, payments, maxStatement + 1} {
		var got []payment.Status
		after, pages := "", 0
		for {
			page, next, err := r.gateway.Payments(t.Context(), after, limit)
			if err != nil || len(page) == 0 || len(page) > max(limit, 1) {
				t.Fatalf("limit %d: %d payments, %v", limit, len(page), err)
			}
			got, pages = append(got, page...), pages+1
			if after = next; next == "" {
				break
			}
			if limit == 4 { // the order is that of the journal
				_ = r.sim.Close()
				r.open()
				r.sim.Start()
			}
		}
		if diff := cmp.Diff(want, got, moneys); diff != "" {
			t.Errorf("limit %d: %s", limit, diff)
		}
		if limit > payments && pages != 1 {
			t.Errorf("%d pages", pages)
		}
	}
	for _, after := range []string{"-1", "x", "1.5"} {
		_, _, err := r.gateway.Payments(t.Context(), after, 10)
		if !errors.Is(err, payment.ErrRejected) {
			t.Errorf("after %q: %v", after, err)
		}
	}
	if page, next, err := r.gateway.Payments(t.Context(), "1000000", 10); err != nil ||
		len(page) != 0 || next != "" {
		t.Errorf("after the end: %v %q %v", page, next, err)
	}
}
