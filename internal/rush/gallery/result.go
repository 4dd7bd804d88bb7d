package gallery

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"ticketflow/internal/rush"
	"ticketflow/internal/terminal"
)

const settleEvery = 50 * time.Millisecond

// Result is what a gallery saw, and what its server cost. Whoever started the server fills in the
// latter.
type Result struct {
	Scenario  string  `json:"scenario"`
	Viewers   int     `json:"viewers"`
	Slow      int     `json:"slow_viewers"`
	Places    int     `json:"places"`
	Batch     int     `json:"places_per_change"`
	EveryMS   float64 `json:"change_every_ms"`
	DurationS float64 `json:"duration_s"`
	Changes   int     `json:"changes"`

	Deltas      int64 `json:"deltas_seen"`
	Resyncs     int64 `json:"resyncs"`
	Reconnects  int64 `json:"reconnects"`
	Refused     int64 `json:"refused"` // connections and requests, also while there was no server
	SlowCut     int64 `json:"slow_cut_off"`
	Gaps        int64 `json:"gaps"`            // deltas that were missing
	WrongHashes int64 `json:"hash_mismatches"` // states that were not the server's

	// Seen runs from the request for a change until a viewer has it, slow ones left out.
	Seen rush.StepStats `json:"change_to_seen"`
	// Settled is after the last change; slow ones wake up then.
	Settled Consistency `json:"settled"`
	// Restarted is after the server was killed (-9).
	Restarted *Consistency `json:"restarted,omitempty"`

	Server Server `json:"server"`
	// GeneratorCores is what the viewers themselves cost while places changed.
	GeneratorCores float64 `json:"generator_cores"`
}

// Server is what the server's process cost.
type Server struct {
	CPUSeconds  float64 `json:"cpu_s"` // while places changed
	Cores       float64 `json:"cores"`
	MicrosEach  float64 `json:"cpu_us_per_delta"` // for each viewer that a change was sent to
	EmptyMB     float64 `json:"rss_empty_mb"`     // before anybody looked
	WatchedMB   float64 `json:"rss_watched_mb"`   // at the end of the changes
	KBPerViewer float64 `json:"kb_per_viewer"`    // what the viewers added
	ReadyS      float64 `json:"ready_s"`          // from the kill until it answered again
}

// Consistency is how long it took until viewers showed what the server has, version and hash, in
// seconds.
type Consistency struct {
	OK    bool    `json:"ok"` // all of them, in time
	HalfS float64 `json:"half_s"`
	MostS float64 `json:"p95_s"`
	AllS  float64 `json:"all_s"`
	Left  int     `json:"inconsistent"` // at the end
}

// Deltas is how many the viewers have seen so far.
func (g *Gallery) Deltas() int64 { return g.events.deltas.Load() }

// Settle waits until all viewers show what the server has, for limit at most.
func (g *Gallery) Settle(ctx context.Context, since time.Time, limit time.Duration) Consistency {
	var c Consistency
	for {
		equal := 0
		if truth, err := g.truth(ctx); err == nil {
			for _, v := range g.viewers {
				if version, hash := v.at(); version == truth.version && hash == truth.hash {
					equal++
				}
			}
		}
		passed := time.Since(since)
		for share, at := range map[int]*float64{50: &c.HalfS, 95: &c.MostS, 100: &c.AllS} {
			if *at == 0 && equal*100 >= len(g.viewers)*share {
				*at = passed.Seconds()
			}
		}
		c.Left = len(g.viewers) - equal
		if c.OK = c.Left == 0; c.OK || passed > limit {
			return c
		}
		select {
		case <-time.After(settleEvery):
		case <-ctx.Done():
			return c
		}
	}
}

// truth is the server's state now.
func (g *Gallery) truth(ctx context.Context) (state, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	return g.take(ctx, &g.staff)
}

// Result adds up what was seen so far.
func (g *Gallery) Result() (*Result, error) {
	if broken := g.failure.Load(); broken != nil {
		return nil, *broken
	}
	var all rush.Histogram
	for i := range g.count {
		c := &g.count[i]
		c.mu.Lock()
		all.Add(&c.seen)
		c.mu.Unlock()
	}
	e := &g.events
	return &Result{Scenario: "viewers", Viewers: g.cfg.Viewers, Slow: g.cfg.Slow,
		Places: g.cfg.Places, Batch: g.cfg.Batch,
		EveryMS: float64(g.cfg.Every.Microseconds()) / 1000, Changes: g.table.made,
		Deltas: e.deltas.Load(), Resyncs: e.resyncs.Load(), Reconnects: e.reconnects.Load(),
		Refused: e.refused.Load(), SlowCut: e.slowCut.Load(), Gaps: e.gaps.Load(),
		WrongHashes: e.mismatches.Load(), Seen: rush.StatsOf(&all)}, nil
}

// OK tells whether every viewer was always told the truth, and ended up with it.
func (r *Result) OK() bool {
	return r.Gaps == 0 && r.WrongHashes == 0 && r.Settled.OK &&
		(r.Restarted == nil || r.Restarted.OK)
}

// WriteTable writes the result for a terminal.
func (r *Result) WriteTable(w io.Writer) error {
	number := func(n float64, digits int) string { return strconv.FormatFloat(n, 'f', digits, 64) }
	count := func(n int64) string { return terminal.Grouped(n) }
	rows := [][]string{
		{"viewers", fmt.Sprintf("%s, %s of them slow", count(int64(r.Viewers)),
			count(int64(r.Slow)))},
		{"changes", fmt.Sprintf("%s of %d places, every %s ms, for %s s", count(int64(r.Changes)),
			r.Batch, number(r.EveryMS, 0), number(r.DurationS, 1))},
		{"server", fmt.Sprintf("%s cores, %s µs a delta sent; %s KB a viewer (%s MB "+
			"empty, %s MB watched)", number(r.Server.Cores, 2), number(r.Server.MicrosEach, 1),
			number(r.Server.KBPerViewer, 1),
			number(r.Server.EmptyMB, 0), number(r.Server.WatchedMB, 0))},
		{"viewers' own cost", number(r.GeneratorCores, 2) + " cores"},
		{"change to seen", fmt.Sprintf("p50 %s, p95 %s, p99 %s, longest %s ms",
			number(r.Seen.P50, 0), number(r.Seen.P95, 0), number(r.Seen.P99, 0),
			number(r.Seen.Max, 0))},
		{"deltas seen", count(r.Deltas)},
		{"gaps, wrong hashes", count(r.Gaps) + ", " + count(r.WrongHashes)},
		{"resyncs, reconnects", count(r.Resyncs) + ", " + count(r.Reconnects)},
		{"slow ones cut off", count(r.SlowCut)},
		{"all alike after", r.Settled.words()},
	}
	if r.Restarted != nil {
		rows = append(rows, []string{"killed, started again", fmt.Sprintf("ready after %s s; %s",
			number(r.Server.ReadyS, 2), r.Restarted.words())})
	}
	var out strings.Builder
	fmt.Fprint(&out, "viewers of a live map\n\n")
	terminal.Align(&out, rows, "ll")
	_, err := io.WriteString(w, out.String())
	return err
}

func (c Consistency) words() string {
	if !c.OK {
		return fmt.Sprintf("NOT ALIKE: %d viewers show something else", c.Left)
	}
	return fmt.Sprintf("%.2f s (half of them %.2f, 95 %% %.2f)", c.AllS, c.HalfS, c.MostS)
}
