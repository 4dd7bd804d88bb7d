package picking_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/picking"
)

// chosen reads a choice out of a drawing: P and O are added (seats of the first and the second
// tier), M is the buyer's own, R its own that goes.
func chosen(t failer, lines ...string) (*house, picking.Named) {
	t.Helper()
	plain := strings.NewReplacer("P", ".", "O", "o", "M", "x", "R", "x")
	bare := make([]string, len(lines))
	for i, line := range lines {
		bare[i] = plain.Replace(line)
	}
	h := draw(t, bare...)
	var n picking.Named
	for i := range h.taken {
		no := catalog.PlaceNo(i)
		switch lines[h.line[i]][h.column[i]] {
		case 'P', 'O':
			n.Add = append(n.Add, no)
		case 'R':
			n.Mine, n.Remove = append(n.Mine, no), append(n.Remove, no)
		case 'M':
			n.Mine = append(n.Mine, no)
		}
	}
	return h, n
}

func TestOrphansNamesTheSeatAndTheWayOut(t *testing.T) {
	for _, c := range []struct{ name, choice, alone, instead string }{
		{"one from the wall", ".PP...", "A.....", "PP...."},
		{"one from the other wall", "....PP.", "......A", ".....PP"},
		{"one from a taken seat", "x.PP...x", "xA.....x", "xPP....x"},
		{"one from an aisle", "..._.PP...", "..._A.....", "..._PP...."},
		{"a gap between two", ".P.P...", "A.A....", "..PP..."},
		{"a gap beside what the buyer has", "...MM.P....", "...MMA.....", "...MMP....."},
		{"together with what the buyer has", "x.MPP.x", "x.M..Ax", "xPMP..x"},
		{"what goes is free again", "x.RMP...", "", ""},
		{"nothing is left alone", "PP....", "", ""},
		{"two are left together", "..PP..", "", ""},
		{"a whole run", "xPPPx", "", ""},
		{"two of three", "xPP.x", "", ""},
		{"the middle of three", "x.P.x", "xA.Ax", "xP..x"},
		{"four of five", "x.PPPPx", "", ""},
		{"a seat that was alone before", "x.xP..", "", ""},
		{"a seat that is alone by giving back", "xMRM...", "", ""},
		{"the seat of another price is company", "x.oPP..x", "", ""},
		{"no better way at this price", "xPP.oo.x", "", ""},
		{"another price is no way out", "x.O.x", "", ""},
		{"at both prices", "x.POooox", "", ""},
		{"a seat for a wheelchair is no company", ".PP..W", "A.....", "PP...."},
		{"nor is it left alone", "WPP..", "", ""},
		{"nor are its spaces judged", "CWPP.", "", ""},
		{"not for sale is taken", "-.PP..-", "-A....-", "-PP...-"},
		{"two runs, one of them wrong", ".PP..x.PPx", "A....x....", "PP...x.PPx"},
		{"two runs, both wrong", ".PP..x..PP.x", "A....x....Ax", "PP...x...PPx"},
		{"nearest to what was asked", "....PP.PP....", "......A......", "....PPPP....."},
	} {
		h, n := chosen(t, c.choice)
		got, ok := h.picker().Orphans(n)
		want, _ := chosen(t, c.choice)
		if show := marked(h, got.Alone, 'A'); ok != (c.alone != "") || ok && !like(show, c.alone) {
			t.Errorf("%s: alone\n%s, want\n%s", c.name, show, c.alone)
		}
		if show := marked(want, got.Instead, 'P'); ok && !like(show, c.instead) {
			t.Errorf("%s: instead\n%s, want\n%s", c.name, show, c.instead)
		}
	}
}

func marked(h *house, places []catalog.PlaceNo, mark byte) string {
	line := []byte(h.lines[0])
	for _, p := range places {
		line[h.column[p]] = mark
	}
	return string(line)
}

// like compares two drawings where either shows a choice.
func like(got, want string) bool {
	for i := range want {
		if g, w := got[i], want[i]; g != w && (g == 'P' || g == 'A' || w == 'P' || w == 'A') {
			return false
		}
	}
	return len(got) == len(want)
}

// drawChoice is places of one row that could be taken, near to each other.
func drawChoice(t *rapid.T, h *house) (n picking.Named) {
	can := make([]catalog.PlaceNo, 0, len(h.taken))
	for i, taken := range h.taken {
		no := catalog.PlaceNo(i)
		switch {
		case h.offer.TierOf(no) == catalog.NotForSale:
		case !taken:
			can = append(can, no)
		case rapid.IntRange(0, 2).Draw(t, "mine") == 0:
			n.Mine = append(n.Mine, no)
			if rapid.IntRange(0, 2).Draw(t, "remove") == 0 {
				n.Remove = append(n.Remove, no)
			}
		}
	}
	if len(can) == 0 {
		return n
	}
	first := rapid.IntRange(0, len(can)-1).Draw(t, "first")
	for i := first; i < len(can) && len(n.Add) < 5; i++ {
		if len(n.Add) == 0 || rapid.IntRange(0, 3).Draw(t, "this one, too") > 0 {
			n.Add = append(n.Add, can[i])
		}
	}
	return n
}

// What is offered in place of a choice is as many, at the same prices, free, and is never refused
// in its turn; and a choice is only refused for free seats that it really leaves alone.
func TestTheWayOutIsOne(t *testing.T) {
	refused := 0
	rapid.Check(t, func(t *rapid.T) {
		h := drawHouse(t, everything)
		p := h.picker()
		n := drawChoice(t, h)
		o, wrong := p.Orphans(n)
		if !wrong {
			return
		}
		refused++
		for _, no := range o.Alone {
			if h.taken[no] && !slices.Contains(n.Remove, no) || slices.Contains(n.Add, no) {
				t.Fatalf("%d is alone, and isn't free: %v", no, n)
			}
		}
		for _, no := range o.Instead {
			if h.taken[no] || h.offer.TierOf(no) == catalog.NotForSale {
				t.Fatalf("%v in place of %v isn't free", o.Instead, n)
			}
		}
		if !slices.Equal(tiers(h, o.Instead), tiers(h, n.Add)) {
			t.Fatalf("%v in place of %v has other prices", o.Instead, n.Add)
		}
		again := n
		again.Add = o.Instead
		if second, wrong := p.Orphans(again); wrong {
			t.Fatalf("%v is refused, and in its place %v: %v\n%s", n, again.Add, second,
				strings.Join(h.with(again.Add), "\n"))
		}
	})
	if refused == 0 {
		t.Error("nothing was ever refused")
	}
}

func tiers(h *house, places []catalog.PlaceNo) (tiers []uint8) {
	for _, no := range places {
		tiers = append(tiers, h.offer.TierOf(no))
	}
	slices.Sort(tiers)
	return tiers
}

// The rule costs no booking: in each stretch of free seats that has room for a party at a price, it
// is accepted somewhere. And what is picked is never refused.
func TestTheRuleCostsNoBooking(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawHouse(t, everything)
		p, r := h.picker(), h.reference()
		w := party(rapid.IntRange(1, 6).Draw(t, "count"))
		if choice, ok := p.Pick(w); ok {
			if o, wrong := p.Orphans(picking.Named{Add: choice.Places}); wrong {
				t.Fatalf("the pick\n%s\nis refused: %v", strings.Join(h.with(choice.Places), "\n"),
					o)
			}
		}
		fits, accepted := make(map[uint8]bool), make(map[uint8]bool)
		for at := range catalog.PlaceNo(len(h.taken)) {
			if at > 0 && !r.beside(int(at)-1) {
				checkAccepted(t, h, at, fits, accepted)
				clear(fits)
			}
			if _, _, ok := r.group(at, w, false); !ok || h.offer.Plan().RowOf(at) < 0 {
				continue
			}
			fits[h.offer.TierOf(at)] = true
			places := make([]catalog.PlaceNo, w.Count)
			for i := range places {
				places[i] = at + catalog.PlaceNo(i)
			}
			if _, wrong := p.Orphans(picking.Named{Add: places}); !wrong {
				accepted[h.offer.TierOf(at)] = true
			}
		}
		checkAccepted(t, h, catalog.PlaceNo(len(h.taken)), fits, accepted)
	})
}

// checkAccepted looks at a stretch of free seats before a place: at which prices a party fits, and
// at which it is accepted.
func checkAccepted(
	t *rapid.T, h *house, before catalog.PlaceNo, fits, accepted map[uint8]bool,
) {
	t.Helper()
	for tier := range fits {
		if !accepted[tier] {
			t.Fatalf("they fit before %d at price %d, and nobody may have it:\n%s", before, tier,
				strings.Join(h.with(nil), "\n"))
		}
	}
	clear(accepted)
}

// A place whose hold has run out may be named though it isn't free: a seat beside it was alone
// before.
func TestASeatThatWasAloneStaysSo(t *testing.T) {
	h, n := chosen(t, ".P...")
	p := h.picker()
	p.Set(n.Add[0], false)
	if o, wrong := p.Orphans(n); wrong {
		t.Errorf("%v are alone", o.Alone)
	}
}
