// Package edge is what every request passes on its way in and out: request id, limits, guard, panic
// recovery, problem documents, security headers, metrics and the access log.
//
// All of it together costs a microsecond or two: routes resolve their meters when they are added,
// and an answer shares its header values with all others.
package edge

import (
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"ticketflow/internal/domain/errs"
)

// Limits of what is under way at once, unless a Config says otherwise.
const (
	DefaultInFlightRequests = 16_384
	DefaultStreams          = 20_000
)

// Class tells what a request is worth when there are too many.
type Class uint8

// The classes, from the first to be shed to the last. Streams have a limit of their own, and probes
// are always answered.
const (
	Browsing Class = iota
	Buying
	Settling // payment facts and check-in: what has been promised already
	Watching // streams that stay open
	Probing  // health and metrics
)

// sharePercent is how much of the limit a class may fill, so that more important ones find room.
var sharePercent = [...]int64{Browsing: 70, Buying: 90, Settling: 100, Watching: 0, Probing: 0}

// Config is what a Mux is made of.
type Config struct {
	Log              *slog.Logger
	Metrics          prometheus.Registerer
	Limiter          *Limiter // per address; nil is none
	InFlightRequests int      // 0 is the default
	Streams          int      // 0 is the default
}

// Route is one operation: a pattern of net/http with its method, and what it takes to get there.
type Route struct {
	Pattern      string
	Class        Class
	Guard        Guard // nil lets everybody in
	MaxBodyBytes int64 // 0: the route reads no body, and what is sent is refused
	Handler      http.HandlerFunc
}

// Mux serves routes. Routes are added before it serves.
type Mux struct {
	mux      *http.ServeMux
	log      *slog.Logger
	limiter  *Limiter
	meters   *meters
	limits   [len(sharePercent)]int64
	inFlight atomic.Int64
	streams  atomic.Int64
	room     int64 // for streams
	page     func(w http.ResponseWriter, r *http.Request, p Problem)
}

// NewMux makes a mux without routes and registers its metrics.
func NewMux(c Config) *Mux {
	m := &Mux{mux: http.NewServeMux(), log: c.Log, limiter: c.Limiter, room: int64(c.Streams)}
	if c.Streams == 0 {
		m.room = DefaultStreams
	}
	limit := int64(c.InFlightRequests)
	if limit == 0 {
		limit = DefaultInFlightRequests
	}
	for class, share := range sharePercent {
		m.limits[class] = max(1, limit*share/100)
	}
	m.meters = newMeters(c.Metrics, m)
	return m
}

// Add adds a route. It panics if the pattern is not one, like http.ServeMux: routes are constants.
func (m *Mux) Add(r Route) {
	route := m.meters.route(r.Pattern)
	m.mux.HandleFunc(r.Pattern, func(w http.ResponseWriter, req *http.Request) {
		x, ok := w.(*exchange)
		if !ok { // only ServeHTTP calls this
			http.Error(w, "", http.StatusInternalServerError)
			return
		}
		x.route = route
		m.serve(&r, x, req)
	})
}

// Pages sets what writes a problem for a person's browser: outside of the API, and where the
// browser accepts HTML. It is called before the mux serves.
func (m *Mux) Pages(page func(w http.ResponseWriter, r *http.Request, p Problem)) {
	m.page = page
}

// serve lets one request through the limits and the guard.
func (m *Mux) serve(route *Route, x *exchange, r *http.Request) {
	switch route.Class {
	case Probing:
	case Watching:
		if m.streams.Add(1) > m.room {
			m.streams.Add(-1)
			Fail(x, r, ErrOverloaded)
			return
		}
		defer func() {
			if !x.takenOver { // else it goes on, and its Line counts
				m.streams.Add(-1)
			}
		}()
	default:
		if m.inFlight.Add(1) > m.limits[route.Class] {
			m.inFlight.Add(-1)
			Fail(x, r, ErrOverloaded)
			return
		}
		defer m.inFlight.Add(-1)
	}
	if m.limiter != nil && m.limiter.covers(route.Class) {
		if wait, ok := m.limiter.admit(r, x.started); !ok {
			Fail(x, r, tooMany(wait))
			return
		}
	}
	if route.Guard != nil {
		if err := route.Guard(r); err != nil {
			Fail(x, r, err)
			return
		}
	}
	switch {
	case r.ContentLength > route.MaxBodyBytes:
		Fail(x, r, ErrBodyTooLarge)
		return
	case r.ContentLength < 0: // it isn't told beforehand: count
		r.Body = http.MaxBytesReader(x, r.Body, route.MaxBodyBytes)
	}
	route.Handler(x, r)
}

// ServeHTTP implements http.Handler.
func (m *Mux) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := exchanges.Get().(*exchange)
	x.ResponseWriter, x.mux, x.request = w, m, r
	x.id, x.started = requestID(r), time.Now()
	x.begin()
	defer func() { x.end(r, recover()) }()
	m.mux.ServeHTTP(x, r)
}

// maxRetryAfter bounds what a client is told to wait.
const maxRetryAfter = time.Hour

// tooMany is a refusal that says when to come back, in whole seconds.
func tooMany(wait time.Duration) error {
	wait = min(max(wait, 0), maxRetryAfter)
	seconds := int((wait + time.Second - 1) / time.Second)
	return ErrTooManyRequests.WithField(retryField, max(seconds, retryAfterSeconds))
}

// Refusals of limits per address.
var (
	// ErrTooManyRequests says that one address asks more often than it may.
	ErrTooManyRequests = errs.New(errs.TooMany, "too_many_requests",
		"Too many requests from your address. Please wait a moment.")
)
