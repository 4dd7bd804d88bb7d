package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Bounds of what is kept of pages that are the same for everybody.
const (
	writtenTime     = time.Second
	maxWritten      = 256
	maxWrittenQuery = 300
)

// written is a page as it is sent. It is the same for all who read its language, so that a crowd
// that looks at one list costs little more than its bytes.
type written struct {
	plain, zipped []byte
	until         time.Time
}

// Render implements component.
func (p *written) Render(_ context.Context, w io.Writer) error {
	_, err := w.Write(p.plain)
	return err
}

// shelved is a page that others have asked for within the last second.
type shelved struct {
	mu    sync.Mutex
	pages map[string]*written
}

// get is the page under a key, or nil.
func (s *shelved) get(key string, now time.Time) *written {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.pages[key]; p != nil && now.Before(p.until) {
		return p
	}
	return nil
}

// put keeps a page for a second. Pages that are over make room; while there is none, nothing is
// kept.
func (s *shelved) put(key string, p *written, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pages == nil {
		s.pages = make(map[string]*written)
	}
	if len(s.pages) >= maxWritten {
		for other, page := range s.pages {
			if !now.Before(page.until) {
				delete(s.pages, other)
			}
		}
	}
	if len(s.pages) < maxWritten {
		p.until = now.Add(writtenTime)
		s.pages[key] = p
	}
}

// shared answers with the page that was written for another visitor a moment ago, or writes it.
// Nothing of one visitor may be on it.
func (s *Site) shared(v *visit, show func(v *visit) (component, error)) (component, error) {
	key := v.Lang + v.request.URL.Path + "?" + v.request.URL.RawQuery
	if len(key) > maxWrittenQuery {
		return show(v)
	}
	if page := s.written.get(key, v.now); page != nil {
		return page, nil
	}
	page, err := show(v)
	if err != nil {
		return nil, err
	}
	if _, ok := page.(elsewhere); ok {
		return page, nil
	}
	var plain, zipped bytes.Buffer
	if err := page.Render(v.request.Context(), &plain); err != nil {
		return nil, fmt.Errorf("write a page: %w", err)
	}
	zip := gzip.NewWriter(&zipped)
	_, _ = zip.Write(plain.Bytes()) // into memory
	_ = zip.Close()
	p := &written{plain: plain.Bytes(), zipped: zipped.Bytes()}
	s.written.put(key, p, v.now)
	return p, nil
}

// sendWritten sends what is kept.
func sendWritten(w http.ResponseWriter, r *http.Request, status int, p *written) {
	body := p.plain
	if len(body) >= minZipBytes && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		w.Header().Set("Content-Encoding", "gzip")
		body = p.zipped
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) // who has gone can't be told
}
