package simpay

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/app/stdwebhook"
	"ticketflow/internal/domain/money"
)

const (
	// linkLife is how long a payment can be begun with a link. It outlives every order, so that
	// late payments can be rehearsed.
	linkLife = 7 * 24 * time.Hour

	callTimeout    = 5 * time.Second
	maxConnections = 64
	maxAnswerBytes = 1 << 20 // a page of the book, or a payment with all its refunds
)

// Gateway is the box office's side: the ports payment.Gateway and payment.Statement over HTTP. Safe
// for concurrent use.
type Gateway struct {
	pages    string
	base     string
	secrets  Secrets
	now      func() time.Time
	sealer   *sealer
	verifier *stdwebhook.Verifier
	client   *http.Client
}

var (
	_ payment.Gateway   = (*Gateway)(nil)
	_ payment.Statement = (*Gateway)(nil)
)

// NewGateway makes the adapter for the simulator whose pages buyers reach at pages, for instance
// "https://tickets.example.org", and whose API is at base, for instance "http://127.0.0.1:8080".
// The failure is ErrOptions.
func NewGateway(
	pages, base string, secrets Secrets, now func() time.Time,
) (*Gateway, error) {
	pages, base = strings.TrimSuffix(pages, "/"), strings.TrimSuffix(base, "/")
	if base == "" || returnOrigin(base) != base || pages == "" || returnOrigin(pages) != pages ||
		secrets.webhook == nil || now == nil {
		return nil, ErrOptions.With("The gateway needs scheme and host, secrets and a clock.")
	}
	verifier, err := stdwebhook.NewVerifier(secrets.webhook)
	if err != nil {
		return nil, err
	}
	return &Gateway{pages: pages, base: base, secrets: secrets, now: now, verifier: verifier,
		sealer: newSealer(secrets.link),
		client: &http.Client{
			Timeout: callTimeout,
			Transport: &http.Transport{
				MaxConnsPerHost:        maxConnections,
				MaxIdleConnsPerHost:    maxConnections,
				IdleConnTimeout:        maxIdleTime,
				MaxResponseHeaderBytes: maxResponseHeadBytes,
				DisableCompression:     true,
			},
			CheckRedirect: func(*http.Request, []*http.Request) error {
				return http.ErrUseLastResponse
			},
		},
	}, nil
}

// Close lets go of kept connections. The gateway stays usable.
func (g *Gateway) Close() { g.client.CloseIdleConnections() }

// Begin seals a link to the payment page, without any call. The failure is payment.ErrRejected.
func (g *Gateway) Begin(_ context.Context, r payment.Request) (payment.Page, error) {
	v := invoice{Key: r.Key, Amount: r.Amount, Reference: r.Reference, ReturnURL: r.ReturnURL,
		Expires: uint32(g.now().Add(linkLife).Unix())}
	if err := checkInvoice(v); err != nil {
		return payment.Page{}, err
	}
	b := make([]byte, 0, 512)
	b = append(append(b, g.pages...), "/simpay/pay/"...)
	return payment.Page{URL: string(g.sealer.appendLink(b, v))}, nil
}

// LookUp asks the simulator's book.
func (g *Gateway) LookUp(ctx context.Context, key string) (payment.Status, error) {
	if !validKey(key) {
		return payment.Status{}, payment.ErrRejected.With("The key has other characters.")
	}
	return g.ask(ctx, http.MethodGet, key, "")
}

// Cancel closes a payment that nobody has made.
func (g *Gateway) Cancel(ctx context.Context, key string) (payment.Status, error) {
	if !validKey(key) {
		return payment.Status{}, payment.ErrRejected.With("The key has other characters.")
	}
	return g.ask(ctx, http.MethodPost, key, "/cancel")
}

func (g *Gateway) ask(ctx context.Context, method, key, action string) (payment.Status, error) {
	var doc paymentDocument
	err := g.call(ctx, method, "/simpay/v1/payments/"+url.PathEscape(key)+action, nil, &doc)
	if err != nil {
		return payment.Status{}, err
	}
	st, ok := readStatus(&doc)
	if !ok || st.Key != key {
		return payment.Status{}, payment.ErrUnknownOutcome
	}
	return st, nil
}

// Refund asks the simulator to give money back, once per refundKey.
func (g *Gateway) Refund(ctx context.Context, key, refundKey string, amount money.Money) (
	payment.RefundStatus, error,
) {
	if !validKey(key) || !validKey(refundKey) || amount.IsZero() {
		return payment.RefundStatus{}, payment.ErrRejected.With("Key or amount can't be used.")
	}
	body, err := json.Marshal(refundRequest{RefundKey: refundKey, Amount: amount.Minor(),
		Currency: amount.Currency().String()})
	if err != nil {
		return payment.RefundStatus{}, payment.ErrRejected.With(err.Error())
	}
	var doc refundDocument
	path := "/simpay/v1/payments/" + url.PathEscape(key) + "/refunds"
	if err := g.call(ctx, http.MethodPost, path, body, &doc); err != nil {
		return payment.RefundStatus{}, err
	}
	st, ok := readRefund(&doc)
	if !ok || st.Amount != amount || st.RefundKey != refundKey {
		return payment.RefundStatus{}, payment.ErrUnknownOutcome
	}
	return st, nil
}

// Payments reads a page of the simulator's book.
func (g *Gateway) Payments(ctx context.Context, after string, limit int) (
	page []payment.Status, next string, err error,
) {
	query := url.Values{"limit": {strconv.Itoa(max(limit, 1))}}
	if after != "" {
		query.Set("after", after)
	}
	var doc statementDocument
	err = g.call(ctx, http.MethodGet, "/simpay/v1/payments?"+query.Encode(), nil, &doc)
	if err != nil {
		return nil, "", err
	}
	for i := range doc.Payments {
		st, ok := readStatus(&doc.Payments[i])
		if !ok {
			return nil, "", payment.ErrUnknownOutcome
		}
		page = append(page, st)
	}
	return page, doc.Next, nil
}

// ReadNotice verifies and reads one of the simulator's webhooks.
func (g *Gateway) ReadNotice(header map[string][]string, body []byte, now time.Time) (
	payment.Notice, error,
) {
	return readNotice(g.verifier, header, body, now)
}

// call sends one request and sorts the answer into yes (document is filled), a definite no or
// payment.ErrUnknownOutcome.
func (g *Gateway) call(ctx context.Context, method, path string, body []byte, document any) error {
	r, err := http.NewRequestWithContext(ctx, method, g.base+path, bytes.NewReader(body))
	if err != nil {
		return payment.ErrRejected.With(err.Error())
	}
	r.Header.Set("Authorization", "Bearer "+g.secrets.bearer)
	r.Header.Set("Accept", "application/json")
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	resp, err := g.client.Do(r)
	if err != nil {
		var op *net.OpError
		if errors.As(err, &op) && op.Op == "dial" {
			return payment.ErrUnavailable // no byte was sent
		}
		return payment.ErrUnknownOutcome
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswerBytes+1))
	if err != nil || len(answer) > maxAnswerBytes {
		return payment.ErrUnknownOutcome
	}
	if resp.StatusCode == http.StatusOK || resp.StatusCode == http.StatusCreated {
		if json.Unmarshal(answer, document) != nil {
			return payment.ErrUnknownOutcome
		}
		return nil
	}
	var problem problemDocument
	if json.Unmarshal(answer, &problem) != nil {
		return payment.ErrUnknownOutcome
	}
	return refusal(resp.StatusCode, problem.Code)
}

// refusal sorts an answer that isn't yes. Only codes that the simulator is known to send are a no:
// the same status from something in between says nothing about the payment.
func refusal(status int, code string) error {
	switch code {
	case payment.ErrNotFound.Code():
		return payment.ErrNotFound
	case payment.ErrOverRefund.Code():
		return payment.ErrOverRefund
	case payment.ErrKeyReused.Code():
		return payment.ErrKeyReused
	case errBearer.Code(), errRequest.Code(), errRefused.Code(), ErrTooManyRefunds.Code():
		if status < http.StatusInternalServerError {
			return payment.ErrRejected.With("The simulator says " + code + ".")
		}
	}
	return payment.ErrUnknownOutcome
}
