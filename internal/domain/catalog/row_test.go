package catalog_test

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ticketflow/internal/domain/catalog"
)

func TestRowLetters(t *testing.T) {
	seen := map[string]bool{}
	for i := range 1000 {
		label := catalog.RowLetters(i)
		if seen[label] || strings.ContainsAny(label, "IO") || label == "" {
			t.Fatalf("row %d: %q", i, label)
		}
		seen[label] = true
	}
	for i, want := range map[int]string{-1: "", 0: "A", 7: "H", 8: "J", 23: "Z", 24: "AA", 47: "AZ",
		48: "BA"} {
		if got := catalog.RowLetters(i); got != want {
			t.Errorf("row %d: %q, want %q", i, got, want)
		}
	}
}

func numberings() *rapid.Generator[catalog.Numbering] {
	return rapid.Custom(func(t *rapid.T) catalog.Numbering {
		n := catalog.Numbering{
			Order:  catalog.SeatOrder(rapid.IntRange(0, 3).Draw(t, "order")),
			Start:  rapid.IntRange(0, 30).Draw(t, "start"),
			Step:   rapid.IntRange(0, 3).Draw(t, "step"),
			Prefix: rapid.SampledFrom([]string{"", "H", "1"}).Draw(t, "prefix"),
		}
		last := 0
		for range rapid.IntRange(0, 4).Draw(t, "skips") {
			last += rapid.IntRange(1, 9).Draw(t, "skip")
			n.Skip = append(n.Skip, last)
		}
		return n
	})
}

func TestNumberingIsAOneToOneScheme(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := numberings().Draw(t, "numbering")
		seats := rapid.IntRange(1, 60).Draw(t, "seats")
		seen := map[string]bool{}
		for i := range seats {
			label := n.Label(i, seats)
			if seen[label] {
				t.Fatalf("%q twice", label)
			}
			seen[label] = true
			if back, ok := n.Index(label, seats); !ok || back != i {
				t.Fatalf("seat %d is %q, which is found at %d %v", i, label, back, ok)
			}
		}
		for _, s := range n.Skip {
			if seen[n.Prefix+strconv.Itoa(s)] {
				t.Fatalf("%d is used", s)
			}
		}
	})
}

func TestRowsAreArcs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		coordinate := rapid.Int32Range(-catalog.MaxCoordinateCM, catalog.MaxCoordinateCM)
		from := catalog.Point{X: coordinate.Draw(t, "x0"), Y: coordinate.Draw(t, "y0")}
		to := catalog.Point{X: coordinate.Draw(t, "x1"), Y: coordinate.Draw(t, "y1")}
		dx, dy := float64(to.X-from.X), float64(to.Y-from.Y)
		chord := math.Hypot(dx, dy)
		most := int32(chord / 2)
		sagitta := rapid.Int32Range(-most, most).Draw(t, "sagitta")
		seats := 2*rapid.IntRange(0, max(0, min(200, int(chord/50)))).Draw(t, "seats") + 1
		if float64(seats-1)*catalog.MinSeatPitchCM > chord {
			seats = 1
		}
		spec := house()
		spec.Sections = []catalog.SectionSpec{{Name: "S", Category: "A", Rows: []catalog.RowSpec{
			{Seats: seats, From: from, To: to, SagittaCM: sagitta},
		}}}
		p := mustPlan(t, spec)
		if seats > 1 && (p.Position(0) != from ||
			p.Position(catalog.PlaceNo(seats-1)) != to) {
			t.Fatal("the arc misses its ends")
		}
		if chord == 0 {
			return
		}
		// Along the chord and to its left, from the chord's middle.
		split := func(at catalog.Point) (along, above float64) {
			x := float64(at.X) - float64(from.X) - dx/2
			y := float64(at.Y) - float64(from.Y) - dy/2
			return (x*dx + y*dy) / chord, (x*dy - y*dx) / chord
		}
		along, above := split(p.Position(catalog.PlaceNo(seats / 2)))
		if math.Abs(along) > 1 || math.Abs(above-float64(sagitta)) > 1 {
			t.Fatalf("the middle is at %.2f, %.2f; the sagitta is %d", along, above, sagitta)
		}
		last := math.Inf(-1)
		for i := range seats {
			along, above := split(p.Position(catalog.PlaceNo(i)))
			if along < last-1.5 {
				t.Fatalf("seat %d goes back along the chord", i)
			}
			if math.Abs(above) > math.Abs(float64(sagitta))+1 {
				t.Fatalf("seat %d is %.2f above the chord; the sagitta is %d", i, above, sagitta)
			}
			last = along
		}
	})
}
