package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ticketflow/internal/boot"
	"ticketflow/internal/config"
	"ticketflow/internal/effort"
	"ticketflow/internal/testservers"
)

// Sizes of a storm.
const (
	stormVariable = "TICKETFLOW_TEST_STORM" // another number of orders: 20000 is the whole one

	maxCrowd     = 400 // buyers at once; there are a tenth of the orders
	stormSeed    = 20_261_123
	stormPayTime = 10 * time.Second
	stormTries   = 12
	stormSettle  = 3 * time.Minute
	stormSecret  = "a-secret-of-the-whole-storm"
)

// stormOrders are enough for each knob to turn some of them.
var stormOrders = effort.Of(400, 200)

// stormKnobs lets nearly everything go wrong that a gateway can do.
const stormKnobs = "latency=0.1,latency_time=100ms,fail_before=0.08,fail_after=0.08," +
	"hang_after=0.05,reset_before=0.06,reset_after=0.06,decline=0.1,action=0.15," +
	"webhook_lost=0.1,webhook_late=0.15,webhook_late_time=4s,webhook_again=0.2," +
	"webhook_shuffled=0.2,webhook_shuffled_time=2s,webhook_early=0.2,webhook_forged=0.1," +
	"refund_pending=0.2,refund_pending_time=2s,refund_fails=0.1,gateway_refund=0.05," +
	"dispute=0.05,dispute_won=0.5,aftermath_time=500ms"

// storm is a box office and a gateway in processes of their own, both of which misbehave.
type storm struct {
	*testing.T
	log   shared
	dir   string
	key   string
	env   []string
	addr  string
	bank  *child
	knobs string

	cluster  config.Cluster // of the server; nothing: its ledger is in its folder
	office   string         // where the gateway sends its messages
	bankAddr string
	event    string
	client   http.Client

	mu     sync.Mutex
	server *child
	orders map[string]stormOrder

	placed atomic.Int64
	crash  chan struct{}
}

type stormOrder struct {
	ID, Token, State string
	ExpiresAt        time.Time `json:"expires_at"`
	Total            struct{ Amount int64 }
	Payment          struct{ URL, State string }
}

// onEachLedger runs a test with a ledger in a folder, and with one on PostgreSQL.
func onEachLedger(t *testing.T, test func(*storm)) {
	t.Helper()
	beside(t)
	t.Run("SQLite", func(t *testing.T) {
		beside(t)
		test(newStorm(t, config.Cluster{}))
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		beside(t)
		c := config.Cluster{DatabaseURL: config.Secret(testservers.PostgreSQL(t))}
		if _, err := boot.Migrate(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		test(newStorm(t, c))
	})
}

func newStorm(t *testing.T, c config.Cluster) *storm {
	t.Helper()
	s := &storm{T: t, dir: t.TempDir(), key: "a-key-of-the-whole-storm", cluster: c,
		orders: map[string]stormOrder{}, client: http.Client{Timeout: 3 * time.Second,
			Transport: &http.Transport{MaxIdleConnsPerHost: maxCrowd}}}
	s.env = append(clusterEnv(c), "TICKETFLOW_API_KEY="+s.key,
		"TICKETFLOW_SIMPAY_SECRET="+stormSecret)
	return s
}

// open starts both. The gateway misbehaves as the knobs say.
func (s *storm) open(places int, knobs string) {
	s.Helper()
	addrs, err := freeAddrs(s.Context(), 2)
	s.check(err)
	s.addr, s.bankAddr, s.knobs = addrs[0], addrs[1], knobs
	if s.office == "" {
		s.office = "http://" + s.addr
	}
	s.startBank()
	s.start()
	s.event, err = createRehearsal(s.Context(), s.server.url, s.key, places, 2, rehearsalHold,
		func(event map[string]any) {
			event["sale"].(map[string]any)["pay_seconds"] = int(stormPayTime.Seconds())
		})
	s.check(err)
	s.Cleanup(s.close)
}

func (s *storm) close() {
	s.client.CloseIdleConnections()
	if s.server != nil {
		if err := s.server.stop(); err != nil {
			s.Errorf("stop the server: %v", err)
		}
	}
	if err := s.bank.stop(); err != nil {
		s.Errorf("stop the gateway: %v", err)
	}
	if s.Failed() {
		log := s.log.String()
		s.Logf("the log ends with:\n%s", log[max(0, len(log)-8_000):])
	}
}

func (s *storm) check(err error) {
	s.Helper()
	if err != nil {
		s.Fatalf("%v\n%s", err, s.log.String())
	}
}

// startBank starts the gateway, always at the same address.
func (s *storm) startBank() {
	s.Helper()
	bank, err := startChild(context.WithoutCancel(s.Context()), &s.log, s.env, "simpay", "--demo",
		"--addr", s.bankAddr, "--data", filepath.Join(s.dir, "simpay"),
		"--office-url", s.office, "--knobs", s.knobs, "--seed", strconv.Itoa(stormSeed))
	s.check(err)
	s.bank = bank
}

// start starts the server, always at the same address.
func (s *storm) start() {
	s.Helper()
	server, err := startChild(context.WithoutCancel(s.Context()), &s.log, s.env, "serve",
		"--addr", s.addr, "--data", filepath.Join(s.dir, "server"), "--log-level", "error",
		"--simpay-url", s.bank.url)
	s.check(err)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.server = server
}

// call makes a request. Neither an error nor a status of 500 and more says what has happened.
func (s *storm) call(
	method, target, body string, header ...string,
) (status int, answer []byte, err error) {
	if strings.HasPrefix(target, "/") {
		target = "http://" + s.addr + target
	}
	r, err := http.NewRequestWithContext(s.Context(), method, target, strings.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	got, err := s.client.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = got.Body.Close() }()
	answer, err = io.ReadAll(io.LimitReader(got.Body, 1<<20))
	return got.StatusCode, answer, err
}

// insist repeats a request with its key until it is answered for certain.
func (s *storm) insist(
	method, target, body string, header ...string,
) (status int, answer []byte) {
	for {
		status, answer, err := s.call(method, target, body, header...)
		if err == nil && status < 500 && status != http.StatusTooManyRequests ||
			s.Context().Err() != nil {
			return status, answer
		}
		<-time.After(50 * time.Millisecond)
	}
}

func (s *storm) organiser() []string { return []string{"Authorization", "Bearer " + s.key} }

// buyer is one of the crowd: the number decides what happens, as far as one process can.
func (s *storm) buyer(number int) {
	chance := rand.New(rand.NewPCG(stormSeed, uint64(number)))
	status, raw := s.insist(http.MethodPost, "/v1/events/"+s.event+"/holds",
		fmt.Sprintf(`{"best":{"count":%d}}`, 1+chance.IntN(2)),
		"Idempotency-Key", fmt.Sprint("a-hold-in-the-storm-", number))
	if status != http.StatusCreated {
		s.Errorf("hold %d: %d %s", number, status, raw)
		return
	}
	var hold struct{ ID, Token string }
	var order stormOrder
	s.parse(raw, &hold)
	body := fmt.Sprintf(`{"hold":%q,"hold_token":%q,"buyer":{"name":"Buyer %d",`+
		`"email":"buyer%d@example.org"}}`, hold.ID, hold.Token, number, number)
	status, raw = s.insist(http.MethodPost, "/v1/orders", body,
		"Idempotency-Key", fmt.Sprint("an-order-in-the-storm-", number))
	if status != http.StatusCreated {
		s.Errorf("order %d: %d %s", number, status, raw)
		return
	}
	s.parse(raw, &order)
	s.mu.Lock()
	s.orders[order.ID] = order
	s.mu.Unlock()
	if s.placed.Add(1)%int64(s.rhythm()) == 0 {
		select {
		case s.crash <- struct{}{}:
		default:
		}
	}
	switch dice := chance.IntN(100); {
	case dice < 8: // thinks better of it
		return
	case dice < 14: // forgets the time
		<-time.After(time.Until(order.ExpiresAt.Add(12 * time.Second)))
	}
	s.pay(chance, order)
}

func (s *storm) parse(raw []byte, v any) {
	if err := json.Unmarshal(raw, v); err != nil {
		s.Errorf("%v in %s", err, raw)
	}
}

// pay presses the button as impatient people do: again after an error, and at the next attempt
// after a no.
func (s *storm) pay(chance *rand.Rand, order stormOrder) {
	outcome := "paid"
	for range stormTries {
		status, raw, err := s.call(http.MethodPost, order.Payment.URL, "outcome="+outcome,
			"Content-Type", "application/x-www-form-urlencoded")
		var said struct{ State string }
		if err == nil && status == http.StatusOK {
			s.parse(raw, &said)
		}
		switch said.State {
		case "paid":
			if chance.IntN(100) < 5 {
				s.insist(http.MethodPost, "/v1/orders/"+order.ID+"/cancel", "{}",
					append(s.organiser(), "Idempotency-Key", "cancel-"+order.ID)...)
			}
			return
		case "pending":
			outcome = "confirmed"
			if chance.IntN(100) < 20 {
				return // never confirms
			}
		case "declined":
			outcome = "paid"
			_, raw := s.insist(http.MethodGet, "/v1/orders/"+order.ID, "",
				"Order-Token", order.Token)
			var again stormOrder
			s.parse(raw, &again)
			if again.State != "awaiting_payment" {
				return
			}
			order.Payment = again.Payment
		default:
			if chance.IntN(100) < 15 {
				return // gives up without knowing
			}
		}
		<-time.After(time.Duration(chance.IntN(200)) * time.Millisecond)
	}
}

// rhythm is after how many orders the server is killed.
func (s *storm) rhythm() int { return max(1, s.size()/11) }

func (s *storm) size() int { return stormSize() }

func stormSize() int {
	if n, err := strconv.Atoi(os.Getenv(stormVariable)); err == nil && n > 0 {
		return n
	}
	return stormOrders
}

// rage lets the crowd buy, while the server is killed (-9) and started again ten times.
func (s *storm) rage() (crashes int) {
	s.crash = make(chan struct{}, 1)
	numbers := make(chan int)
	var crowd, accidents sync.WaitGroup
	for range min(maxCrowd, s.size()/10) {
		crowd.Go(func() {
			for n := range numbers {
				s.buyer(n)
			}
		})
	}
	over := make(chan struct{})
	accidents.Go(func() {
		for {
			select {
			case <-over:
				return
			case <-s.crash:
			}
			if err := s.server.kill(); err != nil {
				s.Error(err)
			}
			s.start()
			crashes++
		}
	})
	for n := range s.size() {
		numbers <- n
	}
	close(numbers)
	crowd.Wait()
	close(over)
	accidents.Wait()
	return crashes
}

// post asks as the organiser, and wants a yes.
func (s *storm) post(path string) []byte {
	s.Helper()
	status, raw := s.insist(http.MethodPost, path, "{}",
		append(s.organiser(), "Idempotency-Key", "storm-"+path)...)
	if status >= 300 {
		s.Fatalf("POST %s: %d %s", path, status, raw)
	}
	return raw
}

func (s *storm) get(path string, into any) {
	s.Helper()
	status, raw := s.insist(http.MethodGet, path, "", s.organiser()...)
	if status != http.StatusOK {
		s.Fatalf("GET %s: %d %s", path, status, raw)
	}
	if err := json.NewDecoder(bytes.NewReader(raw)).Decode(into); err != nil {
		s.Fatalf("%v in %s", err, raw)
	}
}
