package sqlite

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

// childFolder is the environment variable that makes the test binary a child that sells.
const childFolder = "TICKETFLOW_TEST_CHILD_FOLDER"

// machineChecks is how often the machine of the contract plays; each step is a transaction.
const machineChecks = "30"

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
	// -rapid.checks asks for more.
	if err := flag.Set("rapid.checks", effort.Of(machineChecks, "10")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func TestLedger(t *testing.T) { contract.Ledger(t, engine) }

func TestCreations(t *testing.T) { contract.Creations(t, engine) }

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

// TestModelTurnsRed runs the machine against broken ledgers.
func TestModelTurnsRed(t *testing.T) {
	for name, value := range map[string]string{
		"rapid.shrinktime": "0s", "rapid.nofailfile": "true", "rapid.checks": machineChecks,
	} {
		before := flag.Lookup(name).Value.String()
		if err := flag.Set(name, value); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = flag.Set(name, before) })
	}
	for name, open := range map[string]contract.Factory{
		"tickets are used for ever": sabotaged(`CREATE TRIGGER reuse AFTER UPDATE ON tickets
WHEN new.state = 2 BEGIN UPDATE tickets SET state = 1 WHERE state = 2; END;`),
		"answers are not written": sabotaged(forget("answers")),
		"commands of a batch don't see each other": wrapped(
			func(e *contract.Engine) *contract.Engine { e.Decide = contract.Apart; return e }),
	} {
		t.Run(name, func(t *testing.T) {
			said := contract.RecordMachine(open)
			if said == "" {
				t.Error("the model didn't notice it")
			}
			t.Logf("%.300s", said)
		})
	}
}
