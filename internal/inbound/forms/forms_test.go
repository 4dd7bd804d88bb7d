package forms

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"ticketflow/internal/domain/errs"
)

// What the readers read, for encoding/json.
type (
	holdShape struct {
		Places []uint32   `json:"places"`
		Best   *bestShape `json:"best"`
	}
	bestShape struct {
		Count        int    `json:"count"`
		Tier         string `json:"tier"`
		Section      string `json:"section"`
		SplitAllowed bool   `json:"split_allowed"`
		Accessible   bool   `json:"accessible"`
	}
	orderShape struct {
		Hold      string     `json:"hold"`
		HoldToken string     `json:"hold_token"`
		Buyer     buyerShape `json:"buyer"`
		ReturnURL string     `json:"return_url"`
		Voucher   string     `json:"voucher"`
		Language  string     `json:"language"`
	}
	buyerShape struct {
		Name  string `json:"name"`
		Email string `json:"email"`
	}
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
		ask, err := ReadHold(body)
		if err != nil {
			refusal(t, err)
			return
		}
		var shape holdShape
		if err := strictly(body, &shape); err != nil {
			t.Fatalf("%q was taken, encoding/json says %v", body, err)
		}
		var places []uint32
		for _, p := range ask.Places {
			places = append(places, uint32(p))
		}
		if !slices.Equal(places, shape.Places) || ask.Best != (shape.Best != nil) {
			t.Fatalf("%q was read as %+v, by encoding/json as %+v", body, ask, shape)
		}
		if ask.Best && (bestShape{ask.Count, ask.Tier, ask.Section, ask.Split,
			ask.StepFree}) != *shape.Best {
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
		`{"hold":"h","hold_token":"t","buyer":{"name":"A","email":"b"},"voucher":" spring-27 "}`,
		`{"hold":"h","hold_token":"t","buyer":{"name":"A","email":"b"},"voucher":""}`,
		`{"hold":"h","hold_token":"t","buyer":{"name":"A","email":"b"},"language":"pt-BR"}`,
		`{"buyer":{"name":"\"\\\/\b\f\n\r\t\u2028","email":""},"hold":"","hold_token":""}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		ask, err := ReadOrder(body)
		if err != nil {
			refusal(t, err)
			return
		}
		var shape orderShape
		if err := strictly(body, &shape); err != nil {
			t.Fatalf("%q was taken, encoding/json says %v", body, err)
		}
		got := orderShape{Hold: ask.Hold, HoldToken: ask.Token, ReturnURL: ask.ReturnURL,
			Voucher: ask.Voucher, Language: ask.Language,
			Buyer: buyerShape{ask.Name, ask.Email}}
		if got != shape {
			t.Fatalf("%q was read as %+v, by encoding/json as %+v", body, got, shape)
		}
	})
}

// FuzzPlanFormat never fails, whatever the file is.
func FuzzPlanFormat(f *testing.F) {
	for _, seed := range []string{`{"name":"x","zones":[]}`, `{"sections":[]}`, `[`, ``, `{"a":`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if got := PlanFormat(body); got != OwnPlan && got != PretixPlan {
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
		start, id, err := ParseCursor(text)
		if err != nil {
			refusal(t, err)
			return
		}
		if text != "" && (id < 1 || start.IsZero()) {
			t.Fatalf("%q was read as %v, %v", text, start, id)
		}
		if again, next, err := ParseCursor(Cursor(start, id)); text != "" &&
			(err != nil || !again.Equal(start) || next != id) {
			t.Fatalf("%v, %v came back as %v, %v (%v)", start, id, again, next, err)
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
