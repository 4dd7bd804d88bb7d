package httpapi_test

import (
	"fmt"
	"net/http"
	"testing"

	"ticketflow/internal/inbound/httpapi"
)

// hold holds the best n places.
func (h *house) hold(n int, key string) httpapi.Hold {
	h.tb.Helper()
	var made httpapi.Hold
	r := h.call(http.MethodPost, "/v1/events/"+h.event.String()+"/holds",
		fmt.Sprintf(`{"best":{"count":%d}}`, n), "Idempotency-Key", key)
	r.want(http.StatusCreated, "")
	r.into(&made)
	return made
}

const ada = `"buyer":{"name":"Ada","email":"ada@example.org"}`

func orderBody(made httpapi.Hold) string {
	return fmt.Sprintf(`{"hold":%q,"hold_token":%q,%s}`, made.ID, made.Token, ada)
}

// order turns a hold into an order.
func (h *house) order(made httpapi.Hold, key string) httpapi.Order {
	h.tb.Helper()
	var placed httpapi.Order
	r := h.call(http.MethodPost, "/v1/orders", orderBody(made), "Idempotency-Key", key)
	r.want(http.StatusCreated, "")
	r.into(&placed)
	return placed
}

// pay sends the notice that an order was paid.
func (h *house) pay(o httpapi.Order, id string) reply {
	h.tb.Helper()
	return h.send(h.till.notice(h.tb, h.url, id, h.clock.Now(), slip{Key: o.ID + ":1",
		Transaction: "txn_" + id, State: "paid", Amount: o.Total.Amount, Currency: "EUR"}))
}

// tickets reads the tickets of an order.
func (h *house) tickets(o httpapi.Order) httpapi.OrderTickets {
	h.tb.Helper()
	var all httpapi.OrderTickets
	r := h.call(http.MethodGet, "/v1/orders/"+o.ID+"/tickets", "", "Order-Token", o.Token)
	r.want(http.StatusOK, "")
	r.into(&all)
	return all
}

func TestFromHoldToTickets(t *testing.T) {
	h := open(t)
	made := h.hold(2, "k1")
	if len(made.Places) != 2 || !made.SideBySide || made.Total.Amount != 9800 {
		t.Fatalf("the hold is %+v", made)
	}
	placed := h.order(made, "k2")
	if placed.State != "awaiting_payment" || placed.Payment.State != "open" ||
		placed.Payment.URL == "" || len(placed.Places) != 2 {
		t.Fatalf("the order is %+v", placed)
	}
	if all := h.tickets(placed); len(all.Tickets) != 0 {
		t.Fatalf("an unpaid order has tickets: %+v", all)
	}
	for i, want := range []string{`{"result":"paid"}`, `{"result":"known"}`} {
		r := h.pay(placed, "n1")
		if r.want(http.StatusOK, ""); string(r.body) != want {
			t.Errorf("notice %d: got %s, want %s", i, r.body, want)
		}
	}
	all := h.tickets(placed)
	if all.State != "paid" || len(all.Tickets) != 2 {
		t.Fatalf("the tickets are %+v", all)
	}
	for i, ticket := range all.Tickets {
		if ticket.State != "valid" || ticket.Code == "" || ticket.Seat != made.Places[i].Seat {
			t.Errorf("ticket %d is %+v", i, ticket)
		}
	}
	var again httpapi.Order
	h.call(http.MethodGet, "/v1/orders/"+placed.ID, "", "Order-Token", placed.Token).into(&again)
	if again.State != "paid" || again.Payment.State != "paid" || again.Token != "" {
		t.Errorf("the paid order is %+v", again)
	}
}
