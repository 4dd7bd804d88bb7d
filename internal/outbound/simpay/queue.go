package simpay

import (
	"container/heap"
	"encoding/binary"
	"io"
	"time"
)

// queued is a webhook and the time of its next try, or another task.
type queued struct {
	parcel parcel
	manner *manner // nil for the usual one
	tries  int
	due    time.Time
	kept   bool   // until then, or until a later webhook of the payment has arrived
	task   func() // nil for a webhook
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

// repeatLater queues a webhook that was just tried in vain.
func (c *courier) repeatLater(q queued) {
	q.tries++
	q.due = c.clock.Now().Add(c.pause(q.tries))
	c.enqueue(q)
}

// at has something done in the background at a time, unless the process ends before. What finds no
// room is not done.
func (c *courier) at(due time.Time, task func()) {
	c.enqueue(queued{due: due, task: task})
}

func (c *courier) enqueue(q queued) {
	c.mu.Lock()
	defer c.mu.Unlock()
	full := len(c.queue) >= maxQueued
	if c.closed || full {
		if q.task == nil {
			c.book.release(q.parcel, idle)
			c.spilled = c.spilled || full
		}
		return
	}
	if q.kept {
		c.kept++
	}
	first := len(c.queue) == 0 || q.due.Before(c.queue[0].due)
	heap.Push(&c.queue, q)
	if first {
		c.poke()
	}
}

// pause is half to all of the exponential pause after so many tries.
func (c *courier) pause(tries int) time.Duration {
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

// callUp lets webhooks go that were kept back until a later one of their payment has arrived.
func (c *courier) callUp(arrived parcel) {
	if arrived.change == nil {
		return // nothing was before it
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == 0 {
		return
	}
	now := c.clock.Now()
	for i, q := range c.queue {
		if q.kept && q.parcel.entry == arrived.entry && q.parcel.number() < arrived.number() {
			c.queue[i].kept, c.queue[i].due = false, now
			c.kept--
		}
	}
	heap.Init(&c.queue)
	c.poke()
}

// due takes the next webhook whose time has come, or tells how long to wait for it; 0 for ever.
func (c *courier) due() (next queued, wait time.Duration, ok bool) {
	c.mu.Lock()
	refill := c.spilled && (len(c.queue) == 0 || c.queue[0].due.After(c.clock.Now()))
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
	next = heap.Pop(&c.queue).(queued)
	if next.kept {
		next.kept = false
		c.kept--
	}
	return next, 0, true
}

// refill queues what the book has left, as much as has room. The lock order is courier, then book.
func (c *courier) refill() {
	c.mu.Lock()
	defer c.mu.Unlock()
	parcels, more := c.book.claim(maxQueued - len(c.queue))
	c.spilled = more
	now := c.clock.Now()
	for _, p := range parcels {
		heap.Push(&c.queue, queued{parcel: p, due: now})
	}
}
