package boot

import (
	"net"
	"net/http"
	"sync/atomic"
)

// Connections and the garbage collector: a connection keeps some twenty kilobytes of buffers and
// stack, whatever it does. With thousands of them, the collector's usual headroom of once the heap
// is mostly room for nothing, so that it is cut. Its share of 10,000 buyers' heap and stacks is
// what is left of 600 MB when all of them wait at once. What it costs is in docs/performance.md.
const (
	manyConnections  = 2_000
	fewConnections   = manyConnections / 2 // and below: back to the usual, without flutter
	usualHeapPercent = 100                 // as Go's own
	leanHeapPercent  = 19
)

// heapTuner follows the server's connections. It is safe for concurrent use.
type heapTuner struct {
	set   func(percent int)
	conns atomic.Int64
	lean  atomic.Bool
}

// state is an http.Server's ConnState.
func (t *heapTuner) state(_ net.Conn, s http.ConnState) {
	switch s {
	case http.StateNew:
		if t.conns.Add(1) >= manyConnections && t.lean.CompareAndSwap(false, true) {
			t.set(leanHeapPercent)
		}
	case http.StateClosed, http.StateHijacked:
		if t.conns.Add(-1) < fewConnections && t.lean.CompareAndSwap(true, false) {
			t.set(usualHeapPercent)
		}
	case http.StateActive, http.StateIdle:
	}
}
