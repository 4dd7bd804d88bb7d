package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"ticketflow/internal/config"
	"ticketflow/internal/effort"
	"ticketflow/internal/testservers"
)

const (
	readsCounter = `ticketflow_ledger_reads_total{of="`
	fewestReads  = 20 // of each kind at each instance, or nothing was shown
)

// readFor is how long they look, at least: several times as long as something is kept. Each waits
// for a tick before it looks again; under the race detector that leaves the crowd some room.
var (
	readFor   = effort.Of(3*time.Second, 2*time.Second)
	readEvery = effort.Of(time.Microsecond, 40*time.Millisecond)
)

// TestReadersDontReachTheLedger has a crowd buy while others look at everything that there is to
// see, as often as they can. Each instance may read the ledger once a second for the event, and no
// more, of each kind.
func TestReadersDontReachTheLedger(t *testing.T) {
	t.Run("embedded", func(t *testing.T) { readersStayAway(openHouse(t, 1, config.Cluster{})) })
	t.Run("two on PostgreSQL", func(t *testing.T) {
		readersStayAway(openHouse(t, 2, config.Cluster{
			DatabaseURL: config.Secret(testservers.PostgreSQL(t))}))
	})
	t.Run("two on PostgreSQL and Redis", func(t *testing.T) {
		_, urls := redis(t, 1)
		readersStayAway(openHouse(t, 2, config.Cluster{
			DatabaseURL: config.Secret(testservers.PostgreSQL(t)), RedisURLs: urls}))
	})
}

func readersStayAway(h *house) {
	h.Helper()
	result, _ := h.sellOut(small, func(j *journal) {
		var readers sync.WaitGroup
		for _, s := range h.fleet.servers {
			readers.Go(func() { h.besiege(s.url, j) })
		}
		readers.Wait()
	})
	h.Logf("%d orders in %.1f s", result.OrdersPaid, result.DurationS)
	h.wantReadsCounted()
}

// besiege lets readers of all kinds loose on an instance until the sale is over.
func (h *house) besiege(url string, j *journal) {
	event := "/v1/events/" + h.event
	key := []string{"Authorization", "Bearer " + h.key}
	siege := map[string]func() error{
		"list":         h.reader(url + "/v1/events"),
		"event":        h.reader(url + event),
		"plan":         h.reader(url + event + "/plan"),
		"plan.bin":     h.reader(url + event + "/plan.bin"),
		"availability": h.reader(url + event + "/availability"),
		"summary":      h.reader(url+event+"/availability", "Accept", "application/json"),
		"sales":        h.reader(url+event+"/sales", key...),
		"changes":      h.reader(url + event + "/changes"),
	}
	before, begun := h.ledgerReads(url), time.Now()
	var readers sync.WaitGroup
	var mu sync.Mutex
	asked := map[string]int{}
	for kind, read := range siege {
		readers.Go(func() {
			n, next := 0, time.NewTicker(readEvery)
			defer next.Stop()
			for ; time.Since(begun) < readFor || !j.over(); n++ {
				if err := read(); err != nil {
					h.Errorf("%s: %v", kind, err)
					break
				}
				<-next.C
			}
			mu.Lock()
			defer mu.Unlock()
			asked[kind] = n
		})
	}
	readers.Wait()
	took := time.Since(begun)
	for kind, n := range asked {
		if n < fewestReads {
			h.Errorf("only %d readers of the %s in %v", n, kind, took)
		}
	}
	most := int(took.Seconds()) + 1 // one at the beginning, and one a second
	if len(h.fleet.servers) > 1 {
		most++ // the news that the event is on sale may reach another instance only now
	}
	reads := h.ledgerReads(url)
	for of := range reads {
		reads[of] -= before[of]
		if reads[of] > most {
			h.Errorf("the ledger was read %d times for %s in %v, at most %d", reads[of], of, took,
				most)
		}
	}
	h.Logf("in %v asked %v, the ledger was read %v", took, asked, reads)
}

// over tells whether the sale has ended.
func (j *journal) over() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.ended
}

// reader asks for one thing on a connection of its own; header is names and values in turn. Of a
// stream it reads the beginning.
func (h *house) reader(url string, header ...string) func() error {
	client := http.Client{Timeout: programLimit, Transport: &http.Transport{}}
	h.Cleanup(client.CloseIdleConnections)
	return func() error {
		ctx, cancel := context.WithCancel(h.Context())
		defer cancel()
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
		if err != nil {
			return err
		}
		for pair := range slices.Chunk(header, 2) {
			r.Header.Set(pair[0], pair[1])
		}
		answer, err := client.Do(r)
		if err != nil {
			return err
		}
		defer func() { _ = answer.Body.Close() }()
		if answer.StatusCode != http.StatusOK {
			return fmt.Errorf("GET %s: %s", url, answer.Status)
		}
		if strings.HasPrefix(answer.Header.Get("Content-Type"), "text/event-stream") {
			_, err = bufio.NewReader(answer.Body).ReadString('\n')
			return err
		}
		_, err = io.Copy(io.Discard, answer.Body)
		return err
	}
}

// ledgerReads are an instance's counters of what its ledger was read for.
func (h *house) ledgerReads(url string) map[string]int {
	h.Helper()
	p := program{t: h.T, url: url}
	reads := map[string]int{}
	for line := range strings.Lines(string(p.ask(http.MethodGet, "/metrics", "", http.StatusOK))) {
		rest, ours := strings.CutPrefix(line, readsCounter)
		if !ours {
			continue
		}
		of, text, _ := strings.Cut(strings.TrimSpace(rest), `"} `)
		n, err := strconv.Atoi(text)
		if err != nil {
			h.Errorf("%s: %v", line, err)
		}
		reads[of] = n
	}
	want := []string{"event", "event_list", "places", "plan", "returned", "sales", "venue"}
	if got := slices.Sorted(maps.Keys(reads)); !slices.Equal(got, want) {
		h.Errorf("the ledger counts reads of %v, want %v", got, want)
	}
	return reads
}

// wantReadsCounted is the control: organisers, who also see drafts, have the list read each time.
func (h *house) wantReadsCounted() {
	h.Helper()
	url := h.fleet.servers[0].url
	read := h.reader(url+"/v1/events", "Authorization", "Bearer "+h.key)
	before := h.ledgerReads(url)["event_list"]
	for range fewestReads {
		if err := read(); err != nil {
			h.Error(err)
		}
	}
	if n := h.ledgerReads(url)["event_list"] - before; n != fewestReads {
		h.Errorf("%d reads past the cache were counted as %d", fewestReads, n)
	}
}
