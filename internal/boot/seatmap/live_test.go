package seatmap_test

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"net/http"
	"testing"

	"ticketflow/internal/testservers/browser"
)

// mostLooks bounds how often a newer snapshot is asked for: for some seconds.
const mostLooks = 2_000

// state is the server's version and the fingerprint of its states.
func (h *house) state(event string) (version uint64, hash string) {
	h.tb.Helper()
	r, err := http.NewRequestWithContext(h.tb.Context(), http.MethodGet,
		h.url+"/v1/events/"+event+"/availability", http.NoBody)
	if err != nil {
		h.tb.Fatal(err)
	}
	raw := h.send(r, http.StatusOK)
	const header = 16
	sum := fnv.New32a()
	_, _ = sum.Write(raw[header:]) // a hash takes everything
	return binary.BigEndian.Uint64(raw[8:]), fmt.Sprintf("%08x", sum.Sum32())
}

// inStep waits until the map shows what the server has. A snapshot is kept for a quarter of a
// second, and the map may be ahead of it: such a one says nothing.
func (s sheet) inStep(h *house, event string) {
	s.tb.Helper()
	version, hash := h.state(event)
	for looks := 0; version < s.debug().Version; looks++ {
		if looks == mostLooks {
			s.tb.Fatalf("the server's snapshots stay at version %d", version)
		}
		version, hash = h.state(event)
	}
	s.WaitFor(fmt.Sprintf("debug().version >= %d && debug().hash === %q", version, hash))
}

// TestAStreamResumes after the server was away, and the buyer is told meanwhile.
func TestAStreamResumes(t *testing.T) {
	h := open(t)
	s := h.look(stadium, browser.Setup{})
	for _, text := range []string{"502", "changes", "availability", "Failed to load"} {
		s.Allow(text)
	}
	s.inStep(h, stadium)
	h.hold(stadium, freeSeat, heldSeat)
	s.WaitFor(fmt.Sprintf("map.model.state[%d] === 1", freeSeat))
	s.inStep(h, stadium)
	before := s.debug().Hash
	h.stop()
	s.WaitText(".map-note", "Reconnecting – seats may be out of date")
	h.start()
	h.hold(stadium, soldSeat, ownSeat)
	s.WaitFor(fmt.Sprintf("map.model.state[%d] === 1", ownSeat))
	s.WaitFor(`document.querySelector(".map-note").textContent === ""`)
	if s.inStep(h, stadium); s.debug().Hash == before {
		t.Error("nothing has changed")
	}
	if n := s.Count("canvas"); n != 1 {
		t.Errorf("there are %d canvases", n)
	}
}

// TestAPageInTheBrowsersMemoryHoldsNoConnection, and catches up when it is shown again.
func TestAPageInTheBrowsersMemoryHoldsNoConnection(t *testing.T) {
	h := open(t)
	s := h.look(theatre, browser.Setup{})
	var open [2]bool
	s.Eval(`dispatchEvent(new Event("pagehide")), [!!map.live.source, false]`, &open)
	if open[0] {
		t.Error("a hidden page has a stream")
	}
	h.hold(theatre, 100)
	s.Eval(`dispatchEvent(new Event("pageshow"))`, nil)
	s.WaitFor("map.model.state[100] === 1")
	s.inStep(h, theatre)
}
