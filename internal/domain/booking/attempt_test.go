package booking

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/fact"
	"ticketflow/internal/domain/ident"
)

func TestAttemptKeysAreReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := OrderID{catalog.EventID(rapid.Uint32().Draw(t, "event")),
			ident.Key(rapid.SliceOfN(rapid.Byte(), ident.KeyBytes, ident.KeyBytes).Draw(t, "key"))}
		attempt := rapid.IntRange(1, MaxAttempts).Draw(t, "attempt")
		order, n, err := ParseAttemptKey(AttemptKey(id, attempt))
		if err != nil || order != id || n != attempt {
			t.Fatalf("%v, %d, %v", order, n, err)
		}
		if text := rapid.String().Draw(t, "text"); len(text) > 0 {
			if order, n, err := ParseAttemptKey(text); err == nil && AttemptKey(order, n) != text {
				t.Fatalf("%q is read as %v, %d", text, order, n)
			}
		}
	})
	id := OrderID{theEvent, me}.String()
	for _, text := range []string{"", ":", id, id + ":", id + ":0", id + ":-1", id + ":01",
		id + ":+1", id + ":21", id + ":1:1", id + ":1 ", "ord_x:1"} {
		if order, n, err := ParseAttemptKey(text); err == nil {
			t.Errorf("%q is read as %v, %d", text, order, n)
		}
	}
}

func (s *stage) decline(order OrderID, attempt int) *RecordDecline {
	key := s.key()
	return &RecordDecline{Order: order, Attempt: attempt, Amount: s.euros(seatPrice),
		News: News{NoticeRef{theEvent, "simpay", "m-" + ident.Encode("", key[:2])}, "{}"}}
}

func TestADeclinedAttemptIsFollowedByTheNext(t *testing.T) {
	s := newStage(t)
	id := s.ordered(1, 1)
	first := s.decline(id, 1)
	s.must(first)
	s.idle(first)
	if o := s.orders[id]; o.CurrentAttempt() != 2 || o.State != AwaitingPayment {
		t.Errorf("%+v", o)
	}
	if last := s.facts[len(s.facts)-1]; last.Kind != fact.PaymentDeclined ||
		last.Ref != AttemptKey(id, 1) || last.Amount != first.Amount {
		t.Errorf("%+v", last)
	}
	asked := s.decline(id, 1) // the gateway was asked, too
	asked.News = News{}
	s.idle(asked)
	facts := len(s.facts)
	s.must(s.decline(id, 1)) // another message about the same attempt
	if s.orders[id].Declined != 1 || len(s.facts) != facts {
		t.Errorf("%+v", s.orders[id])
	}
	s.must(s.decline(id, 3)) // it can't have begun before the second one was over
	if s.orders[id].Declined != 3 {
		t.Errorf("%+v", s.orders[id])
	}
	pay := s.payment(id, seatPrice)
	pay.Attempt = 4
	s.must(pay)
	if p := s.payments[pay.Payment]; p.GatewayKey() != AttemptKey(id, 4) {
		t.Errorf("%q", p.GatewayKey())
	}
	s.must(s.decline(id, 4)) // it is paid: that can't be taken back
	if s.orders[id].Declined != 3 || s.orders[id].State != Paid {
		t.Errorf("%+v", s.orders[id])
	}
	_, usual := s.paid(2, 2)
	if p := s.payments[usual.Payment]; p.Attempt != "" ||
		p.GatewayKey() != AttemptKey(usual.Order, 1) {
		t.Errorf("%+v, %q", p, p.GatewayKey())
	}
	s.refuse(s.decline(OrderID{theEvent, me}, 1), ErrOrderNotFound)
}

func TestAKeptNoticeMayBeApplied(t *testing.T) {
	s := newStage(t)
	id := s.ordered(1, 1)
	pay := s.payment(id, seatPrice)
	pay.Payload = "as it came again"
	keep := &KeepNotice{News: News{pay.Notice, "as it came"}, Why: "order_not_found"}
	s.must(keep)
	s.idle(keep)
	want := Notice{State: NoticeKept, At: noon, Payload: "as it came", Why: "order_not_found"}
	if n := s.notices[pay.Notice]; n != want {
		t.Errorf("%+v", n)
	}
	if last := s.facts[len(s.facts)-1]; last.Kind != fact.NoticeKept ||
		last.Ref != "simpay:"+pay.Notice.Notice {
		t.Errorf("%+v", last)
	}
	s.wait(time.Minute)
	s.must(pay)
	want.State, want.Why = NoticeApplied, ""
	if n := s.notices[pay.Notice]; n != want || pay.Outcome != PaymentApplied {
		t.Errorf("%+v, %v", n, pay.Outcome)
	}
	s.idle(pay)
	s.idle(keep)          // it was applied: it isn't kept any more
	s.idle(&KeepNotice{}) // no message
}
