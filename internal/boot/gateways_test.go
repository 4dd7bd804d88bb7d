package boot_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ticketflow/internal/boot"
	"ticketflow/internal/config"
)

const webhookSecret = "whsec_ofThisTest"

// stripes is a server that takes payments by a Stripe that this test plays: it opens one page.
func stripes(t *testing.T) (c config.Serve, down *atomic.Bool) {
	t.Helper()
	down = new(atomic.Bool)
	product := map[string]any{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		form, _ := url.ParseQuery(string(body))
		if down.Load() {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		answer := map[string]any{"id": "cs_test_1", "object": "checkout.session",
			"status":              "open",
			"url":                 "https://checkout.stripe.com/c/pay/cs_test_1",
			"currency":            form.Get("line_items[0][price_data][currency]"),
			"client_reference_id": form.Get("client_reference_id"),
			"amount_total":        json.Number(form.Get("line_items[0][price_data][unit_amount]"))}
		if strings.HasPrefix(r.URL.Path, "/v1/products") {
			if form.Get("id") != "" {
				product["id"], product["object"] = form.Get("id"), "product"
				product["metadata"] = map[string]string{
					"ticketflow_key": form.Get("metadata[ticketflow_key]")}
			}
			answer = product
		}
		_ = json.NewEncoder(w).Encode(answer)
	}))
	t.Cleanup(server.Close)
	c = settings(t.TempDir())
	c.Demo = true
	c.StripeSecretKey, c.StripeWebhookSecret = "sk_test_ofThisTest", webhookSecret
	c.StripeURL = server.URL
	c.OfflineInstructions = "Pay {amount} in cash for {reference}."
	return c, down
}

// buy orders one place.
func buy(t *testing.T, app *boot.App, buyer int) (order map[string]any) {
	t.Helper()
	hold := ask(t, http.MethodPost, app.URL+"/v1/events/evt_1/holds", `{"best":{"count":1}}`,
		http.StatusCreated, "Idempotency-Key", fmt.Sprintf("the-hold-of-buyer-%d", buyer))
	return ask(t, http.MethodPost, app.URL+"/v1/orders", fmt.Sprintf(
		`{"hold":%q,"hold_token":%q,"buyer":{"name":"A","email":"a@example.org"}}`, hold["id"],
		hold["token"]), http.StatusCreated, "Idempotency-Key", fmt.Sprintf("order-%d", buyer))
}

func paymentOf(order map[string]any) map[string]any { return order["payment"].(map[string]any) }

// TestStripe: with a key of Stripe, orders are paid there, and nothing else can pay them.
func TestStripe(t *testing.T) {
	c, _ := stripes(t)
	app := start(t, c)
	order := buy(t, app, 1)
	if p := paymentOf(order); p["provider"] != "stripe" || p["state"] != "open" ||
		p["url"] != "https://checkout.stripe.com/c/pay/cs_test_1" {
		t.Fatalf("%v", p)
	}
	desk := ask(t, http.MethodGet, fmt.Sprint(app.URL, "/v1/orders/", order["id"],
		"?provider=offline"), "", http.StatusOK, "Order-Token", fmt.Sprint(order["token"]))
	if p := paymentOf(desk); p["provider"] != "offline" || p["url"] != "" ||
		!strings.Contains(fmt.Sprint(p["instructions"]), fmt.Sprint(order["reference"])) {
		t.Errorf("%v", p)
	}
	total := order["total"].(map[string]any)
	body := fmt.Sprintf(`{"id":"evt_1","object":"event","livemode":false,"created":1,
		"type":"checkout.session.completed","data":{"object":{"id":"cs_test_1",
		"client_reference_id":"%[1]s:1","metadata":{"ticketflow_key":"%[1]s:1"},
		"payment_intent":"pi_1","payment_status":"paid","amount_total":%v,"currency":%q}}}`,
		order["id"], total["amount"], strings.ToLower(fmt.Sprint(total["currency"])))
	for _, test := range []struct {
		secret string
		status int
	}{{"whsec_another", http.StatusUnauthorized}, {webhookSecret, http.StatusOK}} {
		now := time.Now().Unix()
		mac := hmac.New(sha256.New, []byte(test.secret))
		fmt.Fprintf(mac, "%d.%s", now, body)
		ask(t, http.MethodPost, app.URL+"/v1/webhooks/stripe", body, test.status,
			"Stripe-Signature", fmt.Sprintf("t=%d,v1=%s", now, hex.EncodeToString(mac.Sum(nil))))
	}
	paid := ask(t, http.MethodGet, fmt.Sprint(app.URL, "/v1/orders/", order["id"]), "",
		http.StatusOK, "Order-Token", fmt.Sprint(order["token"]))
	if paid["state"] != "paid" {
		t.Errorf("after the webhook the order is %v", paid["state"])
	}
	for _, way := range []string{"/simpay/pay/x", "/simpay/v1/payments/x"} {
		ask(t, http.MethodGet, app.URL+way, "", http.StatusNotFound)
	}
	ask(t, http.MethodPost, app.URL+"/v1/webhooks/simpay", "{}", http.StatusNotFound)
	ask(t, http.MethodPost, app.URL+"/v1/webhooks/offline", "{}", http.StatusUnauthorized)
}

// TestGatewayDown: nobody is told that a payment has failed; the breaker opens, is seen in the
// metrics, and the server stays ready.
func TestGatewayDown(t *testing.T) {
	c, down := stripes(t)
	down.Store(true)
	app := start(t, c)
	for n := range 6 {
		order := buy(t, app, n)
		p := paymentOf(order)
		if order["state"] != "awaiting_payment" || p["state"] != "unavailable" ||
			p["retry_after_seconds"].(float64) < 1 {
			t.Errorf("order %d: %v, %v", n, order["state"], p)
		}
	}
	ask(t, http.MethodGet, app.URL+"/readyz", "", http.StatusOK)
	seen := scrape(t, app.URL)
	for _, line := range []string{`ticketflow_payment_breaker_state{provider="stripe"} 2`,
		`ticketflow_payment_breaker_opened_total{provider="stripe"} 1`,
		`ticketflow_payment_rejected_total{by="breaker",provider="stripe"}`,
		`ticketflow_payment_retries_total{provider="stripe"}`,
		`ticketflow_payment_calls_total{call="begin",outcome="unknown",provider="stripe"}`} {
		if !strings.Contains(seen, line) {
			t.Errorf("the metrics say nothing of %s", line)
		}
	}
}

func scrape(t *testing.T, address string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	w, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.Body.Close() }()
	text, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
