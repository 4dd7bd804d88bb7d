package catalog

import (
	"math"
	"slices"
	"strings"
)

// aisleGap is how many times the usual distance two seats of a listed row must be apart for an
// aisle to be seen between them.
const aisleGap = 1.6

// Row is a row of a plan.
type Row struct {
	Section   int // index of the section
	Label     string
	Title     string // the row's name in words, may be empty
	SeatTitle string // the seats' name in words, may be empty
	First     PlaceNo
	Seats     int
	Category  int // of the seats that have none of their own
	From, To  Point
	SagittaCM int32
	Numbering Numbering // without meaning if Listed
	Listed    bool      // the seats are listed, not on an arc

	arc        arc
	explicit   []SeatSpec
	byLabel    []int32 // indexes of explicit, by rising label
	categories []uint8 // of explicit; nil if all are Category
	gapLimit   float64 // in centimetres, for explicit
}

// SeatLabel is the label of seat i, from 0; i must be valid.
func (r *Row) SeatLabel(i int) string {
	if r.Listed {
		return r.explicit[i].Label
	}
	return r.Numbering.Label(i, r.Seats)
}

// SeatPosition is where seat i is; i must be valid.
func (r *Row) SeatPosition(i int) Point {
	if r.Listed {
		return r.explicit[i].At
	}
	if r.Seats == 1 {
		return r.arc.at(0.5)
	}
	return r.arc.at(float64(i) / float64(r.Seats-1))
}

func (r *Row) find(seat string) (int, bool) {
	if !r.Listed {
		return r.Numbering.Index(seat, r.Seats)
	}
	i, ok := slices.BinarySearchFunc(r.byLabel, seat, func(i int32, seat string) int {
		return strings.Compare(r.explicit[i].Label, seat)
	})
	if !ok {
		return 0, false
	}
	return int(r.byLabel[i]), true
}

func (r *Row) sideBySide(i int) bool {
	return !r.Listed || distance(r.explicit[i].At, r.explicit[i+1].At) <= r.gapLimit
}

// list fills in what is derived from listed seats.
func (r *Row) list(seats []SeatSpec) {
	r.Listed, r.Seats, r.explicit = true, len(seats), seats
	r.From, r.To = seats[0].At, seats[len(seats)-1].At
	r.byLabel = make([]int32, len(seats))
	for i := range r.byLabel {
		r.byLabel[i] = int32(i)
	}
	slices.SortFunc(r.byLabel, func(a, b int32) int {
		return strings.Compare(seats[a].Label, seats[b].Label)
	})
	if len(seats) < 2 {
		return
	}
	gaps := make([]float64, len(seats)-1)
	for i := range gaps {
		gaps[i] = distance(seats[i].At, seats[i+1].At)
	}
	slices.Sort(gaps)
	r.gapLimit = aisleGap * gaps[(len(gaps)-1)/2]
}

func distance(a, b Point) float64 {
	return math.Hypot(float64(b.X)-float64(a.X), float64(b.Y)-float64(a.Y))
}

// arc is a circular arc over a chord: with chord c and sagitta s its radius is (c²/4 + s²) / 2s
// and half its angle 2·atan(2s/c).
type arc struct {
	midX, midY float64 // of the chord
	ux, uy     float64 // along the chord
	chord      float64
	sagitta    float64
	radius     float64
	halfAngle  float64
}

func newArc(from, to Point, sagittaCM int32) arc {
	dx, dy := float64(to.X)-float64(from.X), float64(to.Y)-float64(from.Y)
	a := arc{
		midX:    float64(from.X) + dx/2,
		midY:    float64(from.Y) + dy/2,
		chord:   math.Hypot(dx, dy),
		sagitta: float64(sagittaCM),
	}
	if a.chord == 0 {
		return a
	}
	a.ux, a.uy = dx/a.chord, dy/a.chord
	if s := math.Abs(a.sagitta); s > 0 {
		a.radius = (a.chord*a.chord/4 + s*s) / (2 * s)
		a.halfAngle = 2 * math.Atan(2*s/a.chord)
	}
	return a
}

func (a arc) length() float64 {
	if a.radius == 0 {
		return a.chord
	}
	return 2 * a.radius * a.halfAngle
}

// at is the point at share t of the arc, from 0 to 1.
func (a arc) at(t float64) Point {
	along, above := (t-0.5)*a.chord, 0.0
	if a.radius > 0 {
		sin, cos := math.Sincos((2*t - 1) * a.halfAngle)
		s := math.Abs(a.sagitta)
		along = a.radius * sin
		above = math.Copysign(s-a.radius*(1-cos), a.sagitta)
		if s-a.radius*(1-cos) < 0 {
			above = 0 // rounding at the ends
		}
	}
	// To the left of (ux, uy) with y downwards is (uy, -ux).
	return Point{
		X: int32(math.Round(a.midX + a.ux*along + a.uy*above)),
		Y: int32(math.Round(a.midY + a.uy*along - a.ux*above)),
	}
}
