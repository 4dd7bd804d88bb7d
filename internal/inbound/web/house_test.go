package web_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"ticketflow/internal/app/board"
	"ticketflow/internal/app/command"
	"ticketflow/internal/app/demo"
	"ticketflow/internal/app/planfile"
	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/money"
	"ticketflow/internal/inbound/edge"
	"ticketflow/internal/inbound/web"
	"ticketflow/internal/inbound/web/brand"
	"ticketflow/internal/outbound/sqlite"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	hallPlaces = 200
	publicURL  = "https://tickets.example.org"
)

// clock is a clock that a test turns.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) set(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = now
}

func (c *clock) add(d time.Duration) { c.set(c.Now().Add(d)) }

// house is a box office on a ledger of its own with the pages before it.
type house struct {
	tb     testing.TB
	clock  *clock
	store  *sqlite.Store
	office *command.Office
	offers *query.Offers
	boards *board.Boards
	views  *query.Views
	mux    *edge.Mux
	server *httptest.Server
	venue  catalog.VenueID
	plan   catalog.PlanID
	hall   *catalog.Plan
}

// open opens a house with a venue and a plan and without events.
func open(tb testing.TB, adjust ...func(*web.Config)) *house {
	tb.Helper()
	h := &house{tb: tb, clock: &clock{now: time.Date(2026, 9, 12, 10, 0, 0, 0, time.UTC)}}
	store, err := sqlite.Open(tb.Context(), tb.TempDir(), sqlite.Options{Clock: h.clock.Now})
	h.must(err)
	h.store = store
	h.views = query.NewViews(store, store, nil, h.clock.Now)
	h.offers = query.NewOffers(h.views, planfile.DecodeJSON)
	h.boards = board.NewBoards(h.offers, h.clock.Now)
	desk := command.NewDesk(store, 1, func(book *booking.Book) {
		h.boards.Changed(book)
		h.views.Changed(book)
	})
	h.office = command.NewOffice(command.Config{Desk: desk, Offers: h.offers, Boards: h.boards,
		Bookings: store, Store: store, Once: store, Clock: h.clock.Now, Random: rand.Reader,
		Secret: []byte("a secret of these tests")})
	whose, err := brand.New(brand.Settings{Name: "The Opera & Co", Email: "box@opera.example"})
	h.must(err)
	log := slog.New(slog.DiscardHandler)
	c := web.Config{Office: h.office, Offers: h.offers, Boards: h.boards, Bookings: store,
		Shelf: h.views, Glances: query.NewGlances(h.offers, h.boards, h.clock.Now),
		Clock: h.clock.Now, Log: log, Brand: whose, PublicURL: publicURL}
	for _, a := range adjust {
		a(&c)
	}
	site, err := web.New(c)
	h.must(err)
	h.mux = edge.NewMux(edge.Config{Log: log, Metrics: prometheus.NewRegistry()})
	site.Add(h.mux)
	h.server = httptest.NewServer(h.mux)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { h.boards.Run(ctx) })
	tb.Cleanup(func() {
		cancel()
		running.Wait()
		h.server.Close()
		desk.Close()
		h.must(store.Close())
	})
	h.stage()
	return h
}

func (h *house) must(err error) {
	h.tb.Helper()
	if err != nil {
		h.tb.Fatal(err)
	}
}

// stage makes the venue and the plan.
func (h *house) stage() {
	h.tb.Helper()
	ctx := h.tb.Context()
	var err error
	h.venue, err = h.office.CreateVenue(ctx, catalog.Venue{Name: "Hall <1>", Address: "Ring 1",
		City: "Graz", Country: "AT", TimeZone: "Europe/Vienna"}, command.Idempotency{})
	h.must(err)
	h.hall, err = catalog.NewPlan(demo.Hall(hallPlaces))
	h.must(err)
	document, err := planfile.EncodeJSON(h.hall)
	h.must(err)
	h.plan, err = h.office.CreatePlan(ctx, h.venue, h.hall, document, command.Idempotency{})
	h.must(err)
}

// euros is an amount.
func (h *house) euros(cents int64) money.Money {
	h.tb.Helper()
	price, err := money.New(cents, money.Currency{'E', 'U', 'R'})
	h.must(err)
	return price
}

// show is an event in a month, on sale for an hour, at 49 euros a place.
func (h *house) show(title string) catalog.Event {
	h.tb.Helper()
	now := h.clock.Now()
	rule := catalog.Rule{Tier: "cat1"}
	for _, s := range h.hall.Sections() {
		rule.Sections = append(rule.Sections, s.Name)
	}
	return catalog.Event{Venue: h.venue, Plan: h.plan, Title: title, Kind: "opera",
		Description: "An opera & more.\nIn <two> acts.\n\nWith a break.",
		TimeZone:    "Europe/Vienna", StartsAt: now.AddDate(0, 1, 0),
		Terms: catalog.Terms{OpensAt: now.Add(-time.Hour), ClosesAt: now.AddDate(0, 1, 0),
			MaxPerOrder: 10, MaxPerBuyer: 20, HoldTime: 10 * time.Minute,
			PayTime: 20 * time.Minute, MaxExtensions: 2},
		Tiers: []catalog.Tier{{Key: "cat1", Name: "All seats", Price: h.euros(4900)}},
		Rules: []catalog.Rule{rule}}
}

// publish creates an event and publishes it.
func (h *house) publish(e catalog.Event) catalog.EventID {
	h.tb.Helper()
	id, err := h.office.CreateEvent(h.tb.Context(), e, command.Idempotency{})
	h.must(err)
	h.must(h.office.PublishEvent(h.tb.Context(), id))
	return id
}

// block takes places of an event out of the sale, from the first on.
func (h *house) block(id catalog.EventID, places int) {
	h.tb.Helper()
	all := make([]catalog.PlaceNo, places)
	for i := range all {
		all[i] = catalog.PlaceNo(i)
	}
	h.must(h.office.BlockPlaces(h.tb.Context(), id, all, false))
}

// reply is an answer, read.
type reply struct {
	status int
	header http.Header
	body   string
}

// get asks for a page as a browser does, without following to another; header is names and values.
func (h *house) get(path string, header ...string) reply {
	h.tb.Helper()
	r := httptest.NewRequestWithContext(h.tb.Context(), http.MethodGet, path, http.NoBody)
	r.Header.Set("Accept", "text/html")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.mux.ServeHTTP(w, r)
	body, err := io.ReadAll(w.Result().Body)
	h.must(err)
	return reply{w.Code, w.Header(), string(bytes.TrimSpace(body))}
}

// page is get for a page that must be there.
func (h *house) page(path string, header ...string) string {
	h.tb.Helper()
	r := h.get(path, header...)
	if r.status != http.StatusOK {
		h.tb.Fatalf("%s: status %d: %s", path, r.status, r.body)
	}
	return r.body
}
