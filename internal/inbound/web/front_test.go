package web_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/pricing"
)

// titles are those of the rows of a list, in order.
func titles(t *testing.T, page string) (all []string) {
	t.Helper()
	for _, link := range find(parse(t, page), "h3") {
		all = append(all, text(link))
	}
	return all
}

func TestEventsAreFound(t *testing.T) {
	h := open(t)
	day := func(days int, change func(*catalog.Event)) {
		e := h.show("Day " + strconv.Itoa(days))
		e.StartsAt = h.clock.Now().AddDate(0, 0, days)
		e.Terms.ClosesAt = e.StartsAt
		if change != nil {
			change(&e)
		}
		h.publish(e)
	}
	day(1, nil)
	day(2, func(e *catalog.Event) { e.Kind, e.Description = "concert", "A string quartet" })
	day(3, func(e *catalog.Event) { e.Tiers[0].Price = h.euros(1900) })
	// It begins at 00:30 in Vienna, which is still the day before in UTC.
	day(4, func(e *catalog.Event) {
		e.StartsAt = time.Date(2026, 9, 16, 22, 30, 0, 0, time.UTC)
		e.Terms.ClosesAt = e.StartsAt
	})
	h.venue = h.another("Stadium", "Oslo")
	day(5, nil)

	for query, want := range map[string]string{
		"":                                    "Day 1,Day 2,Day 3,Day 4,Day 5",
		"q=QUARTET":                           "Day 2",
		"kind=concert":                        "Day 2",
		"place=oslo":                          "Day 5",
		"price=20":                            "Day 3",
		"price=49":                            "Day 1,Day 2,Day 3,Day 4,Day 5",
		"price=18.99":                         "",
		"price=cheap":                         "Day 1,Day 2,Day 3,Day 4,Day 5",
		"from=2026-09-17":                     "Day 4,Day 5",
		"to=2026-09-16":                       "Day 1,Day 2,Day 3",
		"from=2026-09-17&to=2026-09-17":       "Day 4,Day 5",
		"from=2026-09-14&to=2026-09-15":       "Day 2,Day 3",
		"from=soon":                           "Day 1,Day 2,Day 3,Day 4,Day 5",
		"q=" + url.QueryEscape("<b>x"):        "",
		"kind=concert&place=graz&q=day":       "Day 2",
		"kind=opera&price=20&from=2027-01-01": "",
	} {
		page := h.page("/?" + query)
		if got := strings.Join(titles(t, page), ","); got != want {
			t.Errorf("?%s: %s, want %s", query, got, want)
		}
		values, err := url.ParseQuery(query)
		h.must(err)
		for name := range values {
			if got := field(t, page, name); got != values.Get(name) {
				t.Errorf("?%s: the field %s has %q", query, name, got)
			}
		}
		if empty := strings.Contains(page, "No event meets your search."); empty != (want == "") {
			t.Errorf("?%s: says that nothing meets it: %t", query, empty)
		}
	}
}

// TestASpoiltFilterIsMended: not every ledger takes such texts.
func TestASpoiltFilterIsMended(t *testing.T) {
	h := open(t)
	e := h.show("Quartet")
	e.Kind = "concert"
	h.publish(e)
	h.publish(h.show("Another"))
	h.publish(h.show("A third"))
	for query, fields := range map[string]map[string]string{
		"q=%ffquar%00tet%e2%82":                  {"q": "quartet"},
		"kind=concert%00&place=%ff&from=%c3x":    {"kind": "concert", "place": "", "from": "x"},
		"q=quartet" + strings.Repeat("%00", 200): {"q": "quartet"},
	} {
		page := h.page("/?" + query)
		if got := strings.Join(titles(t, page), ","); got != "Quartet" {
			t.Errorf("?%s: %s", query, got)
		}
		for name, want := range fields {
			if got := field(t, page, name); got != want {
				t.Errorf("?%s: the field %s has %q", query, name, got)
			}
		}
	}
}

func TestNothingIsOn(t *testing.T) {
	h := open(t)
	page := h.page("/")
	if !strings.Contains(page, "Nothing is announced yet.") || strings.Contains(page, "select") {
		t.Errorf("an empty house: %s", page)
	}
}

func TestAPageOfTheListKeepsTheFilter(t *testing.T) {
	h := open(t)
	const events = 33
	for i := range events {
		e := h.show("Evening " + strconv.Itoa(i))
		e.StartsAt = e.StartsAt.Add(time.Duration(i) * 24 * time.Hour)
		if i%11 == 0 {
			e.Title = "Matinee"
		}
		h.publish(e)
	}
	first := h.page("/?q=evening")
	if n := len(titles(t, first)); n != 30 || strings.Contains(first, `rel="next"`) {
		t.Errorf("%d of 30 evenings, and the next page is linked", n)
	}
	first = h.page("/?lang=de&price=60")
	next := ""
	for _, a := range find(parse(t, first), "a") {
		if attribute(a, "rel") == "next" {
			next = attribute(a, "href")
		}
	}
	if !strings.Contains(next, "price=60") || !strings.Contains(next, "lang=de") {
		t.Fatalf("the next page is at %q", next)
	}
	second := h.page(next)
	got := append(titles(t, first), titles(t, second)...)
	if len(got) != events || got[30] != "Evening 30" || strings.Contains(second, `rel="next"`) {
		t.Errorf("%d events: %v", len(got), got)
	}
	if months := len(find(parse(t, first), "h2")); months != 2 {
		t.Errorf("%d months", months)
	}
	if r := h.get("/?after=xx"); r.status != http.StatusUnprocessableEntity {
		t.Errorf("a broken cursor: %d", r.status)
	}
}

func TestAListOfOneEventIsThatEvent(t *testing.T) {
	h := open(t)
	id := h.publish(h.show("Alone"))
	r := h.get("/")
	if to := r.header.Get("Location"); r.status != http.StatusSeeOther ||
		to != "/events/"+id.String() {
		t.Errorf("%d to %q", r.status, to)
	}
	if got := titles(t, h.page("/?q=alone")); len(got) != 1 {
		t.Errorf("a search that finds one: %v", got)
	}
	h.publish(h.show("Another"))
	h.clock.add(2 * time.Second)
	if got := titles(t, h.page("/")); len(got) != 2 {
		t.Errorf("two events: %v", got)
	}
}

func TestAListTellsTheStateOfTheSale(t *testing.T) {
	h := open(t)
	now := h.clock.Now()
	id := make(map[string]catalog.EventID)
	add := func(title string, change func(*catalog.Event)) {
		e := h.show(title)
		if change != nil {
			change(&e)
		}
		id[title] = h.publish(e)
	}
	add("On sale", nil)
	add("Later", func(e *catalog.Event) { e.Terms.OpensAt = now.Add(50 * time.Hour) })
	add("Much later", func(e *catalog.Event) { e.Terms.OpensAt = now.AddDate(0, 0, 20) })
	add("Over", func(e *catalog.Event) { e.Terms.ClosesAt = now })
	add("Called off", nil)
	add("Gone", nil)
	add("Nearly gone", nil)
	add("Seen and gone", nil)
	add("With a fee", func(e *catalog.Event) {
		e.Pricing.TicketFee = pricing.Fee{Name: "Service", Fixed: 250}
	})
	add("Today", func(e *catalog.Event) { e.StartsAt = now.Add(9 * time.Hour) })
	h.must(h.office.CancelEvent(t.Context(), id["Called off"]))
	h.block(id["Gone"], hallPlaces)
	h.block(id["Nearly gone"], hallPlaces-9)
	h.page("/events/" + id["Seen and gone"].String()) // its board is loaded
	h.block(id["Seen and gone"], hallPlaces)

	rows := make(map[string]string)
	for _, li := range find(parse(t, h.page("/")), "li") {
		rows[text(find(li, "h3")[0])] = text(li)
	}
	for title, want := range map[string]string{
		"On sale": "from € 49.00 On sale", "Later": "from € 49.00 On sale Mon 14:00 (in 2 days)",
		"Much later": "On sale Fri 2 Oct, 12:00 (in 20 days)", "Over": "opera Sale has ended",
		"Called off": "opera Cancelled", "Gone": "opera Sold out",
		"Nearly gone": "from € 49.00 Few left", "Seen and gone": "opera Sold out",
		"With a fee": "from € 51.50 On sale", "Today": "Today 12 21:00",
	} {
		if !strings.Contains(strings.ReplaceAll(rows[title], "\u00a0", " "), want) {
			t.Errorf("%s: %q, want %q in it", title, rows[title], want)
		}
	}
}

// TestAListCountsNowAndThen: what nobody looks at for itself is counted at most every ten seconds,
// and what is asked of the ledger doesn't grow with those who look.
func TestAListCountsNowAndThen(t *testing.T) {
	h := open(t)
	id := h.publish(h.show("Full"))
	h.publish(h.show("Other"))
	if page := h.page("/"); strings.Contains(page, "Sold out") {
		t.Fatal("sold out from the start")
	}
	h.block(id, hallPlaces)
	h.clock.add(9 * time.Second)
	if page := h.page("/"); strings.Contains(page, "Sold out") {
		t.Error("the places were counted again before ten seconds were over")
	}
	h.clock.add(2 * time.Second)
	if page := h.page("/"); !strings.Contains(page, "Sold out") {
		t.Error("the places weren't counted again")
	}
	loaded := h.views.Stats().Loaded.Load()
	for range 50 {
		h.clock.add(time.Millisecond)
		h.page("/")
	}
	if more := h.views.Stats().Loaded.Load() - loaded; more > 2 {
		t.Errorf("50 visitors within 50 ms made %d loads", more)
	}
}

// TestAPageIsWrittenForMany: within a second all who look get the same page, each in the language
// that was asked for, compressed for those who can read that.
func TestAPageIsWrittenForMany(t *testing.T) {
	h := open(t)
	h.publish(h.show("First"))
	h.publish(h.show("Second"))
	first := h.page("/")
	h.publish(h.show("Third"))
	if h.page("/") != first {
		t.Error("the page was written again within a second")
	}
	if page := h.page("/", "Accept-Language", "de"); !strings.Contains(page, "Programm") ||
		!strings.Contains(page, "Third") {
		t.Error("another language's page is the same")
	}
	if page := h.page("/?q=third"); len(titles(t, page)) != 1 {
		t.Error("another filter's page is the same")
	}
	zipped := h.get("/", "Accept-Encoding", "gzip")
	body, err := gzip.NewReader(strings.NewReader(zipped.body))
	h.must(err)
	plain, err := io.ReadAll(body)
	h.must(err)
	if string(plain) != first || zipped.header.Get("Content-Encoding") != "gzip" ||
		zipped.header.Get("Content-Security-Policy") == "" {
		t.Errorf("compressed it is another page: %v", zipped.header)
	}
	h.clock.add(time.Second)
	if !strings.Contains(h.page("/"), "Third") {
		t.Error("a second later the page is still the same")
	}
	for i := range 300 { // the kept pages are bounded, and nothing is lost by that
		if n := len(titles(t, h.page("/?q=third&x="+strconv.Itoa(i)))); n != 1 {
			t.Fatalf("page %d has %d rows", i, n)
		}
	}
}

// TestTheFirstRowsComeAtOnce: five rows are within what a server sends before it waits for an
// answer of the network.
func TestTheFirstRowsComeAtOnce(t *testing.T) {
	h := open(t)
	for range 30 {
		h.publish(h.show(strings.Repeat("A long title of an evening ", 7)))
	}
	page := h.page("/")
	const window = 14 << 10
	if rows := strings.Count(page[:min(window, len(page))], "</li>"); rows < 5 {
		t.Errorf("%d rows in the first 14 KB, uncompressed", rows)
	}
}

// BenchmarkFrontPage is what a visitor of the list costs, of thirty events on sale.
func BenchmarkFrontPage(b *testing.B) {
	h := open(b)
	for range 30 {
		h.publish(h.show("A long title of an evening"))
	}
	h.page("/")
	b.ReportAllocs()
	for b.Loop() {
		h.page("/")
	}
}
