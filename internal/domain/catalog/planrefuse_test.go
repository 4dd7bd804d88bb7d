package catalog_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/errs"
)

func row(s *catalog.PlanSpec) *catalog.RowSpec { return &s.Sections[0].Rows[0] }

func listed(s *catalog.PlanSpec) *catalog.RowSpec { return &s.Sections[2].Rows[0] }

func square(x, y int32) []catalog.Point {
	return []catalog.Point{{0, 0}, {100, 0}, {x, y}, {0, 100}}
}

// refusals spoil the house in one way each; where is a part of the detail.
var refusals = map[string]struct {
	spoil func(*catalog.PlanSpec)
	want  *errs.Error
	where string
}{
	"nothing":     {func(s *catalog.PlanSpec) { s.Sections = nil }, catalog.ErrEmptyPlan, ""},
	"no name":     {func(s *catalog.PlanSpec) { s.Name = " " }, catalog.ErrBadPlanText, ""},
	"bad UTF-8":   {func(s *catalog.PlanSpec) { s.Name = "\xff" }, catalog.ErrBadPlanText, ""},
	"a line feed": {func(s *catalog.PlanSpec) { row(s).Label = "\n" }, catalog.ErrBadPlanText, ""},
	"200k standing": {func(s *catalog.PlanSpec) { s.Sections[1].Standing = 200_000 },
		catalog.ErrTooManyPlaces, "Floor"},
	"200k seated": {func(s *catalog.PlanSpec) {
		for range 20 {
			s.Sections = append(s.Sections, catalog.SectionSpec{
				Rows: []catalog.RowSpec{{Seats: 10_000}}})
		}
	}, catalog.ErrTooManyPlaces, ""},
	"negative standing": {func(s *catalog.PlanSpec) { s.Sections[1].Standing = -1 },
		catalog.ErrTooManyPlaces, "Floor"},
	"a huge row": {func(s *catalog.PlanSpec) { row(s).Seats = math.MaxInt },
		catalog.ErrPlanTooLarge, ""},
	"too many sections": {func(s *catalog.PlanSpec) {
		s.Sections = make([]catalog.SectionSpec, catalog.MaxSections+1)
	}, catalog.ErrPlanTooLarge, ""},
	"too many rows": {func(s *catalog.PlanSpec) {
		s.Sections[0].Rows = make([]catalog.RowSpec, catalog.MaxRows+1)
	}, catalog.ErrPlanTooLarge, "rows"},
	"negative seats": {func(s *catalog.PlanSpec) { row(s).Seats = -1 },
		catalog.ErrPlanTooLarge, ""},
	"twice a floor": {func(s *catalog.PlanSpec) { s.Floors[1] = "Ground" },
		catalog.ErrDuplicateFloor, "Ground"},
	"no such floor": {func(s *catalog.PlanSpec) { s.Sections[2].Floor = 2 },
		catalog.ErrUnknownFloor, "Balcony"},
	"twice a category": {func(s *catalog.PlanSpec) { s.Categories[1].Name = "A" },
		catalog.ErrDuplicateCategory, "A"},
	"no such category": {func(s *catalog.PlanSpec) { listed(s).Explicit[1].Category = "X" },
		catalog.ErrUnknownCategory, "1b"},
	"no category": {func(s *catalog.PlanSpec) { s.Sections[0].Category = "" },
		catalog.ErrUnknownCategory, "Stalls"},
	"colour": {func(s *catalog.PlanSpec) { s.Categories[0].Colour = "red;}" },
		catalog.ErrBadColour, ""},
	"twice a section": {func(s *catalog.PlanSpec) { s.Sections[2].Name = "Stalls" },
		catalog.ErrDuplicateSection, "Stalls"},
	"empty section": {func(s *catalog.PlanSpec) { s.Sections[0].Rows = nil },
		catalog.ErrEmptySection, "Stalls"},
	"mixed section": {func(s *catalog.PlanSpec) { s.Sections[0].Standing = 1 },
		catalog.ErrMixedSection, "Stalls"},
	"outline missing": {func(s *catalog.PlanSpec) { s.Sections[1].Outline = nil },
		catalog.ErrBadOutline, "Floor"},
	"outline of two": {func(s *catalog.PlanSpec) { s.Sections[1].Outline = square(1, 1)[:2] },
		catalog.ErrBadOutline, "Floor"},
	"outline crossed": {func(s *catalog.PlanSpec) { s.Sections[1].Outline = square(-50, 50) },
		catalog.ErrBadOutline, "Floor"},
	"outline flat": {func(s *catalog.PlanSpec) {
		s.Sections[1].Outline = []catalog.Point{{0, 0}, {10, 0}, {20, 0}}
	}, catalog.ErrBadOutline, "Floor"},
	"twice a row": {func(s *catalog.PlanSpec) { row(s).Label = "B" },
		catalog.ErrDuplicateRow, `"B"`},
	"empty row": {func(s *catalog.PlanSpec) { row(s).Seats = 0 }, catalog.ErrEmptyRow, `"A"`},
	"mixed row": {func(s *catalog.PlanSpec) { listed(s).SagittaCM = 1 }, catalog.ErrMixedRow, ""},
	"twice a seat": {func(s *catalog.PlanSpec) { listed(s).Explicit[3].Label = "1a" },
		catalog.ErrDuplicateSeat, `row "1": seat "1a"`},
	"no seat label": {func(s *catalog.PlanSpec) { listed(s).Explicit[3].Label = "" },
		catalog.ErrBadPlanText, "seat 4"},
	"twice a GUID": {func(s *catalog.PlanSpec) { listed(s).Explicit[2].GUID = "g1" },
		catalog.ErrDuplicateGUID, "g1"},
	"order": {func(s *catalog.PlanSpec) { row(s).Numbering.Order = 9 },
		catalog.ErrBadNumbering, `"A"`},
	"start": {func(s *catalog.PlanSpec) { row(s).Numbering.Start = math.MaxInt },
		catalog.ErrBadNumbering, ""},
	"step": {func(s *catalog.PlanSpec) { row(s).Numbering.Step = -1 },
		catalog.ErrBadNumbering, ""},
	"skip": {func(s *catalog.PlanSpec) { row(s).Numbering.Skip = []int{4, 4} },
		catalog.ErrBadNumbering, ""},
	"mark twice": {func(s *catalog.PlanSpec) { row(s).Marks[1].Index = 0 },
		catalog.ErrBadMark, ""},
	"mark beyond": {func(s *catalog.PlanSpec) { row(s).Marks[2].Index = 11 },
		catalog.ErrBadMark, ""},
	"mark unknown": {func(s *catalog.PlanSpec) { row(s).Marks[0].Attributes = 128 },
		catalog.ErrBadMark, ""},
	"reason alone": {func(s *catalog.PlanSpec) { row(s).Marks[0].Reason = "x" },
		catalog.ErrBadMark, ""},
	"far away": {func(s *catalog.PlanSpec) { row(s).To.X = math.MinInt32 },
		catalog.ErrOutOfRange, `"A"`},
	"seat far away": {func(s *catalog.PlanSpec) { listed(s).Explicit[0].At.Y = math.MaxInt32 },
		catalog.ErrOutOfRange, `"1a"`},
	"arc": {func(s *catalog.PlanSpec) { row(s).SagittaCM = math.MinInt32 },
		catalog.ErrBadArc, `"A"`},
	"narrow": {func(s *catalog.PlanSpec) { row(s).To = row(s).From; row(s).SagittaCM = 0 },
		catalog.ErrSeatsTooClose, `"A"`},
	"shape": {func(s *catalog.PlanSpec) { s.Shapes = []catalog.Shape{{Kind: "blob"}} },
		catalog.ErrBadShape, "Shape 1"},
	"not a number": {func(s *catalog.PlanSpec) {
		s.Shapes = []catalog.Shape{{Kind: catalog.ShapeCircle, Degrees: math.NaN()}}
	}, catalog.ErrBadShape, "Shape 1"},
}

func TestPlanRefuses(t *testing.T) {
	for name, c := range refusals {
		t.Run(name, func(t *testing.T) {
			spec := house()
			c.spoil(&spec)
			plan, err := catalog.NewPlan(spec)
			if plan != nil || !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			if !strings.Contains(err.Error(), c.where) {
				t.Errorf("%q does not name %q", err, c.where)
			}
		})
	}
}
