package baseline_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"ticketflow/internal/baseline"
	"ticketflow/internal/testservers"
)

// shop is an open one behind HTTP. Its gateway trusts everybody: a notice is "order transaction".
type shop struct {
	*baseline.Shop

	t   *testing.T
	url string
}

var errNotice = errors.New("no notice")

// open makes a shop with locks in Redis.
func open(t *testing.T, database string, places int) *shop {
	t.Helper()
	return openWith(t, baseline.Options{DatabaseURL: database, RedisURL: testservers.Redis(t),
		Places: places})
}

func openWith(t *testing.T, o baseline.Options) *shop {
	t.Helper()
	s, err := baseline.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s.Handler(baseline.HandlerConfig{
		Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
		PaymentURL: func(_ context.Context, order string, cents int64) (string, error) {
			return fmt.Sprintf("http://pay.example/%s/%d", order, cents), nil
		},
		ReadNotice: func(_ http.Header, body []byte) (string, string, bool, error) {
			order, transaction, ok := strings.Cut(string(body), " ")
			if !ok {
				return "", "", false, errNotice
			}
			return order, transaction, true, nil
		},
	}))
	t.Cleanup(server.Close)
	return &shop{Shop: s, t: t, url: server.URL}
}

// said is what answers have in common.
type said struct {
	status  int
	ID      string                `json:"id"`
	Token   string                `json:"token"`
	Code    string                `json:"code"`
	Places  []struct{ Place int } `json:"places"`
	Payment struct{ URL string }  `json:"payment"`
	Total   struct{ Amount int }  `json:"total"`
	Tickets []struct {
		ID, Code, State string
		Place           int
	} `json:"tickets"`
}

// ask sends a request; headers are names and values in turn.
func (s *shop) ask(method, path, body string, headers ...string) (a said) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path,
		strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err == nil && len(raw) > 0 {
		err = json.Unmarshal(raw, &a)
	}
	if err != nil {
		s.t.Fatalf("%s %s: %v\n%s", method, path, err, raw)
	}
	a.status = answer.StatusCode
	return a
}

func (s *shop) hold(key, wish string) said {
	s.t.Helper()
	return s.ask(http.MethodPost, "/v1/events/evt_1/holds", wish, "Idempotency-Key", key)
}

func (s *shop) order(key string, hold said) said {
	s.t.Helper()
	return s.ask(http.MethodPost, "/v1/orders", fmt.Sprintf(`{"hold":%q,"hold_token":%q,
"buyer":{"name":"A. Buyer","email":"buyer@example.com"}}`, hold.ID, hold.Token),
		"Idempotency-Key", key)
}

func (s *shop) paid(order said) int {
	s.t.Helper()
	return s.ask(http.MethodPost, "/v1/webhooks/simpay", order.ID+" spy_1").status
}

func (s *shop) tickets(order said) said {
	s.t.Helper()
	return s.ask(http.MethodGet, "/v1/orders/"+order.ID+"/tickets", "", "Order-Token", order.Token)
}

// TestSale sells all of a hall of six, with what buyers do besides: they name places that are
// taken, click twice, and give back.
func TestSale(t *testing.T) {
	for _, locked := range []bool{true, false} {
		t.Run(fmt.Sprintf("locked %v", locked), func(t *testing.T) {
			o := baseline.Options{DatabaseURL: testservers.PostgreSQL(t), Places: 6}
			if locked {
				o.RedisURL = testservers.Redis(t)
			}
			sell(t, openWith(t, o))
		})
	}
}

func sell(t *testing.T, s *shop) {
	t.Helper()
	named := s.hold("a", `{"places":[3,2]}`)
	if named.status != http.StatusCreated || len(named.Places) != 2 ||
		named.Places[0].Place != 2 || named.Total.Amount != 9800 {
		t.Fatalf("named places: %+v", named)
	}
	if again := s.hold("a", `{"places":[3,2]}`); again.ID != named.ID {
		t.Errorf("the second click got another hold: %+v", again)
	}
	if late := s.hold("b", `{"places":[3]}`); late.status != http.StatusConflict ||
		late.Code != "place_taken" {
		t.Errorf("a place that is taken: %+v", late)
	}
	best := s.hold("c", `{"best":{"count":3}}`)
	if len(best.Places) != 3 || best.Places[2].Place != 4 {
		t.Errorf("the best of 0, 1, 4 and 5: %+v", best)
	}
	if most := s.hold("d", `{"best":{"count":2}}`); most.Code != "not_enough_places" {
		t.Errorf("two of one place: %+v", most)
	}
	if again := s.hold("c", `{"best":{"count":3}}`); again.ID != best.ID {
		t.Errorf("the second click got another hold: %+v", again)
	}
	if gone := s.ask(http.MethodDelete, "/v1/holds/"+best.ID, "", "Hold-Token", best.Token); gone.
		status != http.StatusNoContent {
		t.Errorf("a release: %+v", gone)
	}
	if late := s.order("e", best); late.Code != "hold_ended" {
		t.Errorf("an order for places that were given back: %+v", late)
	}
	s.sellOne(named, "f", 2)
	s.sellOne(s.hold("g", `{"best":{"count":4}}`), "h", 4)
	count, err := s.Close()
	if want := (baseline.Count{Places: 6, Sold: 6, Tickets: 6, Holders: 6}); err != nil ||
		count != want {
		t.Errorf("%+v, %v", count, err)
	}
}

// sellOne turns a hold into tickets.
func (s *shop) sellOne(hold said, key string, n int) {
	s.t.Helper()
	order := s.order(key, hold)
	if order.status != http.StatusCreated || !strings.Contains(order.Payment.URL, order.ID) {
		s.t.Fatalf("an order: %+v", order)
	}
	if again := s.order(key, hold); again.ID != order.ID || again.Token != order.Token {
		s.t.Errorf("the second click got another order: %+v", again)
	}
	if other := s.order(key+"2", hold); other.Code != "hold_ended" {
		s.t.Errorf("a second order for one hold: %+v", other)
	}
	if early := s.tickets(order); early.status != http.StatusOK || len(early.Tickets) != 0 {
		s.t.Errorf("tickets before the payment: %+v", early)
	}
	for range 2 { // news arrive more than once
		if status := s.paid(order); status != http.StatusNoContent {
			s.t.Errorf("the news of the payment: %d", status)
		}
	}
	tickets := s.tickets(order)
	if len(tickets.Tickets) != n || tickets.Tickets[0].State != "valid" {
		s.t.Errorf("tickets: %+v", tickets)
	}
	order.Token = "wrong"
	if foreign := s.tickets(order); foreign.status != http.StatusNotFound {
		s.t.Errorf("with a wrong token: %+v", foreign)
	}
}

// TestRace lets many buyers want the same places at once.
func TestRace(t *testing.T) {
	const buyers, places = 24, 10
	s := open(t, testservers.PostgreSQL(t), places)
	var racing sync.WaitGroup
	for i := range buyers {
		racing.Go(func() {
			wish := `{"best":{"count":1}}`
			if i%2 == 0 {
				wish = fmt.Sprintf(`{"places":[%d,%d]}`, (i+1)%places, i%places)
			}
			hold := s.hold(fmt.Sprint("hold", i), wish)
			if hold.status == http.StatusCreated {
				s.paid(s.order(fmt.Sprint("order", i), hold))
			} else if hold.status != http.StatusConflict {
				t.Errorf("%s: %+v", wish, hold)
			}
		})
	}
	racing.Wait()
	for i := range places {
		if hold := s.hold(fmt.Sprint("rest", i), `{"best":{"count":1}}`); hold.ID != "" {
			s.paid(s.order(fmt.Sprint("rest order", i), hold))
		}
	}
	if count, err := s.Close(); err != nil || count.Sold != places {
		t.Errorf("%+v, %v", count, err)
	}
}

func TestRefusals(t *testing.T) {
	s := open(t, testservers.PostgreSQL(t), 4)
	for _, test := range []struct{ key, wish, code string }{
		{"", `{"places":[1]}`, "idempotency_key_missing"},
		{"k", `{"places":`, "malformed_json"},
		{"k", `{"places":[]}`, "too_many_places"},
		{"k", `{"best":{"count":17}}`, "too_many_places"},
		{"k", `{"places":[4]}`, "place_taken"},
		{"k", strings.Repeat(" ", 1<<17), "body_too_large"},
	} {
		if a := s.hold(test.key, test.wish); a.Code != test.code {
			t.Errorf("%.40s: %+v", test.wish, a)
		}
	}
	if a := s.order("k", said{ID: "hld_none"}); a.Code != "hold_not_found" {
		t.Errorf("an order without a hold: %+v", a)
	}
	forged := s.ask(http.MethodPost, "/v1/webhooks/simpay", "forged")
	if forged.status != http.StatusUnauthorized {
		t.Errorf("a forged webhook: %+v", forged)
	}
	if count, err := s.Close(); err != nil || count.Sold != 0 {
		t.Errorf("%+v, %v", count, err)
	}
}

// TestSchema: what a killed rehearsal has left is made anew, what is somebody else's is left alone.
func TestSchema(t *testing.T) {
	ctx, database := t.Context(), testservers.PostgreSQL(t)
	o := baseline.Options{DatabaseURL: database, Places: 1}
	first, err := baseline.Open(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := baseline.Open(ctx, o); !errors.Is(err, baseline.ErrTaken) {
		t.Errorf("a second rehearsal at the same time: %v", err)
	}
	if _, err := first.Close(); err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(ctx, database)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(ctx) }()
	if _, err := conn.Exec(ctx, "CREATE SCHEMA baseline"); err != nil {
		t.Fatalf("the schema was not dropped: %v", err)
	}
	if _, err := baseline.Open(ctx, o); !errors.Is(err, baseline.ErrForeign) {
		t.Errorf("somebody else's schema: %v", err)
	}
	if _, err := conn.Exec(ctx, `COMMENT ON SCHEMA baseline IS
'made by a ticketflow rehearsal, dropped after it'`); err != nil {
		t.Fatal(err)
	}
	again, err := baseline.Open(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := again.Close(); err != nil {
		t.Error(err)
	}
}

func TestCountFindsWhatWasSoldTwice(t *testing.T) {
	for name, c := range map[string]baseline.Count{
		"two tickets for a place": {Places: 9, Sold: 3, Tickets: 4, Holders: 3},
		"sold without a ticket":   {Places: 9, Sold: 4, Tickets: 3, Holders: 3},
		"more than there are":     {Places: 2, Sold: 3, Tickets: 3, Holders: 3},
	} {
		if c.Check() == nil {
			t.Errorf("%s: nothing was found", name)
		}
	}
}
