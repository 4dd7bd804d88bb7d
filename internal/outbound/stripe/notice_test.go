package stripe

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v85/webhook"

	"ticketflow/internal/app/payment"
)

// at is when the recorded webhooks were signed.
var at = time.Unix(1_767_225_600, 0)

// recorded reads a webhook as Stripe sends it: the header, an empty line and the body.
func recorded(t *testing.T, name string) (http.Header, []byte) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name+".http"))
	if err != nil {
		t.Fatal(err)
	}
	head, body, ok := bytes.Cut(text, []byte("\n\n"))
	signature, found := bytes.CutPrefix(head, []byte("Stripe-Signature: "))
	if !ok || !found {
		t.Fatalf("%s is no recorded webhook", name)
	}
	return http.Header{"Stripe-Signature": {string(signature)}}, body
}

// sign makes the header of a body that isn't recorded.
func sign(body []byte, when time.Time, secret string) http.Header {
	signature := hex.EncodeToString(webhook.ComputeSignature(when, body, secret))
	return http.Header{"Stripe-Signature": {fmt.Sprintf("t=%d,v1=%s", when.Unix(), signature)}}
}

func TestRecordedNotices(t *testing.T) {
	const intent, order = "pi_3SkTicketFlow0001", "ord_00000081m2agyg80000z22at2f3rgbqh15d17hr:1"
	all := euros(t, 4900)
	wants := map[string]payment.Notice{
		"checkout.session.completed": {Key: order, Transaction: intent, State: payment.Paid,
			Amount: all},
		"checkout.session.completed_unpaid": {Key: order, Transaction: intent,
			State: payment.Pending, Amount: all},
		"checkout.session.async_payment_succeeded": {Key: order, Transaction: intent,
			State: payment.Paid, Amount: all},
		"checkout.session.async_payment_failed": {Key: order, Transaction: intent,
			State: payment.Declined, Amount: all},
		"checkout.session.expired": {Key: order, State: payment.Declined, Amount: all},
		"refund.created": {Subject: payment.OfRefund, Key: order, RefundKey: "ref_7",
			Refund: "re_3SkTicketFlow0001", Transaction: intent, State: payment.Pending,
			Amount: euros(t, 900)},
		"refund.updated": {Subject: payment.OfRefund, Key: order, RefundKey: "ref_7",
			Refund: "re_3SkTicketFlow0001", Transaction: intent, State: payment.Refunded,
			Amount: euros(t, 900)},
		"refund.failed": {Subject: payment.OfRefund, Key: order, RefundKey: "ref_7",
			Refund: "re_3SkTicketFlow0001", Transaction: intent, State: payment.Declined,
			Amount: euros(t, 900)},
		"refund.created_dashboard": {Subject: payment.OfRefund, Refund: "re_3SkTicketFlow0002",
			Transaction: intent, State: payment.Refunded, Amount: all},
		"charge.dispute.created": {Subject: payment.OfDispute, Refund: "du_1SkTicketFlow0001",
			Transaction: intent, State: payment.Disputed, Amount: all},
		"charge.dispute.closed_won": {Subject: payment.OfDispute,
			Refund: "du_1SkTicketFlow0001", Transaction: intent, State: payment.Declined,
			Amount: all},
		"charge.dispute.closed_lost": {Subject: payment.OfDispute,
			Refund: "du_1SkTicketFlow0001", Transaction: intent, State: payment.Disputed,
			Amount: all},
		"charge.dispute.created_part": {Subject: payment.OfDispute,
			Refund: "du_1SkTicketFlow0002", Transaction: intent, State: payment.Disputed,
			Amount: euros(t, 900)},
		"charge.dispute.funds_withdrawn": {Subject: payment.OfDispute,
			Refund: "du_1SkTicketFlow0003", Transaction: intent, State: payment.Disputed,
			Amount: euros(t, 700)},
		"charge.dispute.closed_part_won": {Subject: payment.OfDispute,
			Refund: "du_1SkTicketFlow0002", Transaction: intent, State: payment.Declined,
			Amount: euros(t, 900)},
		"charge.dispute.created_warning":    {},
		"checkout.session.completed_others": {},
		"customer.created":                  {},
	}
	files, err := filepath.Glob("testdata/*.http")
	if err != nil || len(files) != len(wants) {
		t.Errorf("%d recorded webhooks, %d wanted (%v)", len(files), len(wants), err)
	}
	g := newFake(t).gateway()
	for name, want := range wants {
		header, body := recorded(t, name)
		var envelope struct{ ID string }
		if err := json.Unmarshal(body, &envelope); err != nil {
			t.Fatal(err)
		}
		want.Provider, want.NoticeID, want.At = Provider, envelope.ID, at.Add(-time.Second)
		for range 2 { // a repetition says the same
			got, err := g.ReadNotice(header, body, at)
			if err != nil || got != want {
				t.Errorf("%s: %+v, %v, want %+v", name, got, err, want)
			}
		}
	}
}

// TestForgedNotices: what Stripe didn't sign, or not for us, or not now, is no notice.
func TestForgedNotices(t *testing.T) {
	g := newFake(t).gateway()
	header, body := recorded(t, "checkout.session.completed")
	change := func(old, replacement string) []byte {
		changed := strings.Replace(string(body), old, replacement, 1)
		if changed == string(body) {
			t.Fatalf("%s is not in the body", old)
		}
		return []byte(changed)
	}
	signed := func(body []byte) (http.Header, []byte, time.Time) {
		return sign(body, at, testSecret), body, at
	}
	for name, forge := range map[string]func() (http.Header, []byte, time.Time){
		"no signature": func() (http.Header, []byte, time.Time) { return nil, body, at },
		"a changed amount": func() (http.Header, []byte, time.Time) {
			return header, change(`"amount_total": 4900`, `"amount_total": 1`), at
		},
		"another secret": func() (http.Header, []byte, time.Time) {
			return sign(body, at, "whsec_other"), body, at
		},
		"too old": func() (http.Header, []byte, time.Time) {
			return header, body, at.Add(maxNoticeAge + time.Second)
		},
		"from the future": func() (http.Header, []byte, time.Time) {
			return header, body, at.Add(-maxNoticeAge - time.Second)
		},
		"two times": func() (http.Header, []byte, time.Time) {
			old := header.Get("Stripe-Signature")
			late := at.Add(time.Hour)
			return http.Header{"Stripe-Signature": {fmt.Sprintf("t=%d,%s", late.Unix(), old)}},
				body, late
		},
		"real money": func() (http.Header, []byte, time.Time) {
			return signed(change(`"livemode": false,
  "pending`, `"livemode": true,
  "pending`))
		},
		"somebody else's account": func() (http.Header, []byte, time.Time) {
			return signed(change(`"object": "event",`, `"object": "event", "account": "acct_1",`))
		},
		"no event": func() (http.Header, []byte, time.Time) {
			return signed(change(`"object": "event",`, `"object": "v2.core.event",`))
		},
		"no id": func() (http.Header, []byte, time.Time) {
			return signed(change(`"id": "evt_`, `"no": "evt_`))
		},
		"no payment": func() (http.Header, []byte, time.Time) {
			return signed(change(`"payment_intent": "pi_3SkTicketFlow0001"`,
				`"payment_intent": null`))
		},
		"no currency": func() (http.Header, []byte, time.Time) {
			return signed(change(`"currency": "eur"`, `"currency": null`))
		},
		"an amount in words": func() (http.Header, []byte, time.Time) {
			return signed(change(`"amount_total": 4900`, `"amount_total": "4900"`))
		},
		"nothing":   func() (http.Header, []byte, time.Time) { return signed(nil) },
		"no JSON":   func() (http.Header, []byte, time.Time) { return signed([]byte("{")) },
		"no object": func() (http.Header, []byte, time.Time) { return signed([]byte("{}")) },
	} {
		header, body, now := forge()
		if got, err := g.ReadNotice(header, body, now); !errors.Is(err, payment.ErrNotice) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// TestRolledSecret: while Stripe rolls the endpoint's secret it signs with both, so either works.
func TestRolledSecret(t *testing.T) {
	g := newFake(t).gateway()
	_, body := recorded(t, "checkout.session.completed")
	both := sign(body, at, "whsec_next").Get("Stripe-Signature") + "," + strings.TrimPrefix(
		sign(body, at, testSecret).Get("Stripe-Signature"), fmt.Sprintf("t=%d,", at.Unix()))
	got, err := g.ReadNotice(http.Header{"Stripe-Signature": {both}}, body, at)
	if err != nil || got.State != payment.Paid {
		t.Errorf("%+v, %v", got, err)
	}
}

// FuzzReadNotice: whatever is signed is read or refused.
func FuzzReadNotice(f *testing.F) {
	files, err := filepath.Glob("testdata/*.http")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		_, body, _ := bytes.Cut(text, []byte("\n\n"))
		f.Add(body)
	}
	g, err := New(Options{APIKey: testKey, WebhookSecret: testSecret, ReturnURL: returnURL})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		n, err := g.ReadNotice(sign(body, at, testSecret), body, at)
		switch {
		case err != nil && !errors.Is(err, payment.ErrNotice):
			t.Errorf("%v", err)
		case err == nil && (n.Provider != Provider || n.NoticeID == ""):
			t.Errorf("%+v", n)
		case err == nil && n.State == payment.Paid && (n.Key == "" || n.Transaction == "" ||
			n.Amount.Currency().String() == ""):
			t.Errorf("%+v", n)
		}
	})
}
