package httpapi_test

import (
	"fmt"
	"net/http"
	"strings"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/inbound/httpapi"
)

// paid is an order of n places that was just paid, with the transaction txn_ + key.
func (h *house) paid(n int, key string) httpapi.Order {
	h.tb.Helper()
	placed := h.order(h.hold(n, "hold "+key), "order "+key)
	h.pay(placed, key).want(http.StatusOK, "")
	return placed
}

// another makes an event of its own for the test, and has h sell that one.
func (h *house) another() catalog.EventID {
	h.tb.Helper()
	var e httpapi.EventDetail
	body := strings.Replace(newEvent, `"places":[0,1]`, `"sections":["1"]`, 1)
	h.asOrganiser(http.MethodPost, "/v1/events", body).into(&e)
	h.asOrganiser(http.MethodPost, e.Links.Self+"/publish", "").want(http.StatusOK, "")
	id, err := catalog.ParseEventID(e.ID)
	if err != nil {
		h.tb.Fatal(err)
	}
	return id
}

// refund asks for a refund as an organiser.
func (h *house) refund(o httpapi.Order, body, key string) reply {
	h.tb.Helper()
	return h.asOrganiser(http.MethodPost, "/v1/orders/"+o.ID+"/refunds", body,
		"Idempotency-Key", key)
}

// failed is a refund of a new order that the gateway has refused.
func (h *house) failed() httpapi.Refund {
	h.tb.Helper()
	placed, made := h.paid(1, key()), httpapi.Refund{}
	h.refund(placed, `{"everything":true}`, key()).into(&made)
	h.tell(placed, made, "declined")
	return made
}

// tell is the gateway's news of a refund.
func (h *house) tell(o httpapi.Order, r httpapi.Refund, state string) {
	h.tb.Helper()
	tried := r.ID
	if r.Retries > 0 {
		tried += fmt.Sprintf(":retry:%d", r.Retries)
	}
	h.send(h.till.notice(h.tb, h.url, key(), h.clock.Now(), slip{Key: o.ID + ":1",
		Transaction: "r " + tried, State: state, Amount: r.Amount.Amount, Currency: "EUR",
		RefundKey: tried})).want(http.StatusOK, "")
}

// moneyRows are the rows of the operations about money.
func moneyRows() map[string]row {
	organised := func(status int, build func(h *house) request) row {
		return row{status: status, make: func(h *house) request { return withKey(build(h)) }}
	}
	withIdempotency := func(path, body string) request {
		return request{path: path, body: body,
			header: map[string]string{"Idempotency-Key": key()}}
	}
	return map[string]row{
		"cancelOrder": organised(http.StatusOK, func(h *house) request {
			return withIdempotency("/v1/orders/"+h.paid(1, key()).ID+"/cancel",
				`{"refund":false,"block":false}`)
		}),
		"createRefund": organised(http.StatusCreated, func(h *house) request {
			placed := h.paid(2, key())
			return withIdempotency("/v1/orders/"+placed.ID+"/refunds",
				fmt.Sprintf(`{"places":[%d]}`, placed.Places[0].Place))
		}),
		"readOrderMoney": organised(http.StatusOK, func(h *house) request {
			return request{path: "/v1/orders/" + h.paid(1, key()).ID + "/payments"}
		}),
		"recordStaffPayment": organised(http.StatusCreated, func(h *house) request {
			placed := h.order(h.hold(1, key()), key())
			return request{path: "/v1/orders/" + placed.ID + "/payments", body: fmt.Sprintf(
				`{"provider":"offline","amount":{"amount":4900,"currency":"EUR"},"reference":%q}`,
				key())}
		}),
		"readRefund": organised(http.StatusOK, func(h *house) request {
			return request{path: "/v1/refunds/" + h.failed().ID}
		}),
		"retryRefund": organised(http.StatusOK, func(h *house) request {
			return request{path: "/v1/refunds/" + h.failed().ID + "/retry"}
		}),
		"settleRefund": organised(http.StatusOK, func(h *house) request {
			return request{path: "/v1/refunds/" + h.failed().ID + "/settle",
				body: `{"reference":"transfer 1"}`}
		}),
		"readOpenMoney": organised(http.StatusOK, func(*house) request {
			return request{path: "/v1/payments/open"}
		}),
		"returnPayment": organised(http.StatusOK, func(h *house) request {
			transaction := h.doubtful()
			return request{path: "/v1/payments/till/" + transaction + "/return"}
		}),
		"reconcile": organised(http.StatusOK, func(*house) request {
			return request{path: "/v1/payments/till/reconcile"}
		}),
		"replayNotice": organised(http.StatusOK, func(h *house) request {
			return request{path: "/v1/notices/till/" + h.kept() + "/replay"}
		}),
		"refundEvent": organised(http.StatusOK, func(h *house) request {
			was := h.event
			defer func() { h.event = was }()
			h.event = h.another()
			h.paid(1, key())
			end := "/v1/events/" + h.event.String()
			h.asOrganiser(http.MethodPost, end+"/cancel", "").want(http.StatusOK, "")
			return request{path: end + "/refunds", body: `{"limit":1,"block":true}`}
		}),
		"readStatement": ofEvent(false, "/statement", ""),
		"exportJournal": ofEvent(false, "/journal.csv", ""),
	}
}

// doubtful is the transaction of a payment in quarantine.
func (h *house) doubtful() string {
	h.tb.Helper()
	placed, transaction := h.order(h.hold(1, key()), key()), key()
	r := h.send(h.till.notice(h.tb, h.url, key(), h.clock.Now(), slip{Key: placed.ID + ":1",
		Transaction: transaction, State: "paid", Amount: 4800, Currency: "EUR"}))
	if string(r.body) != `{"result":"quarantined"}` {
		h.tb.Fatalf("a doubtful payment got %d %s", r.status, r.body)
	}
	return transaction
}

// kept is the name of a notice that can't be applied.
func (h *house) kept() string {
	h.tb.Helper()
	id := key()
	r := h.send(h.till.notice(h.tb, h.url, id, h.clock.Now(), slip{Key: "ord_unknown:1",
		Transaction: key(), State: "paid", Amount: 4900, Currency: "EUR"}))
	if string(r.body) != `{"result":"kept"}` {
		h.tb.Fatalf("a message about nothing got %d %s", r.status, r.body)
	}
	return id
}
