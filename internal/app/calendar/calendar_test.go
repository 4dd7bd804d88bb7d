package calendar_test

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"ticketflow/internal/app/calendar"
	"ticketflow/internal/app/phrase"
	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/money"
)

func concert(t rapid.TB, change func(*catalog.Event)) *query.Offer {
	t.Helper()
	plan, err := catalog.NewPlan(catalog.PlanSpec{Name: "Room",
		Categories: []catalog.Category{{Name: "All"}},
		Sections: []catalog.SectionSpec{{Name: "Room", Category: "All", Rows: []catalog.RowSpec{
			{Label: "A", Seats: 4, To: catalog.Point{X: 300}}}}}})
	if err != nil {
		t.Fatal(err)
	}
	price, err := money.New(2_500, money.Currency{'E', 'U', 'R'})
	if err != nil {
		t.Fatal(err)
	}
	starts := time.Date(2026, 10, 3, 17, 30, 0, 0, time.UTC)
	e := catalog.Event{ID: 12, Title: "Tosca; live, \\o/", TimeZone: "Europe/Vienna",
		Status: catalog.Published, StartsAt: starts, DoorsAt: starts.Add(-time.Hour),
		Terms: catalog.Terms{OpensAt: starts.Add(-99 * time.Hour), ClosesAt: starts,
			MaxPerOrder: 4, HoldTime: time.Minute, PayTime: time.Minute},
		Tiers: []catalog.Tier{{Key: "full", Name: "Full", Price: price}},
		Rules: []catalog.Rule{{Tier: "full", Categories: []string{"All"}}}}
	change(&e)
	offer, err := catalog.NewOffer(e, plan)
	if err != nil {
		t.Fatal(err)
	}
	return &query.Offer{Offer: offer, Revision: 3, Venue: catalog.Venue{Name: "Staatsoper",
		Address: "Ring 1", City: "Wien", TimeZone: "Europe/Vienna"}}
}

const site = "https://tickets.example.org"

var written = time.Date(2026, 9, 12, 10, 0, 0, 0, time.UTC)

func lines(t rapid.TB, file []byte) []string {
	t.Helper()
	text := string(file)
	if strings.Count(text, "\n") != strings.Count(text, "\r\n") || !strings.HasSuffix(text, "\r\n") {
		t.Fatalf("not all lines end with CR LF: %q", text)
	}
	for line := range strings.SplitSeq(text, "\r\n") {
		if len(line) > 75 || !utf8.ValidString(line) {
			t.Fatalf("%d bytes, or a broken character: %q", len(line), line)
		}
	}
	return strings.Split(strings.ReplaceAll(text, "\r\n ", ""), "\r\n")
}

func TestAnEventInItsZone(t *testing.T) {
	got := lines(t, calendar.File(concert(t, func(*catalog.Event) {}), written, site,
		phrase.German))
	for _, want := range []string{"UID:evt_12@tickets.example.org", "DTSTAMP:20260912T100000Z",
		"DTSTART;TZID=Europe/Vienna:20261003T193000", "TZID:Europe/Vienna", "BEGIN:DAYLIGHT",
		"TZOFFSETTO:+0200", "SUMMARY:Tosca\\; live\\, \\\\o/", "SEQUENCE:3",
		"LOCATION:Staatsoper\\, Ring 1\\, Wien", "STATUS:CONFIRMED",
		"DESCRIPTION:Einlass: 18:30 Uhr\\nhttps://tickets.example.org/events/evt_12",
		"URL:https://tickets.example.org/events/evt_12"} {
		if !slices.Contains(got, want) {
			t.Errorf("no line %q in %q", want, got)
		}
	}
}

func TestWinterUTCAndCancelled(t *testing.T) {
	got := lines(t, calendar.File(concert(t, func(e *catalog.Event) {
		e.StartsAt, e.DoorsAt = e.StartsAt.AddDate(0, 2, 0), time.Time{}
		e.Terms.ClosesAt = e.StartsAt
	}), written, site, phrase.English))
	if !slices.Contains(got, "BEGIN:STANDARD") || !slices.Contains(got, "TZOFFSETTO:+0100") {
		t.Errorf("in winter: %q", got)
	}
	got = lines(t, calendar.File(concert(t, func(e *catalog.Event) {
		e.TimeZone, e.Status = "UTC", catalog.Cancelled
	}), written, "http://127.0.0.1:8080", phrase.English))
	if !slices.Contains(got, "DTSTART:20261003T173000Z") || slices.Contains(got, "BEGIN:VTIMEZONE") ||
		!slices.Contains(got, "STATUS:CANCELLED") || !slices.Contains(got, "UID:evt_12@127.0.0.1:8080") {
		t.Errorf("cancelled, in UTC: %q", got)
	}
}

// TestNoTextBreaksOut: whatever an event is called, its name stays within its line.
func TestNoTextBreaksOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		title := rapid.StringN(1, 150, -1).Draw(t, "title")
		file := calendar.File(concert(t, func(e *catalog.Event) {
			e.Title = "x" + title
		}), written, site, phrase.English)
		if n := len(lines(t, file)); n != 26 {
			t.Fatalf("%d lines: %q", n, file)
		}
	})
}
