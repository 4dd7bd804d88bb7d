package web_test

import (
	"net/http"
	"strings"
	"testing"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/testservers/browser"
)

// atCheckout is a browser with two held places that has gone on.
func (s *shop) atCheckout() *browser.Tab {
	s.t.Helper()
	tab := browser.Open(s.t, browser.Setup{Device: browser.Phone})
	tab.Go(s.url + "/events/" + s.event.String() + "/list")
	for _, next := range []string{`form[action$="/basket"] button:not([name])`,
		`#basket a.primary`} {
		if status := tab.Loads(func() { tab.Click(next) }); status != http.StatusOK {
			s.t.Fatalf("%s: status %d", next, status)
		}
	}
	tab.WaitSelector("#pay")
	return tab
}

// pressed is what a button says, and whether it can be pressed.
func pressed(tab *browser.Tab) string {
	return tab.Text("#pay") + " " + tab.Attribute("#pay", "aria-disabled")
}

// TestAPageThatComesBackCanBeSentAgain: the browser shows it as it was left, on its way.
func TestAPageThatComesBackCanBeSentAgain(t *testing.T) {
	s := openShop(t)
	tab := s.atCheckout()
	tab.Eval(`document.addEventListener('submit', (event) => event.preventDefault())`, nil)
	for range 2 {
		before := pressed(tab)
		tab.Click("#pay")
		if got := pressed(tab); got != "One moment … true" {
			t.Errorf("on its way the button says %q", got)
		}
		tab.Eval(`dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true})) && null`,
			nil)
		if got := pressed(tab); got != before || tab.Count("form[data-sent]") > 0 {
			t.Errorf("back again the button says %q, before %q", got, before)
		}
	}
}

// TestWhatIsSentAtTheLastMomentArrives: the end of the time doesn't load the page anew while a form
// is on its way.
func TestWhatIsSentAtTheLastMomentArrives(t *testing.T) {
	s := openShop(t)
	tab := s.atCheckout()
	const over = `(async () => {
		const clock = document.querySelector('.clock');
		clock.dataset.until = clock.dataset.now;
		clock.dataset.over = 'It is over.';
		const {wind} = await import(document.querySelector('script[src*="clock"]').src);
		wind();
		return document.querySelector('body > p[role=status]').textContent;
	})()`
	var said string
	tab.Eval(`document.getElementById('checkout').dataset.sent = ''`, nil)
	tab.Eval(over, &said)
	if said != "" {
		t.Errorf("while a form is on its way it says %q", said)
	}
	status := tab.Loads(func() {
		tab.Eval(`document.getElementById('checkout').removeAttribute('data-sent')`, nil)
	})
	if status != http.StatusOK || !strings.Contains(tab.URL(), "/checkout/") {
		t.Errorf("the page isn't loaded anew: %d at %s", status, tab.URL())
	}
}

// TestALinkIsCopied with one press, or is marked at least.
func TestALinkIsCopied(t *testing.T) {
	s := openShop(t)
	tab := s.atCheckout()
	tab.Allow("/qr.svg") // the API is elsewhere
	tab.Fill("#name", "Ada")
	tab.Fill("#email", "ada@example.org")
	tab.Loads(func() { tab.Click("#pay") })
	s.bank.says(payment.Paid)
	tab.Reload()
	tab.Loads(func() { tab.Click(`#order a.primary`) })
	tab.Click("#t1 details.pass summary")
	tab.Fill("#t1-name", "Bob")
	tab.Fill("#t1-email", "bob@example.org")
	tab.Loads(func() { tab.Click(`#t1 form button:not(.hush)`) })
	tab.WaitText("h1", "Passed on to Bob")
	tab.Axe()
	tab.Click("[data-copy]")
	tab.WaitFor(`(() => {
		const link = document.getElementById('link');
		return link.value && link.selectionEnd - link.selectionStart === link.value.length;
	})()`)
}
