package board

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"testing"
	"time"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/money"
	"ticketflow/internal/domain/picking"
)

type failer interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// hall is an offer of n seats in rows of 20, in two sections of a tier each; the last seat is not
// for sale.
func hall(t failer, n int) *catalog.Offer {
	t.Helper()
	spec := catalog.PlanSpec{Name: "Hall", Categories: []catalog.Category{{Name: "All"}}}
	for s, from := range []int{0, n / 2} {
		section := catalog.SectionSpec{Name: string(rune('A' + s)), Category: "All"}
		to := n / 2
		if s == 1 {
			to = n
		}
		for at := from; at < to; at += 20 {
			y := int32(at/20*80 + s*2_000)
			row := catalog.RowSpec{Label: string(rune('A' + at/20)), Seats: min(20, to-at),
				From: catalog.Point{Y: y}}
			row.To = catalog.Point{X: int32(50 * (row.Seats - 1)), Y: y}
			section.Rows = append(section.Rows, row)
		}
		spec.Sections = append(spec.Sections, section)
	}
	plan, err := catalog.NewPlan(spec)
	if err != nil {
		t.Fatal(err)
	}
	price, err := money.New(1_000, money.Currency{'E', 'U', 'R'})
	if err != nil {
		t.Fatal(err)
	}
	last := catalog.Event{ID: 7, Title: "Concert", TimeZone: "UTC", StartsAt: start,
		Terms: catalog.Terms{OpensAt: start.Add(-time.Hour), ClosesAt: start, MaxPerOrder: 8,
			HoldTime: time.Minute, PayTime: time.Minute},
		Tiers: []catalog.Tier{{Key: "a", Name: "A", Price: price},
			{Key: "b", Name: "B", Price: price}}}
	for i := range n - 1 {
		if i == 0 {
			last.Rules = []catalog.Rule{{Tier: "a"}, {Tier: "b"}}
		}
		r := &last.Rules[min(1, i/(n/2))]
		r.Places = append(r.Places, catalog.PlaceNo(i))
	}
	offer, err := catalog.NewOffer(last, plan)
	if err != nil {
		t.Fatal(err)
	}
	return offer
}

// testClock stands still until it is moved.
type testClock struct{ now time.Time }

func (c *testClock) Now() time.Time { return c.now }

func newHall(t failer, n int) (*Board, *testClock) {
	t.Helper()
	clock := &testClock{now: start}
	b, err := newBoard(hall(t, n), make([]byte, n), nil, 0, clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	return b, clock
}

func set(s booking.PlaceState, places ...catalog.PlaceNo) []Change {
	changes := make([]Change, len(places))
	for i, p := range places {
		changes[i] = Change{Place: p, State: s}
	}
	return changes
}

// decodeSnapshot reads a snapshot as a browser does.
func decodeSnapshot(t failer, raw []byte) (version uint64, states []byte) {
	t.Helper()
	if len(raw) < 16 || string(raw[:4]) != "TFS1" {
		t.Fatalf("a snapshot starts with %q", raw[:min(4, len(raw))])
	}
	n := int(binary.BigEndian.Uint32(raw[4:]))
	if want := 16 + (n+3)/4; len(raw) != want {
		t.Fatalf("%d bytes for %d places, want %d", len(raw), n, want)
	}
	for i := range n {
		states = append(states, raw[16+i/4]>>(i%4*2)&3)
	}
	return binary.BigEndian.Uint64(raw[8:]), states
}

// applyDelta does to states what a browser does with a delta.
func applyDelta(t failer, states []byte, d Delta) {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(d.Data)
	if err != nil {
		t.Fatal(err)
	}
	at, n := uint64(0), 0
	for len(raw) > 0 {
		v, size := binary.Uvarint(raw)
		if size <= 0 || n > 0 && v>>2 == 0 {
			t.Fatalf("a broken delta: %x", raw)
		}
		at += v >> 2
		states[at] = byte(v & 3)
		raw = raw[size:]
		n++
	}
	if n != d.Places {
		t.Fatalf("the delta has %d places and says %d", n, d.Places)
	}
}

// shownStates are the two bits of each place, straight from the board.
func (b *Board) shownStates() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	states := make([]byte, len(b.states))
	for i, s := range b.states {
		states[i] = shown(s)
	}
	return states
}

// pull takes what a viewer was sent; more is false when the viewer was sent away.
func (v *Viewer) pull() (deltas []Delta, more bool) {
	for {
		select {
		case d, more := <-v.Deltas:
			if !more {
				return deltas, false
			}
			deltas = append(deltas, d)
		default:
			return deltas, true
		}
	}
}

// gatedSource is a source whose reads wait for the test, and see what is there when they begin.
type gatedSource struct {
	offer  *catalog.Offer
	states []byte
	err    error
	begun  chan struct{} // nil lets all reads pass
	step   chan struct{}
	loads  int
}

func (s *gatedSource) Offer(context.Context, catalog.EventID) (*catalog.Offer, error) {
	return s.offer, nil
}

func (s *gatedSource) PlaceStates(context.Context, catalog.EventID) ([]byte, error) {
	s.loads++
	states, err := append([]byte(nil), s.states...), s.err
	if s.begun != nil {
		s.begun <- struct{}{}
		<-s.step
	}
	return states, err
}

// committed is the book of a batch that has just changed places of an event.
func committed(
	t failer, event catalog.EventID, s booking.PlaceState, place catalog.PlaceNo,
) *booking.Book {
	t.Helper()
	book := booking.NewBook(start, 1)
	ref := booking.PlaceRef{Event: event, Place: place}
	book.LoadEvent(event, booking.Sale{Status: catalog.Published})
	was := booking.Place{}
	if s == booking.Free {
		was.State = booking.Blocked
	}
	book.LoadPlace(ref, was)
	err := book.Try((&booking.BlockPlaces{Event: event, Places: []catalog.PlaceNo{place},
		Unblock: s == booking.Free}).Decide)
	if err != nil {
		t.Fatal(err)
	}
	return book
}

func seats(n int) picking.Wish {
	return picking.Wish{Count: n, Tier: picking.AnyTier, Section: picking.AnySection}
}

func load(t *testing.T, s *Boards) *Board {
	t.Helper()
	b, err := s.Get(t.Context(), 7)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// hashOf computes the hash of what a browser shows, from nothing, as docs/live-map.md says.
func hashOf(states []byte) (hash uint32) {
	for place, state := range states {
		if state == 0 {
			continue
		}
		x := uint32(place*4 + int(state))
		for _, step := range []struct{ shift, factor uint32 }{{16, 0x85ebca6b}, {13, 0xc2b2ae35}} {
			x = (x ^ x>>step.shift) * step.factor
		}
		hash ^= x ^ x>>16
	}
	return hash
}
