package booking

import (
	"strings"
	"time"

	"ticketflow/internal/domain/errs"
	"ticketflow/internal/domain/ident"
	"ticketflow/internal/domain/money"
)

// Failures of an order.
var (
	ErrOrderNotFound = errs.New(errs.NotFound, "order_not_found", "There is no such order.")
	ErrOrderNotOpen  = errs.New(errs.Conflict, "order_not_open",
		"The order no longer waits for a payment.")
	ErrOrderEnded = errs.New(errs.Conflict, "order_ended", "The order has already ended.")
	ErrBuyer      = errs.New(errs.Invalid, "bad_buyer",
		"Please give a name and a valid e-mail address.")
	ErrBuyerLimit = errs.New(errs.Conflict, "buyer_limit",
		"With this order you would have more places than one buyer may have.")
	ErrNotDue = errs.New(errs.Conflict, "not_due", "The order still has time to be paid.")
)

// OrderState is where an order is in its life.
type OrderState uint8

// An order awaits its payment, and then is paid, expired or cancelled. An expired order that is
// paid late becomes Paid if its places are still free; a paid order may be Cancelled later.
const (
	AwaitingPayment OrderState = iota + 1
	Paid
	OrderExpired
	OrderCancelled
)

// String is the published name of the state.
func (s OrderState) String() string {
	switch s {
	case AwaitingPayment:
		return "awaiting_payment"
	case Paid:
		return "paid"
	case OrderExpired:
		return "expired"
	case OrderCancelled:
		return "cancelled"
	}
	return "unknown"
}

// Limits of a buyer's details, in bytes.
const (
	maxNameBytes  = 200
	maxEmailBytes = 254
)

// Buyer is who pays and gets the tickets.
type Buyer struct {
	Name  string
	Email string
}

// NewBuyer checks the details and brings them into the form in which they are kept.
func NewBuyer(name, email string) (Buyer, error) {
	name, email = strings.TrimSpace(name), strings.TrimSpace(email)
	at := strings.LastIndexByte(email, '@')
	bad := name == "" || len(name) > maxNameBytes || len(email) > maxEmailBytes ||
		at < 1 || at == len(email)-1 || strings.ContainsAny(email, " \t\r\n<>,;\"\\") ||
		strings.ContainsAny(name, "\r\n\x00")
	if bad {
		return Buyer{}, ErrBuyer
	}
	return Buyer{Name: name, Email: email}, nil
}

// LimitKey is what the limit per buyer counts by: the address without case and without the
// "+label" that many providers deliver to the same person.
func (b Buyer) LimitKey() string {
	at := strings.LastIndexByte(b.Email, '@')
	local, domain := b.Email[:at], b.Email[at:]
	if plus := strings.IndexByte(local, '+'); plus > 0 {
		local = local[:plus]
	}
	return strings.ToLower(local + domain)
}

// Order is a buyer's promise to pay for the places of a hold.
type Order struct {
	ID        OrderID
	Hold      ident.Key
	State     OrderState
	PlacedAt  time.Time
	ExpiresAt time.Time
	PaidAt    time.Time // zero until paid
	Lines     []Line    // never changed in place
	Total     money.Money
	Buyer     Buyer
	BuyerHash Fingerprint // what the limit per buyer counts by
	ReturnURL string      // where the gateway sends the buyer back to, or empty

	Provider    string // the payment that was applied; empty until paid
	Transaction string
}

// Due tells whether the order's time to pay is over, including the grace that lets a payment that
// was started in time still arrive.
func (o Order) Due(now time.Time) bool {
	return o.State == AwaitingPayment && now.After(o.ExpiresAt.Add(PayGrace))
}

// PayGrace is added to an order's time before it is released.
const PayGrace = 10 * time.Second
