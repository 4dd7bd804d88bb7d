package rush

import (
	_ "embed" // the page is a part of the program
	"fmt"
	"html/template"
	"io"
	"strconv"
	"strings"
)

//go:embed page.tmpl
var pageSource string

var pageTemplate = template.Must(template.New("report").Parse(pageSource))

// WriteHTML writes the report of a run as one page that needs nothing else: no script, no font, no
// picture from elsewhere. It follows the light or dark scheme of its reader and prints well.
func WriteHTML(w io.Writer, r *Result) error {
	if err := pageTemplate.Execute(w, newPage(r)); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

// A page is what the template shows.
type page struct {
	*Result
	Headline string
	Lead     string
	Verdict  string
	Good     bool
	Figures  []figure
	Sold     chart
	Latency  []latencyChart
	Codes    chart
	StepRows []stepRow
	Rules    []ruleRow
	Promises []countRow
	Crowd    []countRow
	Trouble  []countRow
	Lag      string
}

// A figure is one of the large numbers at the top.
type figure struct{ Value, Unit, Name, Note string }

type stepRow struct{ Name, Count, P50, P95, P99, Max string }

type ruleRow struct {
	Name, Rule, Checked, Broken string
	OK                          bool
}

type countRow struct {
	Name, Count string
	Bad         bool
}

func newPage(r *Result) *page {
	p := &page{
		Result: r, Headline: r.headline(), Lead: r.lead(), Figures: r.figures(),
		Sold: r.soldChart(), Latency: r.latencyCharts(), Codes: r.answersChart(),
		StepRows: r.stepRows(), Good: r.OK(), Verdict: r.verdict(),
		Lag: fmt.Sprintf("p99 %s ms, at most %s ms", trimmed(r.Generator.LagP99),
			trimmed(r.Generator.LagMax)),
	}
	for _, name := range promiseNames {
		n := r.Broken[name]
		p.Promises = append(p.Promises, countRow{promiseTexts[name], grouped(n), n > 0})
	}
	for _, name := range habitNames {
		p.Crowd = append(p.Crowd, countRow{spaced(name), grouped(r.Habits[name]), false})
	}
	for _, name := range troubleNames {
		p.Trouble = append(p.Trouble, countRow{spaced(name), grouped(r.Errors[name]), false})
	}
	if r.Audit == nil {
		return p
	}
	for _, name := range sortedKeys(r.Audit.Invariants) {
		v := r.Audit.Invariants[name]
		rule := v.Rule
		if rule == "" {
			rule = ruleTexts[name]
		}
		p.Rules = append(p.Rules, ruleRow{name, rule, grouped(v.Checked), grouped(v.Broken), v.OK})
	}
	return p
}

// promiseTexts says in words what a broken promise of each name would mean.
var promiseTexts = map[string]string{
	"double_effect":  "a repeated request took effect twice",
	"replay_differs": "a repeated request was granted once and refused once",
	"double_sold":    "a place was delivered to two buyers",
	"wrong_tickets":  "a paid order came without its tickets",
}

// ruleTexts are the invariants in words, where the audit gives none.
var ruleTexts = map[string]string{
	"I1": "a place has at most one live hold or order",
	"I2": "free, held, ordered, sold and blocked places add up to the plan",
	"I3": "a hold ends exactly once",
	"I4": "an order is paid exactly if each of its places is sold to it and has one valid ticket",
	"I5": "captured less refunded money equals the price of the valid tickets",
	"I6": "news of a payment take effect once",
	"I7": "what was answered with success is there",
	"I8": "a ticket admits once",
	"I9": "no buyer exceeds the limit of the event",
}

func (r *Result) headline() string {
	switch {
	case r.Scenario == string(Steady):
		return fmt.Sprintf("%s checkouts in %s s, %s a second", grouped(r.Checkouts),
			trimmed(r.DurationS), grouped(int64(r.CheckoutsPerS+0.5)))
	case r.Sold >= int64(r.Capacity):
		return fmt.Sprintf("%s places sold out in %s s", grouped(r.Sold), trimmed(r.DurationS))
	default:
		return fmt.Sprintf("%s of %s places sold in %s s", grouped(r.Sold),
			grouped(int64(r.Capacity)), trimmed(r.DurationS))
	}
}

func (r *Result) lead() string {
	buyers := grouped(int64(r.Buyers))
	switch Scenario(r.Scenario) {
	case Steady:
		return fmt.Sprintf("%s buyers were connected. %s of them a second began to buy, "+
			"whether or not the server kept up, and took their time between the steps.", buyers,
			trimmed(r.Rate))
	case Contended:
		return fmt.Sprintf("%s buyers pressed at the same instant, and all wanted the same "+
			"%s places.", buyers, grouped(int64(r.Capacity)))
	default:
		return fmt.Sprintf("%s buyers pressed at the same instant and went on, %d places an "+
			"order, until nothing was left.", buyers, r.PerOrder)
	}
}

func (r *Result) verdict() string {
	var broken int64
	for _, n := range r.Broken {
		broken += n
	}
	switch {
	case broken > 0:
		return fmt.Sprintf("Buyers saw %s broken promises, see below.", grouped(broken))
	case r.Audit == nil:
		return "No buyer saw a broken promise. The ledger was not audited in this run."
	case !r.Audit.OK:
		return "The audit found broken invariants, see below."
	}
	var checked int64
	for _, v := range r.Audit.Invariants {
		checked += v.Checked
	}
	return fmt.Sprintf("Nothing was sold twice. The audit checked %d invariants on %s rows "+
		"after the run and found no breach.", len(r.Audit.Invariants), grouped(checked))
}

func (r *Result) figures() []figure {
	share := 0.0
	if r.Capacity > 0 {
		share = 100 * float64(r.Sold) / float64(r.Capacity)
	}
	out := []figure{
		{grouped(r.Sold), "", "places sold", trimmed(share) + " % of the capacity"},
		{grouped(r.OrdersPaid), "", "orders paid",
			grouped(r.Checkouts) + " with tickets delivered"},
		{grouped(int64(r.CheckoutsPerS + 0.5)), "/s", "checkouts",
			grouped(r.Generator.Requests) + " requests in all"},
	}
	if r.NullCheckoutsPerS > 0 {
		out = append(out, figure{strconv.FormatFloat(r.RatioToNull, 'f', 2, 64), "×",
			"of the null server",
			"which stores nothing: " + grouped(int64(r.NullCheckoutsPerS+0.5)) + "/s"})
	}
	if r.BaselineCheckoutsPerS > 0 {
		out = append(out, figure{strconv.FormatFloat(r.RatioToBaseline, 'f', 1, 64), "×",
			"the baseline",
			"a conventional server: " + grouped(int64(r.BaselineCheckoutsPerS+0.5)) + "/s"})
	}
	if r.Ledger != nil {
		out = append(out, figure{grouped(r.Ledger.Transactions), "", "ledger transactions",
			grouped(r.Ledger.Commands) + " commands"})
	}
	if hold, ok := r.Steps["hold"]; ok {
		out = append(out, figure{trimmed(hold.P95), "ms", "p95 of a hold",
			"median " + trimmed(hold.P50) + " ms"})
	}
	if r.ServerRSSMB > 0 {
		out = append(out, figure{grouped(int64(r.ServerRSSMB + 0.5)), "MB", "server memory",
			"resident, at its highest"})
	}
	return out
}

func (r *Result) stepRows() []stepRow {
	var rows []stepRow
	for _, name := range stepNames {
		if s, ok := r.Steps[name]; ok {
			rows = append(rows, stepRow{spaced(name), grouped(s.Count), fixed(s.P50), fixed(s.P95),
				fixed(s.P99), fixed(s.Max)})
		}
	}
	return rows
}

func spaced(name string) string { return strings.ReplaceAll(name, "_", " ") }

// fixed writes milliseconds for a column.
func fixed(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) }

// trimmed writes about three digits and no needless zeros.
func trimmed(v float64) string {
	digits := 2
	switch {
	case v >= 100:
		digits = 0
	case v >= 10:
		digits = 1
	}
	text := strconv.FormatFloat(v, 'f', digits, 64)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text
}
