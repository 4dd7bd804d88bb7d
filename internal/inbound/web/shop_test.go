package web_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"ticketflow/internal/app/board"
	"ticketflow/internal/app/command"
	"ticketflow/internal/app/demo"
	"ticketflow/internal/app/payment"
	"ticketflow/internal/app/planfile"
	"ticketflow/internal/app/policy"
	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/admission"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/money"
	"ticketflow/internal/domain/pricing"
	"ticketflow/internal/inbound/edge"
	"ticketflow/internal/inbound/web"
	"ticketflow/internal/inbound/web/brand"
	"ticketflow/internal/outbound/sqlite"
	"ticketflow/internal/outbound/ticketpdf"
	"ticketflow/internal/testservers/visitor"
)

// shop is a box office whose time a test turns and whose bank says what a test wants.
type shop struct {
	t       *testing.T
	store   *sqlite.Store
	desk    *command.Desk
	office  *command.Office
	cashier *policy.Cashier
	sweeper *policy.Sweeper
	bank    *bank
	ledger  *ledger
	url     string
	event   catalog.EventID

	mu  sync.Mutex
	now time.Time
}

func (s *shop) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// wait lets time pass, and what is due happen.
func (s *shop) wait(d time.Duration) {
	s.t.Helper()
	s.mu.Lock()
	s.now = s.now.Add(d)
	s.mu.Unlock()
	s.must(s.sweeper.Sweep(s.t.Context()))
}

func (s *shop) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// bank is a gateway: it says of an attempt what a test has told it.
type bank struct {
	payment.Gateway // of the rest nothing is wanted

	mu    sync.Mutex
	down  bool
	asked int // questions about a payment
	begun []payment.Request
	knows map[string]payment.Status
}

func (b *bank) Begin(_ context.Context, r payment.Request) (payment.Page, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.down {
		return payment.Page{}, payment.ErrUnavailable
	}
	b.begun = append(b.begun, r)
	return payment.Page{URL: r.ReturnURL + "?paying"}, nil // straight back, with nothing done
}

func (b *bank) LookUp(_ context.Context, key string) (payment.Status, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked++
	if b.down {
		return payment.Status{}, payment.ErrUnknownOutcome
	}
	if s, ok := b.knows[key]; ok {
		return s, nil
	}
	return payment.Status{}, payment.ErrNotFound
}

func (b *bank) Cancel(ctx context.Context, key string) (payment.Status, error) {
	s, err := b.LookUp(ctx, key)
	if errors.Is(err, payment.ErrNotFound) {
		return payment.Status{Key: key, State: payment.Declined}, nil
	}
	return s, err
}

func (b *bank) Refund(
	_ context.Context, _, key string, amount money.Money,
) (payment.RefundStatus, error) {
	return payment.RefundStatus{RefundKey: key, State: payment.Refunded, Amount: amount}, nil
}

// says makes the bank answer for the attempt that was begun last.
func (b *bank) says(state payment.State) {
	b.mu.Lock()
	defer b.mu.Unlock()
	last := b.begun[len(b.begun)-1]
	b.knows[last.Key] = payment.Status{Key: last.Key, State: state, Amount: last.Amount,
		Transaction: "tx " + last.Key}
}

// questions is how often the bank was asked about a payment.
func (b *bank) questions() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.asked
}

func (b *bank) breaks(down bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.down = down
}

// ledger fails after its next commit if a test says how.
type ledger struct {
	command.Ledger

	lost atomic.Pointer[error]
}

func (l *ledger) Update(
	ctx context.Context, keys *booking.Keys, decide func(*booking.Book) error,
) error {
	err := l.Ledger.Update(ctx, keys, decide)
	if lost := l.lost.Swap(nil); err == nil && lost != nil {
		return *lost
	}
	return err
}

func openShop(t *testing.T, adjust ...func(*catalog.Event)) *shop {
	t.Helper()
	return openShopWith(t, nil, adjust...)
}

// openShopWith opens a shop whose pages are set up otherwise; set may be nil.
func openShopWith(
	t *testing.T, set func(*web.Config), adjust ...func(*catalog.Event),
) *shop {
	t.Helper()
	s := &shop{t: t, bank: &bank{knows: map[string]payment.Status{}},
		now: time.Date(2026, 9, 12, 10, 0, 0, 0, time.UTC)}
	store, err := sqlite.Open(t.Context(), t.TempDir(), sqlite.Options{Clock: s.clock})
	s.must(err)
	s.store = store
	offers := query.NewOffers(store, planfile.DecodeJSON)
	boards := board.NewBoards(offers, s.clock)
	s.ledger = &ledger{Ledger: store}
	s.desk = command.NewDesk(s.ledger, 1, boards.Changed)
	s.office = command.NewOffice(command.Config{Desk: s.desk, Offers: offers, Boards: boards,
		Bookings: store, Requests: store, Store: store, Once: store,
		Clock: s.clock, Random: rand.Reader,
		Secret: []byte("a secret of these tests")})
	banks, err := payment.NewProviders("bank", map[string]payment.Gateway{"bank": s.bank})
	s.must(err)
	log := slog.New(slog.DiscardHandler)
	s.cashier = policy.NewCashier(s.office, banks, store, store, s.clock, log)
	s.sweeper = policy.NewSweeper(store, s.office, s.cashier, store, s.clock, log)
	mux := edge.NewMux(edge.Config{Log: log, Metrics: prometheus.NewRegistry()})
	server := httptest.NewServer(mux)
	whose, err := brand.New(brand.Settings{Name: "Playhouse"})
	s.must(err)
	signer, err := admission.NewSigner(1, bytes.Repeat([]byte{7}, ed25519.SeedSize))
	s.must(err)
	printer, err := ticketpdf.New()
	s.must(err)
	config := web.Config{Office: s.office, Offers: offers, Boards: boards,
		Requests: store, Signer: signer, Printer: printer,
		Bookings: store, Shelf: store, Glances: query.NewGlances(offers, boards, s.clock),
		Vouchers: store, Books: query.NewFewReads(store), Gateways: banks,
		Cashier: s.cashier, Clock: s.clock, Random: rand.Reader, Log: log,
		Brand: whose, Kinds: store, PublicURL: server.URL, Mails: true}
	if set != nil {
		set(&config)
	}
	site, err := web.New(config)
	s.must(err)
	site.Add(mux)
	s.url = server.URL
	t.Cleanup(func() {
		server.Close()
		s.desk.Close()
		boards.Close()
		s.must(store.Close())
	})
	s.stage(adjust)
	return s
}

// stage makes an event on sale: fifty seats at € 49 with a fee of € 2 each.
func (s *shop) stage(adjust []func(*catalog.Event)) {
	s.t.Helper()
	ctx := s.t.Context()
	venue, err := s.office.CreateVenue(ctx, catalog.Venue{Name: "Hall", City: "Graz",
		Country: "AT", TimeZone: "Europe/Vienna"}, command.Idempotency{})
	s.must(err)
	plan, err := catalog.NewPlan(demo.Hall(50))
	s.must(err)
	document, err := planfile.EncodeJSON(plan)
	s.must(err)
	id, err := s.office.CreatePlan(ctx, venue, plan, document, command.Idempotency{})
	s.must(err)
	price, err := money.New(4900, money.Currency{'E', 'U', 'R'})
	s.must(err)
	e := catalog.Event{Venue: venue, Plan: id, Title: "Così <fan> tutte",
		TimeZone: "Europe/Vienna", StartsAt: s.now.AddDate(0, 1, 0),
		Terms: catalog.Terms{OpensAt: s.now.Add(-time.Hour), ClosesAt: s.now.AddDate(0, 1, 0),
			MaxPerOrder: 10, MaxPerBuyer: 6, HoldTime: 10 * time.Minute,
			PayTime: 20 * time.Minute, MaxExtensions: 2, NoOrphans: true},
		Tiers:   []catalog.Tier{{Key: "cat1", Name: "All seats", Price: price}},
		Pricing: pricing.Rules{TicketFee: pricing.Fee{Name: "Service fee", Fixed: 200}}}
	rule := catalog.Rule{Tier: "cat1"}
	for _, section := range plan.Sections() {
		rule.Sections = append(rule.Sections, section.Name)
	}
	e.Rules = []catalog.Rule{rule}
	for _, a := range adjust {
		a(&e)
	}
	s.event, err = s.office.CreateEvent(ctx, e, command.Idempotency{})
	s.must(err)
	s.must(s.office.PublishEvent(ctx, s.event))
}

// visit opens a page of the event in a new browser.
func (s *shop) visit(page string) *visitor.Visitor {
	s.t.Helper()
	return visitor.Open(s.t, s.url+"/events/"+s.event.String()+page)
}

// checkout is a visitor with two held places who has gone on.
func (s *shop) checkout() *visitor.Visitor {
	s.t.Helper()
	v := s.visit("/list")
	v.Press("Hold the best")
	v.Follow("Continue")
	v.Sees(http.StatusOK, "Checkout", "2 × € 49.00", "Service fee × 2", "€ 102.00")
	return v
}

// ordered is a visitor who has ordered two places and is back from the bank, where nothing was
// done.
func (s *shop) ordered() *visitor.Visitor {
	s.t.Helper()
	v := s.checkout()
	v.Press("Pay € 102.00", "name", "Ada", "email", "ada@example.org")
	v.Sees(http.StatusOK, "Not paid yet", "Pay € 102.00", "Nothing was charged")
	return v
}

// order is the order whose page a visitor sees.
func (s *shop) order(v *visitor.Visitor) booking.Order {
	s.t.Helper()
	id, err := booking.ParseOrderID(strings.TrimPrefix(v.At.Path, "/orders/"))
	s.must(err)
	o, err := s.store.Order(s.t.Context(), id)
	s.must(err)
	return o
}

// release gives back what a cookie holds.
func release(s *shop, cookie string) {
	s.t.Helper()
	name, _, _ := strings.Cut(cookie, ".")
	id, err := booking.ParseHoldID(name)
	s.must(err)
	s.must(s.office.ReleaseHold(s.t.Context(), id))
}
