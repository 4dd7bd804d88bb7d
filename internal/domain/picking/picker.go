// Package picking chooses the best places that are free.
//
// Best means: side by side in one row, as near to the focal point as can be, and without leaving a
// single free seat alone. That last rule yields when no other way exists to seat that many. Places
// are split over several blocks only if the buyer allowed it.
//
// A seat is alone when neither neighbour is free. A seat of another price counts as free, one that
// is kept for those who need step-free access as taken, and an aisle as the end of the row.
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
	// Accessible asks for step-free places, at least one of them a wheelchair space. They are
	// kept for such wishes.
	Accessible bool
}

// Choice is the answer to a Wish.
type Choice struct {
	Places     []catalog.PlaceNo
	SideBySide bool
}

// Places are for everybody, or kept for those who need step-free access and their companions.
const (
	ordinary = iota
	kept
	kinds
)

// block is a row's stretch of one tier, or all places of one tier in a standing area.
type block struct {
	section  int
	tier     uint8
	standing bool
	stale    bool // runs must be read anew
	first    catalog.PlaceNo
	hint     catalog.PlaceNo // standing: no place before it is free
	count    int             // standing: from the first to the last, others between them
	near     float64         // distance of its nearest place to the focal point
	free     [kinds]int
	runs     [kinds]runs
	best     best
}

// best is the best ordinary seats of a row for a party, which hold until the row changes: in a rush
// the same few rows are compared again and again.
type best struct {
	count      int // of the party; 0 when nothing is known
	clean, any find
}

// list is some of the blocks, nearest first.
type list struct {
	blocks []int32
	from   int // no block before it has a free place
}

// Picker knows which places of one event are free, and finds the best of them. It is not safe for
// concurrent use. A pick costs a few microseconds for each thousand rows that it must pass over.
type Picker struct {
	plan       *catalog.Plan
	distance   []float32 // of each place to the focal point, in centimetres
	free       []bool
	kept       []bool  // for those who need step-free access, and their companions
	wheelchair []bool  // a space for a wheelchair
	joined     []bool  // the place and the next one sit side by side
	blockOf    []int32 // -1: not for sale
	blocks     []block // nearest first
	all        list
	tiers      []list
	sections   []list
	rank       []int // where a block stands in the list of its tier
}

// New makes a picker with every place that is for sale free.
func New(offer *catalog.Offer) *Picker {
	plan, n := offer.Plan(), offer.Places()
	p := &Picker{
		plan:     plan,
		distance: make([]float32, n), free: make([]bool, n), kept: make([]bool, n),
		wheelchair: make([]bool, n), joined: make([]bool, n), blockOf: make([]int32, n),
		tiers:    make([]list, len(offer.Event().Tiers)),
		sections: make([]list, plan.SectionCount()),
	}
	focal := plan.Focal()
	for i := range n {
		no := catalog.PlaceNo(i)
		at := plan.Position(no)
		p.distance[i] = float32(math.Hypot(float64(at.X-focal.X), float64(at.Y-focal.Y)))
		attributes := plan.Attributes(no)
		p.kept[i] = attributes&(catalog.Accessible|catalog.Companion) != 0
		p.wheelchair[i] = attributes.Has(catalog.Accessible)
		p.joined[i] = plan.Adjacent(no)
		p.blockOf[i] = -1
	}
	for s, section := range plan.Sections() {
		if section.Standing {
			p.addArea(offer, s, section)
			continue
		}
		for r := range section.Rows {
			p.addRow(offer, s, plan.Row(section.FirstRow+r))
		}
	}
	p.arrange(offer)
	return p
}

// addRow cuts a row where the tier changes.
func (p *Picker) addRow(offer *catalog.Offer, section int, row catalog.Row) {
	end := row.First + catalog.PlaceNo(row.Seats)
	for at := row.First; at < end; {
		tier := offer.TierOf(at)
		b := newBlock(section, tier, at)
		for ; at < end && offer.TierOf(at) == tier; at++ {
			p.join(&b, at)
		}
		if tier != catalog.NotForSale {
			p.blocks = append(p.blocks, b)
		}
	}
}

// addArea makes a block for each tier of an area: its places are alike wherever they stand.
func (p *Picker) addArea(offer *catalog.Offer, s int, section catalog.Section) {
	tiers := make(map[uint8]int)
	for i := range section.Places {
		at := section.First + catalog.PlaceNo(i)
		tier := offer.TierOf(at)
		if tier == catalog.NotForSale {
			continue
		}
		no, ok := tiers[tier]
		if !ok {
			no = len(p.blocks)
			tiers[tier] = no
			b := newBlock(s, tier, at)
			b.standing = true
			p.blocks = append(p.blocks, b)
		}
		p.join(&p.blocks[no], at)
	}
}

func newBlock(section int, tier uint8, first catalog.PlaceNo) block {
	return block{section: section, tier: tier, stale: true, first: first, hint: first,
		near: math.Inf(1)}
}

// join makes a place the last one of a block.
func (p *Picker) join(b *block, at catalog.PlaceNo) {
	b.near = min(b.near, float64(p.distance[at]))
	b.free[p.kind(int(at))]++
	b.count = int(at-b.first) + 1
}

func (p *Picker) kind(i int) int {
	if p.kept[i] {
		return kept
	}
	return ordinary
}

// arrange sorts the blocks and makes the lists by which they are searched.
func (p *Picker) arrange(offer *catalog.Offer) {
	slices.SortStableFunc(p.blocks, func(a, b block) int { return cmp.Compare(a.near, b.near) })
	p.rank = make([]int, len(p.blocks))
	for i, b := range p.blocks {
		no := int32(i)
		p.all.blocks = append(p.all.blocks, no)
		p.sections[b.section].blocks = append(p.sections[b.section].blocks, no)
		p.rank[i] = len(p.tiers[b.tier].blocks)
		p.tiers[b.tier].blocks = append(p.tiers[b.tier].blocks, no)
		for n := range b.count {
			if at := b.first + catalog.PlaceNo(n); offer.TierOf(at) == b.tier {
				p.blockOf[at], p.free[at] = no, true
			}
		}
	}
}

// Set tells the picker that a place became free or taken.
func (p *Picker) Set(place catalog.PlaceNo, free bool) {
	if int(place) >= len(p.free) || p.free[place] == free || p.blockOf[place] < 0 {
		return
	}
	p.free[place] = free
	at := int(p.blockOf[place])
	b := &p.blocks[at]
	// What a block of another price beside it can do depends on the place, too: a seat is alone or
	// not by its neighbour's neighbour.
	for near := max(0, int(place)-2); near < min(int(place)+3, len(p.blockOf)); near++ {
		if other := p.blockOf[near]; other >= 0 {
			p.blocks[other].stale = true
		}
	}
	if !free {
		b.free[p.kind(int(place))]--
		return
	}
	b.free[p.kind(int(place))]++
	b.hint = min(b.hint, place)
	p.all.from = min(p.all.from, at)
	p.tiers[b.tier].from = min(p.tiers[b.tier].from, p.rank[at])
}

// IsFree tells whether a place could be picked.
func (p *Picker) IsFree(place catalog.PlaceNo) bool {
	return int(place) < len(p.free) && p.free[place] && p.blockOf[place] >= 0
}
