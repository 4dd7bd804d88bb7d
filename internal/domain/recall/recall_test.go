package recall_test

import (
	"testing"
	"time"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/ident"
	"ticketflow/internal/domain/money"
	"ticketflow/internal/domain/recall"
)

const event catalog.EventID = 3

var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// sale leads one buyer from a place to a ticket, a batch for each step.
type sale struct {
	t     *testing.T
	offer *catalog.Offer
	order booking.PlaceOrder
	hold  booking.HoldPlaces
	rows  recall.Rows
	paid  recall.Paid
}

func newSale(t *testing.T) *sale {
	t.Helper()
	plan, err := catalog.NewPlan(catalog.PlanSpec{Name: "Room",
		Categories: []catalog.Category{{Name: "All"}},
		Sections: []catalog.SectionSpec{{Name: "Room", Category: "All", Rows: []catalog.RowSpec{
			{Label: "A", Seats: 4, To: catalog.Point{X: 300}}}}}})
	check(t, err)
	price, err := money.New(2_500, money.Currency{'E', 'U', 'R'})
	check(t, err)
	offer, err := catalog.NewOffer(catalog.Event{ID: event, Title: "Concert", TimeZone: "UTC",
		StartsAt: noon.Add(48 * time.Hour),
		Terms: catalog.Terms{OpensAt: noon.Add(-time.Hour), ClosesAt: noon.Add(24 * time.Hour),
			MaxPerOrder: 4, MaxPerBuyer: 4, HoldTime: time.Minute, PayTime: time.Minute},
		Tiers: []catalog.Tier{{Key: "full", Name: "Full", Price: price}},
		Rules: []catalog.Rule{{Tier: "full", Categories: []string{"All"}}}}, plan)
	check(t, err)
	return &sale{t: t, offer: offer,
		hold: booking.HoldPlaces{ID: booking.HoldID{Event: event, Key: ident.Key{1}}, Offer: offer,
			Revision: 1, Places: []catalog.PlaceNo{2},
			Answer: booking.AnswerRef{Event: event, Key: booking.Fingerprint{1}}},
		order: booking.PlaceOrder{ID: booking.OrderID{Event: event, Key: ident.Key{2}},
			Hold:     booking.HoldID{Event: event, Key: ident.Key{1}},
			Buyer:    booking.Buyer{Name: "Buyer", Email: "buyer@example.org"},
			BuyerRef: booking.BuyerRef{Event: event, Buyer: booking.Fingerprint{9}},
			Answer:   booking.AnswerRef{Event: event, Key: booking.Fingerprint{2}}}}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// run decides on what is remembered alone, and remembers what came of it.
func (s *sale) run(decide func(*booking.Book) error) {
	s.t.Helper()
	b := booking.NewBook(noon, 1)
	b.LoadEvent(event, booking.Sale{Status: catalog.Published, Revision: 1,
		Terms: s.offer.Event().Terms})
	place, _ := s.rows.Place(s.place())
	b.LoadPlace(s.place(), place)
	if h, ok := s.rows.Hold(s.hold.ID); ok {
		b.LoadHold(h)
	}
	if o, ok := s.rows.Order(s.order.ID); ok {
		b.LoadOrder(o)
	}
	check(s.t, b.Try(decide))
	s.rows.Remember(b)
	s.paid.Remember(b)
}

func (s *sale) place() booking.PlaceRef { return booking.PlaceRef{Event: event, Place: 2} }

// knows tells which rows are remembered.
func (s *sale) knows(place, hold, order, paid bool) {
	s.t.Helper()
	_, p := s.rows.Place(s.place())
	_, h := s.rows.Hold(s.hold.ID)
	_, o := s.rows.Order(s.order.ID)
	_, t := s.paid.Get(s.order.ID)
	if p != place || h != hold || o != order || t != paid {
		s.t.Errorf("place %v, hold %v, order %v, paid %v; want %v, %v, %v, %v", p, h, o, t, place,
			hold, order, paid)
	}
}

// TestACheckoutFromMemory: each step finds what the one before has written, and what is over is
// forgotten.
func TestACheckoutFromMemory(t *testing.T) {
	s := newSale(t)
	s.knows(false, false, false, false)
	s.run(s.hold.Decide)
	s.knows(true, true, false, false)
	s.run(s.order.Decide)
	s.knows(true, false, true, false)
	if n, ok := s.rows.Buyer(s.order.BuyerRef); !ok || n != 1 {
		t.Errorf("the buyer has %d places, %v", n, ok)
	}
	pay := booking.RecordPayment{Order: s.order.ID, Amount: s.order.Made.Total,
		Payment: booking.PaymentRef{Event: event, Provider: "p", Transaction: "t"}}
	pay.Seed[0] = 1
	s.run(pay.Decide)
	s.knows(false, false, false, true)
	sold, _ := s.paid.Get(s.order.ID)
	if sold.Order.State != booking.Paid || len(sold.Tickets) != 1 {
		t.Errorf("%+v", sold)
	}
	s.run(func(b *booking.Book) error { // the ticket changes: it is no longer as it was sold
		b.LoadTicket(sold.Tickets[0])
		gate := booking.CheckIn{Ticket: sold.Tickets[0].ID, Gate: "north"}
		return gate.Decide(b)
	})
	s.knows(false, false, false, false)
	s.run(s.hold.Decide)
	s.rows.Forget()
	s.paid.Forget()
	s.knows(false, false, false, false)
}

// TestATransferIsNotASale: of an order that was paid before, a batch may not know all tickets.
func TestATransferIsNotASale(t *testing.T) {
	s := newSale(t)
	s.run(s.hold.Decide)
	s.run(s.order.Decide)
	pay := booking.RecordPayment{Order: s.order.ID, Amount: s.order.Made.Total,
		Payment: booking.PaymentRef{Event: event, Provider: "p", Transaction: "t"}}
	s.run(pay.Decide)
	sold, _ := s.paid.Get(s.order.ID)
	s.run(func(b *booking.Book) error {
		b.LoadOrder(sold.Order)
		b.LoadTicket(sold.Tickets[0])
		b.LoadPlace(s.place(), booking.Place{State: booking.Sold, Holder: s.order.ID.Key,
			Fence: sold.Tickets[0].ID.Fence})
		pass := booking.TransferTicket{Ticket: sold.Tickets[0].ID, Order: s.order.ID,
			To: booking.Holder{Name: "Grace", Email: "grace@example.org"}}
		return pass.Decide(b)
	})
	s.knows(false, false, false, false)
}

// TestGenerationsAreBounded: the youngest are found, and no more are kept than two generations.
func TestGenerationsAreBounded(t *testing.T) {
	var g recall.Generations[int, int]
	const many = 100_000
	for i := range many {
		g.Put(i, -i)
	}
	known := 0
	for i := range many {
		v, ok := g.Get(i)
		if ok && v != -i {
			t.Fatalf("%d is %d", i, v)
		}
		if ok {
			known++
		} else if i > many-10_000 {
			t.Fatalf("%d is among the youngest", i)
		}
	}
	if known > many/2 {
		t.Errorf("%d are kept", known)
	}
	g.Drop(many - 1)
	if _, ok := g.Get(many - 1); ok {
		t.Error("what was dropped is found")
	}
}
