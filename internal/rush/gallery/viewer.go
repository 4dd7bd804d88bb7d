package gallery

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// What a browser does, and what it keeps.
const (
	firstRetry  = 3 * time.Second // before the server has said another one
	readerBytes = 2 << 10
	slowWindow  = 1 // bytes that a slow viewer takes: the system makes it the least it can
	napCheck    = 50 * time.Millisecond
)

var errResync = errors.New("the server says: start anew")

// viewer is one browser that shows the map.
type viewer struct {
	g       *Gallery
	number  int
	slow    bool
	follows chan struct{} // closed when it follows for the first time
	retry   time.Duration
	scratch []byte

	mu    sync.Mutex
	have  state // nothing before the first snapshot
	conn  net.Conn
	gone  bool
	known bool // have is a state
}

func newViewer(g *Gallery, number int) *viewer {
	// The slow ones are spread over the crowd.
	slow := g.cfg.Slow > 0 && number%(g.cfg.Viewers/g.cfg.Slow) == 0 &&
		number/(g.cfg.Viewers/g.cfg.Slow) < g.cfg.Slow
	return &viewer{g: g, number: number, slow: slow, follows: make(chan struct{}),
		retry: firstRetry}
}

// live looks at the map until the context ends, and comes back whenever it is cut off.
func (v *viewer) live(ctx context.Context) {
	for ctx.Err() == nil {
		err := v.look(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case errors.Is(err, errResync):
			v.g.events.resyncs.Add(1)
			v.forget()
			continue // a page takes a new snapshot at once
		case errors.Is(err, errGarbled):
			v.g.fail(fmt.Errorf("viewer %d: %w", v.number, err))
			return
		case v.slow && v.g.napping.Load():
			v.g.events.slowCut.Add(1)
		}
		v.g.events.reconnects.Add(1)
		select {
		case <-time.After(v.retry):
		case <-ctx.Done():
		}
	}
}

// look takes a snapshot if it has none, and follows the changes until the stream ends.
func (v *viewer) look(ctx context.Context) error {
	if !v.known {
		s, err := v.g.take(ctx, &v.g.client)
		if err != nil {
			v.g.events.refused.Add(1)
			return err
		}
		v.mu.Lock()
		v.have, v.known = s, true
		v.mu.Unlock()
	}
	conn, err := v.g.dialer(v.number, v.slow).DialContext(ctx, "tcp", v.g.host)
	if err != nil {
		v.g.events.refused.Add(1)
		return err
	}
	defer conn.Close()
	if !v.hold(conn) {
		return net.ErrClosed
	}
	// A browser sends Last-Event-ID when it comes back, which means the same.
	_, err = fmt.Fprintf(conn, "GET /v1/events/%s/changes?from=%d HTTP/1.1\r\nHost: %s\r\n"+
		"Accept: text/event-stream\r\n\r\n", v.g.cfg.Event, v.have.version, v.g.host)
	if err != nil {
		return err
	}
	in := bufio.NewReaderSize(v.reading(conn), readerBytes)
	answer, err := http.ReadResponse(in, nil)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		v.g.events.refused.Add(1)
		return fmt.Errorf("the stream: %s", answer.Status)
	}
	lines := in // what a server sends without chunks is as it comes
	if len(answer.TransferEncoding) > 0 {
		lines = bufio.NewReaderSize(answer.Body, readerBytes)
	}
	return v.follow(lines)
}

// follow reads events until the stream ends.
func (v *viewer) follow(in *bufio.Reader) error {
	var event, long []byte
	for {
		line, err := in.ReadSlice('\n')
		for errors.Is(err, bufio.ErrBufferFull) {
			long = append(long, line...)
			line, err = in.ReadSlice('\n')
		}
		if err != nil {
			return err
		}
		if len(long) > 0 {
			line = append(long, line...)
			long = long[:0]
		}
		line = bytes.TrimSuffix(line, []byte("\n"))
		name, value, _ := bytes.Cut(line, []byte(": "))
		switch string(name) {
		case "retry":
			millis, err := strconv.Atoi(string(value))
			if err != nil {
				return fmt.Errorf("%w: %s", errGarbled, line)
			}
			v.retry = time.Duration(millis) * time.Millisecond
		case "event":
			event = append(event[:0], value...)
		case "data":
			if err := v.happened(string(event), value); err != nil {
				return err
			}
		}
	}
}

func (v *viewer) happened(event string, data []byte) error {
	switch event {
	case "resync":
		return errResync
	case "ready":
		select {
		case <-v.follows:
		default:
			close(v.follows)
		}
	case "delta":
		return v.change(data)
	}
	return nil
}

// change brings a delta in and takes the time.
func (v *viewer) change(data []byte) error {
	d, err := parseDelta(data)
	if err != nil {
		return err
	}
	if len(v.scratch) < len(d.places) {
		v.scratch = make([]byte, 2*len(d.places))
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.g.events.deltas.Add(1)
	if d.to <= v.have.version {
		return nil
	}
	if d.from > v.have.version {
		v.g.events.gaps.Add(1)
	}
	span := noBatches
	err = v.have.apply(d, v.scratch, func(place, two uint32) { v.g.table.note(&span, place, two) })
	if err != nil {
		return err
	}
	if v.have.hash != d.hash {
		v.g.events.mismatches.Add(1)
	}
	if !v.slow {
		v.record(span)
	}
	return nil
}

func (v *viewer) record(span batches) {
	now := v.g.table.now()
	c := &v.g.count[v.number%counters]
	c.mu.Lock()
	defer c.mu.Unlock()
	for k := span.first; k <= span.last; k++ {
		c.seen.Record(now - v.g.table.asked(k))
	}
}

// at is what the viewer shows now; the version is 0 if it shows nothing.
func (v *viewer) at() (version uint64, hash uint32) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.known {
		return 0, 0
	}
	return v.have.version, v.have.hash
}

func (v *viewer) forget() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.known = false
}

// hold keeps the connection for hangUp; it is false if that came first.
func (v *viewer) hold(c net.Conn) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.conn = c
	return !v.gone
}

func (v *viewer) hangUp() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.gone = true
	if v.conn != nil {
		_ = v.conn.Close()
	}
}

// reading is the connection as the viewer reads it: a slow one doesn't, while the slow ones nap.
func (v *viewer) reading(c net.Conn) io.Reader {
	if !v.slow {
		return c
	}
	return sleepy{c, v}
}

type sleepy struct {
	net.Conn
	v *viewer
}

// Read implements io.Reader.
func (s sleepy) Read(b []byte) (int, error) {
	for s.v.g.napping.Load() {
		time.Sleep(napCheck)
	}
	return s.Conn.Read(b)
}
