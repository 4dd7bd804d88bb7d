package web

import (
	"errors"
	"maps"
	"net/http"
	"slices"

	"ticketflow/internal/app/calendar"
	"ticketflow/internal/app/command"
	"ticketflow/internal/app/phrase"
	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/errs"
	"ticketflow/internal/inbound/edge"
	"ticketflow/internal/inbound/forms"
)

// wholeTicket is the field of a problem that no field can mend.
const wholeTicket = "ticket"

// passing is a wish to pass a ticket on, as it was typed.
type passing struct {
	name, email string
	key         string // under which it is sent
	sure        string // an e-mail address that the buyer has confirmed
	meant       string // the address that was probably meant instead
	problems    problems
}

// passed is a ticket that was passed on a moment ago.
type passed struct {
	to      booking.Holder
	link    string // opens the new ticket: a secret
	tickets string // where the buyer's others are
}

// transferTicket answers POST /tickets/{ticket}/transfer: buyers pass a ticket of theirs on. The
// answer is the only page that has the new ticket's link. Loading it again sends the same form with
// the same key, which shows the same link and passes nothing on.
func (s *Site) transferTicket(w http.ResponseWriter, v *visit) error {
	form := v.request.PostForm
	p := &passing{name: clean(form.Get("name")), email: clean(form.Get("email")),
		sure: form.Get("sure"), key: form.Get("key")}
	id, order, err := s.ownTicket(v)
	if errs.KindOf(err) == errs.Unavailable && p.key != "" {
		s.sendPassAgain(w, v, p) // a repeat may be what the buyer has come for
		return nil
	}
	if err != nil {
		return err
	}
	if form.Get("do") == "use" {
		if meant := forms.MailSlip(p.email); meant != "" {
			p.email = meant
		}
		return s.sendPassing(w, v, id, order, p)
	}
	if p.check(v); len(p.problems) > 0 {
		return s.sendPassing(w, v, id, order, p)
	}
	to, err := booking.NewBuyer(p.name, p.email)
	if err != nil {
		return err
	}
	// The new holder hasn't seen a page yet: they are written to in the language that who passes
	// the ticket on reads. As with an order, it makes no other request of the same one.
	to.Language = v.Lang
	if p.key == "" {
		p.key = v.key()
	}
	made, err := s.office.TransferTicket(v.request.Context(), command.TransferWish{Ticket: id,
		To: to, Token: s.office.OrderToken(order).String(),
		Idempotency: command.Idempotency{Key: p.key[:min(len(p.key), maxFormKey)],
			Body: []byte(to.Name + "\n" + to.Email)}})
	if err != nil {
		return s.refusePassing(w, v, id, order, p, err)
	}
	s.send(w, v.request, http.StatusOK, passedPage(v, &passed{to: to,
		link:    s.public + "/tickets/" + made.Ticket.String() + "?token=" + made.Token.String(),
		tickets: ticketsOf(order)}))
	return nil
}

// leaveTransfer answers GET /tickets/{ticket}/transfer, where a change of the language leads.
func (s *Site) leaveTransfer(w http.ResponseWriter, v *visit) error {
	_, order, err := s.ownTicket(v)
	if err != nil {
		return err
	}
	v.lead(w, ticketsOf(order))
	return nil
}

func ticketsOf(order booking.OrderID) string { return "/orders/" + order.String() + "/tickets" }

// ownTicket finds a ticket of an order that the browser may see.
func (s *Site) ownTicket(v *visit) (id booking.TicketID, order booking.OrderID, err error) {
	if id, err = booking.ParseTicketID(v.request.PathValue("ticket")); err != nil {
		return id, order, booking.ErrTicketNotFound
	}
	t, err := query.Ticket(v.request.Context(), s.bookings, id)
	if err != nil {
		return id, order, err
	}
	order = booking.OrderID{Event: id.Event, Key: t.Order}
	if !slices.Contains(s.knownOrders(v.request), order) {
		return id, order, command.ErrToken
	}
	return id, order, nil
}

// check says what is missing or looks wrong.
func (p *passing) check(v *visit) {
	const sample = "a@b.c"
	if _, err := booking.NewBuyer(p.name, sample); err != nil {
		p.problems = append(p.problems, problem{"name", v.Tickets.NoName})
	}
	if _, err := booking.NewBuyer("a", p.email); err != nil {
		p.problems = append(p.problems, problem{"email", v.Checkout.BadEmail})
	} else if meant := forms.MailSlip(p.email); meant != "" && p.sure != p.email {
		p.meant, p.sure = meant, p.email
		p.problems = append(p.problems, problem{"email", v.Checkout.DidYouMean(meant)})
	}
}

// refusePassing says why a ticket stays where it is.
func (s *Site) refusePassing(w http.ResponseWriter, v *visit, id booking.TicketID,
	order booking.OrderID, p *passing, failure error,
) error {
	if errors.Is(failure, booking.ErrTicketTransferred) ||
		errors.Is(failure, booking.ErrKeyReused) {
		return awayError{ticketsOf(order)} // which says who has it
	}
	if errs.KindOf(failure) == errs.Unavailable {
		s.sendPassAgain(w, v, p)
		return nil
	}
	told, ok := asRefusal(failure)
	if !ok {
		return failure
	}
	p.problems = append(p.problems, problem{wholeTicket, v.reason(told.Code(), told.Text())})
	return s.sendPassing(w, v, id, order, p)
}

// sendPassAgain sends the form as it was sent: the ticket may have been passed on, and only this
// form finds its link. It is shown without asking the ledger, which may still not answer.
func (s *Site) sendPassAgain(w http.ResponseWriter, v *visit, p *passing) {
	const status = http.StatusServiceUnavailable
	maps.Copy(w.Header(), edge.Problem{Status: status}.Headers())
	s.send(w, v.request, status, passAgainPage(v, v.request.PathValue("ticket"), p))
}

// sendPassing sends the tickets anew, with the form as it was filled in and what is wrong with it.
func (s *Site) sendPassing(w http.ResponseWriter, v *visit, id booking.TicketID,
	order booking.OrderID, p *passing,
) error {
	sheet, err := s.ownSheet(v, order)
	if err != nil {
		return err
	}
	for i := range sheet.cards {
		if sheet.cards[i].ID == id {
			sheet.cards[i].wish = *p
		}
	}
	status := http.StatusOK
	if len(p.problems) > 0 {
		sheet.wrong, status = true, http.StatusUnprocessableEntity
	}
	s.send(w, v.request, status, ticketsPage(v, sheet))
	return nil
}

// sendOrderCalendar answers GET /orders/{order}/calendar.ics.
func (s *Site) sendOrderCalendar(w http.ResponseWriter, v *visit) error {
	id, err := s.orderOf(v.request)
	if err != nil {
		return err
	}
	offer, err := s.offers.Get(v.request.Context(), id.Event)
	if err != nil {
		return err
	}
	file := calendar.File(offer, v.now, s.public, phrase.Language(v.Lang))
	h := w.Header()
	h.Set("Content-Type", calendar.MediaType)
	h.Set("Content-Disposition", `attachment; filename="`+id.Reference()+`.ics"`)
	_, _ = w.Write(file) // who has gone can't be told
	return nil
}
