package web

import (
	"net/http"

	"ticketflow/internal/domain/booking"
)

// payOrder answers POST /orders/{order}/pay: it leads to the page of the attempt that is open. That
// is the same page however often it is asked for; there is another one only after a definite
// failure.
func (s *Site) payOrder(w http.ResponseWriter, v *visit) error {
	id, err := s.orderOf(v.request)
	if err != nil {
		return err
	}
	o, err := s.bookings.Order(v.request.Context(), id)
	if err != nil {
		return err
	}
	return s.toPayment(w, v, &o)
}

// checkOrder answers POST /orders/{order}/check: the page that it leads to asks the gateway.
func (s *Site) checkOrder(w http.ResponseWriter, v *visit) error {
	id, err := s.orderOf(v.request)
	if err != nil {
		return err
	}
	v.lead(w, "/orders/"+id.String())
	return nil
}

// cancelOrder answers POST /orders/{order}/cancel. Buyers cancel what isn't paid.
func (s *Site) cancelOrder(w http.ResponseWriter, v *visit) error {
	ctx := v.request.Context()
	id, err := s.orderOf(v.request)
	if err != nil {
		return err
	}
	o, err := s.bookings.Order(ctx, id)
	if err != nil {
		return err
	}
	if err := s.cashier.Close(ctx, s.bookings, o); err != nil {
		return err
	}
	err = s.office.EndOrder(ctx, booking.CancelOrder{ID: id, Unpaid: true})
	if err != nil {
		return err
	}
	v.lead(w, "/orders/"+id.String())
	return nil
}
