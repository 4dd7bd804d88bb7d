package httpapi

import (
	"net/http"
	"strconv"
	"time"

	"ticketflow/internal/app/board"
	"ticketflow/internal/domain/errs"
	"ticketflow/internal/inbound/edge"
)

const (
	heartbeatInterval = 20 * time.Second
	minRetryMillis    = 1_000 // what a browser waits before it comes back
	retrySpreadMillis = 9_000 // so that after a restart not all come at once
)

var (
	errFrom = errs.New(errs.Invalid, "bad_version", "The version is not a number.").
		WithField("field", "from")
	heartbeat = []byte(": still here\n\n")
	resync    = []byte("event: resync\nid\ndata: {}\n\n")
)

// watchChanges answers GET /v1/events/{event}/changes with server-sent events. Each delta is
// encoded once for all viewers; who reads too slowly is told to start anew.
func (s *Server) watchChanges(w http.ResponseWriter, r *http.Request) {
	seats, _, err := s.boardOf(r)
	if err != nil {
		edge.Fail(w, r, err)
		return
	}
	since, err := sinceVersion(r, seats)
	if err != nil {
		edge.Fail(w, r, err)
		return
	}
	viewer, missed, ok := seats.Watch(since)
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	stream := edge.OpenStream(w)
	if !ok {
		_ = stream.Send(append(s.greeting(nil), resync...)) // it comes back in any case
		return
	}
	defer seats.Leave(viewer)
	first := s.greeting(nil)
	first = strconv.AppendUint(append(first, "event: ready\nid: "...), since, 10)
	first = strconv.AppendUint(append(first, "\ndata: {\"version\":"...), since, 10)
	first = append(first, "}\n\n"...)
	for _, d := range missed {
		first = append(first, d.Encoded(appendDelta)...)
	}
	if stream.Send(first) != nil {
		return
	}
	follow(r, stream, viewer)
}

// follow sends what happens until the viewer or the board is gone.
func follow(r *http.Request, stream edge.Stream, viewer *board.Viewer) {
	idle := time.NewTicker(heartbeatInterval)
	defer idle.Stop()
	for {
		var text []byte
		select {
		case d, more := <-viewer.Deltas:
			if !more {
				_ = stream.Send(resync) // it comes back in any case
				return
			}
			text = d.Encoded(appendDelta)
		case <-idle.C:
			text = heartbeat
		case <-r.Context().Done():
			return
		}
		if stream.Send(text) != nil {
			return
		}
	}
}

// sinceVersion is what the viewer has: what it received last, or the snapshot that it asked with.
func sinceVersion(r *http.Request, seats *board.Board) (uint64, error) {
	text := r.Header.Get("Last-Event-Id")
	if text == "" {
		text = r.URL.Query().Get("from")
	}
	if text == "" {
		return seats.Version(), nil
	}
	version, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, errFrom
	}
	return version, nil
}

// greeting tells the browser how long to wait before it comes back: each another time.
func (s *Server) greeting(b []byte) []byte {
	wait := minRetryMillis + s.clock().UnixNano()/1000%retrySpreadMillis
	return append(strconv.AppendInt(append(b, "retry: "...), wait, 10), "\n\n"...)
}

func appendDelta(d board.Delta) []byte {
	b := make([]byte, 0, len(d.Data)+128)
	b = strconv.AppendUint(append(b, "event: delta\nid: "...), d.To, 10)
	b = strconv.AppendUint(append(b, "\ndata: {\"from\":"...), d.From, 10)
	b = strconv.AppendUint(append(b, ",\"to\":"...), d.To, 10)
	b = append(append(b, ",\"places\":\""...), d.Data...)
	return append(b, "\"}\n\n"...)
}
