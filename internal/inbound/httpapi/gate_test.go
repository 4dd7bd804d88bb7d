package httpapi_test

import (
	"bytes"
	"fmt"
	"image/png"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"ticketflow/internal/domain/admission"
	"ticketflow/internal/inbound/httpapi"
)

func (h *house) scan(code, gate string, header ...string) reply {
	h.tb.Helper()
	return h.asOrganiser(http.MethodPost, "/v1/check-ins",
		fmt.Sprintf(`{"code":%q,"gate":%q}`, code, gate), header...)
}

// TestAdmitsOnce: many gates scan one ticket, one lets its bearer in.
func TestAdmitsOnce(t *testing.T) {
	h := open(t)
	ticket := h.sold()
	const gates = 16
	var answers [gates]reply
	var group sync.WaitGroup
	for i := range answers {
		group.Go(func() { answers[i] = h.scan(ticket.Code, fmt.Sprint("gate ", i)) })
	}
	group.Wait()
	var yes httpapi.Admission
	admitted := 0
	for _, r := range answers {
		if r.status == http.StatusOK {
			admitted++
			r.into(&yes)
		}
	}
	if admitted != 1 || yes.Result != "admitted" || yes.Seat != ticket.Seat ||
		!yes.AdmittedAt.Equal(h.clock.Now()) {
		t.Fatalf("%d were admitted: %+v", admitted, yes)
	}
	for _, r := range answers {
		if r.status == http.StatusOK {
			continue
		}
		p := r.want(http.StatusConflict, "already_admitted")
		if p.Gate != yes.Gate || !p.UsedAt.Equal(yes.AdmittedAt) {
			t.Errorf("the second scan is told %s", r.body)
		}
	}
	var used httpapi.Ticket
	h.call(http.MethodGet, "/v1/tickets/"+ticket.ID, "").into(&used)
	if used.State != "used" {
		t.Errorf("the ticket is %+v", used)
	}
}

// TestScanWithKey may be repeated.
func TestScanWithKey(t *testing.T) {
	h := open(t)
	code := h.sold().Code
	first := h.scan(code, "North", "Idempotency-Key", "s")
	h.clock.add(time.Minute)
	again := h.scan(code, "North", "Idempotency-Key", "s")
	if again.want(http.StatusOK, ""); !bytes.Equal(first.body, again.body) {
		t.Errorf("repeated, the scan answers %s, at first %s", again.body, first.body)
	}
	h.scan(code, "South", "Idempotency-Key", "s").
		want(http.StatusUnprocessableEntity, "idempotency_key_reused")
	h.scan(code, "North").want(http.StatusConflict, "already_admitted")
}

// TestBadCodes never admit.
func TestBadCodes(t *testing.T) {
	h := open(t)
	ticket := h.sold()
	foreign, err := admission.NewSigner(1, bytes.Repeat([]byte{9}, 32))
	if err != nil {
		t.Fatal(err)
	}
	forged, err := foreign.Sign(admission.Claims{Event: 1, Place: ticket.Place, Fence: 1})
	if err != nil {
		t.Fatal(err)
	}
	guessed, err := h.signer.Sign(admission.Claims{Event: 1, Place: ticket.Place, Fence: 1})
	if err != nil {
		t.Fatal(err)
	}
	late, err := h.signer.Sign(admission.Claims{Event: 1, Place: ticket.Place, Fence: 1,
		NotAfter: 1})
	if err != nil {
		t.Fatal(err)
	}
	damaged := strings.Replace(ticket.Code, ticket.Code[50:52], "XX", 1)
	h.scan(forged, "").want(422, "ticket_signature_invalid")
	h.scan("TF1:", "").want(422, "bad_ticket_code")
	h.scan(guessed, "").want(404, "ticket_not_found")
	h.scan(late, "").want(410, "ticket_expired")
	if r := h.scan(damaged, ""); r.status != 422 {
		t.Errorf("a damaged code got %d %s", r.status, r.body)
	}
	h.asOrganiser(http.MethodPost, "/v1/check-ins",
		fmt.Sprintf(`{"code":%q,"event":"evt_2"}`, ticket.Code)).want(409, "wrong_event")
	h.scan(ticket.Code, "").want(200, "")
}

// TestCancelledEventAdmitsNobody and sells nothing.
func TestCancelledEventAdmitsNobody(t *testing.T) {
	h := open(t)
	ticket, made := h.sold(), h.hold(1, key())
	h.asOrganiser(http.MethodPost, "/v1/events/"+h.event.String()+"/cancel", "").want(200, "")
	h.scan(ticket.Code, "").want(410, "event_cancelled")
	h.call(http.MethodPost, "/v1/orders", orderBody(made), "Idempotency-Key", "o").
		want(410, "event_cancelled")
	h.call(http.MethodPost, h.holdsPath(), `{"best":{"count":1}}`, "Idempotency-Key", "h").
		want(410, "event_cancelled")
	h.asOrganiser(http.MethodPost, "/v1/events/"+h.event.String()+"/publish", "").
		want(410, "event_cancelled")
}

// TestBlockedPlaces can't be held, and held ones can't be blocked.
func TestBlockedPlaces(t *testing.T) {
	h := open(t)
	path := "/v1/events/" + h.event.String()
	var left httpapi.Blocked
	h.asOrganiser(http.MethodPost, path+"/block", `{"places":[5,6]}`).into(&left)
	if left.Places.Blocked != 2 || left.Places.Free != hallPlaces-2 {
		t.Errorf("after blocking %+v", left)
	}
	h.call(http.MethodPost, h.holdsPath(), `{"places":[5]}`, "Idempotency-Key", "a").
		want(409, "place_taken")
	h.call(http.MethodPost, h.holdsPath(), `{"places":[7]}`, "Idempotency-Key", "b").
		want(201, "")
	h.asOrganiser(http.MethodPost, path+"/block", `{"places":[8,7]}`).want(409, "place_not_free")
	h.asOrganiser(http.MethodPost, path+"/unblock", `{"places":[5,7]}`).
		want(409, "place_not_blocked")
	h.asOrganiser(http.MethodPost, path+"/unblock", `{"places":[5,6]}`).into(&left)
	if left.Places.Blocked != 0 || left.Places.Free != hallPlaces-1 {
		t.Errorf("after unblocking %+v", left)
	}
}

func TestPictures(t *testing.T) {
	h := open(t)
	path := "/v1/tickets/" + h.sold().ID
	for query, modules := range map[string]int{"": 8, "?scale=1": 1, "?scale=16": 16} {
		r := h.call(http.MethodGet, path+"/qr.png"+query, "")
		picture, err := png.DecodeConfig(bytes.NewReader(r.body))
		if err != nil || picture.Width%modules != 0 || picture.Width < 40*modules {
			t.Errorf("%s: %+v, %v", query, picture, err)
		}
	}
	for _, scale := range []string{"0", "17", "-1", "x"} {
		h.call(http.MethodGet, path+"/qr.png?scale="+scale, "").want(422, "bad_qr_scale")
	}
	r := h.call(http.MethodGet, path+"/qr.svg", "")
	if r.header.Get("Content-Type") != "image/svg+xml" || !bytes.HasPrefix(r.body, []byte("<svg")) {
		t.Errorf("the SVG is %.60q", r.body)
	}
}

// TestProbes: alive in any case, ready only if it is.
func TestProbes(t *testing.T) {
	h := open(t)
	h.call(http.MethodGet, "/healthz", "").want(200, "")
	h.call(http.MethodGet, "/readyz", "").want(200, "")
	h.ready = fmt.Errorf("a secret reason")
	r := h.call(http.MethodGet, "/readyz", "")
	if r.want(503, "not_ready"); bytes.Contains(r.body, []byte("secret")) ||
		r.header.Get("Retry-After") == "" {
		t.Errorf("not ready says %s %v", r.body, r.header)
	}
	h.call(http.MethodGet, "/healthz", "").want(200, "")
	metrics := string(h.call(http.MethodGet, "/metrics", "").body)
	want := `ticketflow_http_requests_total{code="5xx",route="GET /readyz"} 1`
	if !strings.Contains(metrics, want) {
		t.Errorf("the metrics don't say %s", want)
	}
	page := h.call(http.MethodGet, "/swagger", "")
	if page.want(200, ""); !strings.Contains(page.header.Get("Content-Security-Policy"),
		"script-src 'self'") {
		t.Errorf("the page's policy is %v", page.header)
	}
	h.call(http.MethodGet, "/nowhere", "").want(404, "not_found")
	if r := h.call(http.MethodPut, "/v1/orders", "{}"); r.header.Get("Allow") == "" {
		t.Errorf("405 without Allow: %v", r.header)
	} else {
		r.want(405, "method_not_allowed")
	}
}
