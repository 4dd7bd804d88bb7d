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

// dialer connects, and after a failure lets some time go by before it tries again: thousands of
// commands that find no server must not all knock.
type dialer struct {
	net net.Dialer

	mu     sync.Mutex
	pause  time.Duration // the next one
	paused bool
}

func newDialer() *dialer {
	return &dialer{pause: firstPause, net: net.Dialer{Timeout: connectLimit,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: keepAliveIdle,
			Interval: keepAliveInterval, Count: keepAliveCount}}}
}

func (d *dialer) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	if d.waiting() {
		return nil, errPausing
	}
	conn, err := d.net.DialContext(ctx, network, addr)
	d.mu.Lock()
	defer d.mu.Unlock()
	if err == nil {
		d.pause = firstPause
		return conn, nil
	}
	if !d.paused {
		d.paused = true
		time.AfterFunc(d.pause, d.resume)
		d.pause = min(2*d.pause, maxPause)
	}
	return nil, err
}

func (d *dialer) waiting() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.paused
}

func (d *dialer) resume() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.paused = false
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
