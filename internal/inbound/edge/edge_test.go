package edge

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/errs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rig is a mux with one route, and its log.
type rig struct {
	mux    *Mux
	log    *bytes.Buffer
	served sync.WaitGroup // handlers of a switchboard that have not returned
}

func newRig(c Config) *rig {
	r := &rig{log: &bytes.Buffer{}}
	c.Log = slog.New(slog.NewJSONHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	c.Metrics = prometheus.NewRegistry()
	r.mux = NewMux(c)
	return r
}

// add adds POST /things/{id}, which takes ten bytes.
func (r *rig) add(handle http.HandlerFunc) *rig {
	r.mux.Add(Route{Pattern: "POST /things/{id}", Class: Buying, MaxBodyBytes: 10,
		Handler: handle})
	return r
}

func (r *rig) post(body io.Reader, header ...string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(http.MethodPost, "/things/secret-id?token=secret-token", body)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	r.mux.ServeHTTP(w, req)
	return w
}

func codeOf(tb testing.TB, w *httptest.ResponseRecorder) string {
	tb.Helper()
	var p struct {
		Code, Type string
		Status     int
		RequestID  string `json:"request_id"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		tb.Fatalf("%q: %v", w.Body, err)
	}
	if p.Status != w.Code || p.Type != typePrefix+p.Code ||
		p.RequestID != w.Header().Get("X-Request-Id") ||
		w.Header().Get("Content-Type") != ProblemType {
		tb.Errorf("the problem %s came with %d %v", w.Body, w.Code, w.Header())
	}
	return p.Code
}

// TestEveryKindHasItsStatus: the one table.
func TestEveryKindHasItsStatus(t *testing.T) {
	for kind, want := range map[errs.Kind]int{
		errs.Internal: 500, errs.Malformed: 400, errs.Invalid: 422, errs.Unauthenticated: 401,
		errs.Forbidden: 403, errs.NotFound: 404, errs.Conflict: 409, errs.Gone: 410,
		errs.TooLarge: 413, errs.TooMany: 429, errs.Unavailable: 503, 200: 500,
	} {
		if got := StatusOf(kind); got != want {
			t.Errorf("kind %d has the status %d, want %d", kind, got, want)
		}
	}
}

func TestFailures(t *testing.T) {
	rule := errs.New(errs.Conflict, "taken", "Somebody <else> has it.")
	for name, c := range map[string]struct {
		err    error
		status int
		code   string
		header string
	}{
		"a rule": {fmt.Errorf("wrapped: %w", rule), 409, "taken", ""},
		"a limit": {errs.New(errs.TooMany, "slow", "Slow down."), 429, "slow",
			"Retry-After"},
		"an outage": {errs.New(errs.Unavailable, "later", "Later."), 503, "later",
			"Retry-After"},
		"a stranger":     {ErrUnauthenticated, 401, "unauthenticated", "Www-Authenticate"},
		"a defect":       {errors.New("secret text"), 500, "internal", ""},
		"internal":       {errs.New(errs.Internal, "secret", "secret text"), 500, "internal", ""},
		"cancelled":      {context.Canceled, 503, "timed_out", "Retry-After"},
		"too late":       {context.DeadlineExceeded, 503, "timed_out", "Retry-After"},
		"too large":      {&http.MaxBytesError{Limit: 1}, 413, "body_too_large", ""},
		"nothing at all": {nil, 500, "internal", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(Config{}).add(func(w http.ResponseWriter, r *http.Request) {
				Fail(w, r, c.err)
			})
			w := r.post(nil)
			if code := codeOf(t, w); code != c.code || w.Code != c.status {
				t.Errorf("got %d %s, want %d %s", w.Code, code, c.status, c.code)
			}
			if c.header != "" && w.Header().Get(c.header) == "" {
				t.Errorf("no %s", c.header)
			}
			if strings.Contains(w.Body.String(), "secret") {
				t.Errorf("the answer tells a secret: %s", w.Body)
			}
			if logged := strings.Count(r.log.String(), "request failed"); (logged == 1) !=
				(c.status == 500) {
				t.Errorf("logged %d times: %s", logged, r.log)
			}
			id := w.Header().Get("X-Request-Id")
			if c.status == 500 && !strings.Contains(r.log.String(), id) {
				t.Errorf("the log doesn't name the request: %s", r.log)
			}
		})
	}
}

func TestProblemFields(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	e := errs.New(errs.Conflict, "c", "T.").With(`D "x".`).
		WithField("taken", []catalog.PlaceNo{3, 4}).WithField("n", 7).WithField("at", at).
		WithField("raw", json.RawMessage(`{"a":1}`)).WithField("text", "<b>").
		WithField("other", map[string]int{"z": 1}).WithField("bad", func() {})
	p := ProblemOf(t.Context(), slog.Default(), "id", e)
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"type":"urn:ticketflow:problem:c","title":"T.","status":409,"detail":"D \"x\".",` +
		`"code":"c","request_id":"id","at":"2026-01-02T03:04:05Z","bad":null,"n":7,` +
		`"other":{"z":1},"raw":{"a":1},"taken":[3,4],"text":"\u003cb\u003e"}`
	if string(text) != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
}

func TestRequestID(t *testing.T) {
	r := newRig(Config{}).add(func(w http.ResponseWriter, r *http.Request) {
		if RequestIDIn(WithRequestID(r.Context(), w)) != RequestID(w) {
			t.Error("the id is lost in the context")
		}
	})
	if got := r.post(nil, "X-Request-Id", "client-1.A_b").Header().Get("X-Request-Id"); got !=
		"client-1.A_b" {
		t.Errorf("a good id became %q", got)
	}
	seen := map[string]bool{}
	long := strings.Repeat("x", 65)
	for _, bad := range []string{"", "with space", "line\nbreak", long, "é", "\""} {
		got := r.post(nil, "X-Request-Id", bad).Header().Get("X-Request-Id")
		if got == bad || len(got) != 2*requestIDBytes || seen[got] {
			t.Errorf("%q became %q", bad, got)
		}
		seen[got] = true
	}
	if RequestID(httptest.NewRecorder()) != "" || RequestIDIn(t.Context()) != "" {
		t.Error("an id out of nothing")
	}
}

// TestLogTellsNoSecrets: identifiers in paths and queries grant access.
func TestLogTellsNoSecrets(t *testing.T) {
	r := newRig(Config{}).add(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNoContent)
	})
	r.post(nil, "Authorization", "Bearer secret-key", "Hold-Token", "secret")
	line := r.log.String()
	if strings.Contains(line, "secret") || !strings.Contains(line, `"POST /things/{id}"`) ||
		!strings.Contains(line, `"level":"DEBUG"`) || !strings.Contains(line, `"status":204`) {
		t.Errorf("the access log says %s", line)
	}
}

func TestPanics(t *testing.T) {
	r := newRig(Config{}).add(func(http.ResponseWriter, *http.Request) { panic("secret reason") })
	w := r.post(nil)
	if code := codeOf(t, w); code != "internal" || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("a panic answers %s", w.Body)
	}
	if !strings.Contains(r.log.String(), "secret reason") ||
		!strings.Contains(r.log.String(), "edge_test.go") {
		t.Errorf("the log says %s", r.log)
	}
	for name, handle := range map[string]http.HandlerFunc{
		"half an answer": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("half"))
			panic("too late")
		},
		"an abort": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		func() {
			defer func() {
				if recover() != http.ErrAbortHandler { //nolint:errorlint // as it was thrown
					t.Errorf("%s does not end the connection", name)
				}
			}()
			newRig(Config{}).add(handle).post(nil)
		}()
	}
}

func TestUnknownAddresses(t *testing.T) {
	r := newRig(Config{}).add(func(w http.ResponseWriter, r *http.Request) {
		http.NotFound(w, r) // a handler's own 404 is left alone
	})
	if w := r.post(nil); w.Body.String() != "404 page not found\n" {
		t.Errorf("a handler's 404 became %s", w.Body)
	}
	for path, want := range map[string]string{"/": "not_found", "/things": "not_found",
		"/things/1": "method_not_allowed"} {
		w := httptest.NewRecorder()
		r.mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if code := codeOf(t, w); code != want {
			t.Errorf("GET %s: %d %s", path, w.Code, code)
		}
		if want == "method_not_allowed" && w.Header().Get("Allow") != http.MethodPost {
			t.Errorf("Allow is %q", w.Header().Get("Allow"))
		}
	}
}

func TestBodies(t *testing.T) {
	r := newRig(Config{}).add(func(w http.ResponseWriter, r *http.Request) {
		body, err := ReadBody(r, nil)
		if err != nil {
			Fail(w, r, err)
			return
		}
		WriteJSON(w, http.StatusOK, body)
	})
	for text, want := range map[string]int{"": 200, "0123456789": 200, "01234567890": 413,
		strings.Repeat("x", 100_000): 413} {
		told := r.post(strings.NewReader(text))
		counted := r.post(io.MultiReader(strings.NewReader(text))) // its length isn't told
		for _, w := range []*httptest.ResponseRecorder{told, counted} {
			if w.Code != want || want == 200 && w.Body.String() != text {
				t.Errorf("%d bytes: got %d %s", len(text), w.Code, w.Body)
			}
		}
	}
	broken := r.post(io.MultiReader(strings.NewReader("x"), failing{}))
	if code := codeOf(t, broken); code != "body_broken" {
		t.Errorf("a broken body: %s", code)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("cut") }

func TestGuard(t *testing.T) {
	r := newRig(Config{})
	r.mux.Add(Route{Pattern: "POST /things/{id}", Guard: APIKey(HashKey("right")),
		Handler: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }})
	for value, want := range map[string]int{"Bearer right": 200, "bearer right": 200,
		"Bearer wrong": 401, "right": 401, "Basic right": 401, "": 401, "Bearer ": 401} {
		if w := r.post(nil, "Authorization", value); w.Code != want {
			t.Errorf("%q got %d", value, w.Code)
		}
	}
}

func TestWithoutAnExchange(t *testing.T) {
	w := httptest.NewRecorder()
	Fail(w, httptest.NewRequest(http.MethodGet, "/", nil), ErrOverloaded)
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		t.Errorf("got %d %v", w.Code, w.Header())
	}
}
