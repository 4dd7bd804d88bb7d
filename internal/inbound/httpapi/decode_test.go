package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"ticketflow/internal/domain/errs"
)

// strictly decodes with encoding/json, as strictly as it can.
func strictly(body []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	return d.Decode(v)
}

// refusal checks that a failure is one that a client may see.
func refusal(t *testing.T, err error) {
	t.Helper()
	e, ok := errors.AsType[*errs.Error](err)
	if !ok || e.Kind() != errs.Malformed && e.Kind() != errs.Invalid {
		t.Fatalf("a body is refused with %v", err)
	}
}

// FuzzReadHold: what the reader takes, encoding/json takes too, and reads the same.
func FuzzReadHold(f *testing.F) {
	for _, seed := range []string{
		`{"places":[12,13]}`, `{"best":{"count":2,"tier":"cat1","section":"214"}}`,
		`{"best":{"count":1,"split_allowed":true,"accessible":false}}`, `{"places":[]}`,
		`{"best":{"tier":"\u00e9\ud83c\udfad\n"},"places":[-1]}`, ` { "places" : [ 1 , 2 ] } `,
		`{"best":{"count":1e3}}`, `{"places":[01]}`, `{"best":null}`, `{"places":[1],"places":[2]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		ask, err := readHold(body)
		if err != nil {
			refusal(t, err)
			return
		}
		var shape NewHold
		if err := strictly(body, &shape); err != nil {
			t.Fatalf("%q was taken, encoding/json says %v", body, err)
		}
		var places []uint32
		for _, p := range ask.places {
			places = append(places, uint32(p))
		}
		if !slices.Equal(places, shape.Places) || ask.best != (shape.Best != nil) {
			t.Fatalf("%q was read as %+v, by encoding/json as %+v", body, ask, shape)
		}
		if ask.best && (BestWish{ask.count, ask.tier, ask.section, ask.split,
			ask.stepFreeOnly}) != *shape.Best {
			t.Fatalf("%q was read as %+v, by encoding/json as %+v", body, ask, *shape.Best)
		}
	})
}

// FuzzReadOrder: what the reader takes, encoding/json takes too, and reads the same.
func FuzzReadOrder(f *testing.F) {
	for _, seed := range []string{
		`{"hold":"hld_1","hold_token":"tok_1","buyer":{"name":"Ada","email":"ada@example.org"}}`,
		`{"hold":"h","hold_token":"t","buyer":{"name":"A","email":"b"},"return_url":"https://x"}`,
		`{"hold":"h","hold_token":"t","buyer":{},"return_url":"javascript:1"}`, `{"hold":7}`,
		`{"buyer":{"name":"\"\\\/\b\f\n\r\t\u2028","email":""},"hold":"","hold_token":""}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		ask, err := readOrder(body)
		if err != nil {
			refusal(t, err)
			return
		}
		var shape NewOrder
		if err := strictly(body, &shape); err != nil {
			t.Fatalf("%q was taken, encoding/json says %v", body, err)
		}
		got := NewOrder{Hold: ask.hold, HoldToken: ask.token, ReturnURL: ask.returnURL,
			Buyer: Buyer{ask.name, ask.email}}
		if got != shape {
			t.Fatalf("%q was read as %+v, by encoding/json as %+v", body, got, shape)
		}
	})
}

// FuzzFormatOf never fails, whatever the file is.
func FuzzFormatOf(f *testing.F) {
	for _, seed := range []string{`{"name":"x","zones":[]}`, `{"sections":[]}`, `[`, ``, `{"a":`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if got := formatOf(body); got != ownFormat && got != pretixFormat {
			t.Fatalf("%q is of the format %q", body, got)
		}
	})
}

// FuzzCursor: what is read can be written again.
func FuzzCursor(f *testing.F) {
	f.Add("MTc4OTIwNzIwMDAwMC4x")
	f.Add("")
	f.Add("MS4x")
	f.Fuzz(func(t *testing.T, text string) {
		start, id, err := parseCursor(text)
		if err != nil {
			refusal(t, err)
			return
		}
		if text != "" && (id < 1 || start.IsZero()) {
			t.Fatalf("%q was read as %v, %v", text, start, id)
		}
	})
}

func TestWebAddress(t *testing.T) {
	for address, want := range map[string]bool{
		"https://venue.example/thanks?x=1": true, "http://127.0.0.1:8080": true,
		"": false, "/thanks": false, "//venue.example": false, "javascript:alert(1)": false,
		"https://": false, "https://user@venue.example": false, "ftp://venue.example": false,
		"https://venue.example\n": false, "data:text/html,x": false,
	} {
		if got := webAddress(address); got != want {
			t.Errorf("%q: got %v", address, got)
		}
	}
}
