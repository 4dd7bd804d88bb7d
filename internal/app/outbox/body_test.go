package outbox_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"ticketflow/internal/app/outbox"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/fact"
	"ticketflow/internal/domain/ident"
	"ticketflow/internal/domain/money"
)

func drawFact(t *rapid.T) fact.Fact {
	f := fact.Fact{Kind: fact.OrderPaid, Event: catalog.EventID(rapid.Uint32().Draw(t, "event")),
		At: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC), Ref: rapid.String().Draw(t, "ref")}
	for _, key := range []*ident.Key{&f.Hold, &f.Order} {
		if rapid.Bool().Draw(t, "there") {
			copy(key[:], rapid.SliceOfN(rapid.Byte(), len(key), len(key)).Draw(t, "key"))
		}
	}
	for _, p := range rapid.SliceOfN(rapid.Uint32(), 0, 5).Draw(t, "places") {
		f.Places = append(f.Places, catalog.PlaceNo(p))
	}
	if rapid.Bool().Draw(t, "amount") {
		m, err := money.New(rapid.Int64Range(0, money.MaxMinor).Draw(t, "minor"),
			money.Currency{'E', 'U', 'R'})
		if err != nil {
			t.Fatal(err)
		}
		f.Amount = m
	}
	return f
}

func TestABodyIsReadAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFact(t)
		raw := outbox.AppendBody([]byte("before"), f)
		body, ok := strings.CutPrefix(string(raw), "before")
		if !ok || !json.Valid([]byte(body)) {
			t.Fatalf("%+v is written as %s", f, raw)
		}
		got, err := outbox.ParseBody([]byte(body))
		want := f
		want.Kind, want.Event, want.At = "", 0, time.Time{} // these stand beside the body
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%s is read as %+v, %v; want %+v", body, got, err, want)
		}
	})
}

func TestAHostileReferenceStaysInItsString(t *testing.T) {
	for _, ref := range []string{`"`, `\`, `","hold":"x`, "\x00\x1f\x7f", "</script>", "\u2028",
		"\xff\xfe", strings.Repeat("é", 1_000), "{}", "\n"} {
		raw := outbox.AppendBody(nil, fact.Fact{Ref: ref})
		got, err := outbox.ParseBody(raw)
		if err != nil || got.Hold != (ident.Key{}) || utf8.ValidString(ref) && got.Ref != ref {
			t.Errorf("%q is written as %s and read as %+v, %v", ref, raw, got, err)
		}
		if !utf8.Valid(raw) {
			t.Errorf("%q is written as %q", ref, raw)
		}
	}
}

func TestAnEmptyBody(t *testing.T) {
	raw := outbox.AppendBody(nil, fact.Fact{Kind: fact.EventPublished, Event: 3})
	if string(raw) != "{}" {
		t.Errorf("%s", raw)
	}
	if f, err := outbox.ParseBody(raw); err != nil || !reflect.DeepEqual(f, fact.Fact{}) {
		t.Errorf("%+v, %v", f, err)
	}
	// Nothing in a currency isn't nothing at all.
	zero, err := money.New(0, money.Currency{'E', 'U', 'R'})
	if err != nil {
		t.Fatal(err)
	}
	if f, err := outbox.ParseBody(outbox.AppendBody(nil, fact.Fact{Amount: zero})); err != nil ||
		f.Amount != zero {
		t.Errorf("%+v, %v", f, err)
	}
}

func TestABrokenBodyIsRefused(t *testing.T) {
	for _, raw := range []string{"", "[]", "{", `{"hold":"ord_x"}`, `{"order":"x"}`, `{"hold":7}`,
		`{"places":[-1]}`, `{"places":[4294967296]}`, `{"places":["1"]}`,
		`{"amount":1,"currency":"eur"}`, `{"amount":-1,"currency":"EUR"}`,
		`{"amount":9223372036854775807,"currency":"EUR"}`, `{"amount":1.5,"currency":"EUR"}`} {
		if f, err := outbox.ParseBody([]byte(raw)); err == nil {
			t.Errorf("%s is read as %+v", raw, f)
		}
	}
}

func FuzzParseBody(f *testing.F) {
	hold := fact.Fact{Event: 5, Hold: ident.Key{1}, Order: ident.Key{2}, Places: []catalog.PlaceNo{
		1, 2}, Ref: "tx \"1\""}
	f.Add(outbox.AppendBody(nil, hold))
	f.Add([]byte("{}"))
	f.Add([]byte(`{"hold":null,"places":null,"amount":0}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		one, err := outbox.ParseBody(raw)
		if err != nil {
			return
		}
		two, err := outbox.ParseBody(outbox.AppendBody(nil, one))
		if len(one.Places) == 0 {
			one.Places = nil
		}
		if err != nil || !reflect.DeepEqual(one, two) {
			t.Errorf("%s is read as %+v, and written and read again as %+v, %v", raw, one, two, err)
		}
	})
}
