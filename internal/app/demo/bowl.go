package demo

import (
	"math"

	"ticketflow/internal/domain/catalog"
)

// bowl is a ring of stands around a field: rounded rectangles |x/a|ᵖ + |y/b|ᵖ = 1, each as far
// outside the last as a row is deep.
type bowl struct {
	centre vector
	a, b   float64 // half the width and height at distance 0, in centimetres
	power  float64 // 2 is an ellipse, more is squarer
}

// ring is the line at a distance outside the innermost one. Its parameter is an angle: 0 is right,
// rising clockwise on the drawing. At one angle all rings lie on a straight line.
func (b bowl) ring(distanceCM float64) curve {
	return func(angle float64) vector {
		sin, cos := math.Sincos(angle)
		scale := math.Pow(math.Pow(math.Abs(cos), b.power)+math.Pow(math.Abs(sin), b.power),
			-1/b.power)
		return vector{
			b.centre.x + (b.a+distanceCM)*scale*cos,
			b.centre.y + (b.b+distanceCM)*scale*sin,
		}
	}
}

// tier is one storey of the stands.
type tier struct {
	floor       int
	first       int // number of its first section
	sections    int
	rows        int
	distanceCM  float64 // of its first row
	rowPitchCM  float64
	from, to    float64 // angles, from < to
	category    func(angle float64) string
	entrance    func(angle float64) string
	wheelchairs int // pairs in the last row of each third section
}

// evenly splits a line into parts of the same length and returns the n+1 angles between them.
func evenly(c curve, from, to float64, n int) []float64 {
	const steps = 8192
	lengths := make([]float64, steps+1)
	last := c(from)
	for i := 1; i <= steps; i++ {
		next := c(from + (to-from)*float64(i)/steps)
		lengths[i] = lengths[i-1] + math.Hypot(next.x-last.x, next.y-last.y)
		last = next
	}
	cuts := make([]float64, 0, n+1)
	at := 0
	for i := range n + 1 {
		want := lengths[steps] * float64(i) / float64(n)
		for at < steps && lengths[at] < want {
			at++
		}
		cuts = append(cuts, from+(to-from)*float64(at)/steps)
	}
	return cuts
}

// stand draws the sections of a tier clockwise. Seat 1 is at the left aisle for somebody who looks
// at the field.
func (b bowl) stand(t tier) []catalog.SectionSpec {
	depth := float64(t.rows-1) * t.rowPitchCM
	cuts := evenly(b.ring(t.distanceCM+depth/2), t.from, t.to, t.sections)
	sections := make([]catalog.SectionSpec, 0, t.sections)
	for i := range t.sections {
		from, to := cuts[i+1], cuts[i]
		middle := (from + to) / 2
		section := catalog.SectionSpec{
			Name:     number(t.first + i),
			Floor:    t.floor,
			Category: t.category(middle),
			Entrance: t.entrance(middle),
			Outline: outline(b.ring(t.distanceCM-outlineCM), b.ring(t.distanceCM+depth+outlineCM),
				from, to, aisleCM/2-10),
		}
		for r := range t.rows {
			ring := b.ring(t.distanceCM + float64(r)*t.rowPitchCM)
			section.Rows = append(section.Rows,
				seatRow(number(r+1), ring, from, to, aisleCM/2, seatPitchCM))
		}
		if t.wheelchairs > 0 && i%3 == 1 {
			wheelchairs(&section.Rows[t.rows-1], t.wheelchairs)
		}
		sections = append(sections, section)
	}
	return sections
}

// polygon is the shape of a ring, for decoration.
func (b bowl) polygon(distanceCM float64, corners int, fill, border string) catalog.Shape {
	ring := b.ring(distanceCM)
	shape := catalog.Shape{Kind: catalog.ShapePolygon, Fill: fill, Border: border}
	for i := range corners {
		at := 2 * math.Pi * float64(i) / float64(corners)
		shape.Points = append(shape.Points, ring(at).point())
	}
	return shape
}

// turn brings an angle to the range from 0 to a full circle.
func turn(angle float64) float64 {
	angle = math.Mod(angle, 2*math.Pi)
	if angle < 0 {
		angle += 2 * math.Pi
	}
	return angle
}

// gate names one of n gates around the house; the first covers the top and they go clockwise.
func gate(angle float64, n int) string {
	part := 2 * math.Pi / float64(n)
	i := int(turn(angle+math.Pi/2+part/2) / part)
	return "Gate " + catalog.RowLetters(min(i, n-1))
}
