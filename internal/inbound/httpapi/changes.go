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
	resync = []byte("event: resync\nid\ndata: {}\n\n")
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
	missed, ok := seats.Since(since)
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no")
	if !ok {
		s.crowds.resyncs.Inc()
		w.WriteHeader(http.StatusOK)
		// It comes back in any case.
		_ = edge.OpenStream(w).Send(append(s.greeting(nil), resync...))
		return
	}
	first := appendReady(s.greeting(nil), seats, since)
	if line := edge.TakeOver(w, r); line != nil {
		if n := len(missed); n > 0 {
			first, since = append(first, frames(missed)...), missed[n-1].To
		}
		s.crowds.join(seats, line, first, since)
		return
	}
	s.stayWith(w, r, seats, first, since)
}

// stayWith serves a viewer whose connection can't be taken over, on this goroutine.
func (s *Server) stayWith(
	w http.ResponseWriter, r *http.Request, seats *board.Board, first []byte, since uint64,
) {
	w.WriteHeader(http.StatusOK)
	stream := edge.OpenStream(w)
	viewer, missed, ok := seats.Watch(since)
	if !ok {
		s.crowds.resyncs.Inc()
		_ = stream.Send(resync)
		return
	}
	defer seats.Leave(viewer)
	if stream.Send(append(first, frames(missed)...)) != nil {
		return
	}
	s.follow(r, stream, seats, viewer)
}

// follow sends what happens until the viewer or the board is gone.
func (s *Server) follow(
	r *http.Request, stream edge.Stream, seats *board.Board, viewer *board.Viewer,
) {
	idle := time.NewTicker(heartbeatInterval)
	defer idle.Stop()
	for {
		var text []byte
		select {
		case d, more := <-viewer.Deltas:
			if !more {
				s.crowds.resyncs.Inc()
				_ = stream.Send(resync) // it comes back in any case
				return
			}
			text = d.Encoded(appendDelta)
		case <-idle.C:
			text = heartbeat(seats)
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

// appendReady says which version the viewer starts from.
func appendReady(b []byte, seats *board.Board, since uint64) []byte {
	b = strconv.AppendUint(append(b, "event: ready\nid: "...), since, 10)
	b = strconv.AppendUint(append(b, "\ndata: {\"version\":"...), since, 10)
	if hash, ok := seats.HashAt(since); ok {
		b = strconv.AppendUint(append(b, ",\"hash\":"...), uint64(hash), 10)
	}
	return append(b, "}\n\n"...)
}

// heartbeat keeps a quiet stream open, and lets the viewer compare what it has.
func heartbeat(seats *board.Board) []byte {
	version, hash := seats.Sent()
	b := strconv.AppendUint([]byte("event: still\ndata: {\"version\":"), version, 10)
	b = strconv.AppendUint(append(b, ",\"hash\":"...), uint64(hash), 10)
	return append(b, "}\n\n"...)
}

func appendDelta(d board.Delta) []byte {
	b := make([]byte, 0, len(d.Data)+128)
	b = strconv.AppendUint(append(b, "event: delta\nid: "...), d.To, 10)
	b = strconv.AppendUint(append(b, "\ndata: {\"from\":"...), d.From, 10)
	b = strconv.AppendUint(append(b, ",\"to\":"...), d.To, 10)
	b = append(append(b, ",\"places\":\""...), d.Data...)
	b = strconv.AppendUint(append(b, "\",\"hash\":"...), uint64(d.Hash), 10)
	return append(b, "}\n\n"...)
}
