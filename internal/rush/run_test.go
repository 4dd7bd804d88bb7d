package rush

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"ticketflow/internal/terminal"
)

// engines are those that this system has.
func engines() []Engine {
	if defaultEngine == EngineEpoll {
		return []Engine{EngineEpoll, EngineGoroutines}
	}
	return []Engine{EngineGoroutines}
}

func mustRun(t *testing.T, cfg Config) *Result {
	t.Helper()
	if cfg.Event == "" {
		cfg.Event = "evt_1"
	}
	if cfg.MaxDuration == 0 {
		cfg.MaxDuration = 30 * time.Second
	}
	r, err := Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// rowdy is a crowd in which everything happens often.
func rowdy() *Shares {
	return &Shares{Named: 0.3, Abandon: 0.2, DoubleClick: 0.3, Twice: 0.2}
}

func TestStampedeSellsEveryPlaceOnce(t *testing.T) {
	t.Parallel()
	for _, engine := range engines() {
		t.Run(string(engine), func(t *testing.T) {
			t.Parallel()
			const places = 601 // odd: the last place is sold alone
			o := newOffice(places)
			var journal bytes.Buffer
			r := mustRun(t, Config{
				Scenario: Stampede, Target: o.open(t), Buyers: 40, Places: places, Engine: engine,
				Loops: 2, Seed: 7, Shares: rowdy(), Journal: &journal,
			})
			if r.Sold != places || o.soldPlaces() != places || r.Stopped != StoppedSoldOut {
				t.Fatalf("sold %d, office %d, stopped %s", r.Sold, o.soldPlaces(), r.Stopped)
			}
			if !r.OK() || r.Checkouts != r.OrdersPaid || r.Unfinished != 0 {
				t.Errorf("broken %v, checkouts %d of %d, unfinished %d", r.Broken, r.Checkouts,
					r.OrdersPaid, r.Unfinished)
			}
			if r.Problems["not_enough_places"] == 0 || r.Habits["double_clicks"] == 0 ||
				r.Habits["released"] == 0 || r.Habits["everything_twice"] == 0 {
				t.Errorf("problems %v habits %v", r.Problems, r.Habits)
			}
			if n := strings.Count(journal.String(), "paid ord_"); int64(n) != r.Checkouts {
				t.Errorf("the journal has %d paid orders of %d", n, r.Checkouts)
			}
			var answers int64
			for _, n := range r.Answers {
				answers += n
			}
			if answers != r.Generator.Requests {
				t.Errorf("%d answers to %d requests", answers, r.Generator.Requests)
			}
		})
	}
}

func TestContendedPlacesAreAllSold(t *testing.T) {
	t.Parallel()
	for _, engine := range engines() {
		t.Run(string(engine), func(t *testing.T) {
			t.Parallel()
			const places = 31
			o := newOffice(places)
			r := mustRun(t, Config{
				Scenario: Contended, Target: o.open(t), Buyers: 120, Places: places, Engine: engine,
				Seed: 3, Shares: rowdy(),
			})
			if r.Sold != places || o.soldPlaces() != places || !r.OK() {
				t.Fatalf("sold %d, office %d, broken %v", r.Sold, o.soldPlaces(), r.Broken)
			}
			if r.Problems["place_taken"] == 0 {
				t.Errorf("nobody was in anybody's way: %v", r.Problems)
			}
		})
	}
}

func TestSteadyServesEveryArrival(t *testing.T) {
	t.Parallel()
	for _, engine := range engines() {
		t.Run(string(engine), func(t *testing.T) {
			t.Parallel()
			o := newOffice(5000)
			r := mustRun(t, Config{
				Scenario: Steady, Target: o.open(t), Buyers: 50, Places: 5000, Engine: engine,
				Loops: 2, Rate: 300, Duration: time.Second, Think: 5 * time.Millisecond,
				Shares: &Shares{Named: 0.1},
			})
			// A Poisson process of 300 arrivals strays less than 6 standard deviations (17.3)
			// from it.
			if r.Checkouts < 196 || r.Checkouts > 404 || r.Unfinished != 0 || !r.OK() {
				t.Fatalf("%d checkouts, unfinished %d, broken %v", r.Checkouts, r.Unfinished,
					r.Broken)
			}
			if r.Stopped != StoppedFinished || r.Sold != int64(o.soldPlaces()) {
				t.Errorf("stopped %s, sold %d, office %d", r.Stopped, r.Sold, o.soldPlaces())
			}
		})
	}
}

func TestSameSeedSameCrowd(t *testing.T) {
	t.Parallel()
	crowd := func(seed uint64) string {
		r := mustRun(t, Config{
			Target: newOffice(60).open(t), Buyers: 1, Places: 60, Seed: seed, Shares: rowdy(),
		})
		return fmt.Sprint(r.Habits, r.Answers)
	}
	if a, b := crowd(5), crowd(5); a != b {
		t.Errorf("one seed, two crowds:\n%s\n%s", a, b)
	}
	if a, b := crowd(5), crowd(6); a == b {
		t.Errorf("two seeds, one crowd: %s", a)
	}
}

// The checks that buyers make must be able to fail.
func TestBrokenPromisesAreSeen(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		spoil  func(*office)
		shares Shares
		want   promise
	}{
		"keys forgotten, best available": {
			func(o *office) { o.forgetsKeys = true }, Shares{DoubleClick: 1}, promiseOneEffect,
		},
		"keys forgotten, orders": {
			func(o *office) { o.forgetsKeys = true }, Shares{Twice: 1}, promiseSameAnswer,
		},
		"places sold twice": {
			func(o *office) { o.sellsTwice = true }, Shares{}, promiseOneOwner,
		},
		"tickets missing": {
			func(o *office) { o.losesTickets = true }, Shares{}, promiseAllTickets,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(40)
			c.spoil(o)
			cfg := Config{
				Target: o.open(t), Buyers: 4, Places: 40, Shares: &c.shares,
				Scenario: Steady, Rate: 400, Duration: 50 * time.Millisecond, Think: -1,
			}
			if r := mustRun(t, cfg); r.Broken[promiseNames[c.want]] == 0 || r.OK() {
				t.Errorf("nobody saw it: %v %v", r.Broken, r.Answers)
			}
		})
	}
}

func TestLatePaymentIsAskedAgain(t *testing.T) {
	t.Parallel()
	o := newOffice(20)
	o.latePayments = 2
	r := mustRun(t, Config{Target: o.open(t), Buyers: 3, Places: 20, Shares: &Shares{}})
	if r.Sold != 20 || !r.OK() {
		t.Fatalf("sold %d, broken %v", r.Sold, r.Broken)
	}
	if got := r.Steps["tickets_retry"].Count; got != 2*r.Checkouts {
		t.Errorf("asked again %d times for %d checkouts", got, r.Checkouts)
	}
}

func TestBrokenConnectionIsResentWithTheSameKey(t *testing.T) {
	t.Parallel()
	for _, engine := range engines() {
		t.Run(string(engine), func(t *testing.T) {
			t.Parallel()
			for _, after := range []int{1, 2, 5, 9} {
				o := newOffice(20)
				o.breakAfter = after
				r := mustRun(t, Config{
					Target: o.open(t), Buyers: 2, Places: 20, Engine: engine, Shares: &Shares{},
				})
				if r.Sold != 20 || !r.OK() || r.Errors["reset"] != 1 || r.Habits["resent"] != 1 {
					t.Errorf("cut at %d: sold %d, broken %v, errors %v", after, r.Sold, r.Broken,
						r.Errors)
				}
			}
		})
	}
}

func TestRefusalsEndTheRun(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		status int
		code   string
	}{
		"unknown event": {404, "event_not_found"},
		"bad wish":      {422, "too_many_places"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(20)
			o.refuse, o.refuseStatus = c.code, c.status
			r := mustRun(t, Config{Target: o.open(t), Buyers: 3, Places: 20})
			if r.Habits["gave_up"] != 3 || r.Problems[c.code] == 0 || r.Sold != 0 {
				t.Errorf("habits %v, problems %v", r.Habits, r.Problems)
			}
		})
	}
}

func TestForeignPaymentPageIsNotLoaded(t *testing.T) {
	t.Parallel()
	o := newOffice(8)
	o.foreignPayURL = true
	r := mustRun(t, Config{
		Target: o.open(t), Buyers: 1, Places: 8, Shares: &Shares{},
		Scenario: Steady, Rate: 50, Duration: 40 * time.Millisecond, Think: -1,
	})
	if n := o.served("POST /simpay/pay/{link}"); n != 0 || r.OrdersPaid != 0 {
		t.Errorf("paid %d, pages loaded %d", r.OrdersPaid, n)
	}
}

func TestRunIsBoundedByTimeAndContext(t *testing.T) {
	t.Parallel()
	for _, engine := range engines() {
		t.Run(string(engine), func(t *testing.T) {
			t.Parallel()
			o := newOffice(20)
			hang := make(chan struct{})
			o.before = func(string) { <-hang }
			url := o.open(t)
			defer close(hang)
			cfg := Config{Target: url, Buyers: 3, Places: 20, Engine: engine}
			cfg.MaxDuration = 50 * time.Millisecond
			r := mustRun(t, cfg)
			if r.Stopped != StoppedTime || r.Unfinished != 3 || r.Steps["hold"].Count != 3 {
				t.Errorf("stopped %s, unfinished %d, %v", r.Stopped, r.Unfinished, r.Steps)
			}
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			cfg.Event, cfg.MaxDuration = "evt_1", time.Minute
			if _, err := Run(ctx, cfg); !errors.Is(err, context.Canceled) {
				t.Errorf("cancelled before the press: %v", err)
			}
		})
	}
}

func TestCancelledRunTellsWhatItSaw(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	o := newOffice(100_000)
	var once sync.Once
	o.before = func(route string) {
		if strings.Contains(route, "tickets") {
			once.Do(cancel)
		}
	}
	r, err := Run(ctx, Config{Target: o.open(t), Event: "evt_1", Buyers: 3, Places: 100_000})
	if err != nil || r.Stopped != StoppedCancelled || r.OrdersPaid == 0 {
		t.Fatalf("%+v, %v", r, err)
	}
}

func TestNobodyListens(t *testing.T) {
	t.Parallel()
	for _, engine := range engines() {
		t.Run(string(engine), func(t *testing.T) {
			t.Parallel()
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			url := "http://" + listener.Addr().String()
			if err := listener.Close(); err != nil {
				t.Fatal(err)
			}
			_, err = Run(t.Context(), Config{
				Target: url, Event: "evt_1", Buyers: 2, Places: 2, Engine: engine,
				ConnectTimeout: 10 * time.Second,
			})
			if err == nil || !strings.Contains(err.Error(), "connecting to") {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestNullServerIsSoldOutByTheGenerator(t *testing.T) {
	t.Parallel()
	for _, engine := range engines() {
		t.Run(string(engine), func(t *testing.T) {
			t.Parallel()
			server := newTestServer(t, NullHandler(NullConfig{}))
			r := mustRun(t, Config{
				Target: server, Buyers: 20, Places: 1000, Null: true, Engine: engine,
				Shares: rowdy(),
			})
			if r.Sold < 990 || r.Sold > 1000 || !r.OK() || len(r.Problems) != 0 {
				t.Errorf("sold %d, broken %v, problems %v", r.Sold, r.Broken, r.Problems)
			}
		})
	}
}

func TestProgressIsShownInLines(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	mustRun(t, Config{Target: newOffice(20).open(t), Buyers: 2, Places: 20, Progress: &out})
	if text := out.String(); !strings.Contains(text, "stampede") ||
		!strings.Contains(text, "sold 20 of 20") || strings.Contains(text, "\r") {
		t.Errorf("progress: %q", text)
	}
	if terminal.IsLive(io.Discard) || terminal.IsLive(nil) {
		t.Error("a terminal where there is none")
	}
}
