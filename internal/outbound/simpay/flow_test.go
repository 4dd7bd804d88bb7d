package simpay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/domain/money"
)

// decide posts a choice as a program does and reads the answer.
func (r *rig) decide(page, outcome string) (status int, answer map[string]any) {
	r.t.Helper()
	q, err := http.NewRequest(http.MethodPost, page, strings.NewReader("outcome="+outcome))
	if err != nil {
		r.t.Fatal(err)
	}
	q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	q.Header.Set("Accept", "application/json")
	resp, err := r.client.Do(q)
	if err != nil {
		r.t.Error(err)
		return 0, nil
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		r.t.Errorf("status %d: %v", resp.StatusCode, err)
	}
	return resp.StatusCode, answer
}

// press posts a choice as the page's buttons do.
func (r *rig) press(page, outcome string) (status int, header http.Header) {
	r.t.Helper()
	resp, err := r.client.PostForm(page, url.Values{"outcome": {outcome}})
	if err != nil {
		r.t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode, resp.Header
}

func (r *rig) page(address string) (int, http.Header, string) {
	r.t.Helper()
	resp, err := r.client.Get(address)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(body)
}

func (r *rig) noMoreNotices() {
	r.t.Helper()
	select {
	case n := <-r.office.notices:
		r.t.Errorf("another webhook: %+v", n)
	default:
	}
}

func TestPayAndReturn(t *testing.T) {
	r := newRig(t, WallClock{})
	r.sim.Start()
	page := r.begin("ord_1:1", 4900)
	if _, err := r.gateway.LookUp(t.Context(), "ord_1:1"); !errors.Is(err, payment.ErrNotFound) {
		t.Errorf("before: %v", err)
	}
	status, header := r.press(page, "paid")
	if status != http.StatusSeeOther || header.Get("Location") != request(t, "", 1).ReturnURL {
		t.Errorf("answer %d to %q", status, header.Get("Location"))
	}
	n := <-r.office.notices
	st, err := r.gateway.LookUp(t.Context(), "ord_1:1")
	if err != nil {
		t.Fatal(err)
	}
	want := payment.Status{Key: "ord_1:1", Transaction: n.Transaction, State: payment.Paid,
		Amount: euros(t, 4900)}
	if diff := cmp.Diff(want, st, moneys); diff != "" {
		t.Error(diff)
	}
	if n.Provider != Provider || n.Key != "ord_1:1" || n.State != payment.Paid ||
		n.Amount != want.Amount || n.RefundKey != "" || !strings.HasPrefix(n.NoticeID, "msg_") ||
		time.Since(n.At) > time.Minute {
		t.Errorf("notice %+v", n)
	}
	r.noMoreNotices()
}

func TestProgramsGetJSON(t *testing.T) {
	r := newRig(t, WallClock{})
	status, answer := r.decide(r.begin("ord_1:1", 4900), "paid")
	n := <-r.office.notices
	want := map[string]any{"payment": n.Transaction, "state": "paid"}
	if diff := cmp.Diff(want, answer); diff != "" || status != http.StatusOK {
		t.Errorf("status %d: %s", status, diff)
	}
}

func TestDeclined(t *testing.T) {
	r := newRig(t, WallClock{})
	page := r.begin("ord_1:1", 4900)
	if _, answer := r.decide(page, "declined"); answer["state"] != "declined" {
		t.Errorf("%v", answer)
	}
	if n := <-r.office.notices; n.State != payment.Declined || n.Amount != euros(t, 4900) {
		t.Errorf("notice %+v", n)
	}
	// The decision stands; a new attempt has a new key.
	if _, answer := r.decide(page, "paid"); answer["state"] != "declined" {
		t.Errorf("second thoughts: %v", answer)
	}
	if st, err := r.gateway.LookUp(t.Context(), "ord_1:1"); err != nil ||
		st.State != payment.Declined {
		t.Errorf("%+v, %v", st, err)
	}
	_, err := r.gateway.Refund(t.Context(), "ord_1:1", "ref_1", euros(t, 1))
	if !errors.Is(err, payment.ErrOverRefund) {
		t.Errorf("refund of nothing: %v", err)
	}
	if _, answer := r.decide(r.begin("ord_1:2", 4900), "paid"); answer["state"] != "paid" {
		t.Errorf("second attempt: %v", answer)
	}
}

// What the box office has closed stays closed, also if the simulator had never heard of it.
func TestCancel(t *testing.T) {
	r := newRig(t, WallClock{})
	page := r.begin("ord_1:1", 4900)
	first, err := r.gateway.Cancel(t.Context(), "ord_1:1")
	if err != nil || first.State != payment.Declined || first.Transaction == "" ||
		first.Amount != (money.Money{}) {
		t.Errorf("%+v, %v", first, err)
	}
	for range 2 {
		status, answer := r.decide(page, "paid")
		if status != http.StatusGone || answer["code"] != "payment_cancelled" {
			t.Errorf("paid afterwards: %d %v", status, answer)
		}
		if status, _, text := r.page(page); status != http.StatusOK ||
			!strings.Contains(text, `data-state="cancelled"`) || strings.Contains(text, "<form") {
			t.Errorf("page: %d %s", status, text)
		}
		_ = r.sim.Close()
		r.open() // it survives the end of the process
	}
	for _, again := range []func(context.Context, string) (payment.Status, error){
		r.gateway.Cancel, r.gateway.LookUp} {
		st, err := again(t.Context(), "ord_1:1")
		if diff := cmp.Diff(first, st, moneys); err != nil || diff != "" {
			t.Error(diff, err)
		}
	}
	_, err = r.gateway.Refund(t.Context(), "ord_1:1", "ref_1", euros(t, 1))
	if !errors.Is(err, payment.ErrOverRefund) {
		t.Errorf("refund of nothing: %v", err)
	}
	r.noMoreNotices()
}

// Cancelling what was paid, or declined, changes nothing.
func TestCancelTooLate(t *testing.T) {
	r := newRig(t, WallClock{})
	r.decide(r.begin("ord_1:1", 4900), "paid")
	st, err := r.gateway.Cancel(t.Context(), "ord_1:1")
	if err != nil || st.State != payment.Paid || st.Amount != euros(t, 4900) {
		t.Errorf("%+v, %v", st, err)
	}
	if _, err := r.gateway.Cancel(t.Context(), "ord 1"); !errors.Is(err, payment.ErrRejected) {
		t.Errorf("odd key: %v", err)
	}
}

func TestManyPostsChargeOnce(t *testing.T) {
	r := newRig(t, WallClock{})
	page := r.begin("ord_1:1", 4900)
	again := r.begin("ord_1:1", 4900) // the same request may be begun again
	var posts sync.WaitGroup
	var mu sync.Mutex
	seen := map[string]int{}
	for i := range 40 {
		posts.Go(func() {
			_, answer := r.decide([]string{page, again}[i%2], []string{"paid", "declined"}[i/2%2])
			mu.Lock()
			defer mu.Unlock()
			seen[fmt.Sprint(answer)]++
		})
	}
	posts.Wait()
	if len(seen) != 1 {
		t.Errorf("different answers: %v", seen)
	}
	<-r.office.notices
	r.noMoreNotices()
}

func TestSameKeyOtherAmount(t *testing.T) {
	r := newRig(t, WallClock{})
	r.decide(r.begin("ord_1:1", 4900), "paid")
	status, answer := r.decide(r.begin("ord_1:1", 4901), "paid")
	if status != http.StatusConflict || answer["code"] != "payment_key_reused" {
		t.Errorf("%d %v", status, answer)
	}
}

func TestBadPosts(t *testing.T) {
	r := newRig(t, WallClock{})
	page := r.begin("ord_1:1", 4900)
	for _, body := range []string{"", "maybe", "paid&outcome=declined", "%zz",
		"paid&x=" + strings.Repeat("x", maxRequestBytes)} {
		if status, answer := r.decide(page, body); status != http.StatusBadRequest ||
			answer["code"] != "bad_request" {
			t.Errorf("%.20q: %d %v", body, status, answer)
		}
	}
	status, answer := r.decide(page+"A", "paid")
	if status != http.StatusNotFound || answer["code"] != "bad_payment_link" {
		t.Errorf("%d %v", status, answer)
	}
	r.noMoreNotices()
}

func TestRefunds(t *testing.T) {
	r := newRig(t, WallClock{})
	r.sim.Start()
	r.decide(r.begin("ord_1:1", 4900), "paid")
	paid := <-r.office.notices
	first, err := r.gateway.Refund(t.Context(), "ord_1:1", "ref_1", euros(t, 1900))
	if err != nil {
		t.Fatal(err)
	}
	want := payment.RefundStatus{RefundKey: "ref_1", Refund: paid.Transaction + "_r1",
		Transaction: paid.Transaction, State: payment.Refunded, Amount: euros(t, 1900)}
	if first != want {
		t.Errorf("%+v, want %+v", first, want)
	}
	again, err := r.gateway.Refund(t.Context(), "ord_1:1", "ref_1", euros(t, 1900))
	if err != nil || again != first {
		t.Errorf("again: %+v, %v", again, err)
	}
	n := <-r.office.notices
	if n.Subject != payment.OfRefund || n.Refund != first.Refund ||
		n.State != payment.Refunded || n.RefundKey != "ref_1" || n.Amount != euros(t, 1900) ||
		n.Key != "ord_1:1" || n.NoticeID == paid.NoticeID {
		t.Errorf("notice %+v", n)
	}
	dollar, _ := money.ParseCurrency("USD")
	dollars, _ := money.New(100, dollar)
	for name, tt := range map[string]struct {
		key, refundKey string
		amount         money.Money
		want           error
	}{
		"same key, other amount": {"ord_1:1", "ref_1", euros(t, 1), payment.ErrKeyReused},
		"too much":               {"ord_1:1", "ref_2", euros(t, 3001), payment.ErrOverRefund},
		"unknown payment":        {"ord_2:1", "ref_2", euros(t, 1), payment.ErrNotFound},
		"other currency":         {"ord_1:1", "ref_2", dollars, payment.ErrRejected},
		"nothing":                {"ord_1:1", "ref_2", money.Money{}, payment.ErrRejected},
		"odd key":                {"ord_1:1", "ref 2", euros(t, 1), payment.ErrRejected},
		"path as key":            {"..", "ref_2", euros(t, 1), payment.ErrRejected},
	} {
		_, err := r.gateway.Refund(t.Context(), tt.key, tt.refundKey, tt.amount)
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
	st, _ := r.gateway.LookUp(t.Context(), "ord_1:1")
	if st.State != payment.Paid || st.Refunded != euros(t, 1900) {
		t.Errorf("partly refunded: %+v", st)
	}
	if _, err := r.gateway.Refund(t.Context(), "ord_1:1", "ref_3", euros(t, 3000)); err != nil {
		t.Error(err)
	}
	st, _ = r.gateway.LookUp(t.Context(), "ord_1:1")
	if st.State != payment.Refunded || st.Refunded != euros(t, 4900) {
		t.Errorf("all refunded: %+v", st)
	}
	<-r.office.notices
	r.noMoreNotices()
}

func TestParallelRefundsNeverExceedTheCapture(t *testing.T) {
	r := newRig(t, WallClock{})
	r.sim.Start()
	r.decide(r.begin("ord_1:1", 4900), "paid")
	var calls sync.WaitGroup
	var mu sync.Mutex
	granted := map[string]payment.RefundStatus{}
	for i := range 100 {
		calls.Go(func() {
			// 50 different refunds of 300, each asked twice: room for 16.
			st, err := r.gateway.Refund(t.Context(), "ord_1:1", fmt.Sprintf("ref_%d", i/2),
				euros(t, 300))
			if err != nil {
				if !errors.Is(err, payment.ErrOverRefund) {
					t.Error(err)
				}
				return
			}
			mu.Lock()
			defer mu.Unlock()
			if old, twice := granted[st.RefundKey]; twice && old != st {
				t.Errorf("%+v and %+v", old, st)
			}
			granted[st.RefundKey] = st
		})
	}
	calls.Wait()
	st, err := r.gateway.LookUp(t.Context(), "ord_1:1")
	if err != nil || len(granted) != 16 || st.Refunded != euros(t, 4800) {
		t.Errorf("%d refunds, %v returned, %v", len(granted), st.Refunded, err)
	}
	for range 1 + 16 {
		<-r.office.notices
	}
	r.noMoreNotices()
}
