package journeys

import (
	"strconv"
	"testing"

	"ticketflow/internal/testservers/browser"
)

// TestReloadBackAndASecondTabOnTheMap at every step of buying: nothing is lost, what one tab does
// the other one shows, and there is one order.
func TestReloadBackAndASecondTabOnTheMap(t *testing.T) {
	t.Parallel()
	s := open(t)
	m := s.mapOf(s.tab(browser.Setup{}))
	four, five, six := s.place("Stalls", "C", "4"), s.place("Stalls", "C", "5"),
		s.place("Stalls", "C", "6")
	m.choose(four)

	// The seats.
	m.again()
	m.has(four)
	second := s.mapOf(m.Beside())
	second.has(four)
	second.choose(five)
	second.has(four, five)
	m.looked()
	m.has(four, five)
	m.choose(six)
	second.looked()
	second.has(four, five, six)
	second.Click(`#basket button[value="` + strconv.Itoa(int(six)) + `"]`)
	second.has(four, five)

	// The checkout, and back to the seats.
	loads(t, m.Tab, func() { m.Click(goOn) })
	reloads(t, m.Tab)
	checkout := m.URL()
	m.Back()
	m.ready()
	m.has(four, five)
	loads(t, m.Tab, func() { m.Click(goOn) })
	if m.URL() != checkout {
		t.Errorf("the checkout was %s and is %s", checkout, m.URL())
	}
	loads(t, second.Tab, func() { second.Click(goOn) })

	// The gateway's page, back from it and there again.
	s.fillIn(m.Tab)
	reloads(t, m.Tab)
	m.Eval("history.back()", nil)
	m.WaitURL("/orders/") // what is ordered isn't ordered again
	m.WaitText("#verdict", "Not paid yet")
	m.Go(checkout)
	m.WaitText("#verdict", "Not paid yet")
	loads(t, m.Tab, func() { m.Click(payAgain) })
	m.WaitText("h1", "Pay")
	second.Fill("#name", "Somebody else")
	second.Fill("#email", "else@example.org")
	loads(t, second.Tab, func() { second.Click(payButton) })
	second.WaitText("#verdict", "Not paid yet")
	loads(t, m.Tab, func() { m.Click(payIt) })
	m.WaitText("#verdict", "Paid. Your tickets are ready")

	// The order.
	second.WaitText("#verdict", "Paid. Your tickets are ready") // by itself
	reloads(t, m.Tab)
	m.Back()
	m.WaitText("h1", "Paid")
	loads(t, m.Tab, func() { m.Click(backToUs) })
	order := s.orderAt(m.Tab)
	if other := s.orderAt(second.Tab); other.ID != order.ID || len(order.Places) != 2 ||
		s.charges(order.ID) != 1 {
		t.Errorf("the orders are %+v and %+v", order, other)
	}
	seats := s.mapOf(m.Tab)
	seats.has()
	seats.shows(four, shownSold)
}

// again reloads the map.
func (m onMap) again() {
	m.Helper()
	reloads(m.T, m.Tab)
	m.ready()
}

// looked tells the tab that its buyer looks at it again.
func (m onMap) looked() {
	m.Helper()
	m.Eval(`document.dispatchEvent(new Event("visibilitychange"))`, nil)
}

// twiceAsLarge is what who can't read small letters sets in the browser.
const twiceAsLarge = `document.documentElement.style.fontSize = "200%"`

// TestTwoSeatsOnTheNarrowestScreen with text of twice the size: nothing is cut off, nothing can't
// be reached, and no page scrolls sideways.
func TestTwoSeatsOnTheNarrowestScreen(t *testing.T) {
	s := open(t)
	m := s.mapOf(s.tab(browser.Setup{Device: browser.Narrow}))
	v := &visitor{shop: s, tab: m.Tab}
	fits := func() {
		t.Helper()
		m.Eval(twiceAsLarge, nil)
		v.check()
	}
	fits()
	four, five := s.place("Stalls", "C", "4"), s.place("Stalls", "C", "5")
	m.choose(four)
	m.larger(five)
	m.choose(five)
	m.has(four, five)
	fits()
	loads(t, m.Tab, func() { m.Click(goOn) })
	fits()
	s.fillIn(m.Tab)
	loads(t, m.Tab, func() { m.Click(payIt) })
	fits()
	m.WaitText("#verdict", "Paid. Your tickets are ready")
	loads(t, m.Tab, func() { m.Click(`#order a.primary`) })
	fits()
	m.WaitText(".tickets", "2 of 2")
}
