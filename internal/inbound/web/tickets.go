package web

import (
	"strconv"
	"time"

	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
)

var ticketScripts = []string{"tickets.js"}

// ticketSheet is the tickets of an order, or one of them.
type ticketSheet struct {
	offer *query.Offer
	start time.Time
	doors time.Time // may be zero
	order string    // its address; empty for who sees one ticket only
	wrong bool      // something is wrong with a form of the page
	cards []ticketCard
}

type ticketCard struct {
	booking.Ticket
	section, row, seat string
	entrance           string
	holder             string // whose name is on it; empty once it was passed on
	qr                 string // address of the picture; empty if it admits nobody
	used               string
	passed             string // who it was passed on to, in words; or that it was
	pass               string // where it can be passed on; empty if it can't
	wish               passing
}

// showTickets answers GET /orders/{order}/tickets.
func (s *Site) showTickets(v *visit) (component, error) {
	id, err := s.orderOf(v.request)
	if err != nil {
		return nil, err
	}
	sheet, err := s.ownSheet(v, id)
	if err != nil {
		return nil, err
	}
	return ticketsPage(v, sheet), nil
}

// ownSheet is the tickets of an order as its buyer sees them.
func (s *Site) ownSheet(v *visit, id booking.OrderID) (*ticketSheet, error) {
	o, tickets, err := s.bookings.OrderTickets(v.request.Context(), id)
	if err != nil {
		return nil, err
	}
	if len(tickets) == 0 {
		return nil, awayError{"/orders/" + id.String()}
	}
	// The links of tickets that were passed on are somebody else's.
	own := query.OwnTickets(tickets, make([]string, len(tickets)))
	shown := make([]booking.Ticket, len(own))
	for i := range own {
		shown[i] = own[i].Ticket
	}
	sheet, err := s.sheet(v, &o, shown)
	if err != nil {
		return nil, err
	}
	for i := range own {
		card := &sheet.cards[i]
		if own[i].Became != 0 {
			card.passed = v.Tickets.PassedTo(own[i].PassedTo.Name)
		} else if card.State == booking.TicketValid {
			card.pass = "/tickets/" + card.ID.String() + "/transfer"
		}
	}
	sheet.order = "/orders/" + id.String()
	return sheet, nil
}

// showTicket answers GET /tickets/{ticket}: who has the link has the ticket.
func (s *Site) showTicket(v *visit) (component, error) {
	id, err := booking.ParseTicketID(v.request.PathValue("ticket"))
	if err != nil {
		return nil, booking.ErrTicketNotFound
	}
	t, err := query.Ticket(v.request.Context(), s.bookings, id)
	if err != nil {
		return nil, err
	}
	o, err := s.bookings.Order(v.request.Context(), booking.OrderID{Event: id.Event, Key: t.Order})
	if err != nil {
		return nil, err
	}
	sheet, err := s.sheet(v, &o, []booking.Ticket{t})
	if err != nil {
		return nil, err
	}
	return ticketsPage(v, sheet), nil
}

func (s *Site) sheet(
	v *visit, o *booking.Order, tickets []booking.Ticket,
) (*ticketSheet, error) {
	offer, err := s.offers.Get(v.request.Context(), o.ID.Event)
	if err != nil {
		return nil, err
	}
	facts := offer.Event()
	sheet := &ticketSheet{offer: offer, start: inZone(facts.StartsAt, facts.TimeZone)}
	if !facts.DoorsAt.IsZero() {
		sheet.doors = inZone(facts.DoorsAt, facts.TimeZone)
	}
	for _, t := range tickets {
		label := offer.Plan().Label(t.ID.Place)
		card := ticketCard{Ticket: t, section: label.Section, row: label.Row, seat: label.Seat,
			holder: o.NameOn(t)}
		if i := offer.Plan().SectionOf(t.ID.Place); i >= 0 {
			card.entrance = offer.Plan().Section(i).Entrance
		}
		if t.State.Living() {
			card.qr = "/v1/tickets/" + t.ID.String() + "/qr.svg"
		}
		if t.State == booking.TicketTransferred {
			card.passed, card.holder = v.Tickets.Passed, ""
		}
		if t.State == booking.TicketUsed {
			card.used = v.Tickets.Used(v.Dates.Clock(inZone(t.UsedAt, facts.TimeZone)), t.Gate)
		}
		sheet.cards = append(sheet.cards, card)
	}
	return sheet, nil
}

// anchor is the name of a card on its page.
func anchor(i int) string { return "t" + strconv.Itoa(i+1) }
