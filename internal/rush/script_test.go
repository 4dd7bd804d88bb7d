package rush

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"testing"
)

func sampleBuyer() *buyer {
	return &buyer{
		no: 12, round: 3, wish: 1, wants: 2, named: 40,
		hold: []byte("hld_1"), holdToken: []byte("ht"), order: []byte("ord_1"),
		orderToken: []byte("ot"), pay: []byte("/simpay/pay/x"),
	}
}

func parsed(t *testing.T, raw []byte) (*http.Request, string) {
	t.Helper()
	reader := bufio.NewReader(bytes.NewReader(raw))
	r, err := http.ReadRequest(reader)
	if err != nil {
		t.Fatalf("%v in %q", err, raw)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	if reader.Buffered() != 0 {
		t.Errorf("%d bytes too many in %q", reader.Buffered(), raw)
	}
	return r, string(body)
}

func TestRequestsAreWhatTheyShouldBe(t *testing.T) {
	t.Parallel()
	s := newScript("127.0.0.1:8080", "evt_1", "nonce")
	type want struct{ method, path, header, value, body string }
	for step, want := range map[step]want{
		stepHold: {"POST", "/v1/events/evt_1/holds", "Idempotency-Key", "rush-nonce-12-3-h1",
			`{"best":{"count":2,"split_allowed":false}}`},
		stepOrder: {"POST", "/v1/orders", "Idempotency-Key", "rush-nonce-12-3-o1",
			`{"hold":"hld_1","hold_token":"ht","buyer":{"name":"Buyer 12",` +
				`"email":"b12-3@nonce.example.org"}}`},
		stepPay: {"POST", "/simpay/pay/x", "Content-Type", "application/x-www-form-urlencoded",
			"outcome=paid"},
		stepTickets:      {"GET", "/v1/orders/ord_1/tickets", "Order-Token", "ot", ""},
		stepTicketsRetry: {"GET", "/v1/orders/ord_1/tickets", "Order-Token", "ot", ""},
		stepRelease:      {"DELETE", "/v1/holds/hld_1", "Hold-Token", "ht", ""},
	} {
		b := sampleBuyer()
		b.step = step
		r, body := parsed(t, s.write(nil, b))
		if r.Method != want.method || r.URL.Path != want.path || body != want.body ||
			r.Header.Get(want.header) != want.value || r.Host != "127.0.0.1:8080" {
			t.Errorf("%s: %s %s %v %q", stepNames[step], r.Method, r.URL, r.Header, body)
		}
		if step <= stepOrder && !json.Valid([]byte(body)) {
			t.Errorf("not JSON: %s", body)
		}
	}
	b := sampleBuyer()
	b.naming = true
	if _, body := parsed(t, s.write(nil, b)); body != `{"places":[40,41]}` {
		t.Errorf("named: %s", body)
	}
}

func TestRequestsAllocateNothing(t *testing.T) {
	s := newScript("127.0.0.1:8080", "evt_1", "nonce")
	b := sampleBuyer()
	out := make([]byte, 0, 4096)
	s.body = make([]byte, 0, 4096)
	if n := testing.AllocsPerRun(200, func() {
		for b.step = range stepsCount {
			out = s.write(out[:0], b)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
