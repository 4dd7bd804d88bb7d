package main

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"ticketflow/internal/app/audit"
	"ticketflow/internal/boot"
	"ticketflow/internal/config"
	"ticketflow/internal/effort"
	"ticketflow/internal/rush"
)

// house is several servers of one box office on real engines, each in a process of its own.
type house struct {
	*testing.T

	cluster config.Cluster
	key     string
	log     shared
	fleet   *fleet
	gone    map[*child]bool // servers that a test has ended
	paid    []string        // orders whose tickets were delivered, of all sales
	event   string          // of the last sale
	hold    time.Duration   // how long a hold of the next sale lasts
}

// beside lets a test run beside others, since most of it is waiting, unless somebody has asked for
// a whole storm, outage, crowd or number of fail-overs: those want the machine for themselves.
func beside(t *testing.T) {
	t.Helper()
	for _, name := range []string{stormVariable, outageVariable, crowdVariable, failOversVariable} {
		if os.Getenv(name) != "" {
			return
		}
	}
	t.Parallel()
}

func openHouse(t *testing.T, instances int, c config.Cluster) *house {
	t.Helper()
	if c.DatabaseURL != "" { // the ledger of a folder makes its own tables
		if _, err := boot.Migrate(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	h := &house{T: t, cluster: c, key: "a-key-of-the-whole-house", gone: map[*child]bool{},
		hold: rehearsalHold}
	var err error
	h.fleet, err = startFleet(t.Context(), &h.log, t.TempDir(), h.key, instances, c)
	if err != nil {
		t.Fatalf("%v\n%s", err, h.log.String())
	}
	t.Cleanup(h.close)
	return h
}

// close ends the servers, each of which must end well.
func (h *house) close() {
	h.fleet.servers = h.others()
	if err := h.fleet.stop(); err != nil {
		h.Errorf("stop the servers: %v", err)
	}
	if h.Failed() {
		log := h.log.String()
		h.Logf("the servers' log ends with:\n%s", log[max(0, len(log)-8_000):])
	}
}

// others are the servers that still run.
func (h *house) others() (servers []*child) {
	for _, s := range h.fleet.servers {
		if !h.gone[s] {
			servers = append(servers, s)
		}
	}
	return servers
}

// journal is what the crowd of one sale has seen acknowledged, as it happens.
type journal struct {
	mu      sync.Mutex
	orders  map[string]string // id to token: placed
	paid    []string          // ids: tickets delivered
	ended   bool
	stop    context.CancelFunc // ends the sale
	changed chan struct{}      // closed, and made anew, whenever something comes
}

func newJournal() *journal {
	return &journal{orders: map[string]string{}, changed: make(chan struct{})}
}

// Write takes lines of a rush's journal.
func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for line := range bytes.Lines(b) {
		words := strings.Fields(string(line))
		switch words[0] {
		case "order":
			j.orders[words[1]] = words[2]
		case "paid":
			j.paid = append(j.paid, words[1])
		}
	}
	close(j.changed)
	j.changed = make(chan struct{})
	return len(b), nil
}

func (j *journal) end() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.ended = true
	close(j.changed)
	j.changed = make(chan struct{})
}

// placed is the number of acknowledged orders.
func (j *journal) placed() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.orders)
}

// await returns when so many orders have been acknowledged, or false when the sale is over before.
func (j *journal) await(orders int) bool {
	for {
		j.mu.Lock()
		n, ended, changed := len(j.orders), j.ended, j.changed
		j.mu.Unlock()
		if n >= orders || ended {
			return n >= orders
		}
		<-changed
	}
}

// resumed waits for the next order to be acknowledged, and returns how long ago that is.
func (j *journal) resumed(t *testing.T, since time.Time) time.Duration {
	t.Helper()
	if !j.await(j.placed() + 1) {
		t.Error("the sale was over before it could resume")
	}
	return time.Since(since)
}

// acts are what happens in the middle of a sale, given how to watch it.
type acts func(j *journal)

// small is a sale that takes a second or two. Nobody sends one request to two servers at the same
// instant: an answer that depends on which of them was faster is not what is tested here.
var small = rush.Config{Places: effort.Of(1_600, 1_000), Buyers: 60,
	Shares: &rush.Shares{Named: 0.10, Abandon: 0.02}}

// sell sells an event out while something happens to the house, and returns what the crowd saw.
// Nothing is checked yet.
func (h *house) sell(c rush.Config, happens acts) (*rush.Result, *journal, string) {
	h.Helper()
	running := h.others()
	event, err := createRehearsal(h.Context(), running[0].url, h.key, c.Places, 2, h.hold)
	if err != nil {
		h.Fatalf("create the event: %v", err)
	}
	h.event = event
	j := newJournal()
	c.Event, c.Target, c.Journal, c.Progress = event, running[0].url, j, &h.log
	for _, s := range running[1:] {
		c.More = append(c.More, s.url)
	}
	ctx, stop := context.WithCancel(h.Context())
	defer stop()
	j.stop = stop
	var happening sync.WaitGroup
	happening.Go(func() { happens(j) })
	result, err := rush.Run(ctx, c)
	j.end()
	happening.Wait()
	if err != nil {
		h.Fatal(err)
	}
	h.paid = append(h.paid, j.paid...)
	return result, j, event
}

// sellOut is a sale in which something happens, and that ends well all the same.
func (h *house) sellOut(c rush.Config, happens acts) (*rush.Result, *journal) {
	h.Helper()
	result, j, event := h.sell(c, happens)
	if int(result.Sold) != c.Places || result.Stopped != rush.StoppedSoldOut {
		h.Errorf("sold %d of %d (%s): %+v", result.Sold, c.Places, result.Stopped, result.Habits)
	}
	if !result.OK() {
		h.Errorf("broken promises: %v, refusals %v", result.Broken, result.Problems)
	}
	h.wantSold(event, c.Places)
	if lost := h.lost(j); lost > 0 {
		h.Errorf("%d of %d acknowledged orders are gone", lost, len(j.orders))
	}
	h.wantCleanAudit()
	return result, j
}

// wantSold asks for the sales until they are right: what others have asked for may be told again
// for a second.
func (h *house) wantSold(event string, places int) {
	h.Helper()
	const told = 2 * time.Second
	begun, tries := time.Now(), time.NewTicker(100*time.Millisecond)
	defer tries.Stop()
	for n := h.soldAt(event); n != places; n = h.soldAt(event) {
		if <-tries.C; time.Since(begun) > told {
			h.Errorf("the ledger has sold %d of %d", n, places)
			return
		}
	}
}

// soldAt is how many places of an event the ledger calls sold.
func (h *house) soldAt(event string) int {
	h.Helper()
	p := program{t: h.T, url: h.others()[0].url}
	sales := parse[struct{ Sold int }](h.T, p.ask(http.MethodGet, "/v1/events/"+event+"/sales",
		"", http.StatusOK, "Authorization", "Bearer "+h.key))
	return sales.Sold
}

// lost counts acknowledged orders, paid or not, that nobody finds any more.
func (h *house) lost(j *journal) (lost int) {
	h.Helper()
	url, client := h.others()[0].url, http.Client{Timeout: programLimit}
	defer client.CloseIdleConnections()
	for id, token := range j.orders {
		r, err := http.NewRequestWithContext(h.Context(), http.MethodGet, url+"/v1/orders/"+id,
			http.NoBody)
		if err != nil {
			h.Fatal(err)
		}
		r.Header.Set("Order-Token", token)
		answer, err := client.Do(r)
		if err != nil {
			h.Fatal(err)
		}
		_ = answer.Body.Close()
		switch answer.StatusCode {
		case http.StatusOK:
		case http.StatusNotFound:
			lost++
		default:
			h.Fatalf("order %s: %s", id, answer.Status)
		}
	}
	return lost
}

// audit checks the ledger against all that was ever acknowledged.
func (h *house) audit() audit.Report {
	h.Helper()
	ctx, cancel := context.WithTimeout(h.Context(), programLimit)
	defer cancel()
	data := filepath.Join(h.fleet.dir, "server1") // where there is no database
	report, err := boot.Audit(ctx, data, h.cluster, audit.Options{Acknowledged: h.paid})
	if err != nil {
		h.Fatalf("audit: %v", err)
	}
	return report
}

func (h *house) wantCleanAudit() {
	h.Helper()
	report := h.audit()
	if report.OK {
		return
	}
	var text strings.Builder
	if err := report.WriteText(&text); err != nil {
		h.Error(err)
	}
	h.Errorf("the audit:\n%s", text.String())
}
