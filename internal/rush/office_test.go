package rush

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// An office is a small box office in memory with real rules of conflict, to rehearse against. Its
// faults are switched on by the negative controls.
type office struct {
	lock   sync.Mutex
	owner  []string // of each place, empty if free
	holds  map[string][]uint32
	orders map[string][]uint32
	paid   map[string]bool
	byKey  map[string]reply
	serial int
	seen   map[string]int // requests, by route

	forgetsKeys   bool // each repetition is a new wish
	sellsTwice    bool // every place goes to everybody
	losesTickets  bool // one ticket too few
	latePayments  int  // how often an order looks unpaid after it was paid
	asked         map[string]int
	breakAfter    int    // requests after which the connection is cut once, without an answer
	refuse        string // problem code for every hold
	refuseStatus  int
	foreignPayURL bool
	before        func(route string) // runs before a request is served, outside the lock
}

type reply struct {
	status int
	body   []byte
}

func newOffice(places int) *office {
	return &office{
		owner: make([]string, places), holds: map[string][]uint32{},
		orders: map[string][]uint32{}, paid: map[string]bool{}, byKey: map[string]reply{},
		seen: map[string]int{}, asked: map[string]int{},
	}
}

// open serves the office until the test ends.
func (o *office) open(t testing.TB) string {
	t.Helper()
	server := httptest.NewServer(o.handler())
	t.Cleanup(server.Close)
	return server.URL
}

func (o *office) handler() http.Handler {
	mux := http.NewServeMux()
	route := func(pattern string, serve func(r *http.Request, body []byte) reply) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if o.before != nil {
				o.before(pattern)
			}
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return
			}
			o.lock.Lock()
			defer o.lock.Unlock()
			o.seen[pattern]++
			if o.breakAfter > 0 {
				if o.breakAfter--; o.breakAfter == 0 {
					answer := serve(r, body) // it takes effect, but nobody is told
					o.remember(r, answer)
					panic(http.ErrAbortHandler)
				}
			}
			key := r.Header.Get("Idempotency-Key")
			answer, known := o.byKey[key]
			if key == "" || !known || o.forgetsKeys {
				answer = serve(r, body)
				o.remember(r, answer)
			}
			if answer.status >= 400 {
				w.Header().Set("Content-Type", "application/problem+json")
			}
			w.WriteHeader(answer.status)
			_, _ = w.Write(answer.body)
		})
	}
	route("POST /v1/events/{event}/holds", o.hold)
	route("DELETE /v1/holds/{hold}", o.release)
	route("POST /v1/orders", o.order)
	route("POST /simpay/pay/{link}", o.pay)
	route("GET /v1/orders/{order}/tickets", o.tickets)
	return mux
}

func (o *office) remember(r *http.Request, answer reply) {
	if key := r.Header.Get("Idempotency-Key"); key != "" {
		o.byKey[key] = answer
	}
}

func say(status int, body any) reply {
	encoded, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return reply{status, encoded}
}

func problem(status int, code string) reply {
	return say(status, map[string]any{"status": status, "code": code})
}

func (o *office) next(prefix string) string {
	o.serial++
	return fmt.Sprintf("%s%06d", prefix, o.serial)
}

func (o *office) hold(_ *http.Request, body []byte) reply {
	var wish nullHoldWish
	if err := json.Unmarshal(body, &wish); err != nil {
		return problem(400, "malformed")
	}
	if o.refuse != "" {
		return problem(o.refuseStatus, o.refuse)
	}
	places := wish.Places
	if wish.Best != nil {
		for place := range o.owner {
			if len(places) < wish.Best.Count && o.isFree(uint32(place)) {
				places = append(places, uint32(place))
			}
		}
		if len(places) < wish.Best.Count {
			return problem(409, "not_enough_places")
		}
	}
	for _, place := range places {
		if int(place) >= len(o.owner) {
			return problem(404, "place_not_found")
		}
		if !o.isFree(place) {
			return problem(409, "place_taken")
		}
	}
	id := o.next("hld_")
	for _, place := range places {
		o.owner[place] = id
	}
	o.holds[id] = places
	return say(201, map[string]any{"id": id, "token": "T" + id, "places": placesJSON(places)})
}

func (o *office) isFree(place uint32) bool { return o.owner[place] == "" || o.sellsTwice }

func placesJSON(places []uint32) []map[string]any {
	var out []map[string]any
	for _, place := range places {
		out = append(out, map[string]any{"place": place, "section": "A", "row": "1"})
	}
	return out
}

func (o *office) release(r *http.Request, _ []byte) reply {
	id := r.PathValue("hold")
	places, ok := o.holds[id]
	if !ok || r.Header.Get("Hold-Token") != "T"+id {
		return problem(404, "hold_not_found")
	}
	for _, place := range places {
		o.owner[place] = ""
	}
	delete(o.holds, id)
	return reply{status: 204}
}

func (o *office) order(r *http.Request, body []byte) reply {
	var wish nullOrderWish
	if err := json.Unmarshal(body, &wish); err != nil {
		return problem(400, "malformed")
	}
	places, ok := o.holds[wish.Hold]
	if !ok || wish.HoldToken != "T"+wish.Hold || !strings.Contains(wish.Buyer.Email, "@") {
		return problem(404, "hold_not_found")
	}
	delete(o.holds, wish.Hold)
	id := o.next("ord_")
	for _, place := range places {
		o.owner[place] = id
	}
	o.orders[id] = places
	page := "http://" + r.Host + "/simpay/pay/" + id
	if o.foreignPayURL {
		page = "https://pay.example.org/" + id
	}
	return say(201, map[string]any{
		"payment": map[string]any{"provider": "simpay", "id": "spy_1", "url": page},
		"id":      id, "token": "T" + id, "state": "awaiting_payment",
		"places": placesJSON(places),
	})
}

func (o *office) pay(r *http.Request, body []byte) reply {
	id := r.PathValue("link")
	if string(body) != "outcome=paid" || o.orders[id] == nil {
		return problem(404, "payment_not_found")
	}
	o.paid[id] = true
	return say(200, map[string]any{"payment": "spy_" + id, "state": "paid"})
}

func (o *office) tickets(r *http.Request, _ []byte) reply {
	id := r.PathValue("order")
	places, ok := o.orders[id]
	if !ok || r.Header.Get("Order-Token") != "T"+id {
		return problem(404, "order_not_found")
	}
	if o.asked[id]++; o.asked[id] <= o.latePayments || !o.paid[id] {
		return say(200, map[string]any{"order": id, "tickets": []any{}})
	}
	if o.losesTickets {
		places = places[1:]
	}
	var tickets []map[string]any
	for _, place := range places {
		tickets = append(tickets, map[string]any{
			"id": fmt.Sprintf("tkt_%s_%d", id, place), "place": place, "code": "signed",
		})
	}
	return say(200, map[string]any{"order": id, "tickets": tickets})
}

// served tells how many requests of a route there were.
func (o *office) served(route string) int {
	o.lock.Lock()
	defer o.lock.Unlock()
	return o.seen[route]
}

// soldPlaces counts the places of paid orders, by the office's own books.
func (o *office) soldPlaces() int {
	o.lock.Lock()
	defer o.lock.Unlock()
	n := 0
	for id := range o.paid {
		n += len(o.orders[id])
	}
	return n
}
