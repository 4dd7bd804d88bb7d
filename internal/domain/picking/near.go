package picking

import (
	"math"

	"ticketflow/internal/domain/catalog"
)

// Near finds places for a wish as near to one place as can be: in its own section, side by side, if
// possible without leaving a seat alone, and else like Pick. It marks nothing. Rows are read from
// the place outwards, and only as far as they can be nearer.
func (p *Picker) Near(w Wish, to catalog.PlaceNo) (Choice, bool) {
	section := p.plan.SectionOf(to)
	if section < 0 || w.Count < 1 || w.Accessible {
		return p.Pick(w)
	}
	if row := p.plan.RowOf(to); row >= 0 {
		if places := p.nearRow(w, to, row, p.plan.Section(section)); places != nil {
			return Choice{Places: places, SideBySide: true}, true
		}
	}
	near := w
	near.Section = section
	if choice, ok := p.Pick(near); ok && choice.SideBySide {
		return choice, true
	}
	return p.Pick(w)
}

// nearRow looks at the rows of a section from one of them outwards.
func (p *Picker) nearRow(
	w Wish, to catalog.PlaceNo, row int, section catalog.Section,
) []catalog.PlaceNo {
	s := nearest{wish: w, at: p.plan.Position(to), clean: math.Inf(1), any: math.Inf(1)}
	first, end := section.FirstRow, section.FirstRow+section.Rows
	up, down := true, true
	for step := 0; up || down; step++ {
		if down = down && row+step < end; down {
			down = p.readRow(&s, p.plan.Row(row+step))
		}
		if up = up && row-step >= first; up && step > 0 {
			up = p.readRow(&s, p.plan.Row(row-step))
		}
	}
	best := s.cleanAt
	if math.IsInf(s.clean, 1) {
		best = s.anyAt
	}
	if math.IsInf(s.any, 1) {
		return nil
	}
	places := make([]catalog.PlaceNo, w.Count)
	for i := range places {
		places[i] = best + catalog.PlaceNo(i)
	}
	return places
}

// nearest is what was found on the way from a place outwards.
type nearest struct {
	wish           Wish
	at             catalog.Point
	clean, any     float64 // mean distance of the outer seats, in centimetres
	cleanAt, anyAt catalog.PlaceNo
}

func (s *nearest) to(at catalog.Point) float64 {
	return math.Hypot(float64(at.X)-float64(s.at.X), float64(at.Y)-float64(s.at.Y))
}

// readRow looks for seats in a row, outwards from the one that is opposite to the place. It is
// false if the row, and those behind it, are too far away to have nearer ones than were found.
func (p *Picker) readRow(s *nearest, row catalog.Row) bool {
	opposite := along(row, s.at) * float64(row.Seats-1)
	if s.to(row.SeatPosition(int(math.Round(opposite)))) > s.clean {
		return false
	}
	n := s.wish.Count
	middle := int(math.Round(opposite - float64(n-1)/2))
	for step, found := 0, false; step < row.Seats && !found; step++ {
		found = p.offerNear(s, row, middle-step)
		if step > 0 {
			found = p.offerNear(s, row, middle+step) || found
		}
	}
	return true
}

// along is where on a row, from 0 to 1, the seat is that is nearest to a point, nearly: its chord
// is looked at and not its arc.
func along(row catalog.Row, at catalog.Point) float64 {
	x, y := float64(row.To.X)-float64(row.From.X), float64(row.To.Y)-float64(row.From.Y)
	length := x*x + y*y
	if length == 0 {
		return 0
	}
	share := (float64(at.X)-float64(row.From.X))*x + (float64(at.Y)-float64(row.From.Y))*y
	return min(max(share/length, 0), 1)
}

// offerNear compares the seats of a row, from one on, with what was found; it tells whether they
// can be had without leaving a seat alone.
func (p *Picker) offerNear(s *nearest, row catalog.Row, from int) bool {
	n := s.wish.Count
	if from < 0 || from+n > row.Seats {
		return false
	}
	at := int(row.First) + from
	for i := at; i < at+n; i++ {
		if !p.usable(i, s.wish) || i > at && (!p.joined[i-1] || p.blockOf[i] != p.blockOf[at]) {
			return false
		}
	}
	far := s.to(row.SeatPosition(from))
	if n > 1 {
		far = (far + s.to(row.SeatPosition(from+n-1))) / 2
	}
	if far < s.any {
		s.any, s.anyAt = far, catalog.PlaceNo(at)
	}
	if p.leavesAlone(at, n) {
		return false
	}
	if far < s.clean {
		s.clean, s.cleanAt = far, catalog.PlaceNo(at)
	}
	return true
}

// usable tells whether a wish may have an ordinary seat.
func (p *Picker) usable(at int, w Wish) bool {
	b := p.blockOf[at]
	return b >= 0 && p.free[at] && !p.kept[at] && (w.Tier < 0 || int(p.blocks[b].tier) == w.Tier)
}
