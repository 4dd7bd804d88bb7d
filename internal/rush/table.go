package rush

import (
	"fmt"
	"io"
	"strings"

	"ticketflow/internal/terminal"
)

// WriteTable writes the result for a terminal.
func WriteTable(w io.Writer, r *Result) error {
	var out strings.Builder
	fmt.Fprintf(&out, "%s: %s\n\n", r.Scenario, r.headline())
	facts := [][]string{
		{"buyers", grouped(int64(r.Buyers))},
		{"sold", fmt.Sprintf("%s of %s", grouped(r.Sold), grouped(int64(r.Capacity)))},
		{"orders paid", grouped(r.OrdersPaid)},
		{"duration", trimmed(r.DurationS) + " s"},
		{"checkouts", grouped(int64(r.CheckoutsPerS+0.5)) + " /s"},
	}
	if r.NullCheckoutsPerS > 0 {
		facts = append(facts, []string{"null server", fmt.Sprintf("%s /s, ratio %.2f",
			grouped(int64(r.NullCheckoutsPerS+0.5)), r.RatioToNull)})
	}
	if r.BaselineCheckoutsPerS > 0 {
		facts = append(facts, []string{"baseline", fmt.Sprintf("%s /s, ratio %.2f",
			grouped(int64(r.BaselineCheckoutsPerS+0.5)), r.RatioToBaseline)})
	}
	if r.Ledger != nil {
		facts = append(facts, []string{"ledger", r.Ledger.words()})
	}
	if r.ServerRSSMB > 0 {
		facts = append(facts, []string{"server memory", fixed(r.ServerRSSMB) + " MB"})
	}
	facts = append(facts,
		[]string{"generator", fmt.Sprintf("%s requests, %.1f µs of processor time each",
			grouped(r.Generator.Requests), r.Generator.CPUMicrosPerReq)},
		[]string{"ended", r.Stopped})
	terminal.Align(&out, facts, "ll")

	out.WriteByte('\n')
	steps := [][]string{{"step", "answers", "p50 ms", "p95 ms", "p99 ms", "max ms"}}
	for _, row := range r.stepRows() {
		steps = append(steps, []string{row.Name, row.Count, row.P50, row.P95, row.P99, row.Max})
	}
	terminal.Align(&out, steps, "lrrrrr")

	out.WriteByte('\n')
	answers := [][]string{{"answer", "count"}}
	for _, b := range r.Series.bands() {
		answers = append(answers, []string{b.label, grouped(b.total)})
	}
	terminal.Align(&out, answers, "lr")

	var wrong [][]string
	for _, name := range troubleNames {
		if n := r.Errors[name]; n > 0 {
			wrong = append(wrong, []string{"no answer: " + name, grouped(n)})
		}
	}
	for _, name := range promiseNames {
		if n := r.Broken[name]; n > 0 {
			wrong = append(wrong, []string{"BROKEN: " + promiseTexts[name], grouped(n)})
		}
	}
	if r.Unfinished > 0 {
		wrong = append(wrong, []string{"cut off by the end of the run", grouped(r.Unfinished)})
	}
	if len(wrong) > 0 {
		out.WriteByte('\n')
		terminal.Align(&out, wrong, "lr")
	}
	r.auditTable(&out)
	_, err := io.WriteString(w, out.String())
	return err
}

// words are the counts in a sentence; those that few runs have are left out at 0.
func (l *Ledger) words() string {
	text := fmt.Sprintf("%s commands in %s transactions", grouped(l.Commands),
		grouped(l.Transactions))
	if l.Retries > 0 {
		text += fmt.Sprintf(", %s repeated", grouped(l.Retries))
	}
	if l.LockRefusals > 0 {
		text += fmt.Sprintf("; %s refused by the lock", grouped(l.LockRefusals))
	}
	if l.LockFailures > 0 {
		text += fmt.Sprintf("; %s without a lock", grouped(l.LockFailures))
	}
	return text
}

func (r *Result) auditTable(out *strings.Builder) {
	if r.Audit == nil {
		return
	}
	rows := [][]string{{"audit", "checked", "broken", "verdict"}}
	for _, name := range sortedKeys(r.Audit.Invariants) {
		v := r.Audit.Invariants[name]
		verdict := "holds"
		if !v.OK {
			verdict = "BROKEN"
		}
		rows = append(rows, []string{name, grouped(v.Checked),
			grouped(v.Broken), verdict})
	}
	out.WriteByte('\n')
	terminal.Align(out, rows, "lrrl")
}
