package main

import (
	"bytes"
	"fmt"
	"image/png"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

type listedEvents struct {
	Events []struct{ ID, Title string } `json:"events"`
}

type soldOrder struct {
	ID, Token, State string
	Payment          struct{ URL string }
}

type soldTickets struct {
	Tickets []struct{ ID, Code, State string }
}

// TestWhole sells two tickets as a newcomer would, stops the server and finds the order again.
func TestWhole(t *testing.T) {
	data := filepath.Join(t.TempDir(), "books")
	server := serve(t, "--demo", "--data", data)
	events := parse[listedEvents](t, server.ask(http.MethodGet, "/v1/events", "", http.StatusOK))
	if len(events.Events) != 3 {
		t.Fatalf("%d events: %v", len(events.Events), events)
	}
	order := server.buy()
	paths := []string{"/swagger", "/openapi.json", "/metrics", "/healthz", "/readyz"}
	for _, path := range paths {
		if len(server.ask(http.MethodGet, path, "", http.StatusOK)) == 0 {
			t.Errorf("%s is empty", path)
		}
	}
	tickets := server.tickets(order)
	picture := server.ask(http.MethodGet, "/v1/tickets/"+tickets.Tickets[0].ID+"/qr.png", "",
		http.StatusOK)
	if _, err := png.DecodeConfig(bytes.NewReader(picture)); err != nil {
		t.Error(err)
	}
	out, _, err := command(t, "audit", "--data", data)
	if err != nil || !strings.Contains(out, "I9") {
		t.Errorf("the audit beside the server: %v\n%s", err, out)
	}
	_, _, err = command(t, "serve", "--demo", "--addr", "127.0.0.1:0", "--data", data)
	if err == nil || !strings.Contains(err.Error(), "another") {
		t.Errorf("a second server on the folder: %v", err)
	}
	first := server.stop()
	if !strings.Contains(first, "API key") || !strings.Contains(first, "tfk_") {
		t.Errorf("the first start shows no API key:\n%s", first)
	}

	server = serve(t, "--demo", "--data", data)
	again := parse[soldOrder](t, server.ask(http.MethodGet, "/v1/orders/"+order.ID, "",
		http.StatusOK, "Order-Token", order.Token))
	if again.State != "paid" {
		t.Errorf("after the restart the order is %q", again.State)
	}
	events = parse[listedEvents](t, server.ask(http.MethodGet, "/v1/events", "", http.StatusOK))
	if len(events.Events) != 3 {
		t.Errorf("%d events after the second start with --demo", len(events.Events))
	}
	if second := server.stop(); strings.Contains(second, "API key") {
		t.Errorf("the API key is shown again:\n%s", second)
	}
	if _, _, err := command(t, "audit", "--data", data, "--json"); err != nil {
		t.Errorf("the audit after the server: %v", err)
	}
}

// TestAdmission checks a ticket in with a key of the operator's choice, once.
func TestAdmission(t *testing.T) {
	const key = "a-key-of-the-operator-1"
	t.Setenv("TICKETFLOW_API_KEY", key)
	server := serve(t, "--demo", "--data", t.TempDir())
	ticket := server.tickets(server.buy()).Tickets[0]
	scan := fmt.Sprintf(`{"code":%q}`, ticket.Code)
	server.ask(http.MethodPost, "/v1/check-ins", scan, http.StatusUnauthorized)
	server.ask(http.MethodPost, "/v1/check-ins", scan, http.StatusOK,
		"Authorization", "Bearer "+key)
	server.ask(http.MethodPost, "/v1/check-ins", scan, http.StatusConflict,
		"Authorization", "Bearer "+key)
	if out := server.stop(); strings.Contains(out, key) || strings.Contains(out, "tfk_") {
		t.Errorf("a key is printed:\n%s", out)
	}
}

// buy holds the two best places of the first event, orders and pays.
func (p *program) buy() soldOrder {
	p.t.Helper()
	hold := parse[soldOrder](p.t, p.ask(http.MethodPost, "/v1/events/evt_1/holds",
		`{"best":{"count":2}}`, http.StatusCreated, "Idempotency-Key", "whole-hold-number-1"))
	body := fmt.Sprintf(`{"hold":%q,"hold_token":%q,`+
		`"buyer":{"name":"A. Buyer","email":"buyer@example.com"}}`, hold.ID, hold.Token)
	order := parse[soldOrder](p.t, p.ask(http.MethodPost, "/v1/orders", body,
		http.StatusCreated, "Idempotency-Key", "whole-order-1"))
	paid := parse[struct{ State string }](p.t, p.ask(http.MethodPost, order.Payment.URL,
		"outcome=paid",
		http.StatusOK, "Accept", "application/json",
		"Content-Type", "application/x-www-form-urlencoded"))
	if paid.State != "paid" {
		p.t.Errorf("the payment is %q", paid.State)
	}
	return order
}

func (p *program) tickets(order soldOrder) soldTickets {
	p.t.Helper()
	sold := parse[soldTickets](p.t, p.ask(http.MethodGet, "/v1/orders/"+order.ID+"/tickets", "",
		http.StatusOK, "Order-Token", order.Token))
	if len(sold.Tickets) != 2 || sold.Tickets[0].State != "valid" {
		p.t.Fatalf("tickets: %+v", sold)
	}
	return sold
}
