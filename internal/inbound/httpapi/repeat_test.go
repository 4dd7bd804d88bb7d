package httpapi_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"ticketflow/internal/inbound/httpapi"
)

func (h *house) holdsPath() string { return "/v1/events/" + h.event.String() + "/holds" }

// TestRepeatedRequests: the same key with the same body gets the same bytes, another body 422.
func TestRepeatedRequests(t *testing.T) {
	h := open(t)
	const body = `{"best":{"count":2}}`
	first := h.call(http.MethodPost, h.holdsPath(), body, "Idempotency-Key", "a")
	first.want(http.StatusCreated, "")
	h.clock.add(time.Minute)
	again := h.call(http.MethodPost, h.holdsPath(), body, "Idempotency-Key", "a")
	if again.want(http.StatusCreated, ""); !bytes.Equal(first.body, again.body) {
		t.Errorf("a repeated hold answers %s, at first %s", again.body, first.body)
	}
	h.call(http.MethodPost, h.holdsPath(), `{"best":{"count":3}}`, "Idempotency-Key", "a").
		want(http.StatusUnprocessableEntity, "idempotency_key_reused")
	h.call(http.MethodPost, h.holdsPath(), body).
		want(http.StatusBadRequest, "idempotency_key_missing")

	var made httpapi.Hold
	first.into(&made)
	placed := h.call(http.MethodPost, "/v1/orders", orderBody(made), "Idempotency-Key", "b")
	placed.want(http.StatusCreated, "")
	repeated := h.call(http.MethodPost, "/v1/orders", orderBody(made), "Idempotency-Key", "b")
	if repeated.want(http.StatusCreated, ""); !bytes.Equal(placed.body, repeated.body) {
		t.Errorf("a repeated order answers %s, at first %s", repeated.body, placed.body)
	}
	h.call(http.MethodPost, "/v1/orders", orderBody(made), "Idempotency-Key", "c").
		want(http.StatusConflict, "hold_ordered")
	other := fmt.Sprintf(`{"hold":%q,"hold_token":%q,"buyer":{"name":"Bob","email":"b@x.org"}}`,
		made.ID, made.Token)
	h.call(http.MethodPost, "/v1/orders", other, "Idempotency-Key", "b").
		want(http.StatusUnprocessableEntity, "idempotency_key_reused")
}

// TestDoubleSubmit sends everything many times at once: one hold, one order, one payment.
func TestDoubleSubmit(t *testing.T) {
	h := open(t)
	const times = 16
	all := func(send func() reply, want int) []byte {
		t.Helper()
		var answers [times]reply
		var group sync.WaitGroup
		for i := range answers {
			group.Go(func() { answers[i] = send() })
		}
		group.Wait()
		for _, r := range answers {
			r.want(want, "")
			if want == http.StatusCreated && !bytes.Equal(r.body, answers[0].body) {
				t.Errorf("one answer is %s, another %s", r.body, answers[0].body)
			}
		}
		return answers[0].body
	}
	var made httpapi.Hold
	reply{tb: t, body: all(func() reply {
		return h.call(http.MethodPost, h.holdsPath(), `{"places":[7,8]}`, "Idempotency-Key", "k")
	}, http.StatusCreated)}.into(&made)
	var placed httpapi.Order
	reply{tb: t, body: all(func() reply {
		return h.call(http.MethodPost, "/v1/orders", orderBody(made), "Idempotency-Key", "k")
	}, http.StatusCreated)}.into(&placed)
	all(func() reply { return h.pay(placed, "n") }, http.StatusOK)
	if n := len(h.tickets(placed).Tickets); n != 2 {
		t.Errorf("%d tickets, want 2", n)
	}
	var sales httpapi.SalesSummary
	h.asOrganiser(http.MethodGet, "/v1/events/"+h.event.String()+"/sales", "").into(&sales)
	if sales.Sold != 2 || sales.Revenue.Amount != 9800 || sales.Awaiting != 0 ||
		sales.Places.Free != hallPlaces-2 {
		t.Errorf("the sales are %+v", sales)
	}
}

// TestManyWantOnePlace: one wins, the others are told what is free instead.
func TestManyWantOnePlace(t *testing.T) {
	h := open(t)
	const buyers = 32
	var answers [buyers]reply
	var group sync.WaitGroup
	for i := range answers {
		group.Go(func() {
			answers[i] = h.call(http.MethodPost, h.holdsPath(), `{"places":[50,51]}`,
				"Idempotency-Key", fmt.Sprint("buyer", i))
		})
	}
	group.Wait()
	won := 0
	for _, r := range answers {
		if r.status == http.StatusCreated {
			won++
			continue
		}
		p := r.want(http.StatusConflict, "place_taken")
		if len(p.Taken) != 2 || p.Taken[0] != 50 || len(p.Instead) != 2 {
			t.Errorf("the conflict says %s", r.body)
		}
		for _, free := range p.Instead {
			if free.Place == 50 || free.Place == 51 || free.Tier != "cat1" ||
				free.Price.Amount != 4900 || free.Seat == "" {
				t.Errorf("instead it offers %+v", free)
			}
		}
	}
	if won != 1 {
		t.Errorf("%d buyers hold the same places", won)
	}
}

func TestSoldOut(t *testing.T) {
	h := open(t)
	for i := range hallPlaces / 10 {
		h.call(http.MethodPost, h.holdsPath(), `{"best":{"count":10,"split_allowed":true}}`,
			"Idempotency-Key", fmt.Sprint(i)).want(http.StatusCreated, "")
	}
	h.call(http.MethodPost, h.holdsPath(), `{"best":{"count":1}}`, "Idempotency-Key", "late").
		want(http.StatusConflict, "not_enough_places")
	r := h.call(http.MethodPost, h.holdsPath(), `{"places":[3]}`, "Idempotency-Key", "late2")
	if p := r.want(http.StatusConflict, "place_taken"); len(p.Instead) != 0 {
		t.Errorf("a sold out hall still offers %+v", p.Instead)
	}
}

func TestWishesThatCantBe(t *testing.T) {
	h := open(t)
	for _, c := range []struct {
		path, body string
		status     int
		code       string
	}{
		{h.holdsPath(), `{"best":{"count":1,"tier":"gold"}}`, 422, "unknown_tier"},
		{h.holdsPath(), `{"best":{"count":1,"section":"Moon"}}`, 422, "unknown_section"},
		{h.holdsPath(), `{"best":{"count":11}}`, 422, "too_many_places"},
		{h.holdsPath(), `{"best":{"count":51}}`, 422, "too_many_places"},
		{h.holdsPath(), `{"places":[]}`, 422, "no_places"},
		{h.holdsPath(), `{"places":[1,1]}`, 422, "place_twice"},
		{h.holdsPath(), `{"places":[100000]}`, 404, "place_not_found"},
		{h.holdsPath(), `{"places":[1],"best":{"count":1}}`, 422, "bad_field"},
		{h.holdsPath(), `{}`, 422, "bad_field"},
		{h.holdsPath(), `{"best":{}}`, 422, "bad_field"},
		{"/v1/events/evt_999/holds", `{"places":[1]}`, 404, "event_not_found"},
		{"/v1/events/" + h.draft.String() + "/holds", `{"places":[1]}`, 404, "event_not_found"},
	} {
		h.call(http.MethodPost, c.path, c.body, "Idempotency-Key", c.body).want(c.status, c.code)
	}
	var made httpapi.Hold
	h.call(http.MethodPost, h.holdsPath(), `{"best":{"count":2,"section":"1","tier":"cat1"}}`,
		"Idempotency-Key", "section").into(&made)
	if len(made.Places) != 2 || made.Places[0].Section != "1" {
		t.Errorf("of section 1 I got %+v", made)
	}
	r := h.call(http.MethodPost, h.holdsPath(), `{"places":[1]}`, "Idempotency-Key", "type",
		"Content-Type", "text/plain")
	r.want(http.StatusBadRequest, "not_json")
}

func TestSaleNotOpen(t *testing.T) {
	h := open(t)
	h.clock.add(-2 * time.Hour)
	h.call(http.MethodPost, h.holdsPath(), `{"places":[1]}`, "Idempotency-Key", "early").
		want(http.StatusConflict, "sale_not_open")
	h.clock.add(2400 * time.Hour)
	h.call(http.MethodPost, h.holdsPath(), `{"places":[1]}`, "Idempotency-Key", "late").
		want(http.StatusConflict, "sale_not_open")
}

// TestGuestsKeysAreLong keeps two guests from meeting under a key that both hit upon.
func TestGuestsKeysAreLong(t *testing.T) {
	h := open(t)
	req, err := http.NewRequest(http.MethodPost, h.url+h.holdsPath(),
		strings.NewReader(`{"best":{"count":1}}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", "fifteen-letters")
	h.send(req).want(http.StatusBadRequest, "idempotency_key_too_short")
}
