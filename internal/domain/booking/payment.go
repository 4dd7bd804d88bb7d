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
	ErrRefundTooMuch = errs.New(errs.Conflict, "refund_too_much",
		"More than was paid can't be given back.")
	ErrRefundNotFound = errs.New(errs.NotFound, "refund_not_found", "There is no such refund.")
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

// Use tells what became of a captured payment.
type Use uint8

// A payment pays for its order, or goes back to the buyer, wholly.
const (
	Applied Use = iota + 1
	Returned
)

// Payment is money that a gateway has captured.
type Payment struct {
	Ref        PaymentRef
	Order      ident.Key
	Amount     money.Money
	CapturedAt time.Time
	Use        Use
	Refunded   money.Money // sum of the refunds that were requested or done
}

// RefundState is how far a refund is.
type RefundState uint8

// A refund is requested in the transaction that decides it, and done when the gateway says so.
const (
	RefundRequested RefundState = iota + 1
	RefundDone
)

// RefundRef names a refund; the key is also the gateway's idempotency key.
type RefundRef struct {
	Event catalog.EventID
	Key   string
}

// Refund is money on its way back to a buyer.
type Refund struct {
	Ref         RefundRef
	Payment     PaymentRef
	Order       ident.Key
	Amount      money.Money
	Reason      string // "late_payment", "wrong_amount", "cancelled"
	State       RefundState
	RequestedAt time.Time
	DoneAt      time.Time
	GatewayRef  string // the gateway's name for it, once done
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
