package contract

import (
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

func refundTickets(s *stage) {
	w := s.show(terms{places: 4, perBuyer: 3})
	order := w.sold("buyer", 0, 1, 2)
	tickets := w.tickets(order)
	c := w.refund(order, 1)
	s.must(c)
	rows := w.conserved()
	same(s.t, "refunds", len(rows.Refunds), 1)
	r := rows.Refunds[0]
	same(s.t, "the refund", r.Ref, c.Made)
	same(s.t, "amount", r.Amount.Minor(), w.terms.price)
	same(s.t, "places", slices.Equal(r.Places, []catalog.PlaceNo{1}), true)
	same(s.t, "state", rows.Orders[0].State, booking.Paid)
	same(s.t, "the place", rows.Places[1].State, booking.Free)
	w.refused(booking.ErrTicketVoid, w.scan(tickets[1], "north"))
	w.refused(booking.ErrNotInOrder, w.refund(order, 1), w.refund(order, 0, 1), w.refund(order, 3))
	again := *c
	again.Refund = s.key()
	s.must(&again)
	same(s.t, "the same key", again.Made, c.Made)
	other := *c
	other.Request = digest("another body")
	w.refused(booking.ErrKeyReused, &other)
	w.sold("buyer", 1) // the buyer's count has gone down, too
	s.must(w.scan(tickets[0], "north"))
	w.refused(booking.ErrAlreadyIn, w.refund(order, 0), w.refund(order))

	w = s.show(terms{places: 3})
	order = w.sold("buyer", 0, 1, 2)
	blocked := w.refund(order, 0)
	blocked.Block = true
	s.must(blocked, w.refund(order))
	rows = w.conserved()
	same(s.t, "state", rows.Orders[0].State, booking.OrderCancelled)
	same(s.t, "the blocked place", rows.Places[0].State, booking.Blocked)
	same(s.t, "the other one", rows.Places[1].State, booking.Free)
	same(s.t, "refunded", rows.Payments[0].Refunded, order.Total)
	w.refused(booking.ErrOrderNotPaid, w.refund(order))
}

func (w *show) goodwill(order booking.Order, minor int64) *booking.RefundOrder {
	c := w.refund(order)
	c.Goodwill = euros(w.t, minor)
	return c
}

func refundGoodwill(s *stage) {
	w := s.show(terms{places: 1})
	order := w.sold("buyer", 0)
	s.must(w.goodwill(order, 1_000))
	rows := w.conserved()
	same(s.t, "tickets", rows.Tickets[0].State, booking.TicketValid)
	same(s.t, "refunded", rows.Payments[0].Refunded.Minor(), 1_000)
	w.refused(booking.ErrRefundTooMuch, w.goodwill(order, order.Total.Minor()-999))
	s.must(w.goodwill(order, order.Total.Minor()-1_000))
	all := w.refund(order) // the money is gone: only the ticket is left
	s.must(all)
	same(s.t, "what was made", all.Made, booking.RefundRef{})
	rows = w.conserved()
	same(s.t, "refunds", len(rows.Refunds), 2)
	same(s.t, "state", rows.Orders[0].State, booking.OrderCancelled)
	s.must(all)
	w.unchanged(rows)
}

func refundMany(s *stage) {
	w := s.show(terms{places: 10, price: 1_000})
	order := w.sold("buyer", 0, 1, 2, 3, 4)
	commands := make([]Command, 40)
	for i := range commands {
		switch i % 4 {
		case 0:
			commands[i] = w.goodwill(order, 600)
		case 1:
			commands[i] = w.refund(order, w.seat(i/4%5))
		case 2:
			commands[i] = w.refund(order, 3, 4)
		default:
			commands[i] = w.atGateway(order, "dashboard", 700)
		}
	}
	var yes atomic.Int64
	together(len(commands), func(i int) {
		switch err := s.run(commands[i])[0]; {
		case err == nil:
			yes.Add(1)
		case errors.Is(err, booking.ErrRefundTooMuch), errors.Is(err, booking.ErrNotInOrder),
			errors.Is(err, booking.ErrOrderNotPaid), errors.Is(err, booking.ErrRefundPending):
		default:
			s.t.Errorf("%T: %v", commands[i], err)
		}
	})
	rows := w.conserved()
	same(s.t, "at least one was made", yes.Load() > 0, true)
	same(s.t, "more than was paid", rows.Payments[0].Refunded.Minor() > order.Total.Minor(), false)
}

func refundKept(s *stage) {
	w := s.show(terms{places: 2})
	order := w.sold("buyer", 0, 1)
	w.refused(booking.ErrOrderPaid, &booking.CancelOrder{ID: order.ID, Unpaid: true})
	s.must(&booking.CancelOrder{ID: order.ID, KeepMoney: true, Block: true})
	rows := w.conserved()
	same(s.t, "refunds", len(rows.Refunds), 0)
	same(s.t, "the place", rows.Places[1].State, booking.Blocked)
	same(s.t, "the ticket", rows.Tickets[0].State, booking.TicketVoid)
	s.must(w.goodwill(order, 10))
	same(s.t, "refunds", len(w.conserved().Refunds), 1)
}

func refundFailed(s *stage) {
	w := s.show(terms{places: 1})
	order := w.sold("buyer", 0)
	c := w.refund(order)
	s.must(c)
	fail := &booking.RecordRefund{Refund: c.Made, Failed: true, GatewayRef: "re 1",
		News: w.news("failed")}
	s.must(fail)
	rows := w.conserved()
	same(s.t, "state", rows.Refunds[0].State, booking.RefundFailed)
	same(s.t, "refunded", rows.Payments[0].Refunded, order.Total)
	retries := make([]error, 10)
	together(len(retries), func(i int) {
		retries[i] = s.run(&booking.RetryRefund{Refund: c.Made})[0]
	})
	s.count(retries, 1, booking.ErrRefundNotFailed)
	rows = w.conserved()
	same(s.t, "retries", rows.Refunds[0].Retries, 1)
	s.must(fail) // the old message again
	w.unchanged(rows)
	s.must(&booking.RecordRefund{Refund: c.Made, Try: rows.Refunds[0].GatewayKey(),
		GatewayRef: "re 2"})
	rows = w.conserved()
	same(s.t, "state", rows.Refunds[0].State, booking.RefundDone)
	same(s.t, "done", rows.Refunds[0].DoneAt, s.clock.Now())
	w.refused(booking.ErrRefundNotFailed, &booking.RetryRefund{Refund: c.Made})
}

func refundAtGateway(s *stage) {
	w := s.show(terms{places: 2, price: 1_000})
	order := w.sold("buyer", 0, 1)
	c := w.atGateway(order, "one", 300)
	s.must(c)
	rows := w.conserved()
	same(s.t, "reason", rows.Refunds[0].Reason, booking.ReasonGateway)
	same(s.t, "state", rows.Refunds[0].State, booking.RefundDone)
	asked := *c
	asked.News = booking.News{}
	s.must(c, &asked) // the message again, and the same from a look into the gateway's book
	w.unchanged(rows)

	own := w.refund(order, 0)
	s.must(own)
	w.refused(booking.ErrRefundPending, w.atGateway(order, "two", 1_700))
	s.must(&booking.RecordRefund{Refund: own.Made, Failed: true})
	s.must(w.atGateway(order, "two", 1_700))
	rows = w.conserved()
	same(s.t, "state of the order", rows.Orders[0].State, booking.OrderCancelled)
	same(s.t, "the place", rows.Places[1].State, booking.Blocked)
	for _, r := range rows.Refunds {
		same(s.t, "state of "+r.Ref.Key, r.State, booking.RefundDone)
	}
	w.refused(booking.ErrRefundTooMuch, w.atGateway(order, "three", 1))
}

func refundDispute(s *stage) {
	w := s.show(terms{places: 1})
	order := w.sold("buyer", 0)
	c := w.atGateway(order, "dispute", order.Total.Minor())
	c.Dispute = true
	s.must(c)
	rows := w.conserved()
	same(s.t, "state of the order", rows.Orders[0].State, booking.Paid)
	same(s.t, "chargebacks", rows.Journal[1].Chargebacks, order.Total.Minor())
	w.refused(booking.ErrRefundTooMuch, w.goodwill(order, 1))
	won := *c
	won.Won, won.News = true, w.news("won")
	s.must(&won)
	rows = w.conserved()
	same(s.t, "state", rows.Refunds[0].State, booking.RefundReversed)
	same(s.t, "refunded", rows.Payments[0].Refunded.Minor(), 0)
	s.must(&won, c)
	w.unchanged(rows)
}

func refundSales(s *stage) {
	w := s.show(terms{places: 6, price: 1_000})
	order := w.sold("buyer", 0, 1, 2)
	s.must(w.refund(order, 1))
	w.sold("next", 1) // who has the place now has a ticket for it, with another fence
	s.must(w.cancel(w.sold("gone", 3, 4)))
	w.ordered("open", 5)
	rows, err := s.engine.Sales.TierSales(s.t.Context(), w.id)
	s.noError(err)
	want := []query.TierSale{{State: booking.AwaitingPayment, Places: 1, Minor: 1_000},
		{State: booking.Paid, Places: 3, Minor: 3_000},
		{State: booking.OrderCancelled, Places: 2, Minor: 2_000}}
	same(s.t, "sales", fmt.Sprint(rows), fmt.Sprint(want))
	dispute := w.atGateway(order, "dispute", 500)
	dispute.Dispute = true
	s.must(dispute)
	w.returned(3_500)
	won := *dispute
	won.Won, won.News = true, w.news("won")
	s.must(&won)
	w.returned(3_000)
}

func (w *show) returned(want int64) {
	w.t.Helper()
	got, err := w.engine.Sales.Returned(w.t.Context(), w.id)
	w.noError(err)
	same(w.t, "what went back", got, want)
}
