package edge

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"net/http"
	"runtime/debug"
	"strconv"
	"sync"
	"time"
)

const (
	requestIDBytes    = 10
	maxRequestIDChars = 64
	bufferBytes       = 4 << 10
)

// Header values are shared by all answers: nobody may change them in place.
var (
	problemType     = []string{ProblemType}
	jsonType        = []string{"application/json"}
	noStore         = []string{"no-store"}
	noSniff         = []string{"nosniff"}
	noReferrer      = []string{"no-referrer"}
	nothingAllowed  = []string{"default-src 'none'; frame-ancestors 'none'"}
	retryAfter      = []string{strconv.Itoa(retryAfterSeconds)}
	bearerChallenge = []string{`Bearer realm="ticketflow"`}
)

var buffers = sync.Pool{New: func() any { b := make([]byte, 0, bufferBytes); return &b }}

// exchange is one request and its answer: it sees the status that the handler sends.
type exchange struct {
	http.ResponseWriter
	mux     *Mux
	request *http.Request
	route   *meter // nil until a route was found
	id      string
	started time.Time
	status  int
	failed  bool // the answer could not be written: the client is gone
	muted   bool // the answer of the standard library is replaced by ours

	takenOver bool // the connection is a Line's now
}

var exchanges = sync.Pool{New: func() any { return &exchange{} }}

// Unwrap lets http.ResponseController reach the connection.
func (x *exchange) Unwrap() http.ResponseWriter { return x.ResponseWriter }

// WriteHeader implements http.ResponseWriter. What the standard library says about paths and
// methods that it doesn't know is said as a problem instead.
func (x *exchange) WriteHeader(status int) {
	if x.status != 0 {
		return
	}
	x.status = status
	unknown := status == http.StatusNotFound || status == http.StatusMethodNotAllowed
	if x.route != nil || !unknown {
		x.ResponseWriter.WriteHeader(status)
		return
	}
	x.muted = true
	p := Problem{Status: status, Code: "not_found", Title: "There is nothing at this address.",
		RequestID: x.id}
	if status == http.StatusMethodNotAllowed {
		p.Code = "method_not_allowed"
		p.Title = "This address doesn't know this method; the Allow header says which it knows."
	}
	x.mux.write(x.ResponseWriter, x.request, p)
}

// Write implements http.ResponseWriter.
func (x *exchange) Write(b []byte) (int, error) {
	if x.status == 0 {
		x.WriteHeader(http.StatusOK)
	}
	if x.muted {
		return len(b), nil
	}
	n, err := x.ResponseWriter.Write(b)
	x.failed = x.failed || err != nil
	return n, err
}

// exchangeOf finds the exchange behind a writer, or nil.
func exchangeOf(w http.ResponseWriter) *exchange {
	for {
		switch v := w.(type) {
		case *exchange:
			return v
		case interface{ Unwrap() http.ResponseWriter }:
			w = v.Unwrap()
		default:
			return nil
		}
	}
}

// RequestID is the id of the request that w answers, or empty.
func RequestID(w http.ResponseWriter) string {
	if x := exchangeOf(w); x != nil {
		return x.id
	}
	return ""
}

type idKey struct{}

// WithRequestID carries the request's id in a context, for handlers that don't see the writer.
func WithRequestID(ctx context.Context, w http.ResponseWriter) context.Context {
	return context.WithValue(ctx, idKey{}, RequestID(w))
}

// RequestIDIn is the id that WithRequestID put into the context, or empty.
func RequestIDIn(ctx context.Context) string {
	id, _ := ctx.Value(idKey{}).(string)
	return id
}

// requestID takes the client's id if it is short and plain, so that it can be logged and repeated;
// otherwise it draws one.
func requestID(r *http.Request) string {
	if given := r.Header["X-Request-Id"]; len(given) == 1 && sane(given[0]) {
		return given[0]
	}
	var raw [requestIDBytes]byte
	_, _ = rand.Read(raw[:]) // never fails
	return hex.EncodeToString(raw[:])
}

func sane(id string) bool {
	if id == "" || len(id) > maxRequestIDChars {
		return false
	}
	for i := range len(id) {
		c := id[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (c < '0' || c > '9') && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return true
}

// begin sets the headers that every answer has; a handler may replace them.
func (x *exchange) begin() {
	h := x.ResponseWriter.Header()
	h["X-Request-Id"] = []string{x.id}
	h["X-Content-Type-Options"] = noSniff
	h["Referrer-Policy"] = noReferrer
	h["Content-Security-Policy"] = nothingAllowed
	h["Cache-Control"] = noStore
}

// end counts and logs the exchange, and turns a panic into an answer where that is still possible.
func (x *exchange) end(r *http.Request, panicked any) {
	abort := false
	failure, _ := panicked.(error)
	wanted := errors.Is(failure, http.ErrAbortHandler)
	if panicked != nil && !wanted && !x.failed {
		x.mux.log.ErrorContext(r.Context(), "handler panicked", "request_id", x.id,
			"route", x.pattern(), "panic", panicked, "stack", string(debug.Stack()))
	}
	if panicked != nil && !x.takenOver {
		if abort = x.status != 0 || wanted; !abort {
			x.mux.write(x, r, Problem{Status: http.StatusInternalServerError,
				Code: errInternal.Code(), Title: errInternal.Text(), RequestID: x.id})
		}
		x.status = http.StatusInternalServerError
	}
	if x.status == 0 {
		x.WriteHeader(http.StatusOK)
	}
	x.mux.observe(x, r)
	*x = exchange{}
	exchanges.Put(x)
	if abort {
		panic(http.ErrAbortHandler) // half an answer must not look like a whole one
	}
}

func (x *exchange) pattern() string {
	if x.route == nil {
		return "unmatched"
	}
	return x.route.pattern
}

// WriteJSON sends a JSON body.
func WriteJSON(w http.ResponseWriter, status int, body []byte) {
	w.Header()["Content-Type"] = jsonType
	w.WriteHeader(status)
	_, _ = w.Write(body) // who has gone can't be told
}
