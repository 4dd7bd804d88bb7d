package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"ticketflow/internal/effort"
	"ticketflow/internal/inbound/web"
	"ticketflow/internal/testservers/browser"
)

// TestAWidgetFitsIntoAPage: another site's page shows the event as high as it is, and what leads on
// doesn't stay in the frame.
func TestAWidgetFitsIntoAPage(t *testing.T) {
	friend, stranger := hosted(t), hosted(t)
	h := open(t, func(c *web.Config) { c.EmbedOrigins = []string{friend.URL} })
	id := h.publish(h.show("Figaro")).String()
	friend.embed(h, id)
	stranger.embed(h, id)

	tab := browser.Open(t, browser.Setup{Device: browser.Phone})
	tab.Go(friend.URL)
	tab.WaitFor(`document.querySelector('iframe')?.title.startsWith('Figaro')`)
	tab.WaitFor(`document.querySelector('iframe').offsetHeight !== 384`)
	var height int
	tab.Eval(`document.querySelector('iframe').offsetHeight`, &height)
	if height < 150 || height > 600 {
		t.Errorf("the frame is %d high", height)
	}
	tab.Eval(`dispatchEvent(new MessageEvent('message', {origin: 'https://evil.example',
		source: document.querySelector('iframe').contentWindow,
		data: {ticketflow: 'size', height: 3000}})) && ''`, new(string))
	var after int
	tab.Eval(`document.querySelector('iframe').offsetHeight`, &after)
	if after != height {
		t.Errorf("another origin made the frame %d high", after)
	}

	refused := browser.Open(t, browser.Setup{})
	refused.Allow("frame-ancestors")
	refused.Allow("/embed/")
	refused.Go(stranger.URL)
	refused.WaitFor(`document.querySelector('iframe') !== null`)
	refused.WaitFor(`performance.getEntriesByType('resource').some(
		(e) => e.initiatorType === 'iframe')`)
	var title string
	refused.Eval(`document.querySelector('iframe').title`, &title)
	if title != "Tickets" {
		t.Errorf("a stranger's frame says %q", title)
	}
	found := strings.Join(refused.Findings(), "\n")
	if strings.Contains(found, "Uncaught") {
		t.Error(found)
	}
}

// TestTheWayInOpensByItself: the page counts down by the server's clock, and shows the button when
// the sale opens, without asking the server.
func TestTheWayInOpensByItself(t *testing.T) {
	h := open(t)
	e := h.show("Soon")
	e.Terms.OpensAt = h.clock.Now().Add(2 * time.Second)
	id := h.publish(e)
	tab := browser.Open(t, browser.Setup{Device: browser.Phone, Zone: "Asia/Tokyo"})
	if status := tab.Go(h.server.URL + "/events/" + id.String()); status != http.StatusOK {
		t.Fatalf("status %d", status)
	}
	if tab.Count("#open:not([hidden])") != 0 {
		t.Error("the way in is open before the sale")
	}
	tab.WaitText("#opens .left", "less than a minute")
	tab.WaitText(".event-head .yours", "Your time: Mon 12 Oct, 19:00")
	tab.WaitFor(`!document.getElementById('open').hidden`)
	tab.WaitFor(`document.getElementById('opens').hidden`)
	tab.WaitText("#opened", "The sale is open.")
	tab.Axe()
}

// TestEveryPageCanBeUsedByEverybody: in both themes, and as narrow as a desktop's at 400 % of zoom.
func TestEveryPageCanBeUsedByEverybody(t *testing.T) {
	h := open(t, func(c *web.Config) { c.EmbedOrigins = []string{"https://www.example.org"} })
	paths := everyPage(h)
	for _, dark := range effort.Some([]bool{false, true}, 2) {
		tab := browser.Open(t, browser.Setup{Device: browser.Narrow, Dark: dark})
		for _, path := range paths {
			tab.Go(h.server.URL + path)
			tab.Axe()
			var wider bool
			tab.Eval(`document.documentElement.scrollWidth > innerWidth`, &wider)
			if wider {
				t.Errorf("%s is wider than the screen", path)
			}
		}
	}
}

// TestNothingIsHiddenBehindTheBar: what has the focus is not below the bar with the action.
func TestNothingIsHiddenBehindTheBar(t *testing.T) {
	h := open(t)
	e := h.show("Long")
	e.Description = strings.Repeat("A paragraph.\n\n", 40)
	id := h.publish(e)
	tab := browser.Open(t, browser.Setup{Device: browser.Phone})
	tab.Go(h.server.URL + "/events/" + id.String())
	// The link is where the bar is when it gets the focus.
	tab.Eval(`(() => {
		const link = document.querySelector('main a[href^="mailto"]');
		document.querySelector('.action a').focus({preventScroll: true});
		scrollTo({top: scrollY + link.getBoundingClientRect().bottom - innerHeight + 10,
			behavior: 'instant'});
		return '';
	})()`, new(string))
	tab.Press("Tab")
	tab.WaitFor(`document.activeElement.matches('main a[href^="mailto"]')`)
	var below float64
	tab.Eval(`document.activeElement.getBoundingClientRect().bottom -
		document.querySelector('.action').getBoundingClientRect().top`, &below)
	if below > 0 {
		t.Errorf("the link with the focus is %.0f pixels behind the bar", below)
	}
}
