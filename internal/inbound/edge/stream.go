package edge

import (
	"net/http"
	"time"
)

// streamWriteTimeout is how long one write to a viewer may take: who reads more slowly is dropped.
const streamWriteTimeout = 10 * time.Second

// Stream is an answer that stays open.
type Stream struct {
	w    http.ResponseWriter
	ctrl *http.ResponseController
}

// OpenStream starts to write to w for as long as it takes.
func OpenStream(w http.ResponseWriter) Stream {
	return Stream{w: w, ctrl: http.NewResponseController(w)}
}

// Send writes and flushes. After a failure the viewer is gone.
func (s Stream) Send(b []byte) error {
	if err := s.ctrl.SetWriteDeadline(time.Now().Add(streamWriteTimeout)); err != nil {
		return err
	}
	if _, err := s.w.Write(b); err != nil {
		return err
	}
	return s.ctrl.Flush()
}

// AllowTime lets an answer take longer than the server allows by itself.
func AllowTime(w http.ResponseWriter, d time.Duration) {
	// Where no deadline can be set there is none to exceed.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(d))
}
