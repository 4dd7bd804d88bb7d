package httpapi

import (
	"net/http"
	"strings"
	"sync"

	"ticketflow/internal/domain/errs"
	"ticketflow/internal/inbound/edge"
)

// scratchBytes is what a scratch starts with; one that has grown beyond keptBytes isn't kept.
const (
	scratchBytes = 2 << 10
	keptBytes    = 128 << 10
)

var errNotJSON = errs.New(errs.Malformed, "not_json",
	"The body must be JSON: Content-Type: application/json.")

// scratch is the memory of one request: its body and its answer.
type scratch struct{ in, out []byte }

var scratches = sync.Pool{New: func() any {
	return &scratch{in: make([]byte, 0, scratchBytes), out: make([]byte, 0, scratchBytes)}
}}

func borrow() *scratch { return scratches.Get().(*scratch) }

// giveBack must be called after the answer was written and nothing of in or out is used any more.
func (w *scratch) giveBack() {
	if cap(w.in) > keptBytes || cap(w.out) > keptBytes {
		return
	}
	w.in, w.out = w.in[:0], w.out[:0]
	scratches.Put(w)
}

// read reads a JSON body.
func (w *scratch) read(r *http.Request) error {
	if kind := r.Header["Content-Type"]; len(kind) > 0 &&
		!strings.HasPrefix(kind[0], "application/json") {
		return errNotJSON
	}
	return w.readAny(r)
}

func (w *scratch) readAny(r *http.Request) (err error) {
	w.in, err = edge.ReadBody(r, w.in[:0])
	return err
}

// idempotencyKey is the client's key, or empty if there is none or more than one.
func idempotencyKey(r *http.Request) string {
	if keys := r.Header["Idempotency-Key"]; len(keys) == 1 {
		return keys[0]
	}
	return ""
}
