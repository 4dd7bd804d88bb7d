package contract

import (
	"fmt"
	"sync/atomic"

	"ticketflow/internal/domain/booking"
)

// refunds: what was captured and isn't needed goes back once, and no more than was captured.
func refunds() []Case {
	return []Case{
		{"a cancelled order gives its money back", false, refundCancel},
		{"twenty cancellations at once", false, refundParallel},
		{"a refund is done once", false, refundDone},
		{"an unpaid order has nothing to give back", false, refundUnpaid},
		{"an order that has ended can't be cancelled", false, refundEnded},
		{"a used ticket isn't cancelled", false, refundUsed},
		{"cancelled while it is being paid", false, refundRace},
		{"some tickets go back", false, refundTickets},
		{"an amount changes no ticket", false, refundGoodwill},
		{"many at once never exceed the payment", false, refundMany},
		{"cancelled without a refund", false, refundKept},
		{"one that has failed is still owed", false, refundFailed},
		{"made at the gateway's side", false, refundAtGateway},
		{"made there beside a larger one that failed", false, refundReduced},
		{"made there while some are tried again", false, refundReducedMany},
		{"what the bank returns of a part is owed", false, refundPartOwed},
		{"a dispute, lost and won", false, refundDispute},
		{"one dispute after the other", false, refundDisputes},
		{"two disputes of parts", false, refundDisputeParts},
		{"what was returned isn't sold", false, refundSales},
	}
}

func refundCancel(s *stage) {
	w := s.show(terms{places: 3, perBuyer: 3})
	order := w.sold("buyer", 0, 1)
	before := w.tickets(order)
	s.must(w.cancel(order))
	rows := w.conserved()
	same(s.t, "state", rows.Orders[0].State, booking.OrderCancelled)
	same(s.t, "refunds", len(rows.Refunds), 1)
	refund := rows.Refunds[0]
	same(s.t, "amount", refund.Amount, order.Total)
	same(s.t, "order", refund.Order, order.ID.Key)
	same(s.t, "refund's state", refund.State, booking.RefundRequested)
	same(s.t, "refunded", rows.Payments[0].Refunded, order.Total)
	after := w.tickets(order)
	same(s.t, "tickets", len(after), 2)
	for i, ticket := range after {
		same(s.t, "ticket", ticket.ID, before[i].ID)
		same(s.t, "its state", ticket.State, booking.TicketVoid)
		w.refused(booking.ErrTicketVoid, w.scan(ticket, "north"))
	}
	again := w.sold("buyer", 1, 0, 2) // the count of the buyer went down, too
	same(s.t, "valid tickets", len(w.tickets(again)), 3)
	w.conserved()
}

func refundParallel(s *stage) {
	w := s.show(terms{places: 1})
	order := w.sold("buyer", 0)
	together(20, func(int) {
		if err := s.office.CancelOrder(s.t.Context(), order.ID); err != nil {
			s.t.Errorf("cancel: %v", err)
		}
	})
	rows := w.conserved()
	same(s.t, "refunds", len(rows.Refunds), 1)
	same(s.t, "facts", len(rows.Facts), 6)
}

func refundDone(s *stage) {
	w := s.show(terms{places: 1})
	s.must(w.cancel(w.sold("buyer", 0)))
	ref := w.rows().Refunds[0].Ref
	s.must(&booking.RecordRefund{Refund: ref, GatewayRef: "gateway 1"})
	before := w.rows()
	same(s.t, "state", before.Refunds[0].State, booking.RefundDone)
	same(s.t, "gateway's name", before.Refunds[0].GatewayRef, "gateway 1")
	s.must(&booking.RecordRefund{Refund: ref, GatewayRef: "gateway 2"})
	w.unchanged(before)
	ref.Key += " of somebody else"
	w.refused(booking.ErrRefundNotFound, &booking.RecordRefund{Refund: ref})
}

func refundUnpaid(s *stage) {
	w := s.show(terms{places: 1})
	order := w.ordered("buyer", 0)
	s.must(w.cancel(order))
	before := w.conserved()
	same(s.t, "refunds", len(before.Refunds), 0)
	same(s.t, "the place", before.Places[0].State, booking.Free)
	s.must(w.cancel(order))
	w.unchanged(before)
}

func refundEnded(s *stage) {
	w := s.show(terms{places: 2})
	order := w.overdue("late")
	w.refused(booking.ErrOrderEnded, w.cancel(order))
	order.ID.Key = s.key()
	w.refused(booking.ErrOrderNotFound, w.cancel(order))
}

func refundUsed(s *stage) {
	w := s.show(terms{places: 2})
	order := w.sold("buyer", 0, 1)
	s.must(w.scan(w.tickets(order)[1], "north"))
	w.refused(booking.ErrAlreadyIn, w.cancel(order))
	w.conserved()
}

func refundRace(s *stage) {
	const orders = 20
	w := s.show(terms{places: orders})
	var returned atomic.Int64
	made := make([]booking.Order, orders)
	for i := range made {
		made[i] = w.ordered(fmt.Sprint("buyer", i), w.seat(i))
	}
	together(2*orders, func(i int) {
		order, tx := made[i/2], fmt.Sprint("tx", i)
		if i%2 == 0 {
			if err := s.office.CancelOrder(s.t.Context(), order.ID); err != nil {
				s.t.Errorf("cancel: %v", err)
			}
			return
		}
		outcome, err := s.office.RecordPayment(s.t.Context(), paid(order, tx, tx))
		if err != nil {
			s.t.Errorf("pay: %v", err)
		}
		if outcome == booking.PaymentGivenBack {
			returned.Add(1)
		}
	})
	rows := w.conserved()
	same(s.t, "refunds", len(rows.Refunds), orders) // either way, the money goes back
	for _, p := range rows.Places {
		same(s.t, "a place", p.State, booking.Free)
	}
}
