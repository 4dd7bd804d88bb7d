package booking

import (
	"errors"
	"fmt"
	"time"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/ident"
	"ticketflow/internal/domain/money"
)

// hold is a command for these places.
func (s *stage) hold(places ...catalog.PlaceNo) *HoldPlaces {
	key := s.key()
	return &HoldPlaces{ID: HoldID{theEvent, key}, Offer: s.offer, Revision: 1, Places: places,
		Answer: answerRef(key), Request: Fingerprint{1}}
}

// amend is a command that changes what a hold has.
func (s *stage) amend(id HoldID, add, remove []catalog.PlaceNo) *AmendHold {
	return &AmendHold{ID: id, Offer: s.offer, Revision: 1, Add: add, Remove: remove,
		Answer: answerRef(s.key()), Request: Fingerprint{3}}
}

func answerRef(key ident.Key) AnswerRef {
	return AnswerRef{theEvent, Fingerprint{key[0], key[1], key[2]}}
}

// order is a command for an order of this hold by the buyer with this number.
func (s *stage) order(hold HoldID, buyer byte) *PlaceOrder {
	key := s.key()
	return &PlaceOrder{ID: OrderID{theEvent, key}, Hold: hold, BuyerRef: buyerRef(buyer),
		Buyer: Buyer{Name: "Ada", Email: "ada@example.org"}, Seed: [SeedBytes]byte{key[1], 1},
		Answer: answerRef(key), Request: Fingerprint{2}}
}

func buyerRef(n byte) BuyerRef { return BuyerRef{theEvent, Fingerprint{0xb, n}} }

// payment is a command with the news that so much was captured for an order.
func (s *stage) payment(order OrderID, minor int64) *RecordPayment {
	key := s.key()
	ref := s.paymentRef(key)
	return &RecordPayment{Payment: ref, Order: order,
		Notice: NoticeRef{theEvent, "simpay", "n-" + ref.Transaction},
		Amount: s.euros(minor), Seed: [SeedBytes]byte{key[1], 2}}
}

func (s *stage) euros(minor int64) money.Money {
	s.t.Helper()
	m, err := money.New(minor, eur)
	if err != nil {
		s.t.Fatal(err)
	}
	return m
}

// must runs commands one by one and expects each to say yes.
func (s *stage) must(batch ...decision) {
	s.t.Helper()
	for _, c := range batch {
		if err := s.run(c)[0]; err != nil {
			s.t.Fatalf("%T: %v", c, err)
		}
		if breach := s.check(); breach != nil {
			s.t.Fatalf("after %T %+v: %v", c, c, breach)
		}
	}
}

// refuse runs a command that must say no, for this reason, and leave nothing behind.
func (s *stage) refuse(c decision, want error) {
	s.t.Helper()
	before := s.copy()
	if err := s.run(c)[0]; !errors.Is(err, want) {
		s.t.Errorf("%T: %v, want %v", c, err, want)
	}
	if diff := sameRows(before, s); diff != "" {
		s.t.Errorf("%T said no and left behind: %s", c, diff)
	}
}

// idle runs a command that must say yes and change nothing.
func (s *stage) idle(c decision) {
	s.t.Helper()
	before := s.copy()
	s.must(c)
	if diff := sameRows(before, s); diff != "" {
		s.t.Errorf("%T changed something: %s", c, diff)
	}
}

// transfer is a command that passes a ticket on.
func (s *stage) transfer(id TicketID) *TransferTicket {
	key := s.key()
	t := s.tickets[TicketRef{id.Event, id.Place, id.Fence}]
	return &TransferTicket{Ticket: id, Order: OrderID{theEvent, t.Order},
		To:   Holder{Name: "Grace", Email: "grace@example.org"},
		Seed: [SeedBytes]byte{key[1], 3}, Answer: answerRef(key), Request: Fingerprint{4}}
}

func (s *stage) wait(d time.Duration) { s.now = s.now.Add(d) }

// held, ordered and paid bring places there and return whose they are.
func (s *stage) held(places ...catalog.PlaceNo) HoldID {
	s.t.Helper()
	c := s.hold(places...)
	s.must(c)
	return c.ID
}

func (s *stage) ordered(buyer byte, places ...catalog.PlaceNo) OrderID {
	s.t.Helper()
	c := s.order(s.held(places...), buyer)
	s.must(c)
	return c.ID
}

func (s *stage) paid(buyer byte, places ...catalog.PlaceNo) (OrderID, *RecordPayment) {
	s.t.Helper()
	id := s.ordered(buyer, places...)
	c := s.payment(id, s.orders[id].Total.Minor())
	s.must(c)
	return id, c
}

// expired is an order of the first buyer whose time to pay is over and whose places were released.
func (s *stage) expired(places ...catalog.PlaceNo) OrderID {
	s.t.Helper()
	id := s.ordered(1, places...)
	s.wait(s.events[theEvent].Terms.PayTime + PayGrace + time.Second)
	s.must(&ExpireOrder{ID: id})
	return id
}

func (s *stage) place(no catalog.PlaceNo) Place { return s.places[PlaceRef{theEvent, no}] }

func (s *stage) ticket(no catalog.PlaceNo) Ticket {
	s.t.Helper()
	t, ok := s.living(PlaceRef{theEvent, no})
	if !ok {
		s.t.Fatalf("the place %d has no ticket", no)
	}
	return t
}

// terms changes the conditions of the sale.
func (s *stage) terms(change func(*Sale)) {
	sale := s.events[theEvent]
	change(&sale)
	s.events[theEvent] = sale
}

// kind is what a command is and what it said, for counting.
func kind(c decision, err error) string {
	if err != nil {
		return fmt.Sprintf("%T no", c)
	}
	return fmt.Sprintf("%T yes", c)
}

// paymentRef is the payment that payment made with this key.
func (s *stage) paymentRef(key ident.Key) PaymentRef {
	return PaymentRef{theEvent, "simpay", "tx" + ident.Encode("", key[:2])}
}
