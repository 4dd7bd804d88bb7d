package journeys

import (
	"ticketflow/internal/testservers/browser"
)

// visitor is somebody who looks at a page of a shop.
type visitor struct {
	*shop

	tab *browser.Tab
}

// page is a page of the shop.
type page struct {
	name string
	// open leads the visitor's tab to the page.
	open func(v *visitor)
	// heaviest is how many bytes may come over the network until it is there; usualWeight if 0.
	heaviest int
}

const (
	kilobyte    = 1_000
	usualWeight = 100 * kilobyte
)

// pages are all there are: a new page is a line here.
var pages = []page{
	{name: "front", open: at("/")},
	{name: "front-nothing", open: at("/?q=nothing")},
	{name: "not-found", open: func(v *visitor) {
		v.tab.Allow("was answered with 404")
		v.tab.Go(v.page("/events/evt_404"))
	}},
	{name: "event", open: atEvent("")},
	{name: "seats", open: atEvent("/seats")},
	{name: "list", open: atEvent("/list")},
	{name: "section", open: atEvent("/list/0")},
	{name: "standing", open: atEvent("/list/2")},
	{name: "basket", open: func(v *visitor) {
		v.carry(v.held())
		v.tab.Go(v.page("/events/" + v.event + "/list"))
		v.tab.WaitText("#basket", "CHF")
	}},
	{name: "checkout", open: func(v *visitor) {
		held := v.held()
		v.carry(held)
		v.tab.Go(v.page("/checkout/" + held.ID))
	}},
	{name: "checkout-problems", open: func(v *visitor) {
		held := v.held()
		v.carry(held)
		v.tab.Allow("was answered with 422")
		v.tab.Go(v.page("/checkout/" + held.ID))
		v.tab.Fill("#email", "ada@")
		v.tab.Loads(func() { v.tab.Click("#pay") })
		v.tab.WaitSelector("#problems")
	}},
	{name: "order-unpaid", open: func(v *visitor) { v.see(v.ordered("unpaid", ""), "") }},
	{name: "order-paid", open: func(v *visitor) { v.see(v.ordered("paid", "paid"), "") }},
	{name: "order-checking", open: func(v *visitor) {
		v.see(v.ordered("checking", "paid", "webhook_lost", "1"), "?paying=1")
	}},
	{name: "tickets", open: func(v *visitor) { v.see(v.ordered("paid", "paid"), "/tickets") }},
	{name: "orders", open: func(v *visitor) {
		v.see(v.ordered("paid", "paid"), "")
		v.tab.Go(v.page("/orders"))
	}},
	{name: "orders-none", open: at("/orders")},
}

// at is the page of an address.
func at(path string) func(v *visitor) {
	return func(v *visitor) { v.tab.Go(v.page(path)) }
}

// atEvent is a page of the event.
func atEvent(path string) func(v *visitor) {
	return func(v *visitor) { v.tab.Go(v.page("/events/" + v.event + path)) }
}

// album keeps what several visitors look at, so that places are not used up by looking.
type album struct {
	hold   heldPlaces
	orders map[string]placedOrder
}

// held is a hold of a pair of seats and a standing place.
func (v *visitor) held() heldPlaces {
	v.Helper()
	if v.album.hold.ID == "" {
		v.album.hold = v.rival("Ada").hold(v.place("Stalls", "C", "5"),
			v.place("Stalls", "C", "6"), 84)
	}
	return v.album.hold
}

// ordered is an order whose payment page somebody has pressed a button of; "" is none yet.
func (v *visitor) ordered(name, outcome string, knobs ...string) placedOrder {
	v.Helper()
	if placed, ok := v.album.orders[name]; ok {
		return placed
	}
	ada := v.rival("Ada Lovelace")
	placed := ada.order(ada.best(2, "stalls"))
	if outcome != "" {
		v.decide(placed.Payment.URL, outcome, knobs...)
	}
	v.album.orders[name] = placed
	return placed
}

// carry gives the visitor's browser a hold, as if it had been made there.
func (v *visitor) carry(held heldPlaces) {
	v.Helper()
	v.tab.Go(v.page("/robots.txt"))
	v.tab.Eval("document.cookie = 'hold_"+v.event+"="+held.ID+"."+held.Token+"; path=/'", nil)
}

// see follows the link to an order that its buyer has, and goes on from there.
func (v *visitor) see(placed placedOrder, path string) {
	v.Helper()
	v.tab.Go(v.page("/orders/" + placed.ID + "?token=" + placed.Token))
	if path != "" {
		v.tab.Go(v.page("/orders/" + placed.ID + path))
	}
}
