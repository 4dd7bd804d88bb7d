package picking_test

import (
	"strings"
	"testing"
	"time"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/money"
	"ticketflow/internal/domain/picking"
)

// A house is drawn in text, one line for each row, the first line nearest to the stage, which is
// before the middle of the first line:
//
//	.  a free seat of the first tier     x  a taken one
//	o  a free seat of the second tier    X  a taken one
//	W  a free wheelchair space           w  a taken one
//	C  a free companion seat             c  a taken one
//	-  a seat that is not for sale       _  an aisle
//
// An empty line starts the next section. "standing .xx" is a standing area.
type house struct {
	lines  []string
	offer  *catalog.Offer
	taken  []bool
	column []int // of each place, and its line
	line   []int
}

type failer interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

const (
	pitchCM = 50
	rowCM   = 90
	area    = "standing "
)

func draw(t failer, lines ...string) *house {
	t.Helper()
	h := &house{lines: lines}
	spec := catalog.PlanSpec{Name: "House", Categories: []catalog.Category{{Name: "All"}},
		Focal: catalog.Point{X: int32((len(lines[0]) - 1) * pitchCM / 2), Y: -100}}
	var rules [2]catalog.Rule
	sections := 0
	open := false
	for y, line := range lines {
		if line == "" || strings.HasPrefix(line, area) {
			open = false
		}
		if line == "" {
			continue
		}
		if !open {
			sections++
			spec.Sections = append(spec.Sections, catalog.SectionSpec{
				Name: string(rune('A' + sections - 1)), Category: "All"})
			open = !strings.HasPrefix(line, area)
		}
		h.addLine(&spec.Sections[sections-1], y, line, &rules)
	}
	plan, err := catalog.NewPlan(spec)
	if err != nil {
		t.Fatal(err)
	}
	h.offer = bind(t, plan, rules)
	return h
}

func (h *house) addLine(s *catalog.SectionSpec, y int, line string, rules *[2]catalog.Rule) {
	seats, standing := strings.CutPrefix(line, area)
	row := catalog.RowSpec{Label: string(rune('A' + y))}
	for x, c := range seats {
		if c == '_' {
			continue
		}
		place := catalog.PlaceNo(len(h.taken))
		switch {
		case c == 'o' || c == 'X':
			rules[1].Places = append(rules[1].Places, place)
		case c != '-':
			rules[0].Places = append(rules[0].Places, place)
		}
		h.taken = append(h.taken, strings.ContainsRune("xXwc", c))
		h.column, h.line = append(h.column, x+len(line)-len(seats)), append(h.line, y)
		row.Explicit = append(row.Explicit, catalog.SeatSpec{Label: string(rune('a' + x)),
			At: catalog.Point{X: int32(x * pitchCM), Y: int32(y * rowCM)}, Attributes: marks[c]})
	}
	if !standing {
		s.Rows = append(s.Rows, row)
		return
	}
	s.Standing = len(row.Explicit)
	top, width := int32(y*rowCM), int32(len(seats)*pitchCM)
	s.Outline = []catalog.Point{{X: 0, Y: top}, {X: width, Y: top}, {X: width, Y: top + 40},
		{X: 0, Y: top + 40}}
}

var marks = map[rune]catalog.SeatAttributes{'W': catalog.Accessible, 'w': catalog.Accessible,
	'C': catalog.Companion, 'c': catalog.Companion}

func bind(t failer, plan *catalog.Plan, rules [2]catalog.Rule) *catalog.Offer {
	t.Helper()
	price, err := money.New(2_000, money.Currency{'E', 'U', 'R'})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	rules[0].Tier, rules[1].Tier = "first", "second"
	offer, err := catalog.NewOffer(catalog.Event{ID: 1, Title: "Concert", TimeZone: "UTC",
		StartsAt: start, Rules: rules[:], Terms: catalog.Terms{OpensAt: start.Add(-time.Hour),
			ClosesAt: start, MaxPerOrder: 10, HoldTime: time.Minute, PayTime: time.Minute},
		Tiers: []catalog.Tier{{Key: "first", Name: "First", Price: price},
			{Key: "second", Name: "Second", Price: price}}}, plan)
	if err != nil {
		t.Fatal(err)
	}
	return offer
}

// picker is a new picker that knows the taken places of the drawing.
func (h *house) picker() *picking.Picker {
	p := picking.New(h.offer)
	for i, taken := range h.taken {
		p.Set(catalog.PlaceNo(i), !taken)
	}
	return p
}

// with shows the drawing with the picked places as P.
func (h *house) with(places []catalog.PlaceNo) []string {
	drawing := make([][]byte, len(h.lines))
	for i, line := range h.lines {
		drawing[i] = []byte(line)
	}
	for _, p := range places {
		drawing[h.line[p]][h.column[p]] = 'P'
	}
	lines := make([]string, len(drawing))
	for i, line := range drawing {
		lines[i] = string(line)
	}
	return lines
}

func party(count int) picking.Wish {
	return picking.Wish{Count: count, Tier: picking.AnyTier, Section: picking.AnySection}
}

// pickCase is a drawing and where the picked places are wanted; no want is no choice.
type pickCase struct {
	name  string
	wish  picking.Wish
	house []string
	want  []string
}

func check(t *testing.T, cases []pickCase) {
	t.Helper()
	for _, c := range cases {
		h := draw(t, c.house...)
		p := h.picker()
		for range 2 { // what a first pick learns must not change a second one
			got, ok := p.Pick(c.wish)
			drawing := strings.Join(h.with(got.Places), "\n")
			switch want := strings.Join(c.want, "\n"); {
			case c.want == nil && (ok || len(got.Places) > 0):
				t.Errorf("%s: picked where there is nothing:\n%s", c.name, drawing)
			case c.want != nil && (!ok || drawing != want):
				t.Errorf("%s: ok is %v, got\n%s\nwant\n%s", c.name, ok, drawing, want)
			}
		}
	}
}
