package httpapi_test

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"

	"ticketflow/internal/app/audit"
	"ticketflow/internal/inbound/httpapi"
)

// money reads an order's money, as an organiser unless a token is given.
func (h *house) money(o httpapi.Order, token ...string) (m httpapi.OrderMoney) {
	h.tb.Helper()
	path := "/v1/orders/" + o.ID + "/payments"
	if len(token) > 0 {
		h.call(http.MethodGet, path, "", "Order-Token", token[0]).into(&m)
	} else {
		h.asOrganiser(http.MethodGet, path, "").into(&m)
	}
	return m
}

func euro(minor int64) httpapi.Money { return httpapi.Money{Amount: minor, Currency: "EUR"} }

// TestRefundOfTickets returns one ticket of three, then an amount, then what is left.
func TestRefundOfTickets(t *testing.T) {
	h := open(t)
	placed := h.paid(3, "a")
	var one, some, rest httpapi.Refund
	body := fmt.Sprintf(`{"places":[%d],"block":true}`, placed.Places[1].Place)
	first := h.refund(placed, body, "k1")
	first.want(http.StatusCreated, "")
	if again := h.refund(placed, body, "k1"); !bytes.Equal(again.body, first.body) ||
		again.status != http.StatusCreated {
		t.Errorf("the same refund again is %d %s, was %s", again.status, again.body, first.body)
	}
	h.refund(placed, `{"everything":true}`, "k1").
		want(http.StatusUnprocessableEntity, "idempotency_key_reused")
	first.into(&one)
	if one.Amount != euro(4900) || one.State != "requested" || one.Reason != "tickets" ||
		!slices.Equal(one.Places, []uint32{placed.Places[1].Place}) || one.Order != placed.ID {
		t.Errorf("the refund of one ticket is %+v", one)
	}
	states := map[string]int{}
	for _, ticket := range h.tickets(placed).Tickets {
		states[ticket.State]++
	}
	if states["void"] != 1 || states["valid"] != 2 {
		t.Errorf("the tickets are %v", states)
	}
	h.refund(placed, body, "k2").want(http.StatusNotFound, "not_in_order")

	h.refund(placed, `{"amount":{"amount":100,"currency":"EUR"}}`, "k3").into(&some)
	if some.Amount != euro(100) || some.Reason != "goodwill" || some.Places != nil {
		t.Errorf("the goodwill is %+v", some)
	}
	h.refund(placed, `{"everything":true}`, "k4").into(&rest)
	if rest.Amount != euro(9700) || rest.Reason != "cancelled" {
		t.Errorf("the rest is %+v", rest)
	}
	m := h.money(placed)
	if m.State != "cancelled" || len(m.Refunds) != 3 || !slices.Equal(m.Owed,
		[]httpapi.Money{euro(14700)}) || m.Payments[0].Refunded != euro(14700) {
		t.Errorf("the money of the order is %+v", m)
	}
	h.tell(placed, rest, "refunded")
	if m = h.money(placed); !slices.Equal(m.Owed, []httpapi.Money{euro(5000)}) {
		t.Errorf("after the rest has arrived, %+v is owed", m.Owed)
	}
	h.refund(placed, `{"everything":true}`, "k5").want(http.StatusConflict, "order_not_paid")
	h.refund(placed, `{"amount":{"amount":1,"currency":"EUR"}}`, "k6").
		want(http.StatusConflict, "refund_too_much")
	var sales httpapi.SalesSummary
	h.asOrganiser(http.MethodGet, "/v1/events/evt_1/sales", "").into(&sales)
	if sales.Places.Blocked != 1 || sales.Places.Free != hallPlaces-1 {
		t.Errorf("of the places, one is blocked, and the others free: %+v", sales.Places)
	}
}

// TestRefundsThatCantBe: each says why, and nothing has changed.
func TestRefundsThatCantBe(t *testing.T) {
	h := open(t)
	placed, unpaid := h.paid(2, "a"), h.order(h.hold(1, "b"), "b")
	used := h.paid(1, "used")
	h.asOrganiser(http.MethodPost, "/v1/check-ins", fmt.Sprintf(`{"code":%q}`,
		h.tickets(used).Tickets[0].Code)).want(http.StatusOK, "")
	const foreign = "ord_00000081m2agyg80000z22at2f3rgbqh15d17hr"
	before := h.state()
	for _, c := range []struct {
		order, body string
		status      int
		code        string
	}{
		{placed.ID, `{}`, 422, "bad_field"},
		{placed.ID, `{"block":true}`, 422, "bad_field"},
		{placed.ID, `{"places":[1],"everything":true}`, 422, "bad_field"},
		{placed.ID, `{"everything":true,"amount":{"amount":1,"currency":"EUR"}}`, 422, "bad_field"},
		{placed.ID, `{"everything":false}`, 422, "bad_field"},
		{placed.ID, `{"places":[]}`, 422, "invalid_request"},
		{placed.ID, `{"places":[199]}`, 404, "not_in_order"},
		{placed.ID, `{"amount":{"amount":0,"currency":"EUR"}}`, 422, "refund_of_nothing"},
		{placed.ID, `{"amount":{"amount":100,"currency":"USD"}}`, 422, "refund_of_nothing"},
		{placed.ID, `{"amount":{"amount":-1,"currency":"EUR"}}`, 422, "invalid_request"},
		{placed.ID, `{"amount":{"amount":9801,"currency":"EUR"}}`, 409, "refund_too_much"},
		{unpaid.ID, `{"everything":true}`, 409, "order_not_paid"},
		{used.ID, `{"everything":true}`, 409, "already_admitted"},
		{foreign, `{"everything":true}`, 404, "order_not_found"},
	} {
		r := h.asOrganiser(http.MethodPost, "/v1/orders/"+c.order+"/refunds", c.body,
			"Idempotency-Key", key())
		r.want(c.status, c.code)
	}
	h.asOrganiser(http.MethodPost, "/v1/orders/"+placed.ID+"/refunds", `{"everything":true}`).
		want(http.StatusUnprocessableEntity, "invalid_request") // without a key
	h.call(http.MethodPost, "/v1/orders/"+placed.ID+"/refunds", `{"everything":true}`,
		"Idempotency-Key", key(), "Order-Token", placed.Token).
		want(http.StatusUnauthorized, "unauthenticated")
	if now := h.state(); now != before {
		t.Errorf("refused refunds have changed %s to %s", before, now)
	}
	for path, code := range map[string]string{
		"evt_1:cancelled:till:none": "refund_not_found", "ref_x": "refund_not_found",
		"evt_1:": "refund_not_found", "evt_1:a%00": "refund_not_found", "x": "refund_not_found",
	} {
		h.asOrganiser(http.MethodGet, "/v1/refunds/"+path, "").want(http.StatusNotFound, code)
	}
}

// TestRefundsAtOnce: of many refunds at the same moment no more than was paid goes back.
func TestRefundsAtOnce(t *testing.T) {
	h := open(t)
	placed := h.paid(2, "a")
	const times = 16
	var answers [2 * times]reply
	var group sync.WaitGroup
	for i := range answers {
		group.Go(func() {
			body, id := `{"amount":{"amount":1000,"currency":"EUR"}}`, fmt.Sprint("amount ", i)
			if i >= times { // the same one over and over
				id = "the same"
			}
			answers[i] = h.refund(placed, body, id)
		})
	}
	group.Wait()
	made := map[string]bool{}
	for _, r := range answers {
		var refund httpapi.Refund
		if r.status == http.StatusCreated {
			r.into(&refund)
			made[refund.ID] = true
			continue
		}
		r.want(http.StatusConflict, "refund_too_much")
	}
	if m := h.money(placed); len(made) != 9 || len(m.Refunds) != 9 ||
		!slices.Equal(m.Owed, []httpapi.Money{euro(9000)}) {
		t.Errorf("%d refunds were made, and the money is %+v", len(made), m)
	}
}

// TestFailedRefund is tried again, fails once more, and is paid out by staff.
func TestFailedRefund(t *testing.T) {
	h := open(t)
	placed := h.paid(1, "a")
	var made httpapi.Refund
	h.refund(placed, `{"everything":true}`, "k").into(&made)
	path := "/v1/refunds/" + made.ID
	post := func(end, body string) reply {
		return h.asOrganiser(http.MethodPost, path+end, body)
	}
	const transfer = `{"reference":"transfer 1"}`
	post("/retry", "").want(http.StatusConflict, "refund_not_failed")
	post("/settle", transfer).want(http.StatusConflict, "refund_not_open") // it may still be paid
	h.tell(placed, made, "declined")
	post("/retry", "").into(&made)
	if made.State != "requested" || made.Retries != 1 {
		t.Errorf("the refund that is tried again is %+v", made)
	}
	post("/retry", "").want(http.StatusConflict, "refund_not_failed") // sent twice
	h.tell(placed, made, "declined")
	for range 2 {
		settled := post("/settle", transfer)
		settled.want(http.StatusOK, "")
		settled.into(&made)
		if made.State != "done" || made.SettledWith != "transfer 1" || made.GatewayRef != "" ||
			made.DoneAt == nil {
			t.Errorf("the settled refund is %+v", made)
		}
	}
	post("/settle", `{"reference":"transfer 2"}`).want(http.StatusConflict, "refund_not_open")
	h.tell(placed, made, "declined") // late news of the try before
	h.tell(placed, made, "refunded")
	var now httpapi.Refund
	h.asOrganiser(http.MethodGet, path, "").into(&now)
	if now.State != "done" || now.SettledWith != "transfer 1" {
		t.Errorf("late news have made the settled refund %+v", now)
	}
	var s httpapi.Statement
	h.asOrganiser(http.MethodGet, "/v1/events/evt_1/statement", "").into(&s)
	if l := s.Currencies[0]; l.OwedBuyers != 0 || l.Refunds != 4900 || l.AtGateways != 0 ||
		!l.Balanced {
		t.Errorf("the statement is %+v", s)
	}
	totals, err := h.store.BookTotals(t.Context(), "till")
	if err != nil || totals[0].Refunded != 0 {
		t.Errorf("of the till's book %+v, %v", totals, err)
	}
	report, err := audit.Run(t.Context(), h.store, audit.Options{})
	if err != nil || !report.OK {
		t.Errorf("the audit finds %+v, %v", report.Invariants, err)
	}
}

// TestCancelling is who may cancel what, and what becomes of money and places.
func TestCancelling(t *testing.T) {
	h := open(t)
	cancel := func(o httpapi.Order, body string, header ...string) reply {
		return h.call(http.MethodPost, "/v1/orders/"+o.ID+"/cancel", body,
			append(header, "Idempotency-Key", "c")...)
	}
	byBuyer := func(o httpapi.Order, body string) reply {
		return cancel(o, body, "Order-Token", o.Token)
	}
	byOrganiser := func(o httpapi.Order, body string) reply {
		return cancel(o, body, "Authorization", "Bearer "+organiserKey)
	}
	unpaid, paid := h.order(h.hold(1, "a"), "a"), h.paid(1, "b")
	byBuyer(unpaid, `{"block":true}`).want(http.StatusForbidden, "organisers_decide")
	byBuyer(unpaid, `{"refund":true}`).want(http.StatusForbidden, "organisers_decide")
	cancel(unpaid, "").want(http.StatusNotFound, "not_found")
	cancel(unpaid, "", "Order-Token", paid.Token).want(http.StatusNotFound, "not_found")
	for range 2 {
		var gone httpapi.Order
		byBuyer(unpaid, "").into(&gone)
		if gone.State != "cancelled" || gone.Payment.State != "closed" {
			t.Errorf("the buyer's cancelled order is %+v", gone)
		}
	}
	byBuyer(paid, "").want(http.StatusConflict, "order_paid")
	byOrganiser(paid, `{"refund":false,"block":true}`).want(http.StatusOK, "")
	if m := h.money(paid); m.State != "cancelled" || len(m.Refunds) != 0 || len(m.Owed) != 0 {
		t.Errorf("the money of an order that was cancelled without refund is %+v", m)
	}
	// Giving back later is a decision of its own.
	h.refund(paid, `{"amount":{"amount":4900,"currency":"EUR"}}`, "late").
		want(http.StatusCreated, "")
	other := h.paid(1, "c")
	byOrganiser(other, `{}`).want(http.StatusOK, "")
	if m := h.money(other); !slices.Equal(m.Owed, []httpapi.Money{euro(4900)}) {
		t.Errorf("by default a cancelled order is refunded: %+v", m)
	}
	var sales httpapi.SalesSummary
	h.asOrganiser(http.MethodGet, "/v1/events/evt_1/sales", "").into(&sales)
	if sales.Places.Blocked != 1 || sales.Places.Free != hallPlaces-1 {
		t.Errorf("the places are %+v", sales.Places)
	}
}
