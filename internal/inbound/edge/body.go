package edge

import (
	"errors"
	"io"
	"net/http"
)

// Limits of bodies.
const (
	MaxBodyBytes     = 64 << 10 // of an ordinary request
	MaxPlanBodyBytes = 16 << 20 // of a seat plan
)

// ReadBody appends the request's body to buf, within the limit of its route. Failures are
// ErrBodyTooLarge and ErrBodyBroken.
func ReadBody(r *http.Request, buf []byte) ([]byte, error) {
	for {
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		n, err := r.Body.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if err == nil {
			continue
		}
		if errors.Is(err, io.EOF) {
			return buf, nil
		}
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return buf, ErrBodyTooLarge
		}
		return buf, ErrBodyBroken
	}
}
