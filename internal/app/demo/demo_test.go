package demo_test

import (
	"math"
	"strings"
	"testing"

	"ticketflow/internal/app/demo"
	"ticketflow/internal/domain/catalog"
)

func plan(t *testing.T, spec catalog.PlanSpec) *catalog.Plan {
	t.Helper()
	p, err := catalog.NewPlan(spec)
	if err != nil {
		t.Fatalf("%s: %v", spec.Name, err)
	}
	return p
}

func houses() map[string]catalog.PlanSpec {
	return map[string]catalog.PlanSpec{
		"theatre": demo.Theatre(), "arena": demo.Arena(), "stadium": demo.Stadium(),
		"hall of 1": demo.Hall(1), "hall of 2,001": demo.Hall(2_001),
		"hall of 12,345": demo.Hall(12_345),
	}
}

func TestHousesHaveTheirSize(t *testing.T) {
	if n := plan(t, demo.Stadium()).Places(); n != 80_000 {
		t.Errorf("stadium: %d", n)
	}
	if n := plan(t, demo.Arena()).Places(); n != 18_000 {
		t.Errorf("arena: %d", n)
	}
	if n := plan(t, demo.Theatre()).Places(); n < 1_150 || n > 1_250 {
		t.Errorf("theatre: %d", n)
	}
	p := plan(t, demo.Stadium())
	standing := 0
	for _, s := range p.Sections() {
		if s.Standing {
			standing += s.Places
		}
	}
	if standing != 12_000 || p.SectionCount() < 100 || p.RowCount() < 2_400 {
		t.Errorf("stadium: %d standing, %d sections, %d rows",
			standing, p.SectionCount(), p.RowCount())
	}
	for _, n := range []int{1, 2, 39, 40, 41, 1_999, 2_000, 2_001, 10_000, 80_000,
		catalog.MaxPlaces} {
		if got := plan(t, demo.Hall(n)).Places(); got != n {
			t.Errorf("hall of %d: %d", n, got)
		}
	}
}

func TestHousesAreTheSameEachTime(t *testing.T) {
	again := houses()
	for name, spec := range houses() {
		a, b := plan(t, spec), plan(t, again[name])
		for place := range catalog.PlaceNo(a.Places()) {
			if a.Label(place) != b.Label(place) || a.Position(place) != b.Position(place) {
				t.Fatalf("%s: place %d differs", name, place)
			}
		}
	}
}

func TestHousesAreConsistent(t *testing.T) {
	for name, spec := range houses() {
		t.Run(name, func(t *testing.T) {
			p := plan(t, spec)
			checkSections(t, p)
			seen := make(map[catalog.SeatLabel]bool, p.Places())
			taken := make(map[catalog.Point]catalog.PlaceNo, p.Places())
			for place := range catalog.PlaceNo(p.Places()) {
				if p.RowOf(place) < 0 {
					continue
				}
				label, at := p.Label(place), p.Position(place)
				if seen[label] {
					t.Fatalf("%v twice", label)
				}
				seen[label] = true
				if other, twice := taken[at]; twice {
					t.Fatalf("places %d and %d are both at %v", other, place, at)
				}
				taken[at] = place
				// A client keeps coordinates in 16 bits.
				if at.X < 0 || at.Y < 0 || at.X > math.MaxInt16 || at.Y > math.MaxInt16 {
					t.Fatalf("place %d is at %v", place, at)
				}
				if p.Attributes(place).Has(catalog.Restricted) && p.Restriction(place) == "" {
					t.Fatalf("place %d is restricted without a reason", place)
				}
				if !p.Adjacent(place) {
					continue
				}
				next := p.Position(place + 1)
				pitch := math.Hypot(float64(next.X-at.X), float64(next.Y-at.Y))
				if pitch < 46 || pitch > 63 {
					t.Fatalf("%v: the next seat is %.1f cm away", label, pitch)
				}
			}
		})
	}
}

// checkSections tells whether sections follow each other without a gap and rows stand 75 to 110 cm
// apart.
func checkSections(t *testing.T, p *catalog.Plan) {
	t.Helper()
	next, nextRow := catalog.PlaceNo(0), 0
	for _, s := range p.Sections() {
		if s.First != next || s.FirstRow != nextRow || s.Places < 1 || s.Entrance == "" {
			t.Fatalf("section %s: %+v", s.Name, s)
		}
		next += catalog.PlaceNo(s.Places)
		nextRow += s.Rows
		for r := s.FirstRow + 1; r < s.FirstRow+s.Rows; r++ {
			a, b := p.Row(r-1), p.Row(r)
			if strings.HasPrefix(b.Label, "Box") {
				continue
			}
			ma, mb := a.SeatPosition(a.Seats/2), b.SeatPosition(b.Seats/2)
			depth := math.Hypot(float64(mb.X-ma.X), float64(mb.Y-ma.Y))
			if depth < 75 || depth > 110 && a.Seats == b.Seats {
				t.Fatalf("section %s, row %s: %.0f cm behind the last", s.Name, b.Label, depth)
			}
		}
	}
	if int(next) != p.Places() || nextRow != p.RowCount() {
		t.Fatalf("%d places and %d rows in sections", next, nextRow)
	}
}

func TestSeatsOfDifferentSectionsKeepApart(t *testing.T) {
	for name, spec := range houses() {
		p := plan(t, spec)
		const cellCM, leastCM = 100, 40
		type cell struct{ floor, x, y int }
		grid := map[cell][]catalog.PlaceNo{}
		for place := range catalog.PlaceNo(p.Places()) {
			if p.RowOf(place) < 0 {
				continue
			}
			at, floor := p.Position(place), p.Section(p.SectionOf(place)).Floor
			x, y := int(at.X)/cellCM, int(at.Y)/cellCM
			for dx := -1; dx <= 1; dx++ {
				for dy := -1; dy <= 1; dy++ {
					for _, o := range grid[cell{floor, x + dx, y + dy}] {
						oat := p.Position(o)
						if math.Hypot(float64(at.X-oat.X), float64(at.Y-oat.Y)) < leastCM {
							t.Fatalf("%s: %v and %v overlap", name, p.Label(place), p.Label(o))
						}
					}
				}
			}
			grid[cell{floor, x, y}] = append(grid[cell{floor, x, y}], place)
		}
	}
}

func BenchmarkNewPlanStadium(b *testing.B) {
	spec := demo.Stadium()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := catalog.NewPlan(spec); err != nil {
			b.Fatal(err)
		}
	}
}
