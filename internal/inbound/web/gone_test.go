package web_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestWhoHasGoneEndsNothing: templates refuse a request that has ended. The page that says so must
// not be refused in its turn, and so on without end: nothing recovers from that.
func TestWhoHasGoneEndsNothing(t *testing.T) {
	h := open(t)
	for path, status := range map[string]int{"/": http.StatusOK,
		"/events/evt_404": http.StatusNotFound, "/nothing": http.StatusNotFound} {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		r := httptest.NewRequestWithContext(ctx, http.MethodGet, path, http.NoBody)
		r.Header.Set("Accept", "text/html")
		w := httptest.NewRecorder()
		h.mux.ServeHTTP(w, r)
		if w.Code != status && w.Code != http.StatusServiceUnavailable {
			t.Errorf("%s answers %d", path, w.Code)
		}
		if !strings.Contains(w.Body.String(), "</html>") {
			t.Errorf("%s isn't written to its end: %.80q", path, w.Body)
		}
	}
}
