package booking

import (
	"slices"
	"testing"

	"ticketflow/internal/domain/fact"
)

// refusedRefund is a refund of all that was paid, 5,000, which the gateway refuses outright.
func (s *stage) refusedRefund() (OrderID, *RecordPayment, RefundRef) {
	s.t.Helper()
	id, pay := s.paid(1, 1, 2)
	all := s.refundOf(id)
	s.must(all)
	s.must(&RecordRefund{Refund: all.Made, Try: all.Made.Key, Failed: true})
	return id, pay, all.Made
}

// TestARefundIsReducedToWhatIsLeft: somebody has given a part back at the gateway's side, so that
// all of it can never go back at once.
func TestARefundIsReducedToWhatIsLeft(t *testing.T) {
	for _, dispute := range []bool{false, true} {
		s := newStage(t)
		_, pay, ref := s.refusedRefund()
		some := s.atGateway(pay, "g1", 2_000)
		some.Dispute = dispute
		s.must(some)
		s.idle(some)
		part := s.refunds[RefundRef{ref.Event, ref.Key + ":part:1"}]
		if part.State != RefundDone || part.Amount != s.euros(2_000) || part.GatewayRef != "g1" {
			t.Errorf("%+v", part)
		}
		r := s.refunds[ref]
		if r.State != RefundRequested || r.Amount != s.euros(3_000) || r.Retries != 1 {
			t.Errorf("%+v", r)
		}
		if p := s.payments[pay.Payment]; p.Refunded != p.Amount || len(s.refunds) != 2 {
			t.Errorf("%+v, %d refunds", p, len(s.refunds))
		}
		last := s.facts[len(s.facts)-1]
		if last.Kind != fact.RefundRequested || last.Amount != s.euros(3_000) {
			t.Errorf("%+v", last)
		}
		s.must(&RecordRefund{Refund: ref, Try: r.GatewayKey(), GatewayRef: "re_1"})
		s.refuse(s.atGateway(pay, "g2", 1), ErrRefundTooMuch)
	}
}

// TestAPartIsOwedAgain when the bank has returned what had paid it.
func TestAPartIsOwedAgain(t *testing.T) {
	s := newStage(t)
	_, pay, ref := s.refusedRefund()
	d := s.dispute(pay, "d1", 2_000)
	s.must(d, won(d))
	s.idle(d)
	s.idle(won(d))
	part := RefundRef{ref.Event, ref.Key + ":part:1"}
	if r := s.refunds[part]; r.State != RefundFailed || r.Amount != s.euros(2_000) {
		t.Errorf("%+v", r)
	}
	s.must(s.atGateway(pay, "g1", 500)) // the part is too large now
	if r := s.refunds[part]; r.State != RefundFailed || r.Amount != s.euros(1_500) {
		t.Errorf("%+v", r)
	}
	if r := s.refunds[RefundRef{ref.Event, ref.Key + ":part:2"}]; r.State != RefundDone ||
		r.Amount != s.euros(500) {
		t.Errorf("%+v", r)
	}
	s.must(&RetryRefund{Refund: part})
}

// TestPeopleDecideAboutTheRest of a refund that wasn't of everything, or that the gateway had made.
func TestPeopleDecideAboutTheRest(t *testing.T) {
	tickets := func(s *stage, id OrderID) []*RefundOrder {
		return []*RefundOrder{s.refundOf(id, 1), s.goodwill(id, 2_490)}
	}
	goodwill := func(s *stage, id OrderID) []*RefundOrder {
		return []*RefundOrder{s.goodwill(id, 4_000)}
	}
	whole := func(s *stage, id OrderID) []*RefundOrder { return []*RefundOrder{s.refundOf(id)} }
	for name, c := range map[string]struct {
		ask        func(*stage, OrderID) []*RefundOrder
		gatewayRef string // of what the gateway had made
		gone, rest int64
	}{
		"tickets":  {tickets, "", 20, 2_490},
		"goodwill": {goodwill, "", 1_700, 3_300},
		"bounced":  {whole, "re_1", 1, 4_999},
	} {
		s := newStage(t)
		id, pay := s.paid(1, 1, 2)
		asked := c.ask(s, id)
		for _, one := range asked {
			s.must(one)
		}
		ref := asked[0].Made
		s.must(&RecordRefund{Refund: ref, Failed: true, GatewayRef: c.gatewayRef},
			s.atGateway(pay, "g1", c.gone))
		r := s.refunds[ref]
		if r.State != RefundFailed || r.Amount != s.euros(c.rest) {
			t.Errorf("%s: %+v", name, r)
		}
		told := slices.ContainsFunc(s.facts, func(f fact.Fact) bool {
			return f.Kind == fact.RefundFailed && f.Ref == ref.Key && f.Amount == r.Amount
		})
		if !told {
			t.Errorf("%s: nobody is told of what is left", name)
		}
		s.must(&RetryRefund{Refund: ref})
	}
}

// TestPublicNamesOfParts: a part has the name of its whole, and a number.
func TestPublicNamesOfParts(t *testing.T) {
	s := newStage(t)
	for _, whole := range []RefundRef{NewRefundRef(7, s.key()), {7, "cancelled:till:txn_1"}} {
		part := whole.part([]Refund{{Ref: whole.part(nil)}})
		if got, err := ParseRefundRef(part.String()); err != nil || got != part ||
			part.Key != whole.Key+":part:2" {
			t.Errorf("%+v is read as %+v, %v", part, got, err)
		}
		if got, is := part.Whole(); !is || got != whole {
			t.Errorf("%+v is a part of %+v", part, got)
		}
		if got, is := whole.Whole(); is || got != whole {
			t.Errorf("%+v is a part of %+v", whole, got)
		}
	}
	for _, odd := range []string{":part:", ":part:0", ":part:01", ":part:x", ":part:1:part:1",
		":part:-1", ":part:99999999999999999999"} {
		if got, err := ParseRefundRef(NewRefundRef(7, s.key()).String() + odd); err == nil {
			t.Errorf("%s is read as %+v", odd, got)
		}
	}
}
