// Package catalog is what the box office sells: venues, their seat plans, events and price tiers.
//
// A seat plan is a list of sections. The seats of a section stand in rows, and a row is a chord
// with a sagitta (how far the arc rises above the middle of the chord) and a numbering scheme, so
// that 80,000 seats take a few hundred kilobytes and a curve can still be edited. Rows that come
// from elsewhere may list their seats one by one instead.
package catalog

import "slices"

// PlaceNo numbers the places of a plan densely from 0 in plan order: for each section in order its
// rows in order and their seats in order, or the places of a standing section.
type PlaceNo uint32

// Bounds of a plan. A length is in bytes of UTF-8, a CM in centimetres.
const (
	MaxPlaces          = 150_000
	MaxSections        = 2_000
	MaxRows            = 20_000
	MaxRowSeats        = 10_000
	MaxCategories      = 64
	MaxFloors          = 32
	MaxShapes          = 2_000
	MaxOutlinePoints   = 64
	MaxShapePoints     = 256
	MaxSkippedNumbers  = 32
	MaxSeatNumber      = 1_000_000
	MaxNumberStep      = 100
	MaxCoordinateCM    = 100_000
	MaxRotationDegrees = 360
	MinSeatPitchCM     = 20
	MaxNameBytes       = 200
	MaxLabelBytes      = 64
	MaxReasonBytes     = 200
	MaxColourBytes     = 32
	MaxPrefixBytes     = 8
)

// Point is a place on the drawing in centimetres; x grows to the right and y downwards.
type Point struct{ X, Y int32 }

// Category groups places that look alike to a buyer; an event gives it a price.
type Category struct {
	Name   string
	Colour string // a CSS colour, or empty
}

// PlanSpec describes a plan. NewPlan checks it.
type PlanSpec struct {
	Name       string
	Focal      Point    // what everybody looks at, for instance the front of the stage
	Floors     []string // may be empty: one floor
	Categories []Category
	Sections   []SectionSpec
	Shapes     []Shape // decoration, drawn below the seats
}

// SectionSpec describes a section: it has either rows or standing places. Its name is unique in
// the plan.
type SectionSpec struct {
	Name     string
	Floor    int    // index in PlanSpec.Floors
	Category string // for every place that doesn't say otherwise
	Entrance string // the gate or door, may be empty
	Outline  []Point
	Rows     []RowSpec
	Standing int // number of standing places; the outline is then required
}

// RowSpec describes a row: either Seats on an arc, or Explicit seats. Its label is unique in the
// section and may be empty.
type RowSpec struct {
	Label    string
	Category string // overrides the section's, may be empty
	Seats    int
	// From and To are the middles of the first and the last seat.
	From, To Point
	// SagittaCM is the height of the arc above the middle of the chord. A positive arc rises to
	// the left of somebody who walks from From to To. At most half the chord: a half circle.
	SagittaCM int32
	Numbering Numbering
	Marks     []SeatMark // sparse, by rising index; only for a row without Explicit
	Explicit  []SeatSpec
	Title     string // the row's name in words ("Table 5"), may be empty
	SeatTitle string // the seats' name in words, %s stands for the label; may be empty
}

// SeatSpec is one seat of a row that lists its seats.
type SeatSpec struct {
	GUID       string // a key from elsewhere, unique in the plan; may be empty
	Label      string
	At         Point
	Category   string // overrides the row's, may be empty
	Attributes SeatAttributes
	Reason     string // what is wrong with a Restricted seat
}

// SeatMark gives attributes to one seat of a row on an arc.
type SeatMark struct {
	Index      int // 0 is the seat at From
	Attributes SeatAttributes
	Reason     string // what is wrong with a Restricted seat
}

// SeatAttributes is a set of bit flags.
type SeatAttributes uint8

// The attributes of a seat.
const (
	Accessible SeatAttributes = 1 << iota // a wheelchair space
	Companion                             // beside a wheelchair space
	Restricted                            // the view is restricted; a reason says how

	allAttributes = Accessible | Companion | Restricted
)

// Has tells whether all the attributes of b are set.
func (a SeatAttributes) Has(b SeatAttributes) bool { return a&b == b }

// ShapeKind tells what a decoration is.
type ShapeKind string

// The kinds of decoration. All may carry a text.
const (
	ShapePolygon   ShapeKind = "polygon"   // Points, absolute
	ShapeRectangle ShapeKind = "rectangle" // At is the top left corner, Size the width and height
	ShapeEllipse   ShapeKind = "ellipse"   // At is the middle, Size the two radii
	ShapeCircle    ShapeKind = "circle"    // At is the middle, Size.X the radius
	ShapeText      ShapeKind = "text"      // only a text
)

// Shape is decoration: a stage, a pitch, a bar.
type Shape struct {
	Kind       ShapeKind
	Floor      int // index in PlanSpec.Floors
	At         Point
	Size       Point
	Points     []Point
	Degrees    float64 // rotation clockwise about At
	Fill       string  // a CSS colour, or empty
	Border     string  // a CSS colour, or empty
	Text       string
	TextAt     Point // the middle of the text
	TextSizeCM int32
	TextColour string // a CSS colour, or empty
}

// Clone copies the description with everything in it.
func (s PlanSpec) Clone() PlanSpec {
	s.Floors = slices.Clone(s.Floors)
	s.Categories = slices.Clone(s.Categories)
	s.Sections = slices.Clone(s.Sections)
	s.Shapes = cloneShapes(s.Shapes)
	for i := range s.Sections {
		section := &s.Sections[i]
		section.Outline = slices.Clone(section.Outline)
		section.Rows = slices.Clone(section.Rows)
		for j := range section.Rows {
			row := &section.Rows[j]
			row.Numbering.Skip = slices.Clone(row.Numbering.Skip)
			row.Marks = slices.Clone(row.Marks)
			row.Explicit = slices.Clone(row.Explicit)
		}
	}
	return s
}

func cloneShapes(shapes []Shape) []Shape {
	shapes = slices.Clone(shapes)
	for i := range shapes {
		shapes[i].Points = slices.Clone(shapes[i].Points)
	}
	return shapes
}
