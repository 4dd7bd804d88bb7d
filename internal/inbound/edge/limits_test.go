package edge

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// crowd is a route of each class whose handlers wait until they are let go.
type crowd struct {
	rig     *rig
	entered chan struct{}
	leave   chan struct{}
	group   sync.WaitGroup
}

func newCrowd(c Config) *crowd {
	s := &crowd{rig: newRig(c), entered: make(chan struct{}), leave: make(chan struct{})}
	for path, class := range map[string]Class{"/browse": Browsing, "/buy": Buying,
		"/settle": Settling, "/watch": Watching} {
		s.rig.mux.Add(Route{Pattern: "GET " + path, Class: class,
			Handler: func(http.ResponseWriter, *http.Request) {
				s.entered <- struct{}{}
				<-s.leave
			}})
	}
	s.rig.mux.Add(Route{Pattern: "GET /probe", Class: Probing,
		Handler: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }})
	return s
}

func (s *crowd) get(path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.rig.mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}

// enter lets n requests in and leaves them inside.
func (s *crowd) enter(path string, n int) {
	for range n {
		s.group.Go(func() { s.get(path) })
		<-s.entered
	}
}

// TestShedsTheLeastImportantFirst: browsing, then buying, then what was promised; probes never.
func TestShedsTheLeastImportantFirst(t *testing.T) {
	s := newCrowd(Config{InFlightRequests: 10, Streams: 2})
	refused := func(path string) {
		t.Helper()
		w := s.get(path)
		if code := codeOf(t, w); code != "overloaded" || w.Header().Get("Retry-After") == "" {
			t.Errorf("%s got %d %s", path, w.Code, code)
		}
	}
	s.enter("/browse", 7)
	refused("/browse")
	s.enter("/buy", 2)
	refused("/buy")
	refused("/browse")
	s.enter("/settle", 1)
	refused("/settle")
	s.enter("/watch", 2)
	refused("/watch")
	if w := s.get("/probe"); w.Code != http.StatusOK {
		t.Errorf("a probe got %d", w.Code)
	}
	close(s.leave)
	s.group.Wait()
	s.group.Go(func() { s.get("/browse") })
	<-s.entered
	s.group.Wait()
	if n := s.rig.mux.inFlight.Load() + s.rig.mux.streams.Load(); n != 0 {
		t.Errorf("%d requests are still counted", n)
	}
}

func TestLimiter(t *testing.T) {
	l := NewLimiter(1, 2)
	now := time.Now()
	ask := func(address string, at time.Time) bool {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = address
		return l.allow(r, at)
	}
	for i, want := range []bool{true, true, false} {
		if got := ask("192.0.2.1:1000", now); got != want {
			t.Errorf("request %d: %v", i, got)
		}
	}
	if !ask("192.0.2.2:1000", now) || !ask("192.0.2.1:2000", now.Add(time.Second)) {
		t.Error("another address, or a second later, is refused")
	}
	for i, want := range []bool{true, true, false} { // one /64 is one client
		if got := ask(fmt.Sprintf("[2001:db8::%d]:1", i+1), now); got != want {
			t.Errorf("IPv6 request %d: %v", i, got)
		}
	}
	if !ask("a socket", now) || !ask("", now) {
		t.Error("who has no address is refused")
	}
	for i := range maxLimiterAddresses + 10 {
		ask(fmt.Sprintf("10.%d.%d.%d:1", i>>16, i>>8&255, i&255), now)
	}
	if n := len(l.young) + len(l.old); n > 2*maxLimiterAddresses || len(l.old) == 0 {
		t.Errorf("%d addresses are remembered", n)
	}
	if ask("192.0.2.1:1", now) {
		t.Error("a new generation forgets who has asked too often")
	}
}

func TestLimitedRoute(t *testing.T) {
	r := newRig(Config{Limiter: NewLimiter(0.001, 1)}).
		add(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	if w := r.post(nil); w.Code != http.StatusOK {
		t.Errorf("the first got %d", w.Code)
	}
	if code := codeOf(t, r.post(nil)); code != "too_many_requests" {
		t.Errorf("the second got %s", code)
	}
}

func TestMetrics(t *testing.T) {
	registry := prometheus.NewRegistry()
	r := newRig(Config{})
	mux := NewMux(Config{Log: r.mux.log, Metrics: registry})
	mux.Add(Route{Pattern: "GET /things/{id}", Handler: func(w http.ResponseWriter,
		r *http.Request) {
		if r.PathValue("id") == "odd" {
			w.WriteHeader(999)
		}
	}})
	for _, path := range []string{"/things/1", "/things/2", "/things/odd", "/nowhere"} {
		mux.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil))
	}
	w := httptest.NewRecorder()
	promhttp.HandlerFor(registry, promhttp.HandlerOpts{}).ServeHTTP(w,
		httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for _, want := range []string{
		`ticketflow_http_requests_total{code="2xx",route="GET /things/{id}"} 2`,
		`ticketflow_http_requests_total{code="other",route="GET /things/{id}"} 1`,
		`ticketflow_http_requests_total{code="4xx",route="unmatched"} 1`,
		`ticketflow_http_request_duration_seconds_count{route="GET /things/{id}"} 3`,
		"ticketflow_http_in_flight_requests 0",
		"ticketflow_http_streams 0",
	} {
		if !strings.Contains(w.Body.String(), want+"\n") {
			t.Errorf("the metrics don't say %s", want)
		}
	}
}

// TestStream sends until the viewer is gone.
func TestStream(t *testing.T) {
	r := newRig(Config{})
	r.mux.Add(Route{Pattern: "GET /watch", Class: Watching,
		Handler: func(w http.ResponseWriter, r *http.Request) {
			stream := OpenStream(w)
			for stream.Send([]byte("x\n")) == nil && r.Context().Err() == nil {
				continue
			}
		}})
	server := httptest.NewServer(r.mux)
	defer server.Close()
	res, err := server.Client().Get(server.URL + "/watch")
	if err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 2)
	if _, err := res.Body.Read(buf); err != nil || string(buf) != "x\n" {
		t.Errorf("got %q, %v", buf, err)
	}
	res.Body.Close() // the handler ends, or server.Close would wait for ever
}

// BenchmarkEdge is what all of the edge costs around a handler that does nothing: the standard
// mux's own part is measured beside it.
func BenchmarkEdge(b *testing.B) {
	handle := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }
	plain := http.NewServeMux()
	plain.HandleFunc("POST /things/{id}", handle)
	r := newRig(Config{})
	r.mux.log = quiet
	for name, h := range map[string]http.Handler{"edge": r.add(handle).mux, "plain": plain} {
		b.Run(name, func(b *testing.B) {
			req := httptest.NewRequest(http.MethodPost, "/things/1", nil)
			w := httptest.NewRecorder()
			b.ReportAllocs()
			for b.Loop() {
				clear(w.Header())
				h.ServeHTTP(w, req)
			}
		})
	}
}

var quiet = slog.New(slog.DiscardHandler)
