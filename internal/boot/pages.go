package boot

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"

	"ticketflow/internal/app/query"
	"ticketflow/internal/app/sheet"
	"ticketflow/internal/config"
	"ticketflow/internal/inbound/edge"
	"ticketflow/internal/inbound/web"
	"ticketflow/internal/inbound/web/brand"
	"ticketflow/internal/outbound/mails/mailbox"
)

// defaultSite is the name of a site without one.
const defaultSite = "TicketFlow"

// stripeCheckout is where Stripe's payment pages are.
const stripeCheckout = "https://checkout.stripe.com"

// pages adds the buyers' pages to what this server answers.
func (a *App) pages(
	mux *edge.Mux, c config.Serve, k keys, books *query.FewReads,
) error {
	targets := []string{stripeCheckout}
	if u, err := url.Parse(c.SimpayURL); err == nil && u.Host != "" {
		targets = append(targets, u.Scheme+"://"+u.Host)
	}
	var box string
	if a.mailbox != nil {
		box = mailbox.Path
	}
	site, err := web.New(web.Config{Office: a.office, Offers: a.offers, Boards: a.boards,
		Bookings: a.store, Shelf: a.views, Kinds: a.views, Vouchers: a.store, Books: books,
		Gateways: a.gateways, Cashier: a.cashier, Clock: a.clock, Random: rand.Reader,
		Log: a.logger, Requests: a.store, Signer: k.signer, Printer: a.printer,
		Look: lookOf(a.brand), Mails: a.mails, Mailbox: box, Brand: a.brand,
		Glances:   query.NewGlances(a.offers, a.boards, a.clock),
		PublicURL: publicURL(a, c), FormTargets: targets, EmbedOrigins: c.EmbedOrigins})
	if err != nil {
		return err
	}
	site.Add(mux)
	return nil
}

// brandOf reads what the operator has set of the site's looks.
func brandOf(c *config.Site) (*brand.Brand, error) {
	s := brand.Settings{Name: cmp.Or(c.SiteName, defaultSite), Email: c.SiteEmail,
		Imprint: c.SiteImprint, Hue: c.SiteHue}
	if c.SiteLogo != "" {
		file, err := os.Open(c.SiteLogo)
		if err != nil {
			return nil, fmt.Errorf("open the logo: %w", err)
		}
		defer file.Close()
		if s.Logo, err = io.ReadAll(io.LimitReader(file, brand.MaxLogoBytes+1)); err != nil {
			return nil, fmt.Errorf("read the logo: %w", err)
		}
	}
	b, err := brand.New(s)
	if err != nil {
		return nil, fmt.Errorf("the site's looks: %w", err)
	}
	return b, nil
}

// lookOf is the same on paper, which takes no SVG and no WebP.
func lookOf(b *brand.Brand) sheet.Look {
	look := sheet.Look{Organisation: b.Name, Colour: b.Ink()}
	if b.Logo != nil {
		look.Logo = b.Logo.PNG()
	}
	return look
}

// publicURL is where buyers reach this server.
func publicURL(a *App, c config.Serve) string {
	return strings.TrimSuffix(cmp.Or(c.PublicURL, a.URL), "/")
}
