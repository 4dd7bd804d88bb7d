package rush

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// Bounds of one loop.
const (
	maxDialsInFlight    = 128 // below any sane accept queue
	maxSpareLinksCount  = 256
	maxDialFailsCount   = 100 // in a row, over all loops, before the run is given up
	dialRetryDelay      = 20 * time.Millisecond
	sweepInterval       = time.Second
	maxIdleWaitDuration = 20 * time.Millisecond
	maxJournalBytes     = 32 << 10
)

// A wire carries the bytes of one loop's links. Its methods are called by the loop only, and the
// wire calls the loop back (opened, arrived, broken) from no other goroutine at the same time.
type wire interface {
	dial(link int32)
	send(link int32, request []byte) error // all of it was sent or queued
	drop(link int32)
}

// A link is one connection. owner is the buyer who uses it, -1 for a spare one.
type link struct {
	owner int32
	to    int32 // the server, as an index of targets
	up    bool
	cut   bool          // the beginning of an answer has come
	quiet time.Duration // since when nothing has come
}

// A loop drives its share of the buyers. It belongs to one goroutine at a time.
type loop struct {
	*shared
	scripts []*script // one for each server
	wire    wire
	tally   tally
	timers  timers
	buyers  []buyer
	links   []link
	spare   []int32
	out     []byte
	lines   []byte // for the journal

	toDial    []int32
	inFlight  int
	dialAgain time.Duration
	opening   bool // connections are being made, nobody has pressed
	pressed   time.Duration
	nextSweep time.Duration

	active   int // buyers who have not left; steady: sessions that are under way
	idle     []int32
	idleHead int
	arrivals rand.PCG
	arrival  time.Duration // of the next session, since the press
}

// newLoop makes the loop number index of a run with the buyers first to first+count-1.
func newLoop(r *shared, index, first, count int) *loop {
	spares := int(math.Ceil(float64(count) * (r.cfg.Shares.DoubleClick + r.cfg.Shares.Twice) / 2))
	spares = min(spares, maxSpareLinksCount)
	l := &loop{
		shared: r, opening: true,
		buyers: make([]buyer, count),
		links:  make([]link, count+spares),
		spare:  make([]int32, 0, spares),
		timers: timers{heap: make([]timer, 0, 2*count)},
		tally:  tally{series: newTimeline()},
		idle:   make([]int32, 0, count),
	}
	l.arrivals.Seed(r.cfg.Seed, math.MaxUint64-uint64(index))
	for i := range l.buyers {
		b := &l.buyers[i]
		b.no, b.link, b.extra = int32(first+i), int32(i), -1
		b.rnd.Seed(r.cfg.Seed, uint64(first+i))
		l.links[i].owner = int32(i)
	}
	for _, to := range r.targets {
		l.scripts = append(l.scripts, newScript(to.host, r.cfg.Event, r.nonce))
	}
	for i := range l.links {
		l.links[i].to = int32((first + i) % len(r.targets))
	}
	for i := count; i < len(l.links); i++ {
		l.links[i].owner = -1
		l.spare = append(l.spare, int32(i))
	}
	for i := range slices.Backward(l.links) {
		l.toDial = append(l.toDial, int32(i))
	}
	return l
}

// tick does what is due and returns when it wants to be called again at the latest.
func (l *loop) tick(now time.Duration) time.Duration {
	if l.opening {
		return l.open(now)
	}
	for l.timers.next() <= now {
		due := l.timers.pop()
		b := &l.buyers[due.buyer]
		if b.condition == waiting && b.due == due.at {
			l.tally.lag.Record(now - due.at)
			l.wake(due.buyer, now)
		}
	}
	next := l.timers.next()
	if l.cfg.Scenario == Steady {
		next = min(next, l.admit(now))
	}
	if now >= l.nextSweep {
		l.nextSweep = now + sweepInterval
		l.sweep(now)
	}
	l.flush()
	return min(next, l.nextSweep, now+maxIdleWaitDuration)
}

// open makes connections, and starts the rush once the run says so.
func (l *loop) open(now time.Duration) time.Duration {
	if at := time.Duration(l.press.Load()); at > 0 {
		if now < at {
			return at
		}
		l.opening = false
		l.begin(at, now)
		return now
	}
	for now >= l.dialAgain && len(l.toDial) > 0 && l.inFlight < maxDialsInFlight {
		next := l.toDial[len(l.toDial)-1]
		l.toDial = l.toDial[:len(l.toDial)-1]
		l.inFlight++
		l.wire.dial(next)
	}
	return now + time.Millisecond
}

// begin is the instant at which all press.
func (l *loop) begin(at, now time.Duration) {
	l.pressed = at
	l.nextSweep = now + sweepInterval
	if l.cfg.Scenario == Steady {
		for i := range l.buyers {
			l.idle = append(l.idle, int32(i))
		}
		l.arrival = l.gap()
		return
	}
	l.active = len(l.buyers)
	for i := range l.buyers {
		l.round(int32(i), at, now)
	}
}

// gap draws the time to the next arrival. Independent people arrive as a Poisson process, so gaps
// are exponential.
func (l *loop) gap() time.Duration {
	mean := float64(l.cfg.Loops) / l.cfg.Rate * float64(time.Second)
	u := float64(l.arrivals.Uint64()>>11) / (1 << 53)
	return time.Duration(-math.Log1p(-u) * mean)
}

// admit starts the sessions that are due, as long as somebody is at rest to have them; the others
// wait with their clocks running. It returns when the next one is due.
func (l *loop) admit(now time.Duration) time.Duration {
	for l.arrival < l.cfg.Duration {
		intended := l.pressed + l.arrival
		if intended > now {
			return intended
		}
		if l.idleHead == len(l.idle) {
			return never
		}
		// First in, first out, so that every connection gets its turn.
		i := l.idle[l.idleHead]
		l.idleHead++
		if l.idleHead >= cap(l.idle)/2 {
			n := copy(l.idle, l.idle[l.idleHead:])
			l.idle, l.idleHead = l.idle[:n], 0
		}
		l.active++
		l.arrival += l.gap()
		l.tally.lag.Record(now - intended)
		l.round(i, intended, now)
	}
	return never
}

// done tells whether every buyer of the loop is through.
func (l *loop) done() bool {
	if l.stop.Load() {
		return true
	}
	return !l.opening && l.active == 0 &&
		(l.cfg.Scenario != Steady || l.arrival >= l.cfg.Duration)
}

// later lets a buyer wait.
func (l *loop) later(i int32, due time.Duration) {
	b := &l.buyers[i]
	b.condition, b.due = waiting, due
	l.timers.push(due, i)
}

// wake goes on with a buyer whose wait is over.
func (l *loop) wake(i int32, now time.Duration) {
	b := &l.buyers[i]
	switch {
	case b.fresh:
		b.fresh = false
		l.wishHold(i, b.due, now)
	case b.lost > 0:
		b.condition = dialing
		l.wire.dial(b.link)
	default:
		l.ask(i, b.step, b.due, now)
	}
}

// sweep finds the answers that are overdue.
func (l *loop) sweep(now time.Duration) {
	for i := range l.buyers {
		b := &l.buyers[i]
		if b.condition == asking && now-b.sent > l.cfg.RequestTimeout {
			l.broken(b.link, troubleTimeout, nil, now)
		}
	}
}

// flush hands on what is acknowledged, at once: whoever watches the journal waits for it.
func (l *loop) flush() {
	if len(l.lines) > 0 {
		l.write(l.cfg.Journal, l.lines)
		l.lines = l.lines[:0]
	}
}

// finish closes the books. Who was cut off counts with the time waited so far: leaving the slowest
// out would flatter the server.
func (l *loop) finish(now time.Duration) {
	for i := range l.buyers {
		b := &l.buyers[i]
		switch b.condition {
		case asking, dialing:
			l.tally.steps[b.step].Record(now - b.intended)
			l.tally.unfinished++
		case waiting:
			l.tally.unfinished++
		case resting, gone: // has nothing under way
		}
	}
	if l.cfg.Scenario == Steady && !l.opening {
		for ; l.arrival < min(l.cfg.Duration, now-l.pressed); l.arrival += l.gap() {
			l.tally.steps[stepHold].Record(now - l.pressed - l.arrival)
			l.tally.unfinished++
		}
	}
	l.flush()
	for i := range l.links {
		l.wire.drop(int32(i))
	}
}

// refusedConnection counts a failed dial of the opening phase.
func (l *loop) refusedConnection(at int32, err error, now time.Duration) {
	l.inFlight--
	l.toDial = append(l.toDial, at)
	l.dialAgain = now + dialRetryDelay
	if l.dialFails.Add(1) >= maxDialFailsCount {
		l.fail(fmt.Errorf("connecting to %v: %w", l.targets[l.links[at].to].addr, err))
	}
}
