package httpapi_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"ticketflow/internal/app/board"
	"ticketflow/internal/app/command"
	"ticketflow/internal/app/demo"
	"ticketflow/internal/app/payment"
	"ticketflow/internal/app/planfile"
	"ticketflow/internal/app/policy"
	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/admission"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/money"
	"ticketflow/internal/inbound/edge"
	"ticketflow/internal/inbound/httpapi"
	"ticketflow/internal/outbound/offline"
	"ticketflow/internal/outbound/sqlite"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	organiserKey = "the organiser's key of these tests"
	hallPlaces   = 200
)

// clock is a clock that a test turns.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 9, 12, 10, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// house is a whole box office on a ledger of its own, behind a real server, with one event on sale
// (a hall of hallPlaces seats) and one draft.
type house struct {
	tb     testing.TB
	clock  *clock
	till   *till
	store  *sqlite.Store
	office *command.Office
	offers *query.Offers
	boards *board.Boards
	signer *admission.Signer
	api    *httpapi.Server
	log    *bytes.Buffer
	ready  error
	url    string
	client *http.Client
	event  catalog.EventID
	draft  catalog.EventID
}

// config adjusts what a house is made of.
type config func(*httpapi.Config)

func open(tb testing.TB, adjust ...config) *house {
	tb.Helper()
	h := &house{tb: tb, clock: newClock(), till: newTill(tb), log: &bytes.Buffer{}}
	store, err := sqlite.Open(tb.Context(), tb.TempDir(), sqlite.Options{Clock: h.clock.Now})
	if err != nil {
		tb.Fatal(err)
	}
	h.store = store
	h.offers = query.NewOffers(store, planfile.DecodeJSON)
	h.boards = board.NewBoards(h.offers, h.clock.Now)
	desk := command.NewDesk(store, 1, h.boards.Changed)
	h.office = command.NewOffice(command.Config{Desk: desk, Offers: h.offers, Boards: h.boards,
		Bookings: store, Requests: store, Store: store, Once: store, Clock: h.clock.Now,
		Random: rand.Reader,
		Secret: []byte("a secret of these tests")})
	h.signer, err = admission.NewSigner(1, bytes.Repeat([]byte{7}, 32))
	if err != nil {
		tb.Fatal(err)
	}
	keyring, err := admission.NewKeyring(h.signer.Public())
	if err != nil {
		tb.Fatal(err)
	}
	counter, err := offline.New("Pay {amount} at the box office for {reference}.")
	if err != nil {
		tb.Fatal(err)
	}
	providers, err := payment.NewProviders("till",
		map[string]payment.Gateway{"till": h.till, offline.Provider: counter})
	if err != nil {
		tb.Fatal(err)
	}
	cashier := policy.NewCashier(h.office, providers, store, store, h.clock.Now,
		slog.New(slog.NewJSONHandler(h.log, nil)))
	c := httpapi.Config{Office: h.office, Offers: h.offers, Boards: h.boards, Bookings: store,
		Shelf: store, Sales: store, Vouchers: store, Providers: providers, Cashier: cashier,
		Money: query.NewFewReads(store), StaffMoney: query.NewFewReads(store),
		OpenMoney: store, Journal: store, Requests: store, Signer: h.signer,
		Keyring: keyring, Clock: h.clock.Now,
		Log:     slog.New(slog.NewJSONHandler(h.log, nil)),
		Metrics: prometheus.NewRegistry(), Ready: func() error { return h.ready },
		Organiser: edge.APIKey(edge.HashKey(organiserKey))}
	for _, a := range adjust {
		a(&c)
	}
	h.api = httpapi.New(c)
	server := httptest.NewServer(h.api)
	h.url, h.client = server.URL, server.Client()
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { h.boards.Run(ctx) })
	tb.Cleanup(func() {
		cancel()
		running.Wait()
		server.Close()
		desk.Close()
		if err := store.Close(); err != nil {
			tb.Error(err)
		}
	})
	h.stage()
	return h
}

// stage makes a venue, a plan, an event on sale and a draft.
func (h *house) stage() {
	h.tb.Helper()
	ctx := h.tb.Context()
	must := func(err error) {
		h.tb.Helper()
		if err != nil {
			h.tb.Fatal(err)
		}
	}
	venue, err := h.office.CreateVenue(ctx, catalog.Venue{Name: "Hall <1>", City: "Graz",
		Country: "AT", TimeZone: "Europe/Vienna"}, command.Idempotency{})
	must(err)
	plan, err := catalog.NewPlan(demo.Hall(hallPlaces))
	must(err)
	document, err := planfile.EncodeJSON(plan)
	must(err)
	id, err := h.office.CreatePlan(ctx, venue, plan, document, command.Idempotency{})
	must(err)
	h.event, err = h.office.CreateEvent(ctx, h.show(venue, id, plan), command.Idempotency{})
	must(err)
	must(h.office.PublishEvent(ctx, h.event))
	h.draft, err = h.office.CreateEvent(ctx, h.show(venue, id, plan), command.Idempotency{})
	must(err)
}

func (h *house) show(
	venue catalog.VenueID, id catalog.PlanID, plan *catalog.Plan,
) catalog.Event {
	price, err := money.New(4900, money.Currency{'E', 'U', 'R'})
	if err != nil {
		h.tb.Fatal(err)
	}
	now := h.clock.Now()
	e := catalog.Event{Venue: venue, Plan: id, Title: "Così fan tutte & more",
		Description: "An opera", TimeZone: "Europe/Vienna", StartsAt: now.AddDate(0, 1, 0),
		Terms: catalog.Terms{OpensAt: now.Add(-time.Hour), ClosesAt: now.AddDate(0, 1, 0),
			MaxPerOrder: 10, MaxPerBuyer: 20, HoldTime: 10 * time.Minute,
			PayTime: 20 * time.Minute, MaxExtensions: 2},
		Tiers: []catalog.Tier{{Key: "cat1", Name: "All seats", Price: price}}}
	rule := catalog.Rule{Tier: "cat1"}
	for _, s := range plan.Sections() {
		rule.Sections = append(rule.Sections, s.Name)
	}
	e.Rules = []catalog.Rule{rule}
	return e
}

// reply is an answer, read.
type reply struct {
	tb     testing.TB
	status int
	header http.Header
	body   []byte
}

// into reads the body as JSON.
func (r reply) into(v any) {
	r.tb.Helper()
	if err := json.Unmarshal(r.body, v); err != nil {
		r.tb.Fatalf("status %d, body %q: %v", r.status, r.body, err)
	}
}

// problem is the members of a problem document that tests look at.
type problem struct {
	Type, Title, Detail, Code, Field string
	Status                           int
	RequestID                        string `json:"request_id"`
	Taken                            []int
	Lost, Alone                      []httpapi.LostPlace
	Instead                          []httpapi.Place
	UsedAt                           time.Time `json:"used_at"`
	Gate                             string
	Errors                           []httpapi.Defect
}

// want checks the status, and for a refusal the code; it returns the problem.
func (r reply) want(status int, code string) (p problem) {
	r.tb.Helper()
	if r.status != status {
		r.tb.Fatalf("got status %d with %s, want %d %s", r.status, r.body, status, code)
	}
	if code == "" {
		return p
	}
	r.into(&p)
	if kind := r.header.Get("Content-Type"); kind != edge.ProblemType {
		r.tb.Errorf("a refusal came as %q", kind)
	}
	if p.Code != code || p.Status != status || p.Title == "" || p.RequestID == "" {
		r.tb.Fatalf("got the problem %s, want the code %s", r.body, code)
	}
	return p
}

// send sends a request and reads the answer.
func (h *house) send(req *http.Request) reply {
	h.tb.Helper()
	res, err := h.client.Do(req)
	if err != nil {
		h.tb.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		h.tb.Fatal(err)
	}
	return reply{h.tb, res.StatusCode, res.Header, body}
}

// call sends method, path, an optional body and pairs of header names and values.
func (h *house) call(method, path, body string, header ...string) reply {
	h.tb.Helper()
	req, err := http.NewRequest(method, h.url+path, strings.NewReader(body))
	if err != nil {
		h.tb.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	if key := req.Header.Get("Idempotency-Key"); key != "" && len(key) < 16 {
		req.Header.Set("Idempotency-Key", key+" of a test's guest") // tests may be brief
	}
	return h.send(req)
}

// asOrganiser is call with the organiser's key.
func (h *house) asOrganiser(method, path, body string, header ...string) reply {
	h.tb.Helper()
	return h.call(method, path, body,
		append([]string{"Authorization", "Bearer " + organiserKey}, header...)...)
}
