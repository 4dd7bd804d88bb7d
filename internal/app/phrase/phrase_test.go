package phrase_test

import (
	"reflect"
	"regexp"
	"slices"
	"testing"
	"time"

	"ticketflow/internal/app/phrase"
)

// texts are all strings of a value, by the path of their fields.
func texts(v reflect.Value, path string, found map[string]string) {
	//nolint:exhaustive // a catalogue has nothing else
	switch v.Kind() {
	case reflect.String:
		found[path] = v.String()
	case reflect.Struct:
		for i := range v.NumField() {
			texts(v.Field(i), path+"."+v.Type().Field(i).Name, found)
		}
	case reflect.Array:
		for i := range v.Len() {
			texts(v.Index(i), path+"[]"+string(rune('a'+i)), found)
		}
	}
}

var slot = regexp.MustCompile(`\{[a-z]*\}`)

// TestEveryLanguageSaysEverything: no text is missing, and each asks for the same values.
func TestEveryLanguageSaysEverything(t *testing.T) {
	all := make(map[phrase.Language]map[string]string)
	for _, l := range phrase.Languages {
		all[l] = make(map[string]string)
		texts(reflect.ValueOf(*phrase.In(l)), "", all[l])
		for path, text := range all[l] {
			if text == "" {
				t.Errorf("%s says nothing for %s", l, path)
			}
			slots := slot.FindAllString(text, -1)
			want := slot.FindAllString(all[phrase.English][path], -1)
			slices.Sort(slots)
			slices.Sort(want)
			if !slices.Equal(slots, want) {
				t.Errorf("%s, %s: filled with %v, in English with %v", l, path, slots, want)
			}
		}
	}
	if len(all[phrase.English]) < 30 {
		t.Errorf("only %d texts were found", len(all[phrase.English]))
	}
}

func TestParse(t *testing.T) {
	for tag, want := range map[string]phrase.Language{"de": "de", "DE-at": "de", " en-GB": "en",
		"fr": "en", "": "en", "deu": "en"} {
		if got, ok := phrase.Parse(tag); got != want || ok != (tag != "fr" && tag != "" &&
			tag != "deu") {
			t.Errorf("%q is %s, %v", tag, got, ok)
		}
	}
}

func TestDates(t *testing.T) {
	at := time.Date(2026, 3, 7, 19, 5, 0, 0, time.UTC)
	for l, want := range map[phrase.Language]string{
		phrase.English: "Saturday, 7 March 2026 19:05",
		phrase.German:  "Samstag, 7. März 2026 19:05 Uhr",
	} {
		if got := phrase.In(l).Day(at) + " " + phrase.In(l).Clock(at); got != want {
			t.Errorf("%s: %q, want %q", l, got, want)
		}
	}
}

// TestAValueIsNotFilled: what a buyer calls themself doesn't ask for other values.
func TestAValueIsNotFilled(t *testing.T) {
	if got := phrase.Fill("{name} {link}", "name", "{link}", "link", "x"); got != "{link} x" {
		t.Errorf("%q", got)
	}
}
