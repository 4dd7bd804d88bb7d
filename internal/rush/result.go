package rush

import (
	"maps"
	"slices"
	"strconv"
	"time"
)

// A Result is what one run showed. Latencies are in milliseconds, other times in seconds.
type Result struct {
	Scenario string  `json:"scenario"`
	Seed     uint64  `json:"seed"`
	Buyers   int     `json:"buyers"`
	PerOrder int     `json:"per_order"`
	Rate     float64 `json:"rate_per_s,omitempty"` // steady only
	Capacity int     `json:"capacity"`
	// Sold is the number of places in paid orders.
	Sold       int64 `json:"sold"`
	OrdersPaid int64 `json:"orders_paid"`
	// Checkouts is the number of orders whose tickets were delivered.
	Checkouts int64 `json:"checkouts"`
	// DurationS runs from the press to the last ticket.
	DurationS     float64 `json:"duration_s"`
	CheckoutsPerS float64 `json:"checkouts_per_s"`
	// NullCheckoutsPerS and RatioToNull are set by CompareToNull.
	NullCheckoutsPerS float64 `json:"null_checkouts_per_s"`
	RatioToNull       float64 `json:"ratio_to_null"`
	// BaselineCheckoutsPerS and RatioToBaseline are set by CompareToBaseline.
	BaselineCheckoutsPerS float64 `json:"baseline_checkouts_per_s"`
	RatioToBaseline       float64 `json:"ratio_to_baseline"`
	Stopped               string  `json:"stopped"`

	Steps    map[string]StepStats `json:"steps"`
	Answers  map[string]int64     `json:"answers"`  // by HTTP status
	Problems map[string]int64     `json:"problems"` // refusals, by problem code
	Errors   map[string]int64     `json:"errors"`   // requests without an answer, by cause
	Habits   map[string]int64     `json:"habits"`   // what the buyers did
	// Broken counts broken promises, by name; all are 0 with a good server.
	Broken     map[string]int64 `json:"broken_promises"`
	Unfinished int64            `json:"unfinished"` // buyers whom the end of the run cut off

	Generator   Generator `json:"generator"`
	ServerRSSMB float64   `json:"server_rss_mb"`
	Ledger      *Ledger   `json:"ledger,omitempty"` // set by the caller, who can see the servers
	Audit       *Audit    `json:"audit,omitempty"`  // set by the caller, who can see the ledger
	Series      Series    `json:"series"`
}

// StepStats is the latency of one step in milliseconds.
type StepStats struct {
	Count int64   `json:"count"`
	P50   float64 `json:"p50_ms"`
	P95   float64 `json:"p95_ms"`
	P99   float64 `json:"p99_ms"`
	Max   float64 `json:"max_ms"`
}

// StatsOf sums a histogram up.
func StatsOf(h *Histogram) StepStats {
	return StepStats{Count: int64(h.Count()), P50: millis(h.Quantile(0.50)),
		P95: millis(h.Quantile(0.95)), P99: millis(h.Quantile(0.99)), Max: millis(h.Max())}
}

// Generator is what the load itself cost, so that a reader can tell a slow server from a slow load.
type Generator struct {
	Requests        int64   `json:"requests"`
	CPUSeconds      float64 `json:"cpu_s"` // of this whole process since the press
	CPUMicrosPerReq float64 `json:"cpu_us_per_request"`
	LagP99          float64 `json:"lag_p99_ms"` // how late a due request was begun
	LagMax          float64 `json:"lag_max_ms"`
}

// Ledger is what the run cost the ledger, summed over all servers.
type Ledger struct {
	Commands     int64 `json:"commands"`      // that the ledger decided, yes or no
	Transactions int64 `json:"transactions"`  // that it committed, with many commands each
	Retries      int64 `json:"retries"`       // transactions that lost against others
	LockRefusals int64 `json:"lock_refusals"` // holds that the lock kept away from it
	LockFailures int64 `json:"lock_failures"` // holds that it decided alone: the lock said nothing
}

// Audit is the verdict on the invariants of the ledger after the run.
type Audit struct {
	OK         bool                 `json:"ok"`
	Invariants map[string]Invariant `json:"invariants"` // I1, I2, …
}

// Invariant is the verdict on one of them.
type Invariant struct {
	OK      bool   `json:"ok"`
	Checked int64  `json:"checked"`
	Broken  int64  `json:"broken"`
	Rule    string `json:"rule,omitempty"` // one sentence for people
}

// Series is the run over time, in slots of equal width.
type Series struct {
	SlotS float64              `json:"slot_s"`
	Sold  []int64              `json:"sold"` // places delivered in the slot
	Steps map[string][]Latency `json:"steps"`
	// Answers counts the answers of each slot by status and problem code, such as "409
	// place_taken".
	Answers map[string][]int64 `json:"answers"`
}

// Latency is the latency of one step in one slot, in milliseconds.
type Latency struct {
	Count int64   `json:"count"`
	P50   float64 `json:"p50_ms"`
	P95   float64 `json:"p95_ms"`
	P99   float64 `json:"p99_ms"`
}

// OK tells whether the server kept every promise that buyers can check and passed the audit, if
// there was one.
func (r *Result) OK() bool {
	for _, n := range r.Broken {
		if n > 0 {
			return false
		}
	}
	return r.Audit == nil || r.Audit.OK
}

// CompareToNull sets the ratio to a run of the same buyers against a server that stores nothing.
func (r *Result) CompareToNull(null *Result) {
	r.NullCheckoutsPerS = null.CheckoutsPerS
	if null.CheckoutsPerS > 0 {
		r.RatioToNull = r.CheckoutsPerS / null.CheckoutsPerS
	}
}

// CompareToBaseline sets the ratio to a run of the same buyers against a conventional server.
func (r *Result) CompareToBaseline(baseline *Result) {
	r.BaselineCheckoutsPerS = baseline.CheckoutsPerS
	if baseline.CheckoutsPerS > 0 {
		r.RatioToBaseline = r.CheckoutsPerS / baseline.CheckoutsPerS
	}
}

// result adds up the loops of an ended run.
func (r *shared) result(loops []*loop, stopped string, cpu time.Duration) *Result {
	total := &tally{series: newTimeline()}
	for _, l := range loops {
		total.merge(&l.tally)
	}
	duration := total.lastTicket
	if total.checkouts == 0 {
		duration = max(0, r.now()-time.Duration(r.press.Load()))
	}
	out := &Result{
		Scenario: string(r.cfg.Scenario), Seed: r.cfg.Seed, Buyers: r.cfg.Buyers,
		PerOrder: r.cfg.PerOrder, Capacity: r.cfg.Places, Sold: int64(total.sold),
		OrdersPaid: int64(total.ordersPaid), Checkouts: int64(total.checkouts),
		DurationS: duration.Seconds(), Stopped: stopped,
		Unfinished: int64(total.unfinished),
		Steps:      map[string]StepStats{},
		Answers:    map[string]int64{}, Problems: map[string]int64{},
		Errors: named(troubleNames[:], total.troubles[:]),
		Habits: named(habitNames[:], total.habits[:]),
		Broken: named(promiseNames[:], total.promises[:]),
		Generator: Generator{
			Requests: int64(total.requests), CPUSeconds: cpu.Seconds(),
			LagP99: millis(total.lag.Quantile(0.99)), LagMax: millis(total.lag.Max()),
		},
		Series: total.timeSeries(),
	}
	if r.cfg.Scenario == Steady {
		out.Rate = r.cfg.Rate
	}
	if duration > 0 {
		out.CheckoutsPerS = float64(total.checkouts) / duration.Seconds()
	}
	if total.requests > 0 {
		out.Generator.CPUMicrosPerReq = cpu.Seconds() * 1e6 / float64(total.requests)
	}
	for i := range total.steps {
		if h := &total.steps[i]; h.Count() > 0 {
			out.Steps[stepNames[i]] = StatsOf(h)
		}
	}
	for i, n := range total.answers {
		if v := total.verdicts.known[i]; n > 0 {
			out.Answers[strconv.Itoa(v.status)] += int64(n)
			if v.code != "" {
				out.Problems[v.code] += int64(n)
			}
		}
	}
	return out
}

func (t *tally) timeSeries() Series {
	out := Series{
		SlotS: t.series.width.Seconds(),
		Sold:  make([]int64, t.series.used),
		Steps: map[string][]Latency{}, Answers: map[string][]int64{},
	}
	for i := range t.series.used {
		slot := &t.series.slots[i]
		out.Sold[i] = int64(slot.sold)
		for s := range slot.steps {
			h := &slot.steps[s]
			out.Steps[stepNames[s]] = append(out.Steps[stepNames[s]], Latency{
				Count: int64(h.Count()), P50: millis(h.Quantile(0.50)),
				P95: millis(h.Quantile(0.95)), P99: millis(h.Quantile(0.99)),
			})
		}
		for number, n := range slot.answers {
			if n == 0 {
				continue
			}
			label := t.verdicts.known[number].label()
			if out.Answers[label] == nil {
				out.Answers[label] = make([]int64, t.series.used)
			}
			out.Answers[label][i] += int64(n)
		}
	}
	return out
}

// label is "201" or "409 place_taken".
func (v verdict) label() string {
	if v.code == "" {
		return strconv.Itoa(v.status)
	}
	return strconv.Itoa(v.status) + " " + v.code
}

func named(names []string, counts []uint64) map[string]int64 {
	out := make(map[string]int64, len(names))
	for i, name := range names {
		out[name] = int64(counts[i])
	}
	return out
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// sortedKeys returns the names of a count in order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
