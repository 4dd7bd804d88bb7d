package sqlite_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"time"

	"ticketflow/internal/app/audit"
	"ticketflow/internal/app/board"
	"ticketflow/internal/app/command"
	"ticketflow/internal/app/planfile"
	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/money"
	"ticketflow/internal/domain/pricing"
	"ticketflow/internal/outbound/sqlite"
)

// What the audited house sells.
const (
	auditedPlaces   = 60
	auditedFreeFrom = 56 // the last places cost nothing
	auditedPrice    = 4_900
	auditedLimit    = 6 // places of one buyer
	auditedHold     = 10 * time.Minute
	auditedPay      = 15 * time.Minute
)

var auditedOpening = time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC)

// auditedHouse is a box office on a real ledger, with a clock that the test moves.
type auditedHouse struct {
	t      testing.TB
	dir    string
	store  *sqlite.Store
	desk   *command.Desk
	office *command.Office

	mu     sync.Mutex
	now    time.Time
	serial int
}

func openAuditedHouse(t testing.TB) *auditedHouse {
	t.Helper()
	h := &auditedHouse{t: t, dir: t.TempDir(), now: auditedOpening.Add(time.Hour)}
	store, err := sqlite.Open(t.Context(), h.dir, sqlite.Options{Clock: h.clock})
	if err != nil {
		t.Fatal(err)
	}
	h.store = store
	offers := query.NewOffers(store, planfile.DecodeJSON)
	boards := board.NewBoards(offers, h.clock)
	h.desk = command.NewDesk(store, 1, boards.Changed)
	h.office = command.NewOffice(command.Config{Desk: h.desk, Offers: offers, Boards: boards,
		Bookings: store, Store: store, Clock: h.clock,
		Random: &sharedChance{from: rand.NewChaCha8([32]byte{7})}, Secret: []byte("secret")})
	t.Cleanup(h.close)
	return h
}

// sharedChance is a seeded source that several goroutines may read.
type sharedChance struct {
	mu   sync.Mutex
	from *rand.ChaCha8
}

func (c *sharedChance) Read(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.from.Read(p)
}

func (h *auditedHouse) close() {
	h.desk.Close()
	h.must(h.store.Close())
}

func (h *auditedHouse) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *auditedHouse) wait(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

func (h *auditedHouse) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// key makes an idempotency key that was never used before.
func (h *auditedHouse) key() command.Idempotency {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.serial++
	return command.Idempotency{Key: strconv.Itoa(h.serial)}
}

func eurosOf(minor int64) money.Money {
	m, err := money.New(minor, money.Currency{'E', 'U', 'R'})
	if err != nil {
		panic(err)
	}
	return m
}

// openEvent publishes an event of the given size.
func (h *auditedHouse) openEvent(seats int) catalog.EventID {
	h.t.Helper()
	return h.openPriced(seats, pricing.Rules{})
}

// openPriced publishes an event with fees, taxes and discounts.
func (h *auditedHouse) openPriced(seats int, prices pricing.Rules) catalog.EventID {
	h.t.Helper()
	ctx := h.t.Context()
	plan, err := catalog.NewPlan(catalog.PlanSpec{
		Name: "Hall", Categories: []catalog.Category{{Name: "Seats"}},
		Sections: []catalog.SectionSpec{{Name: "Stalls", Category: "Seats",
			Rows: []catalog.RowSpec{{Label: "A", Seats: seats,
				To: catalog.Point{X: int32(seats) * 60}}}}}})
	h.must(err)
	document, err := planfile.EncodeJSON(plan)
	h.must(err)
	venue, err := h.office.CreateVenue(ctx, catalog.Venue{Name: "House", City: "Town",
		TimeZone: "UTC"}, command.Idempotency{})
	h.must(err)
	planID, err := h.office.CreatePlan(ctx, venue, plan, document, command.Idempotency{})
	h.must(err)
	rules := []catalog.Rule{{Tier: "full", Categories: []string{"Seats"}}}
	if seats == auditedPlaces {
		free := catalog.Rule{Tier: "free"}
		for no := auditedFreeFrom; no < seats; no++ {
			free.Places = append(free.Places, catalog.PlaceNo(no))
		}
		rules = append(rules, free)
	}
	id, err := h.office.CreateEvent(ctx, catalog.Event{Venue: venue, Plan: planID,
		Title: "Evening", TimeZone: "UTC", StartsAt: auditedOpening.AddDate(0, 1, 0),
		Terms: catalog.Terms{OpensAt: auditedOpening, ClosesAt: auditedOpening.AddDate(0, 1, 0),
			MaxPerOrder: auditedLimit, MaxPerBuyer: auditedLimit, HoldTime: auditedHold,
			PayTime: auditedPay, MaxExtensions: 2},
		Tiers: []catalog.Tier{{Key: "full", Name: "Full", Price: eurosOf(auditedPrice)},
			{Key: "free", Name: "Free", Price: eurosOf(0)}},
		Rules: rules, Pricing: prices}, command.Idempotency{})
	h.must(err)
	h.must(h.office.PublishEvent(ctx, id))
	return id
}

func (h *auditedHouse) hold(event catalog.EventID, places ...catalog.PlaceNo) booking.HoldID {
	h.t.Helper()
	made, err := h.office.HoldPlaces(h.t.Context(),
		command.HoldWish{Event: event, Places: places, Idempotency: h.key()})
	h.must(err)
	return made.Hold.ID
}

// order makes an order for a buyer of its own.
func (h *auditedHouse) order(event catalog.EventID, places ...catalog.PlaceNo) booking.Order {
	h.t.Helper()
	hold := h.hold(event, places...)
	in := h.key()
	return h.orderFor("buyer"+in.Key+"@example.org", hold, in)
}

func (h *auditedHouse) orderFor(
	email string, hold booking.HoldID, in command.Idempotency,
) booking.Order {
	h.t.Helper()
	made, err := h.office.PlaceOrder(h.t.Context(), command.OrderWish{Hold: hold,
		Buyer: booking.Buyer{Name: "Buyer", Email: email}, Idempotency: in})
	h.must(err)
	return made.Order
}

// pay records a payment of an order and checks what it did.
func (h *auditedHouse) pay(o booking.Order, transaction string, want booking.PaymentOutcome) {
	h.t.Helper()
	for range 2 { // a gateway says everything twice
		got, err := h.office.RecordPayment(h.t.Context(), command.Paid{Order: o.ID,
			Provider: "simpay", Transaction: transaction, Notice: "n-" + transaction,
			Amount: o.Total})
		h.must(err)
		if got != want {
			h.t.Fatalf("payment %s: outcome %d, want %d", transaction, got, want)
		}
		want = booking.PaymentRepeated
	}
}

// payWrongly pays for an order in a currency that isn't its own: it goes into quarantine.
func (h *auditedHouse) payWrongly(o booking.Order, transaction string) {
	h.t.Helper()
	wrong, err := money.New(o.Total.Minor(), money.Currency{'U', 'S', 'D'})
	h.must(err)
	got, err := h.office.RecordPayment(h.t.Context(), command.Paid{Order: o.ID,
		Provider: "simpay", Transaction: transaction, Notice: "n-" + transaction, Amount: wrong})
	h.must(err)
	if got != booking.PaymentQuarantined {
		h.t.Fatalf("payment %s: outcome %d, want %d", transaction, got, booking.PaymentQuarantined)
	}
}

func (h *auditedHouse) refund(event catalog.EventID, key string) {
	h.t.Helper()
	h.must(h.office.RecordRefund(h.t.Context(), booking.RecordRefund{
		Refund: booking.RefundRef{Event: event, Key: key}, GatewayRef: "r"}))
}

// sell makes a paid order.
func (h *auditedHouse) sell(event catalog.EventID, places ...catalog.PlaceNo) booking.Order {
	h.t.Helper()
	o := h.order(event, places...)
	h.pay(o, fmt.Sprintf("t-%s-%d", event, places[0]), booking.PaymentApplied)
	return o
}

func (h *auditedHouse) admit(o booking.Order, place catalog.PlaceNo) {
	h.t.Helper()
	_, tickets, err := h.store.OrderTickets(h.t.Context(), o.ID)
	h.must(err)
	for _, ticket := range tickets {
		if ticket.ID.Place == place {
			_, _, err := h.office.CheckIn(h.t.Context(), ticket.ID, "north", h.key())
			h.must(err)
			return
		}
	}
	h.t.Fatalf("no ticket for place %d", place)
}

// auditDir audits the ledger of a folder at a time.
func auditDir(t testing.TB, dir string, now time.Time, paid ...string) audit.Report {
	t.Helper()
	store, err := sqlite.Open(t.Context(), dir,
		sqlite.Options{Shared: true, Clock: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	report, err := audit.Run(t.Context(), store, audit.Options{Acknowledged: paid})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	return report
}
