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

// TestCreatingIsRepeatable: an organiser whose connection breaks sends the same request again, and
// has one venue, plan and event.
func TestCreatingIsRepeatable(t *testing.T) {
	h := open(t)
	plan := hallFile(t)
	const venue = `{"name":"Opera House","city":"Vienna","time_zone":"Europe/Vienna"}`
	for _, test := range []struct{ path, body, other string }{
		{"/v1/venues", venue, strings.Replace(venue, "Opera", "Other", 1)},
		{"/v1/plans?venue=ven_1", plan, plan + " "},
		{"/v1/events", newEvent, strings.Replace(newEvent, "Tosca", "Aida", 1)},
	} {
		send := func(path, body, key string) reply {
			return h.asOrganiser(http.MethodPost, path, body, "Idempotency-Key", key)
		}
		first := send(test.path, test.body, "one")
		again := send(test.path, test.body, "one")
		first.want(http.StatusCreated, "")
		if again.want(http.StatusCreated, ""); !bytes.Equal(first.body, again.body) {
			t.Errorf("%s: %s, and then %s", test.path, first.body, again.body)
		}
		send(test.path, test.other, "one").
			want(http.StatusUnprocessableEntity, "idempotency_key_reused")
		var ids [3]struct{ ID string }
		first.into(&ids[0])
		send(test.path, test.body, "two").into(&ids[1])
		h.asOrganiser(http.MethodPost, test.path, test.body).into(&ids[2]) // no key: created anew
		if ids[0] == ids[1] || ids[1] == ids[2] || ids[0] == ids[2] {
			t.Errorf("%s: other requests give %v", test.path, ids)
		}
		long := h.asOrganiser(http.MethodPost, test.path, test.body, "Idempotency-Key",
			strings.Repeat("k", 256))
		if long.status != http.StatusBadRequest && long.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: a key without end: %d", test.path, long.status)
		}
	}
	other := h.asOrganiser(http.MethodPost, "/v1/plans?venue=ven_2", plan, "Idempotency-Key", "one")
	other.want(http.StatusUnprocessableEntity, "idempotency_key_reused")
	// The order of members and white space don't make another request.
	const turned = `{ "time_zone":"Europe/Vienna", "city":"Vienna", "name":"Opera House" }`
	h.asOrganiser(http.MethodPost, "/v1/venues", turned, "Idempotency-Key", "one").
		want(http.StatusCreated, "")
}

// TestCreatingTwiceAtOnce is a double click.
func TestCreatingTwiceAtOnce(t *testing.T) {
	h := open(t)
	var made [8]httpapi.EventDetail
	var all sync.WaitGroup
	for i := range made {
		all.Go(func() {
			h.asOrganiser(http.MethodPost, "/v1/events", newEvent, "Idempotency-Key", "twice").
				into(&made[i])
		})
	}
	all.Wait()
	for _, e := range made {
		if e.ID == "" || e.ID != made[0].ID {
			t.Errorf("%s and %s", made[0].ID, e.ID)
		}
	}
}

// TestAHoldPastItsTime says what the API says of it until it is swept up: nobody sweeps here.
func TestAHoldPastItsTime(t *testing.T) {
	h := open(t)
	made := h.hold(1, "a")
	path := "/v1/events/" + h.event.String()
	h.clock.add(10*time.Minute + time.Second)
	var seen httpapi.Hold
	h.call(http.MethodGet, "/v1/holds/"+made.ID, "", "Hold-Token", made.Token).into(&seen)
	if seen.State != "live" || !seen.ExpiresAt.Before(seen.Now) {
		t.Errorf("the hold is %s until %v, now is %v", seen.State, seen.ExpiresAt, seen.Now)
	}
	var sum httpapi.Availability
	h.call(http.MethodGet, path+"/availability", "", "Accept", "application/json").into(&sum)
	if sum.Total.Held != 1 {
		t.Errorf("%+v", sum.Total)
	}
	body := fmt.Sprintf(`{"places":[%d]}`, made.Places[0].Place)
	h.call(http.MethodPost, path+"/holds", body, "Idempotency-Key", "c").
		want(http.StatusCreated, "")
	h.call(http.MethodPost, "/v1/orders", orderBody(made), "Idempotency-Key", "b").
		want(http.StatusGone, "hold_ended")
}
