// Package swaggerui serves Swagger UI from the binary: nothing is loaded from elsewhere.
package swaggerui

import (
	"crypto/sha256"
	_ "embed" // the page's files are compiled in
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
)

// The files of the page. The two large ones are kept compressed only: every browser takes gzip.
var (
	//go:embed page.html
	page []byte
	//go:embed start.js
	start []byte
	//go:embed dist/swagger-ui-bundle.js.gz
	bundle []byte
	//go:embed dist/swagger-ui.css.gz
	styles []byte
)

// policy lets the page load what it brings and ask this server, and nothing else. Swagger UI sets
// style attributes and has its icons in data addresses.
const policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; " +
	"img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; " +
	"frame-ancestors 'none'"

// Paths are the addresses that Handler serves.
var Paths = []string{
	"/swagger", "/swagger/start.js", "/swagger/swagger-ui-bundle.js", "/swagger/swagger-ui.css",
}

type file struct {
	body   []byte
	media  string
	zipped bool
	tag    string
}

func newFile(body []byte, media string, zipped bool) file {
	sum := sha256.Sum256(body)
	return file{body, media, zipped, `"` + hex.EncodeToString(sum[:16]) + `"`}
}

// Handler serves the page and its files.
func Handler() http.HandlerFunc {
	files := map[string]file{
		Paths[0]: newFile(page, "text/html; charset=utf-8", false),
		Paths[1]: newFile(start, "text/javascript; charset=utf-8", false),
		Paths[2]: newFile(bundle, "text/javascript; charset=utf-8", true),
		Paths[3]: newFile(styles, "text/css; charset=utf-8", true),
	}
	return func(w http.ResponseWriter, r *http.Request) {
		f, ok := files[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Cache-Control", "no-cache")
		h.Set("Etag", f.tag)
		if strings.Contains(r.Header.Get("If-None-Match"), f.tag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		if f.zipped {
			h.Set("Content-Encoding", "gzip")
		}
		h.Set("Content-Type", f.media)
		h.Set("Content-Length", strconv.Itoa(len(f.body)))
		w.WriteHeader(http.StatusOK)
		_, _ = w.Write(f.body) // who has gone can't be told
	}
}
