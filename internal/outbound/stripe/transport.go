package stripe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"time"
)

// Limits of the connection to Stripe.
const (
	// callTimeout is the last resort; the caller's deadline is usually nearer.
	callTimeout          = 20 * time.Second
	dialTimeout          = 3 * time.Second
	handshakeTimeout     = 5 * time.Second
	headerTimeout        = 15 * time.Second
	idleTimeout          = 90 * time.Second
	maxConnections       = 64
	maxAnswerBytes       = 4 << 20 // a page of a hundred payments with their charges
	maxResponseHeadBytes = 64 << 10
)

// errNotSent wraps a failure before a connection was there: Stripe has seen nothing.
var errNotSent = errors.New("nothing was sent")

var errTooLong = errors.New("the answer is too long")

// newHTTPClient makes the bounded client. One repetition is left to net/http: where a kept
// connection turns out to be closed, it asks again on another. That is safe, because the library
// gives each request that changes something an idempotency key.
func newHTTPClient() *http.Client {
	return &http.Client{
		Timeout: callTimeout,
		Transport: &modestTransport{&http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			DialContext:            (&net.Dialer{Timeout: dialTimeout}).DialContext,
			ForceAttemptHTTP2:      true,
			TLSHandshakeTimeout:    handshakeTimeout,
			ResponseHeaderTimeout:  headerTimeout,
			IdleConnTimeout:        idleTimeout,
			MaxConnsPerHost:        maxConnections,
			MaxIdleConnsPerHost:    maxConnections,
			MaxResponseHeaderBytes: maxResponseHeadBytes,
		}},
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse // the API has none: that is somebody in between
		},
	}
}

// modestTransport tells failures before a connection from those after it, bounds answers, and keeps
// to itself what the SDK would tell about this machine.
type modestTransport struct{ inner *http.Transport }

// CloseIdleConnections lets go of kept connections.
func (m *modestTransport) CloseIdleConnections() { m.inner.CloseIdleConnections() }

// RoundTrip implements http.RoundTripper.
func (m *modestTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	var connected atomic.Bool
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected.Store(true) }}
	r = r.Clone(httptrace.WithClientTrace(r.Context(), trace))
	r.Header.Del("X-Stripe-Client-User-Agent")
	agent, _, _ := strings.Cut(r.Header.Get("User-Agent"), " AIAgent/")
	r.Header.Set("User-Agent", agent)
	resp, err := m.inner.RoundTrip(r)
	if err != nil {
		if !connected.Load() {
			err = fmt.Errorf("%w: %w", errNotSent, err)
		}
		return nil, err
	}
	resp.Body = &boundedBody{resp.Body, maxAnswerBytes}
	return resp, nil
}

// boundedBody fails rather than ends where an answer is too long: half of one could be misread.
type boundedBody struct {
	io.ReadCloser
	left int
}

func (b *boundedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left -= n; b.left < 0 {
		return 0, errTooLong
	}
	return n, err
}

// quietLogger takes the SDK's messages at our lowest level, and none that holds whole answers,
// which are about buyers. What matters is returned as an error and logged by who asked.
type quietLogger struct {
	log *slog.Logger
	key Secret
}

// Debugf drops whole answers.
func (quietLogger) Debugf(context.Context, string, ...any) {}

// Infof drops what is said of each request.
func (quietLogger) Infof(context.Context, string, ...any) {}

// Warnf notes what the SDK finds odd.
func (q quietLogger) Warnf(ctx context.Context, format string, v ...any) { q.note(ctx, format, v) }

// Errorf notes a failure that is returned, too.
func (q quietLogger) Errorf(ctx context.Context, format string, v ...any) { q.note(ctx, format, v) }

func (q quietLogger) note(ctx context.Context, format string, v []any) {
	if !q.log.Enabled(ctx, slog.LevelDebug) {
		return
	}
	text := strings.ReplaceAll(fmt.Sprintf(format, v...), string(q.key), hidden)
	q.log.DebugContext(ctx, "stripe's library says", "text", text)
}
