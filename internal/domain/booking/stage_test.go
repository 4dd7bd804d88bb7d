package booking

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/fact"
	"ticketflow/internal/domain/ident"
	"ticketflow/internal/domain/money"
)

// failer is what *testing.T and *rapid.T have in common.
type failer interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
}

const theEvent catalog.EventID = 5

// The places of the stage: 0 to 7 are seats with a price, 8 and 9 cost nothing, 10 is not for sale.
const (
	stagePlaces = 11
	freePlace   = 8
	notForSale  = 10
	seatPrice   = 2_500
)

// stage is a ledger in memory that loads exactly what a command names, so that a command which
// forgets a row shows, and writes with the conditions that a real ledger has.
type stage struct {
	t        failer
	now      time.Time
	offer    *catalog.Offer
	events   map[catalog.EventID]Sale
	places   map[PlaceRef]Place
	holds    map[HoldID]Hold
	orders   map[OrderID]Order
	answers  map[AnswerRef]Answer
	buyers   map[BuyerRef]int
	payments map[PaymentRef]Payment
	notices  map[NoticeRef]Notice
	refunds  map[RefundRef]Refund
	tickets  map[TicketRef]Ticket
	vouchers map[VoucherRef]Voucher
	facts    []fact.Fact
	journal  []Entry
	keys     byte
}

type decision interface {
	Keys() *Keys
	Decide(b *Book) error
}

// newStage opens a sale with a limit of 4 places in an order and 6 for a buyer, holds of ten
// minutes that can be extended twice, and half an hour to pay.
func newStage(t failer) *stage {
	t.Helper()
	s := &stage{t: t, now: noon, offer: stageOffer(t),
		events: make(map[catalog.EventID]Sale), places: make(map[PlaceRef]Place),
		holds: make(map[HoldID]Hold), orders: make(map[OrderID]Order),
		answers: make(map[AnswerRef]Answer), buyers: make(map[BuyerRef]int),
		payments: make(map[PaymentRef]Payment), notices: make(map[NoticeRef]Notice),
		refunds: make(map[RefundRef]Refund), tickets: make(map[TicketRef]Ticket),
		vouchers: make(map[VoucherRef]Voucher)}
	s.events[theEvent] = Sale{Status: catalog.Published, Revision: 1,
		Terms: s.offer.Event().Terms}
	for i := range stagePlaces {
		s.places[PlaceRef{theEvent, catalog.PlaceNo(i)}] = Place{}
	}
	return s
}

func stageOffer(t failer) *catalog.Offer {
	t.Helper()
	row := catalog.RowSpec{Label: "A", Seats: stagePlaces, To: catalog.Point{X: 1_000},
		From: catalog.Point{X: 0}}
	plan, err := catalog.NewPlan(catalog.PlanSpec{Name: "Room",
		Categories: []catalog.Category{{Name: "All"}},
		Sections: []catalog.SectionSpec{{Name: "Room", Category: "All",
			Rows: []catalog.RowSpec{row}}}})
	if err != nil {
		t.Fatal(err)
	}
	price, err := money.New(seatPrice, eur)
	if err != nil {
		t.Fatal(err)
	}
	nothing, err := money.New(0, eur)
	if err != nil {
		t.Fatal(err)
	}
	offer, err := catalog.NewOffer(catalog.Event{ID: theEvent, Title: "Concert",
		TimeZone: "UTC", StartsAt: noon.Add(48 * time.Hour),
		Terms: catalog.Terms{OpensAt: noon.Add(-time.Hour), ClosesAt: noon.Add(24 * time.Hour),
			MaxPerOrder: 4, MaxPerBuyer: 6, HoldTime: 10 * time.Minute,
			PayTime: 30 * time.Minute, MaxExtensions: 2},
		Tiers: []catalog.Tier{{Key: "full", Name: "Full", Price: price},
			{Key: "gift", Name: "Gift", Price: nothing}},
		Rules: []catalog.Rule{
			{Tier: "full", Places: []catalog.PlaceNo{0, 1, 2, 3, 4, 5, 6, 7}},
			{Tier: "gift", Places: []catalog.PlaceNo{freePlace, freePlace + 1}},
		}}, plan)
	if err != nil {
		t.Fatal(err)
	}
	return offer
}

// key gives a new key.
func (s *stage) key() ident.Key {
	s.keys++
	return ident.Key{0: 7, 1: s.keys}
}

// run decides commands as one batch and writes what they change.
func (s *stage) run(batch ...decision) []error {
	s.t.Helper()
	book := s.book(batch...)
	failures := make([]error, len(batch))
	for i, c := range batch {
		failures[i] = book.Try(c.Decide)
	}
	s.write(book)
	return failures
}

func (s *stage) book(batch ...decision) *Book {
	keys := &Keys{}
	for _, c := range batch {
		keys.Add(c.Keys())
	}
	b := NewBook(s.now, len(batch))
	for _, id := range keys.Holds {
		if h, ok := s.holds[id]; ok && b.NameHold(id) {
			b.LoadHold(h)
			s.bring(keys, id.Event, h.Lines)
		}
	}
	for _, id := range slices.Concat(keys.Orders, keys.Sales) {
		if o, ok := s.orders[id]; ok && b.NameOrder(id) {
			b.LoadOrder(o)
			s.bring(keys, id.Event, o.Lines)
			keys.Buyers = append(keys.Buyers, BuyerRef{id.Event, o.BuyerHash})
			keys.Vouchers = append(keys.Vouchers, VoucherRef{id.Event, o.Voucher})
		}
	}
	for _, id := range keys.Sales {
		o := s.orders[id]
		for _, l := range o.Lines {
			keys.Tickets = append(keys.Tickets, PlaceRef{id.Event, l.Place})
		}
		keys.Payments = append(keys.Payments, PaymentRef{id.Event, o.Provider, o.Transaction})
	}
	loadAll(keys.Events, s.events, b.NameEvent, b.LoadEvent)
	loadAll(keys.Places, s.places, b.NamePlace, b.LoadPlace)
	loadAll(keys.Answers, s.answers, b.NameAnswer, b.LoadAnswer)
	loadAll(keys.Buyers, s.buyers, b.NameBuyer, b.LoadBuyer)
	loadAll(keys.Notices, s.notices, b.NameNotice, b.LoadNotice)
	loadAll(slices.Concat(keys.Payments, keys.Returns), s.payments, b.NamePayment,
		func(_ PaymentRef, p Payment) { b.LoadPayment(p) })
	loadAll(keys.Vouchers, s.vouchers, b.NameVoucher,
		func(_ VoucherRef, v Voucher) { b.LoadVoucher(v) })
	for ref, r := range s.refunds {
		if slices.Contains(keys.Returns, r.Payment) {
			keys.Refunds = append(keys.Refunds, ref)
		}
	}
	loadAll(keys.Refunds, s.refunds, b.NameRefund,
		func(_ RefundRef, r Refund) { b.LoadRefund(r) })
	for _, ref := range keys.Tickets {
		if t, ok := s.living(ref); ok {
			b.LoadTicket(t)
		}
	}
	return b
}

// bring adds the places of lines to what is loaded.
func (s *stage) bring(keys *Keys, event catalog.EventID, lines []Line) {
	for _, l := range lines {
		keys.Places = append(keys.Places, PlaceRef{event, l.Place})
	}
}

func loadAll[K comparable, V any](
	keys []K, rows map[K]V, name func(K) bool, load func(K, V),
) {
	for _, k := range keys {
		if v, ok := rows[k]; ok && name(k) {
			load(k, v)
		}
	}
}

// living is the ticket of a place that is not void. More than one is a breach of the second wall.
func (s *stage) living(ref PlaceRef) (found Ticket, ok bool) {
	for id, t := range s.tickets {
		if id.Event == ref.Event && id.Place == ref.Place && t.State.Living() {
			if ok {
				s.t.Fatalf("the place %d has two living tickets", ref.Place)
			}
			found, ok = t, true
		}
	}
	return found, ok
}

func (s *stage) write(b *Book) {
	s.t.Helper()
	writeAll(s.t, "event", s.events, b.ChangedEvents())
	writeAll(s.t, "place", s.places, b.ChangedPlaces())
	writeAll(s.t, "hold", s.holds, b.ChangedHolds())
	writeAll(s.t, "order", s.orders, b.ChangedOrders())
	writeAll(s.t, "answer", s.answers, b.ChangedAnswers())
	writeAll(s.t, "payment", s.payments, b.ChangedPayments())
	writeAll(s.t, "notice", s.notices, b.ChangedNotices())
	writeAll(s.t, "refund", s.refunds, b.ChangedRefunds())
	writeAll(s.t, "ticket", s.tickets, b.ChangedTickets())
	writeAll(s.t, "voucher", s.vouchers, b.ChangedVouchers())
	for c := range b.ChangedBuyers() {
		s.buyers[c.Key] = c.Value
	}
	for ref := range s.places {
		s.living(ref)
	}
	s.facts = append(s.facts, b.Facts()...)
	s.journal = append(s.journal, b.Entries()...)
}

// writeAll is an insert that must not find its row, or an update of a row that is as it was read.
func writeAll[K comparable, V any](
	t failer, what string, rows map[K]V, changes func(yield func(Change[K, V]) bool),
) {
	t.Helper()
	for c := range changes {
		was, found := rows[c.Key]
		if found == c.Insert {
			t.Fatalf("%s %v: insert %v, but it is there: %v", what, c.Key, c.Insert, found)
		}
		if found && !reflect.DeepEqual(was, c.Loaded) {
			t.Fatalf("%s %v was %+v and is written as if it were %+v", what, c.Key, was, c.Loaded)
		}
		rows[c.Key] = c.Value
	}
}

// copy is a second ledger with the same rows.
func (s *stage) copy() *stage {
	c := *s
	c.events, c.places, c.holds = maps.Clone(s.events), maps.Clone(s.places), maps.Clone(s.holds)
	c.orders, c.answers = maps.Clone(s.orders), maps.Clone(s.answers)
	c.buyers, c.payments = maps.Clone(s.buyers), maps.Clone(s.payments)
	c.notices, c.refunds = maps.Clone(s.notices), maps.Clone(s.refunds)
	c.tickets, c.facts = maps.Clone(s.tickets), slices.Clone(s.facts)
	c.vouchers = maps.Clone(s.vouchers)
	c.journal = slices.Clone(s.journal)
	return &c
}

// rows is everything, for comparing ledgers.
func (s *stage) rows() []any {
	return []any{s.events, s.places, s.holds, s.orders, s.answers, s.buyers, s.payments, s.notices,
		s.refunds, s.tickets, s.vouchers, s.facts, s.journal}
}

func sameRows(a, b *stage) string {
	names := []string{"events", "places", "holds", "orders", "answers", "buyers", "payments",
		"notices", "refunds", "tickets", "vouchers", "facts", "journal"}
	for i, rows := range a.rows() {
		if other := b.rows()[i]; !reflect.DeepEqual(rows, other) {
			return fmt.Sprintf("%s: %+v\nand %+v", names[i], rows, other)
		}
	}
	return ""
}
