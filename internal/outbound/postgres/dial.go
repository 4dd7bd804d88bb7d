package postgres

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// Limits of finding and losing a server.
const (
	keepAliveIdle     = 5 * time.Second
	keepAliveInterval = 2 * time.Second
	keepAliveCount    = 3
	firstPause        = 20 * time.Millisecond // after a failed attempt to connect
	maxPause          = 500 * time.Millisecond
)

// errPausing says that nobody listened a moment ago.
var errPausing = errors.New("the database did not answer a moment ago")

// dialer connects, and after a failure lets some time go by before it tries the same address again:
// thousands of commands that find no server must not all knock. Other addresses of the URL, of a
// standby that may have been promoted, are tried meanwhile.
type dialer struct {
	net net.Dialer

	mu     sync.Mutex
	pauses map[string]*pause // by address
}

// pause is what an address that didn't answer is granted.
type pause struct {
	next   time.Duration
	active bool
}

func newDialer() *dialer {
	return &dialer{pauses: make(map[string]*pause), net: net.Dialer{Timeout: connectLimit,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: keepAliveIdle,
			Interval: keepAliveInterval, Count: keepAliveCount}}}
}

func (d *dialer) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	if d.pausing(addr) {
		return nil, errPausing
	}
	conn, err := d.net.DialContext(ctx, network, addr)
	d.mu.Lock()
	defer d.mu.Unlock()
	p := d.pauses[addr]
	if err == nil {
		p.next = firstPause
		return conn, nil
	}
	if !p.active {
		p.active = true
		time.AfterFunc(p.next, func() { d.resume(p) })
		p.next = min(2*p.next, maxPause)
	}
	return nil, err
}

func (d *dialer) pausing(addr string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	p, ok := d.pauses[addr]
	if !ok {
		p = &pause{next: firstPause}
		d.pauses[addr] = p
	}
	return p.active
}

func (d *dialer) resume(p *pause) {
	d.mu.Lock()
	defer d.mu.Unlock()
	p.active = false
}

// warning is the name of a connection's mark that its server has warned of something.
const warning = "warning"

// noteWarning marks a connection: a COMMIT that succeeds with a warning may not have reached the
// standby.
func noteWarning(c *pgconn.PgConn, n *pgconn.Notice) {
	if n.SeverityUnlocalized == "WARNING" {
		c.CustomData()[warning] = true
	}
}

// warned tells whether the server has warned since it was asked before.
func warned(c *pgconn.PgConn) bool {
	marked := c.CustomData()[warning] != nil
	delete(c.CustomData(), warning)
	return marked
}
