package rush

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"
)

// sampleResult is a short run with everything in it that a report may have to show.
func sampleResult(t testing.TB) *Result {
	t.Helper()
	r, err := Run(t.Context(), Config{
		Target: newOffice(400).open(t), Event: "evt_1", Buyers: 30, Places: 400,
		Shares: rowdy(), Seed: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	r.CompareToNull(&Result{CheckoutsPerS: 2 * r.CheckoutsPerS})
	r.CompareToBaseline(&Result{CheckoutsPerS: r.CheckoutsPerS / 8})
	r.Ledger = &Ledger{Commands: 1_700, Transactions: 210, Retries: 3, LockRefusals: 45,
		LockFailures: 2}
	r.ServerRSSMB = 123.4
	r.Audit = &Audit{OK: true, Invariants: map[string]Invariant{
		"I1": {OK: true, Checked: 400}, "I9": {OK: true, Checked: 31, Rule: "a <rule> & its limit"},
	}}
	return r
}

func render(t testing.TB, r *Result) string {
	t.Helper()
	var out bytes.Buffer
	if err := WriteHTML(&out, r); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestReportStandsAlone(t *testing.T) {
	t.Parallel()
	text := render(t, sampleResult(t))
	outside := regexp.MustCompile(`(?i)(src|href)\s*=|url\(|@import|<script|<link|https?://`)
	if found := outside.FindString(text); found != "" {
		t.Errorf("the page reaches outside: %q", found)
	}
	for _, want := range []string{
		"<!doctype html>", `id="sold"`, `id="latency"`, `id="answers"`, `id="audit"`,
		"400 places sold out in", "not_enough_places", "light-dark(", "<title>",
		"8.0", "the baseline", "210", "ledger transactions",
		"a &lt;rule&gt; &amp; its limit", "A place has at most one live hold or order",
	} {
		if !strings.Contains(text, want) && !strings.Contains(text, strings.ToLower(want)) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(text, "ZgotmplZ") || strings.Contains(text, "NaN") ||
		strings.Contains(text, "Inf") || strings.Contains(text, "e+") {
		t.Error("something was not written as it should")
	}
}

func TestReportHasWellFormedCharts(t *testing.T) {
	t.Parallel()
	text := render(t, sampleResult(t))
	charts := regexp.MustCompile(`(?s)<svg.*?</svg>`).FindAllString(text, -1)
	if len(charts) != 2+plottedSteps {
		t.Fatalf("%d charts", len(charts))
	}
	for _, chart := range charts {
		decoder := xml.NewDecoder(strings.NewReader(chart))
		hints := 0
		for {
			token, err := decoder.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%v in %.80s", err, chart)
			}
			if start, ok := token.(xml.StartElement); ok && start.Name.Local == "title" {
				hints++
			}
		}
		if hints == 0 || !strings.Contains(chart, "aria-label=") {
			t.Errorf("no tooltips or no name: %.80s", chart)
		}
	}
}

func TestReportOfAFailedRun(t *testing.T) {
	t.Parallel()
	r := sampleResult(t)
	r.Broken["double_sold"] = 2
	if text := render(t, r); !strings.Contains(text, "✕ Failed") ||
		!strings.Contains(text, "2 broken promises") {
		t.Error("the page does not say that buyers saw broken promises")
	}
	r.Broken["double_sold"] = 0
	r.Audit.OK = false
	r.Audit.Invariants["I1"] = Invariant{Checked: 400, Broken: 1}
	if text := render(t, r); !strings.Contains(text, "✕ broken") || r.OK() {
		t.Error("the page does not show the broken invariant")
	}
}

func TestReportOfNothing(t *testing.T) {
	t.Parallel()
	for _, scenario := range []Scenario{Stampede, Steady, Contended} {
		text := render(t, &Result{Scenario: string(scenario)})
		if strings.Contains(text, "NaN") || strings.Contains(text, "Inf") {
			t.Errorf("%s: numbers out of nothing", scenario)
		}
		var table bytes.Buffer
		if err := WriteTable(&table, &Result{Scenario: string(scenario)}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTableIsAligned(t *testing.T) {
	t.Parallel()
	r := sampleResult(t)
	r.Errors["timeout"], r.Broken["double_effect"], r.Unfinished = 3, 1, 2
	var out bytes.Buffer
	if err := WriteTable(&out, r); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	for _, want := range []string{
		"400 of 400", "ratio 0.50", "123.4 MB", "409 not_enough_places", "no answer: timeout",
		"BROKEN: a repeated request took effect twice", "I9", "holds",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	at, blocks := -1, strings.Split(text, "\n\n")
	for line := range strings.SplitSeq(strings.TrimSpace(blocks[2]), "\n") {
		if end := len(strings.TrimRight("  "+line, " ")); at >= 0 && end != at &&
			!strings.HasPrefix(line, "step") {
			t.Errorf("ragged: %q", line)
		} else if !strings.HasPrefix(line, "step") {
			at = max(at, len("  "+line))
		}
	}
}

func TestResultAsJSON(t *testing.T) {
	t.Parallel()
	encoded, err := json.Marshal(sampleResult(t))
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(encoded, &got); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"scenario", "buyers", "capacity", "sold", "orders_paid", "duration_s", "checkouts_per_s",
		"null_checkouts_per_s", "ratio_to_null", "steps", "answers", "server_rss_mb", "audit",
	} {
		if _, ok := got[name]; !ok {
			t.Errorf("no %q", name)
		}
	}
	hold := got["steps"].(map[string]any)["hold"].(map[string]any)
	for _, name := range []string{"count", "p50_ms", "p95_ms", "p99_ms", "max_ms"} {
		if _, ok := hold[name].(float64); !ok {
			t.Errorf("no %q in %v", name, hold)
		}
	}
	rule := got["audit"].(map[string]any)["invariants"].(map[string]any)["I1"].(map[string]any)
	if rule["ok"] != true || rule["checked"] != 400.0 || rule["broken"] != 0.0 {
		t.Errorf("I1: %v", rule)
	}
}

func TestNiceTicks(t *testing.T) {
	t.Parallel()
	for limit, want := range map[float64]float64{
		80_000: 80_000, 84_800: 100_000, 1: 1, 0.03: 0.03, 7.3: 8, 139: 150, 1e-9: 1e-9,
	} {
		ticks := niceTicks(limit, 4)
		last := ticks[len(ticks)-1]
		if last < limit*0.999 || len(ticks) > 7 || len(ticks) < 3 || last > 1.5*limit {
			t.Errorf("up to %v: %v, want about %v", limit, ticks, want)
		}
	}
	for n, want := range map[int64]string{
		0: "0", 999: "999", 1000: "1,000", 80000: "80,000", -1234567: "-1,234,567", -123: "-123",
	} {
		if got := grouped(n); got != want {
			t.Errorf("%d: %s", n, got)
		}
	}
}
