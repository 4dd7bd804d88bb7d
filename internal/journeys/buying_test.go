package journeys

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"ticketflow/internal/testservers/browser"
)

const (
	payButton  = "#pay"
	holdButton = `form[action$="/basket"] button:not([name])`
	goOn       = `#basket a.primary`
)

// loads wants a page to be loaded with success.
func loads(t *testing.T, tab *browser.Tab, steps func()) {
	t.Helper()
	if status := tab.Loads(steps); status != http.StatusOK {
		t.Fatalf("status %d at %s", status, tab.URL())
	}
}

// toCheckout holds the best two places and goes on.
func (s *shop) toCheckout(tab *browser.Tab) {
	s.Helper()
	tab.Go(s.page("/events/" + s.event + "/list"))
	loads(s.T, tab, func() { tab.Click(holdButton) })
	tab.WaitText("#basket", "Held for you until")
	loads(s.T, tab, func() { tab.Click(goOn) })
}

// pay fills the checkout in, pays at the simulator and comes back.
func (s *shop) pay(tab *browser.Tab) {
	s.Helper()
	s.fillIn(tab)
	loads(s.T, tab, func() { tab.Click(`button[value="paid"]`) })
	tab.WaitText("#verdict", "Paid. Your tickets are ready")
}

func TestBuyWithoutScripts(t *testing.T) {
	s := open(t)
	tab := s.tab(browser.Setup{Device: browser.Phone, NoScript: true})
	s.toCheckout(tab)
	s.pay(tab)
	loads(t, tab, func() { tab.Click(`#order a.primary`) })
	tab.WaitText(".tickets", "1 of 2")
}

// TestBuyByKeyboard goes the whole way, from the list to the tickets, without pointing at anything.
func TestBuyByKeyboard(t *testing.T) {
	t.Parallel()
	s := open(t)
	tab := s.tab(browser.Setup{})
	tab.Go(s.page("/events/" + s.event + "/list"))
	// reach goes on from element to element until one says what is looked for.
	reach := func(what string) {
		t.Helper()
		const most = 120
		for range most {
			tab.Press("Tab")
			if strings.Contains(tab.Focused(), what) {
				return
			}
		}
		t.Fatalf("the keyboard doesn't reach %q at %s", what, tab.URL())
	}
	press := func(what string) {
		t.Helper()
		reach(what)
		loads(t, tab, func() { tab.Press("Enter") })
	}
	press("link Stalls")
	press("button Take ")
	tab.WaitText("#basket", "Held for you until")
	press("link Continue")
	reach("Name")
	tab.Type("Ada Lovelace")
	reach("E-mail")
	tab.Type("ada@example.org")
	press("button Pay")
	press("button Pay")
	tab.WaitText("#verdict", "Paid. Your tickets are ready")
	press("link Show tickets")
	tab.WaitText(".tickets", "1 of 2")
}

// TestAHoldRunsOut: the time can be extended, and when it is over the places can be had again.
func TestAHoldRunsOut(t *testing.T) {
	t.Parallel()
	const hold = 10 * time.Minute
	s := open(t, holding(hold, 1))
	tab := s.tab(browser.Setup{})
	s.toCheckout(tab)
	s.forward(hold - time.Minute)
	tab.Reload()
	tab.WaitText("p[role=status]", "two more minutes") // said out loud
	loads(t, tab, func() { tab.Click(".clock button") })
	tab.WaitText(".clock", "can’t be extended again")
	s.forward(hold + time.Second)
	if status := tab.Reload(); status != http.StatusGone {
		t.Errorf("status %d", status)
	}
	tab.Allow("410")
	tab.WaitText("main", "still free")
	loads(t, tab, func() { tab.Click(`main form button.primary`) })
	tab.WaitText("#basket", "Held for you until")
}

// TestReloadBackAndASecondTab lose nothing, and make no second order.
func TestReloadBackAndASecondTab(t *testing.T) {
	s := open(t)
	tab := s.tab(browser.Setup{})
	s.toCheckout(tab)
	checkout := tab.URL()
	tab.Fill("#name", "Ada Lovelace")
	tab.Reload()
	if got := tab.Value("#name"); got != "Ada Lovelace" {
		t.Errorf("after reloading the name is %q", got)
	}
	second := tab.Beside()
	second.Go(checkout)
	second.Fill("#name", "Somebody else")
	second.Fill("#email", "else@example.org")
	s.pay(tab)
	order := tab.URL()
	tab.Reload()
	tab.WaitText("#verdict", "Paid. Your tickets are ready")
	loads(t, second, func() { second.Click(payButton) })
	second.WaitText("#verdict", "Paid. Your tickets are ready")
	tab.Go(checkout)
	for _, at := range []string{tab.URL(), second.URL()} {
		if at != order {
			t.Errorf("one is at %s, the order is %s", at, order)
		}
	}
}
