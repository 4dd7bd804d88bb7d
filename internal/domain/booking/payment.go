package booking

import (
	"time"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/errs"
	"ticketflow/internal/domain/ident"
	"ticketflow/internal/domain/money"
)

// Failures of a payment.
var (
	ErrPaymentMismatch = errs.New(errs.Conflict, "payment_mismatch",
		"A payment of nothing can't be recorded.")
	ErrPaymentNotFound = errs.New(errs.NotFound, "payment_not_found",
		"There is no such payment.")
	ErrNoticeNotFound = errs.New(errs.NotFound, "notice_not_found",
		"There is no such message of a gateway.")
	ErrPaymentInUse = errs.New(errs.Conflict, "payment_in_use",
		"The payment is not in quarantine.")
)

// PaymentRef names a captured payment: unique per provider.
type PaymentRef struct {
	Event       catalog.EventID
	Provider    string
	Transaction string
}

// NoticeRef names a message of a gateway. Each is applied at most once.
type NoticeRef struct {
	Event    catalog.EventID
	Provider string
	Notice   string
}

// NoticeState tells what became of a message.
type NoticeState uint8

// A message is applied, or kept because it can't be: then it may be replayed.
const (
	NoticeApplied NoticeState = iota + 1
	NoticeKept
)

// Notice is a message of a gateway, as it came.
type Notice struct {
	State   NoticeState
	At      time.Time // when it was stored
	Payload string
	Why     string // the code of the failure, if it is kept
}

// Use tells what became of a captured payment.
type Use uint8

// A payment pays for its order, or goes back to the buyer, wholly. One that can't be told to be
// right waits for an operator.
const (
	Applied Use = iota + 1
	Returned
	Quarantined
)

// String is the published name of the use.
func (u Use) String() string {
	switch u {
	case Applied:
		return "applied"
	case Returned:
		return "returned"
	case Quarantined:
		return "quarantined"
	}
	return "unknown"
}

// Payment is money that a gateway has captured.
type Payment struct {
	Ref        PaymentRef
	Order      ident.Key
	Amount     money.Money
	CapturedAt time.Time
	Use        Use
	Refunded   money.Money // sum of what is owed to the buyer or has gone back
	Attempt    string      // the gateway's key of the attempt; empty for an order's first
}

// GatewayKey is the key under which the gateway knows the attempt that was paid.
func (p Payment) GatewayKey() string {
	if p.Attempt != "" {
		return p.Attempt
	}
	return AttemptKey(OrderID{p.Ref.Event, p.Order}, 1)
}

// refund takes amount out of what is left of the payment.
func (p Payment) refund(amount money.Money) (Payment, error) {
	sum, err := p.Refunded.Add(amount)
	if err != nil {
		return p, err
	}
	if _, err := p.Amount.Sub(sum); err != nil {
		return p, ErrRefundTooMuch
	}
	p.Refunded = sum
	return p, nil
}

// left is what hasn't been refunded.
func (p Payment) left() (money.Money, error) { return p.Amount.Sub(p.Refunded) }
