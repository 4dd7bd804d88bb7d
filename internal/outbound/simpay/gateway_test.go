package simpay

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/app/stdwebhook"
	"ticketflow/internal/domain/money"
)

// A wrong or missing answer is never taken for a no.
func TestAnswersOfTheSimulator(t *testing.T) {
	const paid = `{"key":"ord_1:1","payment":"spy_x","state":"paid","amount":4900,"currency":"EUR"`
	const refunded = `{"refund":"spy_x_r1","refund_key":"ref_1","payment":"spy_x",` +
		`"state":"refunded","currency":"EUR","amount":`
	problem := func(code string) string { return `{"code":"` + code + `"}` }
	for _, tt := range []struct {
		name         string
		status       int
		body         string
		look, refund error
	}{
		{"not found", 404, problem("payment_not_found"), payment.ErrNotFound, payment.ErrNotFound},
		{"over", 409, problem("refund_exceeds_payment"), payment.ErrOverRefund,
			payment.ErrOverRefund},
		{"reused", 409, problem("payment_key_reused"), payment.ErrKeyReused, payment.ErrKeyReused},
		{"bearer", 401, problem("bad_simpay_bearer"), payment.ErrRejected, payment.ErrRejected},
		{"refused", 422, problem("refund_refused"), payment.ErrRejected, payment.ErrRejected},
		{"someone else's 404", 404, "404 page not found", payment.ErrUnknownOutcome,
			payment.ErrUnknownOutcome},
		{"closing", 503, problem("simpay_closing"), payment.ErrUnknownOutcome,
			payment.ErrUnknownOutcome},
		{"outage", 502, "<html>", payment.ErrUnknownOutcome, payment.ErrUnknownOutcome},
		{"redirect", 307, "", payment.ErrUnknownOutcome, payment.ErrUnknownOutcome},
		{"half a body", 200, paid, payment.ErrUnknownOutcome, payment.ErrUnknownOutcome},
		{"nothing", 200, "", payment.ErrUnknownOutcome, payment.ErrUnknownOutcome},
		{"empty", 200, "{}", payment.ErrUnknownOutcome, payment.ErrUnknownOutcome},
		{"huge", 200, strings.Repeat(" ", maxAnswerBytes) + paid + "}", payment.ErrUnknownOutcome,
			payment.ErrUnknownOutcome},
		{"another's", 200, strings.Replace(paid, "ord_1", "ord_2", 1) + "}",
			payment.ErrUnknownOutcome, payment.ErrUnknownOutcome},
		{"new state", 200, strings.Replace(paid, "paid", "held", 1) + "}",
			payment.ErrUnknownOutcome, payment.ErrUnknownOutcome},
		{"paid", 200, paid + "}", nil, payment.ErrUnknownOutcome},
		{"refunded", 201, refunded + "100}", payment.ErrUnknownOutcome, nil},
		{"refunded otherwise", 200, refunded + "99}", payment.ErrUnknownOutcome,
			payment.ErrUnknownOutcome},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(tt.status)
			_, _ = w.Write([]byte(tt.body))
		}))
		g, err := NewGateway(server.URL, server.URL, testSecrets(t), time.Now)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := g.LookUp(t.Context(), "ord_1:1"); !errors.Is(err, tt.look) {
			t.Errorf("%s: look up %v, want %v", tt.name, err, tt.look)
		}
		_, err = g.Refund(t.Context(), "ord_1:1", "ref_1", euros(t, 100))
		if !errors.Is(err, tt.refund) {
			t.Errorf("%s: refund %v, want %v", tt.name, err, tt.refund)
		}
		g.Close()
		server.Close()
	}
}

func TestNoAnswer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g, err := NewGateway("http://pages.example",
		"http://"+listener.Addr().String(), testSecrets(t), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		_, _ = conn.Read(make([]byte, 1))
		cancel() // the caller gives up while the request is there
		_, _ = conn.Read(make([]byte, 4096))
		_ = conn.Close()
	}()
	_, err = g.Refund(ctx, "ord_1:1", "ref_1", euros(t, 1))
	if !errors.Is(err, payment.ErrUnknownOutcome) {
		t.Errorf("given up: %v", err)
	}
	_ = listener.Close()
	_, err = g.Refund(t.Context(), "ord_1:1", "ref_1", euros(t, 1))
	if !errors.Is(err, payment.ErrUnavailable) {
		t.Errorf("nobody there: %v", err)
	}
}

func TestTheAPINeedsItsSecret(t *testing.T) {
	r := newRig(t, WallClock{})
	r.decide(r.begin("ord_1:1", 4900), "paid")
	other, err := DeriveSecrets([]byte("another secret of the office"))
	if err != nil {
		t.Fatal(err)
	}
	g, err := NewGateway(r.web.URL, r.web.URL, other, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	if _, err := g.LookUp(t.Context(), "ord_1:1"); !errors.Is(err, payment.ErrRejected) {
		t.Error(err)
	}
	_, err = g.Refund(t.Context(), "ord_1:1", "ref_1", euros(t, 1))
	if !errors.Is(err, payment.ErrRejected) {
		t.Error(err)
	}
	if status, _, _ := r.page(r.web.URL + "/simpay/v1/payments/ord_1:1"); status != 401 {
		t.Errorf("without a header: %d", status)
	}
}

func TestReadNotice(t *testing.T) {
	clock := newHandClock()
	g, err := NewGateway("http://127.0.0.1", "http://127.0.0.1", testSecrets(t), clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	e := &entry{key: "ord_1:1", amount: euros(t, 4900), opened: payment.Paid,
		at: clock.Now().UnixMilli()}
	good := parcel{entry: e, change: &change{kind: refundSucceeded, amount: 100, at: e.at,
		refund: &refund{key: "ref_1", number: 2}}}
	headers := func(body []byte) map[string][]string {
		sign := testSecrets(t).webhook.AppendSignature(nil, "msg_1", clock.Now().Unix(), body)
		h := http.Header{}
		h.Set(stdwebhook.HeaderID, "msg_1")
		h.Set(stdwebhook.HeaderTimestamp, "1800000000")
		h.Set(stdwebhook.HeaderSignature, string(sign))
		return h
	}
	body := good.appendBody(nil)
	n, err := g.ReadNotice(headers(body), body, clock.Now())
	want := payment.Notice{Provider: Provider, NoticeID: "msg_1", Transaction: e.transaction(),
		Key: "ord_1:1", Subject: payment.OfRefund, State: payment.Refunded, Amount: euros(t, 100),
		Refund: e.transaction() + "_r2", RefundKey: "ref_1", At: clock.Now().UTC()}
	if err != nil || n != want {
		t.Errorf("%+v, want %+v, %v", n, want, err)
	}
	for name, bad := range map[string]string{
		"unknown type":       strings.Replace(string(body), "refund.succeeded", "refund.lost", 1),
		"odd refund key":     strings.Replace(string(body), `"ref_1"`, `"ref 1"`, 1),
		"dispute with a key": strings.Replace(string(body), "refund.succeeded", "dispute.won", 1),
		"no refund id":       strings.Replace(string(body), `"refund":"`, `"x":"`, 1),
		"payment of refund":  strings.Replace(string(body), "refund.succ", "payment.succ", 1),
		"negative":           strings.Replace(string(body), ":100,", ":-100,", 1),
		"fraction":           strings.Replace(string(body), ":100,", ":1.5,", 1),
		"overflow":           strings.Replace(string(body), ":100,", ":99999999999999999999,", 1),
		"currency":           strings.Replace(string(body), "EUR", "eur", 1),
		"transaction":        strings.Replace(string(body), "spy_0", "spy_O", 1),
		"key":                strings.Replace(string(body), "ord_1:1", "ord 1:1", 1),
		"half":               string(body[:len(body)-1]),
		"too long":           string(body) + strings.Repeat(" ", maxNoticeBytes),
		"not even an object": "[]",
	} {
		_, err := g.ReadNotice(headers([]byte(bad)), []byte(bad), clock.Now())
		if !errors.Is(err, payment.ErrNotice) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := g.ReadNotice(headers(body), append(body, ' '), clock.Now()); !errors.Is(err,
		payment.ErrNotice) {
		t.Errorf("altered: %v", err)
	}
	late := clock.Now().Add(stdwebhook.Tolerance + time.Second)
	if _, err := g.ReadNotice(headers(body), body, late); !errors.Is(err, payment.ErrNotice) {
		t.Errorf("stale: %v", err)
	}
	if _, err := g.ReadNotice(nil, body, late); !errors.Is(err, payment.ErrNotice) {
		t.Errorf("no headers: %v", err)
	}
}

// TestANoticeIsWhole: none is read that lacks a member, or has one that nobody sends.
func TestANoticeIsWhole(t *testing.T) {
	e := &entry{key: "ord_1:1", amount: euros(t, 4900), opened: payment.Paid,
		at: 1_800_000_000_123}
	whole := string(parcel{entry: e}.appendBody(nil))
	n, ok := parseNotice([]byte(whole))
	if !ok || n.At.UnixMilli() != e.at || n.Amount != e.amount {
		t.Fatalf("%s was read as %+v, %v", whole, n, ok)
	}
	for _, member := range []string{`"type":"payment.succeeded",`,
		`"timestamp":"2027-01-15T08:00:00.123Z",`, `"amount":4900,`,
		`"payment":"` + e.transaction() + `",`, `"key":"ord_1:1",`, `,"currency":"EUR"`} {
		less := strings.Replace(whole, member, "", 1)
		if _, ok := parseNotice([]byte(less)); ok || less == whole {
			t.Errorf("%s was read", less)
		}
	}
	tipped := strings.Replace(whole, `"amount"`, `"tip":1,"amount"`, 1)
	for _, body := range []string{tipped, whole + "x"} {
		if _, ok := parseNotice([]byte(body)); ok {
			t.Errorf("%s was read", body)
		}
	}
}

func FuzzNotice(f *testing.F) {
	currency, _ := money.ParseCurrency("EUR")
	amount, _ := money.New(4900, currency)
	e := &entry{key: "ord_1:1", amount: amount, opened: payment.Declined, at: 1_800_000_000_123}
	f.Add(parcel{entry: e}.appendBody(nil))
	for kind := range numberOfKinds {
		f.Add(parcel{entry: e, change: &change{kind: kind, amount: 1,
			refund: &refund{key: "r", number: 1}, dispute: &contest{number: 1}}}.appendBody(nil))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		n, ok := parseNotice(body)
		if ok && (!validKey(n.Key) || n.Amount.Minor() < 0 || n.State == payment.Unknown ||
			!strings.HasPrefix(n.Transaction, "spy_")) {
			t.Errorf("%q was read as %+v", body, n)
		}
	})
}
