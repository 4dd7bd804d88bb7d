package postgres

import (
	"errors"
	"testing"

	"ticketflow/internal/app/command"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/money"
)

// decide commits one command on the store itself.
func (o *branch) decide(c interface {
	Keys() *booking.Keys
	Decide(b *booking.Book) error
},
) (failure error) {
	o.t.Helper()
	o.must(o.store.Update(o.t.Context(), c.Keys(), func(b *booking.Book) error {
		failure = b.Try(c.Decide)
		return nil
	}))
	return failure
}

// placed makes an order of one place of an event.
func (o *branch) placed(event catalog.EventID, place catalog.PlaceNo) booking.Order {
	o.t.Helper()
	hold, err := o.holdPlace(event, place)
	o.must(err)
	order, err := o.orderHold(hold)
	o.must(err)
	return order
}

func (o *branch) payment(order booking.Order, name string) *booking.RecordPayment {
	ref := booking.PaymentRef{Event: order.ID.Event, Provider: "simpay", Transaction: name}
	return &booking.RecordPayment{Payment: ref, Order: order.ID, Amount: order.Total,
		Notice: booking.NoticeRef{Event: ref.Event, Provider: "simpay", Notice: name},
		Seed:   [booking.SeedBytes]byte{1}}
}

func (o *branch) count(sql string) (n int) {
	o.t.Helper()
	o.must(fetch(o.t.Context(), o.store.reads, func(r row) { n = int(r.int(0)) }, sql))
	return n
}

// TestMoneyOfTwoInstances lets another instance change what one has read without a lock.
func TestMoneyOfTwoInstances(t *testing.T) {
	h := newHouse(t)
	for _, c := range []struct {
		name string
		run  func(t *testing.T, h *house)
	}{
		{"a late payment is decided on the order as it is", aLatePaymentIsDecidedOnTheOrderAsItIs},
		{"a decline is counted whoever knows the order", aDeclineIsCountedWhoeverKnowsTheOrder},
		{"refusals dont depend on what was read", refusalsDontDependOnWhatWasRead},
		{"a message is kept once and applied once", aMessageIsKeptOnceAndAppliedOnce},
		{"two instances refund one order", twoInstancesRefundOneOrder},
		{"a gateways refund meets our own", aGatewaysRefundMeetsOurOwn},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, h) })
	}
}

// aLatePaymentIsDecidedOnTheOrderAsItIs: this instance remembers an order as open that another
// one has released since. Its place is free: the payment takes it back, and isn't given back.
func aLatePaymentIsDecidedOnTheOrderAsItIs(t *testing.T, h *house) {
	t.Helper()
	one, two, event := pairIn(t, h)
	order := one.placed(event, 5)
	_, err := two.store.commands.Exec(t.Context(), "UPDATE orders SET expires_ms = 1")
	two.must(err)
	two.must(two.decide(&booking.ExpireOrder{ID: order.ID}))
	config := one.config // whose board knows that the place is free
	config.Boards = two.config.Boards
	one.office = command.NewOffice(config)
	again, err := one.holdPlace(event, 5)
	one.must(err)
	one.must(one.decide(&booking.ReleaseHold{ID: again.ID}))
	if o, ok := one.store.recent.rows.Order(order.ID); !ok ||
		o.State != booking.AwaitingPayment {
		t.Fatal("the order isn't remembered")
	}
	pay := one.payment(order, "late")
	one.must(one.decide(pay))
	if pay.Outcome != booking.PaymentTookBack {
		t.Errorf("outcome %v", pay.Outcome)
	}
}

// aDeclineIsCountedWhoeverKnowsTheOrder: another instance has noted the first attempt.
func aDeclineIsCountedWhoeverKnowsTheOrder(t *testing.T, h *house) {
	t.Helper()
	one, two, event := pairIn(t, h)
	order := one.placed(event, 6)
	two.must(two.decide(&booking.RecordDecline{Order: order.ID, Attempt: 1, Amount: order.Total}))
	one.must(one.decide(&booking.RecordDecline{Order: order.ID, Attempt: 2, Amount: order.Total}))
	if n := one.count("SELECT declined FROM orders"); n != 2 {
		t.Errorf("%d attempts are declined", n)
	}
	if n := one.count("SELECT count(*) FROM facts WHERE kind = 'payment_declined'"); n != 2 {
		t.Errorf("%d facts", n)
	}
}

// refusalsDontDependOnWhatWasRead: payments and messages aren't looked up at first.
func refusalsDontDependOnWhatWasRead(t *testing.T, h *house) {
	t.Helper()
	one, _, event := pairIn(t, h)
	order := one.placed(event, 7)
	pay := one.payment(order, "t")
	one.must(one.decide(pay))
	nothing := *pay
	nothing.Amount = money.Money{}
	for range 2 { // the first time nothing is locked, the second time all is
		if err := one.decide(&nothing); !errors.Is(err, booking.ErrPaymentMismatch) {
			t.Errorf("a known payment of nothing: %v", err)
		}
		one.store.recent.distrust()
	}
	stray := one.payment(order, "stray") // an order that nobody knows
	stray.Order.Key[0]++
	for i, want := range []booking.PaymentOutcome{booking.PaymentQuarantined,
		booking.PaymentRepeated} {
		if i == 1 {
			stray.Again = true // nothing has changed: it stays where it is
		}
		one.store.recent.doubts = 0
		one.must(one.decide(stray))
		if stray.Outcome != want {
			t.Errorf("outcome %v, want %v", stray.Outcome, want)
		}
	}
	if n := one.count("SELECT count(*) FROM payments WHERE used_for = 3"); n != 1 {
		t.Errorf("%d payments in quarantine", n)
	}
}

// aMessageIsKeptOnceAndAppliedOnce by whichever instance, without a look at it before.
func aMessageIsKeptOnceAndAppliedOnce(t *testing.T, h *house) {
	t.Helper()
	one, two, event := pairIn(t, h)
	order := one.placed(event, 8)
	pay := one.payment(order, "kept")
	keep := &booking.KeepNotice{Why: "why",
		News: booking.News{Notice: pay.Notice, Payload: "as it came"}}
	one.must(one.decide(keep))
	two.must(two.decide(keep))
	if n := one.count("SELECT count(*) FROM facts WHERE kind = 'notice_kept'"); n != 1 {
		t.Errorf("it was kept %d times", n)
	}
	one.store.recent.doubts, two.store.recent.doubts = 0, 0
	two.must(two.decide(pay))
	one.must(one.decide(pay))
	one.must(one.decide(keep))
	if n := one.count("SELECT count(*) FROM notices WHERE state = 1 AND why = '' " +
		"AND payload = 'as it came'"); n != 1 {
		t.Errorf("%d messages are applied", n)
	}
	if n := one.count("SELECT count(*) FROM journal WHERE kind = 'sale'"); n != 1 {
		t.Errorf("%d sales", n)
	}
}

// twoInstancesRefundOneOrder: each decides on what it has read, and one of them once more.
func twoInstancesRefundOneOrder(t *testing.T, h *house) {
	t.Helper()
	one, two, event := pairIn(t, h)
	order := one.placed(event, 9)
	one.must(one.decide(one.payment(order, "paid")))
	refund := func(o *branch, key byte, minor int64) *booking.RefundOrder {
		amount, err := money.New(minor, order.Total.Currency())
		o.must(err)
		c := &booking.RefundOrder{ID: order.ID, Goodwill: amount}
		c.Refund[0] = key
		return c
	}
	// The second one's decision runs on rows from before the first one's commit.
	first, second := refund(one, 1, 3_000), refund(two, 2, 3_000)
	tries := 0
	var failure error
	two.must(two.store.Update(t.Context(), second.Keys(), func(b *booking.Book) error {
		if tries++; tries == 1 {
			one.must(one.decide(first))
		}
		failure = b.Try(second.Decide)
		return nil
	}))
	if !errors.Is(failure, booking.ErrRefundTooMuch) || tries != 2 {
		t.Errorf("after %d tries: %v", tries, failure)
	}
	if n := one.count("SELECT refunded FROM payments"); n != 3_000 {
		t.Errorf("%d were given back", n)
	}
}

// aGatewaysRefundMeetsOurOwn: what looked like a refund of the gateway's own turns out to be
// ours, whose name at the gateway another instance has just noted.
func aGatewaysRefundMeetsOurOwn(t *testing.T, h *house) {
	t.Helper()
	one, two, event := pairIn(t, h)
	order := one.placed(event, 10)
	pay := one.payment(order, "paid")
	one.must(one.decide(pay))
	amount, err := money.New(1_000, order.Total.Currency())
	one.must(err)
	own := &booking.RefundOrder{ID: order.ID, Goodwill: amount}
	own.Refund[0] = 1
	one.must(one.decide(own))
	theirs := &booking.RecordGatewayRefund{Order: order.ID, Payment: pay.Payment,
		GatewayRef: "re_1", Amount: amount}
	tries := 0
	two.must(two.store.Update(t.Context(), theirs.Keys(), func(b *booking.Book) error {
		if tries++; tries == 1 {
			one.must(one.decide(&booking.RecordRefund{Refund: own.Made, GatewayRef: "re_1"}))
		}
		return b.Try(theirs.Decide)
	}))
	if n := one.count("SELECT refunded FROM payments"); n != 1_000 || tries != 2 {
		t.Errorf("%d were given back, after %d tries", n, tries)
	}
}
