package contract

import (
	"sync/atomic"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/money"
)

// limits: of places per buyer, over all orders and all ways to write an address; and of money.
func limits() []Case {
	return []Case{
		{"parallel orders of one buyer", false, limitParallel},
		{"orders of one buyer in one batch", false, limitBatch},
		{"one person, many spellings", false, limitSpelling},
		{"what has ended doesn't count", false, limitEnded},
		{"the largest amounts", false, limitMoney},
	}
}

func limitParallel(s *stage) {
	const orders, limit = 40, 7
	w := s.show(terms{places: orders, perBuyer: limit})
	holds := make([]booking.Hold, orders)
	for i := range holds {
		holds[i] = w.held(w.seat(i))
	}
	var granted atomic.Int64
	together(orders, func(i int) {
		wish := w.wishOrder(i, holds[i].ID)
		wish.Buyer = booking.Buyer{Name: "One", Email: "one@example.org"}
		if _, err := s.office.PlaceOrder(s.t.Context(), wish); err == nil {
			granted.Add(1)
		} else {
			s.is(err, booking.ErrBuyerLimit, "an order over the limit")
		}
	})
	same(s.t, "orders", granted.Load(), limit)
	for _, n := range w.conserved().Buyers {
		same(s.t, "places", n, limit)
	}
}

func limitBatch(s *stage) {
	w := s.show(terms{places: 6, perBuyer: 3})
	first := w.order(w.held(0, 1).ID, "one")
	second := w.order(w.held(2, 3).ID, "one")
	third := w.order(w.held(4).ID, "one")
	other := w.order(w.held(5).ID, "two")
	failures := s.run(first, second, third, other)
	s.count(failures, 3, booking.ErrBuyerLimit)
	s.is(failures[1], booking.ErrBuyerLimit, "the order over the limit")
	w.conserved()
}

func limitSpelling(s *stage) {
	w := s.show(terms{places: 4, perBuyer: 2})
	for i, email := range []string{"a.b@example.org", "A.B@Example.org", "a.b+2@example.org"} {
		hold := w.held(w.seat(i))
		wish := w.wishOrder(i, hold.ID)
		wish.Buyer.Email = email
		_, err := s.office.PlaceOrder(s.t.Context(), wish)
		var want error
		if i == 2 {
			want = booking.ErrBuyerLimit
		}
		s.is(err, want, email)
	}
	w.conserved()
}

func limitEnded(s *stage) {
	w := s.show(terms{places: 8, perBuyer: 2})
	for i := range 3 {
		order := w.ordered("one", 0, 1)
		w.refused(booking.ErrBuyerLimit, w.order(w.held(w.seat(5+i)).ID, "one"))
		s.must(w.cancel(order))
	}
	overdue := w.overdue("one")
	w.ordered("one", 2, 3)
	w.refused(booking.ErrOrderEnded, w.cancel(overdue))
	w.refused(booking.ErrBuyerLimit, w.order(w.held(4).ID, "one"))
	w.conserved()
}

func limitMoney(s *stage) {
	w := s.show(terms{places: 3, price: money.MaxMinor})
	order := w.ordered("rich", 0)
	same(s.t, "total", order.Total, euros(s.t, money.MaxMinor))
	s.must(w.pay(order, "tx"))
	s.must(w.cancel(order))
	rows := w.conserved()
	same(s.t, "refund", rows.Refunds[0].Amount, order.Total)

	// What the ledger could not read again isn't granted.
	w.refused(money.ErrRange, w.hold(1, 2))
	s.must(w.hold(1), w.hold(2))
	w.conserved()
}
