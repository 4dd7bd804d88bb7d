package journeys

import (
	"fmt"
	"net/http"
	"time"

	"ticketflow/internal/config"
	"ticketflow/internal/inbound/httpapi"
	"ticketflow/internal/testservers/browser"
)

// withWidget lets another site show the events.
func withWidget(c *config.Serve, _ *httpapi.NewEvent) {
	c.EmbedOrigins = []string{"https://www.example.org"}
}

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
	// shows is a text that the page must have in English, where it might be in another state.
	shows string
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
	{name: "event-soon", open: func(v *visitor) {
		v.tab.Go(v.page("/events/" + v.another("soon", func(e *httpapi.NewEvent) {
			e.Title = "Songs of the Harbour"
			e.Sale.OpensAt = v.clock.now().AddDate(0, 0, 3)
		})))
	}},
	{name: "event-sold-out", open: func(v *visitor) {
		v.tab.Go(v.page("/events/" + v.another("gone", func(e *httpapi.NewEvent) {
			e.Title = "An Evening for One"
			e.Rules = []httpapi.TierRule{{Tier: "stalls", Places: []uint32{0}}}
		})))
	}},
	{name: "embed", open: func(v *visitor) { v.tab.Go(v.page("/embed/" + v.event)) }},
	{name: "seats", open: atEvent("/seats")},
	{name: "list", open: atEvent("/list")},
	{name: "section", open: atEvent("/list/0")},
	{name: "standing", open: atEvent("/list/2")},
	{name: "basket", open: func(v *visitor) {
		v.carry(v.held())
		v.tab.Go(v.page("/events/" + v.event + "/list"))
		v.tab.WaitText("#basket", "CHF")
	}},
	{name: "basket-conflict", open: func(v *visitor) { v.late(v.held().Places[0].Place) }},
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
	{name: "order-unpaid", shows: "Not paid yet", open: func(v *visitor) {
		v.see(v.ordered("unpaid", ""), "")
	}},
	{name: "order-paid", shows: "Your tickets are ready", open: func(v *visitor) {
		v.see(v.ordered("paid", "paid"), "")
	}},
	{name: "tickets", open: func(v *visitor) { v.see(v.ordered("paid", "paid"), "/tickets") }},
	{name: "ticket", open: func(v *visitor) {
		v.tab.Go(v.page("/tickets/" + v.ticketOf(v.ordered("paid", "paid"))))
	}},
	{name: "ticket-passing", open: func(v *visitor) {
		v.see(v.ordered("paid", "paid"), "/tickets")
		v.tab.Allow("was answered with 422")
		v.passOn("Bob", "bob@gmial.com")
		v.tab.WaitText("main", "bob@gmail.com?")
	}},
	{name: "ticket-passed", open: func(v *visitor) {
		v.see(v.rival("Ada Lovelace").buy(1, "standing"), "/tickets")
		v.passOn("Bob", "bob@example.org")
		v.tab.WaitSelector("#link")
	}},
	{name: "tickets-one-passed", open: func(v *visitor) {
		placed := v.ordered("passed", "paid")
		v.see(placed, "/tickets")
		if v.tab.Count("#t1 form") > 0 {
			v.passOn("Bob", "bob@example.org")
			v.see(placed, "/tickets")
		}
	}},
	{name: "orders", open: func(v *visitor) {
		v.see(v.ordered("paid", "paid"), "")
		v.tab.Go(v.page("/orders"))
	}},
	{name: "orders-none", open: at("/orders")},
	{name: "order-of-others", open: func(v *visitor) {
		v.tab.Allow("was answered with 404")
		v.tab.Go(v.page("/orders/" + v.ordered("paid", "paid").ID))
	}},
	// It moves the clock: what was held is over.
	{name: "order-expired", shows: "The time to pay has run out", open: func(v *visitor) {
		v.see(v.expired(), "")
	}},
	// The last one: from here on the gateway tells nothing.
	{name: "order-checking", shows: "We are waiting for your bank", open: func(v *visitor) {
		placed := v.ordered("checking", "paid", "webhook_lost", "1")
		v.gateway(map[string]any{"fail_before": 1})
		v.see(placed, "?paying=1")
	}},
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
	events map[string]string
}

// another is a further event, made once. The one place of the event "gone" is taken.
func (v *visitor) another(name string, change func(e *httpapi.NewEvent)) string {
	v.Helper()
	if id, ok := v.album.events[name]; ok {
		return id
	}
	event := v.usualEvent()
	change(&event)
	id := v.stage(v.plan, event)
	v.album.events[name] = id
	if name == "gone" {
		bob := v.rival("Bob")
		bob.event = id
		bob.buy(1, "")
	}
	return id
}

// ticketOf is the number of an order's first ticket.
func (v *visitor) ticketOf(placed placedOrder) string {
	v.Helper()
	var sheet struct{ Tickets []struct{ ID string } }
	status, text := v.ask(http.MethodGet, "/v1/orders/"+placed.ID+"/tickets", nil,
		"Order-Token", placed.Token)
	v.read("read tickets", status, text, &sheet)
	return sheet.Tickets[0].ID
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

// late sends the form of a list on which a place was free that somebody else has now, as a browser
// without scripts does.
func (v *visitor) late(place uint32) {
	v.Helper()
	v.tab.Allow("was answered with 409")
	v.tab.Go(v.page("/events/" + v.event + "/list/0"))
	v.tab.Eval(fmt.Sprintf(`(() => {
		const form = document.querySelector("form.rows");
		form.addEventListener("submit", (event) => event.stopPropagation());
		const button = form.querySelector("button");
		[button.id, button.name, button.value] = ["late", "add", "%d"];
	})()`, place), nil)
	v.tab.Loads(func() { v.tab.Click("#late") })
	v.tab.WaitSelector("#notice")
}

// passOn sends the form that gives the first ticket to somebody else.
func (v *visitor) passOn(name, email string) {
	v.Helper()
	v.tab.Click("#t1 details.pass summary")
	v.tab.Fill("#t1-name", name)
	v.tab.Fill("#t1-email", email)
	v.tab.Loads(func() { v.tab.Click("#t1 form button:not(.hush)") })
}

// expired is an order whose time to pay is over.
func (v *visitor) expired() placedOrder {
	v.Helper()
	placed := v.ordered("expired", "")
	over := func() bool { return v.orderOf(placed.ID, placed.Token).State == "expired" }
	if !over() {
		v.forward(time.Hour)
		until(v.T, "the order expires", over)
	}
	return placed
}

// carry gives the visitor's browser a hold, as if it had been made there.
func (v *visitor) carry(held heldPlaces) {
	v.Helper()
	v.tab.Go(v.page("/robots.txt"))
	v.tab.Eval("document.cookie = 'hold_"+v.event+"="+held.ID+"."+held.Token+"; path=/'", nil)
	v.tab.WaitFor("document.cookie.includes('hold_" + v.event + "=')")
}

// see follows the link to an order that its buyer has, and goes on from there.
func (v *visitor) see(placed placedOrder, path string) {
	v.Helper()
	v.tab.Go(v.page("/orders/" + placed.ID + "?token=" + placed.Token))
	if path != "" {
		v.tab.Go(v.page("/orders/" + placed.ID + path))
	}
}
