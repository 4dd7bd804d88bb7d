package simpay

import (
	"net/http"
	"time"

	"ticketflow/internal/domain/errs"
)

// maxHang bounds how long a request that is never answered keeps its connection.
const maxHang = time.Minute

var errFault = errs.New(errs.Internal, "simpay_fault",
	"The simulator was told to fail here.")

// before plays what goes wrong before a request takes effect, and tells whether that was all.
func (s *Simulator) before(w http.ResponseWriter, r *http.Request, d *fate) (over bool) {
	if d == nil {
		return false
	}
	if d.strikes(latency) {
		s.pause(r, d.span(latencyTime))
	}
	switch {
	case d.strikes(resetBefore):
		reset(w)
	case d.strikes(failBefore):
		s.writeProblem(w, errFault)
	default:
		return false
	}
	return true
}

// after plays what goes wrong once a request has taken effect, and tells whether the answer is
// gone.
func (s *Simulator) after(w http.ResponseWriter, r *http.Request, d *fate) (gone bool) {
	switch {
	case d.strikes(hangAfter):
		s.pause(r, maxHang)
		reset(w)
	case d.strikes(resetAfter):
		reset(w)
	case d.strikes(failAfter):
		s.writeProblem(w, errFault)
	default:
		return false
	}
	return true
}

// pause waits, unless the other side goes or the simulator is closed.
func (s *Simulator) pause(r *http.Request, d time.Duration) {
	fired, stop := s.clock.After(d)
	defer stop()
	select {
	case <-fired:
	case <-s.courier.stop:
	case <-r.Context().Done():
	}
}

// reset ends a connection as a crash would: the other side reads an error, not the end of an
// answer.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // the way to say so where a connection carries many requests
	}
	if tcp, ok := conn.(interface{ SetLinger(seconds int) error }); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}
