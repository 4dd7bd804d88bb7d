package httpapi_test

import (
	"fmt"
	"net/http"
	"testing"

	"ticketflow/internal/inbound/httpapi"
)

// cancelEvent cancels the event that h sells.
func (h *house) cancelEvent() {
	h.tb.Helper()
	h.asOrganiser(http.MethodPost, "/v1/events/"+h.event.String()+"/cancel", "").
		want(http.StatusOK, "")
}

// refundPage refunds one page of the event's orders.
func (h *house) refundPage(body string) (page httpapi.RefundPage) {
	h.tb.Helper()
	r := h.asOrganiser(http.MethodPost, "/v1/events/"+h.event.String()+"/refunds", body)
	r.want(http.StatusOK, "")
	r.into(&page)
	return page
}

// TestRefundingAnEvent goes through its orders page by page, is interrupted, and begins anew: each
// order is refunded once.
func TestRefundingAnEvent(t *testing.T) {
	h := open(t)
	path := "/v1/events/" + h.event.String() + "/refunds"
	var orders []httpapi.Order
	for i := range 7 {
		orders = append(orders, h.paid(1+i%2, fmt.Sprint("n", i)))
	}
	used, open := h.paid(2, "used"), h.order(h.hold(1, "open"), "open")
	h.asOrganiser(http.MethodPost, "/v1/check-ins", fmt.Sprintf(`{"code":%q}`,
		h.tickets(used).Tickets[0].Code)).want(http.StatusOK, "")
	h.refund(orders[1], fmt.Sprintf(`{"places":[%d]}`, orders[1].Places[0].Place), "one").
		want(http.StatusCreated, "")
	h.refund(orders[2], `{"amount":{"amount":4900,"currency":"EUR"}}`, "all").
		want(http.StatusCreated, "")
	h.asOrganiser(http.MethodPost, path, `{"limit":10}`).
		want(http.StatusConflict, "event_not_cancelled")
	h.cancelEvent()

	first := h.refundPage(`{"limit":3}`)
	if len(first.Done) != 3 || first.Next != first.Done[2].Order ||
		first.Done[0].Amount != euro(4900) || first.Done[0].Tickets != 1 ||
		first.Done[1].Amount != euro(4900) || first.Done[1].Tickets != 1 {
		t.Errorf("the first page is %+v", first)
	}
	if nothing := first.Done[2]; nothing.Amount != euro(0) || nothing.Refund != "" {
		t.Errorf("where all was given back before, it is %+v", nothing)
	}
	// The answer was lost, and the client begins anew.
	again := h.refundPage(`{"limit":3}`)
	if len(again.Done) != 3 || again.Done[0].Order == first.Done[0].Order {
		t.Errorf("the page after that is %+v", again)
	}
	last := h.refundPage(fmt.Sprintf(`{"limit":3,"after":%q}`, again.Next))
	if len(last.Done) != 1 || len(last.LeftAlone) != 1 || last.Next != "" ||
		last.LeftAlone[0].Order != used.ID || last.LeftAlone[0].Code != "already_admitted" ||
		last.LeftAlone[0].Tickets != 2 || len(last.Failed) != 0 {
		t.Errorf("the last page is %+v", last)
	}
	end := h.refundPage(`{"limit":200}`)
	if len(end.Done) != 0 || len(end.LeftAlone) != 1 || end.Next != "" {
		t.Errorf("afterwards it is %+v", end)
	}
	sum := int64(0)
	for i, o := range orders {
		m := h.money(o)
		refunds := 1
		if i == 1 { // of a ticket, and of the rest
			refunds = 2
		}
		if m.State != "cancelled" || len(m.Refunds) != refunds ||
			m.Payments[0].Refunded != m.Payments[0].Amount {
			t.Errorf("the money of order %d is %+v", i, m)
		}
		sum += m.Owed[0].Amount
	}
	if sum != 10*4900 {
		t.Errorf("%d is owed to the buyers", sum)
	}
	if m := h.money(used); m.State != "paid" || len(m.Refunds) != 0 {
		t.Errorf("the order with a used ticket has %+v", m)
	}
	if m := h.money(open); len(m.Payments) != 0 {
		t.Errorf("the open order has %+v", m)
	}
}

// TestRefundingAnEventAtOnce: several operators who don't know of each other refund each order
// once.
func TestRefundingAnEventAtOnce(t *testing.T) {
	h := open(t)
	const orders, operators = 12, 6
	for i := range orders {
		h.paid(1, fmt.Sprint("n", i))
	}
	h.cancelEvent()
	pages := make(chan httpapi.RefundPage, operators)
	for range operators {
		go func() { pages <- h.refundPage(`{"limit":200}`) }()
	}
	refunds := map[string]string{}
	for range operators {
		page := <-pages
		for _, o := range page.Done {
			if was, twice := refunds[o.Order]; twice && was != o.Refund {
				t.Errorf("%s was refunded with %s and %s", o.Order, was, o.Refund)
			}
			refunds[o.Order] = o.Refund
		}
		if len(page.LeftAlone)+len(page.Failed) != 0 {
			t.Errorf("an operator was told %+v", page)
		}
	}
	if returned, err := h.store.Returned(t.Context(), h.event); err != nil ||
		returned != orders*4900 || len(refunds) != orders {
		t.Errorf("%d orders, %d returned, %v", len(refunds), returned, err)
	}
}

// TestFreeOrdersAreLeftAlone: there is nothing to give back, and somebody has to decide.
func TestFreeOrdersAreLeftAlone(t *testing.T) {
	h := open(t)
	e, free := h.freeOrder()
	h.asOrganiser(http.MethodPost, e.Links.Self+"/cancel", "").want(http.StatusOK, "")
	var page httpapi.RefundPage
	h.asOrganiser(http.MethodPost, e.Links.Self+"/refunds", `{"limit":5}`).into(&page)
	if len(page.LeftAlone) != 1 || page.LeftAlone[0].Code != "nothing_paid" ||
		page.LeftAlone[0].Order != free.ID {
		t.Errorf("a free order is %+v", page)
	}
	for body, code := range map[string]string{
		`{"limit":0}`: "invalid_request", `{"limit":201}`: "invalid_request",
		`{}`: "invalid_request", `{"limit":1,"after":"x"}`: "bad_cursor",
		`{"limit":1,"after":"` + h.order(h.hold(1, "o"), "o").ID + `"}`: "bad_cursor",
	} {
		h.asOrganiser(http.MethodPost, e.Links.Self+"/refunds", body).
			want(http.StatusUnprocessableEntity, code)
	}
}
