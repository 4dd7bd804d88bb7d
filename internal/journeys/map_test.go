package journeys

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"

	"ticketflow/internal/effort"
	"ticketflow/internal/testservers/browser"
)

// onMap is somebody who chooses on the map of a shop.
type onMap struct {
	*shop
	*browser.Tab
}

// theMap is the map of the page, and everything of it that is loaded.
const theMap = `document.querySelector("seat-map")`

// sure is from how many pixels on a seat needs no card.
const sure = 32

// map opens the map of the event and waits until it is there.
func (s *shop) mapOf(tab *browser.Tab) onMap {
	s.Helper()
	tab.Go(s.page("/events/" + s.event + "/seats"))
	m := onMap{s, tab}
	m.ready()
	return m
}

// ready waits until the map of the page lets choose.
func (m onMap) ready() {
	m.Helper()
	m.WaitFor(theMap + "?.live?.source?.readyState === 1")
	m.still()
}

// still waits until nothing moves on the map.
func (m onMap) still() {
	m.Helper()
	m.WaitFor("(map => !map.flight && !map.frame)(" + theMap + ")")
}

// larger makes the picture larger about a place, until its seats need no card: with two fingers or
// with the wheel.
func (m onMap) larger(place uint32) {
	m.Helper()
	var size float64
	m.Eval(theMap+".px()", &size)
	at := m.spot(place)
	const ample = 1.2
	if m.Setup().Device.Touch {
		m.Pinch(at, ample*sure/size)
	} else {
		m.Wheel(at, 0, -math.Log(ample*sure/size)/wheelStep)
	}
	m.WaitFor(fmt.Sprintf("%s.px() >= %d", theMap, sure))
	m.still()
}

// wheelStep is how much larger one unit of the wheel makes the picture, as a logarithm.
const wheelStep = 0.0016

// spot is where a place is in the window. It must be within the map.
func (m onMap) spot(place uint32) browser.Point {
	m.Helper()
	var at struct {
		browser.Point

		Seen bool
	}
	m.Eval(theMap+`.scrollIntoView({block: "center", behavior: "instant"}), 0`, nil)
	m.Eval(fmt.Sprintf(`(p => ({...p, Seen: document.elementFromPoint(p.x, p.y) === %[1]s.canvas}))(
		%[1]s.at(%[2]d))`, theMap, place), &at)
	if !at.Seen {
		m.Fatalf("place %d is not to be seen at %v", place, at.Point)
	}
	return at.Point
}

// press presses a seat: at once where it is large, otherwise on its card, which is not under the
// finger: under tells if it is.
func (m onMap) press(place uint32) (under bool) {
	m.Helper()
	m.WaitFor("!(performance.now() - globalThis.pressed < 350)") // two taps are no double tap
	at := m.spot(place)
	m.Touch(at)
	m.Eval("globalThis.pressed = performance.now()", nil)
	var size float64
	if m.Eval(theMap+".px()", &size); size >= sure {
		return false
	}
	m.WaitSelector(".map-card.map-pinned:not([hidden]) .map-choose")
	m.Eval(fmt.Sprintf("!!document.elementFromPoint(%v, %v).closest('.map-card')", at.X, at.Y),
		&under)
	m.WaitFor("performance.now() - " + theMap + ".chooser.card.opened > 250")
	m.Click(".map-choose")
	return under
}

// choose presses a seat and waits until the shop has agreed.
func (m onMap) choose(place uint32) {
	m.Helper()
	m.press(place)
	m.WaitFor(fmt.Sprintf("%s.own.get(%d) === 0", theMap, place))
}

// has wants the map and the basket to have these places of the buyer, and no other one.
func (m onMap) has(places ...uint32) {
	m.Helper()
	slices.Sort(places)
	text := strings.Trim(strings.Join(strings.Fields(fmt.Sprint(places)), ","), "[]")
	m.WaitFor(fmt.Sprintf(`[...%s.own].every(([, since]) => since === 0) && %q ===
		[...%[1]s.own.keys()].sort((a, b) => a - b).join() &&
		Array.from(document.querySelectorAll('#basket button[name="remove"]'), b => +b.value)
			.sort((a, b) => a - b).join() === %[2]q`, theMap, text))
}

// shows waits until the map shows the state of a place.
func (m onMap) shows(place uint32, state int) {
	m.Helper()
	m.WaitFor(fmt.Sprintf("%s.model.state[%d] === %d", theMap, place, state))
}

// States of places, as the map has them.
const (
	shownFree = iota
	shownHeld
	shownSold
)

// deaf closes the map's stream: what others do isn't told to it.
func (m onMap) deaf() {
	m.Helper()
	m.Eval(theMap+".live.close()", nil)
}

// toPay goes from the basket over the checkout to the gateway's page.
func (s *shop) toPay(tab *browser.Tab) {
	s.Helper()
	loads(s.T, tab, func() { tab.Click(goOn) })
	s.fillIn(tab)
}

// ordered is what the API knows of the order of a browser's page.
func (s *shop) orderAt(tab *browser.Tab) (placed placedOrder) {
	s.Helper()
	_, id, found := strings.Cut(tab.URL(), "/orders/")
	if !found {
		s.Fatalf("%s is no order", tab.URL())
	}
	id, _, _ = strings.Cut(id, "/")
	id, _, _ = strings.Cut(id, "?")
	s.organise(http.MethodGet, "/v1/orders/"+id, nil, &placed)
	return placed
}

// charges is how often the gateway has taken money for an order.
func (s *shop) charges(order string) (n int) {
	s.Helper()
	status, text := s.ask(http.MethodGet, "/simpay/v1/payments?limit=1000", nil,
		"Authorization", "Bearer "+simpayBearer())
	var book struct{ Payments []struct{ Key, State string } }
	s.read("read the gateway's book", status, text, &book)
	for _, p := range book.Payments {
		if strings.HasPrefix(p.Key, order+":") && p.State != "pending" {
			n++
		}
	}
	return n
}

// buyers are who buys on the map.
var buyers = []struct {
	name, row string
	device    browser.Device
}{{"phone", "C", browser.Phone}, {"desktop", "D", browser.Desktop}}

// TestThreeSeatsFromTheMap with a finger on a phone, and with a mouse on a desktop.
func TestThreeSeatsFromTheMap(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, b := range effort.Some(buyers, 2) {
		t.Run(b.name, func(t *testing.T) {
			s := s.within(t)
			m := s.mapOf(s.tab(browser.Setup{Device: b.device}))
			s.buysThree(m, b.row)
		})
	}
}

func (s *shop) buysThree(m onMap, row string) {
	s.Helper()
	before := s.sold()
	four, five, six := s.place("Stalls", row, "4"), s.place("Stalls", row, "5"),
		s.place("Stalls", row, "6")
	if m.press(four) {
		s.Error("the card lies under the finger")
	}
	m.has(four)
	m.larger(five)
	m.choose(five)
	m.choose(six)
	m.has(four, five, six)
	if total := m.Text("#basket .total"); !strings.Contains(total, "CHF\u00a0214.50") {
		s.Errorf("the basket of three at 71.50 says %q", total)
	}
	s.toPay(m.Tab)
	loads(s.T, m.Tab, func() { m.Click(`button[value="paid"]`) })
	m.WaitText("#verdict", "Paid. Your tickets are ready")
	order := s.orderAt(m.Tab)
	loads(s.T, m.Tab, func() { m.Click(`#order a.primary`) })
	m.WaitText(".tickets", "3 of 3")
	m.WaitFor(`document.querySelectorAll(".ticket img.qr").length === 3 &&
		Array.from(document.querySelectorAll(".ticket img.qr")).every(i => i.naturalWidth > 0)`)
	var places []uint32
	for _, l := range order.Places {
		places = append(places, l.Place)
	}
	if slices.Sort(places); !slices.Equal(places, []uint32{four, five, six}) ||
		order.State != "paid" || s.charges(order.ID) != 1 {
		s.Errorf("the order is %+v, charged %d times", order, s.charges(order.ID))
	}
	until(s.T, "three more are sold", func() bool { return s.sold() == before+3 })
}
