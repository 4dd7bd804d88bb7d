package swaggerui

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

// TestFilesAreThoseOfTheRegistry compares the vendored files with the checksums beside them.
func TestFilesAreThoseOfTheRegistry(t *testing.T) {
	readme, err := os.ReadFile("dist/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for name, packed := range map[string][]byte{
		"swagger-ui-bundle.js": bundle, "swagger-ui.css": styles,
	} {
		zip, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(zip)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(text)
		line := "| " + name + " | " + hex.EncodeToString(sum[:]) + " |"
		if !strings.Contains(string(readme), line) {
			t.Errorf("the checksum of %s is not in dist/README.md: %s", name, line)
		}
	}
}

func TestEverythingThePageNamesIsServed(t *testing.T) {
	handler := Handler()
	served := map[string]bool{"/openapi.json": true} // by the API
	for _, path := range Paths {
		w := httptest.NewRecorder()
		handler(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != http.StatusOK || w.Body.Len() == 0 {
			t.Errorf("%s: status %d with %d bytes", path, w.Code, w.Body.Len())
		}
		if !strings.Contains(w.Header().Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s has no strict policy", path)
		}
		again := httptest.NewRequest(http.MethodGet, path, nil)
		again.Header.Set("If-None-Match", w.Header().Get("Etag"))
		second := httptest.NewRecorder()
		if handler(second, again); second.Code != http.StatusNotModified {
			t.Errorf("%s again: status %d", path, second.Code)
		}
		served[path] = true
	}
	for _, text := range strings.FieldsFunc(string(page), func(r rune) bool { return r == '"' }) {
		if strings.HasPrefix(text, "/") && !served[text] && !strings.HasPrefix(text, "/>") {
			t.Errorf("the page names %s, which nobody serves", text)
		}
		if strings.Contains(text, "://") {
			t.Errorf("the page loads %s from elsewhere", text)
		}
	}
}

func TestUnknownFile(t *testing.T) {
	w := httptest.NewRecorder()
	Handler()(w, httptest.NewRequest(http.MethodGet, "/swagger/other.js", nil))
	if w.Code != http.StatusNotFound {
		t.Errorf("status %d", w.Code)
	}
}
