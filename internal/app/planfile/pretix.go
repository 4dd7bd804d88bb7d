package planfile

import (
	"fmt"
	"math"
	"strings"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/errs"
)

// cmPerPixel is the scale between a pretix drawing and ours: pretix draws a seat with a radius of
// 10 pixels and its neighbour 25 pixels on, which is 40 cm wide and 50 cm apart here. One pixel is
// so near to 2 cm that a position is kept within half a centimetre.
const cmPerPixel = 2

// The names of the pretix format, as its published schema has them. The position of a row is
// relative to its zone, of a seat to its row, of an area to its zone.
type (
	pretixPlan struct {
		Name       string           `json:"name"`
		Categories []pretixCategory `json:"categories"`
		Zones      []pretixZone     `json:"zones"`
		Size       pretixSize       `json:"size"`
	}
	pretixCategory struct {
		Name  string `json:"name"`
		Color string `json:"color,omitempty"`
	}
	pretixSize struct {
		Width  float64 `json:"width"`
		Height float64 `json:"height"`
	}
	pretixPoint struct {
		X float64 `json:"x"`
		Y float64 `json:"y"`
	}
	pretixZone struct {
		Name     string       `json:"name"`
		ZoneID   string       `json:"zone_id,omitempty"`
		UUID     string       `json:"uuid,omitempty"`
		Position pretixPoint  `json:"position"`
		Rows     []pretixRow  `json:"rows"`
		Areas    []pretixArea `json:"areas"`
	}
	pretixRow struct {
		Number         string       `json:"row_number"`
		NumberPosition string       `json:"row_number_position,omitempty"`
		Label          string       `json:"row_label,omitempty"`
		SeatLabel      string       `json:"seat_label,omitempty"`
		UUID           string       `json:"uuid,omitempty"`
		Position       pretixPoint  `json:"position"`
		Seats          []pretixSeat `json:"seats"`
	}
	pretixSeat struct {
		GUID     string       `json:"seat_guid"`
		Number   string       `json:"seat_number"`
		UUID     string       `json:"uuid,omitempty"`
		Position *pretixPoint `json:"position"`
		Category string       `json:"category"`
		Radius   float64      `json:"radius,omitempty"`
	}
	pretixArea struct {
		Shape       string         `json:"shape"`
		UUID        string         `json:"uuid,omitempty"`
		Color       string         `json:"color,omitempty"`
		BorderColor string         `json:"border_color,omitempty"`
		Rotation    float64        `json:"rotation,omitempty"`
		Position    pretixPoint    `json:"position"`
		Polygon     *pretixPolygon `json:"polygon,omitempty"`
		Rectangle   *pretixSize    `json:"rectangle,omitempty"`
		Ellipse     *pretixEllipse `json:"ellipse,omitempty"`
		Circle      *pretixCircle  `json:"circle,omitempty"`
		Text        *pretixWriting `json:"text,omitempty"`
	}
	pretixPolygon struct {
		Points []pretixPoint `json:"points"`
	}
	pretixEllipse struct {
		Radius pretixPoint `json:"radius"`
	}
	pretixCircle struct {
		Radius float64 `json:"radius"`
	}
	pretixWriting struct {
		Position pretixPoint `json:"position"`
		Text     string      `json:"text"`
		Color    string      `json:"color,omitempty"`
		Size     float64     `json:"size,omitempty"`
	}
)

// ImportPretix reads a seating plan of pretix and checks it. GUIDs, labels, categories and
// positions are kept (within half a centimetre; a drawing that reaches beyond its left or upper
// edge is moved inside). Rows of one zone with the same number become one row with an aisle.
// Fields that aren't known are ignored. Pretix has no focal point: it is the stage, if a decoration
// is called so, or else the middle of the upper edge of the seats.
//
// It fails with ErrBodyTooLarge, ErrBadJSON, ErrMissingGUID, ErrMissingPosition or a
// failure of catalog.NewPlan.
func ImportPretix(body []byte) (*catalog.Plan, error) {
	var in pretixPlan
	if err := decode(body, &in, false); err != nil {
		return nil, err
	}
	spec := catalog.PlanSpec{Name: in.Name}
	for _, c := range in.Categories {
		spec.Categories = append(spec.Categories, catalog.Category{Name: c.Name, Colour: c.Color})
	}
	for i := range in.Zones {
		section, err := importZone(i, &in.Zones[i])
		if err != nil {
			return nil, err
		}
		// A zone without seats is only a carrier of decoration.
		if len(section.Rows) > 0 {
			spec.Sections = append(spec.Sections, section)
		}
		for _, a := range in.Zones[i].Areas {
			shape, ok, err := importArea(a, in.Zones[i].Position)
			if err != nil {
				return nil, err
			}
			if ok {
				spec.Shapes = append(spec.Shapes, shape)
			}
		}
	}
	moveInside(&spec)
	spec.Focal = focalOf(spec)
	return catalog.NewPlan(spec)
}

func importZone(i int, zone *pretixZone) (catalog.SectionSpec, error) {
	section := catalog.SectionSpec{Name: zone.Name}
	if section.Name == "" {
		section.Name = zone.ZoneID
	}
	if section.Name == "" {
		section.Name = fmt.Sprintf("Zone %d", i+1)
	}
	rows := make(map[string]int, len(zone.Rows))
	for _, r := range zone.Rows {
		if len(r.Seats) == 0 {
			continue
		}
		at, known := rows[r.Number]
		if !known {
			at = len(section.Rows)
			rows[r.Number] = at
			section.Rows = append(section.Rows, catalog.RowSpec{
				Label: r.Number, Title: r.Label, SeatTitle: r.SeatLabel,
			})
		}
		row := &section.Rows[at]
		for n, s := range r.Seats {
			seat, err := importSeat(s, zone.Position, r.Position)
			if err != nil {
				return section, err.With(fmt.Sprintf("Section %q, row %q, seat %d.",
					section.Name, r.Number, n+1))
			}
			if section.Category == "" {
				section.Category = s.Category
			}
			if s.Category != section.Category {
				seat.Category = s.Category
			}
			row.Explicit = append(row.Explicit, seat)
		}
	}
	return section, nil
}

func importSeat(s pretixSeat, zone, row pretixPoint) (catalog.SeatSpec, *errs.Error) {
	switch {
	case s.GUID == "":
		return catalog.SeatSpec{}, ErrMissingGUID
	case s.Position == nil:
		return catalog.SeatSpec{}, ErrMissingPosition
	case s.Category == "":
		return catalog.SeatSpec{}, catalog.ErrUnknownCategory
	}
	at, err := centimetres(zone, row, *s.Position)
	return catalog.SeatSpec{GUID: s.GUID, Label: s.Number, At: at}, err
}

// importArea turns an area into a decoration. What has no shape that could be drawn is left out.
func importArea(a pretixArea, zone pretixPoint) (catalog.Shape, bool, error) {
	shape := catalog.Shape{
		Kind: catalog.ShapeKind(a.Shape), Fill: a.Color, Border: a.BorderColor,
		Degrees: math.Mod(a.Rotation, 360),
	}
	var failed error
	at := func(positions ...pretixPoint) catalog.Point {
		p, err := centimetres(positions...)
		if err != nil {
			failed = err.With("A decoration.")
		}
		return p
	}
	shape.At = at(zone, a.Position)
	switch {
	case a.Shape == "polygon" && a.Polygon != nil && len(a.Polygon.Points) > 1:
		for _, p := range a.Polygon.Points {
			shape.Points = append(shape.Points, at(zone, a.Position, p))
		}
	case a.Shape == "rectangle" && a.Rectangle != nil:
		shape.Size = at(pretixPoint{a.Rectangle.Width, a.Rectangle.Height})
	case a.Shape == "ellipse" && a.Ellipse != nil:
		shape.Size = at(a.Ellipse.Radius)
	case a.Shape == "circle" && a.Circle != nil:
		shape.Size = at(pretixPoint{a.Circle.Radius, 0})
	case a.Shape == "text" && a.Text != nil && a.Text.Text != "":
	default:
		return shape, false, nil
	}
	if a.Text != nil && a.Text.Text != "" {
		shape.Text, shape.TextColour = a.Text.Text, a.Text.Color
		shape.TextAt = at(zone, a.Position, a.Text.Position)
		shape.TextSizeCM = at(pretixPoint{a.Text.Size, 0}).X
	}
	return shape, true, failed
}

// centimetres adds up positions that are relative to each other.
func centimetres(positions ...pretixPoint) (catalog.Point, *errs.Error) {
	var x, y float64
	for _, p := range positions {
		x += p.X * cmPerPixel
		y += p.Y * cmPerPixel
	}
	const limit = catalog.MaxCoordinateCM
	// The comparison is this way round so that a NaN fails it.
	if !(math.Abs(x) <= limit && math.Abs(y) <= limit) {
		return catalog.Point{}, catalog.ErrOutOfRange
	}
	return catalog.Point{X: int32(math.Round(x)), Y: int32(math.Round(y))}, nil
}

// eachPoint visits the points of listed seats and decoration.
func eachPoint(spec *catalog.PlanSpec, visit func(*catalog.Point)) {
	for s := range spec.Sections {
		for r := range spec.Sections[s].Rows {
			seats := spec.Sections[s].Rows[r].Explicit
			for i := range seats {
				visit(&seats[i].At)
			}
		}
	}
	for s := range spec.Shapes {
		shape := &spec.Shapes[s]
		visit(&shape.At)
		for i := range shape.Points {
			visit(&shape.Points[i])
		}
		if shape.Text != "" {
			visit(&shape.TextAt)
		}
	}
}

// moveInside moves a drawing with negative coordinates to the right and down.
func moveInside(spec *catalog.PlanSpec) {
	var least catalog.Point
	eachPoint(spec, func(p *catalog.Point) {
		least = catalog.Point{X: min(least.X, p.X), Y: min(least.Y, p.Y)}
	})
	if least == (catalog.Point{}) {
		return
	}
	eachPoint(spec, func(p *catalog.Point) {
		p.X -= least.X
		p.Y -= least.Y
	})
}

// stageWords are how a stage is called on drawings.
var stageWords = []string{"stage", "bühne", "buehne", "scene", "scène", "escenario", "palco"}

func focalOf(spec catalog.PlanSpec) catalog.Point {
	for _, s := range spec.Shapes {
		for _, word := range stageWords {
			if strings.Contains(strings.ToLower(s.Text), word) {
				return s.TextAt
			}
		}
	}
	low := catalog.Point{X: math.MaxInt32, Y: math.MaxInt32}
	high := int32(math.MinInt32)
	for _, section := range spec.Sections {
		for _, row := range section.Rows {
			for _, seat := range row.Explicit {
				low = catalog.Point{X: min(low.X, seat.At.X), Y: min(low.Y, seat.At.Y)}
				high = max(high, seat.At.X)
			}
		}
	}
	if high < low.X {
		return catalog.Point{} // no seats: the plan is refused
	}
	return catalog.Point{X: low.X + (high-low.X)/2, Y: low.Y}
}
