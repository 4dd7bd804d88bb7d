package archtest

import (
	"go/ast"
	"slices"
	"testing"
)

// clockOwners may read the machine's clock. Everybody else is given the time, or a function that
// tells it, so that a test decides when ten minutes have passed.
var clockOwners = []struct{ folder, why string }{
	{"cmd", "the process's edge: start, deadlines and progress as the operator sees them"},
	{"internal/boot", "hands the machine's clock to everybody who is given one"},
	{"internal/inbound/edge", "measures how long a request took"},
	{"internal/inbound/worker", "wakes the sweeps"},
	{"internal/outbound/sqlite", "owns the ledger's clock, the only one that ends a hold"},
	{"internal/outbound/inproc", "owns the clock of its locks and limits"},
	{"internal/outbound/simpay", "plays a foreign service, which has a clock of its own"},
	{"internal/rush", "measures: latency counts from the intended start"},
}

// readings are the names of package time that read the machine's clock or block on it.
var readings = []string{"Now", "Since", "Until", "Sleep"}

// checkClock finds readings outside the list, and sleeps in tests. A test may ask for the time,
// but not wait for it: it waits for a signal, or runs in the bubble of synctest, where sleeping
// takes no time.
func checkClock(files []*source) []finding {
	var found []finding
	for _, file := range files {
		r, _ := ringOf(file.dir)
		proof := file.test || r.name == "contract"
		if !proof && ownsClock(file) {
			continue
		}
		file.selections(file.syntax, "time", func(sel *ast.SelectorExpr) {
			name := sel.Sel.Name
			switch {
			case !slices.Contains(readings, name):
			case !proof:
				found = append(found, file.at(sel.Pos(),
					"time.%s outside the list of clock owners: pass the time in", name))
			case name == "Sleep" && !inBubble(file, sel):
				found = append(found, file.at(sel.Pos(),
					"a test must not sleep: wait for a signal, or use testing/synctest"))
			}
		})
	}
	return found
}

func ownsClock(file *source) bool {
	for _, owner := range clockOwners {
		if file.in(owner.folder) {
			return true
		}
	}
	return false
}

// inBubble tells whether a node lies within the arguments of a call to synctest.Test.
func inBubble(file *source, node ast.Node) bool {
	inside := false
	ast.Inspect(file.syntax, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || call.Pos() > node.Pos() || call.End() < node.End() {
			return true
		}
		file.selections(call.Fun, "testing/synctest", func(sel *ast.SelectorExpr) {
			inside = inside || sel.Sel.Name == "Test"
		})
		return true
	})
	return inside
}

func TestClock(t *testing.T) {
	const use = "import \"time\"\n\n"
	const now = use + "var start = time.Now()\n"
	const sleep = use + "func f() { time.Sleep(1) }\n"
	const app = "internal/app/command/a.go"
	runControls(t, checkClock, []control{
		accept("an owner", "internal/outbound/sqlite/a.go", "package sqlite\n\n"+now),
		accept("a duration", app, "package command\n\n"+use+"const x = time.Second\n"),
		accept("a ticker", app, "package command\n\n"+use+"var x = time.NewTicker(1)\n"),
		accept("a test that asks", "internal/app/command/a_test.go", "package command\n\n"+now),
		accept("a sleep in a bubble", "internal/app/command/a_test.go",
			"package command\n\nimport (\n\t\"testing/synctest\"\n\t\"time\"\n)\n\n"+
				"func f() { synctest.Test(nil, func() { time.Sleep(1) }) }\n"),
		refuse("time.Now", app, "package command\n\n"+now, "time.Now outside the list"),
		refuse("time.Now as a value", app,
			"package command\n\n"+use+"var clock = time.Now\n", "time.Now outside the list"),
		refuse("time.Since", app,
			"package command\n\n"+use+"var x = time.Since(time.Time{})\n", "time.Since outside"),
		refuse("a sleep", app, "package command\n\n"+sleep, "time.Sleep outside"),
		refuse("a folder that starts like an owner's", "internal/bootstrap/a.go",
			"package bootstrap\n\n"+now, "time.Now outside"),
		refuse("a sleep in a test", "internal/app/command/a_test.go",
			"package command\n\n"+sleep, "a test must not sleep"),
		refuse("a sleep in an owner's test", "internal/boot/a_test.go",
			"package boot\n\n"+sleep, "a test must not sleep"),
		refuse("a sleep in the contract suite", "internal/outbound/contract/a.go",
			"package contract\n\n"+sleep, "a test must not sleep"),
		refuse("a sleep behind a bubble", "internal/app/command/a_test.go",
			"package command\n\nimport (\n\t\"testing/synctest\"\n\t\"time\"\n)\n\n"+
				"func f() {\n\tsynctest.Test(nil, nil)\n\ttime.Sleep(1)\n}\n", "must not sleep"),
	})
}

// chanceOwners may use a pseudo-random source of their own.
var chanceOwners = []struct{ folder, why string }{
	{"internal/rush", "draws its buyers from a seed that it prints"},
	{"internal/sim", "draws its faults from a seed that it prints"},
	{"internal/effort", "draws which variations a test tries; it is in no program"},
}

// checkChance keeps guessable randomness out of the program, where identifiers, keys and codes are
// made. A source that is passed in can be crypto/rand there and a seed in a test.
func checkChance(files []*source) []finding {
	var found []finding
	for _, file := range files {
		owner := slices.ContainsFunc(chanceOwners, func(o struct{ folder, why string }) bool {
			return file.in(o.folder)
		})
		if file.test || owner {
			continue
		}
		for _, spec := range file.imports() {
			if within(importPath(spec), "math/rand") {
				found = append(found, file.at(spec.Pos(),
					"%s in the program: randomness is passed in", importPath(spec)))
			}
		}
	}
	return found
}

func TestChance(t *testing.T) {
	runControls(t, checkChance, []control{
		accept("the generator", "internal/rush/a.go", use("rush", "math/rand/v2")),
		accept("a test", "internal/app/command/a_test.go", use("command", "math/rand/v2")),
		accept("a real source", "internal/boot/a.go", use("boot", "crypto/rand")),
		refuse("math/rand", "internal/boot/a.go", use("boot", "math/rand"), "is passed in"),
		refuse("its second version", "internal/outbound/inproc/a.go",
			use("inproc", "math/rand/v2"), "is passed in"),
	})
}
