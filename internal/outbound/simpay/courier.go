package simpay

import (
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
	kept    int  // webhooks in the queue that a later one may call up
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

// first tries a webhook at once and, if that fails, queues it. m is nil for the usual manner.
func (c *courier) first(p parcel, m *manner) {
	if m != nil && (m.lost || m.wait > 0) {
		c.later(p, m)
		return
	}
	if !c.enter() {
		c.book.release(p, idle)
		return
	}
	defer c.work.Done()
	q := queued{parcel: p, manner: m}
	select {
	case c.slots <- struct{}{}:
	default:
		// Rather than be late to no purpose, what finds no room at once waits for its turn.
		if !c.slotWithin(maxAckWait) {
			c.enqueue(q)
			return
		}
	}
	done := c.try(q, maxAckWait)
	<-c.slots
	if !done {
		c.repeatLater(q)
	}
}

// later has a webhook delivered in the background: soon, after the wait of its manner, or never.
func (c *courier) later(p parcel, m *manner) {
	q := queued{parcel: p, manner: m, due: c.clock.Now()}
	if m != nil && m.lost {
		c.report(c.book.lose(p))
		return
	}
	if m != nil && m.wait > 0 {
		c.book.park(p)
		q.due, q.kept = q.due.Add(m.wait), m.shuffled
	}
	c.enqueue(q)
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
func (c *courier) try(q queued, timeout time.Duration) bool {
	p, number := q.parcel, q.tries+1
	c.flying.Add(1)
	forged := false
	if q.manner != nil && number == 1 {
		forged = q.manner.forged
		c.copies(q)
	}
	status, err := c.deliver(p, forged, timeout)
	if err == nil && status >= 200 && status < 300 {
		c.report(c.book.acknowledge(p))
		c.callUp(p)
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

// deliver sends a webhook once and returns the status of the answer.
func (c *courier) deliver(p parcel, forged bool, timeout time.Duration) (int, error) {
	m := c.messages.Get().(*message)
	m.id = p.appendNoticeID(m.id[:0])
	m.body = p.appendBody(m.body[:0])
	m.at = c.clock.Now().Unix()
	signed := m.at
	if forged {
		signed++
	}
	m.signature = c.key.AppendSignature(m.signature[:0], string(m.id), signed, m.body)
	status, err := c.sender.send(*m, timeout)
	c.messages.Put(m)
	return status, err
}

// copies sends a webhook some more times beside the one that counts.
func (c *courier) copies(q queued) {
	for range q.manner.copies {
		if !c.enter() {
			return
		}
		go func() {
			defer c.work.Done()
			select {
			case c.slots <- struct{}{}:
			case <-c.stop:
				return
			}
			_, _ = c.deliver(q.parcel, false, repeatTimeout) // the one that counts is repeated
			<-c.slots
		}()
	}
}

func (c *courier) report(err error) {
	if err != nil {
		c.log.Error("simpay can't write its journal", "error", err)
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
			c.giveUp(next)
			return
		case slots <- struct{}{}:
		}
		if !c.enter() {
			c.giveUp(next)
			return
		}
		go func() {
			defer c.work.Done()
			defer func() { <-slots }()
			c.repeat(next)
		}()
	}
}

// giveUp leaves what was due for the next start.
func (c *courier) giveUp(q queued) {
	if q.task == nil {
		c.book.release(q.parcel, idle)
	}
}

func (c *courier) repeat(q queued) {
	if q.task != nil {
		q.task()
		return
	}
	select {
	case c.slots <- struct{}{}:
	case <-c.stop:
		c.book.release(q.parcel, idle)
		return
	}
	if q.manner != nil {
		c.book.unpark(q.parcel)
	}
	done := c.try(q, repeatTimeout)
	<-c.slots
	if !done {
		c.repeatLater(q)
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
