package simpay

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/domain/money"
)

func sampleInvoice(t testing.TB) invoice {
	t.Helper()
	r := request(t, "ord_0000000000000000000000000000000000000000000:1", 4900)
	return invoice{Key: r.Key, Amount: r.Amount, Reference: r.Reference, ReturnURL: r.ReturnURL,
		Expires: 1_900_000_000}
}

func TestLinkRoundTrip(t *testing.T) {
	const returns = `(https?://[a-z0-9.-]{1,40}(:[0-9]{1,5})?(/[!-~]{0,300})?)?`
	s := newSealer(testSecrets(t).link)
	rapid.Check(t, func(rt *rapid.T) {
		currency, err := money.ParseCurrency(rapid.StringMatching(`[A-Z]{3}`).Draw(rt, "currency"))
		if err != nil {
			rt.Fatal(err)
		}
		amount, err := money.New(rapid.Int64Range(1, money.MaxMinor).Draw(rt, "minor"), currency)
		if err != nil {
			rt.Fatal(err)
		}
		want := invoice{Amount: amount,
			Key:       rapid.StringMatching(`[A-Za-z0-9_][A-Za-z0-9_.:-]{0,95}`).Draw(rt, "key"),
			Reference: rapid.StringMatching(`[A-Z0-9 äß€-]{0,20}`).Draw(rt, "reference"),
			ReturnURL: rapid.StringMatching(returns).
				Filter(func(u string) bool { return !strings.Contains(u, `\`) }).Draw(rt, "return"),
			Expires: rapid.Uint32().Draw(rt, "expires"),
		}
		if err := checkInvoice(want); err != nil {
			rt.Fatal(err)
		}
		link := string(s.appendLink(nil, want))
		if len(link) > maxLinkChars {
			rt.Fatalf("%d characters", len(link))
		}
		if got, err := s.open(link); err != nil || got != want {
			rt.Fatalf("%+v, want %+v, %v", got, want, err)
		}
	})
}

func TestAlteredLinksAreRefused(t *testing.T) {
	s := newSealer(testSecrets(t).link)
	link := string(s.appendLink(nil, sampleInvoice(t)))
	refused := func(altered string) {
		t.Helper()
		if _, err := s.open(altered); !errors.Is(err, ErrLink) {
			t.Errorf("%q is accepted", altered)
		}
	}
	raw, err := base64.RawURLEncoding.DecodeString(link)
	if err != nil {
		t.Fatal(err)
	}
	for bit := range len(raw) * 8 {
		raw[bit/8] ^= 1 << (bit % 8)
		refused(base64.RawURLEncoding.EncodeToString(raw))
		raw[bit/8] ^= 1 << (bit % 8)
	}
	for i := range len(link) {
		for bit := range 8 {
			changed := []byte(link)
			changed[i] ^= 1 << bit
			refused(string(changed))
		}
		refused(link[:i])
		refused(link[:i] + "\n" + link[i:])
	}
	for _, altered := range []string{link + "=", link + "A", link + "\r\n", "", strings.Repeat("A",
		maxLinkChars), strings.Repeat("A", maxLinkChars+1)} {
		refused(altered)
	}
	other, err := DeriveSecrets([]byte("another secret of the office"))
	if err != nil {
		t.Fatal(err)
	}
	refused(string(newSealer(other.link).appendLink(nil, sampleInvoice(t))))
}

func TestAlteredLinksOverHTTP(t *testing.T) {
	r := newRig(t, WallClock{})
	page := r.begin("ord_1:1", 4900)
	link := strings.LastIndex(page, "/") + 1
	for i := link; i < len(page); i++ {
		other := byte('A')
		if page[i] == 'A' {
			other = 'B'
		}
		altered := page[:i] + string(other) + page[i+1:]
		if status, answer := r.decide(altered, "paid"); status != 404 {
			t.Errorf("%s: %d %v", altered, status, answer)
		}
	}
	r.noMoreNotices()
	if status, _ := r.decide(page, "paid"); status != 200 {
		t.Errorf("the control is refused: %d", status)
	}
}

func TestExpiredLink(t *testing.T) {
	clock := newHandClock()
	r := newRig(t, clock)
	open, paid := r.begin("ord_1:1", 4900), r.begin("ord_2:1", 4900)
	r.decide(paid, "paid")
	clock.advance(linkLife - time.Second)
	if status, _, body := r.page(open); status != 200 || !strings.Contains(body, "<form") {
		t.Errorf("a second before: %d", status)
	}
	clock.advance(time.Second)
	if status, _, body := r.page(open); status != 410 || strings.Contains(body, "<form") {
		t.Errorf("after the end: %d", status)
	}
	if status, answer := r.decide(open, "paid"); status != 410 ||
		answer["code"] != "payment_link_expired" {
		t.Errorf("%d %v", status, answer)
	}
	if status, answer := r.decide(paid, "paid"); status != 200 || answer["state"] != "paid" {
		t.Errorf("what was paid in time: %d %v", status, answer)
	}
}

func TestBeginRefusesWhatCannotBePaid(t *testing.T) {
	g, err := NewGateway("https://pay.example", "https://pay.example", testSecrets(t), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*payment.Request){
		"no key":            func(r *payment.Request) { r.Key = "" },
		"long key":          func(r *payment.Request) { r.Key = strings.Repeat("k", 97) },
		"key with a tab":    func(r *payment.Request) { r.Key = "a\tb" },
		"key with a quote":  func(r *payment.Request) { r.Key = `a"b` },
		"key is a step":     func(r *payment.Request) { r.Key = ".." },
		"nothing to pay":    func(r *payment.Request) { r.Amount = money.Money{} },
		"control character": func(r *payment.Request) { r.Reference = "K7F\n" },
		"long reference":    func(r *payment.Request) { r.Reference = strings.Repeat("x", 65) },
		"broken reference":  func(r *payment.Request) { r.Reference = "\xff" },
		"script":            func(r *payment.Request) { r.ReturnURL = "javascript:alert(1)" },
		"relative":          func(r *payment.Request) { r.ReturnURL = "/orders" },
		"no host":           func(r *payment.Request) { r.ReturnURL = "http:///orders" },
		"user name":         func(r *payment.Request) { r.ReturnURL = "http://bank.example@evil/" },
		"directive":         func(r *payment.Request) { r.ReturnURL = "http://a;script-src/" },
		"line break":        func(r *payment.Request) { r.ReturnURL = "http://a/\r\nX: y" },
		"backslash":         func(r *payment.Request) { r.ReturnURL = `http://a\b/` },
		"long return": func(r *payment.Request) {
			r.ReturnURL = "http://a/" + strings.Repeat("x", maxReturnURLBytes)
		},
	} {
		r := request(t, "ord_1:1", 4900)
		change(&r)
		if _, err := g.Begin(t.Context(), r); !errors.Is(err, payment.ErrRejected) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, base := range []string{"", "/", "ftp://x", "http://", "http://x/y", "http://a@b"} {
		if _, err := NewGateway(base, base, testSecrets(t), time.Now); !errors.Is(err, ErrOptions) {
			t.Errorf("base %q: %v", base, err)
		}
	}
}

func FuzzLink(f *testing.F) {
	s := newSealer(testSecrets(f).link)
	f.Add(s.appendLink(nil, sampleInvoice(f)), false)
	raw, _ := base64.RawURLEncoding.DecodeString(string(s.appendLink(nil, sampleInvoice(f))))
	f.Add(raw[tagBytes:], true)
	f.Fuzz(func(t *testing.T, data []byte, sign bool) {
		link := string(data)
		if sign {
			// Looks behind the seal: whatever the office might have sealed is read in one way only.
			w := s.macs.New().(*sealing)
			link = base64.RawURLEncoding.EncodeToString(append(
				append([]byte{}, w.tag(data)...), data...))
		}
		v, err := s.open(link)
		if err == nil && checkInvoice(v) != nil {
			t.Errorf("%q opened as %+v", link, v)
		}
		if err == nil && !sign && string(s.appendLink(nil, v)) != link {
			t.Errorf("%q is another spelling", link)
		}
	})
}
