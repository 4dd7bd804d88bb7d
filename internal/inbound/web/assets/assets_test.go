package assets

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
)

func ask(t *testing.T, s *Set, path, encoding string) (*httptest.ResponseRecorder, string) {
	t.Helper()
	req := httptest.NewRequest(http.MethodGet, path, http.NoBody)
	req.Header.Set("Accept-Encoding", encoding)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, req)
	if said := w.Header().Get("Content-Length"); w.Code == http.StatusOK &&
		said != strconv.Itoa(w.Body.Len()) {
		t.Errorf("%d bytes came, %s were said", w.Body.Len(), said)
	}
	var zip io.Reader = w.Body
	switch w.Header().Get("Content-Encoding") {
	case "br":
		zip = brotli.NewReader(w.Body)
	case "gzip":
		var err error
		if zip, err = gzip.NewReader(w.Body); err != nil {
			t.Fatal(err)
		}
	}
	text, err := io.ReadAll(zip)
	if err != nil {
		t.Fatal(err)
	}
	return w, string(text)
}

func TestAFileIsServedForEver(t *testing.T) {
	s, err := New(map[string][]byte{"brand.css": []byte(":root{--accent:teal}")})
	if err != nil {
		t.Fatal(err)
	}
	plain, whole := ask(t, s, s.Path("site.css"), "")
	zipped, text := ask(t, s, s.Path("site.css"), "deflate, gzip")
	if text != whole || !strings.HasPrefix(text, "/* The design tokens") ||
		!strings.HasSuffix(text, ":root{--accent:teal}") {
		t.Errorf("%d and %d bytes, the end is %q", len(text), len(whole), text[len(text)-40:])
	}
	if plain.Header().Get("Content-Encoding") != "" ||
		zipped.Header().Get("Content-Encoding") != "gzip" {
		t.Errorf("%v, %v", plain.Header(), zipped.Header())
	}
	for _, w := range []*httptest.ResponseRecorder{plain, zipped} {
		if h := w.Header(); !strings.Contains(h.Get("Cache-Control"), "immutable") ||
			h.Get("Content-Type") != "text/css; charset=utf-8" ||
			h.Get("Vary") != "Accept-Encoding" {
			t.Errorf("served with %v", h)
		}
	}
	if br, gz := s.Size("site.css"); br >= gz || gz >= len(whole) {
		t.Errorf("%d bytes with Brotli, %d with gzip, %d before", br, gz, len(whole))
	}
}

// TestEachGetsTheSmallestThatHeTakes, in whatever order he says so.
func TestEachGetsTheSmallestThatHeTakes(t *testing.T) {
	s, err := New(map[string][]byte{"tiny.css": []byte("a{}")})
	if err != nil {
		t.Fatal(err)
	}
	for accepted, want := range map[string]string{
		"": "", "identity": "", "gzip": "gzip", "br": "br", "gzip, deflate, br, zstd": "br",
		"br, gzip": "br", "br;q=0, gzip;q=0.5": "gzip", "gzip; q=0.0, br; q=0.1": "br",
		"gzip;q=0": "", "brine": "",
	} {
		w, text := ask(t, s, s.Path("map.js"), accepted)
		if got := w.Header().Get("Content-Encoding"); got != want {
			t.Errorf("%q gets %q, want %q", accepted, got, want)
		}
		if raw := string(s.files["map.js"].raw); text != raw {
			t.Errorf("%q gets %d bytes, want %d", accepted, len(text), len(raw))
		}
	}
	w, _ := ask(t, s, s.Path("tiny.css"), "br, gzip")
	if got := w.Header().Get("Content-Encoding"); got != "" {
		t.Errorf("what gets larger is sent with %q", got)
	}
}

// TestEachSheetIsJoined: one that is forgotten would be missed on some page only.
func TestEachSheetIsJoined(t *testing.T) {
	s, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	_, site := ask(t, s, s.Path("site.css"), "")
	names, err := sheets.ReadDir("css")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		text, err := sheets.ReadFile("css/" + name.Name())
		if err != nil || strings.Count(site, string(text)) != 1 {
			t.Errorf("%s is %d times in the site's sheet, %v", name.Name(),
				strings.Count(site, string(text)), err)
		}
	}
}

// TestAnotherStateIsNotKept: a page of another release asks under an address of its own.
func TestAnotherStateIsNotKept(t *testing.T) {
	s, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	other, err := New(map[string][]byte{"logo.svg": []byte("<svg/>")})
	if err != nil {
		t.Fatal(err)
	}
	path := other.Path("page.js")
	if path == s.Path("page.js") {
		t.Error("a new file doesn't change the address")
	}
	w, text := ask(t, s, path, "")
	if w.Code != http.StatusOK || text == "" || w.Header().Get("Cache-Control") != "no-cache" {
		t.Errorf("%d with %v", w.Code, w.Header())
	}
	for _, path := range []string{
		Prefix, Prefix + "x", Prefix + "x/logo.svg", Prefix + "x/../page.js",
	} {
		if w, _ := ask(t, s, path, ""); w.Code != http.StatusNotFound {
			t.Errorf("%s answers %d", path, w.Code)
		}
	}
}

func TestAFileOfNoKnownKindIsRefused(t *testing.T) {
	if _, err := New(map[string][]byte{"logo.exe": nil}); err == nil {
		t.Error("an asset without a media type is taken")
	}
	s, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if recover() == nil {
			t.Error("an address was made up")
		}
	}()
	if bytes.HasPrefix([]byte(s.Path("nothing.css")), []byte(Prefix)) {
		t.Error("there is nothing.css")
	}
}
