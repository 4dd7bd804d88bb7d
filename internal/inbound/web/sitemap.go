package web

import (
	"encoding/xml"
	"net/http"
	"strings"
	"time"

	"ticketflow/internal/app/query"
	"ticketflow/internal/inbound/edge"
	"ticketflow/internal/inbound/web/words"
)

// Bounds of the sitemap: what is on soonest is in it.
const (
	sitemapPage  = 100
	sitemapPages = 20
)

type (
	sitemap struct {
		XMLName xml.Name     `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
		XHTML   string       `xml:"xmlns:xhtml,attr"`
		Pages   []sitemapURL `xml:"url"`
	}
	sitemapURL struct {
		Address  string        `xml:"loc"`
		InOthers []sitemapLink `xml:"xhtml:link"`
	}
	sitemapLink struct {
		Rel  string `xml:"rel,attr"`
		Lang string `xml:"hreflang,attr"`
		URL  string `xml:"href,attr"`
	}
)

// sendSitemap lists the pages that search engines may show.
func (s *Site) sendSitemap(w http.ResponseWriter, r *http.Request) {
	now := s.clock()
	m := sitemap{XHTML: "http://www.w3.org/1999/xhtml"}
	m.add(s.public, "/")
	filter := query.EventFilter{From: now.Add(-stillOn).Truncate(time.Hour), Limit: sitemapPage}
	for range sitemapPages {
		rows, err := s.shelf.Events(r.Context(), filter)
		if err != nil {
			edge.Fail(w, r, err)
			return
		}
		for _, row := range rows {
			m.add(s.public, eventPath(row.ID))
			filter.AfterStart, filter.AfterID = row.StartsAt, row.ID
		}
		if len(rows) < sitemapPage {
			break
		}
	}
	text, err := xml.Marshal(m)
	if err != nil {
		edge.Fail(w, r, err)
		return
	}
	sendText(w, "application/xml; charset=utf-8", xml.Header+string(text))
}

func (m *sitemap) add(public, path string) {
	page := sitemapURL{Address: public + path}
	for _, book := range words.Books {
		page.InOthers = append(page.InOthers,
			sitemapLink{"alternate", book.Lang, public + path + "?lang=" + book.Lang})
	}
	m.Pages = append(m.Pages, page)
}

// sendRobots keeps search engines away from what is one buyer's, and from the API.
func (s *Site) sendRobots(w http.ResponseWriter, _ *http.Request) {
	lines := []string{"User-agent: *"}
	for _, path := range []string{"/v1/", "/checkout/", "/orders", "/tickets/", "/embed/"} {
		lines = append(lines, "Disallow: "+path)
	}
	lines = append(lines, "", "Sitemap: "+s.public+"/sitemap.xml", "")
	sendText(w, "text/plain; charset=utf-8", strings.Join(lines, "\n"))
}

func sendText(w http.ResponseWriter, media, text string) {
	h := w.Header()
	h.Set("Content-Type", media)
	h.Set("Cache-Control", "public, max-age=600")
	_, _ = w.Write([]byte(text)) // who has gone can't be told
}
