package catalog_test

import (
	"math"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"ticketflow/internal/domain/catalog"
)

// house is a small plan with all there is: arcs, listed seats, standing places, marks.
func house() catalog.PlanSpec {
	return catalog.PlanSpec{
		Name:   "House",
		Focal:  catalog.Point{X: 500, Y: 0},
		Floors: []string{"Ground", "Balcony"},
		Categories: []catalog.Category{
			{Name: "A", Colour: "#aa0000"}, {Name: "B", Colour: "navy"}, {Name: "C"},
		},
		Sections: []catalog.SectionSpec{
			{
				Name: "Stalls", Category: "A", Entrance: "Door 1",
				Rows: []catalog.RowSpec{
					{
						Label: "A", Seats: 11, SagittaCM: 40,
						From: catalog.Point{X: 0, Y: 200}, To: catalog.Point{X: 500, Y: 200},
						Marks: []catalog.SeatMark{
							{Index: 0, Attributes: catalog.Accessible},
							{Index: 1, Attributes: catalog.Companion},
							{Index: 10, Attributes: catalog.Restricted, Reason: "Pillar"},
						},
					},
					{
						Label: "B", Seats: 10, Category: "B",
						From: catalog.Point{X: 0, Y: 300}, To: catalog.Point{X: 500, Y: 300},
						Numbering: catalog.Numbering{Order: catalog.CentreOut},
					},
				},
			},
			{
				Name: "Floor", Category: "C", Standing: 50,
				Outline: []catalog.Point{{0, 400}, {200, 400}, {200, 600}, {0, 600}},
			},
			{
				Name: "Balcony", Floor: 1, Category: "B",
				Rows: []catalog.RowSpec{{Label: "1", Explicit: []catalog.SeatSpec{
					{GUID: "g1", Label: "1a", At: catalog.Point{X: 0, Y: 900}},
					{GUID: "g2", Label: "1b", At: catalog.Point{X: 50, Y: 900}, Category: "C"},
					{GUID: "g3", Label: "1c", At: catalog.Point{X: 100, Y: 900}},
					{Label: "1d", At: catalog.Point{X: 250, Y: 900}},
				}}},
			},
		},
	}
}

func mustPlan(t interface{ Fatal(...any) }, spec catalog.PlanSpec) *catalog.Plan {
	plan, err := catalog.NewPlan(spec)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func TestPlanAnswers(t *testing.T) {
	p := mustPlan(t, house())
	if p.Places() != 11+10+50+4 {
		t.Fatalf("places: %d", p.Places())
	}
	for _, c := range []struct {
		place         catalog.PlaceNo
		section, row  int
		category      int
		label         catalog.SeatLabel
		adjacent      bool
		attributes    catalog.SeatAttributes
		why, position string
	}{
		{0, 0, 0, 0, catalog.SeatLabel{"Stalls", "A", "1"}, true, catalog.Accessible, "", "0,200"},
		{1, 0, 0, 0, catalog.SeatLabel{"Stalls", "A", "2"}, true, catalog.Companion, "", ""},
		{5, 0, 0, 0, catalog.SeatLabel{"Stalls", "A", "6"}, true, 0, "", "250,160"},
		{10, 0, 0, 0, catalog.SeatLabel{"Stalls", "A", "11"}, false,
			catalog.Restricted, "Pillar", "500,200"},
		{11, 0, 1, 1, catalog.SeatLabel{"Stalls", "B", "9"}, true, 0, "", "0,300"},
		{15, 0, 1, 1, catalog.SeatLabel{"Stalls", "B", "1"}, true, 0, "", ""},
		{16, 0, 1, 1, catalog.SeatLabel{"Stalls", "B", "2"}, true, 0, "", ""},
		{20, 0, 1, 1, catalog.SeatLabel{"Stalls", "B", "10"}, false, 0, "", "500,300"},
		{21, 1, -1, 2, catalog.SeatLabel{Section: "Floor"}, false, 0, "", "100,500"},
		{70, 1, -1, 2, catalog.SeatLabel{Section: "Floor"}, false, 0, "", "100,500"},
		{71, 2, 2, 1, catalog.SeatLabel{"Balcony", "1", "1a"}, true, 0, "", "0,900"},
		{72, 2, 2, 2, catalog.SeatLabel{"Balcony", "1", "1b"}, true, 0, "", "50,900"},
		{73, 2, 2, 1, catalog.SeatLabel{"Balcony", "1", "1c"}, false, 0, "", "100,900"},
		{74, 2, 2, 1, catalog.SeatLabel{"Balcony", "1", "1d"}, false, 0, "", "250,900"},
		{75, -1, -1, -1, catalog.SeatLabel{}, false, 0, "", "0,0"},
		{math.MaxUint32, -1, -1, -1, catalog.SeatLabel{}, false, 0, "", "0,0"},
	} {
		at := p.Position(c.place)
		position := strconv.Itoa(int(at.X)) + "," + strconv.Itoa(int(at.Y))
		if p.SectionOf(c.place) != c.section || p.RowOf(c.place) != c.row ||
			p.CategoryOf(c.place) != c.category || p.Label(c.place) != c.label ||
			p.Adjacent(c.place) != c.adjacent || p.Attributes(c.place) != c.attributes ||
			p.Restriction(c.place) != c.why || c.position != "" && position != c.position {
			t.Errorf("place %d: section %d row %d category %d label %v adjacent %v %v %q at %s",
				c.place, p.SectionOf(c.place), p.RowOf(c.place), p.CategoryOf(c.place),
				p.Label(c.place), p.Adjacent(c.place), p.Attributes(c.place),
				p.Restriction(c.place), position)
		}
	}
	if first, ok := p.Find("Floor", "", ""); !ok || first != 21 {
		t.Errorf("standing: %d %v", first, ok)
	}
	for _, no := range []catalog.SeatLabel{
		{"Stalls", "A", "0"}, {"Stalls", "A", "12"}, {"Stalls", "A", "01"}, {"Stalls", "A", "+1"},
		{"Stalls", "A", ""}, {"Stalls", "C", "1"}, {"None", "A", "1"}, {"Floor", "A", "1"},
		{"Balcony", "1", "1e"},
	} {
		if at, ok := p.Find(no.Section, no.Row, no.Seat); ok {
			t.Errorf("found %v at %d", no, at)
		}
	}
	if len(p.Section(0).Outline) < 3 {
		t.Error("no derived outline")
	}
}

func TestPlanIsNotChangedFromOutside(t *testing.T) {
	spec := house()
	p := mustPlan(t, spec)
	spec.Sections[2].Rows[0].Explicit[0].Label = "changed"
	spec.Sections[0].Rows[0].Marks[0].Index = 5
	p.Categories()[0].Name = "changed"
	p.Spec().Sections[2].Rows[0].Explicit[0].Label = "changed"
	if p.Label(71).Seat != "1a" || p.Categories()[0].Name != "A" {
		t.Error("the plan shares memory with its maker")
	}
}

func TestLookingUpAllocatesNothing(t *testing.T) {
	p := mustPlan(t, house())
	got := testing.AllocsPerRun(100, func() {
		for place := range catalog.PlaceNo(75) {
			label := p.Label(place)
			p.Find(label.Section, label.Row, label.Seat)
			p.Position(place)
			p.CategoryOf(place)
			p.Adjacent(place)
			p.Attributes(place)
		}
	})
	if got != 0 {
		t.Errorf("%v allocations", got)
	}
}

func TestLabelsFindTheirPlaces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spec := house()
		spec.Sections = nil
		for s := range rapid.IntRange(1, 5).Draw(t, "sections") {
			section := catalog.SectionSpec{Name: strconv.Itoa(s), Category: "A"}
			for r := range rapid.IntRange(1, 5).Draw(t, "rows") {
				y := int32(r * 80)
				seats := rapid.IntRange(1, 30).Draw(t, "seats")
				section.Rows = append(section.Rows, catalog.RowSpec{
					Label: catalog.RowLetters(r), Seats: seats,
					From: catalog.Point{X: 0, Y: y}, To: catalog.Point{X: int32(seats * 50), Y: y},
					Numbering: numberings().Draw(t, "numbering"),
				})
			}
			spec.Sections = append(spec.Sections, section)
		}
		p := mustPlan(t, spec)
		seen := map[catalog.SeatLabel]bool{}
		for place := range catalog.PlaceNo(p.Places()) {
			label := p.Label(place)
			if seen[label] {
				t.Fatalf("%v twice", label)
			}
			seen[label] = true
			if back, ok := p.Find(label.Section, label.Row, label.Seat); !ok || back != place {
				t.Fatalf("%v: place %d, found %d %v", label, place, back, ok)
			}
		}
	})
}
