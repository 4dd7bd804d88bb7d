package contract

import (
	"fmt"
	"sync/atomic"
	"time"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/money"
)

// payments: captured money buys its order once, or goes back.
func payments() []Case {
	return []Case{
		{"a payment makes tickets", false, payApplied},
		{"a hundred notices of one payment", false, payParallel},
		{"the same notice of another payment", false, payNotice},
		{"late, and the places are still free", false, payLateFree},
		{"late, and a place was retaken", false, payLateTaken},
		{"late, and the buyer has others by now", false, payLateLimit},
		{"late, and the event was cancelled", false, payLateCancelled},
		{"after its time but before the sweep", false, payBeforeSweep},
		{"a second payment of an order is given back", false, payDouble},
		{"two payments of an order at once", false, payRace},
		{"of a cancelled order is given back", false, payCancelled},
		{"a wrong amount or currency goes into quarantine", false, payMismatch},
		{"from quarantine it is returned once", false, payReturned},
		{"a replay takes it out of quarantine", false, payReplayed},
		{"a declined attempt is counted once", false, payDeclined},
		{"a message that can't be applied is kept", false, payKept},
		{"two gateways with one name for a payment", false, payGateways},
		{"an order of nothing is paid at once", false, payNothing},
		{"of an unknown order goes into quarantine", false, payUnknown},
	}
}

func payApplied(s *stage) {
	w := s.show(terms{places: 3})
	order := w.ordered("buyer", 2, 0)
	pay := w.pay(order, "tx")
	s.must(pay)
	same(s.t, "outcome", pay.Outcome, booking.PaymentApplied)
	got, tickets, err := s.engine.Bookings.OrderTickets(s.t.Context(), order.ID)
	s.noError(err)
	order.State, order.PaidAt = booking.Paid, s.clock.Now()
	order.Provider, order.Transaction = provider, pay.Payment.Transaction
	if diff := difference(Rows{Orders: []booking.Order{order}},
		Rows{Orders: []booking.Order{got}}); diff != "" {
		s.t.Errorf("the order (-want +got):\n%s", diff)
	}
	same(s.t, "tickets", len(tickets), 2)
	for i, ticket := range tickets {
		same(s.t, "place", ticket.ID.Place, order.Lines[i].Place)
		same(s.t, "state", ticket.State, booking.TicketValid)
		same(s.t, "order", ticket.Order, order.ID.Key)
		found, err := s.engine.Bookings.Ticket(s.t.Context(), ticket.ID)
		s.noError(err)
		same(s.t, "the ticket by its number", found, ticket)
	}
	same(s.t, "secrets are equal", tickets[0].ID.Secret == tickets[1].ID.Secret, false)
	payment := w.conserved().Payments[0]
	same(s.t, "amount", payment.Amount, order.Total)
	same(s.t, "use", payment.Use, booking.Applied)
}

func payParallel(s *stage) {
	const notices = 100
	w := s.show(terms{places: 2})
	order := w.ordered("buyer", 0, 1)
	var applied atomic.Int64
	together(notices, func(i int) {
		notice := fmt.Sprint("note ", i%10) // some messages come twice, some say the same anew
		outcome, err := s.office.RecordPayment(s.t.Context(), paid(order, "tx", notice))
		if err != nil {
			s.t.Errorf("notice %d: %v", i, err)
		}
		if outcome == booking.PaymentApplied {
			applied.Add(1)
		} else {
			same(s.t, "outcome", outcome, booking.PaymentRepeated)
		}
	})
	same(s.t, "effects", applied.Load(), 1)
	rows := w.conserved()
	same(s.t, "tickets", len(rows.Tickets), 2)
	same(s.t, "payments", len(rows.Payments), 1)
	same(s.t, "notices", len(rows.Notices), 10)
	same(s.t, "facts", len(rows.Facts), 4)
}

func payNotice(s *stage) {
	w := s.show(terms{places: 1})
	order := w.ordered("buyer", 0)
	first, second := w.pay(order, "tx"), w.pay(order, "tx2")
	second.Notice = first.Notice
	s.must(first)
	before := w.rows()
	s.must(second) // whoever sends a message twice has sent nothing new
	same(s.t, "outcome", second.Outcome, booking.PaymentRepeated)
	w.unchanged(before)
	asked := w.pay(order, "tx")
	asked.Notice = booking.NoticeRef{} // the gateway was asked: there is no message
	s.must(asked)
	same(s.t, "outcome", asked.Outcome, booking.PaymentRepeated)
	w.unchanged(before)
}

// overdue is an order that was released because nobody paid it.
func (w *show) overdue(buyer string) booking.Order {
	w.t.Helper()
	order := w.ordered(buyer, 0, 1)
	w.clock.Advance(payTime + booking.PayGrace + time.Second)
	w.must(&booking.ExpireOrder{ID: order.ID})
	return order
}

// late pays an order and returns the outcome and what is committed then.
func (w *show) late(order booking.Order) (booking.PaymentOutcome, Rows) {
	w.t.Helper()
	pay := w.pay(order, "late "+order.ID.String())
	w.must(pay)
	again := *pay
	w.must(&again)
	same(w.t, "the second time", again.Outcome, booking.PaymentRepeated)
	return pay.Outcome, w.conserved()
}

func payLateFree(s *stage) {
	w := s.show(terms{places: 2, perBuyer: 2})
	order := w.overdue("late")
	same(s.t, "freed", w.conserved().Places[0].State, booking.Free)
	outcome, rows := w.late(order)
	same(s.t, "outcome", outcome, booking.PaymentTookBack)
	same(s.t, "state", rows.Orders[0].State, booking.Paid)
	same(s.t, "fence", rows.Orders[0].Lines[1].Fence, 2)
	same(s.t, "tickets", len(rows.Tickets), 2)
	same(s.t, "refunds", len(rows.Refunds), 0)
}

func payLateTaken(s *stage) {
	w := s.show(terms{places: 2})
	order := w.overdue("late")
	w.held(1)
	outcome, rows := w.late(order)
	same(s.t, "outcome", outcome, booking.PaymentGivenBack)
	same(s.t, "state", rows.Orders[0].State, booking.OrderExpired)
	same(s.t, "tickets", len(rows.Tickets), 0)
	same(s.t, "place 0", rows.Places[0].State, booking.Free)
	same(s.t, "refunds", len(rows.Refunds), 1)
	same(s.t, "refunded", rows.Refunds[0].Amount, order.Total)
	same(s.t, "use", rows.Payments[0].Use, booking.Returned)

	// A hold past its time on the places is none.
	w = s.show(terms{places: 2})
	order = w.overdue("late")
	w.held(0)
	s.clock.Advance(holdTime + time.Second)
	outcome, _ = w.late(order)
	same(s.t, "outcome", outcome, booking.PaymentTookBack)
}

func payLateLimit(s *stage) {
	w := s.show(terms{places: 4, perBuyer: 2})
	order := w.overdue("late")
	w.sold("late", 2, 3)
	outcome, rows := w.late(order)
	same(s.t, "outcome", outcome, booking.PaymentGivenBack)
	same(s.t, "refunds", len(rows.Refunds), 1)
}

func payLateCancelled(s *stage) {
	w := s.show(terms{places: 2})
	order := w.overdue("late")
	s.must(&booking.SetStatus{Event: w.id, Status: catalog.Cancelled})
	outcome, rows := w.late(order)
	same(s.t, "outcome", outcome, booking.PaymentGivenBack)
	same(s.t, "refunds", len(rows.Refunds), 1)
}

func payBeforeSweep(s *stage) {
	w := s.show(terms{places: 1})
	order := w.ordered("slow", 0)
	s.clock.Advance(payTime + time.Hour)
	w.refused(booking.ErrPlaceTaken, w.hold(0)) // the gateway wasn't asked yet
	outcome, rows := w.late(order)
	same(s.t, "outcome", outcome, booking.PaymentApplied)
	same(s.t, "tickets", len(rows.Tickets), 1)
}

func payDouble(s *stage) {
	w := s.show(terms{places: 1})
	order := w.sold("buyer", 0)
	outcome, rows := w.late(order)
	same(s.t, "outcome", outcome, booking.PaymentGivenBack)
	same(s.t, "payments", len(rows.Payments), 2)
	same(s.t, "refunds", len(rows.Refunds), 1)
	same(s.t, "tickets", len(rows.Tickets), 1)
	same(s.t, "state", rows.Orders[0].State, booking.Paid)
}

func payRace(s *stage) {
	const payments = 20
	w := s.show(terms{places: 1})
	order := w.ordered("buyer", 0)
	var applied atomic.Int64
	together(payments, func(i int) {
		tx := fmt.Sprint("tx", i)
		outcome, err := s.office.RecordPayment(s.t.Context(), paid(order, tx, tx))
		if err != nil {
			s.t.Errorf("payment %d: %v", i, err)
		}
		if outcome == booking.PaymentApplied {
			applied.Add(1)
		}
	})
	same(s.t, "applied", applied.Load(), 1)
	rows := w.conserved()
	same(s.t, "refunds", len(rows.Refunds), payments-1)
	same(s.t, "tickets", len(rows.Tickets), 1)
}

func payCancelled(s *stage) {
	w := s.show(terms{places: 1})
	order := w.ordered("buyer", 0)
	s.must(w.cancel(order))
	outcome, rows := w.late(order)
	same(s.t, "outcome", outcome, booking.PaymentGivenBack)
	same(s.t, "state", rows.Orders[0].State, booking.OrderCancelled)
	same(s.t, "the place", rows.Places[0].State, booking.Free)
}

func payMismatch(s *stage) {
	w := s.show(terms{places: 1})
	order := w.ordered("buyer", 0)
	dollars, err := money.New(order.Total.Minor(), money.Currency{'U', 'S', 'D'})
	s.noError(err)
	wrong := []money.Money{euros(s.t, 1), euros(s.t, order.Total.Minor()-1),
		euros(s.t, order.Total.Minor()+1), euros(s.t, money.MaxMinor), dollars}
	for i, amount := range wrong {
		pay := w.pay(order, fmt.Sprint("tx", i))
		pay.Amount = amount
		s.must(pay)
		same(s.t, "outcome", pay.Outcome, booking.PaymentQuarantined)
		rows := w.conserved()
		same(s.t, "the payment", rows.Payments[i].Amount, amount)
		same(s.t, "its use", rows.Payments[i].Use, booking.Quarantined)
		same(s.t, "the order", rows.Orders[0].State, booking.AwaitingPayment)
		same(s.t, "the place", rows.Places[0].State, booking.Ordered)
		same(s.t, "tickets", len(rows.Tickets), 0)
		same(s.t, "refunds", len(rows.Refunds), 0)
	}
	for _, amount := range []money.Money{euros(s.t, 0), {}} {
		pay := w.pay(order, "tx of nothing")
		pay.Amount = amount
		w.refused(booking.ErrPaymentMismatch, pay)
	}
	right := w.pay(order, "tx")
	s.must(right)
	same(s.t, "outcome", right.Outcome, booking.PaymentApplied)
	w.conserved()
}

func payGateways(s *stage) {
	w := s.show(terms{places: 2})
	one, two := w.pay(w.ordered("one", 0), "tx"), w.pay(w.ordered("two", 1), "tx")
	two.Payment.Provider, two.Notice = "otherpay", one.Notice
	two.Notice.Provider = "otherpay"
	s.count(s.run(one, two), 2, nil)
	same(s.t, "outcome of the first", one.Outcome, booking.PaymentApplied)
	same(s.t, "outcome of the second", two.Outcome, booking.PaymentApplied)
	s.must(&booking.CancelOrder{ID: one.Order}, &booking.CancelOrder{ID: two.Order})
	same(s.t, "refunds", len(w.conserved().Refunds), 2)
}

func payNothing(s *stage) {
	w := s.show(terms{places: 2, price: free})
	order := w.ordered("buyer", 0, 1)
	same(s.t, "state", order.State, booking.Paid)
	rows := w.conserved()
	same(s.t, "tickets", len(rows.Tickets), 2)
	same(s.t, "payments", len(rows.Payments), 0)
	s.must(w.scan(w.tickets(order)[0], "north"))
	w.refused(booking.ErrAlreadyIn, w.cancel(order))
	s.must(&booking.ExpireOrder{ID: order.ID})
	w.conserved()
}

func payUnknown(s *stage) {
	w := s.show(terms{places: 1})
	order := w.ordered("buyer", 0)
	order.ID.Key = s.key()
	pay := w.pay(order, "tx")
	s.must(pay)
	same(s.t, "outcome", pay.Outcome, booking.PaymentQuarantined)
	rows := w.conserved()
	same(s.t, "payments", len(rows.Payments), 1)
	same(s.t, "order", rows.Payments[0].Order, order.ID.Key)
	s.must(w.pay(order, "tx"))
	same(s.t, "payments", len(w.conserved().Payments), 1)
}
