package boot

import (
	"cmp"
	"crypto/rand"
	"net/url"
	"strings"
	"time"

	"ticketflow/internal/config"
	"ticketflow/internal/inbound/edge"
	"ticketflow/internal/inbound/web"
)

// defaultSite is the name of a site without one.
const defaultSite = "TicketFlow"

// stripeCheckout is where Stripe's payment pages are.
const stripeCheckout = "https://checkout.stripe.com"

// pages adds the buyers' pages to what this server answers.
func (a *App) pages(mux *edge.Mux, c config.Serve) error {
	targets := []string{stripeCheckout}
	if u, err := url.Parse(c.SimpayURL); err == nil && u.Host != "" {
		targets = append(targets, u.Scheme+"://"+u.Host)
	}
	site, err := web.New(web.Config{Office: a.office, Offers: a.offers, Boards: a.boards,
		Bookings: a.store, Shelf: a.views, Vouchers: a.store, Books: a.store,
		Gateways: a.gateways, Cashier: a.cashier, Clock: time.Now, Random: rand.Reader,
		Log:   a.logger,
		Brand: web.Brand{Name: cmp.Or(c.SiteName, defaultSite)}, PublicURL: publicURL(a, c),
		FormTargets: targets})
	if err != nil {
		return err
	}
	site.Add(mux)
	return nil
}

// publicURL is where buyers reach this server.
func publicURL(a *App, c config.Serve) string {
	return strings.TrimSuffix(cmp.Or(c.PublicURL, a.URL), "/")
}
