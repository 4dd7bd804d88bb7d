package httpapi

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"ticketflow/internal/app/board"
	"ticketflow/internal/inbound/edge"
)

const (
	lookInterval = 2 * time.Second        // how often a crowd looks who has left
	restInterval = 100 * time.Millisecond // how often it tries to get rid of what waits
	slowLimit    = 10 * time.Second       // how long a viewer may take nothing of what waits for it
	crowdShare   = 512                    // viewers that are worth a goroutine of their own
)

// crowds are the viewers whose connections were taken over, a crowd for each board. A viewer costs
// its connection and a few words. What changes is written to all of a crowd in a loop that never
// waits: who can't take it has it waiting, and is sent the rest later.
type crowds struct {
	clock   func() time.Time
	log     *slog.Logger
	resyncs prometheus.Counter
	slow    prometheus.Counter
	running sync.WaitGroup

	mu sync.Mutex
	of map[*board.Board]*crowd
}

// crowd are those who watch one board.
type crowd struct {
	*crowds
	seats *board.Board

	waiting atomic.Bool  // somebody has a rest
	all     []*spectator // but those who have just arrived; the crowd's own goroutine's

	mu      sync.Mutex
	viewer  *board.Viewer // stands for all of them
	heads   int
	arrived []*spectator // since the crowd was told something last
}

// spectator is one of a crowd. Only the crowd's own goroutine touches it, or one that works for it.
type spectator struct {
	line    *edge.Line
	version uint64 // what it has, once rest is gone
	rest    []byte // what the system wouldn't take
	waiting time.Time
	left    bool
}

func newCrowds(
	clock func() time.Time, registry prometheus.Registerer, log *slog.Logger,
) *crowds {
	c := &crowds{clock: clock, log: log, of: make(map[*board.Board]*crowd),
		resyncs: prometheus.NewCounter(prometheus.CounterOpts{Namespace: "ticketflow",
			Name: "board_resyncs_total", Help: "Viewers who were told to take a new snapshot."}),
		slow: prometheus.NewCounter(prometheus.CounterOpts{Namespace: "ticketflow",
			Name: "board_slow_viewers_total", Help: "Viewers who were cut off: they didn't read."}),
	}
	registry.MustRegister(c.resyncs, c.slow)
	return c
}

// Wait returns when all viewers of boards that have ended are sent away, or ctx ends.
func (c *crowds) Wait(ctx context.Context) {
	gone := make(chan struct{})
	go func() {
		c.running.Wait()
		close(gone)
	}()
	select {
	case <-gone:
	case <-ctx.Done():
	}
}

// join greets a viewer who has a version, and makes it one of the crowd.
func (c *crowds) join(seats *board.Board, line *edge.Line, greeting []byte, version uint64) {
	text := greeting
	for {
		if line.Send(text) != nil {
			line.Close()
			return
		}
		missed, ok := c.admit(seats, line, version)
		switch {
		case !ok: // the board has ended, or others wrote faster than this one reads
			c.resyncs.Inc()
			_ = line.Send(resync) // it comes back in any case
			line.Close()
			return
		case len(missed) == 0:
			return
		}
		text, version = frames(missed), missed[len(missed)-1].To
	}
}

// admit makes a viewer one of the crowd if it has missed nothing. Whatever comes after what it has
// comes to the crowd after it was admitted, because the crowd's lock is held.
func (c *crowds) admit(
	seats *board.Board, line *edge.Line, version uint64,
) (missed []board.Delta, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	group := c.of[seats]
	if group == nil {
		if group = c.gather(seats); group == nil {
			return nil, false
		}
	}
	group.mu.Lock()
	defer group.mu.Unlock()
	missed, ok = seats.Since(version)
	if ok && len(missed) == 0 {
		group.arrived = append(group.arrived, &spectator{line: line, version: version})
		group.count(1)
	}
	return missed, ok
}

// gather begins a crowd. It is nil if the board has ended.
func (c *crowds) gather(seats *board.Board) *crowd {
	viewer, _, ok := seats.Watch(seats.Version())
	if !ok {
		return nil
	}
	group := &crowd{crowds: c, seats: seats, viewer: viewer}
	group.count(0)
	c.of[seats] = group
	c.running.Go(group.run)
	return group
}

// count says how many there are.
func (c *crowd) count(more int) {
	c.heads += more
	c.viewer.StandFor(c.heads)
}

// run tells the crowd what happens, until nobody is left or the board ends.
func (c *crowd) run() {
	defer func() { c.finish(recover()) }()
	beat, look := time.NewTicker(heartbeatInterval), time.NewTicker(lookInterval)
	defer beat.Stop()
	defer look.Stop()
	rest := time.NewTimer(restInterval)
	defer rest.Stop()
	for deltas := c.viewer.Deltas; ; {
		select {
		case <-rest.C:
			c.each(func(s *spectator) bool { return len(s.rest) == 0 || c.catchUp(s) })
		case d, more := <-deltas:
			if !more && !c.watchAgain() {
				c.end()
				return
			}
			deltas = c.viewer.Deltas
			c.letIn()
			c.tell(newsOf(d, more, deltas))
		case <-beat.C:
			text := heartbeat(c.seats)
			c.letIn()
			c.each(func(s *spectator) bool { return len(s.rest) > 0 || c.offer(s, text) })
		case <-look.C:
			c.letIn()
			c.each(func(s *spectator) bool { return !s.line.Gone() })
			if len(c.all) == 0 && c.closed() {
				return
			}
		}
		if c.waiting.Swap(false) {
			rest.Reset(restInterval)
		}
	}
}

// watchAgain is what a crowd does that was too slow itself. It is false if the board has ended.
func (c *crowd) watchAgain() bool {
	viewer, _, ok := c.seats.Watch(c.seats.Version())
	if !ok {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.viewer = viewer
	c.count(0)
	return true
}

// letIn makes those who have arrived some of all.
func (c *crowd) letIn() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, c.arrived...)
	c.arrived = nil
}

// finish lets a panic end one crowd and not the sale: its viewers are sent away, and the board gets
// a new crowd of those who come back.
func (c *crowd) finish(defect any) {
	if defect == nil {
		return
	}
	c.log.Error("a crowd of viewers has panicked", "kind", "crowd", "panic", defect,
		"event", c.seats.Offer().Event().ID.String(), "stack", string(debug.Stack()))
	c.crowds.mu.Lock()
	delete(c.of, c.seats) // nobody else arrives
	c.crowds.mu.Unlock()
	c.seats.Leave(c.viewer)
	c.letIn()
	for _, s := range c.all {
		s.line.Close()
	}
}

// closed ends a crowd that nobody belongs to.
func (c *crowd) closed() bool {
	c.crowds.mu.Lock()
	defer c.crowds.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.arrived) > 0 {
		return false
	}
	delete(c.of, c.seats)
	c.seats.Leave(c.viewer)
	return true
}

// end sends everybody away: the board has ended.
func (c *crowd) end() {
	c.crowds.mu.Lock()
	delete(c.of, c.seats)
	c.crowds.mu.Unlock()
	c.letIn()
	c.each(func(s *spectator) bool {
		c.resyncs.Inc()
		if len(s.rest) == 0 {
			_, _ = s.line.Offer(resync) // it comes back in any case
		}
		return false
	})
}

// news is what came at once: as a rule one delta, more if telling the last ones took long.
type news struct {
	from, first, to uint64 // for who has from or more, and less than first
	text            []byte
}

// newsOf joins a delta with those that wait behind it. There is none if the crowd has missed some;
// then the board knows what each lacks.
func newsOf(d board.Delta, ok bool, more <-chan board.Delta) news {
	if !ok {
		return news{}
	}
	n := news{from: d.From, first: d.To, to: d.To, text: d.Encoded(appendDelta)}
	for range len(more) {
		if d, ok = <-more; !ok {
			break // the loop meets the end again
		}
		n.text, n.to = append(slices.Clip(n.text), d.Encoded(appendDelta)...), d.To
	}
	return n
}

func (c *crowd) tell(n news) {
	c.each(func(s *spectator) bool {
		switch {
		case len(s.rest) > 0 || n.text == nil:
			return c.catchUp(s)
		case s.version >= n.to:
			return true
		case s.version < n.from || s.version >= n.first:
			return c.sendMissed(s)
		}
		s.version = n.to
		return c.offer(s, n.text)
	})
}

// each does something with all, on several processors if they are many, and leaves out those for
// whom it was false.
func (c *crowd) each(do func(*spectator) bool) {
	parts := min(runtime.GOMAXPROCS(0), len(c.all)/crowdShare+1)
	var working sync.WaitGroup
	defects := make(chan error, parts)
	for i := range parts {
		part := c.all[i*len(c.all)/parts : (i+1)*len(c.all)/parts]
		working.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					defects <- fmt.Errorf("%v\n%s", p, debug.Stack())
				}
			}()
			for _, s := range part {
				if !do(s) {
					s.left = true
					s.line.Close()
				}
			}
		})
	}
	working.Wait()
	select {
	case err := <-defects:
		panic(err) // on the crowd's own goroutine, which knows what to do
	default:
	}
	before := len(c.all)
	c.all = slices.DeleteFunc(c.all, func(s *spectator) bool { return s.left })
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count(len(c.all) - before)
}

// catchUp sends what a spectator couldn't take before, and then what it has missed by that.
func (c *crowd) catchUp(s *spectator) bool {
	if len(s.rest) > 0 {
		rest := s.rest
		s.rest = nil
		if !c.offer(s, rest) {
			return false
		}
	}
	return len(s.rest) > 0 || c.sendMissed(s)
}

func (c *crowd) sendMissed(s *spectator) bool {
	missed, ok := c.seats.Since(s.version)
	switch {
	case !ok:
		c.resyncs.Inc()
		_, _ = s.line.Offer(resync) // it comes back in any case
		return false
	case len(missed) == 0:
		return true
	}
	s.version = missed[len(missed)-1].To
	return c.offer(s, frames(missed))
}

// offer writes what the system takes, and keeps the rest. It is false if the viewer is gone, or has
// taken nothing for too long.
func (c *crowd) offer(s *spectator, text []byte) bool {
	n, err := s.line.Offer(text)
	if err != nil {
		return false
	}
	if n == len(text) {
		s.waiting = time.Time{}
		return true
	}
	s.rest = text[n:]
	c.waiting.Store(true)
	now := c.clock()
	if n > 0 || s.waiting.IsZero() {
		s.waiting = now
	}
	if now.Sub(s.waiting) < slowLimit {
		return true
	}
	c.slow.Inc()
	return false
}

func frames(deltas []board.Delta) (text []byte) {
	for _, d := range deltas {
		text = append(text, d.Encoded(appendDelta)...)
	}
	return text
}
