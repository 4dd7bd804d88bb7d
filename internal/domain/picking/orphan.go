package picking

import (
	"math"
	"slices"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/errs"
)

// ErrOrphan refuses places that leave a single free seat alone.
var ErrOrphan = errs.New(errs.Conflict, "orphan_seat",
	"This choice would leave a single seat alone. Please move along by one.")

// Named is a choice of places by name: what a buyer has, and what comes to it and goes from it.
type Named struct {
	Mine, Add, Remove []catalog.PlaceNo
}

// Orphans is what is wrong with a choice, and what would be right.
type Orphans struct {
	Alone   []catalog.PlaceNo // free seats that it leaves with nobody beside them
	Instead []catalog.PlaceNo // to add in place of Add: as many, at the same prices
}

// Orphans judges a choice by the rule that no single free seat is left alone; ok is false if it may
// be made. It changes nothing, and it is the only judge: of a hint, of a hold and of its change.
//
// A seat is alone as the package says. The choice is to blame only for a seat beside one that it
// adds, and that had company before, so that giving back is always allowed. The rule yields where
// the same free seats in a row can't take that many at the same prices in any better way.
func (p *Picker) Orphans(n Named) (o Orphans, ok bool) {
	if len(n.Add) == 0 {
		return o, false
	}
	j := &judge{Picker: p, named: n, add: slices.Sorted(slices.Values(n.Add))}
	instead := slices.Clone(n.Add)
	var right []catalog.PlaceNo // that were put right
	for i := range j.add {
		for _, seat := range []int{int(j.add[i]) - 1, int(j.add[i]) + 1} {
			if !j.blamed(seat) || slices.Contains(o.Alone, catalog.PlaceNo(seat)) {
				continue
			}
			old, fix := j.fix(seat)
			if fix == nil {
				continue
			}
			o.Alone = append(o.Alone, catalog.PlaceNo(seat))
			if !slices.Contains(right, old[0]) {
				right = append(right, old...)
				instead = slices.DeleteFunc(instead, func(no catalog.PlaceNo) bool {
					return slices.Contains(old, no)
				})
				instead = append(instead, fix...)
			}
		}
	}
	if o.Alone == nil {
		return o, false
	}
	slices.Sort(o.Alone)
	slices.Sort(instead)
	o.Instead = instead
	return o, true
}

// judge looks at one choice. add is what is added, sorted: the choice's, or what might be in place
// of it.
type judge struct {
	*Picker
	named Named
	add   []catalog.PlaceNo
}

func has(places []catalog.PlaceNo, seat int) bool {
	return slices.Contains(places, catalog.PlaceNo(seat))
}

// stays tells whether the seat stays the buyer's.
func (j *judge) stays(seat int) bool {
	return has(j.named.Mine, seat) && !has(j.named.Remove, seat)
}

// empty tells whether the seat is free once the choice is made.
func (j *judge) empty(seat int) bool {
	return (j.free[seat] || has(j.named.Mine, seat) && !j.stays(seat)) && !has(j.add, seat)
}

// neighbours tells whether two seats that follow each other sit side by side, for the same people.
func (j *judge) neighbours(a int) bool {
	return a >= 0 && a+1 < len(j.free) && j.joined[a] && j.kept[a] == j.kept[a+1]
}

// blamed tells whether the seat is left alone because of what is added.
func (j *judge) blamed(seat int) bool {
	if seat < 0 || seat >= len(j.free) || j.kept[seat] || !j.empty(seat) {
		return false
	}
	left, right := j.neighbours(seat-1), j.neighbours(seat)
	if left && j.empty(seat-1) || right && j.empty(seat+1) {
		return false
	}
	beside := left && has(j.add, seat-1) || right && has(j.add, seat+1)
	hadCompany := left && j.free[seat-1] || right && j.free[seat+1]
	return beside && (hadCompany || !j.free[seat])
}

// run is the seats around one that the choice can move in: those that are empty, added or the
// buyer's, side by side.
func (j *judge) run(seat int) (from, to int) {
	within := func(i int) bool { return j.empty(i) || has(j.add, i) || j.stays(i) }
	for from = seat; j.neighbours(from-1) && within(from-1); {
		from--
	}
	for to = seat + 1; j.neighbours(to-1) && within(to); {
		to++
	}
	return from, to
}

// fix finds the nearest way to have as many seats around one that would be left alone: old are
// those of the choice, and found, if there is any, those in place of them.
func (j *judge) fix(seat int) (old, found []catalog.PlaceNo) {
	from, to := j.run(seat)
	var stay []catalog.PlaceNo
	for _, no := range j.add {
		if int(no) >= from && int(no) < to {
			old = append(old, no)
		}
	}
	for i := from; i < to; i++ {
		if j.stays(i) {
			stay = append(stay, catalog.PlaceNo(i))
		}
	}
	best := math.Inf(1)
	try := func(seats []catalog.PlaceNo) {
		far := 0.0
		for i, no := range seats {
			far += math.Abs(float64(no) - float64(old[i]))
		}
		if has(seats, seat) {
			far -= 0.5 // of two ways, the one that takes the seat itself
		}
		if far < best && j.fits(old, seats) {
			best, found = far, seats
		}
	}
	// Side by side for themselves, or together with what the buyer has.
	for at := from; at+len(old) <= to; at++ {
		try(stretch(at, len(old), nil))
	}
	for at := from; len(stay) > 0 && at+len(old)+len(stay) <= to; at++ {
		if seats := stretch(at, len(old)+len(stay), stay); len(seats) == len(old) {
			try(seats)
		}
	}
	return old, found
}

// stretch is n seats from at, without some.
func stretch(at, n int, without []catalog.PlaceNo) []catalog.PlaceNo {
	seats := make([]catalog.PlaceNo, 0, n)
	for i := range n {
		if !has(without, at+i) {
			seats = append(seats, catalog.PlaceNo(at+i))
		}
	}
	return seats
}

// fits tells whether seats can be had in place of old, at the same prices, and leave nobody alone.
// What is added elsewhere has no neighbours here.
func (j *judge) fits(old, seats []catalog.PlaceNo) bool {
	for _, no := range seats {
		if !has(old, int(no)) && !j.free[no] {
			return false
		}
	}
	if !slices.Equal(j.tiersOf(seats), j.tiersOf(old)) {
		return false
	}
	other := &judge{Picker: j.Picker, named: j.named, add: seats}
	return !slices.ContainsFunc(seats, func(no catalog.PlaceNo) bool {
		return other.blamed(int(no)-1) || other.blamed(int(no)+1)
	})
}

func (j *judge) tiersOf(places []catalog.PlaceNo) []uint8 {
	tiers := make([]uint8, len(places))
	for i, no := range places {
		if b := j.blockOf[no]; b >= 0 {
			tiers[i] = j.blocks[b].tier
		}
	}
	slices.Sort(tiers)
	return tiers
}
