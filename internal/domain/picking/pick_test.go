package picking_test

import (
	"slices"
	"testing"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/picking"
)

func TestPickSitsTogetherNearTheMiddle(t *testing.T) {
	check(t, []pickCase{
		{"one in the middle", party(1), []string{"......."}, []string{"...P..."}},
		{"three in the middle", party(3), []string{"......."}, []string{"..PPP.."}},
		{"the first row", party(3), []string{".......", "......."}, []string{"..PPP..", "......."}},
		{"together behind rather than apart in front", party(2),
			[]string{".x.x.x.", ".xx..x."}, []string{".x.x.x.", ".xxPPx."}},
		{"all of a row", party(7), []string{"..x....", "......."}, []string{"..x....", "PPPPPPP"}},
		{"not over an aisle", party(2), []string{"xxx._.xxx", "x..x_xxxx"},
			[]string{"xxx._.xxx", "xPPx_xxxx"}},
		{"not over the end of a row", party(2), []string{"xxxx.", ".xxxx"}, nil},
		{"sold out", party(1), []string{"xxx"}, nil},
		{"not for sale", party(2), []string{".-.-."}, nil},
		{"more than there are", party(4), []string{"..."}, nil},
		{"nobody", party(0), []string{"..."}, nil},
		{"fewer than nobody", party(-3), []string{"..."}, nil},
		{"a crowd", party(1 << 40), []string{"..."}, nil},
	})
}

func TestPickLeavesNobodyAlone(t *testing.T) {
	check(t, []pickCase{
		{"not one at the end", party(2), []string{"..x..xx"}, []string{"..xPPxx"}},
		{"whole gap rather than part of one", party(2), []string{"xx...xx", "xx..xxx"},
			[]string{"xx...xx", "xxPPxxx"}},
		{"two stay together", party(2), []string{"x....xx"}, []string{"x..PPxx"}},
		{"a single one takes a single seat", party(1), []string{"xx..xxx", "xxx.xxx"},
			[]string{"xx..xxx", "xxxPxxx"}},
		{"another price is company", party(2), []string{"xx..ooxxx"}, []string{"xx..PPxxx"}},
		{"an aisle is an end", party(3), []string{"...._xxxx", "...x_xxxx"},
			[]string{"...._xxxx", "PPPx_xxxx"}},
		{"one seat of another price isn't left alone either", wish(2, 0),
			[]string{"xx..oxx", "xx..xxx"}, []string{"xx..oxx", "xxPPxxx"}},
		{"a last seat has company of another price", wish(2, 0), []string{"xo...xx"},
			[]string{"xo.PPxx"}},
		{"a kept seat is no company", party(2), []string{"xW...xx", "xx..xxx"},
			[]string{"xW...xx", "xxPPxxx"}},
	})
	h := draw(t, "xx...xx")
	if got, ok := h.picker().Pick(party(2)); !ok || !got.SideBySide {
		t.Errorf("with no other way the rule yields: %v", got)
	}
}

func wish(count, tier int) picking.Wish {
	w := party(count)
	w.Tier = tier
	return w
}

func TestPickKeepsToTheWish(t *testing.T) {
	section := func(n, s int) picking.Wish {
		w := party(n)
		w.Section = s
		return w
	}
	both := wish(1, 1)
	both.Section = 1
	two := []string{"...ooo.", "", "..oo..."}
	check(t, []pickCase{
		{"the first tier", wish(2, 0), []string{"oooo..o"}, []string{"ooooPPo"}},
		{"the second tier", wish(2, 1), []string{"...oo.."}, []string{"...PP.."}},
		{"one tier, not two side by side", wish(3, 1), []string{"..oo..."}, nil},
		{"any tier, but one", party(4), []string{"...oo.."}, nil},
		{"the second section", section(2, 1), two, []string{"...ooo.", "", "..PP..."}},
		{"tier and section", both, two, []string{"...ooo.", "", "..oP..."}},
		{"no such tier", wish(1, 2), two, nil},
		{"no such section", section(1, 2), two, nil},
		{"a standing area", section(2, 1), []string{"...", "standing x.x.."},
			[]string{"...", "standing xPxP."}},
		{"a full standing area", section(4, 1), []string{"...", "standing x.x.."}, nil},
		{"the nearer of both", party(3), []string{"standing .x..", "...."},
			[]string{"standing PxPP", "...."}},
	})
}

func TestAccessiblePlacesAreKept(t *testing.T) {
	accessible := func(n int) picking.Wish {
		w := party(n)
		w.Accessible = true
		return w
	}
	split := accessible(3)
	split.SplitAllowed = true
	check(t, []pickCase{
		{"kept from others", party(2), []string{".xWCx.."}, []string{".xWCxPP"}},
		{"even when nothing else is left", party(1), []string{"xxWCxxx"}, nil},
		{"a space for the wheelchair", accessible(1), []string{"xxxCxxW"}, []string{"xxxCxxP"}},
		{"not two companions", accessible(2), []string{"xCCxWCx"}, []string{"xCCxPPx"}},
		{"companions alone", accessible(2), []string{"xCCxxxx"}, nil},
		{"not with ordinary seats", accessible(3), []string{"..WC..."}, nil},
		{"not standing", accessible(1), []string{"standing ...."}, nil},
		{"apart, with one space", split, []string{"CxxWxxC"}, []string{"PxxPxxP"}},
		{"apart, but no space", split, []string{"CxxCxxC"}, nil},
		{"apart, two and one", split, []string{"WCxxWxx"}, []string{"PPxxPxx"}},
	})
}

func TestSplitTakesTheLongestRunsFirst(t *testing.T) {
	split := func(n int) picking.Wish {
		w := party(n)
		w.SplitAllowed = true
		return w
	}
	check(t, []pickCase{
		{"only if allowed", party(3), []string{"..x..x."}, nil},
		{"together if it can be", split(3), []string{"..x..x.", "..xx..."},
			[]string{"..x..x.", "..xxPPP"}},
		{"three and two", split(5), []string{".x...x.", "xx..x.x"},
			[]string{".xPPPx.", "xxPPx.x"}},
		{"all that there is", split(4), []string{".x.x.x."}, []string{"PxPxPxP"}},
		{"not enough", split(5), []string{".x.x.x."}, nil},
		{"seats and an area", split(5), []string{"..x", "standing .x.."},
			[]string{"PPx", "standing PxPP"}},
	})
	h := draw(t, ".x.x.x.")
	got, ok := h.picker().Pick(split(2))
	if !ok || got.SideBySide {
		t.Errorf("%v is told to be side by side", got)
	}
}

func TestPickMarksNothing(t *testing.T) {
	h := draw(t, "..x..x.", "x..x..x")
	p := h.picker()
	w := party(5)
	w.SplitAllowed = true
	first, ok := p.Pick(w)
	for range 5 {
		if again, yes := p.Pick(w); yes != ok || !slices.Equal(again.Places, first.Places) {
			t.Fatalf("%v and then %v", first, again)
		}
	}
	for i, taken := range h.taken {
		if p.IsFree(catalog.PlaceNo(i)) == taken {
			t.Errorf("the place %d is free: %v", i, !taken)
		}
	}
}

func TestSetKnowsItsPlaces(t *testing.T) {
	h := draw(t, ".-.")
	p := h.picker()
	for _, odd := range []catalog.PlaceNo{1, 3, 99, 1 << 31} {
		p.Set(odd, true)
		p.Set(odd, false)
		p.Set(odd, true)
		if p.IsFree(odd) {
			t.Errorf("the place %d, which is not for sale, is free", odd)
		}
	}
	if got, ok := p.Pick(party(1)); !ok || got.Places[0] == 1 {
		t.Errorf("%v, %v", got, ok)
	}
}
