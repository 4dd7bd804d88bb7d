package rush

import (
	"encoding/json"
	"errors"
	"hash/fnv"
	"io"
	"net/http"
	"strconv"
)

const maxNullBodyBytes = 64 << 10

// NullConfig shapes the null server.
type NullConfig struct {
	// PaymentURL makes the address of an order's payment page, so that a caller can mount the same
	// payment simulator beside it. Without it the null server has a page of its own.
	PaymentURL func(order string) string
}

// NullHandler answers what buyers ask with JSON of the shape and size of a real server's, and
// stores nothing: requests are read and parsed, answers are built and written, with the standard
// library. What it manages on a machine is the ceiling of any server there.
func NullHandler(cfg NullConfig) http.Handler {
	n := &nullServer{paymentURL: cfg.PaymentURL}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/events/{event}/holds", n.hold)
	mux.HandleFunc("DELETE /v1/holds/{hold}", n.release)
	mux.HandleFunc("POST /v1/orders", n.order)
	mux.HandleFunc("GET /v1/orders/{order}/tickets", n.tickets)
	mux.HandleFunc("POST /v1/webhooks/{provider}", n.webhook)
	if cfg.PaymentURL == nil {
		n.paymentURL = func(order string) string { return "/simpay/pay/" + order }
		mux.HandleFunc("POST /simpay/pay/{link}", n.pay)
	}
	return mux
}

type nullServer struct {
	paymentURL func(order string) string
}

// What the bodies look like; the names are those of the API.
type (
	nullMoney struct {
		Amount   int64  `json:"amount"`
		Currency string `json:"currency"`
	}
	nullPlace struct {
		Place   uint32    `json:"place"`
		Section string    `json:"section"`
		Row     string    `json:"row"`
		Seat    string    `json:"seat"`
		Tier    string    `json:"tier"`
		Price   nullMoney `json:"price"`
	}
	nullHoldWish struct {
		Places []uint32 `json:"places"`
		Best   *struct {
			Count        int    `json:"count"`
			Tier         string `json:"tier"`
			Section      string `json:"section"`
			SplitAllowed bool   `json:"split_allowed"`
			Accessible   bool   `json:"accessible"`
		} `json:"best"`
	}
	nullHold struct {
		ID         string      `json:"id"`
		Token      string      `json:"token"`
		Event      string      `json:"event"`
		ExpiresAt  string      `json:"expires_at"`
		Now        string      `json:"now"`
		SideBySide bool        `json:"side_by_side"`
		Places     []nullPlace `json:"places"`
		Total      nullMoney   `json:"total"`
	}
	nullOrderWish struct {
		Hold      string `json:"hold"`
		HoldToken string `json:"hold_token"`
		Buyer     struct {
			Name  string `json:"name"`
			Email string `json:"email"`
		} `json:"buyer"`
		ReturnURL string `json:"return_url"`
	}
	nullPayment struct {
		Provider string `json:"provider"`
		URL      string `json:"url"`
	}
	nullOrder struct {
		ID        string      `json:"id"`
		Token     string      `json:"token"`
		Reference string      `json:"reference"`
		Event     string      `json:"event"`
		State     string      `json:"state"`
		ExpiresAt string      `json:"expires_at"`
		Places    []nullPlace `json:"places"`
		Total     nullMoney   `json:"total"`
		Payment   nullPayment `json:"payment"`
	}
	nullTicket struct {
		ID      string `json:"id"`
		Place   uint32 `json:"place"`
		Section string `json:"section"`
		Row     string `json:"row"`
		Seat    string `json:"seat"`
		State   string `json:"state"`
		Code    string `json:"code"`
	}
	nullTickets struct {
		Order   string       `json:"order"`
		Tickets []nullTicket `json:"tickets"`
	}
)

const (
	nullToken = "0123456789abcdefghjkmnpqrs"
	nullTime  = "2026-06-01T20:00:00+02:00"
	// nullCode is as long as a signed ticket code.
	nullCode = "tf1.k1." +
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" +
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
)

// nullID makes an id with the length of a real one: a prefix, the number of places that it stands
// for (so that nothing need be remembered), and a hash of the idempotency key (so that a
// repetition gets the same answer without being known).
func nullID(prefix, key string, places int) string {
	hash := fnv.New64a()
	_, _ = io.WriteString(hash, key)
	digits := strconv.FormatUint(1<<63|hash.Sum64(), 10)
	return prefix + string(rune('a'+places)) + "0123456789abcdefghjkmnp" + digits
}

// placesOf reads the number of places back from an id.
func placesOf(id string) int {
	if len(id) < 5 {
		return 0
	}
	return min(max(int(id[4])-'a', 0), maxPerOrderCount)
}

func nullPlaces(n int) []nullPlace {
	places := make([]nullPlace, n)
	for i := range places {
		places[i] = nullPlace{
			Place: uint32(40_000 + i), Section: "214", Row: "12", Seat: strconv.Itoa(7 + i),
			Tier: "cat1", Price: nullMoney{4900, "EUR"},
		}
	}
	return places
}

func (n *nullServer) hold(w http.ResponseWriter, r *http.Request) {
	var wish nullHoldWish
	if !readNull(w, r, &wish) {
		return
	}
	count := len(wish.Places)
	if wish.Best != nil {
		count = wish.Best.Count
	}
	key := r.Header.Get("Idempotency-Key")
	if key == "" || count < 1 || count > maxPerOrderCount {
		nullProblem(w, http.StatusUnprocessableEntity, "too_many_places")
		return
	}
	writeNull(w, http.StatusCreated, nullHold{
		ID: nullID("hld_", key, count), Token: nullToken, Event: r.PathValue("event"),
		ExpiresAt: nullTime, Now: nullTime, SideBySide: true, Places: nullPlaces(count),
		Total: nullMoney{4900 * int64(count), "EUR"},
	})
}

func (n *nullServer) release(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Hold-Token") == "" {
		nullProblem(w, http.StatusNotFound, "hold_not_found")
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (n *nullServer) order(w http.ResponseWriter, r *http.Request) {
	var wish nullOrderWish
	if !readNull(w, r, &wish) {
		return
	}
	count := placesOf(wish.Hold)
	if wish.HoldToken == "" || wish.Buyer.Email == "" || count == 0 {
		nullProblem(w, http.StatusNotFound, "hold_not_found")
		return
	}
	id := nullID("ord_", r.Header.Get("Idempotency-Key"), count)
	writeNull(w, http.StatusCreated, nullOrder{
		ID: id, Token: nullToken, Reference: "K7F-2QX9", Event: "evt_1",
		State: "awaiting_payment", ExpiresAt: nullTime, Places: nullPlaces(count),
		Total:   nullMoney{4900 * int64(count), "EUR"},
		Payment: nullPayment{Provider: "simpay", URL: n.paymentURL(id)},
	})
}

func (n *nullServer) pay(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxNullBodyBytes)
	if r.FormValue("outcome") != "paid" {
		nullProblem(w, http.StatusBadRequest, "bad_outcome")
		return
	}
	writeNull(w, http.StatusOK, struct {
		Payment string `json:"payment"`
		State   string `json:"state"`
	}{"spy_" + r.PathValue("link"), "paid"})
}

func (n *nullServer) tickets(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("order")
	if r.Header.Get("Order-Token") == "" {
		nullProblem(w, http.StatusNotFound, "order_not_found")
		return
	}
	tickets := make([]nullTicket, placesOf(id))
	for i := range tickets {
		tickets[i] = nullTicket{
			ID: "tkt_" + id[4:] + strconv.Itoa(i), Place: uint32(40_000 + i), Section: "214",
			Row: "12", Seat: strconv.Itoa(7 + i), State: "valid", Code: nullCode,
		}
	}
	writeNull(w, http.StatusOK, nullTickets{Order: id, Tickets: tickets})
}

// webhook reads a payment's news and forgets it.
func (n *nullServer) webhook(w http.ResponseWriter, r *http.Request) {
	var fact map[string]any
	if !readNull(w, r, &fact) {
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// readNull parses a body, or answers what is wrong with it.
func readNull(w http.ResponseWriter, r *http.Request, into any) bool {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxNullBodyBytes))
	if err == nil {
		err = json.Unmarshal(body, into)
	}
	if tooLong := (*http.MaxBytesError)(nil); errors.As(err, &tooLong) {
		nullProblem(w, http.StatusRequestEntityTooLarge, "body_too_large")
		return false
	}
	if err != nil {
		nullProblem(w, http.StatusBadRequest, "malformed_json")
		return false
	}
	return true
}

func writeNull(w http.ResponseWriter, status int, body any) {
	encoded, err := json.Marshal(body)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(encoded) // the buyer may have hung up
}

func nullProblem(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(struct {
		Status int    `json:"status"`
		Code   string `json:"code"`
	}{status, code})
}
