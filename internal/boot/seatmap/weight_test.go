package seatmap_test

import (
	"io"
	"net/http"
	"testing"

	"ticketflow/internal/inbound/web/assets"
	"ticketflow/internal/testservers/browser"
)

// TestTheMapIsLight: what a buyer waits for, in bytes as they come.
func TestTheMapIsLight(t *testing.T) {
	h := open(t)
	size := func(path string) int {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
			h.url+"/v1/events/"+stadium+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept-Encoding", "gzip")
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d %v", path, answer.StatusCode, err)
		}
		return len(text)
	}
	files, err := assets.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	data := size("/plan.bin") + size("/availability") + size("")
	code, codeZipped := files.Size("map.js")
	_, sheet := files.Size("map.css")
	t.Logf("data %d, code %d (with gzip %d), style sheet %d bytes", data, code, codeZipped, sheet)
	if data > 45_000 || code > 12<<10 || codeZipped > 14<<10 || sheet > 4<<10 {
		t.Error("the map is too heavy")
	}
	// A browser on the same machine is treated like one over TLS: it is offered Brotli.
	var loaded []struct {
		Name  string
		Bytes int
	}
	s := h.look(stadium, browser.Setup{})
	s.Eval(`performance.getEntriesByType("resource").filter(e => e.name.endsWith(".js"))
		.map(e => ({ name: e.name, bytes: e.encodedBodySize }))`, &loaded)
	if len(loaded) != 1 || loaded[0].Bytes != code {
		t.Errorf("the map loads %+v, and not %d bytes", loaded, code)
	}
}
