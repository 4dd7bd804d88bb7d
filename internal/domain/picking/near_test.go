package picking_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/picking"
)

func TestNearStaysWhereItWasAsked(t *testing.T) {
	for _, c := range []struct {
		name        string
		count, tier int
		house, want []string // W marks the wanted place, which is taken
	}{
		{"beside it", 1, 0, []string{".......W......."}, []string{"......Px......."}},
		{"the nearer side", 1, 0, []string{"....xxW.xx"}, []string{"....xxxPxx"}},
		{"not one that leaves a seat alone", 1, 0, []string{"....W..xx"},
			[]string{"...Px..xx"}},
		{"behind it rather than far beside it", 2, 0, []string{"..xxxxxW", ".........."},
			[]string{"..xxxxxx", "......PP.."}},
		{"in front as well as behind", 2, 0, []string{"..........", "xxxxxxxWxx", "xxxxxxxxxx"},
			[]string{"......PP..", "xxxxxxxxxx", "xxxxxxxxxx"}},
		{"at its price", 1, 0, []string{"ooooWoo", "......."},
			[]string{"ooooxoo", "....P.."}},
		{"side by side", 3, 0, []string{".x.xWx..x", "....x...x"},
			[]string{".x.xxx..x", "....xPPPx"}},
		{"in its section", 1, 0, []string{".......", "", "xxxxxxW", "xxxxxxx", "......."},
			[]string{".......", "", "xxxxxxx", "xxxxxxx", "......P"}},
		{"elsewhere, if there is nothing", 2, 0, []string{"...", "", "x.W"},
			[]string{"PP.", "", "x.x"}},
		{"nowhere", 2, 0, []string{".x.", "", "x.W"}, nil},
		{"alone, if there is no other way", 2, 0, []string{"W...", "xxxx"},
			[]string{"xPP.", "xxxx"}},
	} {
		house := slices.Clone(c.house)
		line, column := 0, 0
		for y := range house {
			if x := strings.IndexByte(house[y], 'W'); x >= 0 {
				line, column = y, x
				house[y] = strings.Replace(house[y], "W", "x", 1)
			}
		}
		h := draw(t, house...)
		wanted := slices.IndexFunc(h.line, func(y int) bool { return y == line })
		for h.column[wanted] != column {
			wanted++
		}
		got, ok := h.picker().Near(picking.Wish{Count: c.count, Tier: c.tier,
			Section: picking.AnySection}, catalog.PlaceNo(wanted))
		drawing := strings.Join(h.with(got.Places), "\n")
		if want := strings.Join(c.want, "\n"); ok != (c.want != nil) || ok && drawing != want {
			t.Errorf("%s: %v\n%s\nwant\n%s", c.name, ok, drawing, want)
		}
	}
}

// What is near is as good as what is picked: it can be had, at the price that was asked for, side
// by side wherever that is possible at all, and it isn't refused for a seat that it leaves alone.
func TestNearCanBeHad(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawHouse(t, everything)
		p, r := h.picker(), h.reference()
		w := drawWish(t, h)
		w.Section = picking.AnySection
		to := catalog.PlaceNo(rapid.IntRange(0, len(h.taken)).Draw(t, "to"))
		got, ok := p.Near(w, to)
		_, can := h.picker().Pick(w)
		_, _, together := r.best(w, w.Accessible)
		if ok != can || got.SideBySide != together || ok != (len(got.Places) == w.Count) {
			t.Fatalf("%+v near %d: %v %v, want %v and side by side %v", w, to, ok, got, can,
				together)
		}
		for _, no := range got.Places {
			if !r.usable(no, w) {
				t.Fatalf("%+v near %d takes %d", w, to, no)
			}
		}
		if o, wrong := p.Orphans(picking.Named{Add: got.Places}); ok && got.SideBySide && wrong {
			t.Fatalf("%+v near %d is %v, and leaves %v alone", w, to, got.Places, o.Alone)
		}
	})
}
