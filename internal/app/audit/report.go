package audit

import (
	"encoding/json"
	"fmt"
	"io"
)

// maxReportRows bounds the offending rows that are named for one invariant; all are counted.
const maxReportRows = 20

// Report is the outcome of an audit.
type Report struct {
	OK         bool
	Invariants []Invariant // I1 to I9, in order
	Open       Open
}

// Open counts what breaks no promise, but waits for somebody to look at it.
type Open struct {
	Quarantined   int `json:"payments_in_quarantine"`
	KeptNotices   int `json:"notices_kept"`
	FailedRefunds int `json:"refunds_failed"`
}

// Invariant is one promise and how it was kept.
type Invariant struct {
	ID      string
	Title   string
	OK      bool
	Checked int      // rows that were looked at
	Broken  int      // breaches that were found
	Rows    []string // the first of the breaches, by name
}

// The invariants' indices in a report.
const (
	i1 = iota
	i2
	i3
	i4
	i5
	i6
	i7
	i8
	i9
)

var titles = [...]string{
	i1: "a place has at most one live hold or order",
	i2: "free, held, ordered, sold and blocked places add up to the plan",
	i3: "a hold ends exactly once",
	i4: "an order is paid if and only if it has its places and one ticket for each",
	i5: "captured money, its refunds, the tickets and the journal agree",
	i6: "a payment is applied at most once, and the log of facts is whole",
	i7: "what was answered with success is there",
	i8: "a ticket admits once",
	i9: "no buyer has more places, and no voucher more uses, than is allowed",
}

// checks counts and names breaches while an audit runs.
type checks [len(titles)]Invariant

func newChecks() *checks {
	c := &checks{}
	for i, title := range titles {
		c[i] = Invariant{ID: fmt.Sprintf("I%d", i+1), Title: title}
	}
	return c
}

func (c *checks) checked(invariant int) { c[invariant].Checked++ }

// breach counts a breach; its row is only written while there is room for it.
func (c *checks) breach(invariant int, format string, args ...any) {
	v := &c[invariant]
	v.Broken++
	if len(v.Rows) < maxReportRows {
		v.Rows = append(v.Rows, fmt.Sprintf(format, args...))
	}
}

func (c *checks) report() Report {
	r := Report{OK: true, Invariants: c[:]}
	for i := range r.Invariants {
		v := &r.Invariants[i]
		v.OK = v.Broken == 0
		r.OK = r.OK && v.OK
	}
	return r
}

// MarshalJSON writes {"ok":…,"invariants":{"I1":{"ok":…,"checked":…,"broken":…,"rows":[…]},…},
// "open":{…}}; rows is missing where there is none.
func (r Report) MarshalJSON() ([]byte, error) {
	type entry struct {
		OK      bool     `json:"ok"`
		Checked int      `json:"checked"`
		Broken  int      `json:"broken"`
		Rows    []string `json:"rows,omitempty"`
	}
	byID := make(map[string]entry, len(r.Invariants))
	for _, v := range r.Invariants {
		byID[v.ID] = entry{v.OK, v.Checked, v.Broken, v.Rows}
	}
	return json.Marshal(struct {
		OK         bool             `json:"ok"`
		Invariants map[string]entry `json:"invariants"`
		Open       Open             `json:"open"`
	}{r.OK, byID, r.Open})
}

// WriteText writes a line for each invariant and below it the offending rows, indented, and then
// what is open.
func (r Report) WriteText(w io.Writer) error {
	for _, v := range r.Invariants {
		verdict := "ok"
		if !v.OK {
			verdict = "BROKEN"
		}
		_, err := fmt.Fprintf(w, "%-3s %-6s %9d checked %6d broken  %s\n",
			v.ID, verdict, v.Checked, v.Broken, v.Title)
		if err != nil {
			return err
		}
		for _, row := range v.Rows {
			if _, err := fmt.Fprintf(w, "      %s\n", row); err != nil {
				return err
			}
		}
		if more := v.Broken - len(v.Rows); more > 0 {
			if _, err := fmt.Fprintf(w, "      … and %d more\n", more); err != nil {
				return err
			}
		}
	}
	for _, open := range []struct {
		n    int
		what string
	}{
		{r.Open.Quarantined, "payments in quarantine"},
		{r.Open.KeptNotices, "messages of gateways that couldn't be applied"},
		{r.Open.FailedRefunds, "refunds that have failed and are owed"},
	} {
		if open.n == 0 {
			continue
		}
		if _, err := fmt.Fprintf(w, "    open   %9d %s\n", open.n, open.what); err != nil {
			return err
		}
	}
	return nil
}
