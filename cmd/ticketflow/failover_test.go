package main

import (
	"context"
	"net/url"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"ticketflow/internal/config"
	"ticketflow/internal/testservers"
)

// failOversVariable asks for more fail-overs in a row than a test run has time for.
const (
	failOversVariable = "TICKETFLOW_TEST_FAILOVERS"
	failOvers         = 2
	pollEvery         = 5 * time.Millisecond
)

// pair is a primary and its standby. A fail-over changes their roles.
type pair struct {
	*testing.T

	primary, standby *testservers.Server
	url              config.Secret // names both: whoever takes writes is found
}

func openPair(t *testing.T) *pair {
	t.Helper()
	p := &pair{T: t, primary: testservers.StartPostgreSQL(t)}
	p.standby = testservers.StartStandby(t, p.primary)
	both, err := url.Parse(p.primary.URL)
	if err != nil {
		t.Fatal(err)
	}
	second, err := url.Parse(p.standby.URL)
	if err != nil {
		t.Fatal(err)
	}
	both.Host += "," + second.Host
	both.RawQuery += "&target_session_attrs=read-write"
	p.url = config.Secret(both.String())
	return p
}

// do runs statements at one of the servers, each in a transaction of its own.
func (p *pair) do(s *testservers.Server, statements ...string) {
	p.Helper()
	conn, err := pgx.Connect(p.Context(), s.URL)
	if err != nil {
		p.Error(err)
		return
	}
	defer func() { _ = conn.Close(context.Background()) }()
	for _, statement := range statements {
		if _, err := conn.Exec(p.Context(), statement); err != nil {
			p.Errorf("%s: %v", statement, err)
		}
	}
}

// until waits until a condition holds at one of the servers.
func (p *pair) until(s *testservers.Server, condition string) {
	p.Helper()
	conn, err := pgx.Connect(p.Context(), s.URL)
	if err != nil {
		p.Error(err)
		return
	}
	defer func() { _ = conn.Close(context.Background()) }()
	ctx, cancel := context.WithTimeout(p.Context(), programLimit)
	defer cancel()
	tries := time.NewTicker(pollEvery)
	defer tries.Stop()
	for holds := false; !holds; <-tries.C {
		if err := conn.QueryRow(ctx, "SELECT "+condition).Scan(&holds); err != nil {
			p.Errorf("waiting for %s: %v", condition, err)
			return
		}
	}
}

// waitForStandby has the primary acknowledge nothing that the standby hasn't written.
func (p *pair) waitForStandby() {
	p.Helper()
	p.do(p.primary, "ALTER SYSTEM SET synchronous_standby_names = '"+testservers.StandbyName+"'",
		"SELECT pg_reload_conf()")
	p.until(p.primary, "EXISTS (SELECT FROM pg_stat_replication WHERE sync_state = 'sync')")
}

// cut ends the line between the two: the standby gets nothing any more.
func (p *pair) cut() {
	p.Helper()
	p.do(p.standby, "ALTER SYSTEM SET primary_conninfo = ''", "SELECT pg_reload_conf()")
	p.until(p.standby, "NOT EXISTS (SELECT FROM pg_stat_wal_receiver)")
}

// failOver kills the primary, and makes the standby the new one.
func (p *pair) failOver() {
	p.Helper()
	p.primary.Kill()
	p.standby.Promote()
	p.primary, p.standby = p.standby, p.primary
}

// TestFailOverLosesNothing promotes the synchronous standby under load, round after round. In each
// second round the line to it is cut before: then the primary acknowledges nothing any more.
func TestFailOverLosesNothing(t *testing.T) {
	beside(t)
	rounds := failOvers
	if text := os.Getenv(failOversVariable); text != "" {
		var err error
		if rounds, err = strconv.Atoi(text); err != nil {
			t.Fatalf("%s: %v", failOversVariable, err)
		}
	}
	p := openPair(t)
	h := openHouse(t, 2, config.Cluster{DatabaseURL: p.url})
	for round := range rounds {
		p.waitForStandby()
		result, _ := h.sellOut(small, func(j *journal) {
			j.await(250)
			if round%2 == 1 {
				p.cut()
				p.until(p.primary, "EXISTS (SELECT FROM pg_stat_activity "+
					"WHERE wait_event = 'SyncRep')")
			}
			begun := time.Now()
			p.failOver()
			promoted := time.Since(begun)
			took := j.resumed(t, begun)
			t.Logf("round %d: promoted after %v, writes resumed after %v", round+1, promoted, took)
			if took > maxFailOver {
				t.Errorf("writes resumed after %v, at most %v", took, maxFailOver)
			}
		})
		t.Logf("round %d: %d orders in %.1f s, %d acknowledged so far", round+1,
			result.OrdersPaid, result.DurationS, len(h.paid))
		if round+1 < rounds {
			p.standby.Follow(p.primary)
		}
	}
}

// TestFailOverToAnAsynchronousStandbyIsNoticed is the control of the test before: the same with a
// primary that doesn't wait for its standby loses orders, and the checks tell.
func TestFailOverToAnAsynchronousStandbyIsNoticed(t *testing.T) {
	beside(t)
	p := openPair(t)
	h := openHouse(t, 2, config.Cluster{DatabaseURL: p.url})
	const unseen = 100 // orders that the standby doesn't get
	_, j, _ := h.sell(small, func(j *journal) {
		j.await(250)
		p.cut()
		j.await(j.placed() + unseen)
		p.failOver()
		j.resumed(t, time.Now())
		j.stop()
	})
	lost, seven := h.lost(j), h.audit().Invariants[6]
	t.Logf("%d of %d orders are gone; of %d with tickets the audit misses %d", lost,
		len(j.orders), len(h.paid), seven.Broken)
	if lost == 0 || seven.ID != "I7" || seven.OK || seven.Broken == 0 {
		t.Errorf("%d orders are gone, and the audit says %+v", lost, seven)
	}
}
