package rush

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func newTestServer(t testing.TB, handler http.Handler) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}
