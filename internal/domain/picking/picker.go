// Package picking chooses the best places that are free.
//
// Best means: side by side in one row, as near to the focal point as can be, and without leaving a
// single free seat between two taken ones. That last rule yields when no other way exists to seat
// that many. Places are split over several blocks only if the buyer allowed it.
package picking

import (
	"cmp"
	"math"
	"slices"

	"ticketflow/internal/domain/catalog"
)

// AnyTier and AnySection in a Wish take every tier and section.
const (
	AnyTier    = -1
	AnySection = -1
)

// Wish is what a buyer asks for.
type Wish struct {
	Count        int
	Tier         int  // index in the event's tiers, or AnyTier
	Section      int  // index in the plan's sections, or AnySection
	SplitAllowed bool // take several blocks if there is none that is large enough
	Accessible   bool // step-free places only; otherwise they are kept for those who need them
}

// Choice is the answer to a Wish.
type Choice struct {
	Places     []catalog.PlaceNo
	SideBySide bool
}

// block is a row's stretch of one tier, or the unnumbered places of a standing area of one tier.
type block struct {
	section  int
	tier     uint8
	standing bool
	first    catalog.PlaceNo
	count    int
	near     float64 // distance of its nearest place to the focal point
	free     int
	longest  int             // no more than this many free places lie side by side
	hint     catalog.PlaceNo // standing: no place before it is free
}

// Picker knows which places of one event are free, and finds the best of them. It is not safe for
// concurrent use. A pick costs about a microsecond for each hundred rows that are sold out.
type Picker struct {
	offer    *catalog.Offer
	distance []float32 // of each place to the focal point, in centimetres
	free     []bool
	kept     []bool  // for those who need step-free access, and their companions
	blockOf  []int32 // -1: not for sale
	blocks   []block // nearest first
	from     map[wishKey]int
}

// wishKey is what blocks are searched by; everything before from[key] has no free place.
type wishKey struct{ tier, section int }

// New makes a picker with every place that is for sale free.
func New(offer *catalog.Offer) *Picker {
	p := &Picker{
		offer:    offer,
		distance: make([]float32, offer.Places()),
		free:     make([]bool, offer.Places()),
		kept:     make([]bool, offer.Places()),
		blockOf:  make([]int32, offer.Places()),
		from:     make(map[wishKey]int),
	}
	plan := offer.Plan()
	focal := plan.Focal()
	for i := range p.distance {
		at := plan.Position(catalog.PlaceNo(i)) //nolint:gosec // an index of the plan
		p.distance[i] = float32(math.Hypot(float64(at.X-focal.X), float64(at.Y-focal.Y)))
		attributes := plan.Attributes(catalog.PlaceNo(i)) //nolint:gosec // an index of the plan
		p.kept[i] = attributes&(catalog.Accessible|catalog.Companion) != 0
		p.blockOf[i] = -1
	}
	for s, section := range plan.Sections() {
		if section.Standing {
			p.addBlocks(s, true, section.First, section.Places)
			continue
		}
		for r := range section.Rows {
			row := plan.Row(section.FirstRow + r)
			p.addBlocks(s, false, row.First, row.Seats)
		}
	}
	slices.SortStableFunc(p.blocks, func(a, b block) int { return cmp.Compare(a.near, b.near) })
	for i, b := range p.blocks {
		for n := range b.count {
			p.blockOf[int(b.first)+n] = int32(i) //nolint:gosec // fewer blocks than places
			p.free[int(b.first)+n] = true
		}
	}
	return p
}

// addBlocks cuts a row or an area where the tier changes.
func (p *Picker) addBlocks(section int, standing bool, first catalog.PlaceNo, count int) {
	for start := 0; start < count; {
		tier := p.tierAt(first, start)
		end, near := start, math.Inf(1)
		for ; end < count && p.tierAt(first, end) == tier; end++ {
			near = min(near, float64(p.distance[int(first)+end]))
		}
		if tier != catalog.NotForSale {
			at := first + catalog.PlaceNo(start) //nolint:gosec // an index
			p.blocks = append(p.blocks, block{section: section, tier: tier, standing: standing,
				first: at, hint: at, count: end - start, near: near, free: end - start,
				longest: end - start})
		}
		start = end
	}
}

func (p *Picker) tierAt(first catalog.PlaceNo, i int) uint8 {
	return p.offer.TierOf(first + catalog.PlaceNo(i)) //nolint:gosec // an index of the plan
}

// Set tells the picker that a place became free or taken.
func (p *Picker) Set(place catalog.PlaceNo, free bool) {
	if int(place) >= len(p.free) || p.free[place] == free || p.blockOf[place] < 0 {
		return
	}
	p.free[place] = free
	at := int(p.blockOf[place])
	b := &p.blocks[at]
	if !free {
		b.free--
		b.longest = min(b.longest, b.free)
		return
	}
	b.free++
	b.longest = b.count
	b.hint = min(b.hint, place)
	for key, from := range p.from {
		if at < from {
			p.from[key] = at
		}
	}
}

// IsFree tells whether a place could be picked.
func (p *Picker) IsFree(place catalog.PlaceNo) bool {
	return int(place) < len(p.free) && p.free[place] && p.blockOf[place] >= 0
}

// Pick finds the best places for a wish, and marks nothing. ok is false when there are none.
func (p *Picker) Pick(w Wish) (choice Choice, ok bool) {
	if w.Count < 1 {
		return Choice{}, false
	}
	for _, orphans := range []bool{false, true} {
		if best := p.sideBySide(w, orphans); best != nil {
			return Choice{Places: best, SideBySide: true}, true
		}
	}
	if !w.SplitAllowed || w.Count < 2 {
		return Choice{}, false
	}
	return p.split(w)
}

// blocksFor calls yield for each block of the wish that has free places, nearest first.
func (p *Picker) blocksFor(w Wish, yield func(*block) bool) {
	key := wishKey{w.Tier, w.Section}
	leading := true
	for i := p.from[key]; i < len(p.blocks); i++ {
		b := &p.blocks[i]
		match := (w.Tier == AnyTier || int(b.tier) == w.Tier) &&
			(w.Section == AnySection || b.section == w.Section)
		if !match || b.free == 0 {
			if leading {
				p.from[key] = i + 1
			}
			continue
		}
		leading = false
		if !yield(b) {
			return
		}
	}
}

func (p *Picker) sideBySide(w Wish, orphans bool) (best []catalog.PlaceNo) {
	score := math.Inf(1)
	p.blocksFor(w, func(b *block) bool {
		// Blocks come nearest first: behind one that can't beat the best so far, none can.
		if b.near*float64(w.Count) >= score {
			return false
		}
		if b.longest < w.Count {
			return true
		}
		if b.standing {
			if found := p.standing(b, w); found != nil {
				best, score = found, b.near*float64(w.Count)
			}
			return true
		}
		if at, s := p.window(b, w, orphans); s < score {
			best, score = run(at, w.Count), s
		}
		return true
	})
	return best
}

func run(first catalog.PlaceNo, n int) []catalog.PlaceNo {
	places := make([]catalog.PlaceNo, n)
	for i := range places {
		places[i] = first + catalog.PlaceNo(i) //nolint:gosec // within a row
	}
	return places
}

// standing takes the first free places of an area: all of them are alike.
func (p *Picker) standing(b *block, w Wish) []catalog.PlaceNo {
	end := b.first + catalog.PlaceNo(b.count) //nolint:gosec // within the plan
	for b.hint < end && !p.free[b.hint] {
		b.hint++
	}
	found := make([]catalog.PlaceNo, 0, w.Count)
	for at := b.hint; at < end && len(found) < w.Count; at++ {
		if p.usable(at, w) {
			found = append(found, at)
		}
	}
	if len(found) < w.Count {
		return nil
	}
	return found
}

func (p *Picker) usable(at catalog.PlaceNo, w Wish) bool {
	return p.free[at] && p.kept[at] == w.Accessible
}

// window finds the nearest run of free seats in a row. As it reads the whole row, it also learns
// how long the longest run is, which spares later picks the row.
func (p *Picker) window(b *block, w Wish, orphans bool) (at catalog.PlaceNo, score float64) {
	score = math.Inf(1)
	longest := 0
	plan := p.offer.Plan()
	for i := 0; i < b.count; {
		start := b.first + catalog.PlaceNo(i) //nolint:gosec // within the row
		if !p.usable(start, w) {
			i++
			continue
		}
		n := 1
		for i+n < b.count && plan.Adjacent(start+catalog.PlaceNo(n-1)) && //nolint:gosec // row
			p.usable(start+catalog.PlaceNo(n), w) { //nolint:gosec // row
			n++
		}
		longest = max(longest, n)
		if first, s := p.within(start, n, w.Count, orphans); s < score {
			at, score = first, s
		}
		i += n
	}
	if !w.Accessible {
		b.longest = min(b.longest, max(longest, p.keptFree(b)))
	}
	return at, score
}

// keptFree bounds the runs of the places that an ordinary wish doesn't see.
func (p *Picker) keptFree(b *block) (n int) {
	for i := range b.count {
		if at := int(b.first) + i; p.kept[at] && p.free[at] {
			n++
		}
	}
	return n
}

// within finds the nearest n places inside a run of free seats of length long.
func (p *Picker) within(
	start catalog.PlaceNo, long, n int, orphans bool,
) (at catalog.PlaceNo, score float64) {
	score = math.Inf(1)
	sum := 0.0
	for i := range long {
		sum += float64(p.distance[int(start)+i])
		if i >= n {
			sum -= float64(p.distance[int(start)+i-n])
		}
		if i < n-1 {
			continue
		}
		left, right := i-n+1, long-i-1
		if !orphans && (left == 1 || right == 1) {
			continue
		}
		if sum < score {
			at, score = start+catalog.PlaceNo(left), sum //nolint:gosec // within the run
		}
	}
	return at, score
}

// split takes the longest runs that there are, and of those the nearest.
func (p *Picker) split(w Wish) (Choice, bool) {
	var places []catalog.PlaceNo
	part := w
	for part.Count = w.Count - 1; part.Count > 0 && len(places) < w.Count; {
		found := p.sideBySide(part, true)
		if found == nil {
			part.Count--
			continue
		}
		for _, at := range found {
			p.Set(at, false)
		}
		places = append(places, found...)
		part.Count = min(part.Count, w.Count-len(places))
	}
	for _, at := range places {
		p.Set(at, true)
	}
	if len(places) < w.Count {
		return Choice{}, false
	}
	return Choice{Places: places}, true
}
