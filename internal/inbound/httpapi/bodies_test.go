package httpapi_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"ticketflow/internal/inbound/edge"
	"ticketflow/internal/inbound/httpapi"
)

// chunked sends a body, in parts, whose length isn't told beforehand.
func (h *house) chunked(
	method, path string, header map[string]string, parts ...string,
) reply {
	h.tb.Helper()
	var readers []io.Reader
	for _, part := range parts {
		readers = append(readers, strings.NewReader(part))
	}
	req, err := http.NewRequest(method, h.url+path, io.MultiReader(readers...))
	if err != nil {
		h.tb.Fatal(err)
	}
	for name, value := range header {
		req.Header.Set(name, value)
	}
	return h.send(req)
}

// TestChunkedBodies are counted: within the limit they are read, beyond it they are refused.
func TestChunkedBodies(t *testing.T) {
	h := open(t)
	table := rows()
	blank := strings.Repeat(" ", edge.MaxPlanBodyBytes)
	for _, op := range h.operations() {
		if op.RequestBody == nil {
			continue
		}
		t.Run(op.OperationID, func(t *testing.T) {
			prepare(h, op.OperationID)
			q := table[op.OperationID].make(h)
			h.chunked(op.method, q.path, q.header, blank, q.body).
				want(http.StatusRequestEntityTooLarge, "body_too_large")
			r := h.chunked(op.method, q.path, q.header, q.body)
			if r.status != table[op.OperationID].status {
				t.Errorf("got %d %s", r.status, r.body)
			}
		})
	}
}

// TestBodyWhereNoneBelongs is refused before it is read.
func TestBodyWhereNoneBelongs(t *testing.T) {
	h := open(t)
	for _, path := range []string{"/v1/events", "/healthz", "/v1/events/evt_1/availability"} {
		h.call(http.MethodGet, path, "{}").
			want(http.StatusRequestEntityTooLarge, "body_too_large")
	}
}

// freeOrder is an order that costs nothing, and its event.
func (h *house) freeOrder() (e httpapi.EventDetail, placed httpapi.Order) {
	h.tb.Helper()
	body := strings.Replace(newEvent, `"amount":100`, `"amount":0`, 1)
	h.asOrganiser(http.MethodPost, "/v1/events", body).into(&e)
	h.asOrganiser(http.MethodPost, e.Links.Self+"/publish", "").want(http.StatusOK, "")
	var made httpapi.Hold
	h.call(http.MethodPost, e.Links.Holds, `{"places":[0]}`, "Idempotency-Key", key()).
		into(&made)
	return e, h.order(made, key())
}

// TestNothingToPay: what costs nothing is paid at once.
func TestNothingToPay(t *testing.T) {
	h := open(t)
	e, placed := h.freeOrder()
	if placed.State != "paid" || placed.Payment.State != "paid" || placed.Total.Amount != 0 {
		t.Errorf("the order is %+v", placed)
	}
	if all := h.tickets(placed); len(all.Tickets) != 1 || all.Tickets[0].State != "valid" {
		t.Errorf("the tickets are %+v", all)
	}
	h.call(http.MethodPost, e.Links.Holds, `{"places":[2]}`, "Idempotency-Key", key()).
		want(http.StatusUnprocessableEntity, "not_for_sale")
}

// TestLogTellsNoIdentifiers: who reads the log must not be able to read a buyer's tickets.
func TestLogTellsNoIdentifiers(t *testing.T) {
	h := open(t)
	h.till.broken.Store(true)
	placed := h.order(h.hold(1, key()), key())
	h.call(http.MethodGet, "/v1/orders/"+placed.ID+"?token="+placed.Token, "")
	h.call(http.MethodGet, "/v1/orders/"+placed.ID, "", "Order-Token", "tok_wrong")
	if text := h.log.String(); strings.Contains(text, placed.ID) ||
		strings.Contains(text, placed.Token) || strings.Contains(text, "ada@") {
		t.Errorf("the log says %s", text)
	}
}

// TestBuyerLimit counts one buyer's places over all of the buyer's orders.
func TestBuyerLimit(t *testing.T) {
	h := open(t)
	for range 2 {
		h.order(h.hold(10, key()), key())
	}
	one := h.hold(1, key())
	h.call(http.MethodPost, "/v1/orders", orderBody(one), "Idempotency-Key", key()).
		want(http.StatusConflict, "buyer_limit")
	other := strings.Replace(orderBody(one), "ada@example.org", "ADA+tickets@example.org", 1)
	h.call(http.MethodPost, "/v1/orders", other, "Idempotency-Key", key()).
		want(http.StatusConflict, "buyer_limit")
	bad := strings.Replace(orderBody(one), "ada@example.org", "nobody", 1)
	h.call(http.MethodPost, "/v1/orders", bad, "Idempotency-Key", key()).
		want(http.StatusUnprocessableEntity, "bad_buyer")
}
