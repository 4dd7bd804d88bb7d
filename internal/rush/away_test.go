package rush

import (
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestBuyersGoToAnotherServer has two servers of one box office, one of which goes away.
func TestBuyersGoToAnotherServer(t *testing.T) {
	t.Parallel()
	for _, engine := range engines() {
		t.Run(string(engine), func(t *testing.T) {
			t.Parallel()
			const places, diesAfter = 200, 50
			o := newOffice(places)
			first := o.open(t)
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			var served atomic.Int64
			dying := &http.Server{}
			office := o.handler()
			dying.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if served.Add(1) >= diesAfter {
					_ = dying.Close()
					panic(http.ErrAbortHandler)
				}
				office.ServeHTTP(w, r)
			})
			go func() { _ = dying.Serve(listener) }()
			r := mustRun(t, Config{
				Target: first, More: []string{"http://" + listener.Addr().String()}, Buyers: 10,
				Places: places, Engine: engine, Shares: rowdy(),
			})
			if r.Sold != places || !r.OK() || r.Habits["gave_up"] != 0 ||
				served.Load() < diesAfter {
				t.Errorf("sold %d, broken %v, habits %v, errors %v, served %d", r.Sold, r.Broken,
					r.Habits, r.Errors, served.Load())
			}
		})
	}
}

func TestServerThatGoesAwayEndsTheRun(t *testing.T) {
	t.Parallel()
	for _, engine := range engines() {
		t.Run(string(engine), func(t *testing.T) {
			t.Parallel()
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			server := &http.Server{}
			var once sync.Once
			server.Handler = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
				once.Do(func() { _ = server.Close() })
				panic(http.ErrAbortHandler)
			})
			go func() { _ = server.Serve(listener) }()
			r := mustRun(t, Config{
				Target: "http://" + listener.Addr().String(), Buyers: 5, Places: 20, Engine: engine,
				ReconnectFor: 100 * time.Millisecond,
			})
			if r.Habits["gave_up"] != 5 || r.Errors["connect"] == 0 || r.Sold != 0 {
				t.Errorf("habits %v, errors %v", r.Habits, r.Errors)
			}
		})
	}
}
