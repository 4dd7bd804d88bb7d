package demo

import (
	"math"

	"ticketflow/internal/domain/catalog"
)

// ArenaPlaces is the exact number of places of Arena.
const ArenaPlaces = 18_000

const arenaGates = 6

// Arena is an indoor arena of ArenaPlaces: a stage at the top, standing places before it and two
// tiers of seats around.
func Arena() catalog.PlanSpec {
	b := bowl{centre: vector{6_400, 6_900}, a: 1_900, b: 3_300, power: 3}
	stage := catalog.Point{X: 6_400, Y: 4_950}
	spec := catalog.PlanSpec{
		Name:   "Arena",
		Focal:  stage,
		Floors: []string{"Floor", "Lower tier", "Upper tier"},
		Categories: []catalog.Category{
			{Name: "Front standing", Colour: plum},
			{Name: "Standing", Colour: orange},
			{Name: "Category 1", Colour: blue},
			{Name: "Category 2", Colour: cyan},
			{Name: "Category 3", Colour: green},
			{Name: "Category 4", Colour: gold},
		},
		Shapes: arenaFloor(b, stage),
		Sections: []catalog.SectionSpec{
			{
				Name: "Front", Category: "Front standing", Entrance: "Gate B", Standing: 700,
				Outline: rectangle(5_000, 5_100, 2_800, 1_100),
			},
			{
				Name: "Floor", Category: "Standing", Entrance: "Gate D", Standing: 1_800,
				Outline: []catalog.Point{
					{X: 4_850, Y: 6_350}, {X: 7_950, Y: 6_350}, {X: 7_950, Y: 9_300},
					{X: 7_350, Y: 9_950}, {X: 5_450, Y: 9_950}, {X: 4_850, Y: 9_300},
				},
			},
		},
	}
	entrance := func(angle float64) string { return gate(angle, arenaGates) }
	const open = 0.62 // half of what the stage takes away from the ring, as an angle
	lower := tier{
		floor: 1, first: 101, sections: 22, rows: 20, distanceCM: 250, rowPitchCM: 82,
		from: -math.Pi/2 + open, to: 3*math.Pi/2 - open,
		category: byDistanceFromStage("Category 1", "Category 2", "Category 3"),
		entrance: entrance, wheelchairs: 3,
	}
	upper := tier{
		floor: 2, first: 201, sections: 26, rows: 15, distanceCM: 2_350, rowPitchCM: 84,
		from: -math.Pi/2 + open, to: 3*math.Pi/2 - open,
		category: byDistanceFromStage("Category 2", "Category 3", "Category 4"),
		entrance: entrance,
	}
	spec.Sections = append(spec.Sections, b.stand(lower)...)
	spec.Sections = append(spec.Sections, b.stand(upper)...)
	for i := range spec.Sections {
		switch spec.Sections[i].Name {
		case "101", "122", "201", "226":
			for r := range spec.Sections[i].Rows {
				row := &spec.Sections[i].Rows[r]
				restrict(row, 0, row.Seats, "Side view: the back of the stage is hidden")
			}
		}
	}
	trim(&spec, ArenaPlaces)
	return spec
}

// byDistanceFromStage gives a category to the sides, to the end and to what is beside the stage.
func byDistanceFromStage(sides, end, beside string) func(float64) string {
	return func(angle float64) string {
		switch up := -math.Sin(angle); {
		case up > 0.6:
			return beside
		case up < -0.8:
			return end
		default:
			return sides
		}
	}
}

func arenaFloor(b bowl, stage catalog.Point) []catalog.Shape {
	const halfWidth, depth = 1_250, 1_350
	floor := b.polygon(100, 40, "#ece7de", "")
	return []catalog.Shape{
		floor,
		{
			Kind: catalog.ShapeRectangle,
			At:   catalog.Point{X: stage.X - halfWidth, Y: stage.Y - depth},
			Size: catalog.Point{X: 2 * halfWidth, Y: depth}, Fill: "#3b342c",
			Text: "Stage", TextAt: catalog.Point{X: stage.X, Y: stage.Y - depth/2},
			TextSizeCM: 350, TextColour: "#ffffff",
		},
	}
}
