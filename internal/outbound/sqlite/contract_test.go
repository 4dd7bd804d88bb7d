package sqlite

import (
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"ticketflow/internal/outbound/contract"
)

// childFolder is the environment variable that makes the test binary a child that sells.
const childFolder = "TICKETFLOW_TEST_CHILD_FOLDER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childFolder); dir != "" {
		in := func(t contract.T, clock func() time.Time) *contract.Engine {
			return engineIn(t, dir, clock)
		}
		if err := contract.Sell(in, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestLedger(t *testing.T) { contract.Ledger(t, engine) }

func TestLedgerOfAKilledProcess(t *testing.T) {
	for range 2 {
		dir := t.TempDir()
		child := exec.CommandContext(t.Context(), os.Args[0])
		child.Env = append(os.Environ(), childFolder+"="+dir)
		child.Stderr = os.Stderr
		contract.Killed(t, child, func(t contract.T, clock func() time.Time) *contract.Engine {
			return engineIn(t, dir, clock)
		})
	}
}

func TestLedgerIsLinear(t *testing.T) {
	if err := contract.LinearControl(); err != nil {
		t.Fatal(err)
	}
	contract.Linear(t, engine)
}

func TestLedgerAgreesWithTheModel(t *testing.T) { contract.Machine(t, engine) }
