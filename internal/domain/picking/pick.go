package picking

import (
	"math"
	"math/bits"

	"ticketflow/internal/domain/catalog"
)

// runs tells which lengths of runs of free seats a block has: bit n-1 stands for n seats, the last
// bit for every length from maxRun. It may tell more lengths than there are, never fewer, so that
// rows which can't seat a party are passed over without being read.
type runs uint64

const maxRun = 64

func (r runs) with(length int) runs { return r | 1<<(min(length, maxRun)-1) }

// seats tells whether a run has room for n; if clean, without leaving one seat alone: a run of n+1
// can't.
func (r runs) seats(n int, clean bool) bool {
	if n >= maxRun {
		return r>>(maxRun-1) != 0
	}
	others := r
	if clean && n+1 < maxRun {
		others &^= 1 << n
	}
	return others>>(n-1) != 0
}

// search is one wish on its way, and the best that was found for it.
type search struct {
	wish       Wish
	kind       int
	wheelchair bool // one of the places must be a wheelchair space
	clean, any find // without a seat left alone, and in any way
}

// find is a run of seats or, in an area, the places from at that are free.
type find struct {
	block *block
	at    catalog.PlaceNo
	score float64 // sum of the distances to the focal point
}

func (f *find) offer(b *block, at catalog.PlaceNo, score float64) {
	if score < f.score {
		*f = find{b, at, score}
	}
}

func newSearch(w Wish) search {
	s := search{wish: w, clean: find{score: math.Inf(1)}, any: find{score: math.Inf(1)}}
	if w.Accessible {
		s.kind, s.wheelchair = kept, true
	}
	return s
}

// Pick finds the best places for a wish, and marks nothing. When ok is false there are none, and
// the choice is empty.
func (p *Picker) Pick(w Wish) (choice Choice, ok bool) {
	if w.Count < 1 {
		return Choice{}, false
	}
	if best := p.sideBySide(newSearch(w)); best != nil {
		return Choice{Places: best, SideBySide: true}, true
	}
	if !w.SplitAllowed || w.Count < 2 {
		return Choice{}, false
	}
	return p.split(w)
}

// candidates is the shortest list that has all blocks of the wish.
func (p *Picker) candidates(w Wish) *list {
	switch {
	case w.Section >= len(p.sections) || w.Tier >= len(p.tiers):
		return &list{}
	case w.Section >= 0:
		return &p.sections[w.Section]
	case w.Tier >= 0:
		return &p.tiers[w.Tier]
	}
	return &p.all
}

// each calls yield for each block of the wish that has a free place of the kind, nearest first, and
// brings the block up to date before.
func (p *Picker) each(s *search, yield func(*block) bool) {
	l := p.candidates(s.wish)
	for leading, i := true, l.from; i < len(l.blocks); i++ {
		b := &p.blocks[l.blocks[i]]
		if leading && b.free[ordinary]+b.free[kept] == 0 {
			// A list by section has no from that Set could bring back: it is short.
			if s.wish.Section < 0 {
				l.from = i + 1
			}
			continue
		}
		leading = false
		if b.free[s.kind] == 0 || s.wish.Tier >= 0 && int(b.tier) != s.wish.Tier {
			continue
		}
		if b.stale && !b.standing {
			p.refresh(b)
		}
		if !yield(b) {
			return
		}
	}
}

func (p *Picker) sideBySide(s search) []catalog.PlaceNo {
	n := s.wish.Count
	p.each(&s, func(b *block) bool {
		// Blocks come nearest first: behind one that can't beat the best so far, none can.
		bound := b.near * float64(n)
		if bound >= s.clean.score {
			return false
		}
		switch {
		case b.free[s.kind] < n:
		case b.standing:
			if s.kind == ordinary { // all places of an area are alike, and none has a neighbour
				s.clean.offer(b, b.hint, bound)
			}
		case b.runs[s.kind].seats(n, true) ||
			bound < s.any.score && b.runs[s.kind].seats(n, false):
			p.read(b, &s)
		}
		return true
	})
	best := s.clean
	if best.block == nil {
		best = s.any
	}
	switch {
	case best.block == nil:
		return nil
	case best.block.standing:
		return p.standing(best.block, n)
	}
	places := make([]catalog.PlaceNo, n)
	for i := range places {
		places[i] = best.at + catalog.PlaceNo(i)
	}
	return places
}

// standing takes the first free places of a block in an area, which has that many.
func (p *Picker) standing(b *block, n int) []catalog.PlaceNo {
	end := b.first + catalog.PlaceNo(b.count)
	no := p.blockOf[b.first]
	for b.hint < end && (!p.free[b.hint] || p.blockOf[b.hint] != no) {
		b.hint++
	}
	found := make([]catalog.PlaceNo, 0, n)
	for at := b.hint; at < end && len(found) < n; at++ {
		if p.free[at] && p.blockOf[at] == no {
			found = append(found, at)
		}
	}
	return found
}

// run is the number of places of one kind, from start, that are free and sit side by side.
func (p *Picker) run(b *block, start int, kind int) int {
	end := int(b.first) + b.count
	at := start
	for at < end && p.free[at] && p.kept[at] == (kind == kept) {
		at++
		if !p.joined[at-1] {
			break
		}
	}
	return at - start
}

// company tells whether the places a and a+1 are both free, of one kind, and sit side by side: the
// one is then not alone, whatever the price of the other.
func (p *Picker) company(a int) bool {
	return a >= 0 && a+1 < len(p.free) && p.joined[a] && p.free[a] && p.free[a+1] &&
		p.kept[a] == p.kept[a+1]
}

// refresh learns which runs a row has.
func (p *Picker) refresh(b *block) {
	b.runs, b.best, b.stale = [kinds]runs{}, best{}, false
	end := int(b.first) + b.count
	for at := int(b.first); at < end; {
		kind := p.kind(at)
		n := p.run(b, at, kind)
		if n == 0 {
			at++
			continue
		}
		b.runs[kind] = b.runs[kind].with(n)
		if p.company(at-1) || p.company(at+n-1) {
			b.runs[kind] = b.runs[kind].with(n + 1) // a seat at this end isn't alone
		}
		at += n
	}
}

// read finds the best seats for the wish in a row.
func (p *Picker) read(b *block, s *search) {
	if s.kind != ordinary {
		p.scan(b, s)
		return
	}
	if b.best.count != s.wish.Count {
		row := newSearch(s.wish)
		p.scan(b, &row)
		b.best = best{s.wish.Count, row.clean, row.any}
	}
	s.any.offer(b, b.best.any.at, b.best.any.score)
	s.clean.offer(b, b.best.clean.at, b.best.clean.score)
}

func (p *Picker) scan(b *block, s *search) {
	end := int(b.first) + b.count
	for at := int(b.first); at < end; {
		n := p.run(b, at, s.kind)
		if n >= s.wish.Count {
			p.within(b, at, n, s)
		}
		at += max(n, 1)
	}
}

// within finds the best seats inside a run of free seats.
func (p *Picker) within(b *block, start, long int, s *search) {
	n := s.wish.Count
	sum, wheelchairs := 0.0, 0
	for i := range long {
		sum += float64(p.distance[start+i])
		if p.wheelchair[start+i] {
			wheelchairs++
		}
		if i >= n {
			sum -= float64(p.distance[start+i-n])
			if p.wheelchair[start+i-n] {
				wheelchairs--
			}
		}
		if i < n-1 || s.wheelchair && wheelchairs == 0 {
			continue
		}
		if sum >= s.clean.score {
			continue
		}
		at := start + i - n + 1
		s.any.offer(b, catalog.PlaceNo(at), sum)
		if !p.leavesAlone(at, n) {
			s.clean.offer(b, catalog.PlaceNo(at), sum)
		}
	}
}

// leavesAlone tells whether taking n seats, from at, leaves a free neighbour with no free neighbour
// of its own.
func (p *Picker) leavesAlone(at, n int) bool {
	return p.company(at-1) && !p.company(at-2) || p.company(at+n-1) && !p.company(at+n)
}

// split takes the longest runs that there are, and of those the nearest.
func (p *Picker) split(w Wish) (Choice, bool) {
	var places []catalog.PlaceNo
	part := newSearch(w)
	for {
		total, longest := p.supply(part)
		if total < w.Count-len(places) {
			break
		}
		part.wish.Count = min(part.wish.Count-1, longest)
		for part.wish.Count > 0 {
			found := p.sideBySide(part)
			if found == nil {
				break
			}
			for _, at := range found {
				p.Set(at, false)
			}
			places = append(places, found...)
			part.wheelchair = false // one for the whole party
			part.wish.Count = min(part.wish.Count, w.Count-len(places))
		}
		if part.wish.Count < 1 {
			break
		}
	}
	for _, at := range places {
		p.Set(at, true)
	}
	if len(places) < w.Count {
		return Choice{}, false
	}
	return Choice{Places: places}, true
}

// supply is how many free places there are for a wish, and a bound for how many are side by side.
func (p *Picker) supply(s search) (total, longest int) {
	p.each(&s, func(b *block) bool {
		total += b.free[s.kind]
		n := b.free[s.kind]
		if length := bits.Len64(uint64(b.runs[s.kind])); !b.standing && length < maxRun {
			n = min(n, length)
		}
		longest = max(longest, n)
		return true
	})
	return total, longest
}
