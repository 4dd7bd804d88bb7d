package main

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ticketflow/internal/effort"
)

// Sizes of an outage.
const (
	outageVariable = "TICKETFLOW_TEST_OUTAGE" // another length, for instance 2m

	outageTime   = 5 * time.Second
	outagePlaces = 20_000 // enough for six minutes
	outagePause  = 250 * time.Millisecond
)

// outageBuyers buy at the same time.
var outageBuyers = effort.Of(12, 6)

// watch is the latencies of one kind of request, before, during and after an outage.
type watch struct {
	mu   sync.Mutex
	took [3][]time.Duration
}

func (w *watch) add(phase int32, took time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.took[phase] = append(w.took[phase], took)
}

// p95 of each phase.
func (w *watch) p95() (at [3]time.Duration) {
	for i, took := range w.took {
		if len(took) > 0 {
			slices.Sort(took)
			at[i] = took[len(took)*95/100]
		}
	}
	return at
}

// outage is a sale while the gateway is away.
type outage struct {
	*storm
	phase        atomic.Int32
	over         atomic.Bool
	holds, pages watch
	unavailable  atomic.Int64 // buyers who were told that payments can't be taken now
	number       atomic.Int64
}

// buyer buys again and again. Who can't pay asks once what became of it, and leaves.
func (o *outage) buyer() {
	for !o.over.Load() {
		phase, begun := o.phase.Load(), time.Now()
		status, raw, err := o.call(http.MethodGet, "/v1/events/"+o.event, "")
		o.pages.add(phase, time.Since(begun))
		if err != nil || status != http.StatusOK {
			o.Errorf("the event's page in phase %d: %v, %d %s", phase, err, status, raw)
		}
		number := o.number.Add(1)
		begun = time.Now()
		status, raw, err = o.call(http.MethodPost, "/v1/events/"+o.event+"/holds",
			`{"best":{"count":1}}`, "Idempotency-Key", fmt.Sprint("a-hold-in-the-outage-", number))
		o.holds.add(phase, time.Since(begun))
		if err != nil || status != http.StatusCreated {
			o.Errorf("a hold in phase %d: %v, %d %s", phase, err, status, raw)
			continue
		}
		o.order(raw, number)
		<-time.After(outagePause)
	}
}

func (o *outage) order(raw []byte, number int64) {
	var hold struct{ ID, Token string }
	var order stormOrder
	o.parse(raw, &hold)
	_, raw = o.insist(http.MethodPost, "/v1/orders", fmt.Sprintf(`{"hold":%q,"hold_token":%q,`+
		`"buyer":{"name":"Buyer","email":"buyer%d@example.org"}}`, hold.ID, hold.Token, number),
		"Idempotency-Key", fmt.Sprint("an-order-in-the-outage-", number))
	o.parse(raw, &order)
	o.mu.Lock()
	o.orders[order.ID] = order
	o.mu.Unlock()
	if number%10 == 0 {
		return // thinks better of it
	}
	status, _, err := o.call(http.MethodPost, order.Payment.URL, "outcome=paid",
		"Content-Type", "application/x-www-form-urlencoded")
	if err == nil && status == http.StatusOK {
		return
	}
	status, raw, err = o.call(http.MethodPost, "/v1/orders/"+order.ID+"/payment/check", "{}",
		"Order-Token", order.Token, "Idempotency-Key", fmt.Sprint("a-check-", number))
	switch {
	case err == nil && status == http.StatusOK:
		var told stormOrder
		o.parse(raw, &told)
		if told.Payment.State == "unavailable" || told.Payment.State == "unknown" {
			o.unavailable.Add(1)
		}
	case err == nil && status == http.StatusServiceUnavailable:
		o.unavailable.Add(1)
	}
}

// TestAGatewayThatIsDown: buyers keep their places and are told so; holds and pages go on; what was
// open ends paid or expired, and the breaker closes by itself.
func TestAGatewayThatIsDown(t *testing.T) { onEachLedger(t, sellWithoutGateway) }

func sellWithoutGateway(s *storm) {
	length := outageTime
	if d, err := time.ParseDuration(os.Getenv(outageVariable)); err == nil && d > 0 {
		length = d
	}
	o := &outage{storm: s}
	o.open(outagePlaces, "")
	o.client.Timeout = programLimit // who waits for long is told in the end, and counts
	var crowd sync.WaitGroup
	for range outageBuyers {
		crowd.Go(o.buyer)
	}
	<-time.After(length)
	o.phase.Store(1)
	if err := o.bank.kill(); err != nil {
		o.Error(err)
	}
	<-time.After(length)
	opened := o.breaker()
	o.startBank()
	o.phase.Store(2)
	<-time.After(length)
	o.over.Store(true)
	crowd.Wait()
	o.settle()
	states := map[string]int{}
	book := o.bankBook()
	for id := range o.orders {
		var order stormOrder
		o.get("/v1/orders/"+id, &order)
		states[order.State]++
		if paid := len(book[id]) > 0; paid != (order.State == "paid") {
			o.Errorf("%s is %s, and at the gateway %+v", id, order.State, book[id])
		}
	}
	holds, pages := o.holds.p95(), o.pages.p95()
	o.Logf("p95 before, during, after: holds %v, event page %v; orders %v, told unavailable %d",
		holds, pages, states, o.unavailable.Load())
	if !opened || o.breaker() {
		o.Errorf("during the outage the breaker is open: %v; in the end: %v", opened, o.breaker())
	}
	if o.unavailable.Load() == 0 || states["awaiting_payment"] > 0 || states["paid"] == 0 {
		o.Errorf("nobody was told that payments can't be taken, or an order waits: %v", states)
	}
}

// breaker tells whether it is open, by the metrics.
func (o *outage) breaker() bool {
	o.Helper()
	status, raw := o.insist(http.MethodGet, "/metrics", "")
	if status != http.StatusOK {
		o.Fatalf("the metrics: %d", status)
	}
	for line := range strings.Lines(string(raw)) {
		if strings.HasPrefix(line, "ticketflow_payment_breaker_state{") &&
			strings.Contains(line, "simpay") {
			return !strings.HasSuffix(strings.TrimSpace(line), " 0")
		}
	}
	o.Fatalf("there is no breaker in\n%s", raw)
	return false
}
