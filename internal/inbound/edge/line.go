package edge

import (
	"bytes"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"
)

const (
	// lineBuffer is how much the system keeps for a viewer who doesn't read: minutes of an ordinary
	// sale's changes, and not the megabytes that it would come to by itself.
	lineBuffer = 32 << 10
	// shortWrite is how long an offer may block where the connection can only be asked so.
	shortWrite = time.Millisecond
)

// Line is a stream whose connection was taken over from net/http: it costs neither a goroutine nor
// buffers, and one loop writes to thousands. Its owner uses it from one goroutine at a time, and
// must Close it.
type Line struct {
	conn net.Conn
	raw  syscall.RawConn // nil: conn is none of the system's
	head []byte          // of the answer; goes ahead of what is sent first
	once sync.Once
	free func() // gives its room among the streams back
}

// TakeOver takes the connection of a request over; the answer's headers must be set. It is nil
// where that can't be done, and then nothing has happened and OpenStream will do: a request that
// came through HTTP/2 or through TLS in this process, or one that isn't a GET.
func TakeOver(w http.ResponseWriter, r *http.Request) *Line {
	x := exchangeOf(w)
	if x == nil || x.status != 0 || r.ProtoMajor != 1 || r.Method != http.MethodGet ||
		r.TLS != nil {
		return nil
	}
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return nil
	}
	x.status, x.takenOver = http.StatusOK, true
	l := &Line{conn: conn, head: lineHead(w.Header(), x.started)}
	streams := &x.mux.streams
	l.free = func() { streams.Add(-1) }
	for {
		inner, ok := conn.(interface{ NetConn() net.Conn })
		if !ok {
			break
		}
		conn = inner.NetConn()
	}
	if c, ok := conn.(interface{ SetWriteBuffer(bytes int) error }); ok {
		_ = c.SetWriteBuffer(lineBuffer) // then a viewer who doesn't read is noticed later
	}
	if c, ok := conn.(syscall.Conn); ok {
		if raw, err := c.SyscallConn(); err == nil {
			l.raw = raw
		}
	}
	return l
}

// lineHead is the head of an answer that ends with its connection.
func lineHead(h http.Header, now time.Time) []byte {
	var head bytes.Buffer
	head.WriteString("HTTP/1.1 200 OK\r\nConnection: close\r\nDate: " +
		now.UTC().Format(http.TimeFormat) + "\r\n")
	_ = h.Write(&head) // a buffer takes everything
	head.WriteString("\r\n")
	return head.Bytes()
}

// Send writes all of b, for as long as a stream may take. After a failure the viewer is gone.
func (l *Line) Send(b []byte) error {
	if l.head != nil {
		b, l.head = append(l.head, b...), nil
	}
	if err := l.conn.SetWriteDeadline(time.Now().Add(streamWriteTimeout)); err != nil {
		return err
	}
	if _, err := l.conn.Write(b); err != nil {
		return err
	}
	return l.conn.SetWriteDeadline(time.Time{})
}

// Offer writes what the system takes of b without waiting, and returns how much that is. After a
// failure the viewer is gone.
func (l *Line) Offer(b []byte) (int, error) {
	if l.raw != nil && canOffer {
		return offer(l.raw, b)
	}
	if err := l.conn.SetWriteDeadline(time.Now().Add(shortWrite)); err != nil {
		return 0, err
	}
	n, err := l.conn.Write(b)
	if late, ok := err.(net.Error); ok && late.Timeout() { //nolint:errorlint // as net gives it
		err = nil
	}
	return n, err
}

// Gone tells whether the viewer has hung up, where the system tells without waiting.
func (l *Line) Gone() bool { return l.raw != nil && canOffer && hungUp(l.raw) }

// Close ends the stream. It may be called twice.
func (l *Line) Close() {
	l.once.Do(func() {
		_ = l.conn.Close()
		l.free()
	})
}
