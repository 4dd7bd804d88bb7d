package main

import (
	"strconv"
	"strings"
	"testing"

	"ticketflow/internal/effort"
)

// watched is what dashboards read of the viewers' JSON.
type watched struct {
	Scenario string `json:"scenario"`
	Viewers  int    `json:"viewers"`
	Slow     int    `json:"slow_viewers"`
	Changes  int    `json:"changes"`
	Deltas   int    `json:"deltas_seen"`
	Resyncs  int    `json:"resyncs"`
	Gaps     *int   `json:"gaps"`
	Wrong    *int   `json:"hash_mismatches"`
	Seen     struct {
		Count int     `json:"count"`
		P95   float64 `json:"p95_ms"`
	} `json:"change_to_seen"`
	Settled   alike `json:"settled"`
	Restarted alike `json:"restarted"`
	Server    struct {
		CPU     float64 `json:"cpu_s"`
		Empty   float64 `json:"rss_empty_mb"`
		Watched float64 `json:"rss_watched_mb"`
		Ready   float64 `json:"ready_s"`
	} `json:"server"`
}

type alike struct {
	OK   bool    `json:"ok"`
	All  float64 `json:"all_s"`
	Left int     `json:"inconsistent"`
}

// TestViewersSeeTheSameAfterAKill: hundreds look, some of them don't read, the server is killed
// (-9) while places change, and in the end everybody shows what the ledger has.
func TestViewersSeeTheSameAfterAKill(t *testing.T) {
	beside(t)
	viewers := effort.Of(400, 150)
	out, progress, err := command(t, "flashsale", "--json", "--scenario", "viewers", "--viewers",
		strconv.Itoa(viewers), "--places", "4000", "--duration", "3s")
	if err != nil {
		t.Fatalf("%v\n%s%s", err, progress, out)
	}
	r := parse[watched](t, []byte(out))
	switch {
	case r.Scenario != "viewers" || r.Viewers != viewers || r.Slow != viewers/100:
		t.Errorf("the crowd: %+v", r)
	case r.Changes < 3 || r.Deltas < viewers || r.Seen.Count < viewers || r.Seen.P95 <= 0:
		t.Errorf("what they saw: %+v", r)
	case r.Gaps == nil || *r.Gaps != 0 || r.Wrong == nil || *r.Wrong != 0:
		t.Errorf("gaps and mistakes: %+v", r)
	case !r.Settled.OK || !r.Restarted.OK || r.Settled.Left+r.Restarted.Left != 0:
		t.Errorf("not alike: %+v", r)
	case r.Resyncs < viewers || r.Server.Ready <= 0:
		t.Errorf("nobody was killed: %+v", r)
	}
	if !strings.Contains(progress, "was killed and was ready again") {
		t.Errorf("nobody was killed:\n%s", progress)
	}
}
