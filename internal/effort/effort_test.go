package effort

import (
	"flag"
	"testing"

	"pgregory.net/rapid"
)

func TestOf(t *testing.T) {
	want := 3
	if underRace {
		want = 1
	}
	if got := Of(3, 1); got != want {
		t.Errorf("got %d, want %d", got, want)
	}
}

func TestOfProperties(t *testing.T) {
	checks := flag.Lookup("rapid.checks")
	before := checks.Value.String()
	t.Cleanup(func() { _ = checks.Value.Set(before) })
	OfProperties()
	tried := 0
	rapid.Check(t, func(*rapid.T) { tried++ })
	if fewer := tried < 100; fewer != underRace {
		t.Errorf("%d cases were tried, %s of them asked for", tried, checks.Value)
	}
}
