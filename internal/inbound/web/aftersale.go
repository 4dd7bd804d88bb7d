package web

import (
	"errors"
	"net/http"

	"ticketflow/internal/app/phrase"
	"ticketflow/internal/app/query"
	"ticketflow/internal/app/sheet"
	"ticketflow/internal/domain/booking"
)

// printTickets answers GET /orders/{order}/tickets.pdf with those that still admit and are the
// buyer's own.
func (s *Site) printTickets(w http.ResponseWriter, v *visit) error {
	id, err := s.orderOf(v.request)
	if err != nil {
		return err
	}
	ctx := v.request.Context()
	o, tickets, err := s.bookings.OrderTickets(ctx, id)
	if err != nil {
		return err
	}
	offer, err := s.offers.Get(ctx, id.Event)
	if err != nil {
		return err
	}
	codes, err := query.Codes(s.signer, tickets)
	if err != nil {
		return err
	}
	own := query.OwnTickets(tickets, codes)
	printed := sheet.Of(offer, &o, own, phrase.Language(v.Lang), s.paper)
	if len(printed.Tickets) == 0 {
		return awayError{"/orders/" + id.String()} // the page says why
	}
	file, err := s.printer.Print(printed)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/pdf")
	h.Set("Content-Disposition", `attachment; filename="`+id.Reference()+`.pdf"`)
	_, _ = w.Write(file) // who has gone can't be told
	return nil
}

// askRefund answers POST /orders/{order}/refund-request.
func (s *Site) askRefund(w http.ResponseWriter, v *visit) error {
	id, err := s.orderOf(v.request)
	if err != nil {
		return err
	}
	reason := v.request.PostForm.Get("reason")
	_, err = s.office.AskRefund(v.request.Context(), id, reason)
	if told, ok := asRefusal(err); ok && errors.Is(err, booking.ErrReason) {
		page, err := s.orderPage(v, id)
		if err != nil {
			return err
		}
		page.reason = reason
		page.problems = problems{{"reason", v.reason(told.Code(), told.Text())}}
		s.send(w, v.request, http.StatusUnprocessableEntity, orderPage(v, page))
		return nil
	}
	// If there is nothing left to be asked for, the page says why.
	if err != nil && !errors.Is(err, booking.ErrOrderNotPaid) {
		return err
	}
	v.lead(w, "/orders/"+id.String())
	return nil
}

// leaveRefund answers GET /orders/{order}/refund-request, where a change of the language leads.
func (s *Site) leaveRefund(w http.ResponseWriter, v *visit) error {
	id, err := s.orderOf(v.request)
	if err != nil {
		return err
	}
	v.lead(w, "/orders/"+id.String())
	return nil
}

// wish tells what became of a buyer's wish for a refund, or that there may be one.
func (s *Site) wish(v *visit, p *order) error {
	if p.State != booking.Paid || p.Total.IsZero() {
		return nil
	}
	asked, err := s.requests.RefundRequest(v.request.Context(), p.ID)
	switch {
	case errors.Is(err, booking.ErrRequestNotFound):
		p.ask = true
		return nil
	case err != nil:
		return err
	}
	switch asked.State {
	case booking.RequestOpen:
		p.asked = v.Orders.Asked(v.Dates.Day(inZone(asked.AskedAt, p.offer.Event().TimeZone)))
	case booking.RequestDeclined:
		p.asked = v.Orders.AskDeclined(asked.Answer)
	case booking.RequestRefunded: // the refunds tell it; there may be more to ask for
		p.ask = p.back < p.Total.Minor()
	}
	return nil
}
