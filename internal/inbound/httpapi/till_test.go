package httpapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/app/stdwebhook"
	"ticketflow/internal/domain/money"
)

// till is the smallest gateway there is: it signs notices, and says what tests let it say.
type till struct {
	payment.Gateway // of the rest nothing is wanted

	key      *stdwebhook.Key
	verifier *stdwebhook.Verifier
	broken   atomic.Bool // nothing can be asked

	mu       sync.Mutex
	attempts map[string]payment.Status // by key: what LookUp and Cancel say
	book     []payment.Status
}

func newTill(tb testing.TB) *till {
	tb.Helper()
	key, err := stdwebhook.NewKey(bytes.Repeat([]byte{42}, 32))
	if err != nil {
		tb.Fatal(err)
	}
	verifier, err := stdwebhook.NewVerifier(key)
	if err != nil {
		tb.Fatal(err)
	}
	return &till{key: key, verifier: verifier, attempts: map[string]payment.Status{}}
}

// slip is the body of a notice.
type slip struct {
	Key         string `json:"key"`
	Transaction string `json:"transaction"`
	State       string `json:"state"`
	Amount      int64  `json:"amount"`
	Currency    string `json:"currency"`
	RefundKey   string `json:"refund_key,omitempty"`
}

// Begin implements payment.Gateway.
func (t *till) Begin(_ context.Context, r payment.Request) (payment.Page, error) {
	if t.broken.Load() {
		return payment.Page{}, payment.ErrUnavailable
	}
	return payment.Page{URL: "http://till.example/pay/" + r.Key}, nil
}

// knows makes the till answer for an attempt.
func (t *till) knows(s payment.Status) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.attempts[s.Key] = s
}

// LookUp implements payment.Gateway.
func (t *till) LookUp(_ context.Context, key string) (payment.Status, error) {
	if t.broken.Load() {
		return payment.Status{}, payment.ErrUnavailable
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if s, ok := t.attempts[key]; ok {
		return s, nil
	}
	return payment.Status{}, payment.ErrNotFound
}

// Cancel implements payment.Gateway.
func (t *till) Cancel(ctx context.Context, key string) (payment.Status, error) {
	s, err := t.LookUp(ctx, key)
	if errors.Is(err, payment.ErrNotFound) {
		s, err = payment.Status{Key: key, State: payment.Declined}, nil
		t.knows(s)
	}
	return s, err
}

// Payments implements payment.Statement.
func (t *till) Payments(
	context.Context, string, int,
) (page []payment.Status, next string, err error) {
	if t.broken.Load() {
		return nil, "", payment.ErrUnavailable
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.book, "", nil
}

// Refund implements payment.Gateway.
func (t *till) Refund(
	_ context.Context, _, refundKey string, amount money.Money,
) (payment.RefundStatus, error) {
	return payment.RefundStatus{RefundKey: refundKey, State: payment.Refunded, Amount: amount}, nil
}

// ReadNotice implements payment.Gateway.
func (t *till) ReadNotice(
	header map[string][]string, body []byte, now time.Time,
) (payment.Notice, error) {
	h, err := stdwebhook.ReadHeaders(header)
	if err != nil {
		return payment.Notice{}, err
	}
	if err := t.verifier.Verify(h, body, now); err != nil {
		return payment.Notice{}, err
	}
	var s slip
	if json.Unmarshal(body, &s) != nil {
		return payment.Notice{}, payment.ErrNotice
	}
	currency, err := money.ParseCurrency(s.Currency)
	if err != nil {
		return payment.Notice{}, payment.ErrNotice
	}
	amount, err := money.New(s.Amount, currency)
	if err != nil {
		return payment.Notice{}, payment.ErrNotice
	}
	states := map[string]payment.State{"paid": payment.Paid, "declined": payment.Declined,
		"refunded": payment.Refunded, "pending": payment.Pending}
	subject := payment.OfPayment
	if s.RefundKey != "" || s.State == "refunded" {
		subject = payment.OfRefund
	}
	return payment.Notice{Provider: "till", Subject: subject, Refund: s.Transaction,
		NoticeID: h.ID, Transaction: s.Transaction, Key: s.Key,
		State: states[s.State], Amount: amount, RefundKey: s.RefundKey}, nil
}

// notice writes a signed webhook.
func (t *till) notice(tb testing.TB, url, id string, at time.Time, s slip) *http.Request {
	tb.Helper()
	body, err := json.Marshal(s)
	if err != nil {
		tb.Fatal(err)
	}
	req, err := http.NewRequest(http.MethodPost, url+"/v1/webhooks/till", bytes.NewReader(body))
	if err != nil {
		tb.Fatal(err)
	}
	req.Header.Set(stdwebhook.HeaderID, id)
	req.Header.Set(stdwebhook.HeaderTimestamp, strconv.FormatInt(at.Unix(), 10))
	req.Header.Set(stdwebhook.HeaderSignature,
		string(t.key.AppendSignature(nil, id, at.Unix(), body)))
	return req
}
