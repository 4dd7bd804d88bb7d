package web

import (
	"net/http"
	"slices"

	"ticketflow/internal/app/calendar"
	"ticketflow/internal/app/command"
	"ticketflow/internal/app/phrase"
	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
)

// transferTicket answers POST /tickets/{ticket}/transfer: buyers pass a ticket of theirs on.
func (s *Site) transferTicket(w http.ResponseWriter, v *visit) error {
	ctx, form := v.request.Context(), v.request.PostForm
	id, err := booking.ParseTicketID(v.request.PathValue("ticket"))
	if err != nil {
		return booking.ErrTicketNotFound
	}
	t, err := query.Ticket(ctx, s.bookings, id)
	if err != nil {
		return err
	}
	order := booking.OrderID{Event: id.Event, Key: t.Order}
	if !slices.Contains(s.knownOrders(v.request), order) {
		return command.ErrToken
	}
	to, err := booking.NewBuyer(form.Get("name"), form.Get("email"))
	if err != nil {
		return err
	}
	// The new holder hasn't seen a page yet: they are written to in the language that who passes
	// the ticket on reads. As with an order, it makes no other request of the same one.
	to.Language = v.Lang
	key := form.Get("key")
	_, err = s.office.TransferTicket(ctx, command.TransferWish{Ticket: id, To: to,
		Token: s.office.OrderToken(order).String(),
		Idempotency: command.Idempotency{Key: key[:min(len(key), maxFormKey)],
			Body: []byte(to.Name + "\n" + to.Email)}})
	if err != nil {
		return err
	}
	v.lead(w, "/orders/"+order.String()+"/tickets")
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
