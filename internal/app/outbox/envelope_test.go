package outbox_test

import (
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ticketflow/internal/app/outbox"
	"ticketflow/internal/domain/fact"
)

func TestAnEnvelopeIsReadAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := outbox.Entry{Position: rapid.Int64Range(1, 1<<62).Draw(t, "position"),
			Fact: drawFact(t)}
		want.Fact.Event = max(want.Fact.Event, 1)
		want.Fact.At = time.UnixMilli(rapid.Int64Range(0, 1<<42).Draw(t, "at")).UTC()
		raw := outbox.AppendEnvelope(nil, want)
		if !json.Valid(raw) {
			t.Fatalf("%+v is written as %s", want, raw)
		}
		got, err := outbox.ParseEnvelope(raw)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%s is read as %+v, %v; want %+v", raw, got, err, want)
		}
	})
}

func TestTheEnvelopeOfTheDocumentation(t *testing.T) {
	const text = `{"position":7,"kind":"event_published","event":"evt_12",` +
		`"at":"2026-05-01T12:00:00.250Z","body":{}}`
	want := outbox.Entry{Position: 7, Fact: fact.Fact{Kind: fact.EventPublished, Event: 12,
		At: time.Date(2026, 5, 1, 12, 0, 0, 250_000_000, time.UTC)}}
	if got := string(outbox.AppendEnvelope(nil, want)); got != text {
		t.Errorf("written as %s", got)
	}
	newer := strings.Replace(text, `"position"`, `"version":2,"position"`, 1)
	for _, raw := range []string{text, newer} {
		got, err := outbox.ParseEnvelope([]byte(raw))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s is read as %+v, %v", raw, got, err)
		}
	}
}

// The page for other programs names every kind that they can get.
func TestEachKindIsDocumented(t *testing.T) {
	code, err := os.ReadFile("../../domain/fact/fact.go")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../../../docs/facts.md")
	if err != nil {
		t.Fatal(err)
	}
	kinds := regexp.MustCompile(`Kind += "([a-z_]+)"`).FindAllSubmatch(code, -1)
	if len(kinds) < 17 {
		t.Fatalf("%d kinds in the code: the search is broken", len(kinds))
	}
	for _, kind := range kinds {
		if row := "\n| `" + string(kind[1]) + "` | "; !strings.Contains(string(page), row) {
			t.Errorf("docs/facts.md has no row for %s", kind[1])
		}
	}
}

func TestWhatIsNoEnvelope(t *testing.T) {
	const good = `{"position":7,"kind":"order_paid","event":"evt_1",` +
		`"at":"2026-05-01T12:00:00Z","body":{}}`
	if _, err := outbox.ParseEnvelope([]byte(good)); err != nil {
		t.Fatal(err)
	}
	huge := `{"ref":"` + strings.Repeat("x", outbox.MaxEnvelopeBytes) + `"}`
	broken := []string{"", "null", "{}", "[]", `"x"`, "\x00", good[:len(good)-1],
		strings.Replace(good, "7", "0", 1), strings.Replace(good, "7", "-7", 1),
		strings.Replace(good, "7", `"7"`, 1), strings.Replace(good, "7", "1e99", 1),
		strings.Replace(good, "order_paid", "", 1), strings.Replace(good, "evt_1", "ven_1", 1),
		strings.Replace(good, "evt_1", "", 1), strings.Replace(good, "2026", "x", 1),
		strings.Replace(good, `,"body":{}`, "", 1), strings.Replace(good, "{}", "[]", 1),
		strings.Replace(good, "{}", `{"hold":"x"}`, 1),
		strings.Replace(good, "{}", huge, 1),
	}
	for _, raw := range broken {
		if e, err := outbox.ParseEnvelope([]byte(raw)); !errors.Is(err, outbox.ErrEnvelope) {
			t.Errorf("%.80s is read as %+v, %v", raw, e, err)
		}
	}
}

func FuzzParseEnvelope(f *testing.F) {
	f.Add([]byte(`{"position":7,"kind":"order_paid","event":"evt_1",` +
		`"at":"2026-05-01T12:00:00Z","body":{"places":[1]}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, err := outbox.ParseEnvelope(raw)
		if err == nil && (e.Position < 1 || e.Fact.Event < 1 || e.Fact.Kind == "") {
			t.Errorf("%s is read as %+v", raw, e)
		}
	})
}
