package booking

import (
	"testing"

	"ticketflow/internal/domain/fact"
	"ticketflow/internal/domain/money"
)

// atGateway is a refund that somebody made at the gateway's side.
func (s *stage) atGateway(pay *RecordPayment, name string, minor int64) *RecordGatewayRefund {
	return &RecordGatewayRefund{Order: pay.Order, Payment: pay.Payment, GatewayRef: name,
		Amount: s.euros(minor)}
}

// dispute is what the buyer's bank took.
func (s *stage) dispute(pay *RecordPayment, name string, minor int64) *RecordGatewayRefund {
	c := s.atGateway(pay, name, minor)
	c.Dispute = true
	return c
}

// refund names what was made at the gateway's side.
func (c *RecordPayment) refund(reason, name string) RefundRef {
	return RefundRef{theEvent, reason + ":simpay:" + c.Payment.Transaction + ":" + name}
}

func won(c *RecordGatewayRefund) *RecordGatewayRefund {
	end := *c
	end.Won = true
	return &end
}

func TestARefundAtTheGatewaysSide(t *testing.T) {
	s := newStage(t)
	id, pay := s.paid(1, 1, 2)
	part := s.atGateway(pay, "g1", 1_000)
	s.must(part)
	s.idle(part)
	r := s.refunds[pay.refund("gateway", "g1")]
	if r.Reason != ReasonGateway || r.State != RefundDone || r.Amount != s.euros(1_000) ||
		s.orders[id].State != Paid {
		t.Errorf("%+v, the order is %v", r, s.orders[id].State)
	}
	s.refuse(s.atGateway(pay, "g2", 4_001), ErrRefundTooMuch)
	s.refuse(s.refundOf(id, 1, 2, 3), ErrNotInOrder)
	s.must(s.atGateway(pay, "g3", 4_000)) // all is gone: so are the tickets
	if s.orders[id].State != OrderCancelled || s.place(1).State != Blocked {
		t.Errorf("%v, %+v", s.orders[id].State, s.place(1))
	}
	if last := s.facts[len(s.facts)-1]; last.Kind != fact.OrderCancelled {
		t.Errorf("%+v", last)
	}
	s.refuse(&RecordRefund{Refund: r.Ref}, ErrRefundNotFound) // nobody asked for it
}

func TestAGatewaysRefundIsRefused(t *testing.T) {
	s := newStage(t)
	_, pay := s.paid(1, 1)
	dollars, err := money.New(seatPrice, money.Currency{'U', 'S', 'D'})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		change func(*RecordGatewayRefund)
		want   error
	}{
		{func(c *RecordGatewayRefund) { c.Payment.Transaction = "x" }, ErrPaymentNotFound},
		{func(c *RecordGatewayRefund) { c.Amount = s.euros(0) }, ErrRefundNothing},
		{func(c *RecordGatewayRefund) { c.Amount = dollars }, ErrRefundNothing},
		{func(c *RecordGatewayRefund) { c.GatewayRef = "" }, ErrRefundNotFound},
	} {
		cmd := s.atGateway(pay, "g", 100)
		cmd.News = News{Notice: NoticeRef{theEvent, "simpay", "m"}}
		c.change(cmd)
		s.refuse(cmd, c.want)
	}
}

func TestWhoIsInsideKeepsTheTicket(t *testing.T) {
	s := newStage(t)
	id, pay := s.paid(1, 1, 2)
	s.must(&CheckIn{Ticket: s.ticket(1).ID}, s.atGateway(pay, "g", 5_000))
	if s.orders[id].State != Paid || s.ticket(2).State != TicketValid {
		t.Errorf("%v", s.orders[id].State)
	}
}

func TestAGatewaysRefundSettlesWhatIsOwed(t *testing.T) {
	s := newStage(t)
	id, pay := s.paid(1, 1, 2)
	c := s.refundOf(id, 1)
	s.must(c)
	// Both at once: the gateway refuses one of them, but nobody knows which one.
	all := s.atGateway(pay, "g1", 5_000)
	s.refuse(all, ErrRefundPending)
	s.failed(c.Made)
	same := s.atGateway(pay, "g2", seatPrice)
	s.must(same)
	s.idle(same)
	if r := s.refunds[c.Made]; r.State != RefundDone || r.GatewayRef != "g2" {
		t.Errorf("%+v", r)
	}
	if p := s.payments[pay.Payment]; p.Refunded != s.euros(seatPrice) || len(s.refunds) != 1 {
		t.Errorf("%+v", p)
	}
	s.refuse(all, ErrRefundTooMuch)
}

func TestAGatewaysRefundSettlesMoreThanIsOwed(t *testing.T) {
	s := newStage(t)
	id, pay := s.paid(1, 1, 2)
	one, two := s.refundOf(id, 1), s.goodwill(id, 300)
	s.must(one, two)
	s.failed(one.Made)
	s.failed(two.Made)
	all := s.atGateway(pay, "g1", 5_000)
	s.must(all)
	s.idle(all)
	rest := s.refunds[pay.refund("gateway", "g1")]
	if s.refunds[one.Made].State != RefundDone || s.refunds[two.Made].State != RefundDone ||
		rest.Amount != s.euros(2_200) || s.orders[id].State != OrderCancelled {
		t.Errorf("%+v, %+v and %+v, the order is %v", s.refunds[one.Made], s.refunds[two.Made],
			rest, s.orders[id].State)
	}
}

func TestAGatewaysRefundOfItsOwnLeavesWhatIsOwed(t *testing.T) {
	s := newStage(t)
	id, pay := s.paid(1, 1, 2)
	owed := s.goodwill(id, 300)
	s.must(owed)
	s.failed(owed.Made)
	s.must(s.atGateway(pay, "g1", 2_000))
	if r, p := s.refunds[owed.Made], s.payments[pay.Payment]; r.State != RefundFailed ||
		p.Refunded != s.euros(2_300) {
		t.Errorf("%+v of %+v", r, p)
	}
}

func TestADisputeChangesNoTicket(t *testing.T) {
	s := newStage(t)
	id, pay := s.paid(1, 1)
	c := s.dispute(pay, "d1", seatPrice)
	s.must(c)
	s.idle(c)
	if last := s.facts[len(s.facts)-1]; last.Kind != fact.PaymentDisputed {
		t.Errorf("%+v", last)
	}
	s.refuse(s.goodwill(id, 1), ErrRefundTooMuch) // the bank has all of it
	s.must(&CheckIn{Ticket: s.ticket(1).ID}, won(c))
	s.idle(won(c))
	s.idle(c) // the old news once more
	if p := s.payments[pay.Payment]; p.Refunded.Minor() != 0 || s.orders[id].State != Paid {
		t.Errorf("%+v, %v", p, s.orders[id].State)
	}
	s.must(s.goodwill(id, seatPrice))
}

func TestAWonDisputeMayBeHeardOfFirst(t *testing.T) {
	s := newStage(t)
	_, pay := s.paid(1, 1)
	c := s.dispute(pay, "d1", seatPrice)
	s.must(won(c))
	s.idle(c)
	if p := s.payments[pay.Payment]; p.Refunded.Minor() != 0 || len(s.journal) != 1 {
		t.Errorf("%+v, %d entries", p, len(s.journal))
	}
}

func TestADisputeAfterARefund(t *testing.T) {
	s := newStage(t)
	id, pay := s.paid(1, 1, 2)
	c := s.refundOf(id, 1)
	s.must(c)
	s.refuse(s.dispute(pay, "d1", 5_000), ErrRefundPending)
	s.must(&RecordRefund{Refund: c.Made, GatewayRef: "re_1"})
	s.refuse(s.dispute(pay, "d1", 5_000), ErrRefundTooMuch) // for somebody to look at
	s.must(s.dispute(pay, "d2", seatPrice))
	all := s.refundOf(id)
	s.must(all) // the tickets go, the money is gone
	if all.Made != (RefundRef{}) || s.orders[id].State != OrderCancelled {
		t.Errorf("%v, %v", all.Made, s.orders[id].State)
	}
}

func TestADisputeTakesWhatIsOwed(t *testing.T) {
	s := newStage(t)
	id, pay := s.paid(1, 1)
	c := s.refundOf(id)
	s.must(c)
	s.failed(c.Made)
	d := s.dispute(pay, "d1", seatPrice)
	s.must(d)
	s.idle(d)
	if r := s.refunds[c.Made]; r.State != RefundDone || len(s.refunds) != 1 {
		t.Errorf("%+v", r)
	}
	s.must(won(d)) // the bank has returned it to us, so it is owed again
	s.idle(d)
	if r := s.refunds[c.Made]; r.State != RefundFailed {
		t.Errorf("%+v", r)
	}
	s.must(&RetryRefund{Refund: c.Made})
}

// What has bought nothing is the buyer's: a dispute of it costs us nothing.
func TestADisputeOfADoubtfulPayment(t *testing.T) {
	s := newStage(t)
	pay := s.payment(s.ordered(1, 1), 900)
	d := s.dispute(pay, "d1", 400)
	s.must(pay, d)
	if last := s.journal[len(s.journal)-1]; last.Receivable != 400 || last.Chargebacks != 0 {
		t.Errorf("%+v", last)
	}
	s.must(&ReturnPayment{Payment: pay.Payment}, won(d))
	if p := s.payments[pay.Payment]; p.Use != Returned || p.Refunded != p.Amount {
		t.Errorf("%+v", p)
	}
	again := s.refunds[pay.refund("doubtful:dispute", "d1")]
	if again.Amount != s.euros(400) || again.State != RefundRequested {
		t.Errorf("%+v", again)
	}
}

func TestADoubtfulPaymentThatIsGoneIsReturnedWithoutARefund(t *testing.T) {
	s := newStage(t)
	pay := s.payment(s.ordered(1, 1), 900)
	s.must(pay, s.atGateway(pay, "g1", 900), &ReturnPayment{Payment: pay.Payment})
	if p := s.payments[pay.Payment]; p.Use != Returned || len(s.refunds) != 1 {
		t.Errorf("%+v, %d refunds", p, len(s.refunds))
	}
}

// What a decision rests on is written, though unchanged: a ledger that has read it without a lock
// notices then that it isn't so any more.
func TestDecisionsWriteTheRowsThatTheyRestOn(t *testing.T) {
	s := newStage(t)
	id, pay := s.paid(1, 1, 2)
	c := s.goodwill(id, 100)
	s.must(c)
	written := s.book(s.atGateway(pay, "g", 500))
	if err := written.Try(s.atGateway(pay, "g", 500).Decide); err != nil {
		t.Fatal(err)
	}
	found := false
	for change := range written.ChangedRefunds() {
		found = found || change.Key == c.Made
	}
	if !found {
		t.Error("a refund that might be the same one isn't looked at again")
	}
	late := s.payment(id, 2*seatPrice)
	written = s.book(late)
	if err := written.Try(late.Decide); err != nil {
		t.Fatal(err)
	}
	found = false
	for change := range written.ChangedOrders() {
		found = found || change.Key == id
	}
	if !found {
		t.Error("a payment goes back because of an order that isn't looked at again")
	}
}
