package rush

import (
	"math/rand/v2"
	"time"
)

// condition is what a buyer is doing at the moment.
type condition uint8

const (
	resting condition = iota // steady: connected, waiting for its next session
	waiting                  // until due: thinking, or backing off
	dialing                  // its connection is being made
	asking                   // a request is on its way
	gone                     // left the sale for good
)

// A buyer is one simulated person: a small state machine that is driven by answers and timers. Its
// buffers are kept from round to round.
type buyer struct {
	rnd   rand.PCG
	no    int32 // over all loops
	link  int32 // its connection
	extra int32 // a second connection, borrowed for a double click; -1 if none

	condition condition
	step      step // what it asks, or will ask when due
	fresh     bool // when due, think of a new hold instead of asking the step again
	due       time.Duration
	intended  time.Duration // when it meant to ask: latency counts from here
	sent      time.Duration
	lost      time.Duration // since when its server can't be reached

	// Drawn for the round.
	abandons, leaves, twice, secondLink bool
	doubled                             step // sent twice, stepsCount for none

	round, wish  int32
	naming       bool
	splitAllowed bool
	wants        int
	named        uint32 // first of the places that it names
	stage        uint8  // how far it lowered its wishes: together, apart, a single place

	// Learned from the answers to the present step.
	awaited  uint8
	granted  bool
	refused  bool // by a final answer, not a "later"
	verdict  int
	wait     time.Duration // that the server asked for
	tickets  int
	echo     []byte // what the first of two answers named
	attempts uint8  // of the present step
	strikes  uint8  // failures in a row

	has        int // places in its hold or order
	paid       bool
	hold       []byte
	holdToken  []byte
	order      []byte
	orderToken []byte
	pay        []byte
	places     [maxPerOrderCount]uint32
	placed     int
}

// uniform draws from [0, 1).
func (b *buyer) uniform() float64 { return float64(b.rnd.Uint64()>>11) / (1 << 53) }

// below draws from [0, n).
func (b *buyer) below(n int) int { return int(b.uniform() * float64(n)) }

// spread draws evenly between half and one and a half of a mean.
func (b *buyer) spread(mean time.Duration) time.Duration {
	if mean <= 0 {
		return 0
	}
	return mean/2 + time.Duration(b.uniform()*float64(mean))
}

// draw decides how the buyer behaves in its next round. It always draws the same number of times,
// so that one share can be changed without changing what the others draw.
func (b *buyer) draw(shares *Shares) {
	named, abandon, leave := b.uniform(), b.uniform(), b.uniform()
	double, which, twice, second := b.uniform(), b.uniform(), b.uniform(), b.uniform()
	b.naming = named < shares.Named
	b.abandons = abandon < shares.Abandon
	b.leaves = leave < shares.Leave
	b.twice = twice < shares.Twice
	b.secondLink = second < 0.5
	b.doubled = stepsCount
	if double < shares.DoubleClick {
		b.doubled = stepHold
		if which < 0.5 {
			b.doubled = stepOrder
		}
	}
}

// copies is how often the present step is sent: twice by a double click, and by a buyer who sends
// everything twice. Giving back and asking again are sent once.
func (b *buyer) copies() int {
	if b.step == b.doubled || b.twice && int(b.step) < plottedSteps {
		return 2
	}
	return 1
}

// timers is a binary heap of the times at which buyers become due. A buyer has at most one valid
// entry: that whose time is its due time.
type timers struct {
	heap []timer
}

type timer struct {
	at    time.Duration
	buyer int32
}

func (t *timers) push(at time.Duration, buyer int32) {
	t.heap = append(t.heap, timer{at, buyer})
	for i := len(t.heap) - 1; i > 0; {
		parent := (i - 1) / 2
		if t.heap[parent].at <= t.heap[i].at {
			break
		}
		t.heap[parent], t.heap[i] = t.heap[i], t.heap[parent]
		i = parent
	}
}

// next is the earliest time, or never.
func (t *timers) next() time.Duration {
	if len(t.heap) == 0 {
		return never
	}
	return t.heap[0].at
}

func (t *timers) pop() timer {
	top := t.heap[0]
	last := len(t.heap) - 1
	t.heap[0] = t.heap[last]
	t.heap = t.heap[:last]
	for i := 0; ; {
		child := 2*i + 1
		if child >= last {
			return top
		}
		if child+1 < last && t.heap[child+1].at < t.heap[child].at {
			child++
		}
		if t.heap[i].at <= t.heap[child].at {
			return top
		}
		t.heap[i], t.heap[child] = t.heap[child], t.heap[i]
		i = child
	}
}
