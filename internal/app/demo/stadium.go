package demo

import (
	"math"

	"ticketflow/internal/domain/catalog"
)

// StadiumPlaces is the exact number of places of Stadium.
const StadiumPlaces = 80_000

const (
	stadiumStanding = 12_000 // on the pitch, in four parts
	stadiumGates    = 8
)

// Stadium is a football ground of StadiumPlaces with a stage in the middle of the pitch: standing
// places around the stage and three tiers of seats.
func Stadium() catalog.PlanSpec {
	b := bowl{centre: vector{14_400, 12_000}, a: 7_000, b: 4_700, power: 2.35}
	spec := catalog.PlanSpec{
		Name:   "Stadium",
		Focal:  b.centre.point(),
		Floors: []string{"Pitch", "Lower tier", "Middle tier", "Upper tier"},
		Categories: []catalog.Category{
			{Name: "Pitch standing", Colour: plum},
			{Name: "Category 1", Colour: blue},
			{Name: "Category 2", Colour: cyan},
			{Name: "Category 3", Colour: green},
			{Name: "Category 4", Colour: gold},
			{Name: "Category 5", Colour: orange},
		},
		Shapes: stadiumField(b),
	}
	spec.Sections = pitch(b.centre)
	side := func(best, other string) func(float64) string {
		// The long sides are at the top and bottom of the drawing.
		return func(angle float64) string {
			if math.Abs(math.Sin(angle)) > 0.62 {
				return best
			}
			return other
		}
	}
	entrance := func(angle float64) string { return gate(angle, stadiumGates) }
	const top = -math.Pi / 2
	for _, t := range []tier{
		{
			floor: 1, first: 101, sections: 38, rows: 28, distanceCM: 250, rowPitchCM: 80,
			category: side("Category 1", "Category 2"), wheelchairs: 4,
		},
		{
			floor: 2, first: 201, sections: 40, rows: 15, distanceCM: 2_950, rowPitchCM: 80,
			category: side("Category 2", "Category 3"), wheelchairs: 2,
		},
		{
			floor: 3, first: 301, sections: 44, rows: 21, distanceCM: 4_550, rowPitchCM: 82,
			category: side("Category 4", "Category 5"),
		},
	} {
		t.from, t.to, t.entrance = top, top+2*math.Pi, entrance
		spec.Sections = append(spec.Sections, b.stand(t)...)
	}
	trim(&spec, StadiumPlaces)
	return spec
}

// pitch is the standing places: the pitch is cut along its diagonals around the stage.
func pitch(centre vector) []catalog.SectionSpec {
	const (
		halfWidth, halfHeight = 5_250, 3_400 // a pitch is 105 m by 68 m
		stage                 = 1_150        // half of the barrier around the stage
		gap                   = 120          // half a path
		cut                   = halfWidth - halfHeight
	)
	at := func(x, y float64) catalog.Point { return vector{centre.x + x, centre.y + y}.point() }
	parts := []struct {
		name, gate string
		outline    []catalog.Point
	}{
		{"Pitch North", "Gate A", []catalog.Point{
			at(-stage+gap, -stage), at(-halfHeight+gap-cut/2, -halfHeight),
			at(halfHeight-gap+cut/2, -halfHeight), at(stage-gap, -stage),
		}},
		{"Pitch East", "Gate C", []catalog.Point{
			at(stage, -stage+gap), at(halfHeight+gap+cut/2, -halfHeight),
			at(halfWidth, -halfHeight), at(halfWidth, halfHeight),
			at(halfHeight+gap+cut/2, halfHeight), at(stage, stage-gap),
		}},
		{"Pitch South", "Gate E", []catalog.Point{
			at(stage-gap, stage), at(halfHeight-gap+cut/2, halfHeight),
			at(-halfHeight+gap-cut/2, halfHeight), at(-stage+gap, stage),
		}},
		{"Pitch West", "Gate G", []catalog.Point{
			at(-stage, stage-gap), at(-halfHeight-gap-cut/2, halfHeight),
			at(-halfWidth, halfHeight), at(-halfWidth, -halfHeight),
			at(-halfHeight-gap-cut/2, -halfHeight), at(-stage, -stage+gap),
		}},
	}
	sections := make([]catalog.SectionSpec, len(parts))
	for i, part := range parts {
		sections[i] = catalog.SectionSpec{
			Name: part.name, Category: "Pitch standing", Entrance: part.gate,
			Outline: part.outline, Standing: stadiumStanding / len(parts),
		}
	}
	return sections
}

func stadiumField(b bowl) []catalog.Shape {
	const stage = 900 // half the stage, in centimetres
	field := b.polygon(100, 48, "#e9efe2", "")
	middle := b.centre.point()
	return []catalog.Shape{
		field,
		{
			Kind: catalog.ShapeRectangle,
			At:   catalog.Point{X: middle.X - stage, Y: middle.Y - stage},
			Size: catalog.Point{X: 2 * stage, Y: 2 * stage}, Fill: "#3b342c",
			Text: "Stage", TextAt: middle, TextSizeCM: 500, TextColour: "#ffffff",
		},
	}
}
