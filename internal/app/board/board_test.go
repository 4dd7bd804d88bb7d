package board

import (
	"bytes"
	"compress/gzip"
	"io"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/picking"
)

func TestASnapshotHasTwoBitsAPlace(t *testing.T) {
	for _, n := range []int{2, 3, 4, 5, 41} {
		b, _ := newHall(t, n)
		all := []booking.PlaceState{booking.Free, booking.Held, booking.Sold, booking.Blocked,
			booking.Ordered}
		var want []byte
		for i := range n {
			b.apply(set(all[i%5], catalog.PlaceNo(i)))
			want = append(want, []byte{0, 1, 2, 3, 1}[i%5])
		}
		s := b.Snapshot()
		version, states := decodeSnapshot(t, s.Raw)
		if version != b.Version() || version != s.Version || !slices.Equal(states, want) {
			t.Errorf("%d places: version %d of %d, %v, want %v", n, version, b.Version(), states,
				want)
		}
	}
}

func TestTheStadiumsSnapshotIsSmall(t *testing.T) {
	offer := stadium(t)
	b, err := newBoard(offer, make([]byte, offer.Places()), nil, 0, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	const maxBytes = 20 << 10
	if s := b.Snapshot(); len(s.Raw) > maxBytes || len(s.Gzip()) > maxBytes/10 {
		t.Errorf("%d bytes, compressed %d", len(s.Raw), len(s.Gzip()))
	}
}

func TestASnapshotIsCompressedOnce(t *testing.T) {
	b, _ := newHall(t, 100)
	b.apply(set(booking.Sold, 3, 5, 8))
	s := b.Snapshot()
	packed := make([][]byte, 8)
	var all sync.WaitGroup
	for i := range packed {
		all.Go(func() { packed[i] = s.Gzip() })
	}
	all.Wait()
	for _, p := range packed {
		if &p[0] != &packed[0][0] {
			t.Fatal("compressed twice")
		}
	}
	r, err := gzip.NewReader(bytes.NewReader(packed[0]))
	if err != nil {
		t.Fatal(err)
	}
	if raw, err := io.ReadAll(r); err != nil || !bytes.Equal(raw, s.Raw) {
		t.Errorf("%x, %v; want %x", raw, err, s.Raw)
	}
}

func TestASnapshotIsEncodedAtMostFourTimesASecond(t *testing.T) {
	b, clock := newHall(t, 100)
	first := b.Snapshot()
	clock.now = clock.now.Add(time.Hour)
	if b.Snapshot() != first {
		t.Error("encoded again though nothing changed")
	}
	b.apply(set(booking.Held, 1))
	second := b.Snapshot()
	if second == first || second.Version != b.Version() {
		t.Errorf("an old snapshot: %d of %d", second.Version, b.Version())
	}
	b.apply(set(booking.Sold, 1))
	clock.now = clock.now.Add(snapshotMinInterval - 1)
	if s := b.Snapshot(); s != second {
		t.Error("encoded again within a quarter of a second")
	}
	clock.now = clock.now.Add(1)
	if s := b.Snapshot(); s == second || s.Version != b.Version() {
		t.Errorf("still the old snapshot: %d of %d", s.Version, b.Version())
	}
}

func TestSummaryCountsEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b, _ := newHall(t, 50)
		for range rapid.IntRange(0, 60).Draw(t, "changes") {
			b.apply(set(booking.PlaceState(rapid.IntRange(0, 4).Draw(t, "state")),
				catalog.PlaceNo(rapid.IntRange(0, 49).Draw(t, "place"))))
		}
		var total Counts
		tiers, sections := make([]Counts, 2), make([]Counts, 2)
		for i, s := range b.states {
			total.add(s, 1)
			sections[b.offer.Plan().SectionOf(catalog.PlaceNo(i))].add(s, 1)
			if tier := b.offer.TierOf(catalog.PlaceNo(i)); tier != catalog.NotForSale {
				tiers[tier].add(s, 1)
			}
		}
		version, gotTotal, gotTiers, gotSections := b.Summary()
		if version != b.Version() || gotTotal != total || !slices.Equal(gotTiers, tiers) ||
			!slices.Equal(gotSections, sections) {
			t.Fatalf("%v, %v, %v; want %v, %v, %v", gotTotal, gotTiers, gotSections, total, tiers,
				sections)
		}
		if sum := total.Free + total.Held + total.Sold + total.Blocked; sum != 50 {
			t.Fatalf("%d places of 50", sum)
		}
	})
}

func TestTakenIsAnEarlyNo(t *testing.T) {
	b, _ := newHall(t, 10)
	b.apply(set(booking.Ordered, 1))
	b.apply(set(booking.Blocked, 3))
	got := b.Taken([]catalog.PlaceNo{0, 1, 2, 3, 99})
	if !slices.Equal(got, []catalog.PlaceNo{1, 3}) {
		t.Errorf("%v", got)
	}
}

func TestAPickIsMarkedUntilItIsDecided(t *testing.T) {
	b, _ := newHall(t, 10)
	one, ok := b.Pick(seats(4))
	if !ok {
		t.Fatal("no choice in an empty hall")
	}
	two, ok := b.Pick(seats(4))
	if !ok || overlap(one, two) {
		t.Fatalf("%v and %v", one, two)
	}
	if like, ok := b.Suggest(seats(4)); ok {
		t.Errorf("a suggestion out of nothing: %v", like)
	}
	b.apply(set(booking.Held, one.Places...)) // the ledger said yes
	b.Unmark(one.Places)
	b.Unmark(two.Places) // and no
	again, ok := b.Pick(seats(4))
	if !ok || !slices.Equal(again.Places, two.Places) {
		t.Errorf("%v, want %v", again, two)
	}
	// A marked place that becomes free stays marked.
	b.apply(set(booking.Held, again.Places...))
	b.apply(set(booking.Free, again.Places...))
	if more, ok := b.Pick(seats(2)); ok {
		t.Errorf("%v is marked and picked", more)
	}
}

func TestAFailedPickMarksNothing(t *testing.T) {
	b, _ := newHall(t, 10)
	w := seats(99)
	w.SplitAllowed = true
	if choice, ok := b.Pick(w); ok || len(choice.Places) > 0 {
		t.Fatalf("%v, %v", choice, ok)
	}
	w.Count = 9
	if choice, ok := b.Pick(w); !ok || len(choice.Places) != 9 {
		t.Errorf("places stay marked: %v, %v", choice, ok)
	}
}

func overlap(a, b picking.Choice) bool {
	return slices.ContainsFunc(a.Places, func(p catalog.PlaceNo) bool {
		return slices.Contains(b.Places, p)
	})
}

func TestPicksNeverCollide(t *testing.T) {
	const buyers, each = 64, 20
	b, _ := newHall(t, 1_001)
	var mu sync.Mutex
	holders := make(map[catalog.PlaceNo]int)
	var all sync.WaitGroup
	for buyer := range buyers {
		all.Go(func() {
			for i := range each {
				choice, ok := b.Pick(seats(1 + (buyer+i)%4))
				if !ok {
					continue
				}
				mu.Lock()
				for _, p := range choice.Places {
					if other, taken := holders[p]; taken {
						t.Errorf("%d is picked for %d and %d", p, other, buyer)
					}
					holders[p] = buyer
				}
				mu.Unlock()
				if (buyer+i)%3 == 0 { // the ledger says yes, otherwise no
					b.apply(set(booking.Held, choice.Places...))
				} else {
					mu.Lock()
					for _, p := range choice.Places {
						delete(holders, p)
					}
					mu.Unlock()
				}
				b.Unmark(choice.Places)
				b.Snapshot()
				b.Summary()
			}
		})
	}
	all.Wait()
	for i, state := range b.shownStates() {
		if _, held := holders[catalog.PlaceNo(i)]; held != (state == byte(booking.Held)) {
			t.Errorf("the place %d is shown as %d, held %v", i, state, held)
		}
	}
}

func TestALedgerOfAnotherSizeIsRefused(t *testing.T) {
	if b, err := newBoard(hall(t, 10), make([]byte, 9), nil, 0, time.Now); err == nil {
		t.Errorf("%v", b)
	}
}
