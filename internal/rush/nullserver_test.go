package rush

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestNullServerParsesWhatItGets(t *testing.T) {
	t.Parallel()
	handler := NullHandler(NullConfig{})
	for _, c := range []struct {
		method, path, header, body string
		want                       int
	}{
		{"POST", "/v1/events/evt_1/holds", "Idempotency-Key", `{"best":{"count":2}}`, 201},
		{"POST", "/v1/events/evt_1/holds", "Idempotency-Key", `{"places":[1,2,3]}`, 201},
		{"POST", "/v1/events/evt_1/holds", "Idempotency-Key", `{"places":["x"]}`, 400},
		{"POST", "/v1/events/evt_1/holds", "Idempotency-Key", `{`, 400},
		{"POST", "/v1/events/evt_1/holds", "Idempotency-Key", `{"best":{"count":99}}`, 422},
		{"POST", "/v1/events/evt_1/holds", "X", `{"best":{"count":2}}`, 422},
		{"POST", "/v1/events/evt_1/holds", "X", strings.Repeat(" ", maxNullBodyBytes+1), 413},
		{"POST", "/v1/orders", "Idempotency-Key",
			`{"hold":"hld_c1","hold_token":"t","buyer":{"email":"a@example.org"}}`, 201},
		{"POST", "/v1/orders", "Idempotency-Key", `{"hold":"x"}`, 404},
		{"GET", "/v1/orders/ord_c1/tickets", "Order-Token", "", 200},
		{"GET", "/v1/orders/ord_c1/tickets", "X", "", 404},
		{"DELETE", "/v1/holds/hld_c1", "Hold-Token", "", 204},
		{"DELETE", "/v1/holds/hld_c1", "X", "", 404},
		{"POST", "/v1/webhooks/simpay", "X", `{"type":"payment.paid"}`, 204},
		{"POST", "/v1/webhooks/simpay", "X", `[`, 400},
		{"POST", "/simpay/pay/x", "X", "", 400},
	} {
		r := httptest.NewRequest(c.method, c.path, strings.NewReader(c.body))
		r.Header.Set(c.header, "k")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != c.want {
			t.Errorf("%s %s %.40s: %d, want %d", c.method, c.path, c.body, w.Code, c.want)
		}
	}
}

func TestNullServerWithAnotherPaymentPage(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /elsewhere/{order}", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"payment":"spy_1","state":"paid"}`)
	})
	mux.Handle("/", NullHandler(NullConfig{
		PaymentURL: func(order string) string { return "/elsewhere/" + order },
	}))
	r := mustRun(t, Config{
		Target: newTestServer(t, mux), Buyers: 4, Places: 100, Null: true, Shares: &Shares{},
	})
	if r.OrdersPaid != 50 || !r.OK() {
		t.Errorf("paid %d, %v", r.OrdersPaid, r.Answers)
	}
}
