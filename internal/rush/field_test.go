package rush

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"
)

func TestFieldsOfAnOrder(t *testing.T) {
	t.Parallel()
	body := []byte(`{ "payment":{"id":"spy_9","url":"http:\/\/h:1\/pay\/x?a=1\u0026b=2"},
		"id": "ord_7", "token":"t\"k", "places":[{"place":3},{"place": 14}],"state":null}`)
	if got := textWithPrefix(body, nameID, "ord_"); string(got) != "ord_7" {
		t.Errorf("id %q", got)
	}
	if got := textField(body, nameToken); string(got) != `t\"k` {
		t.Errorf("token %q", got)
	}
	if got := textField(body, nameState); got != nil {
		t.Errorf("state %q", got)
	}
	if got := payPath(plainURL(textField(body, nameURL)), "h:1"); string(got) != "/pay/x?a=1&b=2" {
		t.Errorf("path %q", got)
	}
	place, end, _ := nextNumber(body, namePlace, 0)
	second, _, ok := nextNumber(body, namePlace, end)
	if place != 3 || second != 14 || !ok {
		t.Errorf("places %d, %d", place, second)
	}
}

func TestPaymentPagesElsewhereAreRefused(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"/simpay/pay/a":               "/simpay/pay/a",
		"http://h:1/simpay/pay/a":     "/simpay/pay/a",
		"http://h:2/simpay/pay/a":     "",
		"https://h:1/simpay/pay/a":    "",
		"//h:1/simpay":                "",
		"http://h:1":                  "",
		"/a b":                        "",
		"/a\r\nX: y":                  "",
		"http://h:1.example.org/x":    "",
		"http://user@h:1/simpay/pay/": "",
	} {
		if got := payPath([]byte(address), "h:1"); string(got) != want {
			t.Errorf("%q: got %q, want %q", address, got, want)
		}
	}
	for _, text := range []string{`a\`, `a\u00`, `a\u000a`, `a\n`, `\ud83d`} {
		if got := plainURL([]byte(text)); got != nil {
			t.Errorf("%q became %q", text, got)
		}
	}
}

func TestFieldsAgreeWithJSON(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		id := "hld_" + rapid.StringMatching(`[a-z0-9]{0,60}`).Draw(t, "id")
		note := rapid.String().Draw(t, "note")
		place := rapid.Uint32Range(0, 999_999).Draw(t, "place")
		body, err := json.Marshal(map[string]any{
			"a": note, "id": id, "places": []any{map[string]any{"place": place}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := textWithPrefix(body, nameID, "hld_"); string(got) != id {
			t.Fatalf("id %q in %s", got, body)
		}
		if got, _, ok := nextNumber(body, namePlace, 0); !ok || got != place {
			t.Fatalf("place %d in %s", got, body)
		}
	})
}

func FuzzFields(f *testing.F) {
	f.Add([]byte(`{"id":"x","place":1,"url":"\u0026"}`))
	f.Add([]byte(`"id":"\`))
	f.Fuzz(func(t *testing.T, body []byte) {
		for at := 0; at < len(body); {
			value, end := nextText(body, nameID, at)
			if end <= at && value != nil || end > len(body) {
				t.Fatalf("from %d to %d", at, end)
			}
			at = end
		}
		for at, ok := 0, true; ok; {
			var end int
			if _, end, ok = nextNumber(body, namePlace, at); ok && end <= at {
				t.Fatalf("from %d to %d", at, end)
			}
			at = end
		}
		if path := payPath(plainURL(body), "h"); path != nil && cleanPath(path) == nil {
			t.Fatalf("path %q", path)
		}
	})
}
