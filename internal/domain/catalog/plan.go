package catalog

import (
	"slices"
	"sort"
)

// Plan is a checked seat plan. It is immutable and safe for concurrent use. Looking something up
// never panics: a place that the plan doesn't have belongs to no section, row or category (-1).
type Plan struct {
	spec       PlanSpec
	places     int
	sections   []Section
	rows       []Row
	marks      []placeMark // sorted by place
	categories map[string]int
	byName     map[string]int
	byLabel    map[rowKey]int
}

// SeatLabel names a place in words. A standing place has only a section.
type SeatLabel struct{ Section, Row, Seat string }

type placeMark struct {
	place      PlaceNo
	attributes SeatAttributes
	reason     string
}

type rowKey struct {
	section int
	label   string
}

// Name is the name of the plan.
func (p *Plan) Name() string { return p.spec.Name }

// Places is the number of places.
func (p *Plan) Places() int { return p.places }

// Focal is the point that everybody looks at.
func (p *Plan) Focal() Point { return p.spec.Focal }

// Floors are the names of the floors; never empty (a plan without floors has one without a name).
func (p *Plan) Floors() []string {
	if len(p.spec.Floors) == 0 {
		return []string{""}
	}
	return slices.Clone(p.spec.Floors)
}

// Categories are the categories in the order of their index.
func (p *Plan) Categories() []Category { return slices.Clone(p.spec.Categories) }

// Sections are all sections in plan order. Their outlines are shared and must not be changed.
func (p *Plan) Sections() []Section { return slices.Clone(p.sections) }

// Rows are all rows in plan order. Their numberings are shared and must not be changed.
func (p *Plan) Rows() []Row { return slices.Clone(p.rows) }

// Section returns one section; i counts from 0 in plan order and must be valid.
func (p *Plan) Section(i int) Section { return p.sections[i] }

// Row returns one row; i counts from 0 in plan order and must be valid.
func (p *Plan) Row(i int) Row { return p.rows[i] }

// SectionCount is the number of sections.
func (p *Plan) SectionCount() int { return len(p.sections) }

// RowCount is the number of rows.
func (p *Plan) RowCount() int { return len(p.rows) }

// Shapes are the decoration, for instance the stage.
func (p *Plan) Shapes() []Shape { return cloneShapes(p.spec.Shapes) }

// Spec returns a copy of what the plan was made from.
func (p *Plan) Spec() PlanSpec { return p.spec.Clone() }

// SectionOf returns the index of the place's section.
func (p *Plan) SectionOf(place PlaceNo) int {
	if int64(place) >= int64(p.places) {
		return -1
	}
	return sort.Search(len(p.sections), func(i int) bool {
		return p.sections[i].First > place
	}) - 1
}

// RowOf returns the index of the place's row, -1 for a standing place.
func (p *Plan) RowOf(place PlaceNo) int {
	s := p.SectionOf(place)
	if s < 0 || p.sections[s].Standing {
		return -1
	}
	first, count := p.sections[s].FirstRow, p.sections[s].Rows
	return first + sort.Search(count, func(i int) bool {
		return p.rows[first+i].First > place
	}) - 1
}

// CategoryOf returns the index of the place's category.
func (p *Plan) CategoryOf(place PlaceNo) int {
	r := p.RowOf(place)
	if r < 0 {
		if s := p.SectionOf(place); s >= 0 {
			return p.sections[s].Category
		}
		return -1
	}
	row := &p.rows[r]
	if row.categories == nil {
		return row.Category
	}
	return int(row.categories[place-row.First])
}

// Label names the place. Within a plan no two seats have the same label; the places of a standing
// section share theirs.
func (p *Plan) Label(place PlaceNo) SeatLabel {
	s := p.SectionOf(place)
	if s < 0 {
		return SeatLabel{}
	}
	label := SeatLabel{Section: p.sections[s].Name}
	if r := p.RowOf(place); r >= 0 {
		label.Row = p.rows[r].Label
		label.Seat = p.rows[r].SeatLabel(int(place - p.rows[r].First))
	}
	return label
}

// Find is the inverse of Label; for a standing section (row and seat empty) it returns the
// section's first place.
func (p *Plan) Find(section, row, seat string) (PlaceNo, bool) {
	s, ok := p.byName[section]
	if !ok {
		return 0, false
	}
	if p.sections[s].Standing {
		return p.sections[s].First, row == "" && seat == ""
	}
	r, ok := p.byLabel[rowKey{s, row}]
	if !ok {
		return 0, false
	}
	i, ok := p.rows[r].find(seat)
	if !ok {
		return 0, false
	}
	return p.rows[r].First + PlaceNo(i), true
}

// Position is where the place is: on the arc of its row, or in the middle of a standing section.
func (p *Plan) Position(place PlaceNo) Point {
	s := p.SectionOf(place)
	if s < 0 {
		return Point{}
	}
	if p.sections[s].Standing {
		return p.sections[s].centre
	}
	row := &p.rows[p.RowOf(place)]
	return row.SeatPosition(int(place - row.First))
}

// Adjacent tells whether a and a+1 sit side by side: in the same row, with no aisle between.
func (p *Plan) Adjacent(a PlaceNo) bool {
	r := p.RowOf(a)
	if r < 0 {
		return false
	}
	row := &p.rows[r]
	i := int(a - row.First)
	return i+1 < row.Seats && row.sideBySide(i)
}

// Attributes are the marks of the place, 0 for most.
func (p *Plan) Attributes(place PlaceNo) SeatAttributes {
	if m := p.mark(place); m != nil {
		return m.attributes
	}
	return 0
}

// Restriction says in words what is wrong with a seat that is marked Restricted, otherwise it is
// empty.
func (p *Plan) Restriction(place PlaceNo) string {
	if m := p.mark(place); m != nil {
		return m.reason
	}
	return ""
}

// GUID is the key that an imported seat carries, or empty.
func (p *Plan) GUID(place PlaceNo) string {
	r := p.RowOf(place)
	if r < 0 || p.rows[r].explicit == nil {
		return ""
	}
	return p.rows[r].explicit[place-p.rows[r].First].GUID
}

func (p *Plan) mark(place PlaceNo) *placeMark {
	i := sort.Search(len(p.marks), func(i int) bool { return p.marks[i].place >= place })
	if i == len(p.marks) || p.marks[i].place != place {
		return nil
	}
	return &p.marks[i]
}
