package booking

import (
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/pricing"
)

// rules gives the event prices beyond its tiers.
func (s *stage) rules(r pricing.Rules) {
	s.t.Helper()
	e := *s.offer.Event()
	e.Pricing = r
	var err error
	if s.offer, err = catalog.NewOffer(e, s.offer.Plan()); err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) voucher(code string, terms pricing.VoucherTerms) VoucherRef {
	s.t.Helper()
	c := &CreateVoucher{Ref: VoucherRef{theEvent, code}, Terms: terms}
	s.must(c)
	return c.Ref
}

// orderWith is a command for an order of these places with a voucher.
func (s *stage) orderWith(code string, buyer byte, places ...catalog.PlaceNo) *PlaceOrder {
	s.t.Helper()
	c := s.order(s.held(places...), buyer)
	c.Voucher, c.Offer = code, s.offer
	return c
}

// used is how often a voucher is counted.
func (s *stage) used(ref VoucherRef, want int) {
	s.t.Helper()
	if v := s.vouchers[ref]; v.Used != want {
		s.t.Errorf("%s is used %d times, want %d", ref.Code, v.Used, want)
	}
}

var serviceFee = pricing.Fee{Name: "Service", Fixed: 100}

func TestHoldFreezesItsQuote(t *testing.T) {
	s := newStage(t)
	s.rules(pricing.Rules{TicketFee: serviceFee, FeeTax: pricing.Tax{Code: "T", Rate: 2_000},
		TicketTax:  pricing.Tax{Code: "R", Rate: 1_000, Added: true},
		EarlyBirds: []pricing.EarlyBird{{Tier: "full", Price: 2_000, Until: noon.Add(time.Hour)}}})
	hold := s.held(1, 2)
	h := s.holds[hold]
	if h.Total != s.euros(4_600) || h.Lines[0].Price != 2_000 || len(h.Charges) != 2 {
		t.Errorf("%+v", h)
	}
	s.wait(time.Hour) // the early-bird price ends; what is held keeps it
	o := s.order(hold, 1)
	s.must(o)
	if o.Made.Total != h.Total || !slices.Equal(o.Made.Charges, h.Charges) {
		t.Errorf("%+v", o.Made)
	}
	if split := o.Made.Split(); split != (pricing.Split{Revenue: 4_000, Fees: 167, Tax: 433}) {
		t.Errorf("%+v", split)
	}
	if later := s.holds[s.held(3)]; later.Lines[0].Price != seatPrice {
		t.Errorf("%+v", later)
	}
}

func TestNoRulesNoCharges(t *testing.T) {
	s := newStage(t)
	c := s.hold(1)
	b := s.book(c)
	if err := b.Try(c.Decide); err != nil || c.Made.Charges != nil {
		t.Fatal(c.Made, err)
	}
	lines := c.Made.Lines
	if n := testing.AllocsPerRun(100, func() { _, _, _ = priced(lines, s.offer) }); n != 0 {
		t.Errorf("%v allocations without rules", n)
	}
}

func TestVoucherIsCounted(t *testing.T) {
	s := newStage(t)
	s.rules(pricing.Rules{OrderFee: serviceFee})
	ref := s.voucher("HALF", pricing.VoucherTerms{Percent: 5_000, MaxUses: 2})
	first := s.orderWith("HALF", 1, 1)
	s.must(first)
	if o := s.orders[first.ID]; o.Total != s.euros(seatPrice/2+100) || o.Voucher != "HALF" {
		t.Errorf("%+v", o)
	}
	if h := s.holds[first.Hold]; h.Total != s.euros(seatPrice+100) {
		t.Errorf("the hold costs %v", h.Total)
	}
	s.used(ref, 1)
	s.must(s.orderWith("HALF", 2, 2))
	s.refuse(s.orderWith("HALF", 3, 3), ErrVoucherUsedUp)
	s.must(&CancelOrder{ID: first.ID})
	s.used(ref, 1)
	third := s.orderWith("HALF", 3, 4)
	s.must(third)
	s.must(s.payment(third.ID, seatPrice/2+100))
	s.must(&CancelOrder{ID: third.ID}) // paid: it stays used
	s.used(ref, 2)
}

func TestVoucherInOneBatch(t *testing.T) {
	s := newStage(t)
	ref := s.voucher("ONE", pricing.VoucherTerms{Fixed: 1, MaxUses: 1})
	failures := s.run(s.orderWith("ONE", 1, 1), s.orderWith("ONE", 2, 2))
	if failures[0] != nil || !errors.Is(failures[1], ErrVoucherUsedUp) {
		t.Error(failures)
	}
	s.used(ref, 1)
}

func TestVoucherRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		terms pricing.VoucherTerms
		stage func(*stage, *PlaceOrder)
		want  error
		doubt bool // it may have been so only of the places that are remembered
	}{
		"unknown": {pricing.VoucherTerms{Fixed: 1},
			func(_ *stage, c *PlaceOrder) { c.Voucher = "OTHER" }, ErrVoucherUnknown, false},
		"disabled": {pricing.VoucherTerms{Fixed: 1}, func(s *stage, c *PlaceOrder) {
			s.must(&DisableVoucher{Ref: VoucherRef{theEvent, c.Voucher}})
		}, ErrVoucherUnknown, false},
		"too early": {pricing.VoucherTerms{Fixed: 1, From: noon.Add(1)}, nil, ErrVoucherNotNow,
			false},
		"too late": {pricing.VoucherTerms{Fixed: 1, Until: noon}, nil, ErrVoucherNotNow, false},
		"for other tiers": {pricing.VoucherTerms{Fixed: 1, Tiers: []string{"gift"}}, nil,
			pricing.ErrVoucherUseless, true},
		"for tiers that are gone": {pricing.VoucherTerms{Fixed: 1, Tiers: []string{"x"}}, nil,
			pricing.ErrVoucherUseless, false},
		"after a change of the rules": {pricing.VoucherTerms{Fixed: 1},
			func(s *stage, c *PlaceOrder) {
				s.rules(pricing.Rules{OrderFee: serviceFee})
				c.Offer = s.offer
			}, ErrRevised, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			s.voucher("V", c.terms)
			order := s.orderWith("V", 1, 1)
			if c.stage != nil {
				c.stage(s, order)
			}
			s.refuse(order, c.want)
			if b := s.tried(order); b.Doubted() != c.doubt {
				t.Errorf("doubted is %v", b.Doubted())
			}
		})
	}
}

// TestFullyDiscounted: what costs nothing any more is paid at once.
func TestFullyDiscounted(t *testing.T) {
	s := newStage(t)
	s.rules(pricing.Rules{OrderFee: serviceFee, TicketFee: serviceFee})
	ref := s.voucher("ALL", pricing.VoucherTerms{Percent: 10_000})
	order := s.orderWith("ALL", 1, 1, 2)
	s.must(order)
	if o := s.orders[order.ID]; o.State != Paid || !o.Total.IsZero() {
		t.Errorf("%+v", o)
	}
	s.ticket(1)
	s.must(&CancelOrder{ID: order.ID})
	s.used(ref, 1)
}

// TestVoucherOfALatePayment: it is taken again, even beyond its limit.
func TestVoucherOfALatePayment(t *testing.T) {
	s := newStage(t)
	ref := s.voucher("ONE", pricing.VoucherTerms{Fixed: 500, MaxUses: 1})
	late := s.orderWith("ONE", 1, 1)
	s.must(late)
	s.wait(31 * time.Minute)
	s.must(&ExpireOrder{ID: late.ID})
	s.used(ref, 0)
	other := s.orderWith("ONE", 2, 2)
	s.must(other)
	s.used(ref, 1)
	pay := s.payment(late.ID, seatPrice-500)
	s.must(pay)
	if pay.Outcome != PaymentTookBack {
		t.Errorf("the outcome is %v", pay.Outcome)
	}
	s.used(ref, 2)
	s.must(&CancelOrder{ID: other.ID})
	s.used(ref, 1)
	s.refuse(s.orderWith("ONE", 3, 3), ErrVoucherUsedUp)
}

func TestCreateVoucher(t *testing.T) {
	s := newStage(t)
	terms := pricing.VoucherTerms{Fixed: 1, Tiers: []string{"full"}, Until: noon.Add(time.Hour)}
	ref := s.voucher("V", terms)
	s.must(s.orderWith("V", 1, 1))
	again := &CreateVoucher{Ref: ref, Terms: terms}
	s.idle(again)
	if again.Made.Used != 1 || !reflect.DeepEqual(again.Made.Terms, terms) {
		t.Errorf("%+v", again.Made)
	}
	again.Terms.Fixed = 2
	s.refuse(again, ErrVoucherExists)
	s.refuse(&CreateVoucher{Ref: VoucherRef{99, "V"}, Terms: terms}, ErrEventNotFound)
	off := &DisableVoucher{Ref: ref}
	s.must(off)
	if !off.Made.Disabled {
		t.Errorf("%+v", off.Made)
	}
	s.idle(off)
	s.refuse(&DisableVoucher{Ref: VoucherRef{theEvent, "W"}}, ErrVoucherNotFound)
}

// TestReturnedPlaces: place by place the buyer gets back what the places have cost, and the order
// fee with the last one. The journal divides what was captured as the order does.
func TestReturnedPlaces(t *testing.T) {
	s := newStage(t)
	s.rules(pricing.Rules{TicketFee: pricing.Fee{Name: "F", Percent: 333}, OrderFee: serviceFee,
		TicketTax: pricing.Tax{Code: "T", Rate: 777, Added: true},
		Groups:    []pricing.Group{{Name: "G", From: 3, Percent: 1_111}}})
	s.voucher("V", pricing.VoucherTerms{Fixed: 700})
	c := s.orderWith("V", 1, 1, 2, 3)
	s.must(c)
	pay := s.payment(c.ID, c.Made.Total.Minor())
	book := s.book(pay)
	if err := book.Try(pay.Decide); err != nil {
		t.Fatal(err)
	}
	split, e := c.Made.Split(), book.Entries()[0]
	if -e.Revenue != split.Revenue || -e.Fees != split.Fees || -e.Tax != split.Tax ||
		e.Balance() != 0 || e.Clearing != c.Made.Total.Minor() {
		t.Errorf("%+v of %+v", e, split)
	}
	s.write(book)
	total := c.Made.Total.Minor()
	for i, want := range []int64{2_210, 2_210, total - 2*2_210} {
		place := c.Made.Lines[i].Place
		back := &RefundOrder{ID: c.ID, Refund: s.key(), Places: []catalog.PlaceNo{place},
			Answer: answerRef(s.key())}
		s.must(back)
		if r := s.refunds[back.Made]; r.Amount.Minor() != want {
			t.Errorf("place %d: %v goes back, want %d", place, r.Amount, want)
		}
	}
	if p := s.payments[pay.Payment]; p.Refunded != p.Amount {
		t.Errorf("%+v", p)
	}
}
