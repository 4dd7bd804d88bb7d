package picking_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/picking"
)

// drawHouse is a small house of one to four sections with everything that a house can have.
func drawHouse(t *rapid.T, letters string) *house {
	row := rapid.StringOfN(rapid.SampledFrom([]rune(letters)), 1, 12, -1)
	var lines []string
	for range rapid.IntRange(1, 4).Draw(t, "sections") {
		if rapid.IntRange(0, 4).Draw(t, "sort") == 0 && strings.Contains(letters, "o") {
			places := rapid.StringOfN(rapid.SampledFrom([]rune(".xoX")), 1, 8, -1)
			lines = append(lines, area+places.Draw(t, "area"), "")
			continue
		}
		for range rapid.IntRange(1, 3).Draw(t, "rows") {
			// A row begins with a seat, so that there is one.
			lines = append(lines, "."+row.Draw(t, "row"))
		}
		lines = append(lines, "")
	}
	return draw(t, lines...)
}

const everything = ".....xx..oooXWwCcWC-_"

func drawWish(t *rapid.T, h *house) picking.Wish {
	return picking.Wish{
		Count:        rapid.IntRange(1, 6).Draw(t, "count"),
		Tier:         rapid.IntRange(-1, 2).Draw(t, "tier"),
		Section:      rapid.IntRange(-1, h.offer.Plan().SectionCount()).Draw(t, "section"),
		SplitAllowed: rapid.Bool().Draw(t, "split"),
		Accessible:   rapid.IntRange(0, 3).Draw(t, "accessible") == 0,
	}
}

// checkChoice holds a choice against the reference.
func checkChoice(t *rapid.T, h *house, r *reference, w picking.Wish, got picking.Choice, ok bool) {
	t.Helper()
	show := func() string { return strings.Join(h.with(got.Places), "\n") }
	seen := make(map[catalog.PlaceNo]bool)
	wheelchair := false
	for _, p := range got.Places {
		if seen[p] || !r.usable(p, w) {
			t.Fatalf("%+v takes the place %d:\n%s", w, p, show())
		}
		seen[p] = true
		wheelchair = wheelchair || r.attributes(p).Has(catalog.Accessible)
	}
	if ok != (len(got.Places) == w.Count) || !ok && len(got.Places) > 0 ||
		ok && wheelchair != w.Accessible {
		t.Fatalf("%+v: ok is %v, wheelchair space %v:\n%s", w, ok, wheelchair, show())
	}
	want, alone, can := r.best(w, w.Accessible)
	if got.SideBySide != can {
		t.Fatalf("%+v: side by side is %v, want %v:\n%s", w, got.SideBySide, can, show())
	}
	if !can {
		return
	}
	far := 0.0
	for _, p := range got.Places {
		far += r.distance(p)
	}
	if math.Abs(far-want) > tolerance {
		t.Fatalf("%+v: %.1f away, want %.1f:\n%s", w, far, want, show())
	}
	plan := h.offer.Plan()
	if plan.Section(plan.SectionOf(got.Places[0])).Standing {
		return
	}
	if _, leaves, together := r.group(got.Places[0], w, w.Accessible); !together ||
		leaves && !alone {
		t.Fatalf("%+v: together %v, leaves somebody alone %v:\n%s", w, together, leaves, show())
	}
}

func TestPicksAreAsGoodAsTheReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawHouse(t, everything)
		p, r := h.picker(), h.reference()
		for range 6 {
			w := drawWish(t, h)
			got, ok := p.Pick(w)
			checkChoice(t, h, r, w, got, ok)
		}
	})
}

func (h *house) reference() *reference {
	r := newReference(h.offer)
	for i, taken := range h.taken {
		r.set(catalog.PlaceNo(i), !taken)
	}
	return r
}

// A picker remembers much from pick to pick. What it remembers must never hide what can be had: it
// picks exactly as a new one that is told the same state.
func TestAnOldPickerPicksLikeANewOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawHouse(t, everything)
		old, r := h.picker(), h.reference()
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			for range rapid.IntRange(0, 6).Draw(t, "changes") {
				at := rapid.IntRange(0, len(h.taken)-1).Draw(t, "place")
				h.taken[at] = rapid.Bool().Draw(t, "taken")
				old.Set(catalog.PlaceNo(at), !h.taken[at])
				r.set(catalog.PlaceNo(at), !h.taken[at])
			}
			w := drawWish(t, h)
			got, ok := old.Pick(w)
			want, can := h.picker().Pick(w)
			if ok != can || got.SideBySide != want.SideBySide ||
				!slices.Equal(got.Places, want.Places) {
				t.Fatalf("%+v: old\n%s\nnew\n%s", w, strings.Join(h.with(got.Places), "\n"),
					strings.Join(h.with(want.Places), "\n"))
			}
			checkChoice(t, h, r, w, got, ok)
			if ok && rapid.Bool().Draw(t, "buy") {
				for _, at := range got.Places {
					h.taken[at] = true
					old.Set(at, false)
					r.set(at, false)
				}
			}
		}
	})
}

func TestASplitIsIntoAsFewAsCanBe(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawHouse(t, "...x._")
		w := party(rapid.IntRange(2, 9).Draw(t, "count"))
		w.SplitAllowed = true
		got, ok := h.picker().Pick(w)
		if got.SideBySide {
			return
		}
		sizes, can := h.reference().parts(w)
		if ok != can {
			t.Fatalf("%d of them: ok %v, want %v:\n%s", w.Count, ok, can,
				strings.Join(h.with(got.Places), "\n"))
		}
		// Within a run the largest part depends only on the lengths of the runs, so the first
		// one is the same whichever of two equal runs was taken.
		if ok && lead(h, got.Places) < sizes[0] {
			t.Fatalf("the first part should have %d:\n%s", sizes[0],
				strings.Join(h.with(got.Places), "\n"))
		}
	})
}

// lead is how many of the places, from the first, are side by side.
func lead(h *house, places []catalog.PlaceNo) int {
	n := 1
	for n < len(places) && places[n] == places[n-1]+1 && h.offer.Plan().Adjacent(places[n-1]) {
		n++
	}
	return n
}

func TestEverythingCanBeSold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawHouse(t, everything)
		p, r := h.picker(), h.reference()
		for _, accessible := range []bool{false, true} {
			w := party(rapid.IntRange(1, 4).Draw(t, "count"))
			w.Accessible = accessible
			for n := 0; ; n++ {
				got, ok := p.Pick(w)
				if !ok && w.Count == 1 {
					break
				}
				if n > 2*len(r.free)+4 {
					t.Fatalf("picks of %d never end: %v", w.Count, got)
				}
				if !ok {
					w.Count--
				}
				for _, at := range got.Places {
					p.Set(at, false)
					r.set(at, false)
				}
			}
		}
		for i, free := range r.free {
			// Companions are left where no wheelchair space is.
			if free && r.attributes(catalog.PlaceNo(i)) != catalog.Companion {
				t.Fatalf("nobody can have the place %d", i)
			}
		}
	})
}
