package catalog_test

import (
	"fmt"
	"testing"

	"ticketflow/internal/domain/catalog"
)

func TestStretchesNameWhatIsSideBySide(t *testing.T) {
	plan := mustPlan(t, house())
	floor, _ := plan.Find("Floor", "", "")
	listed, _ := plan.Find("Balcony", "1", "1a")
	for _, c := range []struct {
		places []catalog.PlaceNo
		want   string
	}{
		{nil, "[]"},
		{[]catalog.PlaceNo{3}, "[{Stalls A 4 4 [3]}]"},
		{[]catalog.PlaceNo{4, 2, 3, 7}, "[{Stalls A 3 5 [2 3 4]} {Stalls A 8 8 [7]}]"},
		// The last seat of a row and the first of the next one are no neighbours.
		{[]catalog.PlaceNo{10, 11}, "[{Stalls A 11 11 [10]} {Stalls B 9 9 [11]}]"},
		{[]catalog.PlaceNo{floor + 7, floor, floor + 3},
			fmt.Sprintf("[{Floor    [%d %d %d]}]", floor, floor+3, floor+7)},
		// Over an aisle.
		{[]catalog.PlaceNo{listed + 2, listed + 3}, fmt.Sprintf(
			"[{Balcony 1 1c 1c [%d]} {Balcony 1 1d 1d [%d]}]", listed+2, listed+3)},
		{[]catalog.PlaceNo{catalog.PlaceNo(plan.Places()), 1 << 31}, "[]"},
	} {
		if got := fmt.Sprint(plan.Stretches(c.places)); got != c.want {
			t.Errorf("%v: %s, want %s", c.places, got, c.want)
		}
	}
}
