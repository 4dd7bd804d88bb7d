// Package effort says how much work tests do. Under the race detector, which makes a test ten times
// as slow, they do less of what it can't find anything in: sizes and repetitions on one goroutine.
// What runs concurrently stays as it is, and no test is left out.
package effort

import "flag"

// racingChecks is how many cases of a property are tried under the race detector; without it, 100.
const racingChecks = "40"

// Of is full, or racing under the race detector.
func Of[T any](full, racing T) T {
	if underRace {
		return racing
	}
	return full
}

// OfProperties lets rapid try fewer cases under the race detector. It is for TestMain; the flag
// -rapid.checks wins.
func OfProperties() {
	if checks := flag.Lookup("rapid.checks"); underRace && checks != nil {
		_ = checks.Value.Set(racingChecks) // a number
	}
}
