package contract

import (
	"fmt"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

// languages: what a buyer and who gets a ticket from them are to be written to in is kept.
func languages() []Case {
	return []Case{
		{"an order keeps its buyer's, a ticket its holder's", true, languageKept},
		{"the same order again in another one", false, languageAgain},
	}
}

func languageKept(s *stage) {
	tags := []string{"de", "", "pt-BR", "abcdefgh-abcdefgh-12345678-abcdefgh"}
	w := s.show(terms{places: 2 * len(tags)})
	orders, passed := make([]*booking.PlaceOrder, len(tags)), make([]booking.TicketID, len(tags))
	for i, tag := range tags {
		place := catalog.PlaceNo(2 * i)
		orders[i] = w.order(w.held(place, place+1).ID, fmt.Sprint("buyer", i))
		orders[i].Buyer.Language = tag
		s.must(orders[i])
		s.must(w.pay(orders[i].Made, fmt.Sprint("tx ", i)))
		transfer := w.transfer(w.tickets(orders[i].Made)[0])
		transfer.To.Language = tags[len(tags)-1-i]
		s.must(transfer)
		passed[i] = transfer.Made
	}
	look := func() {
		for i, tag := range tags {
			o, err := s.engine.Bookings.Order(s.t.Context(), orders[i].ID)
			s.noError(err)
			same(s.t, "the buyer", o.Buyer, orders[i].Buyer)
			same(s.t, "the buyer's language", o.Buyer.Language, tag)
			o, tickets, err := s.engine.Bookings.OrderTickets(s.t.Context(), orders[i].ID)
			s.noError(err)
			same(s.t, "the buyer's language, with the tickets", o.Buyer.Language, tag)
			for _, ticket := range tickets {
				want := ""
				if ticket.ID == passed[i] {
					want = tags[len(tags)-1-i]
				}
				same(s.t, "a holder's language", ticket.Holder.Language, want)
			}
			ticket, err := s.engine.Bookings.Ticket(s.t.Context(), passed[i])
			s.noError(err)
			same(s.t, "the new holder's", ticket.Holder.Language, tags[len(tags)-1-i])
		}
	}
	look()
	s.crash() // nothing is answered from memory any more
	look()
	s.must(w.cancel(orders[0].Made)) // a later change leaves it as it is
	look()
	w.conserved()
}

// languageAgain: a box office that doesn't count the language as part of the request.
func languageAgain(s *stage) {
	w := s.show(terms{places: 1})
	wish := w.wishOrder(1, w.held(0).ID)
	wish.Buyer.Language = "de"
	first, err := s.office.PlaceOrder(s.t.Context(), wish)
	s.noError(err)
	wish.Buyer.Language = "en"
	again, err := s.office.PlaceOrder(s.t.Context(), wish)
	s.noError(err)
	same(s.t, "the order", again.Order.ID, first.Order.ID)
	same(s.t, "its language", again.Order.Buyer.Language, "de")
}
