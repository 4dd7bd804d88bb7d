package edge

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"ticketflow/internal/domain/errs"
)

// TestBrowsersGetPagesAndProgramsProblems: who accepts HTML outside of the API gets a page, with
// the same status and headers, whatever went wrong and wherever it was noticed.
func TestBrowsersGetPagesAndProgramsProblems(t *testing.T) {
	const html = "text/html,application/xhtml+xml,*/*;q=0.8"
	tests := []struct{ path, accept, want string }{
		{"/fails", html, "page 429 too_much"},
		{"/panics", html, "page 500 internal"},
		{"/nothing", html, "page 404 not_found"},
		{"/fails", "*/*", `problem 429 too_much`},
		{"/fails", "", `problem 429 too_much`},
		{"/panics", "application/json", `problem 500 internal`},
		{"/v1/fails", html, `problem 429 too_much`},
		{"/v1/nothing", html, `problem 404 not_found`},
	}
	r := newRig(Config{})
	tooMuch := errs.New(errs.TooMany, "too_much", "That was too much.")
	for _, path := range []string{"/fails", "/v1/fails"} {
		fail := func(w http.ResponseWriter, q *http.Request) { Fail(w, q, tooMuch) }
		r.mux.Add(Route{Pattern: "GET " + path, Handler: fail})
	}
	r.mux.Add(Route{Pattern: "GET /panics", Handler: func(http.ResponseWriter, *http.Request) {
		panic("on purpose")
	}})
	r.mux.Pages(func(w http.ResponseWriter, _ *http.Request, p Problem) {
		w.WriteHeader(p.Status)
		_, _ = fmt.Fprintf(w, "page %d %s", p.Status, p.Code)
	})
	for _, c := range tests {
		req := httptest.NewRequest(http.MethodGet, c.path, http.NoBody)
		req.Header.Set("Accept", c.accept)
		w := httptest.NewRecorder()
		r.mux.ServeHTTP(w, req)
		got := w.Body.String()
		if strings.HasPrefix(got, "{") {
			got = fmt.Sprintf("problem %d %s", w.Code, codeOf(t, w))
		}
		if got != c.want {
			t.Errorf("%s for %q: %q, want %q", c.path, c.accept, got, c.want)
		}
		limited := w.Code == http.StatusTooManyRequests
		if limited != (w.Header().Get("Retry-After") != "") {
			t.Errorf("%s for %q has the headers %v", c.path, c.accept, w.Header())
		}
	}
}
