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
	wanted := p.plan.Row(row)
	share := float64(to-wanted.First) / float64(max(wanted.Seats-1, 1))
	first, end := section.FirstRow, section.FirstRow+section.Rows
	up, down := true, true
	for step := 0; up || down; step++ {
		if down = down && row+step < end; down {
			down = p.readRow(&s, p.plan.Row(row+step), share)
		}
		if up = up && row-step >= first; up && step > 0 {
			up = p.readRow(&s, p.plan.Row(row-step), share)
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

// readRow looks for seats in a row. It is false if the row, and those behind it, are too far away
// to have nearer ones than were found: share is where in its row the place is.
func (p *Picker) readRow(s *nearest, row catalog.Row, share float64) bool {
	opposite := row.SeatPosition(int(math.Round(share * float64(row.Seats-1))))
	if s.to(opposite) > s.clean {
		return false
	}
	n, length := s.wish.Count, 0
	for i := range row.Seats {
		at := int(row.First) + i
		switch {
		case !p.usable(at, s.wish):
			length = 0
			continue
		case length > 0 && p.joined[at-1] && p.blockOf[at] == p.blockOf[at-1]:
			length++
		default:
			length = 1
		}
		if length < n {
			continue
		}
		from := at - n + 1
		a, b := row.SeatPosition(i-n+1), row.SeatPosition(i)
		far := (s.to(a) + s.to(b)) / 2
		if far < s.any {
			s.any, s.anyAt = far, catalog.PlaceNo(from)
		}
		if far < s.clean && !p.leavesAlone(from, n) {
			s.clean, s.cleanAt = far, catalog.PlaceNo(from)
		}
	}
	return true
}

// usable tells whether a wish may have an ordinary seat.
func (p *Picker) usable(at int, w Wish) bool {
	b := p.blockOf[at]
	return b >= 0 && p.free[at] && !p.kept[at] && (w.Tier < 0 || int(p.blocks[b].tier) == w.Tier)
}
