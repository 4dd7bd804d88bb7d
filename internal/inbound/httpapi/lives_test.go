package httpapi_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"ticketflow/internal/inbound/httpapi"
)

// TestLifeOfAHold reads, extends, expires and releases holds.
func TestLifeOfAHold(t *testing.T) {
	h := open(t)
	made := h.hold(2, "a")
	path, token := "/v1/holds/"+made.ID, []string{"Hold-Token", made.Token}
	var held httpapi.Hold
	h.call(http.MethodGet, path, "", token...).into(&held)
	if held.State != "live" || !held.ExpiresAt.Equal(made.ExpiresAt) || !held.SideBySide ||
		held.Token != "" || held.Places[0] != made.Places[0] || held.Total != made.Total {
		t.Errorf("the hold reads %+v, made was %+v", held, made)
	}
	h.clock.add(time.Minute)
	extend := func(key string) reply {
		return h.call(http.MethodPost, path+"/extend", "",
			append([]string{"Idempotency-Key", key}, token...)...)
	}
	for range 2 { // the same key extends once
		extend("e1").into(&held)
		if want := made.ExpiresAt.Add(time.Minute); !held.ExpiresAt.Equal(want) {
			t.Errorf("extended to %v, want %v", held.ExpiresAt, want)
		}
	}
	h.clock.add(time.Minute)
	for _, key := range []string{"e2", "e1"} { // a repeated one is told the end as it is now
		extend(key).into(&held)
		if want := made.ExpiresAt.Add(2 * time.Minute); !held.ExpiresAt.Equal(want) {
			t.Errorf("extended to %v, want %v", held.ExpiresAt, want)
		}
	}
	extend("e3").want(http.StatusConflict, "no_more_extensions")
	h.call(http.MethodPost, path+"/extend", "", token...).
		want(http.StatusUnprocessableEntity, "invalid_request")
	for range 2 { // releasing twice is as once
		h.call(http.MethodDelete, path, "", token...).want(http.StatusNoContent, "")
	}
	extend("e4").want(http.StatusGone, "hold_ended")
	h.call(http.MethodPost, "/v1/orders", orderBody(made), "Idempotency-Key", "o").
		want(http.StatusGone, "hold_ended")
}

func TestExpiredHold(t *testing.T) {
	h := open(t)
	made := h.hold(1, "a")
	h.clock.add(11 * time.Minute)
	place := fmt.Sprintf(`{"places":[%d]}`, made.Places[0].Place)
	// The board still shows it as held until the sweep has been; the ledger decides.
	if err := h.office.ExpireHolds(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	due, err := h.store.DueHolds(t.Context(), h.clock.Now(), 10)
	if err != nil || len(due) != 1 {
		t.Fatalf("due are %v, %v", due, err)
	}
	if err := h.office.ExpireHolds(t.Context(), due); err != nil {
		t.Fatal(err)
	}
	h.call(http.MethodPost, h.holdsPath(), place, "Idempotency-Key", "b").
		want(http.StatusCreated, "")
	h.call(http.MethodPost, "/v1/orders", orderBody(made), "Idempotency-Key", "c").
		want(http.StatusGone, "hold_ended")
}

// TestForeignTokens: what isn't yours answers as what isn't there.
func TestForeignTokens(t *testing.T) {
	h := open(t)
	mine, yours := h.hold(1, "a"), h.hold(1, "b")
	h.call(http.MethodGet, "/v1/holds/"+mine.ID, "").want(http.StatusNotFound, "not_found")
	for _, token := range []string{yours.Token, "tok_", mine.ID, mine.Token + "0"} {
		h.call(http.MethodGet, "/v1/holds/"+mine.ID, "", "Hold-Token", token).
			want(http.StatusNotFound, "not_found")
		h.call(http.MethodDelete, "/v1/holds/"+mine.ID, "", "Hold-Token", token).
			want(http.StatusNotFound, "not_found")
		body := fmt.Sprintf(`{"hold":%q,"hold_token":%q,%s}`, mine.ID, token, ada)
		h.call(http.MethodPost, "/v1/orders", body, "Idempotency-Key", "o").
			want(http.StatusNotFound, "not_found")
	}
	my, your := h.order(mine, "c"), h.order(yours, "d")
	for _, end := range []string{"", "/tickets"} {
		path := "/v1/orders/" + my.ID + end
		h.call(http.MethodGet, path, "").want(http.StatusNotFound, "not_found")
		h.call(http.MethodGet, path, "", "Order-Token", your.Token).
			want(http.StatusNotFound, "not_found")
		h.call(http.MethodGet, path, "", "Order-Token", mine.Token).
			want(http.StatusNotFound, "not_found")
		h.call(http.MethodGet, path, "", "Order-Token", my.Token).want(http.StatusOK, "")
		h.call(http.MethodGet, path+"?token="+my.Token, "").want(http.StatusOK, "")
		h.asOrganiser(http.MethodGet, path, "").want(http.StatusOK, "")
	}
	h.call(http.MethodPost, "/v1/orders/"+my.ID+"/cancel", "", "Order-Token", your.Token,
		"Idempotency-Key", "x").want(http.StatusNotFound, "not_found")
}

// TestCancelledOrder gives the places back, and a paid order's money too.
func TestCancelledOrder(t *testing.T) {
	h := open(t)
	placed := h.order(h.hold(2, "a"), "b")
	h.pay(placed, "n").want(http.StatusOK, "")
	ticket := h.tickets(placed).Tickets[0]
	for range 2 { // cancelling twice is as once
		var gone httpapi.Order
		h.asOrganiser(http.MethodPost, "/v1/orders/"+placed.ID+"/cancel", "",
			"Idempotency-Key", "c").into(&gone)
		if gone.State != "cancelled" || gone.Payment.State != "closed" {
			t.Errorf("the cancelled order is %+v", gone)
		}
	}
	var void httpapi.Ticket
	h.call(http.MethodGet, "/v1/tickets/"+ticket.ID, "").into(&void)
	if void.State != "void" || void.Code != "" {
		t.Errorf("the ticket of a cancelled order is %+v", void)
	}
	h.call(http.MethodGet, "/v1/tickets/"+ticket.ID+"/qr.png", "").
		want(http.StatusGone, "ticket_void")
	h.asOrganiser(http.MethodPost, "/v1/check-ins", fmt.Sprintf(`{"code":%q}`, ticket.Code)).
		want(http.StatusGone, "ticket_void")
	var sales httpapi.SalesSummary
	h.asOrganiser(http.MethodGet, "/v1/events/"+h.event.String()+"/sales", "").into(&sales)
	if sales.Sold != 0 || sales.Returned.Amount != 9800 || sales.Places.Free != hallPlaces {
		t.Errorf("the sales are %+v", sales)
	}
	refund := slip{Key: placed.ID + ":1", Transaction: "txn_n", State: "refunded", Amount: 9800,
		Currency: "EUR", RefundKey: "cancelled:till:txn_n"}
	send := func(id string) reply {
		return h.send(h.till.notice(t, h.url, id, h.clock.Now(), refund))
	}
	if r := send("r1"); string(r.body) != `{"result":"noted"}` {
		t.Errorf("the refund's notice got %d %s", r.status, r.body)
	}
	refund.RefundKey = "by hand"
	if r := send("r2"); string(r.body) != `{"result":"kept"}` {
		t.Errorf("an unknown refund's notice got %d %s", r.status, r.body)
	}
}

// TestGatewayDown: the order stands, and reading it offers the page again.
func TestGatewayDown(t *testing.T) {
	h := open(t)
	made := h.hold(1, "a")
	h.till.broken.Store(true)
	placed := h.order(made, "b")
	if placed.Payment.State != "unavailable" || placed.Payment.URL != "" ||
		placed.State != "awaiting_payment" || placed.Payment.RetryAfter < 1 {
		t.Fatalf("with a broken gateway the order is %+v", placed)
	}
	h.till.broken.Store(false)
	var later httpapi.Order
	h.call(http.MethodGet, "/v1/orders/"+placed.ID, "", "Order-Token", placed.Token).into(&later)
	if later.Payment.State != "open" || later.Payment.URL == "" {
		t.Errorf("later it is %+v", later.Payment)
	}
}

// TestWaysToPay: who reads an order may choose among the ways to pay, and gets a page or, where
// there is none, instructions.
func TestWaysToPay(t *testing.T) {
	h := open(t)
	placed := h.order(h.hold(1, "a"), "b")
	read := func(provider string) reply {
		return h.call(http.MethodGet, "/v1/orders/"+placed.ID+"?provider="+provider, "",
			"Order-Token", placed.Token)
	}
	var desk, till httpapi.Order
	read("offline").into(&desk)
	want := "Pay 49.00 EUR at the box office for " + placed.Reference + "."
	if p := desk.Payment; p.Provider != "offline" || p.State != "open" || p.URL != "" ||
		p.Instructions != want {
		t.Errorf("%+v, want %q", p, want)
	}
	read("till").into(&till)
	if till.Payment != placed.Payment || till.Payment.URL == "" {
		t.Errorf("%+v, at first %+v", till.Payment, placed.Payment)
	}
	if r := read("barter"); r.status != http.StatusNotFound {
		t.Errorf("a way that there isn't: %d %s", r.status, r.body)
	}
}

// TestNotices sends what a gateway, or somebody who plays one, may send.
func TestNotices(t *testing.T) {
	h := open(t)
	placed := h.order(h.hold(1, "a"), "b")
	good := slip{Key: placed.ID + ":1", Transaction: "t", State: "paid", Amount: 4900,
		Currency: "EUR"}
	send := func(id string, change func(*slip)) reply {
		s := good
		change(&s)
		return h.send(h.till.notice(t, h.url, id, h.clock.Now(), s))
	}
	other := "ord_00000081m2agyg80000z22at2f3rgbqh15d17hr:1"
	for id, c := range map[string]struct { // it was captured, so it is kept for somebody to see
		want   string
		change func(*slip)
	}{
		"1":  {"kept", func(s *slip) { s.Key, s.Transaction = "ord_unknown:1", "t1" }},
		"2":  {"quarantined", func(s *slip) { s.Key, s.Transaction = other, "t2" }},
		"3":  {"kept", func(s *slip) { s.Amount = 0 }},
		"4a": {"quarantined", func(s *slip) { s.Amount, s.Transaction = 4899, "t4a" }},
		"4b": {"quarantined", func(s *slip) { s.Currency, s.Transaction = "USD", "t4b" }},
	} {
		if r := send(id, c.change); string(r.body) != `{"result":"`+c.want+`"}` {
			t.Errorf("%s got %d %s", id, r.status, r.body)
		}
	}
	for state, want := range map[string]string{"declined": "noted", "pending": "ignored",
		"odd": "ignored", "refunded": "kept"} {
		r := send("5"+state, func(s *slip) { s.State = state })
		if r.want(200, ""); string(r.body) != `{"result":"`+want+`"}` {
			t.Errorf("%s: got %s", state, r.body)
		}
	}
	forged := h.till.notice(t, h.url, "6", h.clock.Now(), good)
	forged.Header.Set("Webhook-Id", "7")
	h.send(forged).want(401, "webhook_signature_invalid")
	stale := h.till.notice(t, h.url, "8", h.clock.Now().Add(-time.Hour), good)
	h.send(stale).want(401, "webhook_stale")
	h.call(http.MethodPost, "/v1/webhooks/till", "{}").want(400, "bad_webhook_headers")
	h.call(http.MethodPost, "/v1/webhooks/other", "{}").want(404, "provider_not_found")
	if n := len(h.tickets(placed).Tickets); n != 0 {
		t.Errorf("%d tickets without a payment", n)
	}
}

// TestLatePayment: an expired order whose places are free is paid after all.
func TestLatePayment(t *testing.T) {
	h := open(t)
	placed := h.order(h.hold(1, "a"), "b")
	h.clock.add(time.Hour)
	due, err := h.store.DueOrders(t.Context(), h.clock.Now(), 10)
	if err != nil || len(due) != 1 {
		t.Fatalf("due are %v, %v", due, err)
	}
	if err := h.office.ExpireOrder(t.Context(), due[0]); err != nil {
		t.Fatal(err)
	}
	var expired httpapi.Order
	h.call(http.MethodGet, "/v1/orders/"+placed.ID, "", "Order-Token", placed.Token).into(&expired)
	if expired.State != "expired" || expired.Payment.State != "closed" {
		t.Errorf("the expired order is %+v", expired)
	}
	if r := h.pay(placed, "n"); string(r.body) != `{"result":"paid_late"}` {
		t.Errorf("the late payment got %d %s", r.status, r.body)
	}
}
