package rush

import (
	"bytes"
	"math"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A virtual world drives one loop without sockets and without real time: every request is answered
// after the time that its server takes, on a clock that jumps from one thing to the next.
type virtual struct {
	*loop
	clock time.Duration
	serve func(at time.Duration) time.Duration // when a request that came at that time is answered
	queue []pending
	kinds map[string]int
}

type pending struct {
	at   time.Duration
	link int32
	body string
}

func newVirtual(cfg Config) *virtual {
	cfg.Event, cfg.Loops = "evt_1", 1
	cfg = cfg.withDefaults()
	r := &shared{
		cfg: cfg, targets: []target{{addr: netip.MustParseAddrPort("127.0.0.1:1"), host: "h"}},
		nonce: "n", start: time.Now(),
		taken: newBitmap(cfg.Places), delivered: newBitmap(cfg.Places),
	}
	v := &virtual{
		loop: newLoop(r, 0, 0, cfg.Buyers), kinds: map[string]int{},
		serve: func(at time.Duration) time.Duration { return at + time.Millisecond },
	}
	v.loop.wire = v
	return v
}

func (v *virtual) dial(at int32) { v.opened(at, v.clock) }

func (v *virtual) drop(int32) {}

func (v *virtual) send(at int32, request []byte) error {
	text := string(request)
	kind, body := "tickets", `{"tickets":[{"id":"tkt_1"},{"id":"tkt_2"}]}`
	switch {
	case strings.Contains(text, "/holds HTTP"):
		kind, body = "hold", `{"id":"hld_1","token":"t"}`
	case strings.HasPrefix(text, "POST /v1/orders"):
		kind, body = "order", `{"id":"ord_1","token":"t","payment":{"url":"/p"}}`
	case strings.HasPrefix(text, "POST /p"):
		kind, body = "pay", `{"payment":"spy_1","state":"paid"}`
	}
	v.kinds[kind]++
	v.queue = append(v.queue, pending{v.serve(v.clock), at, body})
	return nil
}

// play runs the world until all is done or the limit is reached.
func (v *virtual) play(limit time.Duration) {
	for v.inFlight = 0; len(v.toDial) > 0; {
		v.tick(v.clock)
	}
	v.press.Store(int64(v.clock + 1))
	v.clock++
	for !v.done() && v.clock < limit {
		next := max(v.tick(v.clock), v.clock+1)
		soonest := -1
		for i, p := range v.queue {
			if p.at <= next && (soonest < 0 || p.at < v.queue[soonest].at) {
				soonest = i
			}
		}
		if soonest < 0 {
			v.clock = next
			continue
		}
		p := v.queue[soonest]
		v.queue = append(v.queue[:soonest], v.queue[soonest+1:]...)
		v.clock = max(v.clock, p.at)
		v.arrived(p.link, &answer{status: 200, body: []byte(p.body)}, v.clock)
	}
	v.finish(v.clock)
}

func steadyCrowd(buyers int) Config {
	return Config{
		Scenario: Steady, Buyers: buyers, Places: 1_000_000, Rate: 200, Duration: 10 * time.Second,
		Think: -1, Shares: &Shares{}, Seed: 11,
	}
}

// A server that stands still for a second makes everybody wait who came in that second: 200 of
// 2,000 arrivals, so one in ten waits half a second or more. A generator that only looks at the
// requests that it has sent would see as many slow answers as it has buyers.
func TestStallIsFeltByEveryArrival(t *testing.T) {
	t.Parallel()
	for _, buyers := range []int{5, 1000} {
		v := newVirtual(steadyCrowd(buyers))
		v.serve = func(at time.Duration) time.Duration {
			if at >= 4*time.Second && at < 5*time.Second {
				at = 5 * time.Second
			}
			return at + time.Millisecond
		}
		v.play(time.Minute)
		hold := &v.tally.steps[stepHold]
		if hold.Count() < 1800 || v.tally.unfinished != 0 {
			t.Fatalf("%d buyers: %d holds, %d unfinished", buyers, hold.Count(),
				v.tally.unfinished)
		}
		if p50, p99 := hold.Quantile(0.5), hold.Quantile(0.99); p50 > 20*time.Millisecond ||
			p99 < 800*time.Millisecond || hold.Max() < 950*time.Millisecond {
			t.Errorf("%d buyers: p50 %v, p99 %v, max %v", buyers, p50, p99, hold.Max())
		}
		slow := 1.0
		for slow > 0 && hold.Quantile(slow) > 500*time.Millisecond {
			slow -= 0.001
		}
		if share := 1 - slow; share < 0.035 || share > 0.065 {
			t.Errorf("%d buyers: a share of %.3f waited for over half a second", buyers, share)
		}
	}
}

// A server that never answers again can't hide it either: who still waits at the end counts.
func TestSilentServerCountsAtTheEnd(t *testing.T) {
	t.Parallel()
	v := newVirtual(steadyCrowd(5))
	v.cfg.RequestTimeout = time.Hour
	v.serve = func(at time.Duration) time.Duration {
		if at > 5*time.Second {
			return never
		}
		return at + time.Millisecond
	}
	v.play(10 * time.Second)
	hold := &v.tally.steps[stepHold]
	if n := hold.Count(); n < 1800 || v.tally.unfinished < 800 {
		t.Errorf("%d holds, %d unfinished", n, v.tally.unfinished)
	}
	if p90 := hold.Quantile(0.9); p90 < 3*time.Second || p90 > 5*time.Second {
		t.Errorf("p90 %v", p90)
	}
}

func TestThinkingIsNotWaiting(t *testing.T) {
	t.Parallel()
	cfg := steadyCrowd(2000)
	cfg.Think = time.Second
	v := newVirtual(cfg)
	v.play(time.Minute)
	if v.tally.checkouts < 1800 {
		t.Fatalf("%d checkouts", v.tally.checkouts)
	}
	for s := range plottedSteps {
		if worst := v.tally.steps[s].Max(); worst > 3*time.Millisecond {
			t.Errorf("%s took %v", stepNames[s], worst)
		}
	}
}

func TestArrivalsAreAPoissonProcess(t *testing.T) {
	t.Parallel()
	v := newVirtual(steadyCrowd(1))
	const n = 20_000
	var sum, squares float64
	for range n {
		gap := v.gap().Seconds()
		sum += gap
		squares += gap * gap
	}
	mean := sum / n
	// The gaps of a Poisson process are as spread as they are long.
	spread := math.Sqrt(squares/n - mean*mean)
	if math.Abs(mean*v.cfg.Rate-1) > 0.05 || math.Abs(spread/mean-1) > 0.05 {
		t.Errorf("mean %v, spread %v", mean, spread)
	}
}

func TestTimeoutCutsAndResends(t *testing.T) {
	t.Parallel()
	cfg := steadyCrowd(1)
	cfg.Scenario, cfg.Places, cfg.RequestTimeout = Stampede, 2, 2*time.Second
	v := newVirtual(cfg)
	first := true
	v.serve = func(at time.Duration) time.Duration {
		if first {
			first = false
			return never
		}
		return at + time.Millisecond
	}
	v.play(5 * time.Second)
	if v.tally.troubles[troubleTimeout] != 1 || v.tally.checkouts == 0 || v.kinds["hold"] < 2 {
		t.Errorf("troubles %v, checkouts %d", v.tally.troubles, v.tally.checkouts)
	}
}

// The steady state of the generator costs no memory, so its collector never competes with the
// server.
func TestCheckoutAllocatesNothing(t *testing.T) {
	cfg := steadyCrowd(4)
	cfg.Scenario, cfg.Shares = Stampede, &Shares{DoubleClick: 0.5, Twice: 0.2}
	w := newCanned(cfg)
	for range 2000 {
		w.turn()
	}
	if n := testing.AllocsPerRun(5000, w.turn); n != 0 {
		t.Errorf("%v allocations for an answer and the next request", n)
	}
}

func BenchmarkAnswerAndNextRequest(b *testing.B) {
	cfg := steadyCrowd(4)
	cfg.Scenario = Stampede
	w := newCanned(cfg)
	b.ReportAllocs()
	for b.Loop() {
		w.turn()
	}
}

// A canned wire answers each request from a fixed text, parsed like one from a socket.
type canned struct {
	*loop
	clock time.Duration
	fifo  []int32
	buf   []byte
	texts [stepsCount][]byte
}

func newCanned(cfg Config) *canned {
	v := newVirtual(cfg)
	c := &canned{loop: v.loop, buf: make([]byte, 4096), fifo: make([]int32, 0, 1<<16)}
	for s, body := range map[step]string{
		stepHold: `{"id":"hld_0123456789","token":"tttttttt","places":[{"place":1},{"place":2}]}`,
		stepOrder: `{"id":"ord_0123456789","token":"tttttttt","state":"awaiting_payment",` +
			`"places":[{"place":1},{"place":2}],"payment":{"url":"http://h/simpay/pay/abc"}}`,
		stepPay:     `{"payment":"spy_1","state":"paid"}`,
		stepTickets: `{"tickets":[{"id":"tkt_1","place":1},{"id":"tkt_2","place":2}]}`,
	} {
		c.texts[s] = []byte("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" +
			"Content-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body)
	}
	c.loop.wire = c
	for len(c.toDial) > 0 {
		c.tick(0)
	}
	c.press.Store(1)
	c.tick(2)
	return c
}

func (c *canned) dial(at int32) { c.opened(at, c.clock) }

func (c *canned) drop(int32) {}

func (c *canned) send(at int32, request []byte) error {
	for n := bytes.Count(request, httpVersion); n > 0; n-- {
		c.fifo = append(c.fifo, at)
	}
	return nil
}

var httpVersion = []byte(" HTTP/1.1\r\n")

// turn answers one request.
func (c *canned) turn() {
	at := c.fifo[0]
	copy(c.fifo, c.fifo[1:])
	c.fifo = c.fifo[:len(c.fifo)-1]
	c.clock += time.Microsecond
	what := c.buyers[c.links[at].owner].step
	buf := c.buf[:copy(c.buf, c.texts[what])]
	var a answer
	if n, err := parseAnswer(buf, &a); n != len(buf) || err != nil {
		panic(err)
	}
	c.arrived(at, &a, c.clock)
}
