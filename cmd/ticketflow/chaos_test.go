package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"ticketflow/internal/config"
	"ticketflow/internal/testservers"
)

// Bounds of what comes back by itself; it takes far less.
const (
	maxResume   = 15 * time.Second
	maxFailOver = 10 * time.Second
)

// redis starts several servers, and gives their addresses.
func redis(t *testing.T, n int) (servers []*testservers.Server, urls []config.Secret) {
	t.Helper()
	for range n {
		s := testservers.StartRedis(t)
		servers, urls = append(servers, s), append(urls, config.Secret(s.URL))
	}
	return servers, urls
}

// TestSellingSurvivesRedis sells out on one Redis and on Redlock over three, while all or most of
// them are killed and come back empty.
func TestSellingSurvivesRedis(t *testing.T) {
	beside(t)
	for name, masters := range map[string]struct{ all, killed int }{
		"one of one": {1, 1}, "two of three": {3, 2},
	} {
		t.Run(name, func(t *testing.T) {
			servers, urls := redis(t, masters.all)
			h := openHouse(t, 3, config.Cluster{
				DatabaseURL: config.Secret(testservers.PostgreSQL(t)), RedisURLs: urls})
			sale := crowd(t)
			result, _ := h.sellOut(sale, func(j *journal) {
				j.await(aWhile(sale))
				for _, s := range servers[:masters.killed] {
					s.Kill()
				}
				t.Logf("without Redis the next orders took %v", j.resumed(t, time.Now()))
				j.await(j.placed() + aWhile(sale))
				for _, s := range servers[:masters.killed] {
					s.Start()
				}
			})
			t.Logf("%.1f s, %v", result.DurationS, result.Errors)
		})
	}
}

// TestSellingResumesAfterARestartOfPostgreSQL ends the ledger without a checkpoint in the middle.
func TestSellingResumesAfterARestartOfPostgreSQL(t *testing.T) {
	beside(t)
	database := testservers.StartPostgreSQL(t)
	_, urls := redis(t, 1)
	h := openHouse(t, 3, config.Cluster{DatabaseURL: config.Secret(database.URL), RedisURLs: urls})
	sale := crowd(t)
	h.sellOut(sale, func(j *journal) {
		j.await(aWhile(sale))
		database.StopImmediate()
		database.Start()
		took := j.resumed(t, time.Now())
		t.Logf("orders were acknowledged again %v after the server was back", took)
		if took > maxResume {
			t.Errorf("selling resumed after %v, at most %v", took, maxResume)
		}
	})
}

// TestOthersGoOnWithoutAnInstance kills one of three (-9). What it held for a buyer runs out.
func TestOthersGoOnWithoutAnInstance(t *testing.T) {
	beside(t)
	_, urls := redis(t, 1)
	h := openHouse(t, 3, config.Cluster{
		DatabaseURL: config.Secret(testservers.PostgreSQL(t)), RedisURLs: urls})
	victim := h.fleet.servers[2]
	left := h.shortHold(victim)
	// What the victim was just locking, and never came to hold, stays locked for as long.
	h.hold = 15 * time.Second
	sale := crowd(t)
	h.sellOut(sale, func(j *journal) {
		j.await(aWhile(sale))
		if err := victim.kill(); err != nil {
			t.Error(err)
		}
		t.Logf("the next orders took %v", j.resumed(t, time.Now()))
		h.gone[victim] = true
	})
	h.wantExpired(left)
	h.wantCleanAudit()
}

// TestAnInstanceDrains ends one of two in order (SIGTERM) under load: it exits with 0, and buyers
// see no more than closed connections.
func TestAnInstanceDrains(t *testing.T) {
	beside(t)
	_, urls := redis(t, 1)
	h := openHouse(t, 2, config.Cluster{
		DatabaseURL: config.Secret(testservers.PostgreSQL(t)), RedisURLs: urls})
	leaving := h.fleet.servers[1]
	sale := crowd(t)
	result, _ := h.sellOut(sale, func(j *journal) {
		j.await(aWhile(sale))
		begun := time.Now()
		if err := leaving.stop(); err != nil {
			t.Errorf("the instance that was asked to stop: %v", err)
		}
		h.gone[leaving] = true
		t.Logf("it ended after %v", time.Since(begun))
	})
	for status, n := range result.Answers {
		if status >= "500" && n > 0 {
			t.Errorf("%d answers of %s", n, status)
		}
	}
	t.Logf("answers %v, without an answer %v, resent %d", result.Answers, result.Errors,
		result.Habits["resent"])
}

// shortHold holds two places of an event of its own at one server, for the shortest time that there
// is, and returns the event.
func (h *house) shortHold(s *child) (event string) {
	h.Helper()
	const shortest = 10 * time.Second
	event, err := createRehearsal(h.Context(), s.url, h.key, 10, 2, shortest)
	if err != nil {
		h.Fatal(err)
	}
	if !h.holds(s.url, event, "a-hold-that-is-left") {
		h.Fatal("the places were taken")
	}
	return event
}

// holds tries to hold those two places.
func (h *house) holds(url, event, key string) bool {
	h.Helper()
	r, err := http.NewRequestWithContext(h.Context(), http.MethodPost,
		url+"/v1/events/"+event+"/holds", strings.NewReader(`{"places":[3,4]}`))
	if err != nil {
		h.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", key)
	client := http.Client{Timeout: programLimit}
	answer, err := client.Do(r)
	if err != nil {
		h.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if s := answer.StatusCode; s != http.StatusCreated && s != http.StatusConflict {
		h.Fatalf("a hold: %s", answer.Status)
	}
	return answer.StatusCode == http.StatusCreated
}

// wantExpired holds the places that were left, as soon as another server lets it.
func (h *house) wantExpired(event string) {
	h.Helper()
	begun, tries := time.Now(), time.NewTicker(100*time.Millisecond)
	defer tries.Stop()
	for n := 0; !h.holds(h.others()[0].url, event, fmt.Sprint("another-buyers-hold-", n)); n++ {
		if <-tries.C; time.Since(begun) > programLimit {
			h.Fatal("the hold doesn't expire")
		}
	}
}
