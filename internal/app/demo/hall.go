package demo

import (
	"math"

	"ticketflow/internal/domain/catalog"
)

// Measures of the hall.
const (
	hallRowSeats     = 40
	hallRows         = 50 // of a section
	hallSectionSeats = hallRowSeats * hallRows
	hallRowPitchCM   = 80
	hallWidthCM      = hallRowSeats*seatPitchCM + 200 // of a section with its aisle
	hallDepthCM      = hallRows*hallRowPitchCM + 300  // the same
	hallTopCM        = 2_000                          // from the top of the drawing to row 1
	hallMarginCM     = 300
)

// Hall is a plain hall with exactly n seats, for rehearsals: rows of 40 in sections of 2,000 before
// a stage. A number outside 1 to catalog.MaxPlaces is brought into that range.
func Hall(n int) catalog.PlanSpec {
	n = max(1, min(n, catalog.MaxPlaces))
	sections := (n + hallSectionSeats - 1) / hallSectionSeats
	// About half as many lines as columns: a section is twice as deep as it is wide.
	columns := min(sections, int(math.Ceil(math.Sqrt(2*float64(sections)))))
	lines := (sections + columns - 1) / columns
	width := int32(columns*hallWidthCM + 2*hallMarginCM)
	spec := catalog.PlanSpec{
		Name:  "Hall " + number(n),
		Focal: catalog.Point{X: width / 2, Y: hallTopCM - 500},
		Categories: []catalog.Category{
			{Name: "Front", Colour: blue},
			{Name: "Middle", Colour: green},
			{Name: "Back", Colour: gold},
		},
		Shapes: []catalog.Shape{{
			Kind: catalog.ShapeRectangle, At: catalog.Point{X: width/2 - 900, Y: 400},
			Size: catalog.Point{X: 1_800, Y: 1_000}, Fill: "#3b342c",
			Text: "Stage", TextAt: catalog.Point{X: width / 2, Y: 900}, TextSizeCM: 300,
			TextColour: "#ffffff",
		}},
	}
	for i := range sections {
		seats := min(hallSectionSeats, n-i*hallSectionSeats)
		section := hallSection(i, seats, i%columns, i/columns)
		// Without several lines of sections the rows decide about the price.
		for r := range section.Rows {
			depth := float64(i/columns) + float64(r)/hallRows
			section.Rows[r].Category = spec.Categories[int(3*depth/float64(lines))].Name
		}
		spec.Sections = append(spec.Sections, section)
	}
	return spec
}

func hallSection(i, seats, column, line int) catalog.SectionSpec {
	x := int32(hallMarginCM + column*hallWidthCM + 100)
	y := int32(hallTopCM + line*hallDepthCM)
	rows := (seats + hallRowSeats - 1) / hallRowSeats
	section := catalog.SectionSpec{
		Name: number(i + 1), Category: "Middle", Entrance: "Gate " + catalog.RowLetters(column),
		Outline: rectangle(x, y-outlineCM, hallRowSeats*seatPitchCM,
			int32((rows-1)*hallRowPitchCM+2*outlineCM)),
	}
	for r := range rows {
		n := int32(min(hallRowSeats, seats-r*hallRowSeats))
		from := catalog.Point{X: x + seatPitchCM/2, Y: y + int32(r*hallRowPitchCM)}
		section.Rows = append(section.Rows, catalog.RowSpec{
			Label: number(r + 1), Seats: int(n), From: from,
			To: catalog.Point{X: from.X + (n-1)*seatPitchCM, Y: from.Y},
		})
	}
	return section
}
