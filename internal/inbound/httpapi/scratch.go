package httpapi

import (
	"net/http"
	"strings"
	"sync"

	"ticketflow/internal/domain/errs"
	"ticketflow/internal/inbound/edge"
)

// What a scratch starts with; one that has grown beyond keptBytes isn't kept. Thousands of requests
// wait for the ledger at a time, each with its body in hand: most fit into a quarter of a kilobyte.
const (
	bodyBytes   = 512
	answerBytes = 2 << 10
	keptBytes   = 64 << 10
)

var errNotJSON = errs.New(errs.Malformed, "not_json",
	"The body must be JSON: Content-Type: application/json.")

// scratch is the memory of a request's body, or of its answer. The answer's is borrowed when there
// is something to say, not before.
type scratch struct {
	text []byte
	home *sync.Pool
}

var (
	bodies  = scratches(bodyBytes)
	answers = scratches(answerBytes)
)

func scratches(size int) *sync.Pool {
	home := &sync.Pool{}
	home.New = func() any { return &scratch{text: make([]byte, 0, size), home: home} }
	return home
}

func borrow(home *sync.Pool) *scratch { return home.Get().(*scratch) }

// giveBack must be called when nothing of the text is used any more.
func (w *scratch) giveBack() {
	if cap(w.text) > keptBytes {
		return
	}
	w.text = w.text[:0]
	w.home.Put(w)
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
	w.text, err = edge.ReadBody(r, w.text[:0])
	return err
}

// idempotencyKey is the client's key, or empty if there is none or more than one.
func idempotencyKey(r *http.Request) string {
	if keys := r.Header["Idempotency-Key"]; len(keys) == 1 {
		return keys[0]
	}
	return ""
}
