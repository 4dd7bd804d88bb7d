package notify_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"ticketflow/internal/app/board"
	"ticketflow/internal/app/command"
	"ticketflow/internal/app/notify"
	"ticketflow/internal/app/outbox"
	"ticketflow/internal/app/phrase"
	"ticketflow/internal/app/query"
	"ticketflow/internal/app/sheet"
	"ticketflow/internal/domain/admission"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/money"
	"ticketflow/internal/outbound/sqlite"
	"ticketflow/internal/outbound/ticketpdf"
)

const housePrice = 2_500

// house is a box office with one event on a real ledger, and a mail server that does as it is told.
type house struct {
	*testing.T
	now     func() time.Time
	later   time.Duration
	store   *sqlite.Store
	office  *command.Office
	event   catalog.EventID
	plan    *catalog.Plan
	planner *notify.Planner
	postman *notify.Postman
	writer  *notify.Writer
	server  *mailServer
}

// mailServer takes mails, or fails as often as it was told to.
type mailServer struct {
	mu    sync.Mutex
	fails []error
	mails []notify.Message
}

func (s *mailServer) Send(_ context.Context, m notify.Message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.fails) > 0 {
		err := s.fails[0]
		s.fails = s.fails[1:]
		return err
	}
	s.mails = append(s.mails, m)
	return nil
}

func open(t *testing.T, language phrase.Language) *house {
	t.Helper()
	begun := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	h := &house{T: t, server: &mailServer{}}
	h.now = func() time.Time { return begun.Add(h.later) }
	var err error
	h.store, err = sqlite.Open(h.Context(), h.TempDir(), sqlite.Options{Clock: h.now})
	h.check(err)
	h.Cleanup(func() { h.check(h.store.Close()) })
	h.plan, err = catalog.NewPlan(catalog.PlanSpec{Name: "Hall",
		Categories: []catalog.Category{{Name: "all"}},
		Sections: []catalog.SectionSpec{{Name: "Parkett", Category: "all",
			Rows: []catalog.RowSpec{{Label: "7", Seats: 20, To: catalog.Point{X: 900}}}}}})
	h.check(err)
	offers := query.NewOffers(h.store, func([]byte) (*catalog.Plan, error) { return h.plan, nil })
	boards := board.NewBoards(offers, h.now)
	desk := command.NewDesk(h.store, 1, boards.Changed)
	h.Cleanup(desk.Close)
	h.office = command.NewOffice(command.Config{Desk: desk, Offers: offers, Boards: boards,
		Bookings: h.store, Store: h.store, Clock: h.now, Random: rand.Reader,
		Secret: []byte("a secret")})
	h.event = h.sell()
	signer, err := admission.NewSigner(1, make([]byte, ed25519.SeedSize))
	h.check(err)
	printer, err := ticketpdf.New()
	h.check(err)
	h.writer = notify.NewWriter(notify.WriterConfig{Bookings: h.store, Offers: offers,
		Tokens: h.office, Signer: signer, Printer: printer, Clock: h.now, Language: language,
		Look: sheet.Look{Organisation: "Oper Graz"}, Site: "https://tickets.example.org"})
	quiet := slog.New(slog.DiscardHandler)
	h.planner = notify.NewPlanner(notify.PlannerConfig{Log: h.store, Queue: h.store,
		Paid: h.store, Leases: outbox.NewLocalLeases(h.now), Owner: "me", Clock: h.now,
		Logger: quiet})
	h.postman = notify.NewPostman(h.store, h.server, h.writer.Write, h.now, quiet)
	return h
}

func (h *house) check(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

func (h *house) sell() catalog.EventID {
	h.Helper()
	ctx, now := h.Context(), h.now()
	venue, err := h.office.CreateVenue(ctx, catalog.Venue{Name: "Opernhaus",
		Address: "Ring 1", City: "Graz", TimeZone: "Europe/Vienna"}, command.Idempotency{})
	h.check(err)
	plan, err := h.office.CreatePlan(ctx, venue, h.plan, []byte("a document"),
		command.Idempotency{})
	h.check(err)
	price, err := money.New(housePrice, money.Currency{'E', 'U', 'R'})
	h.check(err)
	event, err := h.office.CreateEvent(ctx, catalog.Event{Venue: venue, Plan: plan,
		Title: "Tosca <live>", TimeZone: "Europe/Vienna", StartsAt: now.Add(240 * time.Hour),
		DoorsAt: now.Add(239 * time.Hour),
		Terms: catalog.Terms{OpensAt: now, ClosesAt: now.Add(240 * time.Hour), MaxPerOrder: 10,
			HoldTime: time.Minute, PayTime: 5 * time.Minute},
		Tiers: []catalog.Tier{{Key: "all", Name: "All", Price: price}},
		Rules: []catalog.Rule{{Tier: "all", Categories: []string{"all"}}}},
		command.Idempotency{})
	h.check(err)
	h.check(h.office.PublishEvent(ctx, event))
	return event
}

// order places an order of n places from first on, in no language.
func (h *house) order(first, n int) booking.Order {
	h.Helper()
	return h.orderIn("", first, n)
}

func (h *house) orderIn(language string, first, n int) booking.Order {
	h.Helper()
	var places []catalog.PlaceNo
	for i := range n {
		places = append(places, catalog.PlaceNo(first+i))
	}
	made, err := h.office.HoldPlaces(h.Context(), command.HoldWish{Event: h.event, Places: places,
		Idempotency: command.Idempotency{Key: fmt.Sprint("hold ", first)}})
	h.check(err)
	ordered, err := h.office.PlaceOrder(h.Context(), command.OrderWish{Hold: made.Hold.ID,
		Buyer: booking.Buyer{Name: "Łucja {link}", Language: language,
			Email: fmt.Sprintf("b%d@example.org", first)},
		Idempotency: command.Idempotency{Key: fmt.Sprint("order ", first)}})
	h.check(err)
	return ordered.Order
}

// take holds a place for somebody else.
func (h *house) take(place catalog.PlaceNo) {
	h.Helper()
	_, err := h.office.HoldPlaces(h.Context(), command.HoldWish{Event: h.event,
		Places: []catalog.PlaceNo{place}, Idempotency: command.Idempotency{Key: "somebody else"}})
	h.check(err)
}

func (h *house) pay(o booking.Order) {
	h.Helper()
	_, err := h.office.RecordPayment(h.Context(), command.Paid{Order: o.ID, Provider: "bank",
		Transaction: "t " + o.ID.String(), Notice: "n " + o.ID.String(), Amount: o.Total})
	h.check(err)
}

func (h *house) tickets(o booking.Order) []booking.Ticket {
	h.Helper()
	_, tickets, err := h.store.OrderTickets(h.Context(), o.ID)
	h.check(err)
	return tickets
}

// mails plans and sends all that is due, and returns what has arrived since.
func (h *house) mails() []notify.Message {
	h.Helper()
	for {
		more, err := h.planner.Plan(h.Context())
		h.check(err)
		if !more {
			break
		}
	}
	for {
		n, err := h.postman.Deliver(h.Context())
		h.check(err)
		if n == 0 {
			break
		}
	}
	h.server.mu.Lock()
	defer h.server.mu.Unlock()
	arrived := h.server.mails
	h.server.mails = nil
	return arrived
}
