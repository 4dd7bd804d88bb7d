package httpapi_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"ticketflow/internal/inbound/httpapi"
)

// serve answers a request without a network.
func (h *house) serve(method, path, body string, header ...string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(method, path, strings.NewReader(body))
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.api.ServeHTTP(w, req)
	return w
}

// answered fails the benchmark if the answer is not the wanted one.
func answered(b *testing.B, w *httptest.ResponseRecorder, want int) reply {
	b.Helper()
	if w.Code != want {
		b.Fatalf("got %d %s", w.Code, w.Body)
	}
	return reply{b, w.Code, w.Header(), w.Body.Bytes()}
}

// BenchmarkHold holds and releases one place, by parallel clients, on the ledger: the commit is
// shared, the handler is not.
func BenchmarkHold(b *testing.B) {
	h := open(b)
	var n atomic.Int64
	b.SetParallelism(64)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			i := n.Add(1)
			w := h.serve(http.MethodPost, h.holdsPath(), `{"best":{"count":1}}`,
				"Idempotency-Key", fmt.Sprintf("a buyer of benches %d", i))
			var made httpapi.Hold
			answered(b, w, http.StatusCreated).into(&made)
			answered(b, h.serve(http.MethodDelete, "/v1/holds/"+made.ID, "", "Hold-Token",
				made.Token), http.StatusNoContent)
		}
	})
}

// The rest measures what a handler costs beside the ledger: repeated requests and reads.

func BenchmarkRefusedHold(b *testing.B) {
	h := open(b)
	h.call(http.MethodPost, h.holdsPath(), `{"places":[3]}`, "Idempotency-Key",
		"the first bench buyer")
	b.ReportAllocs()
	for b.Loop() {
		answered(b, h.serve(http.MethodPost, h.holdsPath(), `{"places":[3]}`,
			"Idempotency-Key", "another bench buyer"), http.StatusConflict)
	}
}

func BenchmarkReadOrder(b *testing.B) {
	h := open(b)
	placed := h.order(h.hold(2, "a"), "b")
	b.ReportAllocs()
	for b.Loop() {
		answered(b, h.serve(http.MethodGet, "/v1/orders/"+placed.ID, "", "Order-Token",
			placed.Token), http.StatusOK)
	}
}

func BenchmarkReadTickets(b *testing.B) {
	h := open(b)
	placed := h.order(h.hold(2, "a"), "b")
	h.pay(placed, "n").want(http.StatusOK, "")
	b.ReportAllocs()
	for b.Loop() {
		answered(b, h.serve(http.MethodGet, "/v1/orders/"+placed.ID+"/tickets", "",
			"Order-Token", placed.Token), http.StatusOK)
	}
}

func BenchmarkSnapshot(b *testing.B) {
	h := open(b)
	b.ReportAllocs()
	for b.Loop() {
		answered(b, h.serve(http.MethodGet, "/v1/events/"+h.event.String()+"/availability", ""),
			http.StatusOK)
	}
}

func BenchmarkHealth(b *testing.B) {
	h := open(b)
	b.ReportAllocs()
	for b.Loop() {
		answered(b, h.serve(http.MethodGet, "/healthz", ""), http.StatusOK)
	}
}
