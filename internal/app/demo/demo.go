// Package demo draws the houses that come with TicketFlow: a theatre, an arena, a stadium and a
// plain hall of any size for rehearsals. Every plan is the same each time it is drawn.
package demo

import (
	"math"
	"strconv"

	"ticketflow/internal/domain/catalog"
)

// Usual measures, in centimetres.
const (
	seatPitchCM    = 50 // from seat to seat
	aisleCM        = 110
	outlineCM      = 42 // from the middle of an outer seat to the outline
	edgePoints     = 5  // of an outline, along a curved edge
	trimmableSeats = 14 // in a shorter row it shows that a seat is gone
)

// The colours of up to six price categories. They were chosen by measurement, so that each pair
// can be told apart with any of the usual colour visions.
const (
	blue   = "#1039a7"
	cyan   = "#186f94"
	green  = "#2c9b80"
	gold   = "#947b01"
	orange = "#933d08"
	plum   = "#5f3859"
)

type vector struct{ x, y float64 }

func (v vector) point() catalog.Point {
	return catalog.Point{X: int32(math.Round(v.x)), Y: int32(math.Round(v.y))}
}

// curve is a line with a parameter, for instance an angle.
type curve func(at float64) vector

// speed is how many centimetres the curve runs per unit of its parameter.
func (c curve) speed(at float64) float64 {
	const h = 1e-4
	a, b := c(at-h), c(at+h)
	return math.Hypot(b.x-a.x, b.y-a.y) / (2 * h)
}

// seatRow lays seats along a curve from one parameter to the other, with a margin in centimetres
// at each end; the first and the last seat stand half a pitch inside.
func seatRow(label string, c curve, from, to, marginCM, pitchCM float64) catalog.RowSpec {
	direction := math.Copysign(1, to-from)
	inset := marginCM + pitchCM/2
	from += direction * inset / c.speed(from)
	to -= direction * inset / c.speed(to)
	a, middle, b := c(from), c((from+to)/2), c(to)
	chord := math.Hypot(b.x-a.x, b.y-a.y)
	ux, uy := (b.x-a.x)/chord, (b.y-a.y)/chord
	// To the left of the direction a row runs in, with y downwards, is (uy, -ux).
	sagitta := (middle.x-(a.x+b.x)/2)*uy - (middle.y-(a.y+b.y)/2)*ux
	// The arc's length from chord and sagitta, good to a per mille for flat arcs.
	length := chord * (1 + 8*sagitta*sagitta/(3*chord*chord))
	return catalog.RowSpec{
		Label:     label,
		Seats:     1 + int(math.Round(length/pitchCM)),
		From:      a.point(),
		To:        b.point(),
		SagittaCM: int32(math.Round(sagitta)),
	}
}

// outline goes along the inner curve and back along the outer one.
func outline(inner, outer curve, from, to, marginCM float64) []catalog.Point {
	var points []catalog.Point
	edge := func(c curve, from, to float64) {
		direction := math.Copysign(1, to-from)
		from += direction * marginCM / c.speed(from)
		to -= direction * marginCM / c.speed(to)
		for i := range edgePoints {
			share := float64(i) / (edgePoints - 1)
			points = append(points, c(from+share*(to-from)).point())
		}
	}
	edge(inner, from, to)
	edge(outer, to, from)
	return points
}

// rectangle is the outline of a box.
func rectangle(x, y, width, height int32) []catalog.Point {
	return []catalog.Point{
		{X: x, Y: y}, {X: x + width, Y: y}, {X: x + width, Y: y + height}, {X: x, Y: y + height},
	}
}

// places counts the places of a plan.
func places(spec catalog.PlanSpec) int {
	n := 0
	for _, s := range spec.Sections {
		n += s.Standing
		for _, r := range s.Rows {
			n += r.Seats
		}
	}
	return n
}

// trim takes seats away, one per row and from the last rows first, until the plan has exactly so
// many places. The seats of a shortened row move apart a little. A smaller plan stays as it is.
func trim(spec *catalog.PlanSpec, want int) {
	excess := places(*spec) - want
	for excess > 0 {
		for s := len(spec.Sections) - 1; s >= 0 && excess > 0; s-- {
			rows := spec.Sections[s].Rows
			for r := len(rows) - 1; r >= 0 && excess > 0; r-- {
				if rows[r].Seats < trimmableSeats {
					continue
				}
				rows[r].Seats--
				excess--
				marks := rows[r].Marks
				if n := len(marks); n > 0 && marks[n-1].Index == rows[r].Seats {
					rows[r].Marks = marks[:n-1]
				}
			}
		}
	}
}

// wheelchairs turns the first seats of a row into pairs of a wheelchair space and a companion.
func wheelchairs(row *catalog.RowSpec, pairs int) {
	row.Marks = nil
	for i := range min(pairs, row.Seats/2) {
		row.Marks = append(row.Marks,
			catalog.SeatMark{Index: 2 * i, Attributes: catalog.Accessible},
			catalog.SeatMark{Index: 2*i + 1, Attributes: catalog.Companion})
	}
}

// restrict marks the seats of a row from index from to before index to; marked ones keep theirs.
func restrict(row *catalog.RowSpec, from, to int, reason string) {
	if len(row.Marks) > 0 {
		return
	}
	for i := max(0, from); i < min(to, row.Seats); i++ {
		row.Marks = append(row.Marks, catalog.SeatMark{
			Index: i, Attributes: catalog.Restricted, Reason: reason,
		})
	}
}

func number(n int) string { return strconv.Itoa(n) }

// label is a text on the drawing.
func label(text string, at catalog.Point, sizeCM int32) catalog.Shape {
	return catalog.Shape{
		Kind: catalog.ShapeText, At: at, Text: text, TextAt: at, TextSizeCM: sizeCM,
		TextColour: "#5d564c",
	}
}
