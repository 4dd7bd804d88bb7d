package httpapi

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

	"ticketflow/internal/domain/catalog"
)

// TestPlansAreEncodedOnce however many ask at the same time, and not too many are kept.
func TestPlansAreEncodedOnce(t *testing.T) {
	var shelf planShelf
	var encoded atomic.Int64
	encode := func() (document, error) {
		encoded.Add(1)
		return newDocument([]byte("plan"), jsonMedia)
	}
	var group sync.WaitGroup
	for range 32 {
		group.Go(func() {
			d, err := shelf.keep(&shelf.wire, 1, encode)
			if err != nil || string(d.raw) != "plan" || len(d.gzip) == 0 || d.etag == "" {
				t.Errorf("got %+v, %v", d, err)
			}
		})
	}
	group.Wait()
	if n := encoded.Load(); n != 1 {
		t.Errorf("encoded %d times", n)
	}
	for i := range 2 * maxKeptPlans {
		if _, err := shelf.keep(&shelf.wire, catalog.PlanID(i), encode); err != nil {
			t.Fatal(err)
		}
		if n := len(shelf.wire); n > maxKeptPlans {
			t.Fatalf("%d plans are kept", n)
		}
	}
	broken := errors.New("broken")
	_, err := shelf.keep(&shelf.json, 1, func() (document, error) { return document{}, broken })
	if !errors.Is(err, broken) {
		t.Errorf("a plan that can't be encoded: %v", err)
	}
}

func TestTakesGzip(t *testing.T) {
	for header, want := range map[string]bool{
		"": false, "gzip": true, "GZIP": true, "br, gzip": true, "br": false,
		"gzip;q=0": false, "gzip; q=0.000": false, "gzip;q=0.1": true, "gzip;q=1": true,
		"identity;q=1, gzip;q=0": false, "x-gzip": false, "deflate,gzip": true,
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Accept-Encoding", header)
		if got := takesGzip(r); got != want {
			t.Errorf("%q: got %v", header, got)
		}
	}
}

func TestSameTag(t *testing.T) {
	for header, want := range map[string]bool{
		"": false, `"a"`: true, `W/"a"`: true, `"b", "a"`: true, "*": true, `"b"`: false,
		"a": false, `"ab"`: false, `"b",W/"a"`: true,
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("If-None-Match", header)
		if got := sameTag(r, `"a"`); got != want {
			t.Errorf("%q: got %v", header, got)
		}
	}
}

func TestZones(t *testing.T) {
	for zone, want := range map[string]bool{"Europe/Vienna": true, "UTC": true, "": false,
		"Local": false, "Mars/Olympus": false, "../etc/passwd": false, "europe\x00": false} {
		if got := checkZone(zone) == nil; got != want {
			t.Errorf("%q: got %v", zone, got)
		}
	}
}
