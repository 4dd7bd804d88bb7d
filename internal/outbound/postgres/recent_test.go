package postgres

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ticketflow/internal/app/command"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

// pair is two instances on one ledger. The first one remembers what it has written.
func pair(t *testing.T) (one, two *branch, event catalog.EventID) {
	t.Helper()
	return pairIn(t, newHouse(t))
}

func pairIn(t *testing.T, h *house) (one, two *branch, event catalog.EventID) {
	t.Helper()
	address := h.database(t)
	serial := &atomic.Int64{}
	one, two = openBranch(t, address, serial), openBranch(t, address, serial)
	return one, two, one.open()
}

func (o *branch) holdPlace(event catalog.EventID, place catalog.PlaceNo) (booking.Hold, error) {
	made, err := o.office.HoldPlaces(o.t.Context(), command.HoldWish{Event: event,
		Places: []catalog.PlaceNo{place}, Idempotency: o.key()})
	return made.Hold, err
}

func (o *branch) orderHold(hold booking.Hold) (booking.Order, error) {
	in := o.key()
	made, err := o.office.PlaceOrder(o.t.Context(), command.OrderWish{Hold: hold.ID,
		Buyer:       booking.Buyer{Name: "Buyer", Email: "b" + in.Key + "@example.org"},
		Idempotency: in})
	return made.Order, err
}

// TestMemoryIsChecked lets another instance change what one remembers.
func TestMemoryIsChecked(t *testing.T) {
	one, two, event := pair(t)
	released, err := one.holdPlace(event, 1)
	one.must(err)
	if _, ok := one.store.recent.rows.Hold(released.ID); !ok {
		t.Fatal("a hold of a moment ago isn't remembered")
	}
	two.must(two.office.ReleaseHold(t.Context(), released.ID))
	again, err := two.holdPlace(event, 1)
	two.must(err)
	if _, err := one.orderHold(released); !errors.Is(err, booking.ErrHoldEnded) {
		t.Errorf("a hold that was released elsewhere is ordered: %v", err)
	}
	if _, err := two.orderHold(again); err != nil {
		t.Errorf("who holds the place now: %v", err)
	}
}

// TestMemorySaysNoToNobody: a place that this instance remembers as held, and that another one has
// freed, can be had by name.
func TestMemorySaysNoToNobody(t *testing.T) {
	one, two, event := pair(t)
	held, err := one.holdPlace(event, 2)
	one.must(err)
	two.must(two.office.ReleaseHold(t.Context(), held.ID))
	// The board of this instance would refuse the place before the ledger is asked.
	config := one.config
	config.Boards = two.config.Boards
	one.office = command.NewOffice(config)
	if _, err := one.holdPlace(event, 2); err != nil {
		t.Errorf("the place is free: %v", err)
	}
}

// TestPaymentTwice: neither payments nor notices are looked up before they are written.
func TestPaymentTwice(t *testing.T) {
	one, _, event := pair(t)
	hold, err := one.holdPlace(event, 3)
	one.must(err)
	order, err := one.orderHold(hold)
	one.must(err)
	paid := command.Paid{Order: order.ID, Provider: "simpay", Transaction: "t", Notice: "n",
		Amount: order.Total}
	for range 3 { // the third time rows are locked, because the second was decided twice
		_, err := one.office.RecordPayment(t.Context(), paid)
		one.must(err)
	}
	payments := 0
	one.must(fetch(t.Context(), one.store.reads, func(r row) { payments = int(r.int(0)) },
		"SELECT count(*) FROM payments"))
	if payments != 1 {
		t.Errorf("%d payments", payments)
	}
}

// TestAnIdleInstanceForgetsWhatItSold: also an instance that sells nothing any more shows what
// another one has done to an order.
func TestAnIdleInstanceForgetsWhatItSold(t *testing.T) {
	one, two, event := pair(t)
	hold, err := one.holdPlace(event, 4)
	one.must(err)
	order, err := one.orderHold(hold)
	one.must(err)
	_, err = one.office.RecordPayment(t.Context(), command.Paid{Order: order.ID,
		Provider: "simpay", Transaction: "idle", Notice: "idle", Amount: order.Total})
	one.must(err)
	if _, ok := one.store.recent.sold(order.ID); !ok {
		t.Fatal("an order that was paid a moment ago isn't remembered")
	}
	two.must(two.office.CancelOrder(t.Context(), order.ID))
	ctx, cancel := context.WithTimeout(t.Context(), 10*paidKept)
	defer cancel()
	for o := order; o.State != booking.OrderCancelled; {
		if o, _, err = one.store.OrderTickets(ctx, order.ID); err != nil || ctx.Err() != nil {
			t.Fatalf("the order is still shown as it was: %v, %v", err, ctx.Err())
		}
	}
}

// TestTicketsAreFoundByTheirPlace looks at the plan that a connection keeps which read tickets
// first while all tables were empty: by the event alone it would read all tickets of an event for
// each order.
func TestTicketsAreFoundByTheirPlace(t *testing.T) {
	store := opened(t, newHouse(t).database(t), nil)
	conn, err := store.reads.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	script := "PREPARE looked (bigint[], bytea[]) AS " + orderTicketsSQL +
		"; EXPLAIN EXECUTE looked ('{}', '{}')"
	results, err := conn.Conn().PgConn().Exec(t.Context(), script).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	plan := ""
	for _, line := range results[1].Rows {
		plan += string(line[0]) + "\n"
	}
	for _, want := range []string{"(event_id = o.event_id) AND (place = (o.lines)[",
		"(event_id = k.event_id) AND (order_key = k.order_key)"} {
		if !strings.Contains(plan, want) {
			t.Errorf("no row is looked up by %s:\n%s", want, plan)
		}
	}
}

func (o *branch) amend(hold booking.Hold, add, remove []catalog.PlaceNo) (booking.Hold, error) {
	made, err := o.office.AmendHold(o.t.Context(), command.AmendWish{Hold: hold.ID, Add: add,
		Remove: remove, Idempotency: o.key()})
	return made.Hold, err
}

// forgetPlace makes this instance forget a place, but not the hold that it belongs to, as happens
// by itself: there are more places than holds. And it trusts its memory again.
func (o *branch) forgetPlace(ref booking.PlaceRef) {
	o.t.Helper()
	other := booking.Hold{ID: booking.HoldID{Event: ref.Event}, State: booking.HoldLive,
		Lines: []booking.Line{{Place: ref.Place, Fence: 1}}}
	b := booking.NewBook(time.Time{}, 1)
	b.LoadHold(other)
	b.LoadPlace(ref, booking.Place{State: booking.Held, Fence: 1})
	o.must(b.Try((&booking.ReleaseHold{ID: other.ID}).Decide))
	r := &o.store.recent
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rows.Remember(b)
	r.doubts = 0
}

// TestMemoryOfABasketIsNoNo: what one instance remembers of a hold that another one has changed
// refuses nothing, and what is decided on it is decided anew.
func TestMemoryOfABasketIsNoNo(t *testing.T) {
	type places = []catalog.PlaceNo
	one, two, event := pair(t)
	for i, next := range []func(hold booking.Hold, a, b, c catalog.PlaceNo) error{
		func(hold booking.Hold, _, b, c catalog.PlaceNo) error { // what it has, and one more
			_, err := one.amend(hold, places{b, c}, nil)
			return err
		},
		func(hold booking.Hold, a, _, c catalog.PlaceNo) error { // what it has lost
			_, err := one.amend(hold, places{c}, places{a})
			return err
		},
		func(hold booking.Hold, _, b, _ catalog.PlaceNo) error {
			err := one.office.ReleaseHold(t.Context(), hold.ID)
			states, failure := one.store.PlaceStates(t.Context(), event)
			one.must(failure)
			if states[b] != byte(booking.Free) {
				t.Errorf("what came to a released hold elsewhere is %d", states[b])
			}
			return err
		},
		func(hold booking.Hold, _, b, _ catalog.PlaceNo) error {
			order, err := one.orderHold(hold)
			if err == nil && (len(order.Lines) != 1 || order.Lines[0].Place != b) {
				t.Errorf("the order has %v", order.Lines)
			}
			return err
		},
	} {
		a := catalog.PlaceNo(3 * i) // of each round, for the boards don't hear of each other
		hold, err := one.holdPlace(event, a)
		one.must(err)
		_, err = two.amend(hold, places{a + 1}, places{a})
		two.must(err)
		one.forgetPlace(booking.PlaceRef{Event: event, Place: a})
		if err := next(hold, a, a+1, a+2); err != nil {
			t.Errorf("number %d: %v", i, err)
		}
	}
}

// TestAnEndThatMovedElsewhereRefusesNothing: a hold that this instance has made, and that another
// one has extended, is neither past its time nor past the end of the sale here.
func TestAnEndThatMovedElsewhereRefusesNothing(t *testing.T) {
	ahead, serial := &atomic.Int64{}, &atomic.Int64{}
	clock := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	address := newHouse(t).database(t)
	one := openBranchAt(t, address, serial, clock)
	two := openBranchAt(t, address, serial, clock)
	event := one.open()
	offer, err := one.config.Offers.Get(t.Context(), event)
	one.must(err)
	closes := time.Until(offer.Event().Terms.ClosesAt)
	before := func(d time.Duration) { ahead.Store(int64(closes - d)) }

	before(90 * time.Minute) // holds last an hour
	basket, err := one.holdPlace(event, 1)
	one.must(err)
	choice, err := one.holdPlace(event, 3)
	one.must(err)
	before(45 * time.Minute)
	for _, hold := range []booking.Hold{basket, choice} {
		_, err := two.office.ExtendHold(t.Context(), hold.ID, two.key())
		two.must(err)
		if h, ok := one.store.recent.rows.Hold(hold.ID); !ok ||
			!h.ExpiresAt.Equal(hold.ExpiresAt) {
			t.Fatalf("the first instance remembers %+v", h)
		}
	}
	before(20 * time.Minute)
	one.store.recent.doubts = 0
	if _, err := one.amend(basket, []catalog.PlaceNo{2}, nil); err != nil {
		t.Errorf("the basket: %v", err)
	}
	before(-5 * time.Minute)
	one.store.recent.doubts = 0
	if _, err := one.orderHold(choice); err != nil {
		t.Errorf("the order: %v", err)
	}
}

// TestMemoryOfABasketIsNoLimit: what another instance has taken out of a basket counts no more.
func TestMemoryOfABasketIsNoLimit(t *testing.T) {
	one, two, event := pair(t)
	buyer := func(o *branch, hold booking.Hold) error {
		_, err := o.office.PlaceOrder(t.Context(), command.OrderWish{Hold: hold.ID,
			Buyer: booking.Buyer{Name: "Buyer", Email: "b@example.org"}, Idempotency: o.key()})
		return err
	}
	hold, err := one.holdPlace(event, 0)
	one.must(err)
	hold, err = one.amend(hold, []catalog.PlaceNo{1, 2, 3}, nil)
	one.must(err)
	other, err := one.holdPlace(event, 4)
	one.must(err)
	other, err = one.amend(other, []catalog.PlaceNo{5}, nil)
	one.must(err)
	_, err = two.amend(hold, nil, []catalog.PlaceNo{1, 2})
	two.must(err)
	one.must(buyer(one, other))
	one.store.recent.doubts = 0
	if err := buyer(one, hold); err != nil {
		t.Errorf("two places and two more of four: %v", err)
	}
}
