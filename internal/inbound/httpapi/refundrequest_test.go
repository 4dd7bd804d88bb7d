package httpapi_test

import (
	"net/http"
	"testing"

	"ticketflow/internal/inbound/httpapi"
)

// asked is a paid order whose buyer asks for a refund.
func (h *house) asked() string {
	h.tb.Helper()
	placed := h.paid(1, key())
	h.call(http.MethodPost, "/v1/orders/"+placed.ID+"/refund-request", `{"reason":"ill"}`,
		"Order-Token", placed.Token).want(http.StatusCreated, "")
	return placed.ID
}

func TestRefundRequests(t *testing.T) {
	h := open(t)
	placed, other := h.paid(1, "a"), h.paid(1, "b")
	path := "/v1/orders/" + placed.ID + "/refund-request"
	token := []string{"Order-Token", placed.Token}
	h.call(http.MethodGet, path, "", token...).
		want(http.StatusNotFound, "refund_request_not_found")
	h.call(http.MethodPost, path, `{}`, "Order-Token", other.Token).
		want(http.StatusNotFound, "not_found")
	h.call(http.MethodPost, path, `{"reason":"a\u0000b"}`, token...).
		want(http.StatusUnprocessableEntity, "bad_reason")
	var made, again httpapi.RefundRequest
	h.call(http.MethodPost, path, `{"reason":" ill "}`, token...).into(&made)
	h.call(http.MethodPost, path, `{"reason":"other"}`, token...).into(&again)
	if made != again || made.State != "open" || made.Reason != "ill" || made.AnsweredAt != nil {
		t.Errorf("%+v and %+v", made, again)
	}
	var open httpapi.RefundRequests
	h.asOrganiser(http.MethodGet, "/v1/refund-requests", "").into(&open)
	if len(open.Requests) != 1 || open.Requests[0] != made || open.More {
		t.Errorf("%+v", open)
	}
	h.call(http.MethodPost, path+"/decline", `{}`, token...).
		want(http.StatusUnauthorized, "unauthenticated")
	h.asOrganiser(http.MethodPost, path+"/decline", `{"answer":"too late"}`).
		want(http.StatusOK, "")
	var told httpapi.RefundRequest
	h.call(http.MethodGet, path, "", token...).into(&told)
	if told.State != "declined" || told.Answer != "too late" || told.AnsweredAt == nil {
		t.Errorf("%+v", told)
	}
	h.asOrganiser(http.MethodGet, "/v1/refund-requests", "").into(&open)
	if len(open.Requests) != 0 {
		t.Errorf("%+v", open)
	}
	unpaid := h.order(h.hold(1, key()), key())
	h.call(http.MethodPost, "/v1/orders/"+unpaid.ID+"/refund-request", `{}`, "Order-Token",
		unpaid.Token).want(http.StatusConflict, "order_not_paid")
}

// requestRows are the operations about refund requests.
func requestRows() map[string]row {
	organised := func(status int, build func(h *house) request) row {
		return row{status: status, make: func(h *house) request { return withKey(build(h)) }}
	}
	return map[string]row{
		"askRefund": organised(http.StatusCreated, func(h *house) request {
			return request{path: "/v1/orders/" + h.paid(1, key()).ID + "/refund-request",
				body: `{"reason":"ill"}`}
		}),
		"readRefundRequest": organised(http.StatusOK, func(h *house) request {
			return request{path: "/v1/orders/" + h.asked() + "/refund-request"}
		}),
		"declineRefund": organised(http.StatusOK, func(h *house) request {
			return request{path: "/v1/orders/" + h.asked() + "/refund-request/decline",
				body: `{"answer":"no"}`}
		}),
		"listRefundRequests": organised(http.StatusOK, func(h *house) request {
			h.asked()
			return request{path: "/v1/refund-requests"}
		}),
	}
}
