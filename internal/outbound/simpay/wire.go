package simpay

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"strconv"
	"sync"
	"time"
)

const (
	maxResponseHeadBytes = 8 << 10
	maxResponseBodyBytes = 64 << 10
	maxIdleTime          = 60 * time.Second
	maxInformational     = 4 // answers 1xx before the real one
)

var errResponse = errors.New("no readable HTTP/1.1 response")

// sender delivers one webhook and reports the HTTP status. It is safe for concurrent use; close
// ends what is under way.
type sender interface {
	send(message message, timeout time.Duration) (status int, err error)
	close()
}

// message is one signed webhook; its bytes may be reused after send.
type message struct {
	id, signature, body []byte
	at                  int64 // seconds since 1970
}

// wire speaks just enough HTTP/1.1 for a webhook over kept connections. Writing the request from
// prepared bytes and reading little more than the status takes a third of the CPU of net/http's
// client, which matters when the simulator shares two cores with the box office and a rush.
// It is for plain http to this machine; whatever else goes through httpSender.
type wire struct {
	address string
	head    []byte // the request up to the webhook's id

	mu     sync.Mutex
	closed bool
	idle   []*link
	open   map[*link]struct{}
}

// link is one connection with its buffers.
type link struct {
	conn  net.Conn
	out   []byte
	in    []byte
	since time.Time // when it became idle
}

func newWire(target *url.URL) *wire {
	address := target.Host
	if target.Port() == "" {
		address = net.JoinHostPort(target.Hostname(), "80")
	}
	return &wire{
		address: address,
		open:    make(map[*link]struct{}),
		head: []byte("POST " + target.RequestURI() + " HTTP/1.1\r\nHost: " + target.Host +
			"\r\nUser-Agent: simpay\r\nContent-Type: application/json\r\nWebhook-Id: "),
	}
}

func (w *wire) send(m message, timeout time.Duration) (int, error) {
	deadline := time.Now().Add(timeout)
	for {
		l, kept, err := w.take(deadline)
		if err != nil {
			return 0, err
		}
		status, reusable, started, err := w.exchange(l, m, deadline)
		if err == nil && reusable {
			w.put(l)
			return status, nil
		}
		w.drop(l)
		if err == nil {
			return status, nil
		}
		// A kept connection may have been closed by the other side meanwhile. A webhook may be
		// repeated anyway, so this one is, on another connection, as long as kept ones are left.
		var late net.Error
		if !kept || started || (errors.As(err, &late) && late.Timeout()) {
			return 0, err
		}
	}
}

// take is the connection that was used last, or a new one.
func (w *wire) take(deadline time.Time) (l *link, kept bool, err error) {
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return nil, false, net.ErrClosed
	}
	if n := len(w.idle); n > 0 {
		l = w.idle[n-1]
		w.idle[n-1] = nil
		w.idle = w.idle[:n-1]
		w.mu.Unlock()
		return l, true, nil
	}
	w.mu.Unlock()
	ctx, cancel := context.WithDeadline(context.Background(), deadline)
	defer cancel()
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", w.address)
	if err != nil {
		return nil, false, err
	}
	l = &link{conn: conn, in: make([]byte, 0, 1024)}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return nil, false, errors.Join(net.ErrClosed, conn.Close())
	}
	w.open[l] = struct{}{}
	return l, false, nil
}

// put keeps a connection, and lets go of the one that has been idle for longest, if too long.
func (w *wire) put(l *link) {
	now := time.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return
	}
	l.since = now
	w.idle = append(w.idle, l)
	if oldest := w.idle[0]; now.Sub(oldest.since) > maxIdleTime {
		w.idle = append(w.idle[:0], w.idle[1:]...)
		delete(w.open, oldest)
		_ = oldest.conn.Close()
	}
}

func (w *wire) drop(l *link) {
	w.mu.Lock()
	delete(w.open, l)
	w.mu.Unlock()
	_ = l.conn.Close()
}

func (w *wire) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	for l := range w.open {
		_ = l.conn.Close()
	}
	w.open, w.idle = nil, nil
}

// exchange writes the request and reads the response. Started tells whether any of the response
// had come, reusable whether the connection can carry another request.
func (w *wire) exchange(l *link, m message, deadline time.Time) (status int, reusable, started bool,
	err error,
) {
	if err := l.conn.SetDeadline(deadline); err != nil {
		return 0, false, false, err
	}
	b := append(l.out[:0], w.head...)
	b = append(b, m.id...)
	b = append(b, "\r\nWebhook-Timestamp: "...)
	b = strconv.AppendInt(b, m.at, 10)
	b = append(b, "\r\nWebhook-Signature: "...)
	b = append(b, m.signature...)
	b = append(b, "\r\nContent-Length: "...)
	b = strconv.AppendInt(b, int64(len(m.body)), 10)
	b = append(b, "\r\n\r\n"...)
	b = append(b, m.body...)
	l.out = b
	if _, err := l.conn.Write(b); err != nil {
		return 0, false, false, err
	}
	l.in = l.in[:0]
	for range maxInformational {
		h, size, err := l.readHead()
		if err != nil {
			return 0, false, len(l.in) > 0, err
		}
		if h.status >= 200 {
			return h.status, h.keep && l.skipBody(size, h.length), true, nil
		}
		l.in = append(l.in[:0], l.in[size:]...)
	}
	return 0, false, true, errResponse
}

// readHead reads until the end of a response's head, size bytes from the start of the buffer.
func (l *link) readHead() (h responseHead, size int, err error) {
	for {
		if end := bytes.Index(l.in, []byte("\r\n\r\n")); end >= 0 {
			size = end + 4
			h, ok := parseResponseHead(l.in[:end+2])
			if !ok {
				return h, size, errResponse
			}
			return h, size, nil
		}
		if len(l.in) >= maxResponseHeadBytes {
			return h, 0, errResponse
		}
		if err := l.readMore(); err != nil {
			return h, 0, err
		}
	}
}

func (l *link) readMore() error {
	if len(l.in) == cap(l.in) {
		l.in = append(l.in, 0)[:len(l.in)]
	}
	n, err := l.conn.Read(l.in[len(l.in):cap(l.in)])
	l.in = l.in[:len(l.in)+n]
	if n > 0 {
		return nil
	}
	if err == nil {
		return io.ErrNoProgress
	}
	return err
}

// skipBody reads the rest of a response away and tells whether the connection ended up clean.
func (l *link) skipBody(size, length int) bool {
	if length > maxResponseBodyBytes {
		return false
	}
	rest := size + length - len(l.in)
	for rest > 0 {
		l.in = l.in[:0]
		if l.readMore() != nil {
			return false
		}
		rest -= len(l.in)
	}
	return rest == 0
}

// responseHead is what matters of a response.
type responseHead struct {
	status int
	length int  // bytes of the body
	keep   bool // the connection stays usable once the body was read
}

// parseResponseHead reads a status line and headers, each ended by CR LF. A body whose length isn't
// told in advance only costs the connection.
func parseResponseHead(head []byte) (h responseHead, ok bool) {
	first, rest, _ := bytes.Cut(head, []byte("\r\n"))
	if len(first) < len("HTTP/1.1 200") || string(first[:9]) != "HTTP/1.1 " ||
		(len(first) > 12 && first[12] != ' ') {
		return h, false
	}
	for _, c := range first[9:12] {
		if c < '0' || c > '9' {
			return h, false
		}
		h.status = h.status*10 + int(c-'0')
	}
	if h.status < 100 {
		return h, false
	}
	h.keep = true
	told := h.status == 204 || h.status < 200
	for len(rest) > 0 {
		var field []byte
		field, rest, _ = bytes.Cut(rest, []byte("\r\n"))
		name, value, _ := bytes.Cut(field, []byte(":"))
		value = bytes.TrimSpace(value)
		switch {
		case isFold(name, "content-length"):
			n, err := strconv.ParseUint(string(value), 10, 31)
			if err != nil || (told && int(n) != h.length) {
				return h, false
			}
			h.length, told = int(n), true
		case isFold(name, "transfer-encoding"), isFold(name, "upgrade"):
			h.keep = false
		case isFold(name, "connection"):
			h.keep = h.keep && isFold(value, "keep-alive")
		}
	}
	h.keep = h.keep && told
	return h, true
}

func isFold(b []byte, lower string) bool {
	return len(b) == len(lower) && bytes.EqualFold(b, []byte(lower))
}
