package boot

import (
	"net"
	"net/http"
	"time"
)

// Limits of the server's connections.
const (
	freshTimeout      = 30 * time.Second // for the first byte of a connection
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 30 * time.Second
	writeTimeout      = 30 * time.Second
	idleTimeout       = 3 * time.Minute
	maxHeaderBytes    = 16 << 10
)

// newHTTPServer makes a server within the limits; it must serve a fresh listener.
func newHTTPServer(handler http.Handler) *http.Server {
	return &http.Server{Handler: handler, ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: maxHeaderBytes}
}

func fresh(l net.Listener) net.Listener {
	return &freshListener{Listener: l, first: freshTimeout, header: readHeaderTimeout}
}

// freshListener gives new connections time for their first byte. Browsers open connections ahead of
// need, and net/http bounds the wait on a new one by the time for headers, not by that for idling:
// who opened the page and pressed six seconds later met a reset.
type freshListener struct {
	net.Listener
	first  time.Duration // for the first byte of a connection
	header time.Duration // from then on, for the rest of the first request's headers
}

// Accept implements net.Listener.
func (l *freshListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &freshConn{Conn: c, opened: time.Now(), first: l.first, header: l.header}, nil
}

// freshConn has the deadlines of its server's first request count from the first byte. net/http
// uses it from one goroutine at a time until a whole request is there.
type freshConn struct {
	net.Conn
	opened        time.Time
	first, header time.Duration
	begun         bool
	waited        time.Duration // for the first byte; 0 once the first request's deadline is set
}

// NetConn is the connection itself, for who takes it over.
func (c *freshConn) NetConn() net.Conn { return c.Conn }

// SetReadDeadline implements net.Conn.
func (c *freshConn) SetReadDeadline(t time.Time) error {
	switch {
	case t.Before(c.opened): // none, or one that ends a read at once
	case !c.begun:
		t = c.opened.Add(c.first)
	default:
		t, c.waited = t.Add(c.waited), 0
	}
	return c.Conn.SetReadDeadline(t)
}

// Read implements net.Conn.
func (c *freshConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if c.begun || n == 0 {
		return n, err
	}
	now := time.Now()
	c.begun, c.waited = true, now.Sub(c.opened)
	if late := c.Conn.SetReadDeadline(now.Add(c.header)); err == nil {
		err = late
	}
	return n, err
}
