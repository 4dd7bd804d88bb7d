// Package payment is what the box office wants from a payment gateway.
//
// The box office never sees a card: it sends the buyer to the gateway's page and learns the outcome
// from a signed notice, or by asking. Every answer of a gateway is yes, no or unknown; unknown is
// never told as no, because money may have moved.
package payment

import (
	"context"
	"time"

	"ticketflow/internal/domain/errs"
	"ticketflow/internal/domain/money"
)

// Failures of a gateway. An adapter returns nothing else.
var (
	// ErrUnknownOutcome: the question was sent, or may have been, and the answer is missing or
	// unreadable. The only next step is to look up the same key or to repeat with the same keys.
	ErrUnknownOutcome = errs.New(errs.Unavailable, "payment_unknown",
		"We are checking the payment. Please do not pay again.")
	// ErrUnavailable: nothing happened at the gateway and the same request may be repeated later.
	ErrUnavailable = errs.New(errs.Unavailable, "payments_unavailable",
		"Payments are not available right now. Your places stay reserved; try again in a moment.")
	// ErrRejected: the gateway refused the request itself; repeating it is useless.
	ErrRejected = errs.New(errs.Internal, "payment_rejected",
		"The payment service refused the request.")
	// ErrNotFound: the gateway has never heard of this key. For a payment that means that nobody
	// has paid with it so far; its page may still be open.
	ErrNotFound = errs.New(errs.NotFound, "payment_not_found",
		"There is no such payment.")
	// ErrOverRefund: the refund would return more than was captured.
	ErrOverRefund = errs.New(errs.Conflict, "refund_exceeds_payment",
		"A refund can't return more than was paid.")
	// ErrKeyReused: the idempotency key was used before for something else.
	ErrKeyReused = errs.New(errs.Conflict, "payment_key_reused",
		"This key belongs to another payment or refund.")
	// ErrNotice: the notice is not from the gateway, is stale or can't be read.
	ErrNotice = errs.New(errs.Unauthenticated, "bad_payment_notice",
		"This is no genuine payment notice.")
)

// State is what the gateway says about a payment.
type State uint8

// The states of a payment.
const (
	Unknown  State = iota // not told; treat it as possibly paid
	Pending               // begun, the buyer or the bank has not finished
	Paid                  // captured; parts of it may have been refunded
	Declined              // definitely not paid, now or later; a new attempt may be made
	Refunded              // captured, and all of it was returned
	Disputed              // captured, and taken back by the buyer's bank
)

// String is the name of the state in logs and JSON.
func (s State) String() string {
	switch s {
	case Pending:
		return "pending"
	case Paid:
		return "paid"
	case Declined:
		return "declined"
	case Refunded:
		return "refunded"
	case Disputed:
		return "disputed"
	default:
		return "unknown"
	}
}

// Request asks for one attempt to be paid.
type Request struct {
	Key       string // order id + ":" + attempt number: the gateway's idempotency key
	Amount    money.Money
	Reference string // the order's human reference, shown to the buyer
	ReturnURL string // absolute http(s) URL the buyer comes back to; empty = none
}

// Page is where or how the buyer pays.
type Page struct {
	URL          string // of the gateway's page; empty if there is none
	Instructions string // in place of a page: what the buyer has to do, as plain text
}

// Status is the gateway's answer about one payment.
type Status struct {
	Key         string
	Transaction string // the gateway's own id; empty while nothing was captured or declined
	State       State
	Amount      money.Money // captured, or declined
	Refunded    money.Money // returned so far, by whomever; nothing in no currency if none
	Disputed    money.Money // taken back by buyers' banks; nothing in no currency if none
	Refunds     []RefundStatus
	Disputes    []DisputeStatus // that took money, the oldest first
}

// RefundStatus is the gateway's answer about one refund.
type RefundStatus struct {
	RefundKey   string // ours; empty for a refund that was made at the gateway's side
	Refund      string // the gateway's own id of the refund
	Transaction string
	State       State // Pending, Refunded or Declined (the refund failed, nothing was returned)
	Amount      money.Money
}

// DisputeStatus is the gateway's answer about one dispute. A payment may have several, one after
// the other or of a part each.
type DisputeStatus struct {
	Dispute string // the gateway's own id of the dispute
	State   State  // Disputed, or Declined (it was decided for us: the money is back)
	Amount  money.Money
}

// Subject is what a notice is about.
type Subject uint8

// The subjects of notices.
const (
	OfPayment Subject = iota // Pending, Paid or Declined
	OfRefund                 // Pending, Refunded or Declined (it failed: nothing was returned)
	OfDispute                // Disputed, or Declined (it was decided for us: the money is back)
)

// Notice is what a verified webhook says. It may arrive any number of times and in any order.
type Notice struct {
	Provider    string
	NoticeID    string // unique per provider; the same in every repetition
	Transaction string // empty if nothing was tried: the attempt's page has merely ended
	Key         string // empty if the notice doesn't know it; then the gateway is an Identifier
	Subject     Subject
	State       State // of the subject
	Amount      money.Money
	Refund      string    // the gateway's own id of the refund or dispute, otherwise empty
	RefundKey   string    // ours; empty if the refund was made at the gateway's side
	At          time.Time // when it happened, by the gateway's clock
}

// Gateway is the port of the box office to one payment provider. Every method is safe for
// concurrent use and honours the deadline of ctx; the failures are those of this package.
type Gateway interface {
	// Begin opens an attempt and tells where to pay it. The same request may be begun again.
	Begin(ctx context.Context, r Request) (Page, error)
	// LookUp asks what became of an attempt: ErrNotFound means that nobody has paid so far.
	LookUp(ctx context.Context, key string) (Status, error)
	// Cancel closes an attempt that isn't paid, so that it never will be, and tells what it is
	// afterwards: Declined, or what it had already become. A key that the gateway has never heard
	// of is closed, too. Repeating it is harmless.
	Cancel(ctx context.Context, key string) (Status, error)
	// Refund returns part or all of a captured payment: once per refundKey, however often asked.
	Refund(ctx context.Context, key, refundKey string, amount money.Money) (RefundStatus, error)
	// ReadNotice verifies and reads a webhook without any call: ErrNotice if it isn't genuine.
	ReadNotice(header map[string][]string, body []byte, now time.Time) (Notice, error)
}

// Statement is a gateway's own book, to be compared with ours.
type Statement interface {
	// Payments are the attempts that were captured or are pending, in a stable order, with their
	// refunds. after is empty for the first page, then what the page before returned as next; an
	// empty next ends the book.
	Payments(ctx context.Context, after string, limit int) (page []Status, next string, err error)
}

// Identifier is a gateway whose notices don't always know our key: of refunds and disputes that
// came from its own side, for instance.
type Identifier interface {
	// KeyOf asks whose a transaction is; ErrNotFound means that it isn't ours.
	KeyOf(ctx context.Context, transaction string) (string, error)
}
