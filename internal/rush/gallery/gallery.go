// Package gallery is a crowd that looks at one live seat map: thousands of viewers, each with a
// connection, a state and a hash of its own, as browsers have them. It measures how long a change
// takes to reach them, and whether all of them end up with what the server has.
//
// Like the generator of buyers it is a client, and shares no code with the server: what it decodes,
// it decodes as docs/live-map.md says.
package gallery

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"ticketflow/internal/rush"
)

// Limits of a gallery.
const (
	maxViewers     = 60_000
	spareFiles     = 256 // of the process, beside the viewers
	snapshotConns  = 64
	requestLimit   = 30 * time.Second
	viewersPerHost = 5_000 // local addresses are scarce: one has some 28,000 ports
	counters       = 16    // viewers share histograms, a few hundred each
)

// Config describes a gallery.
type Config struct {
	Target  string // base URL of the server, http only
	Event   string // public id of the event, published
	Key     string // the organisers'
	Places  int
	Viewers int
	Slow    int // how many of them read nothing while places change
	// Batch is how many places change at once, every Every.
	Batch int
	Every time.Duration
	Seed  uint64
}

func (c Config) check() error {
	switch {
	case c.Viewers < 1 || c.Viewers > maxViewers:
		return fmt.Errorf("viewers must be 1 to %d", maxViewers)
	case c.Slow < 0 || c.Slow >= c.Viewers:
		return errors.New("some viewers must not be slow")
	case c.Batch < 1 || c.Batch > c.Places:
		return errors.New("a batch has 1 place or more, and not more than there are")
	case c.Every <= 0:
		return errors.New("the time between two changes must be more than 0s")
	}
	return nil
}

// Gallery is the crowd. Close it.
type Gallery struct {
	cfg    Config
	host   string      // address of the server
	local  bool        // it is on a loopback address
	client http.Client // of the viewers
	staff  http.Client // of the organiser, who must not queue up with them
	kept   snapshots
	table  *changes

	viewers []*viewer
	running sync.WaitGroup
	stop    context.CancelFunc
	napping atomic.Bool // the slow ones read nothing
	events  tally
	failure atomic.Pointer[error] // of a viewer that met what can't be

	count [counters]counter
}

// counter is the latencies that a few hundred viewers have seen.
type counter struct {
	mu   sync.Mutex
	seen rush.Histogram
}

// tally counts what happened to viewers.
type tally struct {
	deltas, resyncs, reconnects, refused, gaps, mismatches, slowCut atomic.Int64
}

// Open connects all viewers and returns when each has its state and follows.
func Open(ctx context.Context, cfg Config) (*Gallery, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	addr, err := rush.TargetPolicy{}.Resolve(ctx, cfg.Target)
	if err != nil {
		return nil, err
	}
	if err := rush.RaiseFileLimit(cfg.Viewers+spareFiles, "viewers"); err != nil {
		return nil, err
	}
	transport := &http.Transport{MaxConnsPerHost: snapshotConns,
		MaxIdleConnsPerHost: snapshotConns, DisableCompression: true}
	g := &Gallery{cfg: cfg, host: addr.String(), local: addr.Addr().Is4(),
		client: http.Client{Transport: transport, Timeout: requestLimit},
		staff:  http.Client{Transport: transport.Clone(), Timeout: requestLimit},
		table:  newChanges(cfg)}
	// The crowd outlives the call: Close ends it.
	life, stop := context.WithCancel(context.WithoutCancel(ctx))
	g.stop = stop
	g.viewers = make([]*viewer, cfg.Viewers)
	for i := range g.viewers {
		v := newViewer(g, i)
		g.viewers[i] = v
		g.running.Go(func() { v.live(life) })
	}
	for _, v := range g.viewers {
		select {
		case <-v.follows:
		case <-ctx.Done():
			g.Close()
			return nil, ctx.Err()
		}
	}
	return g, nil
}

// Close sends everybody home.
func (g *Gallery) Close() {
	g.stop()
	for _, v := range g.viewers {
		v.hangUp()
	}
	g.running.Wait()
	g.client.CloseIdleConnections()
	g.staff.CloseIdleConnections()
}

// dialer makes a viewer's connections.
func (g *Gallery) dialer(number int, slow bool) *net.Dialer {
	d := &net.Dialer{Timeout: requestLimit}
	if g.local {
		host := byte(1 + number/viewersPerHost)
		d.LocalAddr = &net.TCPAddr{IP: net.IPv4(127, 0, 0, host)}
	}
	if slow {
		d.Control = smallWindow
	}
	return d
}

// fail keeps the first thing that went wrong in a way that says something of the gallery itself.
func (g *Gallery) fail(err error) { g.failure.CompareAndSwap(nil, &err) }
