package redis

import (
	"testing"

	"ticketflow/internal/domain/ident"
)

func TestVotes(t *testing.T) {
	a, b, c := ident.Key{1}, ident.Key{2}, ident.Key{3}
	yes := func(n int64) vote { return vote{number: n} }
	no := func(claims ...claim) vote { return vote{claims: claims} }
	gone := vote{unknown: true}
	for _, test := range []struct {
		name  string
		votes []vote
		given uint32
		taken []int
	}{
		{"one master, yes", []vote{yes(5)}, 5, nil},
		{"one master, no", []vote{no(claim{1, a})}, 0, []int{1}},
		{"one master, gone", []vote{gone}, 0, nil},
		{"the largest number counts", []vote{yes(5), yes(9), yes(2)}, 9, nil},
		{"a minority is gone", []vote{yes(5), gone, yes(2)}, 5, nil},
		{"a minority refuses", []vote{yes(5), no(claim{0, a}), yes(2)}, 5, nil},
		{"a majority is gone", []vote{yes(5), gone, gone}, 0, nil},
		{"a majority refuses", []vote{no(claim{0, a}), no(claim{0, a}), yes(1)}, 0, []int{0}},
		{"a refusal and a silence are no majority", []vote{no(claim{0, a}), gone, yes(1)}, 0, nil},
		{"a refusal among silence", []vote{no(claim{0, a}), gone, gone}, 0, nil},
		{"a split vote", []vote{no(claim{0, a}), no(claim{0, b}), no(claim{0, c})}, 0, nil},
		{"each has another place", []vote{no(claim{0, a}), no(claim{1, a}), yes(3)}, 0, nil},
		{"of two places one is taken", []vote{no(claim{0, a}, claim{1, b}), no(claim{1, b}),
			no(claim{0, c})}, 0, []int{1}},
		{"two of two", []vote{yes(1), gone}, 0, nil},
		{"three of five", []vote{yes(1), gone, yes(4), gone, yes(2)}, 4, nil},
		{"two of five", []vote{yes(1), gone, yes(4), gone, no(claim{0, a})}, 0, nil},
		{"a number beyond reason", []vote{yes(maxLockNumber + 1)}, 0, nil},
	} {
		got := count(test.votes)
		if got.number != test.given || len(got.taken) != len(test.taken) ||
			len(got.taken) == 1 && got.taken[0] != test.taken[0] {
			t.Errorf("%s: %+v, want number %d, taken %v", test.name, got, test.given, test.taken)
		}
	}
}
