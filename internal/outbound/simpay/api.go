package simpay

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/domain/errs"
	"ticketflow/internal/domain/money"
)

const maxRequestBytes = 4096

// Failures of requests to the simulator's API.
var (
	errBearer = errs.New(errs.Unauthenticated, "bad_simpay_bearer",
		"The simulator's API needs its bearer secret.")
	errRequest = errs.New(errs.Malformed, "bad_request",
		"The request can't be read.")
	errClosing = errs.New(errs.Unavailable, "simpay_closing",
		"The simulator is shutting down.")
	errRefused = errs.New(errs.Invalid, "refund_refused",
		"The refund names no amount, another currency or a key with other characters.")
)

// paymentDocument is the API's answer about one payment.
type paymentDocument struct {
	Key      string `json:"key"`
	Payment  string `json:"payment"`
	State    string `json:"state"`
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"` // empty if it was closed before anybody told an amount
	Refunded int64  `json:"refunded"`
}

// refundDocument is the API's answer about one refund.
type refundDocument struct {
	Refund    string `json:"refund"`
	RefundKey string `json:"refund_key"`
	Payment   string `json:"payment"`
	State     string `json:"state"`
	Amount    int64  `json:"amount"`
	Currency  string `json:"currency"`
}

// refundRequest is the body of a refund.
type refundRequest struct {
	RefundKey string `json:"refund_key"`
	Amount    int64  `json:"amount"`
	Currency  string `json:"currency"`
}

// problemDocument is an error by RFC 9457.
type problemDocument struct {
	Title  string `json:"title"`
	Status int    `json:"status"`
	Code   string `json:"code"`
	Detail string `json:"detail,omitempty"`
}

// authorised lets only the box office through.
func (s *Simulator) authorised(next http.HandlerFunc) http.HandlerFunc {
	want := sha256.Sum256([]byte(s.secrets.bearer))
	return func(w http.ResponseWriter, r *http.Request) {
		token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		got := sha256.Sum256([]byte(token))
		if subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
			s.writeProblem(w, errBearer)
			return
		}
		next(w, r)
	}
}

func (s *Simulator) showPayment(w http.ResponseWriter, r *http.Request) {
	st, ok := s.book.lookUp(r.PathValue("key"))
	if !ok {
		s.writeProblem(w, payment.ErrNotFound)
		return
	}
	writeJSON(w, http.StatusOK, st.document())
}

func (st statement) document() paymentDocument {
	return paymentDocument{Key: st.Key, Payment: st.Transaction, State: st.State.String(),
		Amount: st.Amount.Minor(), Currency: st.Amount.Currency().String(), Refunded: st.Refunded}
}

func (s *Simulator) cancelPayment(w http.ResponseWriter, r *http.Request) {
	key := r.PathValue("key")
	if !validKey(key) {
		s.writeProblem(w, errRequest)
		return
	}
	st, err := s.book.cancel(key, s.clock.Now())
	if err != nil {
		s.writeProblem(w, err)
		return
	}
	writeJSON(w, http.StatusOK, st.document())
}

func (s *Simulator) refund(w http.ResponseWriter, r *http.Request) {
	var req refundRequest
	body, err := readBody(w, r)
	if err != nil || json.Unmarshal(body, &req) != nil {
		s.writeProblem(w, errRequest)
		return
	}
	currency, err := money.ParseCurrency(req.Currency)
	if err != nil || !validKey(req.RefundKey) {
		s.writeProblem(w, errRefused)
		return
	}
	amount, err := money.New(req.Amount, currency)
	if err != nil {
		s.writeProblem(w, errRefused)
		return
	}
	p, fresh, err := s.book.giveBack(r.PathValue("key"), req.RefundKey, amount, s.clock.Now())
	if errors.Is(err, payment.ErrRejected) {
		err = errRefused
	}
	if err != nil {
		s.writeProblem(w, err)
		return
	}
	status := http.StatusOK
	if fresh {
		status = http.StatusCreated
		s.courier.later(p, 0)
	}
	writeJSON(w, status, refundDocument{Refund: p.entry.refundID(p.refund.number),
		RefundKey: p.refund.key, Payment: p.entry.transaction(), State: payment.Refunded.String(),
		Amount: p.refund.amount, Currency: currency.String()})
}

// readBody reads a whole request body within maxRequestBytes.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	return io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequestBytes))
}

// failure turns any error into one that can be shown; what is not meant to be is logged.
func (s *Simulator) failure(err error) *errs.Error {
	var e *errs.Error
	switch {
	case errors.Is(err, os.ErrClosed):
		return errClosing
	case errors.As(err, &e):
		return e
	}
	s.log.Error("simpay request failed", "error", err)
	return payment.ErrUnavailable
}

func (s *Simulator) writeProblem(w http.ResponseWriter, err error) {
	e := s.failure(err)
	status := statusOf(e.Kind())
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	if status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "1")
	}
	w.WriteHeader(status)
	// The connection is all that can fail here, and then there is nobody to tell.
	_ = json.NewEncoder(w).Encode(problemDocument{Title: e.Text(), Status: status, Code: e.Code(),
		Detail: e.Detail()})
}

func writeJSON(w http.ResponseWriter, status int, document any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(document)
}

// statusOf is the simulator's own table: as a stand-in for somebody else's service it doesn't share
// the box office's.
func statusOf(k errs.Kind) int {
	switch k {
	case errs.Malformed:
		return http.StatusBadRequest
	case errs.Unauthenticated:
		return http.StatusUnauthorized
	case errs.NotFound:
		return http.StatusNotFound
	case errs.Conflict:
		return http.StatusConflict
	case errs.Gone:
		return http.StatusGone
	case errs.Invalid:
		return http.StatusUnprocessableEntity
	case errs.TooMany:
		return http.StatusTooManyRequests
	case errs.Unavailable:
		return http.StatusServiceUnavailable
	default:
		return http.StatusInternalServerError
	}
}
