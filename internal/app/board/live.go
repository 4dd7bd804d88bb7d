package board

import (
	"encoding/base64"
	"encoding/binary"
	"slices"
	"sync"
	"sync/atomic"

	"ticketflow/internal/domain/catalog"
)

// viewerBuffer is how many deltas a slow viewer may lag behind before it must start anew.
const viewerBuffer = 16

// Delta is what changed between two versions, merged: the newest state of each place that changed.
// Data is base64 of, for each place in rising order, an unsigned varint of (gap << 2 | state): gap
// is the distance to the place before (of the first one: its number), state the snapshot's two
// bits. It is encoded once for all viewers.
type Delta struct {
	From, To uint64 // applies to a state of version From or later, and makes it To
	Hash     uint32 // of all states at To
	Data     string
	Places   int

	frame *frame // shared by all copies
}

// frame is a delta as one transport sends it.
type frame struct {
	once sync.Once
	text []byte
}

// Encoded is the delta as a transport sends it: encode is called when the first viewer asks, and
// its result is shared by all. It must not be changed.
func (d Delta) Encoded(encode func(Delta) []byte) []byte {
	d.frame.once.Do(func() { d.frame.text = encode(d) })
	return d.frame.text
}

// Viewer is somebody who watches a board.
type Viewer struct {
	// Deltas delivers each delta once, in order. It is closed when the viewer was too slow or the
	// board ended: take a new snapshot then.
	Deltas chan Delta

	heads atomic.Int64
}

// StandFor says how many people watch through this viewer: 1 unless it is told otherwise.
func (v *Viewer) StandFor(n int) { v.heads.Store(int64(n)) }

// Watch starts to deliver the deltas after version since. ok is false when these can't be had any
// more, or the board has ended: ask for the event's board and take a snapshot first. The caller
// must Leave.
func (b *Board) Watch(since uint64) (v *Viewer, missed []Delta, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	missed, ok = b.since(since)
	if !ok {
		return nil, nil, false
	}
	v = &Viewer{Deltas: make(chan Delta, viewerBuffer)}
	v.heads.Store(1)
	b.viewers[v] = struct{}{}
	return v, missed, true
}

// Since is what Watch would have missed, for one who follows through another viewer.
func (b *Board) Since(since uint64) (missed []Delta, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.since(since)
}

func (b *Board) since(since uint64) (missed []Delta, ok bool) {
	if b.ended || since > b.version || since%b.step != b.salt {
		return nil, false
	}
	if since < b.sent {
		missed = b.after(since)
		return missed, missed != nil
	}
	return nil, true
}

// after finds the deltas that bring a viewer from since to the version sent last.
func (b *Board) after(since uint64) []Delta {
	i := slices.IndexFunc(b.ring, func(d Delta) bool { return d.To > since })
	if i < 0 || b.ring[i].From > since {
		return nil
	}
	return slices.Clone(b.ring[i:])
}

// Leave ends a viewer. It may be called twice.
func (b *Board) Leave(v *Viewer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.viewers, v)
}

// Viewers is how many are watching.
func (b *Board) Viewers() (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for v := range b.viewers {
		n += int(v.heads.Load())
	}
	return n
}

// tick publishes what has changed since the last tick, if anything has.
func (b *Board) tick() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.pending) == 0 {
		return
	}
	d := Delta{From: b.sent, To: b.version, Hash: b.hash, Places: len(b.pending),
		Data: b.encodePending(), frame: &frame{}}
	clear(b.pending)
	b.sent, b.sentHash = b.version, b.hash
	if len(b.ring) == ringDeltas {
		b.ring = slices.Delete(b.ring, 0, ringDeltas/4)
	}
	b.ring = append(b.ring, d)
	for v := range b.viewers {
		select {
		case v.Deltas <- d:
		default: // too slow: it starts anew, and nobody waits for it
			close(v.Deltas)
			delete(b.viewers, v)
		}
	}
}

func (b *Board) encodePending() string {
	places := make([]catalog.PlaceNo, 0, len(b.pending))
	for p := range b.pending {
		places = append(places, p)
	}
	slices.Sort(places)
	raw := make([]byte, 0, 2*len(places))
	last := catalog.PlaceNo(0)
	for _, p := range places {
		raw = binary.AppendUvarint(raw, uint64(p-last)<<2|uint64(shown(b.states[p])))
		last = p
	}
	return base64.StdEncoding.EncodeToString(raw)
}

// end closes all viewers' channels, at shutdown or when another board takes this one's place, and
// returns the last version.
func (b *Board) end() uint64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ended = true
	for v := range b.viewers {
		close(v.Deltas)
		delete(b.viewers, v)
	}
	return b.version
}
