package journeys

import (
	"strings"
	"testing"

	"ticketflow/internal/config"
	"ticketflow/internal/inbound/httpapi"
	"ticketflow/internal/testservers/browser"
)

// withoutOrphans has the event refuse choices that leave a single seat alone.
func withoutOrphans(_ *config.Serve, e *httpapi.NewEvent) { e.Sale.OrphanRule = "on" }

const press = `#notice button`

// TestTakenWhileTheMapIsLookedAt is shown at once, and the seat can't be pressed any more.
func TestTakenWhileTheMapIsLookedAt(t *testing.T) {
	s := open(t)
	m := s.mapOf(s.tab(browser.Setup{Device: browser.Phone}))
	four, five := s.place("Stalls", "C", "4"), s.place("Stalls", "C", "5")
	m.larger(five)
	m.choose(four)
	bob := s.rival("Bob")
	held := bob.hold(five)
	m.shows(five, shownHeld)
	m.Touch(m.spot(five))
	m.WaitText(".map-tip", "taken")
	placed := bob.order(held)
	s.decide(placed.Payment.URL, "paid")
	m.shows(five, shownSold)
	m.has(four)
	bob.release(bob.hold(s.place("Stalls", "C", "7")))
	m.shows(s.place("Stalls", "C", "7"), shownFree)
}

// TestARaceForASeat is lost twice and more: each time the page names the seat, keeps the others,
// and has another one with one press.
func TestARaceForASeat(t *testing.T) {
	s := open(t)
	m := s.mapOf(s.tab(browser.Setup{}))
	m.Allow("/basket was answered with 409")
	mine := s.place("Stalls", "C", "4")
	m.larger(s.place("Stalls", "D", "5"))
	m.choose(mine)
	bob := s.rival("Bob")
	m.deaf() // the map isn't told what Bob does
	for i, seat := range []string{"5", "6", "7"} {
		lost := s.place("Stalls", "C", seat)
		bob.hold(lost)
		m.press(lost)
		m.WaitText("#notice", "Somebody else was faster: Stalls, row C, seat "+seat)
		m.shows(lost, shownHeld)
		m.has(mine)
		said := m.Text("#notice")
		if letUs := strings.Contains(said, "Let us choose the best"); letUs != (i == 2) {
			t.Errorf("after %d lost races it says %q", i+1, said)
		}
	}
	if f := m.Focused(); !strings.Contains(f, "Tickets") {
		t.Errorf("the focus is at %q, and not where the shop would choose", f)
	}
	instead := m.Text(press)
	if !strings.Contains(instead, "CHF\u00a071.50") {
		t.Errorf("the other seat is called %q", instead)
	}
	m.Click(press)
	m.WaitFor(`document.querySelectorAll("#basket li").length === 2 &&
		!document.querySelector("#notice")`)
	s.toPay(m.Tab)
	loads(t, m.Tab, func() { m.Click(`button[value="paid"]`) })
	m.WaitText("#verdict", "Paid. Your tickets are ready")
	if placed := s.orderAt(m.Tab); len(placed.Places) != 2 || s.charges(placed.ID) != 1 {
		t.Errorf("the order is %+v", placed)
	}
}

// TestASeatWouldStayAlone: the map says which, and puts it right with one press. What would stay
// alone is free and remains so.
func TestASeatWouldStayAlone(t *testing.T) {
	s := open(t, withoutOrphans)
	m := s.mapOf(s.tab(browser.Setup{Device: browser.Phone}))
	m.Allow("/basket was answered with 409")
	one, two := s.place("Stalls", "C", "1"), s.place("Stalls", "C", "2")
	m.larger(s.place("Stalls", "C", "4"))
	m.press(two)
	m.WaitText("#notice", "Stalls, row C, seat 1 would stay alone")
	m.shows(one, shownFree)
	m.shows(two, shownFree)
	m.has()
	if press := m.Text(press); !strings.Contains(press, "Move to Stalls, row C, seat 1") {
		t.Errorf("the press says %q", press)
	}
	m.Click(press)
	m.has(one)
	m.choose(two)
	m.has(one, two)
}
