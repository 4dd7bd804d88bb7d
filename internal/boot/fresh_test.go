package boot

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// pipes is a listener whose connections need no network, so that a test's clock may jump.
type pipes struct{ conns chan net.Conn }

func (p *pipes) Accept() (net.Conn, error) {
	c, ok := <-p.conns
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}

func (p *pipes) Close() error { return nil }

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// visit opens a connection to a server with this server's limits, in a bubble; handle answers.
func visit(t *testing.T, handle http.HandlerFunc) (c net.Conn, end func()) {
	t.Helper()
	l := &pipes{conns: make(chan net.Conn)}
	server := newHTTPServer(handle)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := server.Serve(fresh(l)); !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
	}()
	here, there := net.Pipe()
	l.conns <- there
	return here, func() {
		_ = here.Close()
		close(l.conns)
		<-done
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		synctest.Wait()
	}
}

func hello(w http.ResponseWriter, r *http.Request) {
	if _, err := io.Copy(w, r.Body); err != nil {
		panic(http.ErrAbortHandler)
	}
}

const request = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nok"

// talk sends text and tells whether it is answered.
func talk(t *testing.T, c net.Conn, text string) bool {
	t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		return false
	}
	answer, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return false
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	return err == nil && string(body) == "ok"
}

func TestAFreshConnectionMayWait(t *testing.T) {
	for _, wait := range []time.Duration{0, readHeaderTimeout + time.Second,
		freshTimeout - time.Second} {
		synctest.Test(t, func(t *testing.T) {
			c, end := visit(t, hello)
			defer end()
			time.Sleep(wait)
			if !talk(t, c, request) {
				t.Errorf("a first request after %v is not answered", wait)
			}
			time.Sleep(idleTimeout - time.Second)
			if !talk(t, c, request) {
				t.Errorf("a second request after %v of idling is not answered", idleTimeout)
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		c, end := visit(t, hello)
		defer end()
		begun := time.Now()
		if _, err := io.ReadAll(c); err != nil {
			t.Error(err)
		}
		if took := time.Since(begun); took != freshTimeout {
			t.Errorf("a connection that says nothing is kept for %v", took)
		}
	})
}

// TestSlowHeadersAreBounded, and slow bodies, counted from the first byte.
func TestSlowHeadersAreBounded(t *testing.T) {
	for text, limit := range map[string]time.Duration{
		"G": readHeaderTimeout, strings.TrimSuffix(request, "ok"): readTimeout,
	} {
		for _, wait := range []time.Duration{0, freshTimeout - time.Second} {
			synctest.Test(t, func(t *testing.T) {
				c, end := visit(t, hello)
				defer end()
				time.Sleep(wait)
				begun := time.Now()
				if _, err := io.WriteString(c, text); err != nil {
					t.Fatal(err)
				}
				if _, err := io.ReadAll(c); err != nil {
					t.Error(err)
				}
				if took := time.Since(begun); took != limit {
					t.Errorf("after %v %q is waited for %v", wait, text, took)
				}
			})
		}
	}
}

// TestStreamsOutliveTheTimeToRead: the time to read a request doesn't end a viewer's stream.
func TestStreamsOutliveTheTimeToRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var took time.Duration
		c, end := visit(t, func(w http.ResponseWriter, r *http.Request) {
			if err := http.NewResponseController(w).SetWriteDeadline(time.Time{}); err != nil {
				t.Error(err)
			}
			begun := time.Now()
			select {
			case <-time.After(2 * readTimeout):
			case <-r.Context().Done():
			}
			took = time.Since(begun)
			_, _ = io.WriteString(w, "ok")
		})
		defer end()
		if !talk(t, c, "GET / HTTP/1.1\r\nHost: h\r\n\r\n") || took != 2*readTimeout {
			t.Errorf("a stream ends after %v", took)
		}
	})
}
