// Package assets are the style sheets and scripts of the pages, as they are served: the sheets
// joined, each file compressed once, under an address that changes with any of them, so that
// browsers may keep them for ever. Browsers take Brotli over TLS and from their own machine, and
// gzip otherwise.
package assets

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"maps"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
)

//go:embed css/*.css
var sheets embed.FS

//go:embed all:js
var scripts embed.FS

// order is how the sheets are joined: the tokens name the layers, so they come first. One sheet for
// all pages is asked for once, and not when a buyer comes to the map.
var order = []string{
	"tokens.css", "base.css", "components.css", "pages.css", "shop.css", mapSheet,
}

// mapSheet also goes alone, to pages of others that show a map.
const mapSheet = "map.css"

// Prefix is where all assets are.
const Prefix = "/assets/"

// Set is all files in one state. It is safe for concurrent use.
type Set struct {
	hash  string
	files map[string]file
}

type file struct {
	raw []byte
	// gzip and brotli are made when they are first asked for: else they were most of each start.
	gzip, brotli func() []byte
	media        string
}

// New reads the files that were compiled in, and adds extra ones by name, for instance a logo; an
// extra brand.css is joined to the sheets.
func New(extra map[string][]byte) (*Set, error) {
	files := make(map[string][]byte)
	var site bytes.Buffer
	for _, name := range order {
		text, err := sheets.ReadFile("css/" + name)
		if err != nil {
			return nil, fmt.Errorf("read a style sheet: %w", err)
		}
		site.Write(text)
	}
	site.Write(extra["brand.css"])
	files["site.css"] = site.Bytes()
	names, err := fs.Glob(scripts, "js/*.js")
	if err != nil {
		return nil, fmt.Errorf("list the scripts: %w", err)
	}
	for _, name := range names {
		if files[path.Base(name)], err = scripts.ReadFile(name); err != nil {
			return nil, fmt.Errorf("read a script: %w", err)
		}
	}
	if files[mapSheet], err = sheets.ReadFile("css/" + mapSheet); err != nil {
		return nil, fmt.Errorf("read a style sheet: %w", err)
	}
	for name, text := range extra {
		if name != "brand.css" {
			files[name] = text
		}
	}
	return pack(files)
}

func pack(files map[string][]byte) (*Set, error) {
	s := &Set{files: make(map[string]file, len(files))}
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		media, ok := medias[path.Ext(name)]
		if !ok {
			return nil, fmt.Errorf("the asset %s is of no known kind", name)
		}
		_, _ = fmt.Fprintf(sum, "%s %d\n", name, len(files[name])) // a hash takes everything
		_, _ = sum.Write(files[name])
		raw := files[name]
		s.files[name] = file{raw: raw, media: media,
			gzip:   sync.OnceValue(func() []byte { return compressed(raw, withGzip) }),
			brotli: sync.OnceValue(func() []byte { return compressed(raw, withBrotli) })}
	}
	const hashBytes = 8
	s.hash = hex.EncodeToString(sum.Sum(nil)[:hashBytes])
	return s, nil
}

// compressed is a file as small as a coding makes it.
func compressed(raw []byte, coding func(io.Writer) io.WriteCloser) []byte {
	var b bytes.Buffer
	zip := coding(&b)
	_, _ = zip.Write(raw) // into memory, which takes everything
	_ = zip.Close()
	return b.Bytes()
}

func withGzip(w io.Writer) io.WriteCloser {
	zip, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		panic(err) // there is such a level
	}
	return zip
}

func withBrotli(w io.Writer) io.WriteCloser {
	return brotli.NewWriterLevel(w, brotli.BestCompression)
}

// medias are the kinds of files that there are.
var medias = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
	".svg": "image/svg+xml", ".png": "image/png", ".webp": "image/webp", ".jpg": "image/jpeg",
}

// Path is the address of a file. It panics if there is no such file: names are constants.
func (s *Set) Path(name string) string {
	if _, ok := s.files[name]; !ok {
		panic("there is no asset " + name)
	}
	return Prefix + s.hash + "/" + name
}

// Has tells whether there is such a file.
func (s *Set) Has(name string) bool { _, ok := s.files[name]; return ok }

// Size is how many bytes a file is on the wire, compressed, for those who take Brotli and for those
// who take gzip only.
func (s *Set) Size(name string) (brotli, gzip int) {
	return len(s.files[name].brotli()), len(s.files[name].gzip())
}

// ServeHTTP implements http.Handler for everything under Prefix. A file of another state, which a
// page of another release asks for, is answered with this one's, but must not be kept.
func (s *Set) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	hash, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, Prefix), "/")
	if !s.Has(name) {
		http.NotFound(w, r)
		return
	}
	keep := "no-cache"
	if hash == s.hash {
		keep = "public, max-age=31536000, immutable"
	}
	s.Send(w, r, name, keep)
}

// Send answers with a file; keep is what is said in Cache-Control. It panics if there is no such
// file: names are constants.
func (s *Set) Send(w http.ResponseWriter, r *http.Request, name, keep string) {
	f, ok := s.files[name]
	if !ok {
		panic("there is no asset " + name)
	}
	h := w.Header()
	h.Set("Content-Type", f.media)
	h.Set("Cache-Control", keep)
	h.Set("Vary", "Accept-Encoding")
	if f.media == medias[".svg"] { // opened by itself it is a document, which must not run anything
		h.Set("Content-Security-Policy",
			"default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'")
	}
	body := f.raw
	for coding := range codings(r.Header.Get("Accept-Encoding")) {
		packed := f.gzip
		if coding == "br" {
			packed = f.brotli
		}
		if zipped := packed(); len(zipped) < len(body) {
			body = zipped
			h.Set("Content-Encoding", coding)
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(body) // who has gone can't be told
}

// codings are those of ours that a header accepts (RFC 9110 §12.5.3).
func codings(header string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for one := range strings.SplitSeq(header, ",") {
			name, quality, _ := strings.Cut(strings.ReplaceAll(one, " ", ""), ";")
			refused := quality != "" && strings.Trim(quality, "q=0.") == ""
			if (name == "br" || name == "gzip") && !refused && !yield(name) {
				return
			}
		}
	}
}
