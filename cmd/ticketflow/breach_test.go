package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// runProgram runs the program in a process of its own and returns its exit status.
func runProgram(t *testing.T, args ...string) (out, log string, status int) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), programLimit)
	defer cancel()
	process := exec.CommandContext(ctx, self, args...)
	var o, l bytes.Buffer
	process.Stdout, process.Stderr = &o, &l
	err = process.Run()
	if broken := (*exec.ExitError)(nil); err != nil && !errors.As(err, &broken) {
		t.Fatal(err)
	}
	return o.String(), l.String(), process.ProcessState.ExitCode()
}

// corrupt changes the ledger of a stopped server behind its back.
func corrupt(t *testing.T, data, sql string) {
	t.Helper()
	conn, err := sqlite.OpenConn(filepath.Join(data, "ticketflow.db"), sqlite.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	err = sqlitex.ExecuteScript(conn, sql, nil)
	if err := errors.Join(err, conn.Close()); err != nil {
		t.Fatal(err)
	}
}

// audited is the JSON of an audit.
type audited struct {
	OK         bool `json:"ok"`
	Invariants map[string]struct {
		OK     bool     `json:"ok"`
		Broken int      `json:"broken"`
		Rows   []string `json:"rows"`
	} `json:"invariants"`
}

func (a audited) broken() (names []string) {
	for name, v := range a.Invariants {
		if !v.OK {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// soldBooks is the data folder of a stopped server that has sold two places.
func soldBooks(t *testing.T) (data string) {
	t.Helper()
	data = t.TempDir()
	server := serve(t, "--demo", "--data", data)
	server.tickets(server.buy())
	server.stop()
	return data
}

// TestABreachEndsWithStatusOne corrupts books that were sound, audits them, and rehearses against a
// server that goes on with them.
func TestABreachEndsWithStatusOne(t *testing.T) {
	const key = "a-key-of-the-operator-2"
	t.Setenv("TICKETFLOW_API_KEY", key)
	data := soldBooks(t)
	auditFails(t, data)

	server := serve(t, "--data", data)
	out, log, status := runProgram(t, "flashsale", "--json", "--skip-null", "--target", server.url,
		"--data", data, "--places", "60", "--buyers", "5")
	server.stop()
	r := parse[rehearsed](t, []byte(out))
	if status != 1 || r.Audit.OK || r.Audit.Invariants["I4"].OK || r.Sold != 60 {
		t.Errorf("a rehearsal: status %d, %+v", status, r.Audit)
	}
	if !strings.Contains(log, "I4 ") {
		t.Errorf("the log doesn't name the rows:\n%s", log)
	}
}

func auditFails(t *testing.T, data string) {
	t.Helper()
	if out, log, status := runProgram(t, "audit", "--data", data); status != 0 {
		t.Fatalf("healthy books: status %d\n%s%s", status, out, log)
	}
	corrupt(t, data, "DELETE FROM tickets WHERE place = (SELECT min(place) FROM tickets)")
	out, log, status := runProgram(t, "audit", "--data", data)
	if status != 1 || !strings.Contains(out, "I4  BROKEN") || !strings.Contains(out, "ord_") {
		t.Errorf("a lost ticket: status %d\n%s", status, out)
	}
	if log != "" {
		t.Errorf("the audit says more than its report: %s", log)
	}
	out, _, status = runProgram(t, "audit", "--data", data, "--json")
	report := parse[audited](t, []byte(out))
	if status != 1 || report.OK || !slices.Contains(report.broken(), "I4") ||
		len(report.Invariants["I4"].Rows) == 0 {
		t.Errorf("as JSON: status %d, broken %v\n%s", status, report.broken(), out)
	}
	corrupt(t, data, "UPDATE places SET state = 2 WHERE place_key = (4294967296 + 500)")
	out, _, status = runProgram(t, "audit", "--data", data, "--json")
	if now := parse[audited](t, []byte(out)).broken(); status != 1 || len(now) <= 1 {
		t.Errorf("a place that is sold to nobody: status %d, broken %v", status, now)
	}
}
