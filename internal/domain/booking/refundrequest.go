package booking

import (
	"strings"
	"time"
	"unicode/utf8"

	"ticketflow/internal/domain/errs"
)

// MaxReasonRunes bounds what a buyer, or who answers, may say about a refund.
const MaxReasonRunes = 500

// Failures of asking for a refund.
var (
	ErrReason = errs.New(errs.Invalid, "bad_reason",
		"A reason has at most 500 characters, and no control characters but line ends.")
	ErrRequestNotFound = errs.New(errs.NotFound, "refund_request_not_found",
		"Nobody has asked for a refund of this order.")
	ErrRequestAnswered = errs.New(errs.Conflict, "refund_request_answered",
		"The request was answered already.")
)

// RequestState is what became of a buyer's wish.
type RequestState uint8

// The states of a wish. Whoever got a part of the money back may ask for more.
const (
	RequestOpen RequestState = iota + 1
	RequestRefunded
	RequestDeclined
)

// String is the published name of the state.
func (s RequestState) String() string {
	switch s {
	case RequestOpen:
		return "open"
	case RequestRefunded:
		return "refunded"
	case RequestDeclined:
		return "declined"
	}
	return "unknown"
}

// RefundRequest is a buyer's wish to get money back. It changes nothing: the organiser refunds, or
// declines. An order has at most one at a time.
type RefundRequest struct {
	Order      OrderID
	State      RequestState
	Reason     string // the buyer's, or empty
	AskedAt    time.Time
	Answer     string // to the buyer, or empty
	AnsweredAt time.Time
}

// CleanReason brings a text of at most MaxReasonRunes into the form in which it is kept.
func CleanReason(text string) (string, error) {
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	if utf8.RuneCountInString(text) > MaxReasonRunes || !utf8.ValidString(text) ||
		strings.ContainsFunc(strings.ReplaceAll(text, "\n", ""), unprintable) {
		return "", ErrReason
	}
	return text, nil
}
