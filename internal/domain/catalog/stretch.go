package catalog

import "slices"

// Stretch is places side by side in one row, or places of one standing section.
type Stretch struct {
	Section, Row string // labels; a standing section has no rows
	First, Last  string // labels of the first and the last seat; empty for standing places
	Places       []PlaceNo
}

// Stretches sorts places and puts those together that are side by side: what a sentence names as
// "row 12, seats 9 to 11". Places that the plan doesn't have are left out.
func (p *Plan) Stretches(places []PlaceNo) []Stretch {
	sorted := slices.Sorted(slices.Values(places))
	var all []Stretch
	for _, no := range sorted {
		if p.SectionOf(no) < 0 {
			continue
		}
		label := p.Label(no)
		if n := len(all); n > 0 && p.Beside(last(all[n-1].Places), no) {
			all[n-1].Last = label.Seat
			all[n-1].Places = append(all[n-1].Places, no)
			continue
		}
		all = append(all, Stretch{Section: label.Section, Row: label.Row, First: label.Seat,
			Last: label.Seat, Places: []PlaceNo{no}})
	}
	return all
}

// Beside tells whether b follows a: as the seat next to it, or anywhere in the same standing
// section.
func (p *Plan) Beside(a, b PlaceNo) bool {
	s := p.SectionOf(a)
	if s < 0 || s != p.SectionOf(b) {
		return false
	}
	return p.sections[s].Standing || b == a+1 && p.Adjacent(a)
}

func last(places []PlaceNo) PlaceNo { return places[len(places)-1] }
