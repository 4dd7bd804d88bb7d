package contract

import (
	"fmt"
	"time"

	"ticketflow/internal/domain/booking"
)

// doubtful is a payment in quarantine.
func (w *show) doubtful(order booking.Order, minor int64) *booking.RecordPayment {
	w.t.Helper()
	pay := w.pay(order, "doubtful")
	pay.Amount, pay.Attempt, pay.Payload = euros(w.t, minor), 2, `{"a":"message"}`
	w.must(pay)
	same(w.t, "outcome", pay.Outcome, booking.PaymentQuarantined)
	return pay
}

func payReturned(s *stage) {
	w := s.show(terms{places: 2})
	pay := w.doubtful(w.ordered("buyer", 0), 900)
	s.must(&booking.ReturnPayment{Payment: pay.Payment})
	rows := w.conserved()
	same(s.t, "use", rows.Payments[0].Use, booking.Returned)
	same(s.t, "the key at the gateway", rows.Payments[0].GatewayKey(),
		booking.AttemptKey(pay.Order, 2))
	same(s.t, "refunds", len(rows.Refunds), 1)
	same(s.t, "amount", rows.Refunds[0].Amount, euros(s.t, 900))
	s.must(&booking.ReturnPayment{Payment: pay.Payment})
	w.unchanged(rows)
	used := w.sold("other", 1)
	w.refused(booking.ErrPaymentInUse, &booking.ReturnPayment{
		Payment: w.atGateway(used, "", 0).Payment})
	pay.Payment.Transaction += " of somebody else"
	w.refused(booking.ErrPaymentNotFound, &booking.ReturnPayment{Payment: pay.Payment})
}

func payReplayed(s *stage) {
	w := s.show(terms{places: 1})
	order := w.order(w.held(0).ID, "buyer")
	early := w.pay(booking.Order{ID: order.ID, Total: euros(s.t, w.terms.price)}, "early")
	s.must(early, order) // its order is known only now, as after a loss
	same(s.t, "outcome", early.Outcome, booking.PaymentQuarantined)
	again := *early
	s.must(&again)
	same(s.t, "outcome of a repetition", again.Outcome, booking.PaymentRepeated)
	again.Again = true
	s.must(&again)
	same(s.t, "outcome of a replay", again.Outcome, booking.PaymentApplied)
	rows := w.conserved()
	same(s.t, "use", rows.Payments[0].Use, booking.Applied)
	same(s.t, "state", rows.Orders[0].State, booking.Paid)
	s.must(&again)
	w.unchanged(rows)
}

func payDeclined(s *stage) {
	w := s.show(terms{places: 1})
	order := w.ordered("buyer", 0)
	decline := &booking.RecordDecline{Order: order.ID, Attempt: 1, Amount: order.Total,
		News: w.news("declined")}
	s.must(decline)
	rows := w.conserved()
	same(s.t, "declined", rows.Orders[0].Declined, 1)
	s.must(decline)
	asked := *decline
	asked.News = booking.News{}
	s.must(&asked)
	w.unchanged(rows)
	others := make([]Command, 10) // ten messages about the second attempt
	for i := range others {
		others[i] = &booking.RecordDecline{Order: order.ID, Attempt: 2, Amount: order.Total,
			News: w.news(fmt.Sprint("declined ", i))}
	}
	together(len(others), func(i int) { s.is(s.run(others[i])[0], nil, "decline") })
	rows = w.conserved()
	same(s.t, "declined", rows.Orders[0].Declined, 2)
	same(s.t, "notices", len(rows.Notices), 11)
	pay := w.pay(order, "tx")
	pay.Attempt = 3
	s.must(pay)
	same(s.t, "the key", w.conserved().Payments[0].GatewayKey(), booking.AttemptKey(order.ID, 3))
}

func payKept(s *stage) {
	w := s.show(terms{places: 1})
	order := w.ordered("buyer", 0)
	pay := w.pay(order, "tx")
	keep := &booking.KeepNotice{Why: "some_code",
		News: booking.News{Notice: pay.Notice, Payload: `{"as it":"came"}`}}
	s.must(keep)
	kept := w.conserved()
	want := booking.Notice{State: booking.NoticeKept, At: s.clock.Now(), Why: "some_code",
		Payload: `{"as it":"came"}`}
	same(s.t, "notices", len(kept.Notices), 1)
	same(s.t, "the notice", kept.Notices[0], Noticed{pay.Notice, want})
	s.must(keep)
	w.unchanged(kept)
	s.clock.Advance(time.Minute)
	s.must(pay)
	same(s.t, "outcome", pay.Outcome, booking.PaymentApplied)
	want.State, want.Why = booking.NoticeApplied, ""
	rows := w.conserved()
	same(s.t, "the notice", rows.Notices[0], Noticed{pay.Notice, want})
	s.must(keep, pay)
	w.unchanged(rows)
}
