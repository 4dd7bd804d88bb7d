package words

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"ticketflow/internal/domain/money"
)

// blanks are the names of what a value leaves empty, all the way down.
func blanks(v reflect.Value, path string) (found []string) {
	switch v.Kind() {
	case reflect.Pointer:
		return blanks(v.Elem(), path)
	case reflect.Struct:
		for i := range v.NumField() {
			found = append(found, blanks(v.Field(i), path+"."+v.Type().Field(i).Name)...)
		}
	case reflect.Array, reflect.Slice:
		for i := range v.Len() {
			found = append(found, blanks(v.Index(i), fmt.Sprintf("%s[%d]", path, i))...)
		}
	case reflect.Map:
		if v.Len() == 0 {
			return []string{path}
		}
		for _, key := range v.MapKeys() {
			found = append(found, blanks(v.MapIndex(key), fmt.Sprintf("%s[%s]", path, key))...)
		}
	default:
		if v.IsZero() {
			return []string{path}
		}
	}
	return found
}

// TestTheMapsSummaryKeepsItsOrder: the map's script fills gaps one after the other.
func TestTheMapsSummaryKeepsItsOrder(t *testing.T) {
	gaps := regexp.MustCompile(`{.+?}`)
	for _, b := range Books {
		got := strings.Join(gaps.FindAllString(b.SeatMap.Summary, -1), "")
		if got != "{sections}{free}{price}" {
			t.Errorf("%s: the gaps are %s", b.Lang, got)
		}
	}
}

func TestEveryLanguageSaysEverything(t *testing.T) {
	for _, book := range Books {
		if found := blanks(reflect.ValueOf(book), book.Lang); len(found) > 0 {
			t.Errorf("left empty: %v", found)
		}
		for code := range Books[0].Failure.Reasons {
			if book.Failure.Reasons[code] == "" {
				t.Errorf("%s has no words for %s", book.Lang, code)
			}
		}
		if n, first := len(book.Failure.Reasons), len(Books[0].Failure.Reasons); n != first {
			t.Errorf("%s knows %d failures, %s %d", book.Lang, n, Books[0].Lang, first)
		}
	}
	if len(blanks(reflect.ValueOf(Book{Lang: "xx"}), "xx")) < 10 {
		t.Error("the check finds nothing in an empty book")
	}
}

func TestALanguageIsAccepted(t *testing.T) {
	for header, want := range map[string]string{
		"": "en", "de": "de", "de-AT,de;q=0.9,en;q=0.5": "de", "fr": "en", "en-GB": "en",
		"fr,de;q=0.3": "de", ";;;": "en",
	} {
		if got := Accepted(header).Lang; got != want {
			t.Errorf("%q: %s, want %s", header, got, want)
		}
	}
	if Named("de") != german || Named("xx") != nil {
		t.Error("a language isn't found by its name")
	}
}

func TestPricesAndDates(t *testing.T) {
	euro, err := money.ParseCurrency("EUR")
	if err != nil {
		t.Fatal(err)
	}
	price, err := money.New(123_456_70, euro)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, time.November, 20, 9, 5, 0, 0, time.UTC)
	const day = 24 * time.Hour
	for got, want := range map[string]string{
		english.Price(price):                  "€\u00a0123,456.70",
		german.Price(price):                   "123.456,70\u00a0€",
		english.Percent(260):                  "2.6%",
		german.Percent(810):                   "8,1\u00a0%",
		german.Percent(1_900):                 "19\u00a0%",
		english.Dates.Day(at):                 "Friday, 20 November 2026",
		german.Dates.Full(at):                 "Freitag, 20. November 2026, 09:05 UTC",
		english.Dates.ShortWeekday(at):        "Fri",
		german.Dates.ShortWeekday(at):         "Fr",
		english.Dates.In(2*day + 4*time.Hour): "in 2 days 4 hours",
		german.Dates.In(day + time.Minute):    "in 1 Tag 1 Minute",
		german.Dates.In(time.Second):          "in weniger als einer Minute",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
