package web_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"ticketflow/internal/domain/catalog"
)

// TestALostSeatIsNamed: the buyer keeps the rest, and gets seats that are as good with one press.
func TestALostSeatIsNamed(t *testing.T) {
	s := openShop(t)
	v, other := s.visit("/list/0?n=2&row=1"), s.visit("/list/0?n=2&row=1")
	first := s.visit("/list/0?n=2&row=1") // holds nothing
	v.Press("Take ")                      // of another row
	boxes := other.Values("add")
	late := v.Tab("/events/" + s.event.String() + "/list/0?n=2&row=1")
	other.Press("Hold the chosen seats", "add", boxes[0]+" + "+boxes[1])
	late.Press("Hold the chosen seats", "add", boxes[0]+" + "+boxes[1])
	late.Sees(http.StatusConflict, "Somebody else was faster: Section 1, row 2, seat 1, 2",
		"Everything that you hold is still yours", "Held for you until")
	if n := len(late.Removals()); n != 2 {
		t.Errorf("%d places are held", n)
	}
	first.Press("Hold the chosen seats", "add", boxes[0]+" + "+boxes[1])
	if text := first.Said(); !strings.Contains(text, "Somebody else was faster") ||
		strings.Contains(text, "still yours") {
		t.Errorf("who has nothing reads %q", text)
	}
	late.Press("instead (€ 102.00)")
	late.Sees(http.StatusOK, "Section 1, row 1, seat 2")
	if n := len(late.Removals()); n != 4 {
		t.Errorf("%d places are held", n)
	}
}

// TestASeatThatWouldStayAloneIsNamed, with the one press that is better.
func TestASeatThatWouldStayAloneIsNamed(t *testing.T) {
	s := openShop(t)
	v := s.visit("/list/0?row=1")
	boxes := v.Values("add")
	v.Press("Hold the chosen seats", "add", boxes[1]+" + "+boxes[2])
	v.Sees(http.StatusConflict, "Section 1, row 2, seat 1 would stay alone",
		"Move to Section 1, row 2, seat 1, 2")
	v.Press("Move to")
	v.Sees(http.StatusOK, "Held for you until", "seat 2")
}

func TestTheTimeOfABasket(t *testing.T) {
	s := openShop(t)
	v := s.visit("/list")
	v.Press("Hold the best", "best", "3")
	v.Sees(http.StatusOK, "Held for you until 12:09 CEST (9:55)")
	s.wait(8 * time.Minute)
	for range 2 {
		v.Press("More time")
		v.Sees(http.StatusOK, "(9:55)")
	}
	v.Sees(http.StatusOK, "can’t be extended again")
	if v.Find("button", "More time") != nil {
		t.Error("more time is offered")
	}
	v.Follow("Continue")
	checkout := v.Tab(v.At.Path)
	s.wait(9*time.Minute + 58*time.Second) // past the shown end, within the grace
	v.Open(v.At.Path)
	v.Sees(http.StatusGone, "The time for these places has run out", "still free",
		"Hold them again")
	s.wait(time.Minute)
	other := s.visit("/list/0?row=0")
	mine := strings.Split(v.Values("take")[0], ",")
	other.Press("Hold the chosen seats", "add", mine[0])
	checkout.Press("Pay", "name", "Ada", "email", "ada@example.org")
	checkout.Sees(http.StatusGone, "taken by somebody else")
	v.Open(v.At.Path)
	v.Sees(http.StatusGone, "taken by somebody else", "still free",
		"Hold again what is still free (2 of 3)")
	v.Press("Hold again")
	v.Sees(http.StatusOK, "Held for you until")
	if n := len(v.Removals()); n != 2 {
		t.Errorf("%d places are held", n)
	}
}

// TestTheLastSecondsCount: what is sent a little after the end that was shown is in time.
func TestTheLastSecondsCount(t *testing.T) {
	s := openShop(t)
	v := s.checkout()
	s.wait(9*time.Minute + 58*time.Second)
	v.Press("Pay", "name", "Ada", "email", "ada@example.org")
	v.Sees(http.StatusOK, "Not paid yet")
}

func TestLimitsAreSaid(t *testing.T) {
	s := openShop(t, func(e *catalog.Event) { e.Terms.MaxPerOrder = 3 })
	v := s.visit("/list")
	v.Press("Hold the best", "best", "4")
	v.Sees(http.StatusUnprocessableEntity, "more places than one order may have")
}

// TestScriptsAreToldTheSame as pages show.
func TestScriptsAreToldTheSame(t *testing.T) {
	s := openShop(t)
	jar := map[string]string{}
	ask := func(form url.Values) (int, map[string]any) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
			s.url+"/events/"+s.event.String()+"/basket", strings.NewReader(form.Encode()))
		s.must(err)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Accept", "application/json")
		r.Header.Set("Accept-Language", "de")
		for name, value := range jar {
			r.AddCookie(&http.Cookie{Name: name, Value: value})
		}
		w, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(r)
		s.must(err)
		defer func() { _ = w.Body.Close() }()
		for _, c := range w.Cookies() {
			jar[c.Name] = c.Value
		}
		text, err := io.ReadAll(w.Body)
		s.must(err)
		var answer map[string]any
		s.must(json.Unmarshal(text, &answer))
		return w.StatusCode, answer
	}
	form := url.Values{"key": {"0123456789abcdef"}, "add": {"5", "6"}}
	for range 2 { // the same once more is as once
		status, answer := ask(form)
		hold, _ := answer["hold"].(map[string]any)
		if places, _ := hold["places"].([]any); status != http.StatusOK || len(places) != 2 ||
			hold["total"] != "102,00\u00a0€" || hold["extensions_left"] != 2.0 ||
			!strings.Contains(answer["panel"].(string), "Ihre Plätze") {
			t.Fatalf("%d %v", status, answer)
		}
	}
	jar = map[string]string{}
	status, answer := ask(url.Values{"key": {"fedcba9876543210"}, "add": {"6"}})
	lost, _ := answer["places"].([]any)
	instead, _ := answer["instead"].([]any)
	if status != http.StatusConflict || answer["code"] != "place_taken" || len(lost) != 1 ||
		len(instead) != 1 ||
		!strings.HasPrefix(answer["sentence"].(string), "Jemand war schneller") ||
		lost[0].(map[string]any)["state"] != "held" {
		t.Errorf("%d %v", status, answer)
	}
}

// TestFormsOfOtherSitesAreRefused, and they lead nowhere else.
func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	s := openShop(t)
	for _, test := range []struct {
		site, back, want string
		status           int
	}{
		{"cross-site", "", "", http.StatusForbidden},
		{"same-origin", "https://evil.example/x", "/events/evt_1/list", http.StatusSeeOther},
		{"same-origin", "//evil.example/x", "/events/evt_1/list", http.StatusSeeOther},
		{"same-origin", "////evil.example/x", "/events/evt_1/list", http.StatusSeeOther},
		{"same-origin", "/\\evil.example", "/events/evt_1/list", http.StatusSeeOther},
		{"same-origin", "/orders?x=1", "/orders?x=1", http.StatusSeeOther},
	} {
		body := url.Values{"add": {strconv.Itoa(20)}, "back": {test.back},
			"key": {"a key of a form " + test.back}}.Encode()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
			s.url+"/events/"+s.event.String()+"/basket", strings.NewReader(body))
		s.must(err)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", test.site)
		w, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(r)
		s.must(err)
		s.must(w.Body.Close())
		if w.StatusCode != test.status || w.Header.Get("Location") != test.want {
			t.Errorf("%+v: %d to %q", test, w.StatusCode, w.Header.Get("Location"))
		}
		for _, c := range w.Cookies() {
			release(s, c.Value)
		}
	}
}
