package web

import (
	"slices"
	"strconv"
	"time"

	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/money"
	"ticketflow/internal/domain/pricing"
)

// basketScripts are what the pages of buying need beside page.js.
var basketScripts = []string{"basket.js", "clock.js"}

// panel is the basket as it stands beside what can be chosen.
type panel struct {
	url    string // of the event
	back   string // where its forms come back to
	held   *basket
	lines  []panelLine
	extras []moneyLine // charges of the order as a whole
	total  string
	clock  clock
	lost   []lostPlace // of a hold whose time is over
	again  string      // numbers of what is still free of them
	free   int
}

type panelLine struct {
	place string // its number
	name  string
	price string
}

type moneyLine struct{ name, amount string }

type lostPlace struct {
	name string
	free bool
}

// clock is how long a hold lives.
type clock struct {
	until      time.Time // in the event's zone
	shown      string    // as a time of day
	left       string
	now        time.Time
	extensions int
	url        string // where more time is asked for
}

// checkout is where the order is placed.
func (p *panel) checkout() string { return "/checkout/" + p.held.ID.String() }

func (p *panel) count() int { return len(p.lines) }

// panel prepares the basket.
func (s *Site) panel(
	v *visit, offer *query.Offer, held *basket, back string,
) (p panel, err error) {
	p.url, p.back = "/events/"+offer.Event().ID.String(), back
	switch {
	case held.live(v.now):
		p.hold(v, held)
	case held.lost(v.now):
		err = s.lose(v, &p, held)
	}
	return p, err
}

func (p *panel) hold(v *visit, b *basket) {
	p.held, p.clock = b, v.clockOf(b)
	for i, price := range b.worth() {
		no := b.Lines[i].Place
		p.lines = append(p.lines, panelLine{numbers([]catalog.PlaceNo{no}),
			v.name(b.Offer, no), v.Price(price)})
	}
	for i := range b.Charges {
		if l := &b.Charges[i]; l.Tier == pricing.AllTiers && l.Total != 0 {
			amount, _ := money.New(l.Total, b.Currency()) // a part of a total that was checked
			p.extras = append(p.extras, moneyLine{l.Name, v.Price(amount)})
		}
	}
	p.total = v.Price(b.Total)
}

// lose tells what has become of the places of a hold that has ended.
func (s *Site) lose(v *visit, p *panel, b *basket) error {
	seats, err := s.boards.Get(v.request.Context(), b.ID.Event)
	if err != nil {
		return err
	}
	taken := make(map[catalog.PlaceNo]bool)
	if b.State != booking.HoldLive { // for its last seconds the places are its own
		for _, no := range seats.Taken(b.places()) {
			taken[no] = true
		}
	}
	var free []catalog.PlaceNo
	for _, no := range b.places() {
		p.lost = append(p.lost, lostPlace{v.name(b.Offer, no), !taken[no]})
		if !taken[no] {
			free = append(free, no)
		}
	}
	p.again, p.free = numbers(free), len(free)
	return nil
}

func (v *visit) clockOf(b *basket) clock {
	until := inZone(b.ends(), b.Event().TimeZone)
	left := max(0, until.Sub(v.now))
	seconds := int(left / time.Second)
	const minute = 60
	text := strconv.Itoa(seconds % minute)
	if len(text) == 1 {
		text = "0" + text
	}
	zone, _ := until.Zone()
	return clock{until: until, shown: v.Dates.Clock(until) + " " + zone, now: v.now,
		left: strconv.Itoa(seconds/minute) + ":" + text, extensions: b.extensions(),
		url: "/events/" + b.ID.Event.String() + "/basket/extend"}
}

// notice is what has to be said on top of a page.
type notice struct {
	tone   string // as of the style .notice
	text   string
	more   string // a second sentence, or empty
	press  string // what a button says that helps; empty without one
	fields []field
	url    string // where the button leads
	back   string // where that comes back to
}

// field is a hidden field of a form.
type field struct{ name, value string }

// mine are the numbers of the seats that are held. Standing places have no place on the map.
func (p *panel) mine() string {
	if p.held == nil {
		return ""
	}
	return numbers(slices.DeleteFunc(p.held.places(), func(no catalog.PlaceNo) bool {
		return p.held.Plan().RowOf(no) < 0
	}))
}
