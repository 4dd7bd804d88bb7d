package seatmap_test

import (
	"io"
	"net/http"
	"testing"

	"ticketflow/internal/inbound/web/assets"
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
	first, more, sheet := files.Size("map.js"), files.Size("choose.js"), files.Size("map.css")
	t.Logf("data %d, first picture %d, choosing %d, style sheet %d bytes", data, first, more, sheet)
	if data > 45_000 || first > 12<<10 || more > 7<<10 || sheet > 4<<10 {
		t.Error("the map is too heavy")
	}
}
