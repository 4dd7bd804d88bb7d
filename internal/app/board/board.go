// Package board shows which places of an event are free, and picks the best of them.
//
// A board lives in memory, is brought up to date after each commit, and gives advice only: it may
// refuse a buyer early, but only the ledger grants. Each change of a place raises its version;
// viewers take a snapshot at a version and then the deltas after it.
package board

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"sync"
	"time"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/picking"
)

// Limits of a board.
const (
	ringDeltas          = 1_024 // how many ticks a viewer may be away and still resume
	snapshotMinInterval = 250 * time.Millisecond
	snapshotHeader      = 16
	snapshotMagic       = "TFS1"
)

// Change is one place's new state, and the fence of the grant that it belongs to. Until is when a
// held place's time is over, in milliseconds since 1970, or 0 if it isn't known.
type Change struct {
	Place catalog.PlaceNo
	State booking.PlaceState
	Fence uint32
	Until int64
}

// ChangeOf is the change that has made a place what it is.
func ChangeOf(ref booking.PlaceRef, p booking.Place) Change {
	c := Change{Place: ref.Place, State: p.State, Fence: p.Fence}
	if p.State == booking.Held {
		c.Until = p.Until.UnixMilli()
	}
	return c
}

// Snapshot is the state of all places at a version, encoded: the magic "TFS1", the number of places
// (uint32), the version (uint64), all big-endian, then two bits a place, the first place in the low
// bits of the first byte: 0 free, 1 held or ordered, 2 sold, 3 blocked. It is immutable.
type Snapshot struct {
	Version uint64
	Hash    uint32 // of the states
	Raw     []byte
	made    time.Time

	once   sync.Once
	packed []byte
}

// Gzip is Raw, compressed; it is computed once, when first asked for.
func (s *Snapshot) Gzip() []byte {
	s.once.Do(func() {
		var out bytes.Buffer
		w, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
		if err == nil {
			_, err = w.Write(s.Raw)
		}
		if err == nil {
			err = w.Close()
		}
		if err != nil { // a buffer takes everything: this is a defect
			panic(fmt.Sprintf("compress a snapshot: %v", err))
		}
		s.packed = out.Bytes()
	})
	return s.packed
}

// Counts is how many places are in each state.
type Counts struct{ Free, Held, Sold, Blocked int }

func (c *Counts) add(s booking.PlaceState, n int) {
	switch s {
	case booking.Free:
		c.Free += n
	case booking.Held, booking.Ordered:
		c.Held += n
	case booking.Sold:
		c.Sold += n
	case booking.Blocked:
		c.Blocked += n
	}
}

// Add counts one place more.
func (c *Counts) Add(s booking.PlaceState) { c.add(s, 1) }

// Board is the state of one event's places. It is safe for concurrent use. A board that has ended
// stays as it is: ask Boards for the one that took its place.
type Board struct {
	clock func() time.Time

	mu       sync.Mutex
	offer    *catalog.Offer
	states   []booking.PlaceState
	fences   []uint32 // of each place; nil unless changes come in any order
	until    []int64  // Change.Until of each place
	marked   []bool   // picked a moment ago for a command that isn't decided yet
	picker   *picking.Picker
	version  uint64
	step     uint64 // between versions
	salt     uint64 // what is left of each of this board's versions by its steps
	hash     uint32 // of all states: see mark
	total    Counts
	tiers    []Counts
	sections []Counts
	snapshot *Snapshot
	pending  map[catalog.PlaceNo]struct{} // changed since the last tick
	sent     uint64                       // the version that the last tick brought viewers to
	sentHash uint32                       // the hash at it
	ring     []Delta
	viewers  map[*Viewer]struct{}
	ended    bool
}

// newBoard makes a board whose versions come after the version floor.
func newBoard(
	offer *catalog.Offer, states []byte, fences []uint32, floor uint64, clock func() time.Time,
) (*Board, error) {
	if len(states) != offer.Places() || fences != nil && len(fences) != len(states) {
		return nil, fmt.Errorf("event %d has %d places in the ledger and %d in its plan",
			offer.Event().ID, len(states), offer.Places())
	}
	b := &Board{
		clock:    clock,
		version:  max(firstVersion(clock()), floor+1),
		step:     1,
		offer:    offer,
		states:   make([]booking.PlaceState, len(states)),
		fences:   fences,
		until:    make([]int64, len(states)),
		marked:   make([]bool, len(states)),
		picker:   picking.New(offer),
		tiers:    make([]Counts, len(offer.Event().Tiers)),
		sections: make([]Counts, offer.Plan().SectionCount()),
		pending:  make(map[catalog.PlaceNo]struct{}),
		viewers:  make(map[*Viewer]struct{}),
	}
	b.sent = b.version
	for i, s := range states {
		state := booking.PlaceState(s)
		b.states[i] = state
		b.count(catalog.PlaceNo(i), state, 1)
		b.hash ^= mark(catalog.PlaceNo(i), state)
		if state != booking.Free {
			b.picker.Set(catalog.PlaceNo(i), false)
		}
	}
	b.sentHash = b.hash
	return b, nil
}

// firstVersion is larger than every version of a board that another process loaded a second ago or
// more, as long as fewer than a million places change in a second, and stays exact in a browser
// (below 2^53).
func firstVersion(now time.Time) uint64 {
	return uint64(now.Unix()) << 20
}

func (b *Board) count(p catalog.PlaceNo, s booking.PlaceState, n int) {
	b.total.add(s, n)
	b.sections[b.offer.Plan().SectionOf(p)].add(s, n)
	if t := b.offer.TierOf(p); t != catalog.NotForSale {
		b.tiers[t].add(s, n)
	}
}

// apply brings changes in: in the order in which they were committed, or in any order if the board
// knows the fences.
func (b *Board) apply(changes []Change) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range changes {
		if int(c.Place) >= len(b.states) {
			continue // of another instance, and wrong
		}
		if b.fences != nil {
			if !b.newer(c) {
				continue
			}
			b.fences[c.Place] = c.Fence
		}
		b.until[c.Place] = c.Until
		b.set(c.Place, c.State)
	}
}

// replace brings in the committed state of each place; it is false if these aren't the board's.
func (b *Board) replace(states []byte) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(states) != len(b.states) {
		return false
	}
	for i, s := range states {
		if state := booking.PlaceState(s); state != b.states[i] {
			b.until[i] = 0
			b.set(catalog.PlaceNo(i), state)
		}
	}
	return true
}

func (b *Board) set(p catalog.PlaceNo, state booking.PlaceState) {
	was := b.states[p]
	if was == state {
		return
	}
	b.count(p, was, -1)
	b.count(p, state, 1)
	b.states[p] = state
	b.hash ^= mark(p, was) ^ mark(p, state)
	b.picker.Set(p, state == booking.Free && !b.marked[p])
	b.version += b.step
	b.pending[p] = struct{}{}
}

// Offer is the event on its plan, with its prices.
func (b *Board) Offer() *catalog.Offer {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.offer
}

// Version grows with each change of a place.
func (b *Board) Version() uint64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.version
}

// Summary is the counts: over all, per tier and per section, in the plan's order.
func (b *Board) Summary() (version uint64, total Counts, tiers, sections []Counts) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.version, b.total, append([]Counts(nil), b.tiers...),
		append([]Counts(nil), b.sections...)
}

// Taken tells which of the places can't be had now, as far as the board knows. A place whose hold
// has run out is not among them, although it is shown as held until the hold is swept away, nor is
// one whose hold may have run out: the ledger knows, and grants it.
func (b *Board) Taken(places []catalog.PlaceNo) (taken []catalog.PlaceNo) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var now int64
	for _, p := range places {
		if int(p) >= len(b.states) || b.states[p] == booking.Free {
			continue
		}
		if b.states[p] == booking.Held {
			if now == 0 {
				now = b.clock().UnixMilli()
			}
			if b.until[p] < now {
				continue
			}
		}
		taken = append(taken, p)
	}
	return taken
}

// Pick chooses the best free places and marks them, so that two pickers at once get different
// ones. The caller must Unmark them when the command that uses them is decided, whatever came out.
func (b *Board) Pick(w picking.Wish) (picking.Choice, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	choice, ok := b.picker.Pick(w)
	if !ok {
		return picking.Choice{}, false // nothing is marked, so there is nothing to unmark
	}
	for _, p := range choice.Places {
		b.marked[p] = true
		b.picker.Set(p, false)
	}
	return choice, true
}

// Suggest is Pick without marks: what a buyer might take instead.
func (b *Board) Suggest(w picking.Wish) (picking.Choice, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.picker.Pick(w)
}

// Unmark ends the marks of a Pick.
func (b *Board) Unmark(places []catalog.PlaceNo) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range places {
		b.marked[p] = false
		b.picker.Set(p, b.states[p] == booking.Free)
	}
}

// Snapshot is the state of all places, encoded at most once for each version and, in a rush, at
// most four times a second: it may be a quarter of a second old, and its version says so.
func (b *Board) Snapshot() *Snapshot {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.clock()
	s := b.snapshot
	if s != nil && (s.Version == b.version || now.Sub(s.made) < snapshotMinInterval) {
		return s
	}
	b.snapshot = &Snapshot{Version: b.version, Hash: b.hash, Raw: b.encode(), made: now}
	return b.snapshot
}

func (b *Board) encode() []byte {
	raw := make([]byte, snapshotHeader+(len(b.states)+3)/4)
	copy(raw, snapshotMagic)
	binary.BigEndian.PutUint32(raw[4:], uint32(len(b.states)))
	binary.BigEndian.PutUint64(raw[8:], b.version)
	body := raw[snapshotHeader:]
	for i, s := range b.states {
		body[i/4] |= shown(s) << (i % 4 * 2)
	}
	return raw
}

// shown is the two bits of a state on the wire.
func shown(s booking.PlaceState) byte {
	if s == booking.Ordered {
		return byte(booking.Held)
	}
	return byte(s) & 3
}
