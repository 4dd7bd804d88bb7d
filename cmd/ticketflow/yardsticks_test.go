package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"ticketflow/internal/rush"
	"ticketflow/internal/testservers"
)

// TestBaselineIsMeasuredInTheSameRun sells a small hall by a conventional shop and then by the box
// office, on the same engines.
func TestBaselineIsMeasuredInTheSameRun(t *testing.T) {
	t.Setenv("TICKETFLOW_DATABASE_URL", testservers.PostgreSQL(t))
	t.Setenv("TICKETFLOW_REDIS_URLS", testservers.Redis(t))
	r := rehearse(t, "--baseline", "--skip-null", "--places", "300", "--buyers", "30")
	if r.Sold != 300 || r.Null != 0 {
		t.Errorf("%+v", r)
	}
	if r.Baseline == nil || *r.Baseline <= 0 || r.Beaten == nil || *r.Beaten <= 0 {
		t.Errorf("the baseline: %+v", r)
	}
	if l := r.Ledger; l == nil || l.Commands < 3*r.Orders || l.Transactions == 0 {
		t.Errorf("the ledger: %+v", l)
	}
}

// TestLocksKeepTheCrowdFromTheLedger counts over two instances: who is refused by the lock is no
// command of the ledger.
func TestLocksKeepTheCrowdFromTheLedger(t *testing.T) {
	t.Setenv("TICKETFLOW_DATABASE_URL", testservers.PostgreSQL(t))
	t.Setenv("TICKETFLOW_REDIS_URLS", testservers.Redis(t))
	r := rehearse(t, "--scenario", "contended", "--skip-null", "--instances", "2", "--places", "20",
		"--buyers", "60")
	if l := r.Ledger; r.Sold != 20 || l == nil || l.LockRefusals+l.LockFailures == 0 ||
		l.Commands < 3*r.Orders {
		t.Errorf("%+v, the ledger: %+v", r, l)
	}
}

func TestLedgersAddUp(t *testing.T) {
	serve := func(text string) string {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/metrics" {
				http.NotFound(w, r)
				return
			}
			_, _ = io.WriteString(w, text)
		}))
		t.Cleanup(server.Close)
		return server.URL
	}
	one := "# HELP ticketflow_desk_commands_total x\nticketflow_desk_commands_total 1.5e+06\n" +
		"ticketflow_desk_batches_total 40\nticketflow_desk_retries_total 2\n"
	two := "ticketflow_desk_commands_total 10\nticketflow_desk_batches_total 5\n" +
		"ticketflow_desk_retries_total 0\nticketflow_locks_refused_total 7\n" +
		"ticketflow_locks_failed_total 1\n"
	got, err := readLedgers(t.Context(), []string{serve(one), serve(two) + "/"})
	want := rush.Ledger{Commands: 1_500_010, Transactions: 45, Retries: 2, LockRefusals: 7,
		LockFailures: 1}
	if err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	if d := difference(rush.Ledger{Commands: 10, Transactions: 5}, got); d.Commands != 1_500_000 ||
		d.Transactions != 40 {
		t.Errorf("the difference: %+v", d)
	}
	for name, text := range map[string]string{
		"no counters": "up 1\n", "no number": "ticketflow_desk_commands_total many\n"} {
		_, err := readLedgers(t.Context(), []string{serve(text)})
		if err == nil || !strings.Contains(err.Error(), "metrics") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
