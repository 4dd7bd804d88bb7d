package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"ticketflow/internal/effort"
)

// rehearsed is what issue trackers and dashboards read of a rehearsal's JSON.
type rehearsed struct {
	Scenario  string   `json:"scenario"`
	Buyers    int      `json:"buyers"`
	Capacity  int      `json:"capacity"`
	Sold      int      `json:"sold"`
	Orders    int      `json:"orders_paid"`
	Duration  float64  `json:"duration_s"`
	PerSecond float64  `json:"checkouts_per_s"`
	Null      float64  `json:"null_checkouts_per_s"`
	Ratio     float64  `json:"ratio_to_null"`
	Baseline  *float64 `json:"baseline_checkouts_per_s"`
	Beaten    *float64 `json:"ratio_to_baseline"`
	Memory    float64  `json:"server_rss_mb"`
	Ledger    *struct {
		Commands     int `json:"commands"`
		Transactions int `json:"transactions"`
		Retries      int `json:"retries"`
		LockRefusals int `json:"lock_refusals"`
		LockFailures int `json:"lock_failures"`
	} `json:"ledger"`
	Answers map[string]int `json:"answers"`
	Steps   map[string]struct {
		Count int      `json:"count"`
		P50   *float64 `json:"p50_ms"`
		P95   *float64 `json:"p95_ms"`
		P99   *float64 `json:"p99_ms"`
		Max   *float64 `json:"max_ms"`
	} `json:"steps"`
	Audit struct {
		OK         bool `json:"ok"`
		Invariants map[string]struct {
			OK      bool `json:"ok"`
			Checked int  `json:"checked"`
			Broken  int  `json:"broken"`
		} `json:"invariants"`
	} `json:"audit"`
}

// rehearse runs a small rehearsal that must end well.
func rehearse(t *testing.T, args ...string) rehearsed {
	t.Helper()
	out, progress, err := command(t, append([]string{"flashsale", "--json"}, args...)...)
	if err != nil {
		t.Fatalf("%v: %v\n%s", args, err, progress)
	}
	r := parse[rehearsed](t, []byte(out))
	if !r.Audit.OK || len(r.Audit.Invariants) != 9 {
		t.Errorf("the audit: %+v", r.Audit)
	}
	for _, step := range []string{"hold", "order", "pay", "tickets"} {
		s := r.Steps[step]
		if s.Count == 0 || s.P50 == nil || s.P95 == nil || s.P99 == nil || s.Max == nil {
			t.Errorf("step %s: %+v", step, s)
		}
	}
	if r.Orders == 0 || r.Duration <= 0 || r.PerSecond <= 0 || r.Answers["201"] == 0 {
		t.Errorf("%+v", r)
	}
	return r
}

func TestStampedeSellsEveryPlaceOnce(t *testing.T) {
	page := filepath.Join(t.TempDir(), "report.html")
	r := rehearse(t, "--places", "600", "--buyers", "40", "--report", page)
	if r.Scenario != "stampede" || r.Buyers != 40 || r.Capacity != 600 || r.Sold != 600 {
		t.Errorf("%+v", r)
	}
	if r.Null <= 0 || r.Ratio <= 0 {
		t.Errorf("the null server: %v, ratio %v", r.Null, r.Ratio)
	}
	if r.Baseline == nil || *r.Baseline != 0 || r.Beaten == nil || *r.Beaten != 0 {
		t.Error("a baseline that was not measured")
	}
	// Each order is a hold, an order and a payment at least.
	if l := r.Ledger; l == nil || l.Commands < 3*r.Orders || l.Transactions == 0 ||
		l.Transactions > l.Commands || l.LockRefusals != 0 {
		t.Errorf("the ledger: %+v", l)
	}
	raw, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	loads := regexp.MustCompile(`(?i)(src|href)\s*=\s*["']?https?:|url\(\s*["']?https?:|@import`)
	if html := string(raw); !strings.Contains(html, "<svg") || loads.MatchString(html) {
		t.Errorf("the report has no plot, or loads something: %.300s", html)
	}
}

func TestContendedSellsTheFewPlacesOnce(t *testing.T) {
	r := rehearse(t, "--scenario", "contended", "--places", "20", "--buyers", "60", "--skip-null")
	if r.Sold != 20 || r.Answers["409"] == 0 {
		t.Errorf("%+v", r)
	}
}

func TestSteadyServesWhoArrives(t *testing.T) {
	beside(t)
	r := rehearse(t, "--scenario", "steady", "--places", "2000", "--buyers", "50", "--rate", "40",
		"--duration", "2s", "--skip-null")
	if r.Sold == 0 || r.Sold > 2000 {
		t.Errorf("%+v", r)
	}
}

// TestRushSurvivesAKill kills the server in the middle (-9) and starts it again: the audit is given
// every order whose tickets were delivered, and each must still be there.
func TestRushSurvivesAKill(t *testing.T) {
	places := effort.Of(8_000, 2_000)
	out, progress, err := command(t, "flashsale", "--json", "--skip-null", "--places",
		strconv.Itoa(places), "--buyers", "60", "--crash-at", "300ms")
	if err != nil {
		t.Fatalf("%v\n%s", err, progress)
	}
	r := parse[rehearsed](t, []byte(out))
	if r.Sold != places || !r.Audit.OK || r.Audit.Invariants["I7"].Checked < r.Orders {
		t.Errorf("%+v", r)
	}
	if r.Ledger != nil {
		t.Errorf("counts of a ledger whose server was killed: %+v", r.Ledger)
	}
	if !strings.Contains(progress, "was killed and was ready again") {
		t.Errorf("nobody was killed:\n%s", progress)
	}
}
