package booking

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"ticketflow/internal/domain/errs"
	"ticketflow/internal/domain/ident"
	"ticketflow/internal/domain/money"
	"ticketflow/internal/domain/pricing"
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
	Name     string
	Email    string
	Language string // to write to them in, as ParseLanguage returns it; empty is the house's
}

// NewBuyer checks the details and brings them into the form in which they are kept. Names and
// addresses of any script are welcome; what could break out of a line of a mail or of a page, or
// turn a text round, is not.
func NewBuyer(name, email string) (Buyer, error) {
	name, email = strings.TrimSpace(name), strings.TrimSpace(email)
	if !validName(name) || !validEmail(email) {
		return Buyer{}, ErrBuyer
	}
	return Buyer{Name: name, Email: email}, nil
}

func validName(s string) bool {
	return len(s) <= maxNameBytes && utf8.ValidString(s) &&
		!strings.ContainsFunc(s, unprintable) &&
		strings.ContainsFunc(s, func(r rune) bool {
			return unicode.IsLetter(r) || unicode.IsDigit(r)
		})
}

func validEmail(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	return ok && local != "" && domain != "" && len(s) <= maxEmailBytes && utf8.ValidString(s) &&
		!strings.ContainsFunc(s, unprintable) && !strings.ContainsFunc(s, unicode.IsSpace) &&
		!strings.ContainsAny(s, "<>()[],;:\"\\") && !strings.Contains(domain, "@") &&
		!strings.Contains("."+domain+".", "..")
}

// unprintable finds control characters, line ends of all sorts and marks that turn the direction of
// a text. The joiners that some scripts need are printable.
func unprintable(r rune) bool {
	const leftToRight, override, isolate, popIsolate = 0x202a, 0x202e, 0x2066, 0x2069
	return unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp) ||
		r >= leftToRight && r <= override || r >= isolate && r <= popIsolate
}

// LimitKey is what the limit per buyer counts by: the address without case and without the
// "+label" that many providers deliver to the same person.
func (b Buyer) LimitKey() string {
	local, domain, _ := strings.Cut(b.Email, "@")
	if plus := strings.IndexByte(local, '+'); plus > 0 {
		local = local[:plus]
	}
	return strings.ToLower(local + "@" + domain)
}

// Order is a buyer's promise to pay for the places of a hold.
type Order struct {
	ID        OrderID
	Hold      ident.Key
	State     OrderState
	PlacedAt  time.Time
	ExpiresAt time.Time
	PaidAt    time.Time      // zero until paid
	Lines     []Line         // never changed in place
	Charges   []pricing.Line // beyond the places, nil if there are none; never changed in place
	Total     money.Money    // of lines and charges
	Voucher   string         // the code of the voucher that is counted for the order, or empty
	Buyer     Buyer
	BuyerHash Fingerprint // what the limit per buyer counts by
	ReturnURL string      // where the gateway sends the buyer back to, or empty
	Declined  int         // attempts to pay that have failed for certain

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
