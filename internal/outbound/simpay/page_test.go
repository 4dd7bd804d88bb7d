package simpay

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"ticketflow/internal/domain/money"
)

// plain has ordinary spaces.
func plain(s string) string { return strings.ReplaceAll(s, noBreakSpace, " ") }

func TestPageStates(t *testing.T) {
	clock := newHandClock()
	r := newRig(t, clock)
	open, paid := r.begin("ord_1:1", 4900), r.begin("ord_2:1", 4900)
	declined := r.begin("ord_3:1", 5)
	r.decide(paid, "paid")
	r.decide(declined, "declined")
	if _, err := r.gateway.Refund(t.Context(), "ord_2:1", "ref_1", euros(t, 900)); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		address string
		status  int
		has     []string
		hasNot  []string
	}{
		"open": {open, 200, []string{"no real money moves", "EUR 49.00", "K7F-2QX9", `value="paid"`,
			`value="declined"`, "http://box.example/orders/ord_1?token=abc"}, []string{"spy_"}},
		"paid": {paid, 200, []string{"Paid", "EUR 49.00", "spy_", "EUR 9.00",
			"Back to box.example"}, []string{"<form", "<button"}},
		"declined": {declined, 200, []string{"Declined", "EUR 0.05", "Nothing was charged"},
			[]string{"<form"}},
		"bad": {open + "A", 404, []string{"not valid"}, []string{"<form", "EUR"}},
	} {
		status, header, body := r.page(tt.address)
		if status != tt.status || header.Get("Content-Type") != "text/html; charset=utf-8" {
			t.Errorf("%s: %d %v", name, status, header)
		}
		for _, s := range tt.has {
			if !strings.Contains(plain(body), s) {
				t.Errorf("%s: %q is missing in\n%s", name, s, body)
			}
		}
		for _, s := range append(tt.hasNot, "<script", " style=", "http-equiv") {
			if strings.Contains(body, s) {
				t.Errorf("%s: %q is there", name, s)
			}
		}
		csp := header.Get("Content-Security-Policy")
		if !strings.HasPrefix(csp, "default-src 'none'; style-src 'sha256-") ||
			strings.Contains(csp, "unsafe") || !strings.Contains(csp, "frame-ancestors 'none'") ||
			header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %v", name, header)
		}
		// The hash of the policy covers the style exactly as it was sent.
		style := body[strings.Index(body, "<style>")+7 : strings.Index(body, "</style>")]
		if style != pageStyle {
			t.Errorf("%s: the style was changed on its way", name)
		}
		if name != "bad" && !strings.Contains(csp, "form-action 'self' http://box.example;") {
			t.Errorf("%s: %s", name, csp)
		}
	}
}

func TestPageEscapes(t *testing.T) {
	r := newRig(t, WallClock{})
	q := request(t, "ord_1:1", 4900)
	q.Reference = `<b onclick="x">'&`
	q.ReturnURL = `http://box.example/"><b>?a='<b>'`
	page, err := r.gateway.Begin(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	_, _, body := r.page(page.URL)
	if strings.Contains(body, "<b>") || strings.Contains(body, "<b ") ||
		!strings.Contains(body, "&lt;b onclick") {
		t.Error(body)
	}
	if status, _ := r.press(page.URL, "paid"); status != http.StatusSeeOther {
		t.Errorf("status %d", status)
	}
}

func TestWithoutAWayBackThePageIsShown(t *testing.T) {
	r := newRig(t, WallClock{})
	q := request(t, "ord_1:1", 4900)
	q.ReturnURL = ""
	page, err := r.gateway.Begin(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	status, header := r.press(page.URL, "declined")
	if r.web.URL+header.Get("Location") != page.URL {
		t.Errorf("%d to %q", status, header.Get("Location"))
	}
	if _, _, body := r.page(page.URL); !strings.Contains(body, "Declined") ||
		strings.Contains(body, "<a ") {
		t.Error(body)
	}
	status, header = r.press(page.URL, "perhaps")
	if status != http.StatusBadRequest ||
		!strings.HasPrefix(header.Get("Content-Type"), "text/html") {
		t.Errorf("a bad choice: %d %v", status, header)
	}
}

func TestOtherMethodsAndPaths(t *testing.T) {
	r := newRig(t, WallClock{})
	page := r.begin("ord_1:1", 4900)
	q, err := http.NewRequest(http.MethodDelete, page, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := r.client.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("DELETE: %d", resp.StatusCode)
	}
	for _, path := range []string{"/simpay/", "/simpay/pay/", "/simpay/pay/a/b",
		"/simpay/v1/payments/"} {
		if status, _, _ := r.page(r.web.URL + path); status != http.StatusNotFound {
			t.Errorf("%s: %d", path, status)
		}
	}
}

func TestAmountsAsPeopleWriteThem(t *testing.T) {
	for _, tt := range []struct {
		minor    int64
		currency string
		want     string
	}{
		{4900, "EUR", "EUR 49.00"}, {5, "EUR", "EUR 0.05"}, {0, "USD", "USD 0.00"},
		{4900, "JPY", "JPY 4 900"}, {4900, "KWD", "KWD 4.900"}, {12, "TND", "TND 0.012"},
		{99_999, "EUR", "EUR 999.99"}, {123_456_789, "EUR", "EUR 1 234 567.89"},
		{0, "JPY", "JPY 0"}, {money.MaxMinor, "CHF", "CHF 10 000 000 000.00"},
	} {
		c, err := money.ParseCurrency(tt.currency)
		if err != nil {
			t.Fatal(err)
		}
		if got := formatAmount(tt.minor, c); plain(got) != tt.want {
			t.Errorf("%d %s: %q, want %q", tt.minor, tt.currency, got, tt.want)
		}
	}
}

func TestTheLinkOutlivesTheOrderOnly(t *testing.T) {
	v := invoice{Expires: 100}
	if v.expired(time.Unix(99, 0)) || !v.expired(time.Unix(100, 0)) {
		t.Error("the end of a link")
	}
}
