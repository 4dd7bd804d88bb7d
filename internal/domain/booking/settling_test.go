package booking

import (
	"errors"
	"strings"
	"testing"
)

// TestStaffSettleARefund that has failed: the money left their account, not the gateway's.
func TestStaffSettleARefund(t *testing.T) {
	s := newStage(t)
	id, pay := s.paid(1, 1)
	c := s.refundOf(id)
	s.must(c)
	settle := &SettleRefund{Refund: c.Made, Reference: "transfer 1"}
	s.refuse(settle, ErrRefundNotOpen) // the gateway may still pay it
	s.failed(c.Made)
	before := len(s.journal)
	for range 2 {
		s.must(settle)
	}
	r := s.refunds[c.Made]
	if r.State != RefundDone || !r.Elsewhere() || r.SettledWith() != "transfer 1" ||
		!r.DoneAt.Equal(s.now) {
		t.Errorf("%+v", r)
	}
	if len(s.journal) != before+1 {
		t.Fatalf("%d entries for one transfer", len(s.journal)-before)
	}
	if e := s.journal[before]; e.Provider != StaffProvider || e.Kind != EntryRefundPaid ||
		e.Clearing != -pay.Amount.Minor() || e.Receivable != pay.Amount.Minor() {
		t.Errorf("%+v", e)
	}
	s.refuse(&SettleRefund{Refund: c.Made, Reference: "transfer 2"}, ErrRefundNotOpen)
	s.refuse(&SettleRefund{Refund: RefundRef{id.Event, "none"}}, ErrRefundNotFound)
	s.refuse(&RetryRefund{Refund: c.Made}, ErrRefundNotFailed)
	// Late news change nothing.
	s.must(&RecordRefund{Refund: c.Made, Failed: true})
	s.must(&RecordRefund{Refund: c.Made, GatewayRef: "re_2"})
	if now := s.refunds[c.Made]; now.State != RefundDone || now.SettledWith() != "transfer 1" ||
		len(s.journal) != before+1 {
		t.Errorf("%+v", now)
	}
}

// TestStaffPayOutWhatTheyHaveTaken: no gateway is asked for it.
func TestStaffPayOutWhatTheyHaveTaken(t *testing.T) {
	s := newStage(t)
	id := s.ordered(1, 1)
	pay := s.payment(id, seatPrice)
	pay.Payment.Provider = StaffProvider
	c := s.refundOf(id)
	s.must(pay, c)
	s.must(&SettleRefund{Refund: c.Made, Reference: "cash"})
	if r := s.refunds[c.Made]; r.State != RefundDone || r.SettledWith() != "cash" {
		t.Errorf("%+v", r)
	}
}

// TestStaffSettleOnlyWhatIsOwed: what a gateway has paid by itself was never asked for.
func TestStaffSettleOnlyWhatIsOwed(t *testing.T) {
	s := newStage(t)
	_, pay := s.paid(1, 1)
	const name = "a-gateway's-name-of-a-refund"
	s.must(s.atGateway(pay, name, 500))
	ref := pay.refund("gateway", name)
	s.refuse(&SettleRefund{Refund: ref, Reference: "transfer"}, ErrRefundNotFound)
	if r := s.refunds[ref]; r.Elsewhere() || r.SettledWith() != "" {
		t.Errorf("%+v is settled with %q", r, r.SettledWith())
	}
}

func TestPublicNamesOfRefunds(t *testing.T) {
	s := newStage(t)
	for _, ref := range []RefundRef{NewRefundRef(7, s.key()), {7, "cancelled:till:txn_1"},
		{1, "dispute:till:a/b c"}, {4294967295, "x"}} {
		if got, err := ParseRefundRef(ref.String()); err != nil || got != ref {
			t.Errorf("%+v is written %s and read as %+v, %v", ref, ref, got, err)
		}
	}
	asked := NewRefundRef(7, s.key()).String()
	for _, odd := range []string{"", "x", "evt_1", "evt_1:", "evt_0:x", ":x", "ref_", asked + "0",
		asked[:len(asked)-1], "evt_7:" + asked, "evt_1:a\x00b", "evt_1:\xff",
		"evt_1:" + strings.Repeat("x", maxRefundKey+1)} {
		if got, err := ParseRefundRef(odd); !errors.Is(err, ErrRefundNotFound) {
			t.Errorf("%q is read as %+v, %v", odd, got, err)
		}
	}
}
