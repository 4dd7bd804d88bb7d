package web

import (
	"net/http"
	"strings"

	"ticketflow/internal/domain/errs"
	"ticketflow/internal/inbound/edge"
)

// errWidgetOff says that no site may show events of this one within its pages.
var errWidgetOff = errs.New(errs.NotFound, "widget_off",
	"This site has no widget. Its operator can allow other sites to show its events.")

// framed is where pages are that other sites may show within theirs.
const framed = "/embed/"

// addWidget adds the script that puts an event into other sites' pages, and the page inside. A
// browser sends no cookies into a frame of another site, so nothing is bought there: what leads on
// opens a page of its own.
func (s *Site) addWidget(mux *edge.Mux) {
	mux.Add(edge.Route{Pattern: "GET /embed.js", Class: edge.Browsing, Handler: s.sendWidget})
	s.page(mux, "GET "+framed+"{event}", edge.Browsing, s.showEmbedded)
}

func (s *Site) sendWidget(w http.ResponseWriter, r *http.Request) {
	if len(s.embedders) == 0 {
		edge.Fail(w, r, errWidgetOff)
		return
	}
	// The script is for other sites: they need no permission of theirs to load it.
	w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
	s.assets.Send(w, r, "embed.js", "public, max-age=300")
}

func (s *Site) showEmbedded(v *visit) (component, error) {
	if len(s.embedders) == 0 {
		return nil, errWidgetOff
	}
	e, err := s.event(v)
	if err != nil {
		return nil, err
	}
	return embedPage(v, e), nil
}

// origins are the sites that may show this page, in one attribute.
func (v *visit) origins() string { return strings.Join(v.site.embedders, " ") }

// policyFor is the Content-Security-Policy of a page.
func (s *Site) policyFor(r *http.Request) []string {
	if strings.HasPrefix(r.URL.Path, framed) && len(s.embedders) > 0 {
		return s.framedPolicy
	}
	return s.policy
}
