package web_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"ticketflow/internal/inbound/web"
)

func TestAWidgetIsForThoseWhoMay(t *testing.T) {
	const friend, other = "https://www.example.org", "http://127.0.0.1:1234"
	h := open(t, func(c *web.Config) { c.EmbedOrigins = []string{friend, other} })
	id := h.publish(h.show("Figaro"))
	r := h.get("/embed/" + id.String())
	policy := r.header.Get("Content-Security-Policy")
	if !strings.HasSuffix(policy, "; frame-ancestors "+friend+" "+other) {
		t.Errorf("it may be framed by %q", policy)
	}
	for _, link := range find(parse(t, r.body), "a") {
		if attribute(link, "target") != "_blank" || attribute(link, "rel") != "noopener" {
			t.Errorf("a link stays in the frame: %s", text(link))
		}
	}
	for _, path := range []string{"/events/" + id.String(), "/embedded", "/embed"} {
		if p := h.get(path).header.Get("Content-Security-Policy"); !strings.HasSuffix(p,
			"frame-ancestors 'none'") {
			t.Errorf("%s may be framed: %q", path, p)
		}
	}
	script := h.get("/embed.js")
	if script.status != http.StatusOK || script.header.Get("Cache-Control") !=
		"public, max-age=300" || !strings.Contains(script.body, "iframe") ||
		script.header.Get("Cross-Origin-Resource-Policy") != "cross-origin" {
		t.Errorf("the script: %d %v", script.status, script.header)
	}
}

func TestWithoutOriginsThereIsNoWidget(t *testing.T) {
	h := open(t)
	id := h.publish(h.show("Figaro"))
	for _, path := range []string{"/embed/" + id.String(), "/embed.js"} {
		r := h.get(path)
		if r.status != http.StatusNotFound || !strings.Contains(r.body, "has no widget") {
			t.Errorf("%s: %d %s", path, r.status, r.body)
		}
	}
}

// host is another site, with a page that has the widget in it.
type host struct {
	*httptest.Server
	page string
}

// hosted starts another site.
func hosted(t *testing.T) *host {
	t.Helper()
	s := &host{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(s.page))
	}))
	t.Cleanup(s.Close)
	return s
}

// embed puts the widget into the site's page, before anybody asks for it.
func (s *host) embed(h *house, event string) {
	s.page = fmt.Sprintf(`<!doctype html><html lang="en"><title>A theatre</title>`+
		`<link rel="icon" href="data:,"><h1>Our evening</h1>`+
		`<script src="%s/embed.js" data-event="%s" async></script><p>After</p>`,
		h.server.URL, event)
}
