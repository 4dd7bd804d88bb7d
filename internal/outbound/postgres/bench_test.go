package postgres

import (
	"crypto/rand"
	"fmt"
	"sync"
	"testing"
	"time"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/ident"
	"ticketflow/internal/domain/money"
)

// Sizes of the benchmark.
const (
	benchRows     = 200 // of benchSeats places
	benchSeats    = 400
	benchCommands = 250 // in a batch
	benchOrder    = 2   // places of an order
)

// benchHall sells a hall: each batch holds places, orders what the batch before has held, and pays
// for what that one has ordered.
type benchHall struct {
	b       testing.TB
	store   *Store
	offer   *catalog.Offer
	keys    *ident.Source
	next    catalog.PlaceNo
	holds   []*booking.HoldPlaces
	orders  []*booking.PlaceOrder
	tickets int
}

func openBenchHall(b testing.TB, store *Store) *benchHall {
	b.Helper()
	h := &benchHall{b: b, store: store, keys: ident.NewSource(time.Now, rand.Reader)}
	ctx := b.Context()
	section := catalog.SectionSpec{Name: "Stalls", Category: "all"}
	for r := range int32(benchRows) {
		section.Rows = append(section.Rows, catalog.RowSpec{Label: fmt.Sprint(r + 1),
			Seats: benchSeats, From: catalog.Point{Y: 200 + 100*r},
			To: catalog.Point{X: 60 * (benchSeats - 1), Y: 200 + 100*r}})
	}
	plan, err := catalog.NewPlan(catalog.PlanSpec{Name: "Hall",
		Categories: []catalog.Category{{Name: "all"}}, Sections: []catalog.SectionSpec{section}})
	h.must(err)
	price, err := money.New(4_900, money.Currency{'E', 'U', 'R'})
	h.must(err)
	venue, err := store.AddVenue(ctx, catalog.Venue{Name: "House", TimeZone: "UTC"})
	h.must(err)
	number, err := store.AddPlan(ctx, venue, plan, []byte("plan"))
	h.must(err)
	now := time.Now()
	event := catalog.Event{Venue: venue, Plan: number, Title: "Rush", TimeZone: "UTC",
		StartsAt: now.AddDate(1, 0, 0), Status: catalog.Draft,
		Terms: catalog.Terms{OpensAt: now.Add(-time.Hour), ClosesAt: now.AddDate(1, 0, 0),
			MaxPerOrder: 6, MaxPerBuyer: 6, HoldTime: 10 * time.Minute, PayTime: time.Hour},
		Tiers: []catalog.Tier{{Key: "all", Name: "All", Price: price}},
		Rules: []catalog.Rule{{Tier: "all", Categories: []string{"all"}}}}
	event.ID, err = store.AddEvent(ctx, event, plan.Places())
	h.must(err)
	h.offer, err = catalog.NewOffer(event, plan)
	h.must(err)
	h.run(&booking.SetStatus{Event: event.ID, Status: catalog.Published})
	return h
}

func (h *benchHall) must(err error) {
	h.b.Helper()
	if err != nil {
		h.b.Fatal(err)
	}
}

// decision is a command.
type decision interface {
	Keys() *booking.Keys
	Decide(*booking.Book) error
}

// run commits a batch, of which nothing may be refused.
func (h *benchHall) run(batch ...decision) {
	h.b.Helper()
	keys := &booking.Keys{}
	for _, c := range batch {
		keys.Add(c.Keys())
	}
	h.must(h.store.Update(h.b.Context(), keys, func(b *booking.Book) error {
		for _, c := range batch {
			if err := b.Try(c.Decide); err != nil {
				return err
			}
		}
		return nil
	}))
}

func (h *benchHall) key() ident.Key {
	k, err := h.keys.Next()
	h.must(err)
	return k
}

func (h *benchHall) answer(k ident.Key) (ref booking.AnswerRef) {
	ref.Event = h.offer.Event().ID
	copy(ref.Key[:], k[4:]) // as random as a hash
	return ref
}

// batch makes the next commands; sold tells that there are no places for more.
func (h *benchHall) batch() (batch []decision, sold bool) {
	const third = benchCommands / 3
	event := h.offer.Event().ID
	var holds []*booking.HoldPlaces
	for len(holds) < third && int(h.next)+benchOrder <= benchRows*benchSeats {
		k := h.key()
		c := &booking.HoldPlaces{ID: booking.HoldID{Event: event, Key: k}, Offer: h.offer,
			Revision: 1, Places: []catalog.PlaceNo{h.next, h.next + 1}, Answer: h.answer(h.key())}
		h.next += benchOrder
		holds, batch = append(holds, c), append(batch, c)
	}
	var orders []*booking.PlaceOrder
	for _, hold := range h.holds {
		k := h.key()
		who := booking.Buyer{Name: "Buyer", Email: fmt.Sprintf("%x@example.org", k[10:])}
		ref := booking.BuyerRef{Event: event, Buyer: h.answer(k).Key}
		c := &booking.PlaceOrder{ID: booking.OrderID{Event: event, Key: k}, Hold: hold.ID,
			Buyer: who, BuyerRef: ref, Answer: h.answer(h.key())}
		orders, batch = append(orders, c), append(batch, c)
	}
	for _, order := range h.orders {
		name := fmt.Sprintf("%x", order.ID.Key)
		c := &booking.RecordPayment{Order: order.ID, Amount: order.Made.Total,
			Payment: booking.PaymentRef{Event: event, Provider: "simpay", Transaction: name},
			Notice:  booking.NoticeRef{Event: event, Provider: "simpay", Notice: name}}
		batch = append(batch, c)
		h.tickets += benchOrder
	}
	h.holds, h.orders = holds, orders
	return batch, len(batch) == 0
}

// BenchmarkCheckouts is lanes that commit batches of 250 commands: a third each of holds, orders
// and payments, two places an order. Each lane sells a hall of its own.
//
//	go test -run '^$' -bench Checkouts -benchtime 400x ./internal/outbound/postgres
func BenchmarkCheckouts(b *testing.B) {
	for _, lanes := range []int{1, 2} {
		b.Run(fmt.Sprint("lanes=", lanes), func(b *testing.B) {
			h := newHouse(b)
			store, err := Open(b.Context(), Options{URL: h.database(b)})
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { _ = store.Close() })
			halls := make([]*benchHall, lanes)
			for i := range halls {
				halls[i] = openBenchHall(b, store)
			}
			b.ReportAllocs()
			b.ResetTimer()
			var all sync.WaitGroup
			for i := range halls {
				all.Go(func() { halls[i] = sellHalls(halls[i], (b.N+i)/lanes) })
			}
			all.Wait()
			tickets := 0
			for _, hall := range halls {
				tickets += hall.tickets
			}
			b.ReportMetric(float64(tickets)/benchOrder/b.Elapsed().Seconds(), "checkouts/s")
		})
	}
}

// sellHalls commits batches, in the next hall when one is sold.
func sellHalls(hall *benchHall, batches int) *benchHall {
	for range batches {
		batch, sold := hall.batch()
		if sold {
			tickets := hall.tickets
			hall = openBenchHall(hall.b, hall.store)
			hall.tickets = tickets
			batch, _ = hall.batch()
		}
		hall.run(batch...)
	}
	return hall
}

// BenchmarkOrderTickets is many buyers who look at their tickets at once.
func BenchmarkOrderTickets(b *testing.B) {
	h := newHouse(b)
	store, err := Open(b.Context(), Options{URL: h.database(b)})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = store.Close() })
	hall := openBenchHall(b, store)
	var paid []booking.OrderID
	for range 20 {
		orders := hall.orders
		batch, _ := hall.batch()
		hall.run(batch...)
		for _, o := range orders {
			paid = append(paid, o.ID)
		}
	}
	b.SetParallelism(benchCommands)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			_, tickets, err := store.OrderTickets(b.Context(), paid[i%len(paid)])
			if err != nil || len(tickets) != benchOrder {
				b.Errorf("%d tickets, %v", len(tickets), err)
			}
		}
	})
}
