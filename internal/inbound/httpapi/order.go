package httpapi

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"ticketflow/internal/app/command"
	"ticketflow/internal/app/payment"
	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/ident"
	"ticketflow/internal/inbound/edge"
	"ticketflow/internal/inbound/forms"
)

// defaultRetryAfter is when to ask again for a page that isn't there, in seconds.
const defaultRetryAfter = 2

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
	if wish.Buyer.Language, err = booking.ParseLanguage(ask.Language); err != nil {
		return wish, err
	}
	if wish.Hold, err = booking.ParseHoldID(ask.Hold); err != nil {
		return wish, command.ErrToken
	}
	wish.ReturnURL, wish.Voucher = ask.ReturnURL, ask.Voucher
	return wish, s.office.CheckHold(wish.Hold, ask.Token)
}

// payment tells where an order can be paid, if nobody has chosen.
func (s *Server) payment(ctx context.Context, o *booking.Order) Payment {
	provider, gateway := s.gateways.First()
	return s.paymentAt(ctx, o, provider, gateway)
}

// paymentAt tells where an order can be paid. No transaction is open while the gateway is asked.
func (s *Server) paymentAt(
	ctx context.Context, o *booking.Order, provider string, gateway payment.Gateway,
) Payment {
	pay := Payment{Provider: provider, State: "closed"}
	switch o.State {
	case booking.Paid:
		pay.State = "paid"
	case booking.AwaitingPayment:
		page, err := s.cashier.Begin(ctx, o, gateway)
		if errors.Is(err, booking.ErrTooManyAttempts) {
			return pay
		}
		if err != nil {
			// Whether the gateway is down or the outcome unknown: nothing has failed for the buyer.
			s.notAvailable(ctx, err)
			pay.State, pay.RetryAfter = "unavailable", defaultRetryAfter
			if seconds, ok := payment.RetryAfter(err); ok {
				pay.RetryAfter = seconds
			}
			return pay
		}
		pay.URL, pay.Instructions, pay.State = page.URL, page.Instructions, "open"
	case booking.OrderExpired, booking.OrderCancelled:
	}
	return pay
}

// notAvailable logs why there is no payment page. A gateway that is known to be down is in the log
// once, where that was found out, and not for each buyer.
func (s *Server) notAvailable(ctx context.Context, err error) {
	level := slog.LevelWarn
	if errors.Is(err, payment.ErrUnavailable) {
		level = slog.LevelDebug
	}
	s.log.Log(ctx, level, "payment page not available", "error", err)
}

// chosen is the gateway that a request asks for, or the first.
func (s *Server) chosen(r *http.Request) (string, payment.Gateway, error) {
	if r.URL.RawQuery != "" {
		if name := r.URL.Query().Get("provider"); name != "" {
			gateway, err := s.gateways.Get(name)
			return name, gateway, err
		}
	}
	name, gateway := s.gateways.First()
	return name, gateway, nil
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
	provider, gateway, err := s.chosen(r)
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
	answer.text = appendOrder(answer.text, &o, offer.Offer, "",
		s.paymentAt(r.Context(), &o, provider, gateway))
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
	codes, err := query.Codes(s.signer, tickets)
	if err != nil {
		return b, err
	}
	return appendTickets(b, &o, query.OwnTickets(tickets, codes), offer.Plan()), nil
}
