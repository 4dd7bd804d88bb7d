package web

import (
	"context"
	"io"
	"net/http"

	"ticketflow/internal/inbound/edge"
	"ticketflow/internal/inbound/web/assets"
)

// maxFormBytes is room for what a form of these pages sends.
const maxFormBytes = 16 << 10

// component is a page that can be written, as templ makes them.
type component interface {
	Render(ctx context.Context, w io.Writer) error
}

// Add adds all pages to the mux that serves the API.
func (s *Site) Add(mux *edge.Mux) {
	mux.Pages(s.showProblem)
	mux.Add(edge.Route{Pattern: "GET " + assets.Prefix, Class: edge.Browsing,
		Handler: s.assets.ServeHTTP})

	mux.Add(edge.Route{Pattern: "GET /robots.txt", Class: edge.Browsing, Handler: s.sendRobots})
	mux.Add(edge.Route{Pattern: "GET /sitemap.xml", Class: edge.Browsing, Handler: s.sendSitemap})

	s.addWidget(mux)
	s.page(mux, "GET /{$}", edge.Browsing, s.showFront)
	s.page(mux, "GET /events/{event}", edge.Browsing, s.showEvent)
}

// page adds a page that is looked at.
func (s *Site) page(
	mux *edge.Mux, pattern string, class edge.Class, show func(v *visit) (component, error),
) {
	mux.Add(edge.Route{Pattern: pattern, Class: class,
		Handler: func(w http.ResponseWriter, r *http.Request) {
			page, err := show(s.visit(w, r))
			if err != nil {
				edge.Fail(w, r, err)
				return
			}
			if to, ok := page.(elsewhere); ok {
				http.Redirect(w, r, string(to), http.StatusSeeOther)
				return
			}
			s.send(w, r, http.StatusOK, page)
		}})
}

// form adds what a form is sent to: act answers by itself, with another page's address or with the
// same page and what is wrong. Forms of other sites are refused.
func (s *Site) form(
	mux *edge.Mux, pattern string, class edge.Class,
	act func(w http.ResponseWriter, v *visit) error,
) {
	mux.Add(edge.Route{Pattern: pattern, Class: class, MaxBodyBytes: maxFormBytes,
		Handler: func(w http.ResponseWriter, r *http.Request) {
			if err := s.origin.Check(r); err != nil {
				edge.Fail(w, r, errForeignForm)
				return
			}
			if err := r.ParseForm(); err != nil {
				edge.Fail(w, r, edge.ErrBodyBroken)
				return
			}
			if err := act(w, s.visit(w, r)); err != nil {
				edge.Fail(w, r, err)
			}
		}})
}
