package httpapi_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"ticketflow/internal/inbound/httpapi"
)

// holdNamed holds places by name.
func (h *house) holdNamed(key, places string) httpapi.Hold {
	h.tb.Helper()
	var made httpapi.Hold
	r := h.call(http.MethodPost, h.holdsPath(), `{"places":`+places+`}`, "Idempotency-Key", key)
	r.want(http.StatusCreated, "")
	r.into(&made)
	return made
}

func (h *house) amend(made httpapi.Hold, key, body string) reply {
	h.tb.Helper()
	return h.call(http.MethodPost, "/v1/holds/"+made.ID+"/places", body, "Hold-Token", made.Token,
		"Idempotency-Key", key)
}

// numbers are the numbers of places, for comparing.
func numbers(places []httpapi.Place) string {
	all := make([]uint32, 0, len(places))
	for _, p := range places {
		all = append(all, p.Place)
	}
	return fmt.Sprint(all)
}

func TestAmendHold(t *testing.T) {
	h := open(t)
	made := h.holdNamed("a", "[60,61]")
	for range 2 { // the same request is told the same
		r := h.amend(made, "b", `{"add":[64,62],"remove":[60]}`)
		r.want(http.StatusOK, "")
		var now httpapi.Hold
		r.into(&now)
		if numbers(now.Places) != "[61 62 64]" || now.Total.Amount != 3*4900 ||
			now.ID != made.ID || !now.ExpiresAt.Equal(made.ExpiresAt) || now.State != "live" ||
			now.SideBySide || now.Why != nil {
			t.Errorf("the hold is %s", r.body)
		}
	}
	h.amend(made, "b", `{"add":[65]}`).want(http.StatusUnprocessableEntity,
		"idempotency_key_reused")
	h.holdNamed("c", "[60]") // is free again

	r := h.amend(made, "d", `{"best":{"count":2}}`)
	r.want(http.StatusOK, "")
	var best httpapi.Hold
	r.into(&best)
	if len(best.Places) != 5 || best.Why == nil || best.Why.SideBySide ||
		len(best.Why.Stretches) < 2 {
		t.Errorf("with the best ones the hold is %s", r.body)
	}
	best.Token = made.Token
	placed := h.order(best, "e")
	if len(placed.Places) != 5 {
		t.Errorf("the order has %d places", len(placed.Places))
	}
	h.amend(made, "f", `{"add":[70]}`).want(http.StatusConflict, "hold_ordered")
}

func TestAmendHoldRefuses(t *testing.T) {
	h := open(t)
	made := h.holdNamed("a", "[60,61]")
	for _, c := range []struct {
		body, code string
		status     int
	}{
		{`{}`, "no_places", http.StatusUnprocessableEntity},
		{`{"add":[70,70]}`, "place_twice", http.StatusUnprocessableEntity},
		{`{"add":[70],"best":{"count":1}}`, "best_and_named", http.StatusUnprocessableEntity},
		{`{"best":{"count":1,"tier":"none"}}`, "unknown_tier", http.StatusUnprocessableEntity},
		{`{"add":[70,71,72,73,74,75,76,77,78]}`, "too_many_places",
			http.StatusUnprocessableEntity},
		{`{"add":[999999]}`, "place_not_found", http.StatusNotFound},
	} {
		h.amend(made, c.body, c.body).want(c.status, c.code)
	}
	made.Token = "tok_h0qf22at2f3rgbqh15d17hw85r"
	h.amend(made, "other", `{"add":[70]}`).want(http.StatusNotFound, "not_found")
}

func TestARemovedBasketIsReleased(t *testing.T) {
	h := open(t)
	made := h.holdNamed("a", "[60,61]")
	for range 2 {
		var now httpapi.Hold
		r := h.amend(made, "b", `{"remove":[60,61]}`)
		r.want(http.StatusOK, "")
		if r.into(&now); now.State != "released" {
			t.Errorf("the hold is %s", r.body)
		}
	}
	h.amend(made, "c", `{"add":[60]}`).want(http.StatusGone, "hold_ended")
}

// TestAConflictNamesTheSeatsAndTheNearestOthers: who loses a seat keeps the rest, and is told where
// to go.
func TestAConflictNamesTheSeatsAndTheNearestOthers(t *testing.T) {
	h := open(t)
	other := h.holdNamed("other", "[62]")
	made := h.holdNamed("mine", "[60,61]")
	r := h.amend(made, "more", `{"add":[62],"remove":[60]}`)
	p := r.want(http.StatusConflict, "place_taken")
	seat := other.Places[0]
	if len(p.Taken) != 1 || len(p.Lost) != 1 || p.Lost[0] != (httpapi.LostPlace{Place: 62,
		Section: seat.Section, Row: seat.Row, Seat: seat.Seat, State: "held"}) {
		t.Errorf("the conflict says %s", r.body)
	}
	if len(p.Instead) != 1 || p.Instead[0].Row != seat.Row || p.Instead[0].Price.Amount != 4900 ||
		!slices.Contains([]uint32{58, 59, 63, 64}, p.Instead[0].Place) {
		t.Errorf("instead it offers %s", r.body)
	}
	var now httpapi.Hold
	h.call(http.MethodGet, "/v1/holds/"+made.ID, "", "Hold-Token", made.Token).into(&now)
	if numbers(now.Places) != "[60 61]" {
		t.Errorf("the rest of the basket is %v", now.Places)
	}
	body := strings.ReplaceAll(numbers(p.Instead), " ", ",")
	h.amend(made, "instead", `{"add":`+body+`}`).want(http.StatusOK, "")

	// A party stays together: one of three is lost, and all three move by as little as can be.
	r = h.call(http.MethodPost, h.holdsPath(), `{"places":[62,63,64]}`, "Idempotency-Key", "three")
	p = r.want(http.StatusConflict, "place_taken")
	if len(p.Lost) == 0 || len(p.Instead) != 3 || p.Instead[0].Place+2 != p.Instead[2].Place {
		t.Errorf("instead of three it offers %s", r.body)
	}
}

// TestASeatThatWouldStayAlone: the refusal names the seat, and what it offers instead is accepted.
func TestASeatThatWouldStayAlone(t *testing.T) {
	h := open(t)
	holds := h.strictEvent() + "/holds"
	r := h.call(http.MethodPost, holds, `{"places":[1,2]}`, "Idempotency-Key", "alone")
	p := r.want(http.StatusConflict, "orphan_seat")
	if len(p.Alone) != 1 || p.Alone[0].Place != 0 || p.Alone[0].Seat == "" ||
		p.Alone[0].State != "free" || numbers(p.Instead) != "[0 1]" ||
		p.Instead[0].Price.Amount != 100 {
		t.Errorf("the refusal says %s", r.body)
	}
	var made httpapi.Hold
	r = h.call(http.MethodPost, holds, `{"places":[0,1]}`, "Idempotency-Key", "moved")
	r.want(http.StatusCreated, "")
	r.into(&made)
	r = h.amend(made, "gap", `{"add":[3]}`)
	if p = r.want(http.StatusConflict, "orphan_seat"); numbers(p.Instead) != "[2]" {
		t.Errorf("the refusal of a gap says %s", r.body)
	}
	// To give back is always allowed, and the rule yields where there is no other way.
	h.amend(made, "two more", `{"add":[2,3]}`).want(http.StatusOK, "")
	h.amend(made, "hole", `{"remove":[1]}`).want(http.StatusOK, "")
	h.call(http.MethodPost, holds, `{"places":[4,5]}`, "Idempotency-Key", "two of three").
		want(http.StatusCreated, "")
}

// TestTheRuleForgetsNoAnswer: what was granted before is told again, whatever has happened since.
func TestTheRuleForgetsNoAnswer(t *testing.T) {
	h := open(t)
	holds := h.strictEvent() + "/holds"
	hold := func(key, places string) (made httpapi.Hold) {
		t.Helper()
		r := h.call(http.MethodPost, holds, `{"places":`+places+`}`, "Idempotency-Key", key)
		r.want(http.StatusCreated, "")
		r.into(&made)
		return made
	}
	first := hold("first", "[2,3]")
	h.call(http.MethodDelete, "/v1/holds/"+first.ID, "", "Hold-Token", first.Token).
		want(http.StatusNoContent, "")
	hold("second", "[0]")
	h.call(http.MethodPost, holds, `{"places":[2,3]}`, "Idempotency-Key", "another").
		want(http.StatusConflict, "orphan_seat")
	if again := hold("first", "[2,3]"); again.ID != first.ID {
		t.Errorf("the same request made %s and then %s", first.ID, again.ID)
	}
}

// strictEvent publishes an event with the orphan rule and returns its path.
func (h *house) strictEvent() string {
	h.tb.Helper()
	strict := strings.Replace(newEvent, `"max_per_order":8`,
		`"max_per_order":8,"orphan_rule":"on"`, 1)
	strict = strings.Replace(strict, `"places":[0,1]`, `"places":[0,1,2,3,4,5,6]`, 1)
	var event httpapi.EventDetail
	h.asOrganiser(http.MethodPost, "/v1/events", strict).into(&event)
	if event.Sale.OrphanRule != "on" {
		h.tb.Fatalf("the event is %+v", event.Sale)
	}
	h.asOrganiser(http.MethodPost, "/v1/events/"+event.ID+"/publish", "").want(http.StatusOK, "")
	return "/v1/events/" + event.ID
}
