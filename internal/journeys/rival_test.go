package journeys

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// heldPlaces is a hold as the API tells of it.
type heldPlaces struct {
	ID, Token string
	Places    []struct {
		Place uint32
		Tier  string
	}
}

// placedOrder is an order as the API tells of it.
type placedOrder struct {
	ID, Token, Reference, State string
	Payment                     struct{ URL, State string }
	Places                      []struct{ Place uint32 }
}

// rival is another buyer, who uses the API and is faster than anybody with a mouse.
type rival struct {
	*shop

	name string
}

func (s *shop) rival(name string) *rival {
	own := *s
	return &rival{shop: &own, name: name}
}

// hold takes places, all of them or the test ends.
func (r *rival) hold(places ...uint32) (held heldPlaces) {
	r.Helper()
	status, text := r.askFor(map[string]any{"places": places})
	r.read("hold places", status, text, &held)
	return held
}

// best takes the n best places of a tier; "" is of any.
func (r *rival) best(n int, tier string) (held heldPlaces) {
	r.Helper()
	best := map[string]any{"count": n, "split_allowed": true}
	if tier != "" {
		best["tier"] = tier
	}
	status, text := r.askFor(map[string]any{"best": best})
	r.read("hold the best places", status, text, &held)
	return held
}

// wants tries to take places and tells the status of the answer: 409 if somebody has them.
func (r *rival) wants(places ...uint32) int {
	r.Helper()
	status, _ := r.askFor(map[string]any{"places": places})
	return status
}

func (r *rival) askFor(wish any) (status int, answer []byte) {
	r.Helper()
	return r.ask(http.MethodPost, "/v1/events/"+r.event+"/holds", wish,
		"Idempotency-Key", r.fresh())
}

// release gives a hold back.
func (r *rival) release(held heldPlaces) {
	r.Helper()
	status, text := r.ask(http.MethodDelete, "/v1/holds/"+held.ID, nil, "Hold-Token", held.Token)
	r.read("release a hold", status, text, nil)
}

// order orders what is held.
func (r *rival) order(held heldPlaces) (placed placedOrder) {
	r.Helper()
	status, text := r.ask(http.MethodPost, "/v1/orders", map[string]any{
		"hold": held.ID, "hold_token": held.Token,
		"buyer": map[string]string{"name": r.name, "email": "rival@example.org"},
	}, "Idempotency-Key", r.fresh())
	r.read("order", status, text, &placed)
	return placed
}

// buy buys the n best places of a tier.
func (r *rival) buy(n int, tier string) placedOrder {
	r.Helper()
	placed := r.order(r.best(n, tier))
	r.decide(placed.Payment.URL, "paid")
	return placed
}

// decide presses a button of a payment page: paid or declined. Further fields of the form turn the
// simulator's knobs for this payment, for instance "webhook_lost", "1".
func (s *shop) decide(page, outcome string, knobs ...string) {
	s.Helper()
	form := url.Values{"outcome": {outcome}}
	for i := 0; i < len(knobs); i += 2 {
		form.Set(knobs[i], knobs[i+1])
	}
	r, err := http.NewRequestWithContext(s.Context(), http.MethodPost, page,
		strings.NewReader(form.Encode()))
	if err != nil {
		s.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "application/json")
	w, err := s.client.Do(r)
	if err != nil {
		s.Fatal(err)
	}
	defer w.Body.Close()
	text, err := io.ReadAll(w.Body)
	if err != nil || w.StatusCode >= http.StatusInternalServerError {
		s.Fatalf("decide a payment: %s: %s, %v", w.Status, text, err)
	}
}

// gateway turns the payment simulator's knobs for all payments from now on, for instance
// {"webhook_lost": 1} or {"webhook_late": 1, "webhook_late_time": "2s"}. docs/simpay.md has all of
// them. No knobs turns everything off.
func (s *shop) gateway(knobs map[string]any) {
	s.Helper()
	if len(knobs) == 0 {
		s.simpay(http.MethodDelete, "/simpay/v1/knobs", nil)
		return
	}
	s.simpay(http.MethodPatch, "/simpay/v1/knobs", knobs)
}

// atGateway lets something happen at the gateway's side, for instance {"event": "dispute"}; the
// payment is named by the number of the order, a colon and the number of the attempt.
func (s *shop) atGateway(payment string, event map[string]any) {
	s.Helper()
	s.simpay(http.MethodPost, "/simpay/v1/payments/"+payment+"/events", event)
}

func (s *shop) simpay(method, path string, body any) {
	s.Helper()
	status, text := s.ask(method, path, body, "Authorization", "Bearer "+simpayBearer())
	s.read(method+" "+path, status, text, nil)
}

// simpayBearer is what the operator of a simulator derives from the secret that it was given.
func simpayBearer() string {
	master := sha256.Sum256([]byte(simpaySecret))
	mac := hmac.New(sha256.New, master[:])
	_, _ = io.WriteString(mac, "simpay bearer v1")
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// sold is how many places of the event are sold, held and free by the organiser's own count.
func (s *shop) sold() (sold int) {
	s.Helper()
	var sales struct{ Sold int }
	s.organise(http.MethodGet, "/v1/events/"+s.event+"/sales", nil, &sales)
	return sales.Sold
}

// orderOf asks the API for an order.
func (s *shop) orderOf(id, token string) (placed placedOrder) {
	s.Helper()
	status, text := s.ask(http.MethodGet, "/v1/orders/"+id, nil, "Order-Token", token)
	s.read("read an order", status, text, &placed)
	return placed
}

// voucher makes a voucher for a discount in basis points: 1,000 is 10 %.
func (s *shop) voucher(code string, basisPoints int) {
	s.Helper()
	s.organise(http.MethodPost, "/v1/events/"+s.event+"/vouchers",
		map[string]any{"code": code, "basis_points": basisPoints}, new(json.RawMessage))
}
