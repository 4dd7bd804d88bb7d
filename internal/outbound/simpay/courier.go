package simpay

import (
	"container/heap"
	"encoding/binary"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"ticketflow/internal/app/stdwebhook"
)

const (
	// maxInFlight bounds the webhooks that are being delivered, first tries and repetitions. Each
	// has a connection, of which the box office keeps the other end: more don't sell faster.
	maxInFlight = 512
	// maxRepeating bounds the repetitions among them, so that they never crowd out first tries.
	maxRepeating = 32
	// maxQueued bounds the webhooks that wait for their next try; more stay in the book until then.
	maxQueued = 50_000
	// maxTries bounds the tries of one webhook until the next start: about 40 minutes.
	maxTries = 16

	// maxAckWait bounds how long the buyer's answer waits for the box office.
	maxAckWait    = 10 * time.Second
	repeatTimeout = 10 * time.Second
	firstPause    = 250 * time.Millisecond
	maxPause      = 5 * time.Minute
)

// courier delivers webhooks: the first try on the goroutine of whoever caused it, repetitions in
// the background with growing, jittered pauses.
type courier struct {
	book   *book
	key    *stdwebhook.Key
	clock  Clock
	log    *slog.Logger
	sender sender
	slots  chan struct{}
	flying atomic.Int64

	random   io.Reader
	messages sync.Pool // of *message

	mu      sync.Mutex
	queue   waiting
	spilled bool // the book has idle webhooks that found no room in the queue
	closed  bool
	work    sync.WaitGroup
	wake    chan struct{}
	stop    chan struct{}
}

func newCourier(b *book, key *stdwebhook.Key, clock Clock, log *slog.Logger, s sender,
	random io.Reader,
) *courier {
	c := &courier{book: b, key: key, clock: clock, log: log, sender: s, random: random,
		slots: make(chan struct{}, maxInFlight),
		wake:  make(chan struct{}, 1),
		stop:  make(chan struct{}),
	}
	c.messages.New = func() any { return &message{} }
	return c
}

// enter counts one more goroutine that uses the sender, unless the courier is closed.
func (c *courier) enter() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return false
	}
	c.work.Add(1)
	return true
}

// first tries a webhook at once and, if that fails, queues it.
func (c *courier) first(p parcel) {
	if !c.enter() {
		c.book.release(p, idle)
		return
	}
	defer c.work.Done()
	select {
	case c.slots <- struct{}{}:
	default:
		// Rather than be late to no purpose, what finds no room at once waits for its turn.
		if !c.slotWithin(maxAckWait) {
			c.later(p, 0)
			return
		}
	}
	done := c.try(p, 1, maxAckWait)
	<-c.slots
	if !done {
		c.later(p, 1)
	}
}

func (c *courier) slotWithin(d time.Duration) bool {
	fired, stop := c.clock.After(d)
	defer stop()
	select {
	case c.slots <- struct{}{}:
		return true
	case <-fired:
		return false
	case <-c.stop:
		return false
	}
}

// try delivers once and reports whether the matter is closed: acknowledged or abandoned.
func (c *courier) try(p parcel, number int, timeout time.Duration) bool {
	c.flying.Add(1)
	m := c.messages.Get().(*message)
	m.id = p.appendNoticeID(m.id[:0])
	m.body = p.appendBody(m.body[:0])
	m.at = c.clock.Now().Unix()
	m.signature = c.key.AppendSignature(m.signature[:0], string(m.id), m.at, m.body)
	status, err := c.sender.send(*m, timeout)
	c.messages.Put(m)
	if err == nil && status >= 200 && status < 300 {
		c.report(c.book.acknowledge(p))
	}
	// Acknowledgements wait for the next write; if nobody is about to write, they are written now.
	if c.flying.Add(-1) == 0 {
		c.report(c.book.flush())
	}
	switch {
	case err == nil && status >= 200 && status < 300:
		return true
	case status == http.StatusGone, number >= maxTries:
		c.book.release(p, abandoned)
		c.log.Warn("simpay gives a webhook up until its next start", "payment", p.entry.key,
			"number", p.number(), "tries", number, "status", status, "error", err)
		return true
	}
	return false
}

func (c *courier) report(err error) {
	if err != nil {
		c.log.Error("simpay can't write its journal", "error", err)
	}
}

// later queues a webhook that has been tried so many times.
func (c *courier) later(p parcel, tries int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		c.book.release(p, idle)
		return
	}
	if len(c.queue) >= maxQueued {
		c.book.release(p, idle)
		c.spilled = true
		return
	}
	heap.Push(&c.queue, queued{p, tries, c.clock.Now().Add(c.pause(tries))})
	if c.queue[0].parcel == p {
		c.poke()
	}
}

// pause is half to all of the exponential pause after so many tries; none before the first.
func (c *courier) pause(tries int) time.Duration {
	if tries == 0 {
		return 0
	}
	d := maxPause
	if tries < 12 {
		d = min(firstPause<<(tries-1), maxPause)
	}
	var draw [8]byte
	if _, err := io.ReadFull(c.random, draw[:]); err != nil {
		return d / 2 // without chance everybody waits alike, which is better than not at all
	}
	return d/2 + time.Duration(binary.BigEndian.Uint64(draw[:])%uint64(d/2))
}

func (c *courier) poke() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// run repeats what is due until close. The caller has entered.
func (c *courier) run() {
	defer c.work.Done()
	c.mu.Lock()
	c.spilled = true // whatever an earlier run of the program left is in the book
	c.mu.Unlock()
	slots := make(chan struct{}, maxRepeating)
	for {
		next, wait, ok := c.due()
		if !ok {
			var fired <-chan time.Time // nothing is queued: only later can change that
			stop := func() {}
			if wait > 0 {
				fired, stop = c.clock.After(wait)
			}
			select {
			case <-c.stop:
				stop()
				return
			case <-c.wake:
			case <-fired:
			}
			stop()
			continue
		}
		select {
		case <-c.stop:
			c.book.release(next.parcel, idle)
			return
		case slots <- struct{}{}:
		}
		if !c.enter() {
			c.book.release(next.parcel, idle)
			return
		}
		go func() {
			defer c.work.Done()
			defer func() { <-slots }()
			c.repeat(next)
		}()
	}
}

func (c *courier) repeat(q queued) {
	select {
	case c.slots <- struct{}{}:
	case <-c.stop:
		c.book.release(q.parcel, idle)
		return
	}
	done := c.try(q.parcel, q.tries+1, repeatTimeout)
	<-c.slots
	if !done {
		c.later(q.parcel, q.tries+1)
	}
}

// due takes the next webhook whose time has come, or tells how long to wait for it; 0 for ever.
func (c *courier) due() (next queued, wait time.Duration, ok bool) {
	c.mu.Lock()
	refill := c.spilled && len(c.queue) == 0
	c.mu.Unlock()
	if refill {
		c.refill()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.queue) == 0 {
		return queued{}, 0, false
	}
	if wait := c.queue[0].due.Sub(c.clock.Now()); wait > 0 {
		return queued{}, wait, false
	}
	return heap.Pop(&c.queue).(queued), 0, true
}

// refill queues what the book has left, as much as has room. The lock order is courier, then book.
func (c *courier) refill() {
	c.mu.Lock()
	defer c.mu.Unlock()
	parcels, more := c.book.claim(maxQueued)
	c.spilled = more
	now := c.clock.Now()
	for _, p := range parcels {
		heap.Push(&c.queue, queued{p, 0, now})
	}
}

// close ends all deliveries and waits for them. It may be called twice.
func (c *courier) close() {
	c.mu.Lock()
	if !c.closed {
		c.closed = true
		close(c.stop)
	}
	c.mu.Unlock()
	c.sender.close()
	c.work.Wait()
}

// queued is a webhook and the time of its next try.
type queued struct {
	parcel parcel
	tries  int
	due    time.Time
}

// waiting is a heap by due time.
//
//nolint:recvcheck // as package heap wants it
type waiting []queued

func (w waiting) Len() int           { return len(w) }
func (w waiting) Less(i, j int) bool { return w[i].due.Before(w[j].due) }
func (w waiting) Swap(i, j int)      { w[i], w[j] = w[j], w[i] }

// Push is for package heap.
func (w *waiting) Push(x any) { *w = append(*w, x.(queued)) }

// Pop is for package heap.
func (w *waiting) Pop() any {
	old := *w
	last := old[len(old)-1]
	old[len(old)-1] = queued{}
	*w = old[:len(old)-1]
	return last
}
