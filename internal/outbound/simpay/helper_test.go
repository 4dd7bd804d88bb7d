package simpay

import (
	"bytes"
	"crypto/rand"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/domain/money"
	"ticketflow/internal/outbound/contract"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// moneys lets cmp compare amounts.
var moneys = cmp.Comparer(func(a, b money.Money) bool { return a == b })

// handClock is moved by hand: what waits fires when the time is moved past it.
type handClock struct {
	mu      sync.Mutex
	now     time.Time
	waits   map[chan time.Time]time.Time
	changed chan struct{} // receives whenever somebody starts to wait
}

func newHandClock() *handClock {
	return &handClock{now: time.Unix(1_800_000_000, 0), waits: make(map[chan time.Time]time.Time),
		changed: make(chan struct{}, 1)}
}

func (c *handClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *handClock) After(d time.Duration) (<-chan time.Time, func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	fired := make(chan time.Time, 1)
	if d <= 0 {
		fired <- c.now
		return fired, func() {}
	}
	c.waits[fired] = c.now.Add(d)
	select {
	case c.changed <- struct{}{}:
	default:
	}
	return fired, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.waits, fired)
	}
}

func (c *handClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	for fired, due := range c.waits {
		if !due.After(c.now) {
			fired <- c.now
			delete(c.waits, fired)
		}
	}
}

// office is a box office that only knows its webhook endpoint.
type office struct {
	*httptest.Server
	gateway *Gateway
	clock   Clock

	mu      sync.Mutex
	answers []int // statuses of the next webhooks, then 204
	hold    chan struct{}
	notices chan payment.Notice // every genuine webhook, also those answered with a failure
	forged  atomic.Int64        // webhooks that were not genuine
	raw     []contract.Webhook  // all of them, as they came
}

func newOffice(t testing.TB, clock Clock) *office {
	t.Helper()
	o := &office{clock: clock, notices: make(chan payment.Notice, 10_000)}
	o.Server = httptest.NewServer(o)
	t.Cleanup(o.Close)
	return o
}

func (o *office) script(answers ...int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.answers = answers
}

func (o *office) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil || r.Method != http.MethodPost || r.URL.Path != "/v1/webhooks/simpay" ||
		r.Header.Get("Content-Type") != "application/json" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	o.mu.Lock()
	o.raw = append(o.raw, contract.Webhook{Header: r.Header, Body: body})
	o.mu.Unlock()
	n, err := o.gateway.ReadNotice(r.Header, body, o.clock.Now())
	if err != nil {
		o.forged.Add(1)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	o.mu.Lock()
	status := http.StatusNoContent
	if len(o.answers) > 0 {
		status, o.answers = o.answers[0], o.answers[1:]
	}
	hold := o.hold
	o.mu.Unlock()
	if hold != nil {
		<-hold
	}
	w.WriteHeader(status)
	o.notices <- n
}

// rig is a whole set: simulator, box office and the gateway between them.
type rig struct {
	t       testing.TB
	folder  string
	secrets Secrets
	clock   Clock
	office  *office
	sim     *Simulator
	web     *httptest.Server
	gateway *Gateway
	client  *http.Client
}

func testSecrets(t testing.TB) Secrets {
	t.Helper()
	s, err := DeriveSecrets(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func newRig(t testing.TB, clock Clock) *rig {
	t.Helper()
	r := &rig{t: t, folder: t.TempDir(), secrets: testSecrets(t), clock: clock}
	r.office = newOffice(t, clock)
	r.client = &http.Client{
		Transport: &http.Transport{MaxIdleConnsPerHost: 128},
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}
	t.Cleanup(r.client.CloseIdleConnections)
	r.web = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		r.sim.Handler().ServeHTTP(w, q)
	}))
	t.Cleanup(r.web.Close)
	var err error
	if r.gateway, err = NewGateway(r.web.URL, r.web.URL, r.secrets, clock.Now); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.gateway.Close)
	r.office.gateway = r.gateway
	r.open()
	t.Cleanup(func() { _ = r.sim.Close() })
	return r
}

func (r *rig) options() Options {
	return Options{Folder: r.folder, NoticeURL: r.office.URL + "/v1/webhooks/simpay",
		Secrets: r.secrets, Clock: r.clock, Random: rand.Reader}
}

func (r *rig) open() {
	r.t.Helper()
	sim, err := Open(r.options())
	if err != nil {
		r.t.Fatal(err)
	}
	r.sim = sim
}

func openTestBook(t testing.TB, path string) *book {
	t.Helper()
	b, err := openBook(path, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func euros(t testing.TB, minor int64) money.Money {
	t.Helper()
	c, err := money.ParseCurrency("EUR")
	if err != nil {
		t.Fatal(err)
	}
	m, err := money.New(minor, c)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func request(t testing.TB, key string, minor int64) payment.Request {
	t.Helper()
	return payment.Request{Key: key, Amount: euros(t, minor), Reference: "K7F-2QX9",
		ReturnURL: "http://box.example/orders/ord_1?token=abc"}
}

// begin opens a payment and returns its page.
func (r *rig) begin(key string, minor int64) string {
	r.t.Helper()
	page, err := r.gateway.Begin(r.t.Context(), request(r.t, key, minor))
	if err != nil {
		r.t.Fatal(err)
	}
	return page.URL
}
