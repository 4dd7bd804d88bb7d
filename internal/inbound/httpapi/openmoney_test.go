package httpapi_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/domain/money"
	"ticketflow/internal/inbound/httpapi"
)

func (h *house) openMoney() (m httpapi.OpenMoney) {
	h.tb.Helper()
	h.asOrganiser(http.MethodGet, "/v1/payments/open", "").into(&m)
	return m
}

// TestOpenMoney follows what it says to do next, until nothing is open.
func TestOpenMoney(t *testing.T) {
	h := open(t)
	if m := h.openMoney(); len(m.Notices)+len(m.Quarantined)+len(m.Failed)+len(m.Waiting) != 0 ||
		m.More || !slices.Contains(m.Providers, "till") {
		t.Fatalf("at first, open is %+v", m)
	}
	notice, transaction, failed := h.kept(), h.doubtful(), h.failed()
	m := h.openMoney()
	if len(m.Notices) != 1 || m.Notices[0].Notice != notice || m.Notices[0].Event != "" ||
		m.Notices[0].Why == "" || !strings.Contains(m.Notices[0].Message, "ord_unknown") {
		t.Errorf("the kept messages are %+v", m.Notices)
	}
	if len(m.Quarantined) != 1 || m.Quarantined[0].Transaction != transaction ||
		m.Quarantined[0].Amount != euro(4800) || m.Quarantined[0].Use != "quarantined" {
		t.Errorf("in quarantine is %+v", m.Quarantined)
	}
	if len(m.Failed) != 1 || m.Failed[0].ID != failed.ID || m.Failed[0].State != "failed" ||
		len(m.Waiting) != 0 {
		t.Errorf("the refunds are %+v and %+v", m.Failed, m.Waiting)
	}
	follow := func(next string) reply {
		t.Helper()
		_, path, _ := strings.Cut(next, "POST ")
		path, _, _ = strings.Cut(path, ",")
		return h.asOrganiser(http.MethodPost, path, "")
	}
	follow(m.Failed[0].Next).want(http.StatusOK, "")
	var back httpapi.Captured
	for range 2 {
		r := follow(m.Quarantined[0].Next)
		r.want(http.StatusOK, "")
		r.into(&back)
		if back.Use != "returned" || back.Refunded != euro(4800) {
			t.Errorf("the returned payment is %+v", back)
		}
	}
	if r := follow(m.Notices[0].Next); string(r.body) != `{"result":"kept"}`+"\n" {
		t.Errorf("a message about nothing, replayed, got %d %s", r.status, r.body)
	}
	h.clock.add(time.Minute)
	if m = h.openMoney(); len(m.Quarantined)+len(m.Failed)+len(m.Waiting) != 0 {
		t.Errorf("then open is %+v", m)
	}
	h.clock.add(time.Hour) // and nobody has heard of the refunds
	if m = h.openMoney(); len(m.Waiting) != 2 {
		t.Errorf("an hour later, these wait: %+v", m.Waiting)
	}
	// What was put right is applied when it is replayed.
	for _, path := range []string{"/v1/payments/till/none/return", "/v1/payments/x/y/return",
		"/v1/notices/till/none/replay", "/v1/notices/till/%00/replay",
		"/v1/payments/none/reconcile"} {
		r := h.asOrganiser(http.MethodPost, path, "")
		if r.status != http.StatusNotFound {
			t.Errorf("%s got %d %s", path, r.status, r.body)
		}
	}
	paid := h.paid(1, "paid")
	h.asOrganiser(http.MethodPost, "/v1/payments/till/txn_paid/return", "").
		want(http.StatusConflict, "payment_in_use")
	if n := len(h.tickets(paid).Tickets); n != 1 {
		t.Errorf("%d tickets", n)
	}
}

// TestReplayedNotice is applied once its payment is known.
func TestReplayedNotice(t *testing.T) {
	h := open(t)
	placed := h.order(h.hold(1, "a"), "a")
	refund := slip{Key: placed.ID + ":1", Transaction: "txn_p", State: "refunded", Amount: 100,
		Currency: "EUR"}
	r := h.send(h.till.notice(t, h.url, "early/1", h.clock.Now(), refund))
	if string(r.body) != `{"result":"kept"}` {
		t.Fatalf("a refund before its payment got %d %s", r.status, r.body)
	}
	h.pay(placed, "p").want(http.StatusOK, "")
	path := "/v1/notices/till/" + url.PathEscape("early/1") + "/replay"
	for _, want := range []string{"noted", "known"} {
		r := h.asOrganiser(http.MethodPost, path, "")
		if string(r.body) != `{"result":"`+want+`"}`+"\n" {
			t.Errorf("replayed: %d %s, want %s", r.status, r.body, want)
		}
	}
	if m := h.money(placed); len(m.Refunds) != 1 || m.Refunds[0].Reason != "gateway" ||
		m.Payments[0].Refunded != euro(100) || len(m.Owed) != 0 {
		t.Errorf("the money is %+v", m)
	}
}

// TestReconcile puts both books side by side.
func TestReconcile(t *testing.T) {
	h := open(t)
	known, missed := h.paid(1, "a"), h.order(h.hold(1, "b"), "b")
	compare := func() (r httpapi.Reconciliation) {
		t.Helper()
		answer := h.asOrganiser(http.MethodPost, "/v1/payments/till/reconcile", "")
		answer.want(http.StatusOK, "")
		answer.into(&r)
		return r
	}
	amount, err := money.New(4900, money.Currency{'E', 'U', 'R'})
	if err != nil {
		t.Fatal(err)
	}
	h.till.book = []payment.Status{
		{Key: known.ID + ":1", Transaction: "txn_a", State: payment.Paid, Amount: amount},
		{Key: missed.ID + ":1", Transaction: "t2", State: payment.Paid, Amount: amount},
	}
	sums := httpapi.BookSums{Payments: 2, Captured: 9800}
	for _, repaired := range []int{1, 0} {
		r := compare()
		if !r.Equal || r.Repaired != repaired || len(r.Books) != 1 || r.Books[0].Gateway != sums ||
			r.Books[0].Office != sums || r.Books[0].Currency != "EUR" || len(r.Differences) != 0 {
			t.Errorf("the books are %+v", r)
		}
	}
	if n := len(h.tickets(missed).Tickets); n != 1 {
		t.Errorf("%d tickets for the payment that was missed", n)
	}
	dollars, err := money.New(700, money.Currency{'U', 'S', 'D'})
	if err != nil {
		t.Fatal(err)
	}
	h.till.book = append(h.till.book[:1], payment.Status{Key: "foreign", Transaction: "t3",
		State: payment.Paid, Amount: dollars})
	r := compare()
	if r.Equal || r.Differing != 1 || r.Differences[0].Transaction != "t3" || len(r.Books) != 2 ||
		r.Books[0].Gateway.Payments != 1 || r.Books[0].Office.Payments != 2 ||
		r.Books[1].Gateway.Captured != 700 || r.Books[1].Office.Captured != 0 {
		t.Errorf("the books are %+v", r)
	}
	h.till.broken.Store(true)
	h.asOrganiser(http.MethodPost, "/v1/payments/till/reconcile", "").
		want(http.StatusServiceUnavailable, "payments_unavailable")
}
