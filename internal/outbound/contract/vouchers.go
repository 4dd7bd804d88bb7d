package contract

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/go-cmp/cmp"

	"ticketflow/internal/app/command"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/money"
	"ticketflow/internal/domain/pricing"
)

// vouchers: prices are kept as they were quoted, and a voucher is used as often as it may be.
func vouchers() []Case {
	return []Case{
		{"charges are kept", false, voucherCharges},
		{"charges after a crash", true, voucherCrash},
		{"tickets come back one by one", false, voucherReturns},
		{"a thousand orders for a hundred uses", false, voucherRush},
		{"counted in one batch", false, voucherBatch},
		{"given back, and used up by a payment", false, voucherGivenBack},
		{"a late payment takes it again", false, voucherLate},
		{"an order that costs nothing any more", false, voucherForAll},
		{"disabled", false, voucherDisabled},
		{"looked at", false, voucherList},
		{"a count that was read too early", false, voucherWall},
	}
}

// feesAndTaxes are rules with something in each kind of line.
func feesAndTaxes() pricing.Rules {
	return pricing.Rules{
		TicketFee: pricing.Fee{Name: "Service", Fixed: 150, Percent: 250},
		OrderFee:  pricing.Fee{Name: "Order <&>", Fixed: 99, Absorbed: true},
		TicketTax: pricing.Tax{Code: "AT-13", Rate: 1_300},
		FeeTax:    pricing.Tax{Code: "AT-20", Rate: 2_000, Added: true},
		Groups:    []pricing.Group{{Name: "Two or more", From: 2, Percent: 1_000}},
	}
}

// voucher adds a voucher to the event.
func (w *show) voucher(code string, terms pricing.VoucherTerms) booking.VoucherRef {
	w.t.Helper()
	ref := booking.VoucherRef{Event: w.id, Code: code}
	w.must(&booking.CreateVoucher{Ref: ref, Terms: terms})
	return ref
}

// with is an order of a hold with a voucher.
func (w *show) with(ref booking.VoucherRef, hold booking.Hold, buyer string) *booking.PlaceOrder {
	c := w.order(hold.ID, buyer)
	c.Voucher, c.Offer = ref.Code, w.offer
	return c
}

// uses is how often a voucher is counted.
func (w *show) uses(ref booking.VoucherRef) int {
	w.t.Helper()
	v, err := w.engine.Vouchers.Voucher(w.t.Context(), ref)
	w.noError(err)
	return v.Used
}

func voucherCharges(s *stage) {
	w := s.show(terms{places: 4, pricing: feesAndTaxes()})
	ref := w.voucher("HALF", pricing.VoucherTerms{Percent: 5_000})
	hold := w.held(0, 1)
	same(s.t, "charges of the hold", len(hold.Charges), 4)
	order := w.with(ref, hold, "one")
	plain := w.order(w.held(2).ID, "two")
	s.must(order, plain)
	w.keptAsMade(hold.ID, order.Made, plain.Made)
	s.must(w.pay(order.Made, "with"))
	w.conserved()
}

// keptAsMade compares what is read with what was answered.
func (w *show) keptAsMade(hold booking.HoldID, orders ...booking.Order) {
	w.t.Helper()
	read, err := w.engine.Bookings.Hold(w.t.Context(), hold)
	w.noError(err)
	same(w.t, "total of the hold", read.Total.Minor(),
		int64(len(read.Lines))*w.terms.price+pricing.Sum(read.Charges))
	same(w.t, "a hold has the quote without a voucher", slices.ContainsFunc(read.Charges,
		func(l pricing.Line) bool { return l.Kind == pricing.VoucherDiscount }), false)
	for _, made := range orders {
		o, err := w.engine.Bookings.Order(w.t.Context(), made.ID)
		w.noError(err)
		if diff := cmp.Diff(made, o, cmp.Comparer(func(a, b money.Money) bool {
			return a == b
		})); diff != "" {
			w.t.Errorf("the order is kept otherwise than it was made (-made +kept):\n%s", diff)
		}
	}
}

func voucherCrash(s *stage) {
	w := s.show(terms{places: 2, pricing: feesAndTaxes()})
	ref := w.voucher("HALF", pricing.VoucherTerms{Percent: 5_000, MaxUses: 1})
	hold := w.held(0, 1)
	order := w.with(ref, hold, "one")
	s.must(order)
	s.crash()
	w.keptAsMade(hold.ID, order.Made)
	same(s.t, "uses", w.uses(ref), 1)
	s.must(w.cancel(order.Made))
	same(s.t, "uses", w.uses(ref), 0)
}

// voucherReturns gives tickets back one after the other: what is left is worth what it has cost.
func voucherReturns(s *stage) {
	w := s.show(terms{places: 3, pricing: feesAndTaxes()})
	ref := w.voucher("ODD", pricing.VoucherTerms{Fixed: 1_001})
	order := w.with(ref, w.held(0, 1, 2), "one")
	s.must(order)
	s.must(w.pay(order.Made, "tx"))
	for _, place := range []catalog.PlaceNo{2, 0, 1} {
		s.must(w.refund(order.Made, place))
		w.conserved()
	}
	rows := w.rows()
	same(s.t, "refunded", rows.Payments[0].Refunded, order.Made.Total)
	same(s.t, "uses", w.uses(ref), 1)
}

// alone commits one command beside others, as another instance would.
func (s *stage) alone(c Command) (answer error) {
	for {
		err := s.engine.Ledger.Update(s.t.Context(), c.Keys(), func(b *booking.Book) error {
			answer = b.Try(c.Decide)
			return nil
		})
		if err == nil {
			return answer
		}
		if !errors.Is(err, command.ErrBusy) && !errors.Is(err, command.ErrConflict) {
			return err
		}
	}
}

// voucherRush lets buyers of one box office, whose orders share their commits, and of others, which
// commit each for themselves, use the same voucher at the same time.
func voucherRush(s *stage) {
	const orders, limit, others = 1_000, 100, 8
	w := s.show(terms{places: orders})
	ref := w.voucher("RUSH", pricing.VoucherTerms{Fixed: 1_000, MaxUses: limit})
	batch := make([]Command, orders)
	for i := range batch {
		batch[i] = w.hold(w.seat(i))
	}
	s.must(&all{batch})
	var next, granted atomic.Int64
	judge := func(err error) {
		if err == nil {
			granted.Add(1)
			return
		}
		s.is(err, booking.ErrVoucherUsedUp, "an order over the limit")
	}
	var rest sync.WaitGroup
	for range others {
		rest.Go(func() {
			for i := next.Add(1) - 1; i < orders/2; i = next.Add(1) - 1 {
				hold := batch[i].(*booking.HoldPlaces).Made
				judge(s.alone(w.with(ref, hold, "other")))
			}
		})
	}
	together(orders/2, func(i int) {
		i += orders / 2
		wish := w.wishOrder(i, batch[i].(*booking.HoldPlaces).Made.ID)
		wish.Voucher = " rush "
		_, err := s.office.PlaceOrder(s.t.Context(), wish)
		judge(err)
	})
	rest.Wait()
	discounts := 0
	for _, o := range w.conserved().Orders {
		if o.Voucher == ref.Code && o.Total == euros(s.t, w.terms.price-1_000) {
			discounts++
		}
	}
	same(s.t, "yes", granted.Load(), limit)
	same(s.t, "orders with a discount", discounts, limit)
	same(s.t, "uses", w.uses(ref), limit)
}

// all decides many commands as one.
type all struct{ commands []Command }

// Keys are those of all commands.
func (c *all) Keys() *booking.Keys {
	k := &booking.Keys{}
	for _, one := range c.commands {
		k.Add(one.Keys())
	}
	return k
}

// Decide decides one after the other.
func (c *all) Decide(b *booking.Book) error {
	for _, one := range c.commands {
		if err := one.Decide(b); err != nil {
			return err
		}
	}
	return nil
}

func voucherBatch(s *stage) {
	w := s.show(terms{places: 3})
	ref := w.voucher("ONE", pricing.VoucherTerms{Fixed: 1, MaxUses: 1})
	failures := s.run(w.with(ref, w.held(0), "one"), w.with(ref, w.held(1), "two"))
	s.count(failures, 1, booking.ErrVoucherUsedUp)
	same(s.t, "uses", w.uses(ref), 1)
	unknown := booking.VoucherRef{Event: w.id, Code: "OTHER"}
	w.refused(booking.ErrVoucherUnknown, w.with(unknown, w.held(2), "three"))
}

func voucherGivenBack(s *stage) {
	w := s.show(terms{places: 4})
	ref := w.voucher("TWO", pricing.VoucherTerms{Fixed: 1_000, MaxUses: 2})
	first, second := w.with(ref, w.held(0), "one"), w.with(ref, w.held(1), "two")
	s.must(first, second)
	s.must(w.cancel(first.Made), w.cancel(first.Made))
	same(s.t, "uses after a cancellation", w.uses(ref), 1)
	paid := w.pay(second.Made, "tx")
	s.must(paid, w.cancel(second.Made))
	same(s.t, "uses after a refund", w.uses(ref), 1)
	third := w.with(ref, w.held(0), "three")
	s.must(third)
	s.clock.Advance(payTime + booking.PayGrace + time.Second)
	s.must(&booking.ExpireOrder{ID: third.Made.ID})
	same(s.t, "uses after an expiry", w.uses(ref), 1)
	w.conserved()
}

func voucherLate(s *stage) {
	w := s.show(terms{places: 2})
	ref := w.voucher("LATE", pricing.VoucherTerms{Fixed: 1_000, MaxUses: 1})
	late := w.with(ref, w.held(0), "one")
	s.must(late)
	s.clock.Advance(payTime + booking.PayGrace + time.Second)
	s.must(&booking.ExpireOrder{ID: late.Made.ID}, w.with(ref, w.held(1), "two"))
	pay := w.pay(late.Made, "tx")
	s.must(pay)
	same(s.t, "outcome", pay.Outcome, booking.PaymentTookBack)
	same(s.t, "uses", w.uses(ref), 2)
	w.conserved()
}

func voucherForAll(s *stage) {
	w := s.show(terms{places: 2, pricing: feesAndTaxes()})
	ref := w.voucher("ALL", pricing.VoucherTerms{Percent: pricing.WholePercent})
	order := w.with(ref, w.held(0, 1), "one")
	s.must(order)
	same(s.t, "state", order.Made.State, booking.Paid)
	same(s.t, "tickets", len(w.tickets(order.Made)), 2)
	w.conserved()
}

func voucherDisabled(s *stage) {
	w := s.show(terms{places: 2})
	ref := w.voucher("OFF", pricing.VoucherTerms{Fixed: 1})
	first := w.with(ref, w.held(0), "one")
	s.must(first, &booking.DisableVoucher{Ref: ref}, &booking.DisableVoucher{Ref: ref})
	w.refused(booking.ErrVoucherUnknown, w.with(ref, w.held(1), "two"))
	s.must(w.cancel(first.Made))
	same(s.t, "uses", w.uses(ref), 0)
}

func voucherList(s *stage) {
	w, ctx := s.show(terms{places: 1}), s.t.Context()
	now := s.clock.Now()
	full := pricing.VoucherTerms{Percent: 1_234, Tiers: []string{"all"}, MaxUses: 7,
		From: now, Until: now.Add(time.Hour)}
	w.voucher("B-2", pricing.VoucherTerms{Fixed: 99})
	ref := w.voucher("A1", full)
	w.voucher("C", pricing.VoucherTerms{Fixed: 1})
	w.refused(booking.ErrVoucherExists, &booking.CreateVoucher{Ref: ref})
	one, err := s.engine.Vouchers.Voucher(ctx, ref)
	s.noError(err)
	if diff := cmp.Diff(booking.Voucher{Ref: ref, Terms: full}, one); diff != "" {
		s.t.Errorf("the voucher is kept otherwise than it was made:\n%s", diff)
	}
	list, err := s.engine.Vouchers.Vouchers(ctx, w.id, "", 2)
	s.noError(err)
	rest, err := s.engine.Vouchers.Vouchers(ctx, w.id, "B-2", 2)
	s.noError(err)
	var codes []string
	for _, v := range append(list, rest...) {
		codes = append(codes, v.Ref.Code)
	}
	if !slices.Equal(codes, []string{"A1", "B-2", "C"}) {
		s.t.Errorf("the list is %v", codes)
	}
	_, err = s.engine.Vouchers.Voucher(ctx, booking.VoucherRef{Event: w.id, Code: "D"})
	s.is(err, booking.ErrVoucherUnknown, "a look at no voucher")
}

func voucherWall(s *stage) {
	w := s.show(terms{places: 2})
	ref := w.voucher("ONE", pricing.VoucherTerms{Fixed: 1, MaxUses: 1})
	read, err := s.engine.Vouchers.Voucher(s.t.Context(), ref)
	s.noError(err)
	s.must(w.with(ref, w.held(0), "one"))
	early := func(b *booking.Book) { b.LoadVoucher(read) }
	w.refused(command.ErrConflict, stale{w.with(ref, w.held(1), "two"), early},
		stale{&booking.DisableVoucher{Ref: ref}, early})
	same(s.t, "uses", w.uses(ref), 1)
}
