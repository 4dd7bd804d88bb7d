package main

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"ticketflow/internal/config"
	"ticketflow/internal/effort"
	"ticketflow/internal/rush"
	"ticketflow/internal/testservers"
)

const handledMetric = "ticketflow_facts_handled_total"

// TestFactsWaitForRabbitMQ stops the broker in the middle of a sale and starts it again. Orders
// that are cancelled before, meanwhile and afterwards are refunded, each once.
func TestFactsWaitForRabbitMQ(t *testing.T) {
	beside(t)
	broker := testservers.StartRabbitMQ(t)
	h := openHouse(t, 3, config.Cluster{
		DatabaseURL: config.Secret(testservers.PostgreSQL(t)), AMQPURL: config.Secret(broker.URL)})
	_, before := h.sellOut(rush.Config{Places: 60, Buyers: 5, Shares: small.Shares},
		func(*journal) {})
	cancelled := before.paid
	third := len(cancelled) / 3
	var back time.Time
	long := crowd(t)
	long.Places = max(long.Places, effort.Of(2, 1)*small.Places)
	h.sellOut(long, func(j *journal) {
		j.await(aWhile(long) / 2)
		h.cancel(cancelled[:third])
		sold := j.placed()
		broker.Stop()
		h.cancel(cancelled[third : 2*third])
		if sold = j.placed() - sold; sold == 0 {
			t.Error("nothing was sold without the broker")
		}
		t.Logf("%d orders without the broker", sold)
		broker.Start()
		back = time.Now()
		h.cancel(cancelled[2*third:])
	})
	h.wantRefunds(len(cancelled))
	t.Logf("all %d refunds were done %v after the broker was back", len(cancelled),
		time.Since(back))
	h.wantRefundedOnce(cancelled)
	h.wantCleanAudit()
}

// cancel has organisers cancel paid orders, each at another server than the one before.
func (h *house) cancel(orders []string) {
	h.Helper()
	servers := h.others()
	for i, id := range orders {
		p := program{t: h.T, url: servers[i%len(servers)].url}
		p.ask(http.MethodPost, "/v1/orders/"+id+"/cancel", "", http.StatusOK,
			"Authorization", "Bearer "+h.key, "Idempotency-Key", "cancel-"+id)
	}
}

// wantRefunds waits until so many refunds are done, and wants each to be told of once.
func (h *house) wantRefunds(n int) {
	h.Helper()
	conn, err := pgx.Connect(h.Context(), string(h.cluster.DatabaseURL))
	if err != nil {
		h.Fatal(err)
	}
	defer func() { _ = conn.Close(h.Context()) }()
	count := func(sql string) (n int) {
		if err := conn.QueryRow(h.Context(), sql).Scan(&n); err != nil {
			h.Fatal(err)
		}
		return n
	}
	// A fact is noted in the inbox after its effect, and counted after that.
	const noted = "SELECT count(*) FROM inbox WHERE subscriber = 'refunds'"
	begun, tries := time.Now(), time.NewTicker(10*pollEvery)
	defer tries.Stop()
	for count(noted) < n || h.sum(handledMetric) < n {
		if <-tries.C; time.Since(begun) > programLimit {
			h.Fatalf("%d of %d refunds are done", count(noted), n)
		}
	}
	for sql, want := range map[string]int{
		noted: n,
		"SELECT count(*) FROM facts WHERE kind = 'refund_done'":                n,
		"SELECT count(*) FROM facts WHERE kind = 'refund_requested'":           n,
		"SELECT count(*) FROM refunds WHERE done_ms > 0":                       n,
		"SELECT count(DISTINCT order_key) FROM refunds WHERE done_ms > 0":      n,
		"SELECT count(*) FROM payments WHERE refunded NOT IN (0, amount)":      0,
		"SELECT count(*) FROM payments WHERE refunded = amount AND amount > 0": n,
	} {
		if got := count(sql); got != want {
			h.Errorf("%s: %d, want %d", sql, got, want)
		}
	}
}

// wantRefundedOnce asks the gateway about each order, and the servers how often they have acted.
func (h *house) wantRefundedOnce(orders []string) {
	h.Helper()
	bearer := "Bearer " + h.simpayBearer()
	gateway := program{t: h.T, url: h.fleet.simpay.url}
	for _, id := range orders {
		got := parse[struct{ Amount, Refunded int }](h.T, gateway.ask(http.MethodGet,
			"/simpay/v1/payments/"+id+":1", "", http.StatusOK, "Authorization", bearer))
		if got.Amount == 0 || got.Refunded != got.Amount {
			h.Errorf("the gateway has refunded %d of %d for %s", got.Refunded, got.Amount, id)
		}
	}
	if n := h.sum(handledMetric); n != len(orders) {
		h.Errorf("%d effects of %d facts", n, len(orders))
	}
	if n := h.sum("ticketflow_facts_dead_letters_total"); n != 0 {
		h.Errorf("%d facts were given up", n)
	}
	h.Logf("%d came again and had no effect", h.sum("ticketflow_facts_repeated_total"))
}

// simpayBearer is the secret with which the box office asks the payment simulator.
func (h *house) simpayBearer() string {
	h.Helper()
	for _, setting := range h.fleet.env {
		if shared, ok := strings.CutPrefix(setting, "TICKETFLOW_SIMPAY_SECRET="); ok {
			master := sha256.Sum256([]byte(shared))
			mac := hmac.New(sha256.New, master[:])
			mac.Write([]byte("simpay bearer v1"))
			return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
		}
	}
	h.Fatal("the fleet has no secret for the simulator")
	return ""
}

// sum adds up a metric of all servers.
func (h *house) sum(metric string) (sum int) {
	h.Helper()
	for _, s := range h.others() {
		p := program{t: h.T, url: s.url}
		text := p.ask(http.MethodGet, "/metrics", "", http.StatusOK)
		for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
			if value, ok := strings.CutPrefix(lines.Text(), metric+" "); ok {
				n, err := strconv.Atoi(value)
				if err != nil {
					h.Fatal(err)
				}
				sum += n
			}
		}
	}
	return sum
}
