package web

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/money"
	"ticketflow/internal/inbound/web/words"
)

// choosing is what all pages have on which places are chosen.
type choosing struct {
	*house
	url    string // of the event
	here   string // of this page, where forms come back to
	tab    string // map or list
	panel  panel
	notice *notice
	best   bestForm
}

// bestForm asks for the best places.
type bestForm struct {
	count   int
	most    int // places in one order
	section string
	tiers   []bestTier
}

type bestTier struct{ key, name string }

// list is the page of all sections.
type list struct {
	choosing
	floors []listFloor
}

type listFloor struct {
	name string
	rows []sectionRow
}

type sectionRow struct {
	url, name string
	price     string
	free      int
	longest   int // free seats side by side; 0 in a standing area
	standing  bool
}

// defaultParty is how many tickets are asked for unless somebody says otherwise.
const defaultParty = 2

// chooses prepares a page on which places are chosen.
func (s *Site) chooses(v *visit, tab string) (c choosing, err error) {
	ctx := v.request.Context()
	offer, err := s.offer(ctx, v.request.PathValue("event"))
	if err != nil {
		return c, err
	}
	if c.house, err = s.house(ctx, offer, v); err != nil {
		return c, err
	}
	held, err := s.basket(v.request, offer)
	if err != nil {
		return c, err
	}
	c.url, c.here, c.tab = "/events/"+offer.Event().ID.String(), v.request.URL.RequestURI(), tab
	c.notice = v.notice
	c.best = c.asks(v)
	c.panel, err = s.panel(v, offer, held, c.here)
	return c, err
}

func (s *Site) house(ctx context.Context, offer *query.Offer, v *visit) (*house, error) {
	seats, err := s.boards.Get(ctx, offer.Event().ID)
	if err != nil {
		return nil, err
	}
	return newHouse(offer, seats, v.now)
}

// asks is the form for the best places.
func (h *house) asks(v *visit) bestForm {
	most := h.Event().Terms.MaxPerOrder
	f := bestForm{most: most, count: min(party(v), most)}
	for i, t := range h.Event().Tiers {
		f.tiers = append(f.tiers, bestTier{t.Key, t.Name + " · " + v.Price(h.prices[i])})
	}
	return f
}

// party is how many tickets a visitor looks for.
func party(v *visit) int {
	n, err := strconv.Atoi(v.request.URL.Query().Get("n"))
	if err != nil || n < 1 || n > catalog.MaxPlacesPerOrder {
		return defaultParty
	}
	return n
}

func (s *Site) showList(v *visit) (component, error) {
	c, err := s.chooses(v, "list")
	if err != nil {
		return nil, err
	}
	l := list{choosing: c}
	plan := l.Plan()
	floors := plan.Floors()
	l.floors = make([]listFloor, len(floors))
	for i, name := range floors {
		l.floors[i].name = name
	}
	for i := range plan.SectionCount() {
		section := plan.Section(i)
		row, ok := l.summary(v, i, &section)
		if ok {
			floor := &l.floors[section.Floor]
			floor.rows = append(floor.rows, row)
		}
	}
	return listPage(v, &l), nil
}

// summary is the line of a section; ok is false if nothing of it is for sale.
func (l *list) summary(v *visit, i int, section *catalog.Section) (row sectionRow, ok bool) {
	var low, high money.Money
	for n := range section.Places {
		p := section.First + catalog.PlaceNo(n)
		t := l.TierOf(p)
		if t == catalog.NotForSale {
			continue
		}
		price := l.prices[t]
		if !ok || price.Minor() < low.Minor() {
			low = price
		}
		if !ok || price.Minor() > high.Minor() {
			high = price
		}
		ok = true
		if l.state(p) == booking.Free {
			row.free++
		}
	}
	row.url = l.url + "/list/" + strconv.Itoa(i)
	row.name, row.standing = section.Name, section.Standing
	row.price = v.Price(low)
	if high.Minor() != low.Minor() {
		row.price += " – " + v.Price(high)
	}
	for r := range section.Rows {
		rowOf := l.Plan().Row(section.FirstRow + r)
		row.longest = max(row.longest, l.longest(&rowOf))
	}
	return row, ok
}

// longest is how many seats of a row are free side by side, for everybody and whatever their price.
func (h *house) longest(row *catalog.Row) (most int) {
	n := 0
	for i := range row.Seats {
		p := row.First + catalog.PlaceNo(i)
		if n > 0 && !h.joined(row, p-1) {
			n = 0
		}
		if n++; !h.free(p) || h.reserved(p) {
			n = 0
		}
		most = max(most, n)
	}
	return most
}

// section is the page of one section.
type section struct {
	choosing
	catalog.Section
	rows  []seatRow
	areas []area
	party int
}

type seatRow struct {
	label  string
	anchor string
	url    string // with its check boxes
	price  string // if it is the same for all of its runs
	open   bool   // its check boxes are shown
	runs   []seatRun
}

type seatRun struct {
	names string
	about string    // how many, and what is special about them
	take  string    // the numbers of what one press takes; empty if the run is too short
	taken string    // their names
	boxes []seatBox // of an open row
}

type seatBox struct {
	place catalog.PlaceNo
	name  string
	mark  string
}

func (b seatBox) value() string { return strconv.FormatUint(uint64(b.place), 10) }

// area is the places of one tier in a standing section.
type area struct {
	key   string
	name  string
	price string
	free  int
}

func (s *Site) showSection(v *visit) (component, error) {
	c, err := s.chooses(v, "list")
	if err != nil {
		return nil, err
	}
	i, err := strconv.Atoi(v.request.PathValue("section"))
	if err != nil || i < 0 || i >= c.Plan().SectionCount() {
		return nil, errNoSection
	}
	page := section{choosing: c, Section: c.Plan().Section(i), party: c.best.count}
	page.best.section = strconv.Itoa(i)
	seats, err := s.boards.Get(v.request.Context(), page.Event().ID)
	if err != nil {
		return nil, err
	}
	page.look(seats, &page.Section)
	if page.Standing {
		page.areas = page.standing(v)
		return sectionPage(v, &page), nil
	}
	open := v.request.URL.Query().Get("row")
	for r := range page.Rows {
		row := page.Plan().Row(page.FirstRow + r)
		if runs := page.runs(&row); len(runs) > 0 {
			page.rows = append(page.rows, page.row(v, r, row.Label, runs, open))
		}
	}
	return sectionPage(v, &page), nil
}

// row is a row with its runs, in words.
func (p *section) row(v *visit, r int, label string, runs []run, open string) seatRow {
	no := strconv.Itoa(r)
	shown := seatRow{label: label, anchor: "row-" + no, open: open == no,
		url: p.url + "/list/" + p.best.section + "?n=" + strconv.Itoa(p.party) + "&row=" + no +
			"#row-" + no}
	oneTier := !slices.ContainsFunc(runs, func(r run) bool { return r.tier != runs[0].tier })
	if oneTier {
		shown.price = v.Price(p.prices[runs[0].tier])
	}
	for _, found := range runs {
		shown.runs = append(shown.runs, p.show(v, found, shown.open, !oneTier))
	}
	return shown
}

// show is one run of a row, in words.
func (p *section) show(v *visit, r run, open, priced bool) seatRun {
	shown := seatRun{names: p.seatNames(r.first, r.n), about: v.Seats.Together(r.n)}
	if priced {
		shown.about += " · " + v.Price(p.prices[r.tier])
	}
	if mark := p.sharedMark(v.Book, r); mark != "" {
		shown.about += " · " + mark
	}
	if r.n >= p.party && !r.reserved {
		take := p.take(r, p.party)
		shown.take, shown.taken = numbers(take), p.seatNames(take[0], p.party)
	}
	if open {
		for i := range r.n {
			no := r.first + catalog.PlaceNo(i)
			shown.boxes = append(shown.boxes, seatBox{no, p.Plan().Label(no).Seat,
				p.mark(v.Book, no)})
		}
	}
	return shown
}

// sharedMark is what is special about a run, or about some of its seats.
func (h *house) sharedMark(book *words.Book, r run) (mark string) {
	all := true
	for i := range r.n {
		if one := h.mark(book, r.first+catalog.PlaceNo(i)); one == "" {
			all = false
		} else if mark == "" {
			mark = one
		}
	}
	if mark != "" && !all {
		return book.Seats.Some(mark)
	}
	return mark
}

// numbers writes places as a form sends them.
func numbers(places []catalog.PlaceNo) string {
	texts := make([]string, len(places))
	for i, p := range places {
		texts[i] = strconv.FormatUint(uint64(p), 10)
	}
	return strings.Join(texts, ",")
}

// mark says what is special about a seat.
func (h *house) mark(book *words.Book, p catalog.PlaceNo) string {
	switch a := h.Plan().Attributes(p); {
	case a.Has(catalog.Accessible):
		return book.Seats.Accessible
	case a.Has(catalog.Companion):
		return book.Seats.Companion
	case a.Has(catalog.Restricted):
		return book.Seats.Restricted(h.Plan().Restriction(p))
	}
	return ""
}

// standing are the prices of a standing section with what is left of each.
func (p *section) standing(v *visit) (areas []area) {
	free := make([]int, len(p.prices))
	sold := make([]bool, len(p.prices)) // something of the tier is there at all
	for n := range p.Places {
		no := p.First + catalog.PlaceNo(n)
		t := p.TierOf(no)
		if t == catalog.NotForSale {
			continue
		}
		sold[t] = true
		if p.state(no) == booking.Free {
			free[t]++
		}
	}
	for i, t := range p.Event().Tiers {
		if sold[i] {
			areas = append(areas, area{t.Key, t.Name, v.Price(p.prices[i]), free[i]})
		}
	}
	return areas
}
