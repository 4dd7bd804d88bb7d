package rush

import (
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// never is later than the end of any run.
const never = 1 << 62

// shared is what all loops of one run see. The atomics are the only words that they write in
// common.
type shared struct {
	cfg     Config
	targets []target
	nonce   string
	start   time.Time // the clock of the run counts from here

	cpuBefore time.Duration // processor time that was spent before the press

	press     atomic.Int64 // when all press, in nanoseconds of the run's clock; 0: not yet
	stop      atomic.Bool
	connected atomic.Int64
	dialFails atomic.Int64
	claimed   atomic.Int64 // places that are held, ordered or paid by our buyers, as far as we know
	sold      atomic.Int64
	checkouts atomic.Int64
	refusals  atomic.Int64

	taken     bitmap // places that our buyers hold, as a live map would show them
	delivered bitmap // places whose tickets were delivered

	journal sync.Mutex
	failure error // guarded by journal
}

// now is the clock of the run. It is monotonic.
func (r *shared) now() time.Duration { return time.Since(r.start) }

// fail ends the run with an error; the first one counts.
func (r *shared) fail(err error) {
	r.journal.Lock()
	defer r.journal.Unlock()
	if r.failure == nil {
		r.failure = err
	}
	r.stop.Store(true)
}

func (r *shared) write(to io.Writer, lines []byte) {
	r.journal.Lock()
	defer r.journal.Unlock()
	if _, err := to.Write(lines); err != nil && r.failure == nil {
		r.failure = err
		r.stop.Store(true)
	}
}

// soldOut tells whether nothing is left that a buyer could still get, unless somebody gives it
// back.
func (r *shared) soldOut() bool { return r.claimed.Load() >= int64(r.cfg.Places) }

// A bitmap is a set of place numbers that several loops may change at once.
type bitmap []atomic.Uint32

func newBitmap(n int) bitmap { return make(bitmap, (n+31)/32) }

// set adds a place and tells whether it was in the set before. A number out of range is ignored.
func (m bitmap) set(place uint32) bool {
	if int(place/32) >= len(m) {
		return false
	}
	bit := uint32(1) << (place % 32)
	return m[place/32].Or(bit)&bit != 0
}

func (m bitmap) clear(place uint32) {
	if int(place/32) < len(m) {
		m[place/32].And(^(uint32(1) << (place % 32)))
	}
}

func (m bitmap) has(place uint32) bool {
	return int(place/32) < len(m) && m[place/32].Load()&(1<<(place%32)) != 0
}

// free tells whether none of n places from first on is in the set.
func (m bitmap) free(first uint32, n int) bool {
	for i := range n {
		if m.has(first + uint32(i)) {
			return false
		}
	}
	return true
}
