package httpapi_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"ticketflow/internal/app/demo"
	"ticketflow/internal/app/planfile"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/inbound/httpapi"
)

// request is a request that a test may spoil before it is sent.
type request struct {
	path   string
	body   string
	header map[string]string
}

func (q request) build(tb testing.TB, h *house, method string) *http.Request {
	tb.Helper()
	req, err := http.NewRequest(method, h.url+q.path, strings.NewReader(q.body))
	if err != nil {
		tb.Fatal(err)
	}
	if q.body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for name, value := range q.header {
		req.Header.Set(name, value)
	}
	return req
}

// row is how an operation is called rightly.
type row struct {
	status int
	make   func(h *house) request
	stream bool // the answer doesn't end
}

var keys int

// key makes an Idempotency-Key that no test has used.
func key() string { keys++; return "key-of-an-operation-" + strconv.Itoa(keys) }

func plainGet(path string) row {
	return row{status: http.StatusOK, make: func(*house) request { return request{path: path} }}
}

// withKey adds the organiser's key.
func withKey(q request) request {
	q.header = maps.Clone(q.header)
	if q.header == nil {
		q.header = map[string]string{}
	}
	q.header["Authorization"] = "Bearer " + organiserKey
	return q
}

// ofHold calls an operation of a hold that was just made.
func ofHold(status int, end string) row {
	return row{status: status, make: func(h *house) request {
		made := h.hold(1, key())
		return request{path: "/v1/holds/" + made.ID + end,
			header: map[string]string{"Hold-Token": made.Token, "Idempotency-Key": key()}}
	}}
}

func withBody(r row, body string) row {
	return row{status: r.status, make: func(h *house) request {
		q := r.make(h)
		q.body = body
		return q
	}}
}

// ofOrder calls an operation of an order that was just placed.
func ofOrder(end string) row {
	return row{status: http.StatusOK, make: func(h *house) request {
		placed := h.order(h.hold(1, key()), key())
		return request{path: "/v1/orders/" + placed.ID + end,
			header: map[string]string{"Order-Token": placed.Token, "Idempotency-Key": key()}}
	}}
}

// sold is a ticket that was just paid.
func (h *house) sold() httpapi.Ticket {
	h.tb.Helper()
	placed := h.order(h.hold(1, key()), key())
	h.pay(placed, key()).want(http.StatusOK, "")
	return h.tickets(placed).Tickets[0]
}

func ofTicket(end string) row {
	return row{status: http.StatusOK, make: func(h *house) request {
		return request{path: "/v1/tickets/" + h.sold().ID + end}
	}}
}

// transferOfTicket passes on a ticket that was just paid.
func transferOfTicket(h *house) request {
	return withKey(request{path: "/v1/tickets/" + h.sold().ID + "/transfer", body: toGrace,
		header: map[string]string{"Idempotency-Key": key()}})
}

// ofEvent calls an organiser's operation of the event, or of a new draft.
func ofEvent(draft bool, end, body string) row {
	return row{status: http.StatusOK, make: func(h *house) request {
		id := h.event.String()
		if draft {
			var made httpapi.EventDetail
			h.asOrganiser(http.MethodPost, "/v1/events", newEvent).into(&made)
			id = made.ID
		}
		return withKey(request{path: "/v1/events/" + id + end, body: body})
	}}
}

const newVenue = `{"name":"Hall","address":"Ring 1","city":"Graz","country":"AT",` +
	`"time_zone":"Europe/Vienna"}`

const newEvent = `{"venue":"ven_1","plan":"pln_1","title":"Tosca","time_zone":"Europe/Vienna",` +
	`"starts_at":"2026-12-01T19:00:00+01:00","doors_at":"2026-12-01T18:00:00+01:00",` +
	`"sale":{"opens_at":"2026-09-01T10:00:00Z","closes_at":"2026-12-01T18:00:00Z",` +
	`"max_per_order":8},"tiers":[{"key":"a","name":"All","price":{"amount":100,` +
	`"currency":"EUR"}}],"rules":[{"tier":"a","places":[0,1]}]}`

const newVoucher = `{"code":"spring-27","basis_points":1000,"tiers":["cat1"],"max_uses":100,` +
	`"valid_from":"2026-09-01T10:00:00Z","valid_until":"2026-12-01T18:00:00Z"}`

// hallFile is a small plan in our own JSON.
func hallFile(tb testing.TB) string {
	tb.Helper()
	plan, err := catalog.NewPlan(demo.Hall(40))
	if err != nil {
		tb.Fatal(err)
	}
	text, err := planfile.EncodeJSON(plan)
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}

// rows is one row for each operation of the document: an operation without one fails the tests.
func rows() map[string]row {
	all := ordinaryRows()
	maps.Copy(all, moneyRows())
	maps.Copy(all, requestRows())
	return all
}

func ordinaryRows() map[string]row {
	const event = "/v1/events/evt_1"
	return map[string]row{
		"listEvents":       plainGet("/v1/events?q=tutte&place=graz&limit=5"),
		"readEvent":        plainGet(event),
		"readPlanGeometry": plainGet(event + "/plan.bin?plan=pln_1"),
		"readPlan":         plainGet(event + "/plan?plan=pln_1"),
		"readAvailability": {status: http.StatusOK, make: func(*house) request {
			return request{path: event + "/availability",
				header: map[string]string{"Accept": "application/json"}}
		}},
		"watchChanges": {status: http.StatusOK, stream: true, make: func(*house) request {
			return request{path: event + "/changes"}
		}},
		"placeHold": {status: http.StatusCreated, make: func(*house) request {
			return request{path: event + "/holds", body: `{"best":{"count":1,"tier":"cat1"}}`,
				header: map[string]string{"Idempotency-Key": key()}}
		}},
		"readHold":    ofHold(http.StatusOK, ""),
		"readQuote":   ofHold(http.StatusOK, "/quote"),
		"amendHold":   withBody(ofHold(http.StatusOK, "/places"), `{"add":[190]}`),
		"extendHold":  ofHold(http.StatusOK, "/extend"),
		"releaseHold": ofHold(http.StatusNoContent, ""),
		"placeOrder": {status: http.StatusCreated, make: func(h *house) request {
			return request{path: "/v1/orders", body: orderBody(h.hold(1, key())),
				header: map[string]string{"Idempotency-Key": key()}}
		}},
		"readOrder":      ofOrder(""),
		"readTickets":    ofOrder("/tickets"),
		"checkPayment":   ofOrder("/payment/check"),
		"readTicket":     ofTicket(""),
		"transferTicket": {status: http.StatusCreated, make: transferOfTicket},
		"drawTicketPNG":  ofTicket("/qr.png"),
		"drawTicketSVG":  ofTicket("/qr.svg"),
		"checkIn": {status: http.StatusOK, make: func(h *house) request {
			return withKey(request{path: "/v1/check-ins",
				body: fmt.Sprintf(`{"code":%q,"gate":"North"}`, h.sold().Code)})
		}},
		"receiveNotice": {status: http.StatusOK, make: noticeOfPayment},
		"createVenue": {status: http.StatusCreated, make: func(*house) request {
			return withKey(request{path: "/v1/venues", body: newVenue})
		}},
		"createPlan": {status: http.StatusCreated, make: func(h *house) request {
			return withKey(request{path: "/v1/plans?venue=ven_1", body: hallFile(h.tb)})
		}},
		"exportPlan": {status: http.StatusOK, make: func(*house) request {
			return withKey(request{path: "/v1/plans/pln_1/export"})
		}},
		"createEvent": {status: http.StatusCreated, make: func(*house) request {
			return withKey(request{path: "/v1/events", body: newEvent})
		}},
		"publishEvent":  ofEvent(true, "/publish", ""),
		"cancelEvent":   ofEvent(true, "/cancel", ""),
		"blockPlaces":   ofEvent(false, "/block", `{"places":[198,199]}`),
		"unblockPlaces": ofEvent(false, "/unblock", `{"places":[198,199]}`),
		"readSales":     ofEvent(false, "/sales", ""),
		"createVoucher": {status: http.StatusCreated, make: func(h *house) request {
			return ofEvent(false, "/vouchers", newVoucher).make(h)
		}},
		"listVouchers": ofEvent(false, "/vouchers?limit=5", ""),
		"disableVoucher": {status: http.StatusOK, make: func(h *house) request {
			h.asOrganiser(http.MethodPost, event+"/vouchers", newVoucher)
			return ofEvent(false, "/vouchers/spring-27/disable", "").make(h)
		}},
		"live":    plainGet("/healthz"),
		"ready":   plainGet("/readyz"),
		"metrics": plainGet("/metrics"),
		"openapi": plainGet("/openapi.json"),
	}
}

// noticeOfPayment pays a new order.
func noticeOfPayment(h *house) request {
	placed := h.order(h.hold(1, key()), key())
	req := h.till.notice(h.tb, h.url, key(), h.clock.Now(), slip{Key: placed.ID + ":1",
		Transaction: key(), State: "paid", Amount: placed.Total.Amount, Currency: "EUR"})
	w := httptest.NewRecorder()
	if err := req.Write(w); err != nil {
		h.tb.Fatal(err)
	}
	_, body, _ := strings.Cut(w.Body.String(), "\r\n\r\n")
	q := request{path: "/v1/webhooks/till", body: body, header: map[string]string{}}
	for name := range req.Header {
		q.header[name] = req.Header.Get(name)
	}
	return q
}

// prepare does what an operation needs to have happened.
func prepare(h *house, id string) {
	h.tb.Helper()
	if id == "unblockPlaces" {
		h.asOrganiser(http.MethodPost, "/v1/events/evt_1/block", `{"places":[198,199]}`)
	}
}

// TestEveryOperationAnswers calls each operation of the document and validates its answer by it.
func TestEveryOperationAnswers(t *testing.T) {
	h := open(t)
	j := newJudge(t, h.spec())
	table := rows()
	for _, op := range h.operations() {
		t.Run(op.OperationID, func(t *testing.T) {
			row, ok := table[op.OperationID]
			if !ok {
				t.Fatal("the operation has no row: add one")
			}
			delete(table, op.OperationID)
			if row.stream {
				return // TestChanges reads it
			}
			prepare(h, op.OperationID)
			req := row.make(h).build(t, h, op.method)
			r := h.send(req)
			if r.status != row.status {
				t.Fatalf("got %d %s, want %d", r.status, r.body, row.status)
			}
			if _, ok := op.Responses[strconv.Itoa(r.status)]; !ok {
				t.Errorf("the document doesn't know the status %d", r.status)
			}
			j.check(t, op, r)
			for _, name := range []string{"X-Request-Id", "X-Content-Type-Options",
				"Content-Security-Policy", "Cache-Control", "Referrer-Policy"} {
				if r.header.Get(name) == "" {
					t.Errorf("the answer has no %s", name)
				}
			}
		})
	}
	if len(table) > 0 {
		t.Errorf("rows without an operation: %v", slices.Collect(maps.Keys(table)))
	}
}

// TestOrganisersAreGuarded calls organisers' operations without the key and with a wrong one.
func TestOrganisersAreGuarded(t *testing.T) {
	h := open(t)
	guarded := 0
	for _, op := range h.operations() {
		if !op.guarded() {
			continue
		}
		guarded++
		t.Run(op.OperationID, func(t *testing.T) {
			prepare(h, op.OperationID)
			before := h.state()
			q := rows()[op.OperationID].make(h)
			after := h.state()
			for _, value := range []string{"", "Bearer", "Bearer ", "Bearer wrong",
				"Basic " + organiserKey, organiserKey, "Bearer  " + organiserKey} {
				q.header["Authorization"] = value
				r := h.send(q.build(t, h, op.method))
				r.want(http.StatusUnauthorized, "unauthenticated")
				if r.header.Get("Www-Authenticate") == "" {
					t.Error("401 without WWW-Authenticate")
				}
			}
			if now := h.state(); now != after {
				t.Errorf("the state was %s and is %s (before: %s)", after, now, before)
			}
		})
	}
	if guarded < 9 {
		t.Errorf("only %d operations are guarded", guarded)
	}
}

// state is all that a refused request must leave alone.
func (h *house) state() string {
	h.tb.Helper()
	all := h.asOrganiser(http.MethodGet, "/v1/events?limit=100", "").body
	var page httpapi.EventPage
	if err := json.Unmarshal(all, &page); err != nil {
		h.tb.Fatal(err)
	}
	text := string(all)
	for _, e := range page.Events {
		text += string(h.asOrganiser(http.MethodGet, "/v1/events/"+e.ID+"/sales", "").body)
	}
	return text
}
