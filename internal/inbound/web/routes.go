package web

import (
	"context"
	"errors"
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
	mux.Add(edge.Route{Pattern: "GET /events/{event}/calendar.ics", Class: edge.Browsing,
		Handler: s.sendCalendar})

	s.page(mux, "GET /events/{event}/seats", edge.Browsing, s.showSeats)
	s.page(mux, "GET /events/{event}/list", edge.Browsing, s.showList)
	s.page(mux, "GET /events/{event}/list/{section}", edge.Browsing, s.showSection)
	mux.Add(edge.Route{Pattern: "GET /events/{event}/basket", Class: edge.Buying,
		Handler: s.readBasketJSON})
	s.form(mux, "POST /events/{event}/basket", edge.Buying, s.changeBasket)
	s.form(mux, "POST /events/{event}/basket/extend", edge.Buying, s.extendBasket)

	mux.Add(edge.Route{Pattern: "GET /checkout/{hold}", Class: edge.Buying,
		Handler: s.withWriter(s.showCheckout)})
	s.form(mux, "POST /checkout/{hold}", edge.Buying, s.placeOrder)

	s.page(mux, "GET /orders", edge.Browsing, s.showOrders)
	mux.Add(edge.Route{Pattern: "GET /orders/{order}", Class: edge.Buying,
		Handler: s.withWriter(s.showOrder)})
	mux.Add(edge.Route{Pattern: "GET /orders/{order}/state", Class: edge.Buying,
		Handler: s.readState})
	s.form(mux, "POST /orders/{order}/pay", edge.Buying, s.payOrder)
	s.form(mux, "POST /orders/{order}/check", edge.Settling, s.checkOrder)
	s.form(mux, "POST /orders/{order}/cancel", edge.Buying, s.cancelOrder)
	s.page(mux, "GET /orders/{order}/tickets", edge.Buying, s.showTickets)
	mux.Add(edge.Route{Pattern: "GET /orders/{order}/tickets.pdf", Class: edge.Buying,
		Handler: s.withWriter(s.printTickets)})
	s.form(mux, "POST /orders/{order}/refund-request", edge.Buying, s.askRefund)
	mux.Add(edge.Route{Pattern: "GET /orders/{order}/refund-request", Class: edge.Buying,
		Handler: s.withWriter(s.leaveRefund)})
	s.page(mux, "GET /tickets/{ticket}", edge.Buying, s.showTicket)
	s.form(mux, "POST /tickets/{ticket}/transfer", edge.Buying, s.transferTicket)
	mux.Add(edge.Route{Pattern: "GET /tickets/{ticket}/transfer", Class: edge.Buying,
		Handler: s.withWriter(s.leaveTransfer)})
	mux.Add(edge.Route{Pattern: "GET /orders/{order}/calendar.ics", Class: edge.Buying,
		Handler: s.withWriter(s.sendOrderCalendar)})
}

// page adds a page that is looked at.
func (s *Site) page(
	mux *edge.Mux, pattern string, class edge.Class, show func(v *visit) (component, error),
) {
	mux.Add(edge.Route{Pattern: pattern, Class: class,
		Handler: func(w http.ResponseWriter, r *http.Request) {
			page, err := show(s.visit(w, r))
			if err != nil {
				s.finish(w, r, err)
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
			s.finish(w, r, act(w, s.visit(w, r)))
		}})
}

// withWriter makes a page that needs to see the answer, for a cookie for instance.
func (s *Site) withWriter(
	act func(w http.ResponseWriter, v *visit) error,
) func(w http.ResponseWriter, r *http.Request) {
	return func(w http.ResponseWriter, r *http.Request) {
		s.finish(w, r, act(w, s.visit(w, r)))
	}
}

// finish answers what hasn't been answered: with a failure, or with the address of another page.
func (s *Site) finish(w http.ResponseWriter, r *http.Request, err error) {
	if away, ok := errors.AsType[awayError](err); ok {
		lead(w, r, away.to)
		return
	}
	if err != nil {
		edge.Fail(w, r, err)
	}
}

// lead sends a browser to another page, which it asks for anew.
func (v *visit) lead(w http.ResponseWriter, to string) { lead(w, v.request, to) }

func lead(w http.ResponseWriter, r *http.Request, to string) {
	//nolint:gosec // a page of this site (localPath), or the gateway's own page
	http.Redirect(w, r, to, http.StatusSeeOther)
}
