package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"ticketflow/internal/rush"
)

// Limits of reading a server's counters.
const (
	maxMetricsBytes = 4 << 20
	metricsTimeout  = 10 * time.Second
	deskCounters    = 3 // of those below; the rest are the lock's
)

// countLedgers begins to count what the ledger has to do, and returns what ends it. That gives nil
// where the counts can't be told: the rush is worth telling without them.
func (r *rehearsal) countLedgers(ctx context.Context, targets []string) func() *rush.Ledger {
	before, failed := readLedgers(ctx, targets)
	return func() *rush.Ledger {
		var after rush.Ledger
		switch {
		case r.CrashAt > 0:
			failed = errors.New("those of the killed server are gone with it")
		case failed == nil:
			after, failed = readLedgers(ctx, targets)
		}
		d := difference(before, after)
		if failed == nil && (d.Commands < 0 || d.Transactions < 0) {
			failed = errors.New("a server was started again")
		}
		if failed != nil {
			r.say("The ledger's counts are not told: " + failed.Error())
			return nil
		}
		return &d
	}
}

// readLedgers sums what the servers' counters say that the ledger had to do.
func readLedgers(ctx context.Context, targets []string) (sum rush.Ledger, err error) {
	client := http.Client{Timeout: metricsTimeout, CheckRedirect: stayThere}
	defer client.CloseIdleConnections()
	for _, target := range targets {
		if err := addLedger(ctx, &client, target, &sum); err != nil {
			return sum, err
		}
	}
	return sum, nil
}

// stayThere keeps a server from sending the rehearsal to one that nobody has allowed.
func stayThere(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func addLedger(ctx context.Context, client *http.Client, target string, sum *rush.Ledger) error {
	address := strings.TrimSuffix(target, "/") + "/metrics"
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return err
	}
	answer, err := client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %s", address, answer.Status)
	}
	into := map[string]*int64{
		"ticketflow_desk_commands_total": &sum.Commands,
		"ticketflow_desk_batches_total":  &sum.Transactions,
		"ticketflow_desk_retries_total":  &sum.Retries,
		"ticketflow_locks_refused_total": &sum.LockRefusals,
		"ticketflow_locks_failed_total":  &sum.LockFailures,
	}
	found := 0
	lines := bufio.NewScanner(io.LimitReader(answer.Body, maxMetricsBytes))
	for lines.Scan() {
		name, text, _ := strings.Cut(lines.Text(), " ")
		counter, wanted := into[name]
		if !wanted {
			continue
		}
		value, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return fmt.Errorf("GET %s: %s: %w", address, name, err)
		}
		*counter += int64(value)
		found++
	}
	if err := lines.Err(); err != nil {
		return err
	}
	if found < deskCounters { // without Redis there are no locks
		return fmt.Errorf("GET %s: the ledger's counters are missing", address)
	}
	return nil
}

// difference is what happened between two readings.
func difference(before, after rush.Ledger) rush.Ledger {
	return rush.Ledger{
		Commands:     after.Commands - before.Commands,
		Transactions: after.Transactions - before.Transactions,
		Retries:      after.Retries - before.Retries,
		LockRefusals: after.LockRefusals - before.LockRefusals,
		LockFailures: after.LockFailures - before.LockFailures,
	}
}
