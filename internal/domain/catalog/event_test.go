package catalog_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/ident"
	"ticketflow/internal/domain/money"
)

var opening = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

func price(minor int64, code string) money.Money {
	c, err := money.ParseCurrency(code)
	if err != nil {
		panic(err)
	}
	m, err := money.New(minor, c)
	if err != nil {
		panic(err)
	}
	return m
}

// concert is an event that passes every check.
func concert() catalog.Event {
	return catalog.Event{ID: 1, Venue: 1, Plan: 1, Title: "Concert", TimeZone: "Europe/Vienna",
		StartsAt: opening.Add(48 * time.Hour), DoorsAt: opening.Add(47 * time.Hour),
		Terms: catalog.Terms{OpensAt: opening, ClosesAt: opening.Add(24 * time.Hour),
			MaxPerOrder: 8, MaxPerBuyer: 8, HoldTime: 10 * time.Minute, PayTime: time.Hour,
			MaxExtensions: 2},
		Tiers: []catalog.Tier{{Key: "one", Name: "One", Price: price(5_000, "EUR")},
			{Key: "two", Name: "Two", Price: price(0, "EUR")}},
		Rules: []catalog.Rule{{Tier: "one", Categories: []string{"Best"}}}}
}

func TestAnEventIsChecked(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*catalog.Event)
		want   error
	}{
		{"as it is", func(*catalog.Event) {}, nil},
		{"a title of 200", func(e *catalog.Event) { e.Title = strings.Repeat("é", 200) }, nil},
		{"no doors", func(e *catalog.Event) { e.DoorsAt = time.Time{} }, nil},
		{"no limit for a buyer", func(e *catalog.Event) { e.Terms.MaxPerBuyer = 0 }, nil},
		{"no title", func(e *catalog.Event) { e.Title = "" }, catalog.ErrTitle},
		{"a long title", func(e *catalog.Event) { e.Title = strings.Repeat("é", 201) },
			catalog.ErrTitle},
		{"a long text", func(e *catalog.Event) { e.Description = strings.Repeat("é", 20_001) },
			catalog.ErrText},
		{"no zone", func(e *catalog.Event) { e.TimeZone = "" }, catalog.ErrZone},
		{"no start", func(e *catalog.Event) { e.StartsAt = time.Time{} }, catalog.ErrTimes},
		{"no opening", func(e *catalog.Event) { e.Terms.OpensAt = time.Time{} },
			catalog.ErrTimes},
		{"no closing", func(e *catalog.Event) { e.Terms.ClosesAt = time.Time{} },
			catalog.ErrTimes},
		{"closes as it opens", func(e *catalog.Event) { e.Terms.ClosesAt = opening },
			catalog.ErrTimes},
		{"doors after the start", func(e *catalog.Event) { e.DoorsAt = e.StartsAt.Add(1) },
			catalog.ErrTimes},
		{"none in an order", func(e *catalog.Event) { e.Terms.MaxPerOrder = 0 },
			catalog.ErrLimits},
		{"51 in an order", func(e *catalog.Event) { e.Terms.MaxPerOrder = 51 },
			catalog.ErrLimits},
		{"a negative limit", func(e *catalog.Event) { e.Terms.MaxPerBuyer = -1 },
			catalog.ErrLimits},
		{"a huge limit", func(e *catalog.Event) { e.Terms.MaxPerBuyer = math.MaxInt },
			catalog.ErrLimits},
		{"a short hold", func(e *catalog.Event) { e.Terms.HoldTime = time.Second },
			catalog.ErrLimits},
		{"a long hold", func(e *catalog.Event) { e.Terms.HoldTime = 3 * time.Hour },
			catalog.ErrLimits},
		{"no time to pay", func(e *catalog.Event) { e.Terms.PayTime = 0 }, catalog.ErrLimits},
		{"a month to pay", func(e *catalog.Event) { e.Terms.PayTime = 30 * 24 * time.Hour },
			catalog.ErrLimits},
		{"holds for ever", func(e *catalog.Event) { e.Terms.MaxExtensions = 21 },
			catalog.ErrLimits},
		{"no tiers", func(e *catalog.Event) { e.Tiers = nil }, catalog.ErrTiers},
		{"65 tiers", func(e *catalog.Event) { e.Tiers = make([]catalog.Tier, 65) },
			catalog.ErrTiers},
		{"1001 rules", func(e *catalog.Event) { e.Rules = make([]catalog.Rule, 1_001) },
			catalog.ErrTiers},
		{"a tier without a key", func(e *catalog.Event) { e.Tiers[1].Key = "" }, catalog.ErrTiers},
		{"a tier without a name", func(e *catalog.Event) { e.Tiers[1].Name = "" },
			catalog.ErrTiers},
		{"a tier twice", func(e *catalog.Event) { e.Tiers[1].Key = "one" }, catalog.ErrTiers},
		{"two currencies", func(e *catalog.Event) { e.Tiers[1].Price = price(1, "USD") },
			money.ErrMixed},
		{"no currency", func(e *catalog.Event) {
			e.Tiers[0].Price, e.Tiers[1].Price = money.Money{}, money.Money{}
		}, money.ErrCurrency},
		{"a rule of no tier", func(e *catalog.Event) { e.Rules[0].Tier = "ten" },
			catalog.ErrRule},
	} {
		e := concert()
		c.change(&e)
		if err := e.Check(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

// TestTextsOfAnEvent: some ledgers can't keep what can't be printed.
func TestTextsOfAnEvent(t *testing.T) {
	e := concert()
	e.Description = "a\r\n\tb"
	if err := e.CheckTexts(); err != nil {
		t.Errorf("a text of two lines: %v", err)
	}
	for name, change := range map[string]func(*catalog.Event){
		"a zero byte":          func(e *catalog.Event) { e.Description = "a\x00" },
		"a title of two lines": func(e *catalog.Event) { e.Title = "a\nb" },
		"no text":              func(e *catalog.Event) { e.Kind = "\xff" },
		"an odd zone":          func(e *catalog.Event) { e.TimeZone = "UTC\x00" },
		"an odd key":           func(e *catalog.Event) { e.Tiers[1].Key = "\x00" },
		"an odd name":          func(e *catalog.Event) { e.Tiers[1].Name = "a\u0085b" },
	} {
		e := concert()
		change(&e)
		if err := e.CheckTexts(); !errors.Is(err, catalog.ErrOdd) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNumbersAreWrittenAndReadOneWay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := int64(rapid.Uint32Min(1).Draw(t, "n"))
		if id, err := catalog.ParseEventID(catalog.EventID(n).String()); err != nil ||
			id != catalog.EventID(n) {
			t.Fatalf("%d: %v, %v", n, id, err)
		}
		if id, err := catalog.ParseVenueID(catalog.VenueID(n).String()); err != nil ||
			id != catalog.VenueID(n) {
			t.Fatalf("%d: %v, %v", n, id, err)
		}
		if id, err := catalog.ParsePlanID(catalog.PlanID(n).String()); err != nil ||
			id != catalog.PlanID(n) {
			t.Fatalf("%d: %v, %v", n, id, err)
		}
	})
	for _, s := range []string{"", "evt_", "evt_0", "evt_01", "evt_-1", "evt_+1", "evt_1 ",
		" evt_1", "EVT_1", "ven_1", "1", "evt_4294967296", "evt_99999999999999999999",
		"evt_1e3", "evt_١"} {
		if id, err := catalog.ParseEventID(s); !errors.Is(err, ident.ErrFormat) {
			t.Errorf("%q is read as %v", s, id)
		}
	}
}

func FuzzParseEventID(f *testing.F) {
	for _, s := range []string{"evt_1", "evt_4294967295", "evt_0", "evt_+1", "ven_1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if id, err := catalog.ParseEventID(s); err == nil && id.String() != s {
			t.Errorf("%q is read as %v", s, id)
		}
	})
}

func TestAStatusHasAName(t *testing.T) {
	for status, want := range map[catalog.Status]string{catalog.Draft: "draft",
		catalog.Published: "published", catalog.Cancelled: "cancelled", 0: "unknown"} {
		if status.String() != want {
			t.Errorf("%d is %s, want %s", status, status, want)
		}
	}
}

func TestAVenueIsChecked(t *testing.T) {
	good := catalog.Venue{Name: "Hall", City: "Graz", TimeZone: "Europe/Vienna", Country: "AT"}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*catalog.Venue){
		"no name":      func(v *catalog.Venue) { v.Name = "" },
		"no city":      func(v *catalog.Venue) { v.City = "" },
		"no zone":      func(v *catalog.Venue) { v.TimeZone = "" },
		"long address": func(v *catalog.Venue) { v.Address = strings.Repeat("a", 401) },
		"odd name":     func(v *catalog.Venue) { v.Name = "Hall\x00" },
		"odd country":  func(v *catalog.Venue) { v.Country = "A\xff" },
		"long country": func(v *catalog.Venue) { v.Country = "AUT" },
	} {
		v := good
		change(&v)
		if v.Check() == nil {
			t.Errorf("%s: %+v", name, v)
		}
	}
}
