package demo

import (
	"math"

	"ticketflow/internal/domain/catalog"
)

// Measures of the theatre, in centimetres. All rows are circles around one point behind the stage.
const (
	theatreCentreX  = 2_000
	theatreCentreY  = 0
	theatrePitchCM  = 56
	theatreAisleCM  = 100
	stallsRadiusCM  = 1_750
	circleRadiusCM  = 3_620
	galleryRadiusCM = 4_480
	stallsRows      = 17
	balconyRows     = 5
	boxesPerSide    = 5
	seatsPerBox     = 4
)

// Theatre is an Italian house of about 1,200 seats: stalls, circle, upper circle and boxes. The
// balconies are drawn behind the stalls.
func Theatre() catalog.PlanSpec {
	spec := catalog.PlanSpec{
		Name:   "Theatre",
		Focal:  catalog.Point{X: theatreCentreX, Y: theatreCentreY + 1_450},
		Floors: []string{"Stalls", "Circle", "Upper circle"},
		Categories: []catalog.Category{
			{Name: "Premium", Colour: plum},
			{Name: "Category 1", Colour: blue},
			{Name: "Category 2", Colour: cyan},
			{Name: "Category 3", Colour: green},
			{Name: "Boxes", Colour: orange},
		},
		Shapes: theatreStage(),
	}
	spec.Sections = append(spec.Sections, stalls()...)
	spec.Sections = append(spec.Sections, boxes("Boxes left", "Door 3", -1), boxes("Boxes right",
		"Door 4", 1))
	circle := block{floor: 1, rows: balconyRows, radiusCM: circleRadiusCM, half: 0.45, aisle: 0.18,
		category: "Category 1", door: 5}
	spec.Sections = append(spec.Sections, circle.sections("Circle")...)
	gallery := block{floor: 2, rows: balconyRows, radiusCM: galleryRadiusCM, half: 0.39,
		aisle: 0.155, category: "Category 3", door: 7}
	upper := gallery.sections("Upper circle")
	for i := range upper {
		first := &upper[i].Rows[0]
		restrict(first, 0, first.Seats, "A safety rail in front crosses the view")
	}
	spec.Sections = append(spec.Sections, upper...)
	return spec
}

// block is rows around the theatre's centre, cut by two aisles into left, centre and right.
type block struct {
	floor    int
	rows     int
	radiusCM float64 // of the first row
	half     float64 // half its angle
	aisle    float64 // the angle from the middle to an aisle
	category string
	door     int // of the left; the next one is of the right
}

const theatreRowPitchCM = 85

func circleAround(radiusCM float64) curve {
	// The parameter is the angle from straight down, rising to the right of the drawing.
	return func(angle float64) vector {
		sin, cos := math.Sincos(angle)
		return vector{theatreCentreX + radiusCM*sin, theatreCentreY + radiusCM*cos}
	}
}

func (b block) sections(name string) []catalog.SectionSpec {
	depth := float64(b.rows-1) * theatreRowPitchCM
	parts := []struct {
		name      string
		from, to  float64
		door      int
		numbering catalog.Numbering
	}{
		// The sides are odd and even and count from the aisle, as in most houses.
		{"left", -b.half, -b.aisle, b.door, catalog.Numbering{Order: catalog.FromEnd, Step: 2}},
		{"centre", -b.aisle, b.aisle, b.door, catalog.Numbering{Start: 101}},
		{"right", b.aisle, b.half, b.door + 1, catalog.Numbering{Start: 2, Step: 2}},
	}
	sections := make([]catalog.SectionSpec, 0, len(parts))
	for _, part := range parts {
		section := catalog.SectionSpec{
			Name: name + " " + part.name, Floor: b.floor, Category: b.category,
			Entrance: "Door " + number(part.door),
			Outline: outline(circleAround(b.radiusCM-outlineCM),
				circleAround(b.radiusCM+depth+outlineCM), part.from, part.to, theatreAisleCM/2-12),
		}
		for r := range b.rows {
			radius := b.radiusCM + float64(r)*theatreRowPitchCM
			row := seatRow(catalog.RowLetters(r), circleAround(radius), part.from, part.to,
				theatreAisleCM/2, theatrePitchCM)
			row.Numbering = part.numbering
			section.Rows = append(section.Rows, row)
		}
		sections = append(sections, section)
	}
	return sections
}

func stalls() []catalog.SectionSpec {
	b := block{rows: stallsRows, radiusCM: stallsRadiusCM, half: 0.47, aisle: 0.2,
		category: "Category 1", door: 1}
	sections := b.sections("Stalls")
	left, centre, right := &sections[0], &sections[1], &sections[2]
	for r := range stallsRows {
		switch {
		case r < 9:
			centre.Rows[r].Category = "Premium"
		case r >= 14:
			centre.Rows[r].Category = "Category 2"
		}
		if r >= 9 {
			left.Rows[r].Category, right.Rows[r].Category = "Category 2", "Category 2"
		}
	}
	wheelchairs(&left.Rows[stallsRows-1], 3)
	wheelchairs(&right.Rows[stallsRows-1], 3)
	const overhang = "The circle above hides the top of the stage"
	last := &centre.Rows[stallsRows-1]
	restrict(last, 0, last.Seats, overhang)
	for r := range 3 {
		l, rt := &left.Rows[r], &right.Rows[r]
		restrict(l, 0, 3, "The far left of the stage is hidden")
		restrict(rt, rt.Seats-3, rt.Seats, "The far right of the stage is hidden")
	}
	return sections
}

// boxes are on both sides of the stalls (side -1 is left), each with seats in line towards the
// stage. A box is sold seat by seat.
func boxes(name, door string, side float64) catalog.SectionSpec {
	const (
		angle      = 0.525 // from straight down
		nearest    = 1_780
		boxDepthCM = 290
		pitchCM    = 62
		halfWidth  = 75
	)
	along := func(radius, across float64) vector {
		sin, cos := math.Sincos(side * angle)
		return vector{
			theatreCentreX + radius*sin + side*across*cos,
			theatreCentreY + radius*cos - side*across*sin,
		}
	}
	section := catalog.SectionSpec{Name: name, Floor: 1, Category: "Boxes", Entrance: door}
	const far = nearest + (boxesPerSide-1)*boxDepthCM + (seatsPerBox-1)*pitchCM
	section.Outline = []catalog.Point{
		along(nearest-50, -halfWidth).point(), along(far+50, -halfWidth).point(),
		along(far+50, halfWidth).point(), along(nearest-50, halfWidth).point(),
	}
	first := 1
	if side > 0 {
		first += boxesPerSide
	}
	for i := range boxesPerSide {
		start := float64(nearest + i*boxDepthCM)
		row := catalog.RowSpec{
			Label: "Box " + number(first+i), Title: "Box " + number(first+i), Seats: seatsPerBox,
			From: along(start, 0).point(), To: along(start+(seatsPerBox-1)*pitchCM, 0).point(),
		}
		if i == 0 {
			restrict(&row, 0, seatsPerBox, "Close to the stage: its near side is hidden")
		}
		section.Rows = append(section.Rows, row)
	}
	return section
}

func theatreStage() []catalog.Shape {
	// The stage house is narrower than the apron before the curtain.
	const halfHouse, back, curtain = 600, 350, 1_200
	edge := outline(circleAround(1_350), circleAround(1_530), -0.5, 0.5, 0)[edgePoints:]
	apron := append([]catalog.Point{
		{X: theatreCentreX - halfHouse, Y: curtain}, {X: theatreCentreX - halfHouse, Y: back},
		{X: theatreCentreX + halfHouse, Y: back}, {X: theatreCentreX + halfHouse, Y: curtain},
	}, edge...)
	text := catalog.Point{X: theatreCentreX, Y: theatreCentreY + 900}
	return []catalog.Shape{
		{
			Kind: catalog.ShapePolygon, Points: apron, Fill: "#3b342c",
			Text: "Stage", TextAt: text, TextSizeCM: 160, TextColour: "#ffffff",
		},
		label("Stalls", catalog.Point{X: theatreCentreX, Y: theatreCentreY + 3_260}, 90),
		label("Circle", catalog.Point{X: theatreCentreX, Y: theatreCentreY + 4_110}, 90),
		label("Upper circle", catalog.Point{X: theatreCentreX, Y: theatreCentreY + 4_960}, 90),
	}
}
