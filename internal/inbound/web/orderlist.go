package web

import (
	"net/http"
	"strings"
	"time"

	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
)

const (
	ordersCookie = "orders"
	maxOrders    = 20 // that a browser remembers, the newest first
	ordersSecond = 365 * 24 * 60 * 60
	orderMark    = "~" // between two orders in the cookie
)

// knownOrders are the orders that a browser may see, the newest first.
func (s *Site) knownOrders(r *http.Request) (known []booking.OrderID) {
	cookie, err := r.Cookie(ordersCookie)
	if err != nil {
		return nil
	}
	for entry := range strings.SplitSeq(cookie.Value, orderMark) {
		name, token, _ := strings.Cut(entry, ".")
		id, err := booking.ParseOrderID(name)
		if err == nil && s.office.CheckOrder(id, token) == nil && len(known) < maxOrders {
			known = append(known, id)
		}
	}
	return known
}

// keepOrder lets the browser see an order from now on.
func (s *Site) keepOrder(w http.ResponseWriter, r *http.Request, id booking.OrderID) {
	entries := []string{id.String() + "." + s.office.OrderToken(id).String()}
	for _, other := range s.knownOrders(r) {
		if other != id && len(entries) < maxOrders {
			entries = append(entries, other.String()+"."+s.office.OrderToken(other).String())
		}
	}
	//nolint:gosec // Secure wherever buyers come through TLS
	http.SetCookie(w, &http.Cookie{Name: ordersCookie, Value: strings.Join(entries, orderMark),
		Path: "/", MaxAge: ordersSecond, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: s.secure()})
}

// orderList is the page of a browser's orders.
type orderList struct{ rows []orderRow }

type orderRow struct {
	url, title, reference string
	start                 time.Time
	places                int
	total, state          string
}

func (s *Site) showOrders(v *visit) (component, error) {
	var l orderList
	for _, id := range s.knownOrders(v.request) {
		o, offer, err := s.readOrder(v, id)
		if err != nil {
			continue // of a ledger that was restored from a copy, for instance
		}
		facts := offer.Event()
		l.rows = append(l.rows, orderRow{url: "/orders/" + id.String(), title: facts.Title,
			reference: id.Reference(), start: inZone(facts.StartsAt, facts.TimeZone),
			places: len(o.Lines), total: v.Price(o.Total),
			state: v.Orders.States[o.State.String()]})
	}
	return orderListPage(v, &l), nil
}

func (s *Site) readOrder(
	v *visit, id booking.OrderID,
) (o booking.Order, offer *query.Offer, err error) {
	if o, err = s.bookings.Order(v.request.Context(), id); err != nil {
		return o, nil, err
	}
	offer, err = s.offers.Get(v.request.Context(), id.Event)
	return o, offer, err
}
