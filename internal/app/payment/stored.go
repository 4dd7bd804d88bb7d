package payment

import (
	"encoding/json"
	"fmt"
	"time"

	"ticketflow/internal/domain/money"
)

// stored is the JSON of a notice that couldn't be applied: what it says, and how it came. It can be
// read without the gateway's signature, which is only accepted for minutes.
type stored struct {
	Notice      string    `json:"notice"`
	Key         string    `json:"key,omitempty"`
	Transaction string    `json:"transaction,omitempty"`
	Subject     Subject   `json:"subject"`
	State       State     `json:"state"`
	Amount      int64     `json:"amount,omitempty"`
	Currency    string    `json:"currency,omitempty"`
	Refund      string    `json:"refund,omitempty"`
	RefundKey   string    `json:"refund_key,omitempty"`
	At          time.Time `json:"at"`
	Body        string    `json:"body"`
}

// Store writes a verified notice down, with the body that it was read from.
func Store(n Notice, body string) (string, error) {
	text, err := json.Marshal(stored{Notice: n.NoticeID, Key: n.Key, Transaction: n.Transaction,
		Subject: n.Subject, State: n.State, Amount: n.Amount.Minor(),
		Currency: n.Amount.Currency().String(), Refund: n.Refund, RefundKey: n.RefundKey, At: n.At,
		Body: body})
	return string(text), err
}

// Restore is the inverse of Store.
func Restore(provider, text string) (n Notice, body string, err error) {
	var s stored
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return n, "", fmt.Errorf("read a stored notice: %w", err)
	}
	n = Notice{Provider: provider, NoticeID: s.Notice, Key: s.Key, Transaction: s.Transaction,
		Subject: s.Subject, State: s.State, Refund: s.Refund, RefundKey: s.RefundKey, At: s.At}
	if s.Currency == "" {
		return n, s.Body, nil
	}
	currency, err := money.ParseCurrency(s.Currency)
	if err != nil {
		return n, "", fmt.Errorf("read a stored notice: %w", err)
	}
	n.Amount, err = money.New(s.Amount, currency)
	return n, s.Body, err
}
