package stripe

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// Keys and secrets of the tests.
const (
	testKey    = "sk_test_nobodyMayReadThis"
	testSecret = "whsec_norThisOne"
	returnURL  = "https://tickets.example.org/orders"
)

// fault is what goes wrong with one request.
type fault int

const (
	none         fault = iota
	lostBefore         // the connection breaks before anything happened
	lostAfter          // it happened, the connection breaks instead of the answer
	brokenBefore       // 500, and nothing happened
	brokenAfter        // 500, although it happened
	refusing           // 503 in the form of a refusal, and nothing happened
	hang               // no answer until the caller gives up; it happened
	limited            // 429
	locked             // 409: the key is being worked on
	forbidden          // 401: the key is wrong
	strange            // 502 with a page of a proxy
	garbled            // 200 with half of an answer
	empty              // 200 with an empty object
	moved              // 302
)

// fake plays Stripe: it remembers, honours idempotency keys and can fail. What it doesn't know of
// Stripe's API is an error of the test. With a mock beside it, each request is also put to that,
// which knows all of Stripe's parameters, and the answers' fields are compared.
type fake struct {
	t      *testing.T
	server *httptest.Server
	mock   string

	mu        sync.Mutex
	number    int
	replays   map[string]replay
	products  map[string]map[string]any
	sessions  map[string]*session
	intents   []*intent // the newest last
	refunds   []*refund
	disputes  []*dispute
	faults    map[string][]fault // by "METHOD /path", the last part of the path being *
	hooks     map[string]func()  // run once, before the request is handled
	calls     []string
	live      bool
	losing    bool   // each answer gets lost
	told      int    // refunds whose creation was told by webhook
	refunding string // the status of new refunds, or empty
	released  chan struct{}
}

type replay struct {
	request string
	status  int
	answer  any
}

func newFake(t *testing.T) *fake {
	t.Helper()
	f := &fake{t: t, replays: map[string]replay{}, products: map[string]map[string]any{},
		sessions: map[string]*session{}, faults: map[string][]fault{},
		hooks: map[string]func(){}, released: make(chan struct{})}
	f.server = httptest.NewServer(f)
	// On a kept connection that breaks, net/http asks once more by itself.
	f.server.Config.SetKeepAlivesEnabled(false)
	t.Cleanup(f.server.Close)
	t.Cleanup(func() { close(f.released) })
	return f
}

// gateway makes the adapter that talks to the fake.
func (f *fake) gateway() *Gateway {
	f.t.Helper()
	g, err := New(Options{APIKey: testKey, WebhookSecret: testSecret, ReturnURL: returnURL,
		BaseURL: f.server.URL})
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(g.Close)
	return g
}

// fails has the next requests of a kind go wrong, one after the other.
func (f *fake) fails(request string, faults ...fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults[request] = append(f.faults[request], faults...)
}

// meanwhile has something happen once, before the next request of a kind is handled.
func (f *fake) meanwhile(request string, do func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.hooks[request] = do
}

// asked are the requests since the last question.
func (f *fake) asked() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	calls := f.calls
	f.calls = nil
	return calls
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, _ := io.ReadAll(r.Body)
	if f.mock != "" {
		f.compare(r, string(raw), nil)
	}
	form := f.check(r, string(raw))
	kind := r.Method + " " + pattern(r.URL.Path)
	f.mu.Lock()
	wrong := none
	if waiting := f.faults[kind]; len(waiting) > 0 {
		wrong, f.faults[kind] = waiting[0], waiting[1:]
	}
	if f.losing {
		wrong = lostAfter
	}
	f.calls = append(f.calls, kind)
	hook := f.hooks[kind]
	delete(f.hooks, kind)
	f.mu.Unlock()
	if hook != nil {
		hook()
	}
	if refuse(w, wrong) {
		return
	}
	status, answer := f.once(r, kind, form, string(raw))
	switch wrong {
	case lostAfter:
		panic(http.ErrAbortHandler)
	case brokenAfter:
		respond(w, 500, failure("api_error", "", "try again"))
	case hang:
		select {
		case <-f.released:
		case <-r.Context().Done():
		}
	case strange:
		w.WriteHeader(http.StatusBadGateway)
		_, _ = io.WriteString(w, "<html>Bad gateway</html>")
	case garbled:
		text, _ := json.Marshal(answer)
		_, _ = w.Write(text[:len(text)/2])
	case empty:
		respond(w, 200, map[string]any{})
	default:
		if f.mock != "" && status == 200 {
			f.compare(r, string(raw), answer)
		}
		respond(w, status, answer)
	}
}

// refuse answers in place of doing anything.
func refuse(w http.ResponseWriter, wrong fault) bool {
	switch wrong {
	case lostBefore:
		panic(http.ErrAbortHandler)
	case brokenBefore:
		respond(w, 500, failure("api_error", "", "try again"))
	case refusing:
		respond(w, 503, failure("invalid_request_error", "", "not now"))
	case limited:
		respond(w, 429, failure("invalid_request_error", "rate_limit", "too many"))
	case locked:
		respond(w, 409, failure("idempotency_error", "idempotency_key_in_use", "in use"))
	case forbidden:
		respond(w, 401, failure("invalid_request_error", "", "Invalid API Key provided: "+testKey))
	case moved:
		w.Header().Set("Location", "https://example.org/")
		respond(w, 302, map[string]any{})
	default:
		return false
	}
	return true
}

// check is about what each request must have, and must not.
func (f *fake) check(r *http.Request, body string) url.Values {
	form, err := url.ParseQuery(body + "&" + r.URL.RawQuery)
	if err != nil || r.Header.Get("Authorization") != "Bearer "+testKey ||
		r.Header.Get("Stripe-Version") == "" || r.Header.Get("X-Stripe-Client-Telemetry") != "" ||
		r.Header.Get("X-Stripe-Client-User-Agent") != "" {
		f.t.Errorf("%s %s: %v, %v", r.Method, r.URL, r.Header, err)
	}
	return form
}

// once answers a request, or again what it answered before under the same idempotency key.
func (f *fake) once(r *http.Request, kind string, form url.Values, body string) (int, any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	key := r.Header.Get("Idempotency-Key")
	if r.Method != http.MethodPost {
		return f.now(kind, r.URL.Path, form)
	}
	if key == "" {
		f.t.Errorf("%s without an idempotency key", kind)
	}
	request := r.URL.Path + " " + body
	if before, ok := f.replays[key]; ok {
		if before.request != request {
			return 400, failure("idempotency_error", "", "Keys for idempotent requests can only "+
				"be used with the same parameters they were first used with.")
		}
		return before.status, before.answer
	}
	status, answer := f.now(kind, r.URL.Path, form)
	f.replays[key] = replay{request, status, answer}
	return status, answer
}

// now is an answer as it is at this time: what it tells of may be changed while it is sent.
func (f *fake) now(kind, where string, form url.Values) (int, any) {
	status, answer := f.answer(kind, where, form)
	if text, err := json.Marshal(answer); err == nil {
		answer = json.RawMessage(text)
	}
	return status, answer
}

func respond(w http.ResponseWriter, status int, answer any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Request-Id", "req_fake")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer)
}

func failure(kind, code, message string) map[string]any {
	e := map[string]any{"type": kind, "message": message}
	if code != "" {
		e["code"] = code
	}
	return map[string]any{"error": e}
}

// pattern replaces ids in a path by *.
func pattern(path string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if strings.Contains(part, "_") && part != "payment_intents" {
			parts[i] = "*"
		}
	}
	return strings.Join(parts, "/")
}

// compare puts a request to Stripe's mock. It must take it, and its answer must have the fields of
// ours, of the same types where both have a value.
func (f *fake) compare(r *http.Request, body string, answer any) {
	again, err := http.NewRequestWithContext(r.Context(), r.Method, f.mock+r.URL.RequestURI(),
		strings.NewReader(body))
	if err != nil {
		f.t.Error(err)
		return
	}
	again.Header = maps.Clone(r.Header)
	again.Header.Del("Accept-Encoding")
	resp, err := http.DefaultClient.Do(again)
	if err != nil {
		return // the caller has given up
	}
	defer http.DefaultClient.CloseIdleConnections()
	defer resp.Body.Close()
	text, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != http.StatusOK {
		f.t.Errorf("stripe-mock on %s %s %s: %s", r.Method, r.URL, body, text)
		return
	}
	if answer == nil {
		return
	}
	var want map[string]any
	var got map[string]any
	ours, _ := json.Marshal(answer)
	if json.Unmarshal(text, &want) != nil || json.Unmarshal(ours, &got) != nil {
		f.t.Errorf("%s: no objects: %s, %s", r.URL, text, ours)
		return
	}
	for name, value := range got {
		theirs, ok := want[name]
		if !ok || theirs != nil && value != nil &&
			fmt.Sprintf("%T", theirs) != fmt.Sprintf("%T", value) &&
			fmt.Sprintf("%T", value) != "map[string]interface {}" { // expanded
			f.t.Errorf("%s %s: our %s is %v, stripe-mock's %v", r.Method, r.URL.Path, name, value,
				theirs)
		}
	}
}
