package board

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

func watch(t failer, b *Board, since uint64) (*Viewer, []Delta) {
	t.Helper()
	v, missed, ok := b.Watch(since)
	if !ok {
		t.Fatalf("no deltas after %d, the board is at %d", since, b.Version())
	}
	return v, missed
}

func TestADeltaMergesWhatChangedBetweenTwoTicks(t *testing.T) {
	b, _ := newHall(t, 1_000)
	from := b.Version()
	v, missed := watch(t, b, from)
	b.tick()
	if deltas, _ := v.pull(); len(deltas) > 0 || len(missed) > 0 {
		t.Errorf("deltas of nothing: %v, %v", missed, deltas)
	}
	b.apply(set(booking.Held, 700, 3, 4))
	b.apply(set(booking.Ordered, 3)) // shown the same
	b.apply(set(booking.Sold, 4))
	b.apply(set(booking.Free, 700)) // as it was
	b.apply(set(booking.Free, 700)) // no change
	b.tick()
	b.tick()
	deltas, more := v.pull()
	if !more || len(deltas) != 1 {
		t.Fatalf("%v, %v", deltas, more)
	}
	d := deltas[0]
	if d.From != from || d.To != from+6 || d.To != b.Version() || d.Places != 3 {
		t.Errorf("%+v after %d", d, from)
	}
	states := make([]byte, 1_000)
	applyDelta(t, states, d)
	if states[3] != 1 || states[4] != 2 || states[700] != 0 {
		t.Errorf("%v, %v, %v", states[3], states[4], states[700])
	}
}

// model is a browser: it has a state at a version, and follows the deltas.
type model struct {
	version uint64
	states  []byte
	viewer  *Viewer
}

func (m *model) take(t failer, deltas []Delta) {
	t.Helper()
	for _, d := range deltas {
		if d.From > m.version || d.To < m.version {
			t.Fatalf("a delta from %d to %d comes at version %d", d.From, d.To, m.version)
		}
		applyDelta(t, m.states, d)
		m.version = d.To
		if hash := hashOf(m.states); hash != d.Hash {
			t.Fatalf("the hash at %d is %x, the delta says %x", m.version, hash, d.Hash)
		}
	}
}

func (m *model) join(t failer, b *Board) {
	t.Helper()
	v, missed, ok := b.Watch(m.version)
	for !ok { // away for too long: a new snapshot, which may be a little old, too
		m.version, m.states = decodeSnapshot(t, b.Snapshot().Raw)
		v, missed, ok = b.Watch(m.version)
	}
	m.viewer = v
	m.take(t, missed)
}

// Whenever viewers come, leave, lag behind and come back: after a tick, who watches sees what is.
func TestViewersSeeWhatIs(t *testing.T) {
	const places = 60
	rapid.Check(t, func(t *rapid.T) {
		b, clock := newHall(t, places)
		models := make([]*model, 4)
		for i := range models {
			models[i] = &model{}
			models[i].join(t, b)
		}
		for range rapid.IntRange(1, 80).Draw(t, "steps") {
			m := models[rapid.IntRange(0, len(models)-1).Draw(t, "viewer")]
			switch rapid.IntRange(0, 5).Draw(t, "step") {
			case 0, 1:
				b.apply(set(booking.PlaceState(rapid.IntRange(0, 4).Draw(t, "state")),
					catalog.PlaceNo(rapid.IntRange(0, places-1).Draw(t, "place"))))
			case 2:
				b.tick()
			case 3:
				b.Snapshot() // the next one may be as old as this
				clock.now = clock.now.Add(snapshotMinInterval / 2)
			case 4:
				if m.viewer != nil {
					b.Leave(m.viewer)
					m.viewer = nil
				} else {
					m.join(t, b)
				}
			case 5:
				if m.viewer == nil {
					continue
				}
				deltas, more := m.viewer.pull()
				m.take(t, deltas)
				if !more {
					m.viewer = nil
				}
			}
		}
		b.tick()
		for _, m := range models {
			if m.viewer != nil {
				deltas, more := m.viewer.pull()
				m.take(t, deltas)
				if !more {
					m.viewer = nil
				}
			}
			if m.viewer == nil {
				m.join(t, b)
			}
			if version, hash := b.Sent(); version != m.version || hash != hashOf(m.states) {
				t.Fatalf("a viewer is at %d, sent were %d with the hash %x", m.version, version,
					hash)
			}
			if !slices.Equal(m.states, b.shownStates()) {
				t.Fatalf("a viewer at %d sees %v\nand the board at %d has %v", m.version, m.states,
					b.Version(), b.shownStates())
			}
		}
	})
}

func TestAwayForTooLong(t *testing.T) {
	b, _ := newHall(t, 10)
	first := b.Version()
	for i := range ringDeltas + 1 {
		b.apply(set(booking.PlaceState(1+i%2), 1))
		b.tick()
	}
	if _, _, ok := b.Watch(first); ok {
		t.Error("deltas that are gone are promised")
	}
	if len(b.ring) > ringDeltas {
		t.Errorf("%d deltas are kept, at most %d", len(b.ring), ringDeltas)
	}
	oldest := b.ring[0].From
	if _, missed := watch(t, b, oldest); len(missed) != len(b.ring) {
		t.Errorf("%d of %d deltas after %d", len(missed), len(b.ring), oldest)
	}
	if _, _, ok := b.Watch(oldest - 1); ok {
		t.Error("one delta too many is promised")
	}
	if _, _, ok := b.Watch(b.Version() + 1); ok {
		t.Error("a version that never was is followed")
	}
	if _, missed := watch(t, b, b.Version()); len(missed) > 0 {
		t.Errorf("who is up to date has missed %v", missed)
	}
}

func TestASlowViewerIsSentAwayAlone(t *testing.T) {
	b, _ := newHall(t, 10)
	slow, _ := watch(t, b, b.Version())
	quick, _ := watch(t, b, b.Version())
	got := 0
	for i := range viewerBuffer + 3 {
		b.apply(set(booking.PlaceState(1+i%2), 1))
		b.tick()
		deltas, more := quick.pull()
		if !more {
			t.Fatal("the quick one is sent away")
		}
		got += len(deltas)
	}
	if got != viewerBuffer+3 || b.Viewers() != 1 {
		t.Errorf("%d deltas for the quick one, %d viewers", got, b.Viewers())
	}
	deltas, more := slow.pull()
	if more || len(deltas) != viewerBuffer {
		t.Errorf("the slow one has %d deltas, more %v", len(deltas), more)
	}
	b.Leave(slow)
	b.Leave(quick)
	b.Leave(quick)
	if b.Viewers() != 0 {
		t.Errorf("%d viewers", b.Viewers())
	}
}

func TestAnEndedBoardHasNoViewers(t *testing.T) {
	b, _ := newHall(t, 10)
	v, _ := watch(t, b, b.Version())
	if last := b.end(); last != b.Version() {
		t.Errorf("ended at %d of %d", last, b.Version())
	}
	if _, more := v.pull(); more {
		t.Error("a viewer goes on")
	}
	if _, _, ok := b.Watch(b.Version()); ok {
		t.Error("somebody watches a board that has ended, for ever")
	}
	b.end()
	b.Leave(v)
}

func TestADeltaIsEncodedOnceForAll(t *testing.T) {
	b, _ := newHall(t, 10)
	one, _ := watch(t, b, b.Version())
	two, _ := watch(t, b, b.Version())
	b.apply(set(booking.Sold, 1))
	b.tick()
	encoded := 0
	encode := func(d Delta) []byte {
		encoded++
		return []byte(d.Data)
	}
	for _, v := range []*Viewer{one, two} {
		deltas, _ := v.pull()
		if string(deltas[0].Encoded(encode)) != deltas[0].Data {
			t.Errorf("%+v", deltas)
		}
	}
	if encoded != 1 {
		t.Errorf("encoded %d times", encoded)
	}
}

func TestTheHashIsKnownWhereAViewerMayStart(t *testing.T) {
	b, clock := newHall(t, 10)
	want := map[uint64]uint32{b.Version(): 0} // all are free
	for i := range catalog.PlaceNo(5) {
		b.apply(set(booking.Sold, i))
		if i%2 == 0 {
			want[b.Version()] = hashOf(b.shownStates())
			b.tick()
		}
	}
	b.apply(set(booking.Held, 7))
	between := b.Version()
	b.apply(set(booking.Blocked, 8))
	want[b.Version()] = hashOf(b.shownStates())
	if clock.now = clock.now.Add(snapshotMinInterval); b.Snapshot().Hash != want[b.Version()] {
		t.Errorf("the snapshot's hash is %x", b.Snapshot().Hash)
	}
	for version, hash := range want {
		if got, ok := b.HashAt(version); !ok || got != hash {
			// No tick ended at the version of the start.
			if version != b.ring[0].From {
				t.Errorf("at %d: %x, %v; want %x", version, got, ok, hash)
			}
		}
	}
	if hash, ok := b.HashAt(between); ok {
		t.Errorf("between two ticks: %x", hash)
	}
}

// TestTheHashOfTheDocumentation is the example of docs/live-map.md.
func TestTheHashOfTheDocumentation(t *testing.T) {
	b, _ := newHall(t, 10)
	b.apply(set(booking.Held, 1))
	b.apply(set(booking.Ordered, 2)) // shown as held
	b.apply(set(booking.Sold, 4))
	b.apply(set(booking.Blocked, 9))
	if hash := b.Snapshot().Hash; hash != documentedHash {
		t.Errorf("%d, want %d", hash, documentedHash)
	}
}

const documentedHash = 2752698177
