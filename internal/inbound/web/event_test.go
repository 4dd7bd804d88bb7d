package web_test

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/pricing"
	"ticketflow/internal/inbound/web"
	"ticketflow/internal/inbound/web/words"
)

// eventPage is the path of an event's page.
func eventPage(id catalog.EventID) string { return "/events/" + id.String() }

func TestAnEventTellsAllAboutItself(t *testing.T) {
	h := open(t)
	e := h.show("Così <fan> tutte")
	e.DoorsAt = e.StartsAt.Add(-time.Hour)
	e.Tiers = append(e.Tiers, catalog.Tier{Key: "cat2", Name: "Balcony", Price: h.euros(2900)})
	e.Pricing = pricing.Rules{
		TicketFee:  pricing.Fee{Name: "Service", Fixed: 250},
		OrderFee:   pricing.Fee{Name: "Order", Fixed: 200},
		EarlyBirds: []pricing.EarlyBird{{Tier: "cat1", Price: 3900, Until: e.StartsAt}},
	}
	page := h.page(eventPage(h.publish(e)))
	said := strings.ReplaceAll(text(find(parse(t, page), "main")[0]), "\u00a0", " ")
	for _, want := range []string{
		"Così <fan> tutte", "Monday, 12 October 2026, 12:00 CEST", "Doors 11:00",
		"Hall <1>, Ring 1, Graz", "All seats 200 usually € 51.50 € 41.50",
		"Balcony sold out € 31.50",
		"Prices include fees and taxes. Each order adds a fee of € 2.00.",
		"from € 41.50 Choose seats", "An opera & more. In <two> acts. With a break.",
		"10 places in an order 20 places for a person", "Organiser The Opera & Co",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("%q isn't said: %s", want, said)
		}
	}
	for _, want := range []string{
		`<a href="https://www.openstreetmap.org/search?query=Hall+%3C1%3E%2C+Ring+1%2C+Graz"`,
		`href="mailto:box@opera.example"`, `<s class="quiet-text">`, "acts.",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%s is missing", want)
		}
	}
	if n := len(find(find(parse(t, page), "main")[0], "br")); n != 1 {
		t.Errorf("%d line breaks in the description", n)
	}
}

func TestTheStateOfASaleIsSaid(t *testing.T) {
	h := open(t)
	now := h.clock.Now()
	for title, c := range map[string]struct {
		change func(*catalog.Event)
		after  func(catalog.EventID)
		want   string
		action bool
	}{
		"on": {want: "from € 49.00 Choose seats", action: true},
		"later": {change: func(e *catalog.Event) { e.Terms.OpensAt = now.Add(26 * time.Hour) },
			want:   "Sale opens Sunday, 13 September 2026, 14:00 CEST in 1 day 2 hours",
			action: true},
		"over": {change: func(e *catalog.Event) { e.Terms.ClosesAt = now },
			want: "The sale ended Saturday, 12 September 2026, 12:00 CEST"},
		"gone": {after: func(id catalog.EventID) { h.block(id, hallPlaces) },
			want: "Sold out Places come back"},
		"off": {after: func(id catalog.EventID) { h.must(h.office.CancelEvent(t.Context(), id)) },
			want: "This event is cancelled."},
	} {
		e := h.show(title)
		if c.change != nil {
			c.change(&e)
		}
		id := h.publish(e)
		if c.after != nil {
			c.after(id)
		}
		page := h.page(eventPage(id))
		said := strings.ReplaceAll(text(find(parse(t, page), "main")[0]), "\u00a0", " ")
		if !strings.Contains(said, c.want) {
			t.Errorf("%s: %q isn't said: %s", title, c.want, said)
		}
		if leads := strings.Contains(page, eventPage(id)+`/seats"`); leads != c.action {
			t.Errorf("%s: it leads to the seats: %t", title, leads)
		}
	}
	draft, err := h.office.CreateEvent(t.Context(), h.show("Draft"), never)
	h.must(err)
	for _, path := range []string{eventPage(draft), "/events/evt_77", "/events/x"} {
		if r := h.get(path); r.status != http.StatusNotFound ||
			!strings.Contains(r.body, "There is nothing at this address") {
			t.Errorf("%s: %d", path, r.status)
		}
	}
}

// TestAPageWaitsForTheSale: scripts count down by the server's time; without them the page is
// loaded again when the sale opens, and not by all in the same second.
func TestAPageWaitsForTheSale(t *testing.T) {
	h := open(t)
	e := h.show("Soon")
	e.Terms.OpensAt = h.clock.Now().Add(10 * time.Minute)
	path := eventPage(h.publish(e))
	page := h.page(path)
	for _, want := range []string{
		`data-now="` + strconv.FormatInt(h.clock.Now().UnixMilli(), 10) + `"`,
		`data-until="` + strconv.FormatInt(e.Terms.OpensAt.UnixMilli(), 10) + `"`,
		`<div class="action" id="open" hidden>`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%s is missing", want)
		}
	}
	seen := make(map[string]bool)
	for range 20 {
		_, rest, _ := strings.Cut(h.page(path), `<meta http-equiv="refresh" content="`)
		seconds, _, _ := strings.Cut(rest, `"`)
		if n, err := strconv.Atoi(seconds); err != nil || n <= 599 || n > 607 {
			t.Errorf("it is loaded again in %q seconds", seconds)
		}
		seen[seconds] = true
		h.clock.add(7 * time.Millisecond)
	}
	if len(seen) < 3 {
		t.Errorf("all pages are loaded again within %d seconds", len(seen))
	}
	e.Terms.OpensAt = h.clock.Now().AddDate(0, 0, 1)
	if strings.Contains(h.page(eventPage(h.publish(e))), "http-equiv") {
		t.Error("a page is loaded again a day before the sale")
	}
	h.clock.add(10 * time.Minute)
	if page := h.page(path); strings.Contains(page, "http-equiv") ||
		!strings.Contains(page, `<div class="action">`) {
		t.Error("the sale hasn't opened")
	}
}

func TestSearchEnginesUnderstandAnEvent(t *testing.T) {
	h := open(t)
	e := h.show("Figaro </script><b>")
	e.Description = strings.Repeat("word ", 100)
	id := h.publish(e)
	page := h.page(eventPage(id) + "?lang=de")
	root := parse(t, page)
	var said struct {
		Name, Description, URL, StartDate, EventStatus string

		Location struct {
			Address struct{ AddressLocality string }
		}
		Organizer struct{ Name string }
		Offers    []map[string]string
	}
	for _, script := range find(root, "script") {
		if attribute(script, "type") == "application/ld+json" {
			h.must(json.Unmarshal([]byte(script.FirstChild.Data), &said))
		}
	}
	address := publicURL + eventPage(id)
	if said.Name != e.Title || said.URL != address || said.Organizer.Name != "The Opera & Co" ||
		said.StartDate != "2026-10-12T12:00:00+02:00" ||
		said.Location.Address.AddressLocality != "Graz" ||
		said.EventStatus != "https://schema.org/EventScheduled" || len(said.Description) > 165 {
		t.Errorf("the event is %+v", said)
	}
	if o := said.Offers; len(o) != 1 || o[0]["price"] != "49.00" ||
		o[0]["priceCurrency"] != "EUR" ||
		o[0]["availability"] != "https://schema.org/InStock" || o[0]["url"] != address ||
		o[0]["validFrom"] != "2026-09-12T11:00:00+02:00" {
		t.Errorf("the offers are %v", o)
	}
	meta := make(map[string]string)
	for _, m := range find(root, "meta") {
		meta[attribute(m, "property")+attribute(m, "name")] = attribute(m, "content")
	}
	if meta["og:title"] != e.Title || meta["og:url"] != address || meta["robots"] != "" ||
		meta["description"] == "" || meta["og:locale"] != "de" {
		t.Errorf("messengers are told %v", meta)
	}
	links := make(map[string]string)
	for _, l := range find(root, "link") {
		links[attribute(l, "rel")+attribute(l, "hreflang")] = attribute(l, "href")
	}
	if links["canonical"] != address+"?lang=de" || links["alternateen"] != address+"?lang=en" ||
		links["alternatex-default"] != address {
		t.Errorf("the links are %v", links)
	}
	h.must(h.office.CancelEvent(t.Context(), id))
	if !strings.Contains(h.page(eventPage(id)), "schema.org/EventCancelled") {
		t.Error("the event isn't cancelled")
	}
}

func TestTheSitemapHasWhatIsPublic(t *testing.T) {
	h := open(t)
	var last catalog.EventID
	for range 101 {
		last = h.publish(h.show("On"))
	}
	draft, err := h.office.CreateEvent(t.Context(), h.show("Draft"), never)
	h.must(err)
	r := h.get("/sitemap.xml")
	var sitemap struct {
		Pages []struct {
			Loc  string `xml:"loc"`
			Link []struct {
				Lang string `xml:"hreflang,attr"`
			} `xml:"link"`
		} `xml:"url"`
	}
	h.must(xml.Unmarshal([]byte(r.body), &sitemap))
	if n := len(sitemap.Pages); n != 102 || sitemap.Pages[n-1].Loc != publicURL+eventPage(last) ||
		len(sitemap.Pages[0].Link) != len(words.Books) {
		t.Errorf("%d pages", n)
	}
	if strings.Contains(r.body, eventPage(draft)+"<") {
		t.Error("a draft is in it")
	}
	if r := h.get("/robots.txt"); !strings.Contains(r.body, "Disallow: /v1/\n") ||
		!strings.HasSuffix(r.body, "Sitemap: "+publicURL+"/sitemap.xml\n") {
		t.Errorf("robots.txt: %s", r.body)
	}
}

func TestALanguageIsChosen(t *testing.T) {
	h := open(t)
	path := eventPage(h.publish(h.show("X")))
	for _, c := range []struct{ query, cookie, header, want string }{
		{"", "", "", "en"}, {"", "", "de-CH", "de"}, {"", "lang=en", "de", "en"},
		{"?lang=de", "lang=en", "en", "de"}, {"?lang=xx", "", "de", "de"},
		{"", "lang=xx", "", "en"},
	} {
		r := h.get(path+c.query, "Cookie", c.cookie, "Accept-Language", c.header)
		if got := attribute(find(parse(t, r.body), "html")[0], "lang"); got != c.want {
			t.Errorf("%v: %s", c, got)
		}
		cookie := r.header.Get("Set-Cookie")
		if kept := cookie != ""; kept != (c.query == "?lang=de") {
			t.Errorf("%v: the cookie %q", c, cookie)
		}
		const want = "lang=de; Path=/; Max-Age=31536000; HttpOnly; Secure; SameSite=Lax"
		if cookie != "" && cookie != want {
			t.Errorf("the cookie is %q", cookie)
		}
	}
}

func TestPagesAreGuarded(t *testing.T) {
	h := open(t, func(c *web.Config) { c.FormTargets = []string{"https://pay.example"} })
	header := h.get(eventPage(h.publish(h.show("X")))).header
	policy := header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none';", "script-src 'self';", "style-src 'self';",
		"base-uri 'none';", "form-action 'self' https://pay.example;", "frame-ancestors 'none'"} {
		if !strings.Contains(policy+";", want) {
			t.Errorf("%q isn't in the policy %q", want, policy)
		}
	}
	if got := header.Get("Referrer-Policy"); got != "same-origin" {
		t.Errorf("the referrer policy is %q", got)
	}
}

func TestAnEventGoesIntoACalendar(t *testing.T) {
	h := open(t)
	id := h.publish(h.show("Figaro"))
	r := h.get(eventPage(id)+"/calendar.ics", "Accept-Language", "de")
	for _, want := range []string{"SUMMARY:Figaro\r\n", "DTSTART;TZID=Europe/Vienna:20261012T120000",
		"URL:" + publicURL + eventPage(id) + "\r\n", "END:VCALENDAR"} {
		if !strings.Contains(r.body, want) {
			t.Errorf("%q is missing: %s", want, r.body)
		}
	}
	if strings.Contains(r.body, "01:00") {
		t.Errorf("an event without doors has some: %s", r.body)
	}
	if got := r.header.Get("Content-Type"); got != "text/calendar; charset=utf-8" {
		t.Errorf("it came as %s", got)
	}
	if r := h.get("/events/evt_99/calendar.ics"); r.status != http.StatusNotFound {
		t.Errorf("no event: %d", r.status)
	}
}
