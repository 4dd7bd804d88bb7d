package httpapi_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/money"
	"ticketflow/internal/inbound/edge"
	"ticketflow/internal/inbound/httpapi"
)

// TestWhoSeesWhichMoney: the buyer sees amounts and states, organisers the gateway's names, too.
func TestWhoSeesWhichMoney(t *testing.T) {
	h := open(t)
	placed, other := h.paid(2, "a"), h.paid(1, "b")
	h.refund(placed, `{"amount":{"amount":100,"currency":"EUR"}}`, "k").
		want(http.StatusCreated, "")
	path := "/v1/orders/" + placed.ID + "/payments"
	h.call(http.MethodGet, path, "").want(http.StatusNotFound, "not_found")
	h.call(http.MethodGet, path, "", "Order-Token", other.Token).
		want(http.StatusNotFound, "not_found")
	h.asOrganiser(http.MethodGet, path, "", "Order-Token", other.Token).
		want(http.StatusNotFound, "not_found")
	r := h.call(http.MethodGet, path, "", "Order-Token", placed.Token)
	for _, secret := range []string{"txn_a", "ref_", "attempt", "gateway_ref"} {
		if strings.Contains(string(r.body), secret) {
			t.Errorf("the buyer sees %q: %s", secret, r.body)
		}
	}
	for _, m := range []httpapi.OrderMoney{h.money(placed), h.money(placed, placed.Token)} {
		if m.Total != euro(9800) || len(m.Payments) != 1 || m.Payments[0].Use != "applied" ||
			m.Payments[0].Amount != euro(9800) || len(m.Refunds) != 1 ||
			m.Refunds[0].State != "requested" || !slices.Equal(m.Owed, []httpapi.Money{euro(100)}) {
			t.Errorf("the money is %+v", m)
		}
	}
	if m := h.money(placed); m.Attempt != 1 || m.Payments[0].Transaction != "txn_a" ||
		m.Refunds[0].ID == "" || m.Payments[0].Order != placed.ID {
		t.Errorf("organisers see %+v", m)
	}
}

// slowMoney is money that is read until a test is over.
type slowMoney struct {
	query.Money
	begun chan struct{}
}

func (m slowMoney) OrderMoney(
	ctx context.Context, _ booking.OrderID,
) ([]booking.Payment, []booking.Refund, error) {
	m.begun <- struct{}{}
	<-ctx.Done()
	return nil, nil, ctx.Err()
}

// TestARushOfBuyersDoesNotShutOutStaff: as many buyers as may ask at once leave room.
func TestARushOfBuyersDoesNotShutOutStaff(t *testing.T) {
	slow := slowMoney{begun: make(chan struct{})}
	books := query.NewFewReads(slow)
	h := open(t, func(c *httpapi.Config) { c.Money = books })
	placed := h.paid(1, "a")
	ctx, cancel := context.WithCancel(t.Context())
	var rush sync.WaitGroup
	defer rush.Wait()
	defer cancel()
	for range 4 {
		rush.Go(func() { _, _, _ = books.OrderMoney(ctx, booking.OrderID{}) })
		<-slow.begun
	}
	path := "/v1/orders/" + placed.ID + "/payments"
	h.call(http.MethodGet, path, "", "Order-Token", placed.Token).
		want(http.StatusServiceUnavailable, "overloaded")
	h.asOrganiser(http.MethodGet, path, "").want(http.StatusOK, "")
}

// TestStaffTakeMoney records what was paid in cash, once per reference.
func TestStaffTakeMoney(t *testing.T) {
	h := open(t)
	take := func(o httpapi.Order, minor int64, currency, reference string) reply {
		return h.asOrganiser(http.MethodPost, "/v1/orders/"+o.ID+"/payments", fmt.Sprintf(
			`{"provider":"offline","amount":{"amount":%d,"currency":%q},"reference":%q}`,
			minor, currency, reference))
	}
	placed, other := h.order(h.hold(2, "a"), "a"), h.order(h.hold(2, "b"), "b")
	take(placed, 9799, "EUR", "r1").want(http.StatusConflict, "wrong_amount")
	take(placed, 9800, "USD", "r1").want(http.StatusConflict, "wrong_amount")
	for _, want := range []string{"paid", "known"} {
		var taken httpapi.StaffPaid
		r := take(placed, 9800, "EUR", "r1")
		r.want(http.StatusCreated, "")
		r.into(&taken)
		if taken.Result != want || taken.Money.State != "paid" || len(taken.Money.Payments) != 1 ||
			taken.Money.Payments[0].Provider != "offline" {
			t.Errorf("the staff's payment is %+v, want it to be %s", taken, want)
		}
	}
	if n := len(h.tickets(placed).Tickets); n != 2 {
		t.Errorf("%d tickets for cash", n)
	}
	if s, err := h.till.LookUp(t.Context(), placed.ID+":1"); err != nil ||
		s.State != payment.Declined {
		t.Errorf("the gateway's page is still open: %+v, %v", s, err)
	}
	take(other, 9800, "EUR", "r1").want(http.StatusConflict, "reference_used")
	take(placed, 9800, "EUR", "r2").want(http.StatusConflict, "order_not_open")

	// Money of staff goes back by staff.
	var back httpapi.Refund
	h.refund(placed, `{"everything":true}`, "k").into(&back)
	var list httpapi.OpenMoney
	h.asOrganiser(http.MethodGet, "/v1/payments/open", "").into(&list)
	if len(list.Waiting) != 1 || !strings.Contains(list.Waiting[0].Next, back.ID+"/settle") {
		t.Errorf("open is %+v", list)
	}
	h.asOrganiser(http.MethodPost, "/v1/refunds/"+back.ID+"/settle", `{"reference":"cash"}`).
		want(http.StatusOK, "")
	if m := h.money(placed); len(m.Owed) != 0 {
		t.Errorf("after the cash was handed over, %+v is owed", m.Owed)
	}
	for _, body := range []string{
		`{"provider":"till","amount":{"amount":9800,"currency":"EUR"},"reference":"r"}`,
		`{"provider":"offline","amount":{"amount":9800,"currency":"EUR"},"reference":""}`,
		`{"provider":"offline","amount":{"amount":9800,"currency":"EUR"},"reference":"a\nb"}`,
		`{"provider":"offline","reference":"r"}`,
	} {
		h.asOrganiser(http.MethodPost, "/v1/orders/"+other.ID+"/payments", body).
			want(http.StatusUnprocessableEntity, "invalid_request")
	}
	h.call(http.MethodPost, "/v1/orders/"+other.ID+"/payments", "{}", "Order-Token", other.Token).
		want(http.StatusUnauthorized, "unauthenticated")
}

// check asks the gateway for a buyer.
func (h *house) check(o httpapi.Order) (now httpapi.Order) {
	h.tb.Helper()
	r := h.call(http.MethodPost, "/v1/orders/"+o.ID+"/payment/check", "", "Order-Token", o.Token)
	r.want(http.StatusOK, "")
	r.into(&now)
	return now
}

// TestCheckingAPayment: what the gateway says is applied; what it can't say is unknown, not a no.
func TestCheckingAPayment(t *testing.T) {
	h := open(t)
	placed := h.order(h.hold(1, "a"), "a")
	if now := h.check(placed); now.State != "awaiting_payment" || now.Payment.State != "open" {
		t.Errorf("before the payment the order is %+v", now)
	}
	h.till.broken.Store(true)
	if now := h.check(placed); now.State != "awaiting_payment" || now.Payment.State != "unknown" ||
		now.Payment.URL != "" {
		t.Errorf("while the gateway is down, the order is %+v", now)
	}
	h.call(http.MethodPost, "/v1/orders/"+placed.ID+"/cancel", "", "Order-Token", placed.Token,
		"Idempotency-Key", "c").want(http.StatusServiceUnavailable, "payments_unavailable")
	h.till.broken.Store(false)
	total, err := money.New(4900, money.Currency{'E', 'U', 'R'})
	if err != nil {
		t.Fatal(err)
	}
	h.till.knows(payment.Status{Key: placed.ID + ":1", State: payment.Pending})
	h.call(http.MethodPost, "/v1/orders/"+placed.ID+"/cancel", "", "Order-Token", placed.Token,
		"Idempotency-Key", "c").want(http.StatusServiceUnavailable, "payment_unknown")
	// The webhook was lost: the buyer asks, and the money is found.
	h.till.knows(payment.Status{Key: placed.ID + ":1", Transaction: "t", State: payment.Paid,
		Amount: total})
	for range 2 {
		if now := h.check(placed); now.State != "paid" || now.Payment.State != "paid" {
			t.Errorf("after the payment the order is %+v", now)
		}
	}
	// Who cancels at the moment of paying has paid.
	late := h.order(h.hold(1, "b"), "b")
	h.till.knows(payment.Status{Key: late.ID + ":1", Transaction: "t2", State: payment.Paid,
		Amount: total})
	h.call(http.MethodPost, "/v1/orders/"+late.ID+"/cancel", "", "Order-Token", late.Token,
		"Idempotency-Key", "c").want(http.StatusConflict, "order_paid")
	if n := len(h.tickets(late).Tickets); n != 1 {
		t.Errorf("%d tickets", n)
	}
	for _, token := range []string{"", placed.Token} {
		h.call(http.MethodPost, "/v1/orders/"+late.ID+"/payment/check", "", "Order-Token", token).
			want(http.StatusNotFound, "not_found")
	}
}

// TestCheckingIsLimited: asking the gateway is one of the buying operations.
func TestCheckingIsLimited(t *testing.T) {
	h := open(t, func(c *httpapi.Config) {
		c.Limiter = edge.NewBuyingLimiter(edge.BuyingLimit{PerMinute: 0.001, Burst: 3})
	})
	placed := h.order(h.hold(1, "a"), "a")
	h.check(placed)
	h.call(http.MethodPost, "/v1/orders/"+placed.ID+"/payment/check", "", "Order-Token",
		placed.Token).want(http.StatusTooManyRequests, "too_many_requests")
}
