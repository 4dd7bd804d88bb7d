package simpay

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/domain/errs"
	"ticketflow/internal/domain/money"
)

const (
	maxRequestBytes = 4096
	// maxStatement bounds the payments and refunds on one page of the book.
	maxStatement     = 1_000
	defaultStatement = 100
)

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
	Key       string           `json:"key"`
	Payment   string           `json:"payment"`
	State     string           `json:"state"`
	Amount    int64            `json:"amount"`
	Currency  string           `json:"currency"` // empty if it was closed before anybody told an amount
	Refunded  int64            `json:"refunded"`
	Disputed  int64            `json:"disputed"`
	Dispute   string           `json:"dispute,omitempty"`   // its id, also after it was decided
	Contested int64            `json:"contested,omitempty"` // what it is or was about
	Refunds   []refundDocument `json:"refunds"`
}

func (st *statement) document() paymentDocument {
	doc := paymentDocument{Key: st.Key, Payment: st.Transaction, State: st.State.String(),
		Amount: st.Amount.Minor(), Currency: st.Amount.Currency().String(), Refunded: st.Refunded,
		Disputed: st.Disputed, Dispute: st.Dispute, Contested: st.Contested,
		Refunds: make([]refundDocument, 0, len(st.Refunds))}
	for i := range st.Refunds {
		doc.Refunds = append(doc.Refunds, st.Refunds[i].document())
	}
	return doc
}

// statementDocument is a page of the book.
type statementDocument struct {
	Payments []paymentDocument `json:"payments"`
	Next     string            `json:"next"` // empty after the last page
}

// refundDocument is the API's answer about one refund.
type refundDocument struct {
	Refund    string `json:"refund"`
	RefundKey string `json:"refund_key"` // empty if it was made at the gateway's side
	Payment   string `json:"payment"`
	State     string `json:"state"`
	Amount    int64  `json:"amount"`
	Currency  string `json:"currency"`
}

func (st *refundStatement) document() refundDocument {
	return refundDocument{Refund: st.Refund, RefundKey: st.RefundKey, Payment: st.Transaction,
		State: st.State.String(), Amount: st.Amount.Minor(),
		Currency: st.Amount.Currency().String()}
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

// call answers one request to the API; d is what goes wrong with it, nil if nothing.
type call func(r *http.Request, body []byte, d *fate) (status int, document any, err error)

// faulty answers as the knobs say.
func (s *Simulator) faulty(c call) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		d := s.fates.draw(r.PathValue("key"))
		if s.before(w, r, d) {
			return
		}
		status, document, err := s.run(w, r, c, d)
		if s.after(w, r, d) {
			return
		}
		s.answer(w, status, document, err)
	}
}

// plain answers without faults: it is for the knobs themselves.
func (s *Simulator) plain(c call) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		status, document, err := s.run(w, r, c, nil)
		s.answer(w, status, document, err)
	}
}

func (s *Simulator) run(w http.ResponseWriter, r *http.Request, c call, d *fate) (
	status int, document any, err error,
) {
	body, err := readBody(w, r)
	if err != nil {
		return 0, nil, errRequest
	}
	return c(r, body, d)
}

func (s *Simulator) answer(w http.ResponseWriter, status int, document any, err error) {
	if err != nil {
		s.writeProblem(w, err)
		return
	}
	writeJSON(w, status, document)
}

func (s *Simulator) showPayment(r *http.Request, _ []byte, _ *fate) (int, any, error) {
	st, ok := s.book.lookUp(r.PathValue("key"))
	if !ok {
		return 0, nil, payment.ErrNotFound
	}
	return http.StatusOK, st.document(), nil
}

func (s *Simulator) cancelPayment(r *http.Request, _ []byte, d *fate) (int, any, error) {
	key := r.PathValue("key")
	if !validKey(key) {
		return 0, nil, errRequest
	}
	if st, known := s.book.lookUp(key); known && st.State == payment.Pending &&
		d.strikes(cancelIgnored) {
		st.State, st.Cancelled = payment.Declined, true
		return http.StatusOK, st.document(), nil
	}
	st, err := s.book.cancel(key, s.clock.Now())
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, st.document(), nil
}

// listPayments is a page of the book. The position of the next one is opaque to the reader.
func (s *Simulator) listPayments(r *http.Request, _ []byte, _ *fate) (int, any, error) {
	from, limit := 0, defaultStatement
	var err error
	q := r.URL.Query()
	if text := q.Get("limit"); text != "" {
		if limit, err = strconv.Atoi(text); err != nil || limit < 1 {
			return 0, nil, errRequest
		}
	}
	if text := q.Get("after"); text != "" {
		if from, err = strconv.Atoi(text); err != nil || from < 0 {
			return 0, nil, errRequest
		}
	}
	page, next := s.book.page(from, min(limit, maxStatement))
	doc := statementDocument{Payments: make([]paymentDocument, 0, len(page))}
	for i := range page {
		doc.Payments = append(doc.Payments, page[i].document())
	}
	if next >= 0 {
		doc.Next = strconv.Itoa(next)
	}
	return http.StatusOK, doc, nil
}

func (s *Simulator) refund(r *http.Request, body []byte, d *fate) (int, any, error) {
	var req refundRequest
	if json.Unmarshal(body, &req) != nil {
		return 0, nil, errRequest
	}
	currency, err := money.ParseCurrency(req.Currency)
	if err != nil || !validKey(req.RefundKey) {
		return 0, nil, errRefused
	}
	amount, err := money.New(req.Amount, currency)
	if err != nil {
		return 0, nil, errRefused
	}
	key := r.PathValue("key")
	p, st, fresh, err := s.book.giveBack(key, req.RefundKey, amount, d.refundPlan(), s.clock.Now())
	if errors.Is(err, payment.ErrRejected) {
		err = errRefused
	}
	if err != nil {
		return 0, nil, err
	}
	if !fresh {
		return http.StatusOK, st.document(), nil
	}
	if m := d.manner(); m != nil && m.early {
		s.courier.first(p, m)
	} else {
		s.courier.later(p, m)
	}
	s.settleLater(s.book.pendingRefund(p))
	return http.StatusCreated, st.document(), nil
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
