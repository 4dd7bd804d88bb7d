// Package effort says how much work tests do. Under the race detector, which makes a test ten times
// as slow, they do less of what it can't find anything in: sizes and repetitions on one goroutine.
// What runs concurrently stays as it is, and no test is left out: "make test" does all of it.
package effort

import (
	"flag"
	"math/rand/v2"
)

// racingChecks is how many cases of a property are tried under the race detector; without it, 100.
const racingChecks = "40"

// Of is full, or racing under the race detector.
func Of[T any](full, racing T) T {
	if underRace {
		return racing
	}
	return full
}

// Some is all of a list, or under the race detector each n-th, from one of the first n on that is
// drawn anew each time. It is for variations that go the same way through the same code, one after
// another: bad inputs, broken ledgers that a suite must notice, looks at a page.
func Some[T any](all []T, n int) []T {
	if !underRace || len(all) == 0 {
		return all
	}
	var some []T
	for i := rand.IntN(min(n, len(all))); i < len(all); i += n {
		some = append(some, all[i])
	}
	return some
}

// OfProperties lets rapid try fewer cases under the race detector. It is for TestMain; the flag
// -rapid.checks wins.
func OfProperties() {
	if checks := flag.Lookup("rapid.checks"); underRace && checks != nil {
		_ = checks.Value.Set(racingChecks) // a number
	}
}
