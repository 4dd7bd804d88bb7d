package postgres

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"ticketflow/internal/effort"
	"ticketflow/internal/outbound/contract"
)

// childDatabase is the environment variable that makes the test binary a child that sells.
const childDatabase = "TICKETFLOW_TEST_CHILD_DATABASE"

// machineChecks is how often the machine of the contract plays; each step is several transactions
// on a real disk.
const machineChecks = "30"

func TestMain(m *testing.M) {
	if address := os.Getenv(childDatabase); address != "" {
		in := func(t contract.T, clock func() time.Time) *contract.Engine {
			return (&house{}).engineAt(t, address, clock)
		}
		if err := contract.Sell(in, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	// -rapid.checks asks for more.
	if err := flag.Set("rapid.checks", effort.Of(machineChecks, "10")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func TestLedger(t *testing.T) { contract.Ledger(t, newHouse(t).engine) }

func TestLedgerOfAKilledProcess(t *testing.T) {
	h := newHouse(t)
	for range 2 {
		address := h.database(t)
		child := exec.CommandContext(t.Context(), os.Args[0])
		child.Env = append(os.Environ(), childDatabase+"="+address)
		child.Stderr = os.Stderr
		contract.Killed(t, child, func(t contract.T, clock func() time.Time) *contract.Engine {
			return h.engineAt(t, address, clock)
		})
	}
}

func TestLedgerIsLinear(t *testing.T) {
	if err := contract.LinearControl(); err != nil {
		t.Fatal(err)
	}
	contract.Linear(t, newHouse(t).engine)
}

func TestLedgerAgreesWithTheModel(t *testing.T) { contract.Machine(t, newHouse(t).engine) }
