package httpapi

import (
	"context"
	"net/http"
	"time"

	"ticketflow/internal/app/command"
	"ticketflow/internal/app/payment"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/ident"
	"ticketflow/internal/inbound/edge"
	"ticketflow/internal/inbound/forms"
)

// beginTimeout bounds how long a buyer waits for the gateway to open a payment page.
const beginTimeout = 5 * time.Second

// firstAttempt is the end of the gateway's key of an order's first attempt to pay.
const firstAttempt = ":1"

// placeOrder answers POST /v1/orders. The gateway is asked after the order is committed: if it
// can't be reached, the order stands, and reading it offers the payment page again.
func (s *Server) placeOrder(w http.ResponseWriter, r *http.Request) {
	work := borrow(bodies)
	defer work.giveBack()
	if err := work.read(r); err != nil {
		edge.Fail(w, r, err)
		return
	}
	wish, err := s.orderWish(work.text)
	if err != nil {
		edge.Fail(w, r, err)
		return
	}
	wish.Idempotency = command.Idempotency{Key: idempotencyKey(r), Body: work.text}
	made, err := s.office.PlaceOrder(r.Context(), wish)
	if err != nil {
		edge.Fail(w, r, err)
		return
	}
	pay := s.payment(r.Context(), &made.Order)
	answer := borrow(answers)
	defer answer.giveBack()
	answer.text = appendOrder(answer.text, &made.Order, made.Offer.Offer, made.Token.String(), pay)
	edge.WriteJSON(w, http.StatusCreated, answer.text)
}

func (s *Server) orderWish(body []byte) (wish command.OrderWish, err error) {
	ask, err := forms.ReadOrder(body)
	if err != nil {
		return wish, err
	}
	if wish.Buyer, err = booking.NewBuyer(ask.Name, ask.Email); err != nil {
		return wish, err
	}
	if wish.Hold, err = booking.ParseHoldID(ask.Hold); err != nil {
		return wish, command.ErrToken
	}
	wish.ReturnURL = ask.ReturnURL
	return wish, s.office.CheckHold(wish.Hold, ask.Token)
}

// payment tells where an order can be paid. No transaction is open while the gateway is asked.
func (s *Server) payment(ctx context.Context, o *booking.Order) Payment {
	pay := Payment{Provider: s.provider, State: "closed"}
	switch o.State {
	case booking.Paid:
		pay.State = "paid"
	case booking.AwaitingPayment:
		ctx, cancel := context.WithTimeout(ctx, beginTimeout)
		defer cancel()
		page, err := s.gateway.Begin(ctx, payment.Request{Key: o.ID.String() + firstAttempt,
			Amount: o.Total, Reference: o.ID.Reference(), ReturnURL: o.ReturnURL})
		if err != nil {
			s.log.WarnContext(ctx, "payment page not available", "error", err)
			pay.State = "unavailable"
			return pay
		}
		pay.URL, pay.State = page.URL, "open"
	case booking.OrderExpired, booking.OrderCancelled:
	}
	return pay
}

// orderOf finds the order that a request names and may see: it carries the order's token, or the
// organiser's key.
func (s *Server) orderOf(r *http.Request) (booking.OrderID, error) {
	id, err := booking.ParseOrderID(r.PathValue("order"))
	if err != nil {
		return id, ident.ErrFormat
	}
	token := r.Header.Get("Order-Token")
	if token == "" && r.URL.RawQuery != "" {
		token = r.URL.Query().Get("token")
	}
	if err := s.office.CheckOrder(id, token); err != nil {
		if token != "" || s.organiser(r) != nil {
			return id, err
		}
	}
	return id, nil
}

// readOrder answers GET /v1/orders/{order}.
func (s *Server) readOrder(w http.ResponseWriter, r *http.Request) {
	id, err := s.orderOf(r)
	if err != nil {
		edge.Fail(w, r, err)
		return
	}
	o, err := s.bookings.Order(r.Context(), id)
	if err != nil {
		edge.Fail(w, r, err)
		return
	}
	offer, err := s.offers.Get(r.Context(), id.Event)
	if err != nil {
		edge.Fail(w, r, err)
		return
	}
	answer := borrow(answers)
	defer answer.giveBack()
	answer.text = appendOrder(answer.text, &o, offer.Offer, "", s.payment(r.Context(), &o))
	edge.WriteJSON(w, http.StatusOK, answer.text)
}

// readTickets answers GET /v1/orders/{order}/tickets.
func (s *Server) readTickets(w http.ResponseWriter, r *http.Request) {
	id, err := s.orderOf(r)
	if err != nil {
		edge.Fail(w, r, err)
		return
	}
	answer := borrow(answers)
	defer answer.giveBack()
	aside(func() { answer.text, err = s.appendCodes(r.Context(), answer.text, id) })
	if err != nil {
		edge.Fail(w, r, err)
		return
	}
	edge.WriteJSON(w, http.StatusOK, answer.text)
}

// appendCodes reads an order's tickets and signs them. b is returned as it was if it fails.
func (s *Server) appendCodes(ctx context.Context, b []byte, id booking.OrderID) ([]byte, error) {
	o, tickets, err := s.bookings.OrderTickets(ctx, id)
	if err != nil {
		return b, err
	}
	offer, err := s.offers.Get(ctx, id.Event)
	if err != nil {
		return b, err
	}
	codes, err := s.codes(tickets)
	if err != nil {
		return b, err
	}
	return appendTickets(b, &o, tickets, offer.Plan(), codes), nil
}
