package journeys

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"ticketflow/internal/effort"
	"ticketflow/internal/testservers/browser"
)

const (
	payAgain  = `#order form[action$="/pay"] button`
	checkNow  = `#order form[action$="/check"] button`
	backToUs  = `.back a`
	payIt     = `button[value="paid"]`
	declineIt = `button[value="declined"]`
)

// outcome is what a gateway may do with a payment.
type outcome struct {
	name string
	play func(s *shop, tab *browser.Tab)
}

// TestWhatBecomesOfAPayment plays the gateway's outcomes: the page of the order tells the truth
// each time, and nobody pays twice.
func TestWhatBecomesOfAPayment(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, outcome := range effort.Some([]outcome{
		{"declined and then paid", declinedThenPaid},
		{"late", late},
		{"unknown", unknown},
	}, 3) {
		t.Run(outcome.name, func(t *testing.T) {
			s := s.within(t)
			tab := s.tab(browser.Setup{Device: browser.Phone})
			s.toCheckout(tab)
			s.fillIn(tab)
			outcome.play(s, tab)
			s.gateway(nil)
			if order := s.orderAt(tab); order.State != "paid" || s.charges(order.ID) != 1 {
				t.Errorf("the order is %+v, charged %d times", order, s.charges(order.ID))
			}
			loads(t, tab, func() { tab.Click(`#order a.primary`) })
			tab.WaitText(".tickets", "2 of 2")
		})
	}
}

func declinedThenPaid(s *shop, tab *browser.Tab) {
	loads(s.T, tab, func() { tab.Click(declineIt) })
	tab.WaitText("#verdict", "The payment was declined")
	tab.WaitText("#order", "Nothing was charged. Your places are reserved until")
	loads(s.T, tab, func() { tab.Click(payAgain) })
	loads(s.T, tab, func() { tab.Click(payIt) })
	tab.WaitText("#verdict", "Paid. Your tickets are ready")
}

// waits wants the page to be the one on which nobody is asked to pay again.
func (s *shop) waits(tab *browser.Tab, more string) {
	s.Helper()
	tab.WaitText("#verdict", "We are waiting for your bank")
	tab.WaitText("#order", "Please do not pay again")
	tab.WaitText("#order", more)
	if n := tab.Count(payAgain); n > 0 {
		s.Error("one can pay again while it isn't known whether one has paid")
	}
}

const (
	usual  = "Usually this takes less than a minute"
	longer = "It takes longer than usual. You can close this page"
)

// late: the bank takes its time, and then its message comes minutes later. The gateway doesn't
// answer questions meanwhile.
func late(s *shop, tab *browser.Tab) {
	s.gateway(map[string]any{"action": 1})
	loads(s.T, tab, func() { tab.Click(payIt) })
	tab.WaitText("h1", "One more step")
	page := tab.URL()
	loads(s.T, tab, func() { tab.Click(backToUs) })
	s.waits(tab, usual)
	s.gateway(map[string]any{"action": 0, "webhook_late": 1, "webhook_late_time": "5m"})
	s.decide(page, "confirmed")
	s.gateway(map[string]any{"reset_before": 1, "webhook_late": 0})
	s.forward(4 * time.Minute)
	reloads(s.T, tab)
	s.waits(tab, longer)
	s.forward(2 * time.Minute)
	s.gateway(map[string]any{"reset_before": 0, "webhook_late": 1, "webhook_late_time": "1ms"})
	s.rival("Bob").buy(1, "standing") // another message has the simulator look at its clock
	tab.WaitText("#verdict", "Paid. Your tickets are ready")
}

// unknown: the gateway breaks off when it has taken the money, and is silent for three minutes.
func unknown(s *shop, tab *browser.Tab) {
	tab.Allow("/simpay/")
	tab.Allow("/favicon.ico") // which the gateway's answer has the browser ask for
	s.gateway(map[string]any{"fail_after": 1, "webhook_lost": 1})
	if status := tab.Loads(func() { tab.Click(payIt) }); status != http.StatusInternalServerError {
		s.Errorf("the gateway answers %d", status)
	}
	tab.Go(tab.URL())
	loads(s.T, tab, func() { tab.Click(backToUs) })
	s.waits(tab, usual)
	order := s.orderAt(tab)
	s.forward(3 * time.Minute)
	reloads(s.T, tab)
	s.waits(tab, longer)
	for _, p := range order.Places {
		if status := s.rival("Bob").wants(p.Place); status != http.StatusConflict {
			s.Errorf("a place of an order that is being paid: status %d", status)
		}
	}
	s.gateway(nil)
	loads(s.T, tab, func() { tab.Click(checkNow) })
	tab.WaitText("#verdict", "Paid. Your tickets are ready")
}

// TestPaidAfterExpiry: the gateway says that a payment is closed, and takes the money after all. If
// the places are still free the order gets them, otherwise the money goes back, and the page says
// so.
func TestPaidAfterExpiry(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, c := range []struct {
		name, state string
		gone        bool
	}{{"places free", "paid", false}, {"places gone", "expired", true}} {
		t.Run(c.name, func(t *testing.T) {
			s := s.within(t)
			tab := s.tab(browser.Setup{})
			s.gateway(map[string]any{"action": 1, "cancel_ignored": 1})
			s.toCheckout(tab)
			s.fillIn(tab)
			loads(t, tab, func() { tab.Click(payIt) })
			page := tab.URL()
			loads(t, tab, func() { tab.Click(backToUs) })
			s.waits(tab, usual)
			s.forward(payTime)
			tab.WaitText("#verdict", "The time to pay has run out") // by itself
			order := s.orderAt(tab)
			if c.gone {
				s.rival("Bob").hold(order.Places[0].Place)
			}
			s.decide(page, "confirmed")
			until(t, "the money comes", func() bool { return s.charges(order.ID) == 1 })
			reloads(t, tab)
			if c.gone {
				tab.WaitText("#order", "came after the time had run out")
				until(t, "the money goes back", func() bool { // the page doesn't wait for that
					reloads(t, tab)
					return strings.Contains(tab.Text("#order"), "went back on")
				})
			} else {
				tab.WaitText("#verdict", "Paid. Your tickets are ready")
			}
			if order = s.orderAt(tab); order.State != c.state || s.charges(order.ID) != 1 {
				t.Errorf("the order is %+v, charged %d times", order, s.charges(order.ID))
			}
		})
	}
}

// payTime is when an order can't be paid any more: the time of the event's sale, and some grace.
const payTime = 25 * time.Minute

// fillIn fills the checkout in and goes to the gateway's page.
func (s *shop) fillIn(tab *browser.Tab) {
	s.Helper()
	tab.Fill("#name", "Ada Lovelace")
	tab.Fill("#email", "ada@example.org")
	loads(s.T, tab, func() { tab.Click(payButton) })
	tab.WaitText("h1", "Pay")
}

// reloads wants the page to be there again.
func reloads(t *testing.T, tab *browser.Tab) {
	t.Helper()
	if status := tab.Reload(); status != http.StatusOK {
		t.Fatalf("reloading gives status %d at %s", status, tab.URL())
	}
}
