package baseline

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"time"
)

// Event is the one event that is on sale.
const Event = "evt_1"

const maxBodyBytes = 64 << 10

// HandlerConfig connects the shop with its payment gateway.
type HandlerConfig struct {
	// PaymentURL makes the address of an order's payment page; the amount is in cents.
	PaymentURL func(ctx context.Context, order string, amount int64) (string, error)
	// ReadNotice checks a webhook and tells which order was paid by which transaction; paid is
	// false if it says something else.
	ReadNotice func(header http.Header, body []byte) (order, transaction string, paid bool,
		err error)
	Log *slog.Logger
}

// Handler answers what buyers ask.
func (s *Shop) Handler(c HandlerConfig) http.Handler {
	h := &server{HandlerConfig: c, shop: s}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/events/"+Event+"/holds", h.answer(h.hold))
	mux.HandleFunc("DELETE /v1/holds/{hold}", h.answer(h.release))
	mux.HandleFunc("POST /v1/orders", h.answer(h.order))
	mux.HandleFunc("GET /v1/orders/{order}/tickets", h.answer(h.tickets))
	mux.HandleFunc("POST /v1/webhooks/{provider}", h.answer(h.webhook))
	return mux
}

type server struct {
	HandlerConfig

	shop *Shop
}

// Refusals of requests that can't be read.
var (
	errMalformed = &refusal{http.StatusBadRequest, "malformed_json"}
	errTooLarge  = &refusal{http.StatusRequestEntityTooLarge, "body_too_large"}
	errTooMany   = &refusal{http.StatusUnprocessableEntity, "too_many_places"}
	errNoKey     = &refusal{http.StatusBadRequest, "idempotency_key_missing"}
	errWebhook   = &refusal{http.StatusUnauthorized, "webhook_refused"}
)

// The bodies of requests and answers; the names are those of TicketFlow's API.
type (
	holdBody struct {
		Places []int32 `json:"places"`
		Best   *struct {
			Count int `json:"count"`
		} `json:"best"`
	}
	orderBody struct {
		Hold      string `json:"hold"`
		HoldToken string `json:"hold_token"`
		Buyer     struct {
			Name  string `json:"name"`
			Email string `json:"email"`
		} `json:"buyer"`
	}
	sum struct {
		Amount   int64  `json:"amount"`
		Currency string `json:"currency"`
	}
	placeAnswer struct {
		Place   int32  `json:"place"`
		Section string `json:"section"`
		Row     string `json:"row"`
		Seat    string `json:"seat"`
		Tier    string `json:"tier"`
		Price   sum    `json:"price"`
	}
	holdAnswer struct {
		ID         string        `json:"id"`
		Token      string        `json:"token"`
		Event      string        `json:"event"`
		ExpiresAt  time.Time     `json:"expires_at"`
		Now        time.Time     `json:"now"`
		SideBySide bool          `json:"side_by_side"`
		Places     []placeAnswer `json:"places"`
		Total      sum           `json:"total"`
	}
	orderAnswer struct {
		ID        string        `json:"id"`
		Token     string        `json:"token"`
		Reference string        `json:"reference"`
		Event     string        `json:"event"`
		State     string        `json:"state"`
		ExpiresAt time.Time     `json:"expires_at"`
		Places    []placeAnswer `json:"places"`
		Total     sum           `json:"total"`
		Payment   payment       `json:"payment"`
	}
	payment struct {
		Provider string `json:"provider"`
		URL      string `json:"url"`
	}
	ticketAnswer struct {
		ID      string `json:"id"`
		Place   int32  `json:"place"`
		Section string `json:"section"`
		Row     string `json:"row"`
		Seat    string `json:"seat"`
		State   string `json:"state"`
		Code    string `json:"code"`
	}
	ticketsAnswer struct {
		Order   string         `json:"order"`
		Tickets []ticketAnswer `json:"tickets"`
	}
)

func (h *server) hold(r *http.Request) (int, any, error) {
	var wish holdBody
	if err := read(r, &wish); err != nil {
		return 0, nil, err
	}
	key := r.Header.Get("Idempotency-Key")
	n := len(wish.Places)
	if wish.Best != nil {
		n = wish.Best.Count
	}
	switch {
	case key == "":
		return 0, nil, errNoKey
	case n < 1 || n > maxPlacesCount:
		return 0, nil, errTooMany
	}
	var made *hold
	var err error
	if wish.Best != nil {
		made, err = h.shop.holdBest(r.Context(), key, n)
	} else {
		made, err = h.shop.holdNamed(r.Context(), key, wish.Places)
	}
	if err != nil {
		return 0, nil, err
	}
	return http.StatusCreated, holdAnswer{ID: made.id, Token: made.token, Event: Event,
		ExpiresAt: made.expiresAt, Now: made.now, SideBySide: sideBySide(made.places),
		Places: listed(made.places), Total: sum{total(made.places), currency}}, nil
}

func sideBySide(places []place) bool {
	for i := 1; i < len(places); i++ {
		if places[i].number != places[i-1].number+1 || places[i].line != places[i-1].line {
			return false
		}
	}
	return true
}

func listed(places []place) []placeAnswer {
	out := make([]placeAnswer, len(places))
	for i, p := range places {
		out[i] = placeAnswer{p.number, p.section, p.line, p.seat, p.tier, sum{p.price, currency}}
	}
	return out
}

func (h *server) release(r *http.Request) (int, any, error) {
	err := h.shop.release(r.Context(), r.PathValue("hold"), r.Header.Get("Hold-Token"))
	return http.StatusNoContent, nil, err
}

func (h *server) order(r *http.Request) (int, any, error) {
	var wish orderBody
	if err := read(r, &wish); err != nil {
		return 0, nil, err
	}
	key := r.Header.Get("Idempotency-Key")
	if key == "" {
		return 0, nil, errNoKey
	}
	made, err := h.shop.order(r.Context(), orderWish{key, wish.Hold, wish.HoldToken,
		wish.Buyer.Name, wish.Buyer.Email})
	if err != nil {
		return 0, nil, err
	}
	amount := total(made.places)
	page, err := h.PaymentURL(r.Context(), made.id, amount)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusCreated, orderAnswer{ID: made.id, Token: made.token,
		Reference: made.token[:3] + "-" + made.token[3:7], Event: Event,
		State: "awaiting_payment", ExpiresAt: made.expiresAt, Places: listed(made.places),
		Total: sum{amount, currency}, Payment: payment{"simpay", page}}, nil
}

func (h *server) tickets(r *http.Request) (int, any, error) {
	id := r.PathValue("order")
	found, err := h.shop.tickets(r.Context(), id, r.Header.Get("Order-Token"))
	if err != nil {
		return 0, nil, err
	}
	out := ticketsAnswer{Order: id, Tickets: make([]ticketAnswer, len(found))}
	for i, t := range found {
		out.Tickets[i] = ticketAnswer{t.id, t.number, t.section, t.line, t.seat, "valid", t.code}
	}
	return http.StatusOK, out, nil
}

// webhook answers after the payment's effect: what fails is sent again.
func (h *server) webhook(r *http.Request) (int, any, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return 0, nil, errMalformed
	}
	order, transaction, paid, err := h.ReadNotice(r.Header, body)
	if err != nil {
		return 0, nil, errWebhook
	}
	if paid {
		err = h.shop.pay(r.Context(), order, transaction)
	}
	return http.StatusNoContent, nil, err
}

func read(r *http.Request, into any) error {
	body, err := io.ReadAll(r.Body)
	if tooLong := (*http.MaxBytesError)(nil); errors.As(err, &tooLong) {
		return errTooLarge
	}
	if err != nil || json.Unmarshal(body, into) != nil {
		return errMalformed
	}
	return nil
}

// answer writes what a request came to.
func (h *server) answer(
	serve func(*http.Request) (status int, body any, err error),
) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxBodyBytes)
		status, body, err := serve(r)
		contentType := "application/json"
		if err != nil {
			status, body = h.problem(r.Context(), err)
			contentType = "application/problem+json"
		}
		if body == nil {
			w.WriteHeader(status)
			return
		}
		encoded, err := json.Marshal(body)
		if err != nil {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Content-Length", strconv.Itoa(len(encoded)))
		w.WriteHeader(status)
		_, _ = w.Write(encoded) // the buyer may have hung up
	}
}

func (h *server) problem(ctx context.Context, err error) (int, any) {
	type problem struct {
		Status int    `json:"status"`
		Code   string `json:"code"`
	}
	if no := (*refusal)(nil); errors.As(err, &no) {
		return no.status, problem{no.status, no.code}
	}
	if ctx.Err() != nil { // the buyer has hung up: nobody is told, and nothing is wrong
		return http.StatusServiceUnavailable, nil
	}
	h.Log.ErrorContext(ctx, "a request failed", "error", err)
	return http.StatusInternalServerError, problem{http.StatusInternalServerError, "failed"}
}
