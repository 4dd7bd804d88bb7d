package policy_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"ticketflow/internal/app/board"
	"ticketflow/internal/app/command"
	"ticketflow/internal/app/outbox"
	"ticketflow/internal/app/payment"
	"ticketflow/internal/app/policy"
	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/fact"
	"ticketflow/internal/domain/money"
	"ticketflow/internal/outbound/sqlite"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	housePlaces = 1_100
	housePrice  = 2_500
	holdTime    = time.Minute
	payTime     = 5 * time.Minute
	provider    = "bank"
)

// house is a box office with one event on a real ledger, a clock that the test moves, and a gateway
// that does as it is told.
type house struct {
	*testing.T
	now     func() time.Time
	later   time.Duration
	store   *sqlite.Store
	desk    *command.Desk
	office  *command.Office
	gateway *gateway
	due     *due
	cashier *policy.Cashier
	sweeper *policy.Sweeper
	event   catalog.EventID
	plan    *catalog.Plan
}

func open(t *testing.T) *house {
	t.Helper()
	begun := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	h := &house{T: t, gateway: newGateway()}
	h.now = func() time.Time { return begun.Add(h.later) }
	h.build()
	return h
}

func (h *house) build() {
	h.Helper()
	var err error
	h.store, err = sqlite.Open(h.Context(), h.TempDir(), sqlite.Options{Clock: h.now})
	h.check(err)
	h.Cleanup(func() { h.check(h.store.Close()) })
	h.plan, err = catalog.NewPlan(catalog.PlanSpec{Name: "Field",
		Categories: []catalog.Category{{Name: "all"}},
		Sections: []catalog.SectionSpec{{Name: "Field", Category: "all", Standing: housePlaces,
			Outline: []catalog.Point{{X: 0, Y: 100}, {X: 900, Y: 100}, {X: 900, Y: 900}}}}})
	h.check(err)
	offers := query.NewOffers(h.store, func([]byte) (*catalog.Plan, error) { return h.plan, nil })
	boards := board.NewBoards(offers, h.now)
	h.desk = command.NewDesk(h.store, 1, boards.Changed)
	h.Cleanup(h.desk.Close)
	h.office = command.NewOffice(command.Config{Desk: h.desk, Offers: offers, Boards: boards,
		Bookings: h.store, Store: h.store, Clock: h.now, Random: rand.Reader,
		Secret: []byte("a secret")})
	h.due = &due{Due: h.store}
	h.cashier = h.cashiers(h.now, slog.New(slog.DiscardHandler))
	h.sweeper = policy.NewSweeper(h.due, h.office, h.cashier, h.store, h.now,
		slog.New(slog.DiscardHandler))
	h.event = h.sell()
}

func (h *house) cashiers(now func() time.Time, logger *slog.Logger) *policy.Cashier {
	h.Helper()
	providers, err := payment.NewProviders(provider,
		map[string]payment.Gateway{provider: h.gateway})
	h.check(err)
	return policy.NewCashier(h.office, providers, h.store, h.store, now, logger)
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
	venue, err := h.office.CreateVenue(ctx, catalog.Venue{Name: "Field", City: "Graz",
		TimeZone: "UTC"}, command.Idempotency{})
	h.check(err)
	plan, err := h.office.CreatePlan(ctx, venue, h.plan, []byte("a document"),
		command.Idempotency{})
	h.check(err)
	price, err := money.New(housePrice, money.Currency{'E', 'U', 'R'})
	h.check(err)
	event, err := h.office.CreateEvent(ctx, catalog.Event{Venue: venue, Plan: plan,
		Title: "Concert", TimeZone: "UTC", StartsAt: now.Add(24 * time.Hour),
		Terms: catalog.Terms{OpensAt: now, ClosesAt: now.Add(24 * time.Hour), MaxPerOrder: 10,
			HoldTime: holdTime, PayTime: payTime},
		Tiers: []catalog.Tier{{Key: "all", Name: "All", Price: price}},
		Rules: []catalog.Rule{{Tier: "all", Categories: []string{"all"}}}},
		command.Idempotency{})
	h.check(err)
	h.check(h.office.PublishEvent(ctx, event))
	return event
}

func (h *house) hold(place int) booking.HoldID {
	h.Helper()
	made, err := h.office.HoldPlaces(h.Context(), command.HoldWish{Event: h.event,
		Places:      []catalog.PlaceNo{catalog.PlaceNo(place)},
		Idempotency: command.Idempotency{Key: fmt.Sprint("hold ", place)}})
	h.check(err)
	return made.Hold.ID
}

func (h *house) order(place int) booking.OrderID {
	h.Helper()
	hold := h.hold(place)
	made, err := h.office.PlaceOrder(h.Context(), command.OrderWish{Hold: hold,
		Buyer:       booking.Buyer{Name: "Buyer", Email: fmt.Sprintf("b%d@example.org", place)},
		Idempotency: command.Idempotency{Key: fmt.Sprint("order ", place)}})
	h.check(err)
	return made.Order.ID
}

func (h *house) state(id booking.OrderID) booking.OrderState {
	h.Helper()
	o, err := h.store.Order(context.Background(), id)
	h.check(err)
	return o.State
}

// taken is how many places aren't free.
func (h *house) taken() (n int) {
	h.Helper()
	states, err := h.store.PlaceStates(h.Context(), h.event)
	h.check(err)
	for _, s := range states {
		if s != byte(booking.Free) {
			n++
		}
	}
	return n
}

// facts is how many facts of a kind were recorded.
func (h *house) facts(kind fact.Kind) (found []outbox.Entry) {
	h.Helper()
	found, _, err := h.store.Facts(h.Context(), "nobody", 0, []fact.Kind{kind}, 10_000)
	h.check(err)
	return found
}

// due counts the pages.
type due struct {
	policy.Due
	limits []int
	err    error
}

func (d *due) DueHolds(
	ctx context.Context, now time.Time, limit int,
) ([]booking.HoldID, error) {
	d.limits = append(d.limits, limit)
	if d.err != nil {
		return nil, d.err
	}
	return d.Due.DueHolds(ctx, now, limit)
}

// gateway is a payment provider that says what it was told to.
type gateway struct {
	payment.Gateway // of the rest nothing is wanted

	mu      sync.Mutex
	status  map[string]payment.Status
	fails   map[string]error
	asked   map[string]int
	refunds []string
	failing []error // of the next refunds
	state   payment.State
	silent  bool // doesn't answer before it is left
	book    []payment.Status
	reads   int // of the book
}

func newGateway() *gateway {
	return &gateway{status: map[string]payment.Status{}, fails: map[string]error{},
		asked: map[string]int{}, state: payment.Refunded}
}

func (g *gateway) LookUp(ctx context.Context, key string) (payment.Status, error) {
	g.mu.Lock()
	g.asked[key]++
	status, found := g.status[key]
	err, silent := g.fails[key], g.silent
	g.mu.Unlock()
	switch {
	case silent:
		<-ctx.Done()
		return payment.Status{}, payment.ErrUnknownOutcome
	case err != nil:
		return payment.Status{}, err
	case !found:
		return payment.Status{}, payment.ErrNotFound
	}
	return status, nil
}

// Cancel closes what nobody has paid.
func (g *gateway) Cancel(ctx context.Context, key string) (payment.Status, error) {
	status, err := g.LookUp(ctx, key)
	if errors.Is(err, payment.ErrNotFound) {
		return payment.Status{Key: key, State: payment.Declined}, nil
	}
	return status, err
}

func (g *gateway) Refund(
	_ context.Context, key, refundKey string, amount money.Money,
) (payment.RefundStatus, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.refunds = append(g.refunds, fmt.Sprint(key, " ", refundKey, " ", amount.Minor()))
	if len(g.failing) > 0 {
		err := g.failing[0]
		g.failing = g.failing[1:]
		return payment.RefundStatus{}, err
	}
	return payment.RefundStatus{RefundKey: refundKey, Refund: "back-1", State: g.state,
		Amount: amount}, nil
}

// counted tells how many refunds were asked for since the last time, and how often the book was
// read in all.
func (g *gateway) counted() (refunds, reads int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	refunds = len(g.refunds)
	g.refunds = nil
	return refunds, g.reads
}

// Payments is the gateway's own book, on one page.
func (g *gateway) Payments(context.Context, string, int) ([]payment.Status, string, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.reads++
	return g.book, "", nil
}

func (g *gateway) knows(h *house, id booking.OrderID, state payment.State) {
	h.Helper()
	amount, err := money.New(housePrice, money.Currency{'E', 'U', 'R'})
	h.check(err)
	key := booking.AttemptKey(id, 1)
	g.status[key] = payment.Status{Key: key, Transaction: "t " + key, State: state,
		Amount: amount}
}
