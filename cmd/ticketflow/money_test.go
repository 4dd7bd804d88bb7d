package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

const moneyKey = "a-key-of-those-who-count-money"

// sellTo has a buyer pay for the two best places of an event.
func (p *program) sellTo(event, buyer string) soldOrder {
	p.t.Helper()
	hold := parse[soldOrder](p.t, p.ask(http.MethodPost, "/v1/events/"+event+"/holds",
		`{"best":{"count":2}}`, http.StatusCreated, "Idempotency-Key",
		"a-hold-of-the-buyer-"+buyer))
	body := fmt.Sprintf(`{"hold":%q,"hold_token":%q,`+
		`"buyer":{"name":"B","email":"%s@example.com"}}`, hold.ID, hold.Token, buyer)
	order := parse[soldOrder](p.t, p.ask(http.MethodPost, "/v1/orders", body,
		http.StatusCreated, "Idempotency-Key", "order-"+buyer))
	p.ask(http.MethodPost, order.Payment.URL, "outcome=paid", http.StatusOK, "Accept",
		"application/json", "Content-Type", "application/x-www-form-urlencoded")
	p.ask(http.MethodPost, "/v1/orders/"+order.ID+"/payment/check", "", http.StatusOK,
		"Order-Token", order.Token)
	return order
}

// asked is the command with a server.
func asked(t *testing.T, server string, args ...string) (string, error) {
	t.Helper()
	out, _, err := command(t, append(args, "--server", server)...)
	return out, err
}

// wantText looks for each text in what a command has printed.
func wantText(t *testing.T, out string, texts ...string) {
	t.Helper()
	flat := strings.Join(strings.Fields(out), " ")
	for _, text := range texts {
		if !strings.Contains(flat, text) {
			t.Errorf("it says nothing of %q:\n%s", text, out)
		}
	}
}

// TestMoneyOfARealServer sells, reconciles and states, and cancels and refunds the event.
func TestMoneyOfARealServer(t *testing.T) {
	t.Setenv("TICKETFLOW_API_KEY", moneyKey)
	server := serve(t, "--demo", "--data", t.TempDir())
	orders := []soldOrder{server.sellTo("evt_1", "a"), server.sellTo("evt_1", "b"),
		server.sellTo("evt_1", "c")}
	out, err := asked(t, server.url, "statement", "evt_1")
	if err != nil {
		t.Error(err)
	}
	wantText(t, out, "evt_1 CHF", "3 entries balanced", "chargebacks 0.00")
	out, err = asked(t, server.url, "payments", "reconcile")
	if err != nil {
		t.Error(err)
	}
	wantText(t, out, "simpay: the books are equal", "CHF gateway box office difference",
		"payments 3 3 0", "disputed 0.00 0.00 0.00")

	if _, err = asked(t, server.url, "refund-event", "--event", "evt_1"); err == nil ||
		!strings.Contains(err.Error(), "event_not_cancelled") {
		t.Errorf("refunding an event that takes place: %v", err)
	}
	organised(server, http.MethodPost, "/v1/events/evt_1/cancel")
	refundWithInterruption(t, server.url)
	for _, o := range orders {
		m := parse[struct{ Refunds []json.RawMessage }](t,
			organised(server, http.MethodGet, "/v1/orders/"+o.ID+"/payments"))
		if len(m.Refunds) != 1 {
			t.Errorf("%s has %d refunds", o.ID, len(m.Refunds))
		}
	}
	text := string(server.ask(http.MethodGet, "/metrics", "", http.StatusOK))
	for _, name := range []string{"kept_notices", "quarantined_payments", "failed_refunds",
		"waiting_refunds"} {
		if !strings.Contains(text, "ticketflow_money_"+name+" 0\n") {
			t.Errorf("there is no metric %s", name)
		}
	}
}

func organised(server *program, method, path string) []byte {
	return server.ask(method, path, "", http.StatusOK, "Authorization", "Bearer "+moneyKey)
}

// refundWithInterruption refunds one of three orders of evt_1, is told to stop, and goes on.
func refundWithInterruption(t *testing.T, server string) {
	t.Helper()
	to, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	proxy := httputil.NewSingleHostReverseProxy(to)
	proxy.ModifyResponse = func(r *http.Response) error {
		if strings.HasSuffix(r.Request.URL.Path, "/refunds") {
			interrupt() // Ctrl-C while the first page is on its way back
		}
		return nil
	}
	between := httptest.NewServer(proxy)
	defer between.Close()
	var printed, progress shared
	err = run(ctx, []string{"refund-event", "--event", "evt_1", "--rate", "1", "--json",
		"--server", between.URL}, streams{&printed, &progress})
	report := parse[refundReport](t, []byte(printed.String()))
	if !errors.Is(err, errBroken) || report.Finished || report.Orders != 1 ||
		!strings.Contains(report.Stopped, "again") ||
		!strings.Contains(progress.String(), "1 orders") {
		t.Errorf("interrupted: %v, %+v, %s", err, report, progress.String())
	}
	out, err := asked(t, server, "refund-event", "--event", "evt_1", "--rate", "200")
	if err != nil {
		t.Error(err)
	}
	wantText(t, out, "refunded orders 2", "refunded tickets 4", "ended finished")
	out, err = asked(t, server, "refund-event", "--event", "evt_1")
	if err != nil {
		t.Error(err)
	}
	wantText(t, out, "refunded orders 0", "ended finished")
}

// TestWhatIsNotThere, and who may not ask.
func TestWhatIsNotThere(t *testing.T) {
	t.Setenv("TICKETFLOW_API_KEY", moneyKey)
	server := serve(t, "--demo", "--data", t.TempDir())
	if out, err := asked(t, server.url, "payments", "open"); err != nil ||
		out != "Nothing is open.\n" {
		t.Errorf("open is %q, %v", out, err)
	}
	for _, args := range [][]string{{"payments", "return", "simpay", "none"},
		{"payments", "replay", "simpay", "none"}, {"statement", "evt_777"},
		{"payments", "reconcile", "none"}} {
		if _, err := asked(t, server.url, args...); err == nil ||
			!strings.Contains(err.Error(), "not_found") {
			t.Errorf("%v: %v", args, err)
		}
	}
	t.Setenv("TICKETFLOW_API_KEY", "a-key-of-somebody-else")
	if _, err := asked(t, server.url, "payments", "open"); err == nil ||
		!strings.Contains(err.Error(), "unauthenticated") {
		t.Errorf("with a wrong key: %v", err)
	}
}

// scripted is a box office that answers what a test wants.
type scripted struct {
	t       *testing.T
	answers map[string][]string // by method and path: JSON, the last one again and again
	asked   []string
	bodies  []string
}

func (s *scripted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	at := r.Method + " " + r.URL.EscapedPath()
	if r.Header.Get("Authorization") != "Bearer "+moneyKey {
		s.t.Errorf("%s came without the key", at)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil || len(body) > 0 && r.Header.Get("Content-Type") != "application/json" {
		s.t.Errorf("%s came with %q, %v", at, body, err)
	}
	s.asked, s.bodies = append(s.asked, at), append(s.bodies, string(body))
	list := s.answers[at]
	if len(list) == 0 {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	if len(list) > 1 {
		s.answers[at] = list[1:]
	}
	if status, text, odd := strings.Cut(list[0], "|"); odd {
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(map[string]int{"503": 503, "409": 409, "404": 404, "302": 302}[status])
		fmt.Fprint(w, text)
		return
	}
	fmt.Fprint(w, list[0])
}

func script(t *testing.T, answers map[string][]string) (*scripted, string) {
	t.Helper()
	t.Setenv("TICKETFLOW_API_KEY", moneyKey)
	s := &scripted{t: t, answers: answers}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return s, server.URL
}

// TestBooksThatDiffer ends with status 1.
func TestBooksThatDiffer(t *testing.T) {
	const differing = `{"provider":"simpay","equal":false,"repaired":2,` +
		`"books":[{"currency":"EUR","gateway":{` +
		`"payments":1201,"captured":14700050,"refunded":100,"disputed":0},` +
		`"office":{"payments":1200,"captured":14695150,"refunded":100,"disputed":5}}],` +
		`"differing":3,"differences":[{"transaction":"t\u001b[2J","key":"k",` +
		`"what":"odd\u001b[2J"}]}`
	_, url := script(t, map[string][]string{
		"POST /v1/payments/simpay/reconcile": {differing},
		"POST /v1/payments/stripe/reconcile": {`409|{"code":"reconciling","title":"Wait."}`},
		"POST /v1/payments/bank/reconcile":   {`{"provider":"bank","equal":true,"books":[]}`},
		"POST /v1/payments/desk/reconcile":   {`404|{"code":"no_statement","title":"None."}`},
		"GET /v1/payments/open":              {`{"providers":["bank","desk","simpay"]}`},
		"GET /v1/events/evt_1/statement": {`{"event":"evt_1","currencies":[{"currency":"JPY",` +
			`"entries":2,"sales":4900,"refunds":100,"chargebacks":5,"at_gateways":4901,` +
			`"balanced":false}]}`},
		"POST /v1/notices/simpay/a%2Fb/replay": {`{"result":"kept"}`, `{"result":"paid"}`,
			`{"result":"known"}`},
		"POST /v1/payments/simpay/t%201/return": {`{"use":"returned","refunded":` +
			`{"amount":4800,"currency":"EUR"}}`},
	})
	for _, args := range [][]string{{"simpay"}, {}} {
		out, err := asked(t, url, append([]string{"payments", "reconcile"}, args...)...)
		if !errors.Is(err, errBroken) {
			t.Errorf("different books: %v", err)
		}
		wantText(t, out, "simpay: THE BOOKS DIFFER", "payments 1,201 1,200 1",
			"captured 147,000.50 146,951.50 49.00", "disputed 0.00 0.05 -0.05",
			"3 payments differ, the first 1 are:", "2 payments or refunds were missing")
		if strings.Contains(out, "\x1b") {
			t.Errorf("a gateway's text reaches the terminal: %q", out)
		}
	}
	if _, err := asked(t, url, "payments", "reconcile", "stripe"); err == nil ||
		!strings.Contains(err.Error(), "Wait.") {
		t.Errorf("while the books are compared: %v", err)
	}
	out, err := asked(t, url, "statement", "evt_1")
	if !errors.Is(err, errBroken) {
		t.Errorf("a journal that doesn't balance: %v", err)
	}
	wantText(t, out, "sales 4,900 ", "refunds -100 ", "chargebacks -5 ",
		"at the gateways 4,901", "NOT BALANCED")
	out, err = asked(t, url, "payments", "replay", "simpay", "a/b")
	if wantText(t, out, "still can't be applied"); !errors.Is(err, errBroken) {
		t.Errorf("a message that is kept: %v", err)
	}
	out, err = asked(t, url, "payments", "replay", "simpay", "a/b")
	if wantText(t, out, "was applied: paid"); err != nil {
		t.Error(err)
	}
	out, err = asked(t, url, "payments", "replay", "simpay", "a/b")
	if wantText(t, out, "was applied before"); err != nil {
		t.Error(err)
	}
	out, err = asked(t, url, "payments", "return", "simpay", "t 1")
	if wantText(t, out, "48.00 EUR goes back"); err != nil {
		t.Error(err)
	}
}

// TestBooksThatAreMissing, or have little in them.
func TestBooksThatAreMissing(t *testing.T) {
	_, url := script(t, map[string][]string{
		"POST /v1/payments/desk/reconcile": {`404|{"code":"no_statement","title":"None."}`},
		"POST /v1/payments/bank/reconcile": {`{"provider":"bank","equal":false,"differing":1,` +
			`"differences":[{"transaction":"t","key":"k","what":"odd"}]}`},
		"GET /v1/payments/open":          {`{"providers":["desk"]}`},
		"GET /v1/events/evt_2/statement": {`{"event":"evt_2","currencies":[]}`},
	})
	for want, args := range map[string][]string{"None.": {"desk"}, "no gateway": {}} {
		_, err := asked(t, url, append([]string{"payments", "reconcile"}, args...)...)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want a word of %q", args, err, want)
		}
	}
	out, err := asked(t, url, "payments", "reconcile", "bank")
	if wantText(t, out, "1 payments differ: payment what differs t odd"); !errors.Is(err,
		errBroken) {
		t.Error(err)
	}
	out, err = asked(t, url, "statement", "evt_2")
	if wantText(t, out, "evt_2 has taken no money."); err != nil {
		t.Error(err)
	}
}

// TestOpenMoneyIsListed with what to do next.
func TestOpenMoneyIsListed(t *testing.T) {
	const at = `"at":"2026-09-12T10:00:00Z"`
	_, url := script(t, map[string][]string{"GET /v1/payments/open": {`{"providers":["simpay"],` +
		`"notices":[{"provider":"simpay","notice":"msg_1\u001b",` + at + `,"why":"odd",` +
		`"next":"Replay"}],` +
		`"quarantined":[{"provider":"simpay","transaction":"t1","order":"ord_1",` +
		`"amount":{"amount":4800,"currency":"EUR"},"next":"Return"}],` +
		`"failed":[{"id":"ref_1","amount":{"amount":100,"currency":"JPY"},"next":"Retry"}],` +
		`"waiting":[{"id":"ref_2","amount":{"amount":1,"currency":"KWD"},"next":"Wait"}],` +
		`"more":true}`}})
	out, err := asked(t, url, "payments", "open")
	if err != nil {
		t.Error(err)
	}
	wantText(t, out, "messages that can't be applied: 1",
		"2026-09-12 10:00:00 simpay msg_1\ufffd odd Replay", "simpay t1 for ord_1 48.00 EUR Return",
		"refunds that have failed: 1", "ref_1 100 JPY Retry",
		"refunds that wait for long: 1", "ref_2 0.001 KWD Wait", "There is more")
	text, err := asked(t, url, "payments", "open", "--json")
	if open := parse[openMoney](t, []byte(text)); err != nil || len(open.Failed) != 1 {
		t.Errorf("as JSON: %s, %v", text, err)
	}
}

// TestRefundsThroughTroubles: a page that fails is asked for again, from where the last one ended;
// what was refused for good ends the run with a report.
func TestRefundsThroughTroubles(t *testing.T) {
	const path = "POST /v1/events/evt_1/refunds"
	s, url := script(t, map[string][]string{
		"GET /v1/events/evt_1/sales": {`{"sold":4}`},
		path: {`{"done":[{"order":"o1","amount":{"amount":4900,"currency":"EUR"},"tickets":1}],` +
			`"next":"o1"}`, `503|{"code":"overloaded"}`,
			`{"done":[{"order":"o2","amount":{"amount":100,"currency":"USD"},"tickets":2}],` +
				`"left_alone":[{"order":"o3","tickets":1,"code":"already_admitted",` +
				`"text":"Used."}],"next":"o3"}`,
			`{"done":[],"failed":[{"order":"o4","tickets":1,"code":"x","text":"Odd."}]}`}})
	out, progress, err := command(t, "refund-event", "--event", "evt_1", "--rate", "1000",
		"--block", "--server", url)
	if !errors.Is(err, errBroken) { // an order has failed
		t.Error(err)
	}
	wantText(t, out, "refunded orders 2", "refunded tickets 3", "sum 49.00 EUR", "sum 1.00 USD",
		"left alone 1", "failed 1", "o3 1 Used.", "o4 1 Odd.", "ended finished")
	wantText(t, progress, "25 % 1 orders, 1 tickets refunded", "100 % 2 orders")
	first, next := `{"block":true,"limit":200}`, `{"after":"o1","block":true,"limit":200}`
	if !slices.Equal(s.bodies, []string{"", first, next, next,
		`{"after":"o3","block":true,"limit":200}`}) {
		t.Errorf("asked %q with %q", s.asked, s.bodies)
	}
	s.answers[path] = []string{`{"done":[],"next":"o1"}`, `409|{"code":"odd","title":"No."}`}
	out, err = asked(t, url, "refund-event", "--event", "evt_1", "--rate", "1000")
	wantText(t, out, "NOT FINISHED: the box office says: No. (odd)")
	if !errors.Is(err, errBroken) {
		t.Error(err)
	}
	out, err = asked(t, url, "refund-event", "--event", "evt_1") // it is refused at once
	if err == nil || errors.Is(err, errBroken) || out != "" {
		t.Errorf("nothing was begun: %v\n%s", err, out)
	}
	s.answers["GET /v1/events/evt_1/sales"] = []string{"302|"}
	if _, err = asked(t, url, "refund-event", "--event", "evt_1"); err == nil ||
		!strings.Contains(err.Error(), "302") {
		t.Errorf("sent elsewhere: %v", err)
	}
}

// TestHowLongToWait is what the server says, within reason.
func TestHowLongToWait(t *testing.T) {
	for said, want := range map[string]time.Duration{"": time.Second, "0": time.Second,
		"7": 7 * time.Second, "86400": time.Minute} {
		answer := &http.Response{StatusCode: http.StatusServiceUnavailable, Header: http.Header{}}
		answer.Header.Set("Retry-After", said)
		told, ok := errors.AsType[*refusal](refused(answer, nil))
		if !ok || told.after != want {
			t.Errorf("%q: %v, want %v", said, told.after, want)
		}
	}
}
