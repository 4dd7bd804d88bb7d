package picking_test

import (
	"math"
	"slices"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/picking"
)

// reference picks by looking at every group of places, with the rules as they are told to people
// and nothing remembered between two picks.
type reference struct {
	offer *catalog.Offer
	free  []bool
}

func newReference(offer *catalog.Offer) *reference {
	r := &reference{offer: offer, free: make([]bool, offer.Places())}
	for i := range r.free {
		r.free[i] = offer.TierOf(catalog.PlaceNo(i)) != catalog.NotForSale
	}
	return r
}

func (r *reference) set(place catalog.PlaceNo, free bool) {
	if r.offer.TierOf(place) != catalog.NotForSale {
		r.free[place] = free
	}
}

func (r *reference) distance(place catalog.PlaceNo) float64 {
	at, focal := r.offer.Plan().Position(place), r.offer.Plan().Focal()
	return math.Hypot(float64(at.X-focal.X), float64(at.Y-focal.Y))
}

func (r *reference) attributes(place catalog.PlaceNo) catalog.SeatAttributes {
	return r.offer.Plan().Attributes(place)
}

func (r *reference) kept(place catalog.PlaceNo) bool {
	return r.attributes(place)&(catalog.Accessible|catalog.Companion) != 0
}

// usable tells whether a wish may have the place.
func (r *reference) usable(place catalog.PlaceNo, w picking.Wish) bool {
	return int(place) < len(r.free) && r.free[place] && r.kept(place) == w.Accessible &&
		(w.Tier == picking.AnyTier || w.Tier == int(r.offer.TierOf(place))) &&
		(w.Section == picking.AnySection || w.Section == r.offer.Plan().SectionOf(place))
}

// beside tells whether a and a+1 are two free seats next to each other.
func (r *reference) beside(a int) bool {
	return a >= 0 && a+1 < len(r.free) && r.free[a] && r.free[a+1] &&
		r.offer.Plan().Adjacent(catalog.PlaceNo(a)) &&
		r.kept(catalog.PlaceNo(a)) == r.kept(catalog.PlaceNo(a+1))
}

// group tells whether n seats from at can be had side by side at one price, how far they are from
// the focal point together, and whether somebody would be left alone beside them.
func (r *reference) group(
	at catalog.PlaceNo, w picking.Wish, wheelchair bool,
) (far float64, alone, ok bool) {
	for i := range w.Count {
		p := at + catalog.PlaceNo(i)
		last := i == w.Count-1
		if !r.usable(p, w) || r.offer.TierOf(p) != r.offer.TierOf(at) ||
			!last && !r.offer.Plan().Adjacent(p) {
			return 0, false, false
		}
		wheelchair = wheelchair && !r.attributes(p).Has(catalog.Accessible)
		far += r.distance(p)
	}
	first, next := int(at), int(at)+w.Count
	alone = r.beside(first-1) && !r.beside(first-2) || r.beside(next-1) && !r.beside(next)
	return far, alone, !wheelchair
}

// best is the least distance of n places side by side: of those that leave nobody alone, if there
// are any.
func (r *reference) best(w picking.Wish, wheelchair bool) (far float64, alone, ok bool) {
	clean, least := math.Inf(1), math.Inf(1)
	plan := r.offer.Plan()
	for _, section := range plan.Sections() {
		for i := range section.Places {
			at := section.First + catalog.PlaceNo(i)
			if section.Standing {
				if n, near := r.standing(section, at, w); n >= w.Count {
					clean = min(clean, near*float64(w.Count))
				}
				continue
			}
			far, alone, ok := r.group(at, w, wheelchair)
			if !ok {
				continue
			}
			least = min(least, far)
			if !alone {
				clean = min(clean, far)
			}
		}
	}
	if !math.IsInf(clean, 1) {
		return clean, false, true
	}
	return least, true, !math.IsInf(least, 1)
}

// standing is how many places of an area, of the tier of the place at, a wish may have.
func (r *reference) standing(
	section catalog.Section, at catalog.PlaceNo, w picking.Wish,
) (n int, near float64) {
	for i := range section.Places {
		p := section.First + catalog.PlaceNo(i)
		if r.usable(p, w) && r.offer.TierOf(p) == r.offer.TierOf(at) {
			n++
		}
	}
	return n, r.distance(at)
}

// parts are the sizes into which a party must be split: each as large as can be.
func (r *reference) parts(w picking.Wish) (sizes []int, ok bool) {
	free := slices.Clone(r.free)
	defer func() { r.free = free }()
	r.free = slices.Clone(free)
	left := w.Count
	wheelchair := w.Accessible
	for part := w; left > 0; {
		part.Count = min(part.Count-1, left)
		for part.Count > 0 {
			if _, _, ok := r.best(part, wheelchair); ok {
				break
			}
			part.Count--
		}
		if part.Count == 0 {
			return nil, false
		}
		r.take(part, wheelchair)
		wheelchair = false
		sizes = append(sizes, part.Count)
		left -= part.Count
		part.Count++
	}
	return sizes, true
}

// take marks one best group. Which one of two that are equally good can matter for what comes
// after, so the caller compares only where it can't.
func (r *reference) take(w picking.Wish, wheelchair bool) {
	want, wantAlone, _ := r.best(w, wheelchair)
	for at := range r.free {
		far, alone, ok := r.group(catalog.PlaceNo(at), w, wheelchair)
		if ok && alone == wantAlone && math.Abs(far-want) < tolerance {
			for i := range w.Count {
				r.free[at+i] = false
			}
			return
		}
	}
}

// tolerance is what distances, kept in four bytes by the picker, may differ by, in centimetres.
const tolerance = 0.5
