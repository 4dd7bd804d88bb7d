package planfile

import (
	"fmt"
	"slices"

	"ticketflow/internal/domain/catalog"
)

var orderNames = []string{
	catalog.FromStart: "from_start",
	catalog.FromEnd:   "from_end",
	catalog.CentreOut: "centre_out",
	catalog.AislesIn:  "aisles_in",
}

// attributeNames are in the order of their bits.
var attributeNames = []string{"accessible", "companion", "restricted"}

// Spec turns the document into a description for catalog.NewPlan. It fails with ErrBadJSON where a
// word isn't known.
func (d Document) Spec() (catalog.PlanSpec, error) {
	spec := catalog.PlanSpec{Name: d.Name, Focal: d.Focal.point(), Floors: d.Floors}
	for _, c := range d.Categories {
		spec.Categories = append(spec.Categories, catalog.Category(c))
	}
	for _, s := range d.Sections {
		section := catalog.SectionSpec{
			Name: s.Name, Floor: s.Floor, Category: s.Category, Entrance: s.Entrance,
			Outline: points(s.Outline), Standing: s.Standing,
			Rows: make([]catalog.RowSpec, 0, len(s.Rows)),
		}
		for _, r := range s.Rows {
			row, err := r.spec()
			if err != nil {
				return catalog.PlanSpec{}, err
			}
			section.Rows = append(section.Rows, row)
		}
		spec.Sections = append(spec.Sections, section)
	}
	for _, s := range d.Shapes {
		spec.Shapes = append(spec.Shapes, catalog.Shape{
			Kind: catalog.ShapeKind(s.Kind), Floor: s.Floor, At: s.At.point(), Size: s.Size.point(),
			Points: points(s.Points), Degrees: s.Degrees, Fill: s.Fill, Border: s.Border,
			Text: s.Text, TextAt: s.TextAt.point(), TextSizeCM: s.TextSizeCM,
			TextColour: s.TextColour,
		})
	}
	return spec, nil
}

func (r DocumentRow) spec() (catalog.RowSpec, error) {
	row := catalog.RowSpec{
		Label: r.Label, Title: r.Title, SeatTitle: r.SeatTitle, Category: r.Category,
		Seats: r.Seats, From: r.From.point(), To: r.To.point(), SagittaCM: r.SagittaCM,
		Numbering: catalog.Numbering{
			Start: r.Numbering.Start, Step: r.Numbering.Step, Prefix: r.Numbering.Prefix,
			Skip: r.Numbering.Skip,
		},
	}
	if name := r.Numbering.Order; name != "" {
		order := slices.Index(orderNames, name)
		if order < 0 {
			return row, ErrBadJSON.With(fmt.Sprintf("Row %q: there is no order %q.",
				r.Label, name))
		}
		row.Numbering.Order = catalog.SeatOrder(order)
	}
	for _, m := range r.Marks {
		attributes, err := attributesOf(m.Attributes)
		if err != nil {
			return row, err
		}
		row.Marks = append(row.Marks, catalog.SeatMark{
			Index: m.Index, Attributes: attributes, Reason: m.Reason,
		})
	}
	for _, s := range r.Explicit {
		attributes, err := attributesOf(s.Attributes)
		if err != nil {
			return row, err
		}
		row.Explicit = append(row.Explicit, catalog.SeatSpec{
			GUID: s.GUID, Label: s.Label, At: s.At.point(), Category: s.Category,
			Attributes: attributes, Reason: s.Reason,
		})
	}
	return row, nil
}

// DocumentOf is the published shape of a description.
func DocumentOf(spec catalog.PlanSpec) Document {
	d := Document{
		Name: spec.Name, Focal: DocumentPoint(spec.Focal), Floors: spec.Floors,
		Categories: []DocumentColour{}, Sections: []DocumentSection{},
	}
	for _, c := range spec.Categories {
		d.Categories = append(d.Categories, DocumentColour(c))
	}
	for _, s := range spec.Sections {
		section := DocumentSection{
			Name: s.Name, Floor: s.Floor, Category: s.Category, Entrance: s.Entrance,
			Outline: documentPoints(s.Outline), Standing: s.Standing,
		}
		for _, r := range s.Rows {
			section.Rows = append(section.Rows, documentRow(r))
		}
		d.Sections = append(d.Sections, section)
	}
	for _, s := range spec.Shapes {
		d.Shapes = append(d.Shapes, DocumentShape{
			Kind: string(s.Kind), Floor: s.Floor, At: DocumentPoint(s.At),
			Size: DocumentPoint(s.Size), Points: documentPoints(s.Points), Degrees: s.Degrees,
			Fill: s.Fill, Border: s.Border, Text: s.Text, TextAt: DocumentPoint(s.TextAt),
			TextSizeCM: s.TextSizeCM, TextColour: s.TextColour,
		})
	}
	return d
}

func documentRow(r catalog.RowSpec) DocumentRow {
	row := DocumentRow{
		Label: r.Label, Title: r.Title, SeatTitle: r.SeatTitle, Category: r.Category,
		Seats: r.Seats, From: DocumentPoint(r.From), To: DocumentPoint(r.To),
		SagittaCM: r.SagittaCM,
		Numbering: DocumentNumbering{
			Start: r.Numbering.Start, Step: r.Numbering.Step, Prefix: r.Numbering.Prefix,
			Skip: r.Numbering.Skip,
		},
	}
	if r.Numbering.Order != catalog.FromStart {
		row.Numbering.Order = orderNames[r.Numbering.Order]
	}
	for _, m := range r.Marks {
		row.Marks = append(row.Marks, DocumentMark{
			Index: m.Index, Attributes: namesOf(m.Attributes), Reason: m.Reason,
		})
	}
	for _, s := range r.Explicit {
		row.Explicit = append(row.Explicit, DocumentSeat{
			GUID: s.GUID, Label: s.Label, At: DocumentPoint(s.At), Category: s.Category,
			Attributes: namesOf(s.Attributes), Reason: s.Reason,
		})
	}
	return row
}

func (p DocumentPoint) point() catalog.Point { return catalog.Point(p) }

func points(in []DocumentPoint) []catalog.Point {
	var out []catalog.Point
	for _, p := range in {
		out = append(out, p.point())
	}
	return out
}

func documentPoints(in []catalog.Point) []DocumentPoint {
	var out []DocumentPoint
	for _, p := range in {
		out = append(out, DocumentPoint(p))
	}
	return out
}

func attributesOf(names []string) (catalog.SeatAttributes, error) {
	var set catalog.SeatAttributes
	for _, name := range names {
		bit := slices.Index(attributeNames, name)
		if bit < 0 {
			return 0, ErrBadJSON.With(fmt.Sprintf("There is no attribute %q.", name))
		}
		set |= 1 << bit
	}
	return set, nil
}

func namesOf(set catalog.SeatAttributes) []string {
	var names []string
	for bit, name := range attributeNames {
		if set.Has(1 << bit) {
			names = append(names, name)
		}
	}
	return names
}
