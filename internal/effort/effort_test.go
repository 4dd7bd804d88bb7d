package effort

import (
	"flag"
	"slices"
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

func TestSome(t *testing.T) {
	all := []int{0, 1, 2, 3, 4, 5, 6, 7, 8}
	seen := map[int]bool{}
	for range 1_000 {
		some := Some(all, 4)
		if !underRace {
			if !slices.Equal(some, all) {
				t.Fatalf("got %v", some)
			}
			continue
		}
		for i, n := range some {
			if seen[n] = true; n != some[0]+4*i {
				t.Fatalf("got %v", some)
			}
		}
		if len(some) == 0 || some[0] > 3 || some[len(some)-1] < 5 {
			t.Fatalf("got %v", some)
		}
	}
	if underRace && len(seen) != len(all) {
		t.Errorf("never drawn but %v", seen)
	}
	if few := Some(all[:1], 4); len(few) != 1 {
		t.Errorf("of one: %v", few)
	}
	if none := Some([]int{}, 4); len(none) != 0 {
		t.Errorf("of none: %v", none)
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
