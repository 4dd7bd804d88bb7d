package contract

import (
	"fmt"

	"ticketflow/internal/app/command"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/ident"
	"ticketflow/internal/domain/money"
)

// provider names the gateway of the suite.
const provider = "testpay"

// hold asks for places under a new key.
func (w *show) hold(places ...catalog.PlaceNo) *booking.HoldPlaces {
	key := w.key()
	return &booking.HoldPlaces{ID: booking.HoldID{Event: w.id, Key: key}, Offer: w.offer,
		Revision: 1, Places: places, Answer: w.answer("hold " + string(key[:])),
		Request: digest("a body")}
}

func (w *show) answer(name string) booking.AnswerRef {
	return booking.AnswerRef{Event: w.id, Key: digest(name)}
}

// extend asks for a hold's time once more under a new key.
func (w *show) extend(hold booking.HoldID) *booking.ExtendHold {
	key := w.key()
	return &booking.ExtendHold{ID: hold, Answer: w.answer("extend " + string(key[:])),
		Request: digest("a body")}
}

// amend changes what a hold has under a new key.
func (w *show) amend(hold booking.HoldID, add, remove []catalog.PlaceNo) *booking.AmendHold {
	key := w.key()
	return &booking.AmendHold{ID: hold, Offer: w.offer, Revision: 1, Add: add, Remove: remove,
		Answer: w.answer("amend " + string(key[:])), Request: digest("a body")}
}

func (w *show) release(hold booking.HoldID) *booking.ReleaseHold {
	return &booking.ReleaseHold{ID: hold}
}

// order turns a hold into an order of a buyer under a new key.
func (w *show) order(hold booking.HoldID, buyer string) *booking.PlaceOrder {
	key := w.key()
	who := booking.Buyer{Name: buyer, Email: buyer + "@example.org"}
	return &booking.PlaceOrder{ID: booking.OrderID{Event: w.id, Key: key}, Hold: hold, Buyer: who,
		BuyerRef:  booking.BuyerRef{Event: w.id, Buyer: digest(who.LimitKey())},
		ReturnURL: "https://shop.example.org/back", Seed: seed(key),
		Answer: w.answer("order " + string(key[:])), Request: digest("a body")}
}

// pay brings the news of a payment with a message of its own.
func (w *show) pay(order booking.Order, transaction string) *booking.RecordPayment {
	key := w.key()
	return &booking.RecordPayment{
		Payment: booking.PaymentRef{Event: w.id, Provider: provider,
			Transaction: named(w.id, transaction)},
		Notice: booking.NoticeRef{Event: w.id, Provider: provider, Notice: fmt.Sprintf("%x", key)},
		Order:  order.ID, Amount: order.Total, Seed: seed(key)}
}

// named makes a gateway's name of a case's: at the gateway they are unique over all events.
func named(event catalog.EventID, name string) string { return event.String() + "-" + name }

func seed(key ident.Key) (s [booking.SeedBytes]byte) {
	copy(s[:], key[:])
	return s
}

func (w *show) cancel(order booking.Order) *booking.CancelOrder {
	return &booking.CancelOrder{ID: order.ID}
}

// refund gives back the tickets of places, or of all, under a new key.
func (w *show) refund(order booking.Order, places ...catalog.PlaceNo) *booking.RefundOrder {
	key := w.key()
	return &booking.RefundOrder{ID: order.ID, Refund: key, Places: places,
		Answer: w.answer("refund " + string(key[:])), Request: digest("a body")}
}

// atGateway is money that went back at the gateway's side.
func (w *show) atGateway(
	order booking.Order, name string, minor int64,
) *booking.RecordGatewayRefund {
	return &booking.RecordGatewayRefund{Order: order.ID, GatewayRef: named(w.id, name),
		Amount: euros(w.t, minor), Payment: booking.PaymentRef{Event: w.id, Provider: provider,
			Transaction: named(w.id, "paid "+order.ID.String())},
		News: w.news(fmt.Sprintf("%x", w.key()))}
}

// news is a gateway's message.
func (w *show) news(name string) booking.News {
	return booking.News{Payload: `{"message":"` + name + `"}`,
		Notice: booking.NoticeRef{Event: w.id, Provider: provider, Notice: named(w.id, name)}}
}

func (w *show) scan(ticket booking.Ticket, gate string) *booking.CheckIn {
	return &booking.CheckIn{Ticket: ticket.ID, Gate: gate}
}

func (w *show) block(places ...catalog.PlaceNo) *booking.BlockPlaces {
	return &booking.BlockPlaces{Event: w.id, Places: places}
}

// held, ordered and sold bring places to that state, each in a commit of its own.
func (w *show) held(places ...catalog.PlaceNo) booking.Hold {
	w.t.Helper()
	c := w.hold(places...)
	w.must(c)
	return c.Made
}

func (w *show) ordered(buyer string, places ...catalog.PlaceNo) booking.Order {
	w.t.Helper()
	c := w.order(w.held(places...).ID, buyer)
	w.must(c)
	return c.Made
}

func (w *show) sold(buyer string, places ...catalog.PlaceNo) booking.Order {
	w.t.Helper()
	order := w.ordered(buyer, places...)
	w.must(w.pay(order, "paid "+order.ID.String()))
	return order
}

// tickets are those of an order, void ones too.
func (w *show) tickets(order booking.Order) []booking.Ticket {
	w.t.Helper()
	_, tickets, err := w.engine.Bookings.OrderTickets(w.t.Context(), order.ID)
	w.noError(err)
	return tickets
}

// wish is a wish at the box office, under the key of number i.
func (w *show) wish(i int, places ...catalog.PlaceNo) command.HoldWish {
	return command.HoldWish{Event: w.id, Places: places,
		Idempotency: command.Idempotency{Key: fmt.Sprint("buyer ", i), Body: []byte("a body")}}
}

// wishOrder is the wish of buyer i to order a hold.
func (w *show) wishOrder(i int, hold booking.HoldID) command.OrderWish {
	name := fmt.Sprint("buyer", i)
	return command.OrderWish{Hold: hold,
		Buyer:       booking.Buyer{Name: name, Email: name + "@example.org"},
		Idempotency: command.Idempotency{Key: fmt.Sprint("buyer ", i), Body: []byte("a body")}}
}

// paid is the news of an order's payment, as a gateway brings it.
func paid(order booking.Order, transaction, notice string) command.Paid {
	event := order.ID.Event
	return command.Paid{Order: order.ID, Provider: provider,
		Transaction: named(event, transaction), Notice: named(event, notice), Amount: order.Total}
}

func euros(t T, minor int64) money.Money {
	t.Helper()
	m, err := money.New(minor, euro)
	if err != nil {
		t.Fatalf("make an amount: %v", err)
	}
	return m
}

// conserved checks what must hold of every state: each place is granted to the one who stands for
// it, tickets belong to paid orders, money adds up and buyers are counted rightly.
func (w *show) conserved() Rows {
	w.t.Helper()
	rows := w.rows()
	same(w.t, "places", len(rows.Places), w.terms.places)
	granted := w.granted(rows)
	for i, p := range rows.Places {
		taken := p.State != booking.Free && p.State != booking.Blocked
		if owner, ok := granted[catalog.PlaceNo(i)]; ok != taken || ok && owner != p {
			w.t.Errorf("place %d is %+v, but it was granted as %+v", i, p, owner)
		}
	}
	w.conservedMoney(rows)
	return rows
}

// granted is what the places should be, by the holds and orders that live.
func (w *show) granted(rows Rows) map[catalog.PlaceNo]booking.Place {
	w.t.Helper()
	granted := make(map[catalog.PlaceNo]booking.Place)
	grant := func(no catalog.PlaceNo, p booking.Place) {
		if before, twice := granted[no]; twice {
			w.t.Errorf("place %d was granted twice: %+v and %+v", no, before, p)
		}
		granted[no] = p
	}
	for _, h := range rows.Holds {
		for _, l := range h.Lines {
			// The grant of a hold past its time ends when somebody else takes the place.
			lost := h.ExpiresAt.Before(w.clock.Now()) && int(l.Place) < len(rows.Places) &&
				rows.Places[l.Place].Fence != l.Fence
			if h.State == booking.HoldLive && !lost {
				grant(l.Place, booking.Place{State: booking.Held, Holder: h.ID.Key,
					Fence: l.Fence, Until: h.ExpiresAt})
			}
		}
	}
	for _, o := range rows.Orders {
		state, lives := booking.Ordered, o.State == booking.AwaitingPayment
		if o.State == booking.Paid {
			state, lives = booking.Sold, true
		}
		for _, l := range rows.standing(o) {
			if lives {
				grant(l.Place, booking.Place{State: state, Holder: o.ID.Key, Fence: l.Fence})
			}
		}
	}
	return granted
}

// seat is the place of number i.
func (w *show) seat(i int) catalog.PlaceNo { return catalog.PlaceNo(i % w.terms.places) }
