package edge

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"
)

// steeredLimit is a shared limit that says what the test wants.
type steeredLimit struct {
	wait  time.Duration
	ok    bool
	asked []string
}

func (l *steeredLimit) Allow(_ context.Context, address string) (time.Duration, bool) {
	l.asked = append(l.asked, address)
	return l.wait, l.ok
}

func TestBuyingLimit(t *testing.T) {
	shared := &steeredLimit{ok: true}
	limiter := NewBuyingLimiter(BuyingLimit{PerMinute: 2, Burst: 2, Shared: shared})
	rig := newRig(Config{Limiter: limiter})
	for path, class := range map[string]Class{"/browse": Browsing, "/buy": Buying,
		"/settle": Settling, "/watch": Watching} {
		rig.mux.Add(Route{Pattern: "GET " + path, Class: class,
			Handler: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }})
	}
	get := func(path, address string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.RemoteAddr = address
		rig.mux.ServeHTTP(w, r)
		return w
	}
	for range 5 {
		for _, path := range []string{"/browse", "/settle", "/watch"} {
			if w := get(path, "192.0.2.1:1"); w.Code != http.StatusOK {
				t.Errorf("%s got %d", path, w.Code)
			}
		}
	}
	if len(shared.asked) != 0 {
		t.Errorf("what isn't limited is counted: %v", shared.asked)
	}
	get("/buy", "192.0.2.1:1")
	get("/buy", "192.0.2.1:2")
	w := get("/buy", "192.0.2.1:3")
	if after := w.Header().Get("Retry-After"); codeOf(t, w) != "too_many_requests" ||
		after != "30" && after != "29" {
		t.Errorf("the third request got %d, Retry-After %q", w.Code, after)
	}
	if len(shared.asked) != 2 || shared.asked[0] != "192.0.2.1/32" {
		t.Errorf("the shared limit was asked about %v", shared.asked)
	}
	shared.ok, shared.wait = false, 90*time.Second
	w = get("/buy", "[2001:db8::1]:3")
	if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") != "90" ||
		shared.asked[2] != "2001:db8::/64" {
		t.Errorf("%d, Retry-After %q, asked %v", w.Code, w.Header().Get("Retry-After"),
			shared.asked)
	}
}

func TestOnlyTrustedProxiesNameTheClient(t *testing.T) {
	trusting := NewBuyingLimiter(BuyingLimit{PerMinute: 1, Burst: 1,
		Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"),
			netip.MustParsePrefix("fd00::/8")}})
	suspicious := NewBuyingLimiter(BuyingLimit{PerMinute: 1, Burst: 1})
	for _, c := range []struct {
		limiter   *Limiter
		peer      string
		forwarded []string
		want      string
	}{
		{trusting, "10.1.2.3:1", []string{"198.51.100.7"}, "198.51.100.7"},
		{trusting, "[fd00::9]:1", []string{"198.51.100.7"}, "198.51.100.7"},
		{trusting, "[::ffff:10.1.2.3]:1", []string{"2001:db8::7"}, "2001:db8::7"},
		{trusting, "10.1.2.3:1", []string{"203.0.113.1, 198.51.100.7, 10.9.9.9"}, "198.51.100.7"},
		{trusting, "10.1.2.3:1", []string{"203.0.113.1", "198.51.100.7"}, "198.51.100.7"},
		{trusting, "10.1.2.3:1", []string{"10.5.5.5, 10.9.9.9"}, "10.5.5.5"},
		{trusting, "10.1.2.3:1", []string{"198.51.100.7, nonsense"}, "10.1.2.3"},
		{trusting, "10.1.2.3:1", nil, "10.1.2.3"},
		{trusting, "192.0.2.1:1", []string{"198.51.100.7"}, "192.0.2.1"}, // a client that lies
		{suspicious, "10.1.2.3:1", []string{"198.51.100.7"}, "10.1.2.3"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = c.peer
		r.Header["X-Forwarded-For"] = c.forwarded
		if got, ok := c.limiter.client(r); !ok || got.String() != c.want {
			t.Errorf("%s for %v: %v, want %s", c.peer, c.forwarded, got, c.want)
		}
	}
}
