package contract

import (
	"errors"

	"ticketflow/internal/app/command"
	"ticketflow/internal/domain/booking"
)

// overdrawn is an order of 5,000 whose whole refund the gateway has refused outright.
func (w *show) overdrawn() (booking.Order, booking.RefundRef) {
	w.t.Helper()
	order := w.sold("buyer", 0, 1)
	all := w.refund(order)
	w.must(all)
	w.must(&booking.RecordRefund{Refund: all.Made, Try: all.Made.Key, Failed: true})
	return order, all.Made
}

// find is one refund of those that there are.
func (w *show) find(rows Rows, key string) booking.Refund {
	w.t.Helper()
	for _, r := range rows.Refunds {
		if r.Ref.Key == key {
			return r
		}
	}
	w.t.Fatalf("there is no refund %s", key)
	return booking.Refund{}
}

// refundReduced: all of it can never go back at once any more, so the rest goes.
func refundReduced(s *stage) {
	for _, dispute := range []bool{false, true} {
		w := s.show(terms{places: 2, price: 2_500})
		order, ref := w.overdrawn()
		some := w.atGateway(order, "some", 2_000)
		some.Dispute = dispute
		s.must(some)
		rows := w.conserved()
		same(s.t, "refunds", len(rows.Refunds), 2)
		part := w.find(rows, ref.Key+":part:1")
		same(s.t, "the part", part.Amount.Minor(), 2_000)
		same(s.t, "its state", part.State, booking.RefundDone)
		same(s.t, "its name there", part.GatewayRef, some.GatewayRef)
		rest := w.find(rows, ref.Key)
		same(s.t, "the rest", rest.Amount.Minor(), 3_000)
		same(s.t, "its state", rest.State, booking.RefundRequested)
		same(s.t, "tries", rest.Retries, 1)
		again := *some
		again.News = booking.News{}
		s.must(some, &again)
		w.unchanged(rows)

		done := &booking.RecordRefund{Refund: ref, Try: rest.GatewayKey(), GatewayRef: "re"}
		s.must(done, done)
		rows = w.conserved()
		same(s.t, "refunded", rows.Payments[0].Refunded, order.Total)
		w.refused(booking.ErrRefundTooMuch, w.atGateway(order, "more", 1))
	}
}

// refundReducedMany: whoever is first, no refund is asked for with what has gone already.
func refundReducedMany(s *stage) {
	for range 3 {
		w := s.show(terms{places: 2, price: 2_500})
		order, ref := w.overdrawn()
		commands := []Command{w.atGateway(order, "one", 2_000), &booking.RetryRefund{Refund: ref},
			w.atGateway(order, "two", 500), &booking.RetryRefund{Refund: ref}}
		together(len(commands), func(i int) {
			switch err := s.run(commands[i])[0]; {
			case err == nil, errors.Is(err, booking.ErrRefundNotFailed),
				errors.Is(err, booking.ErrRefundPending):
			default:
				s.t.Errorf("%T: %v", commands[i], err)
			}
		})
		rows := w.conserved()
		left := order.Total.Minor()
		for _, r := range rows.Refunds {
			if r.State == booking.RefundDone {
				left -= r.Amount.Minor()
			}
		}
		same(s.t, "what is left", w.find(rows, ref.Key).Amount.Minor(), left)
	}
}

// wallReduced: what is asked for again is what is left, or nothing.
func wallReduced(s *stage) {
	w := s.show(terms{places: 1})
	order := w.sold("buyer", 0)
	owed := w.goodwill(order, order.Total.Minor())
	s.must(owed)
	s.must(&booking.RecordRefund{Refund: owed.Made, Failed: true})
	refund := w.rows().Refunds[0]
	s.must(w.atGateway(order, "some", 100))
	rows := w.conserved()
	w.refused(command.ErrConflict, stale{&booking.RetryRefund{Refund: refund.Ref},
		func(b *booking.Book) { b.LoadRefund(refund) }})
	w.unchanged(rows)
}

// refundPartOwed: a part that the buyer's bank had paid, and has returned, is a refund like others.
func refundPartOwed(s *stage) {
	w := s.show(terms{places: 2, price: 2_500})
	order, ref := w.overdrawn()
	taken := w.atGateway(order, "dispute", 2_000)
	taken.Dispute = true
	returned := *taken
	returned.Won, returned.News = true, w.news("won")
	s.must(taken, &returned)
	part := w.find(w.conserved(), ref.Key+":part:1")
	same(s.t, "the part", part.State, booking.RefundFailed)
	s.must(&booking.RetryRefund{Refund: part.Ref})
	part = w.find(w.conserved(), part.Ref.Key)
	s.must(&booking.RecordRefund{GatewayRef: "re", Try: part.GatewayKey(),
		Refund: booking.RefundRef{Event: w.id, Key: booking.RefundKey(part.GatewayKey())}})
	same(s.t, "the part", w.find(w.conserved(), part.Ref.Key).State, booking.RefundDone)
}

// disputed is a message of a dispute, and of the end of one.
func (w *show) disputed(order booking.Order, name string, minor int64, won bool) Command {
	c := w.atGateway(order, name, minor)
	c.Dispute, c.Won = true, won
	return c
}

// refundDisputes: the buyer withdraws one dispute and opens another.
func refundDisputes(s *stage) {
	w := s.show(terms{places: 1})
	order := w.sold("buyer", 0)
	all := order.Total.Minor()
	s.must(w.disputed(order, "d1", all, false))
	w.refused(booking.ErrRefundTooMuch, w.disputed(order, "d2", all, false)) // of news out of order
	s.must(w.disputed(order, "d1", all, true), w.disputed(order, "d2", all, false))
	rows := w.conserved()
	same(s.t, "disputes", len(rows.Refunds), 2)
	same(s.t, "refunded", rows.Payments[0].Refunded, order.Total)
	s.must(w.disputed(order, "d1", all, false), w.disputed(order, "d1", all, true)) // old news
	same(s.t, "refunded", w.conserved().Payments[0].Refunded, order.Total)
	s.must(w.disputed(order, "d2", all, true))
	same(s.t, "refunded", w.conserved().Payments[0].Refunded.Minor(), 0)
}

// refundDisputeParts: each of two disputes ends by itself.
func refundDisputeParts(s *stage) {
	w := s.show(terms{places: 1})
	order := w.sold("buyer", 0)
	s.must(w.disputed(order, "d1", 400, false), w.disputed(order, "d2", 300, false),
		w.disputed(order, "d2", 300, true), w.disputed(order, "d2", 300, true))
	rows := w.conserved()
	same(s.t, "refunded", rows.Payments[0].Refunded.Minor(), 400)
	var chargebacks int64
	for _, e := range rows.Journal {
		chargebacks += e.Chargebacks
	}
	same(s.t, "chargebacks", chargebacks, 400)
	s.must(w.disputed(order, "d1", 400, true))
	same(s.t, "refunded", w.conserved().Payments[0].Refunded.Minor(), 0)
}
