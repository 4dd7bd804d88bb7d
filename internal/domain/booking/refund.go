package booking

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/errs"
	"ticketflow/internal/domain/fact"
	"ticketflow/internal/domain/ident"
	"ticketflow/internal/domain/money"
)

// Failures of a refund.
var (
	ErrRefundTooMuch = errs.New(errs.Conflict, "refund_too_much",
		"More than was paid can't be given back.")
	ErrRefundNotFound = errs.New(errs.NotFound, "refund_not_found", "There is no such refund.")
	ErrRefundNothing  = errs.New(errs.Invalid, "refund_of_nothing",
		"A refund needs an amount above nothing, in the currency of the payment.")
	ErrRefundNotFailed = errs.New(errs.Conflict, "refund_not_failed",
		"Only a refund that has failed can be tried again.")
	ErrRefundPending = errs.New(errs.Conflict, "refund_pending",
		"Another refund of this payment is on its way. Please try again later.")
	ErrOrderNotPaid = errs.New(errs.Conflict, "order_not_paid", "The order isn't paid.")
	ErrNotInOrder   = errs.New(errs.NotFound, "not_in_order",
		"The order has no valid ticket for one of these places.")
)

// RefundReason says why money goes back.
type RefundReason string

// The reasons of a refund.
const (
	ReasonLate        RefundReason = "late_payment" // it bought nothing
	ReasonWrongAmount RefundReason = "wrong_amount" // of a release that returned it at once
	ReasonDoubtful    RefundReason = "doubtful"     // returned from quarantine
	ReasonCancelled   RefundReason = "cancelled"    // with the whole order
	ReasonTickets     RefundReason = "tickets"      // some tickets of an order
	ReasonGoodwill    RefundReason = "goodwill"     // an amount that changes no ticket
	ReasonGateway     RefundReason = "gateway"      // made at the gateway's side
	ReasonDispute     RefundReason = "dispute"      // taken by the buyer's bank
)

// RefundState is how far a refund is.
type RefundState uint8

// A refund is requested in the transaction that decides it, and done when the gateway says so. One
// that has failed is still owed: it is tried again, or settled in another way. A dispute that was
// won is reversed: the money is back.
const (
	RefundRequested RefundState = iota + 1
	RefundDone
	RefundFailed
	RefundReversed
)

// String is the published name of the state.
func (s RefundState) String() string {
	switch s {
	case RefundRequested:
		return "requested"
	case RefundDone:
		return "done"
	case RefundFailed:
		return "failed"
	case RefundReversed:
		return "reversed"
	}
	return "unknown"
}

const refundPrefix = "ref"

// RefundRef names a refund; the key is also the gateway's idempotency key.
type RefundRef struct {
	Event catalog.EventID
	Key   string
}

// NewRefundRef names a refund that somebody asks for.
func NewRefundRef(event catalog.EventID, key ident.Key) RefundRef {
	var room [idChars]byte
	return RefundRef{event, string(appendScoped(room[:0], refundPrefix, event, key))}
}

// Refund is money on its way back to a buyer.
type Refund struct {
	Ref         RefundRef
	Payment     PaymentRef
	Order       ident.Key
	Amount      money.Money
	Reason      RefundReason
	State       RefundState
	RequestedAt time.Time
	DoneAt      time.Time         // zero unless done
	GatewayRef  string            // the gateway's name for it, once known
	Retries     int               // after a definite failure
	Places      []catalog.PlaceNo // whose tickets were returned; empty for the whole order
}

// GatewayKey is the gateway's idempotency key of the try that is under way.
func (r Refund) GatewayKey() string {
	if r.Retries == 0 {
		return r.Ref.Key
	}
	return r.Ref.Key + retryMark + strconv.Itoa(r.Retries)
}

const retryMark = ":retry:"

// RefundKey is the key of the refund that a gateway's key stands for.
func RefundKey(gatewayKey string) string {
	key, _, _ := strings.Cut(gatewayKey, retryMark)
	return key
}

// MaxRefundRetries bounds how often a refund can be tried again.
const MaxRefundRetries = 99

// owed tells whether the refund's amount was booked as owed to the buyer.
func (r Refund) owed() bool { return r.Reason != ReasonGateway && r.Reason != ReasonDispute }

// ofSale tells whether the refund takes back a part of a sale. The others return what has bought
// nothing.
func (r Refund) ofSale() bool {
	switch r.Reason {
	case ReasonLate, ReasonWrongAmount, ReasonDoubtful:
		return false
	case ReasonCancelled, ReasonTickets, ReasonGoodwill, ReasonGateway, ReasonDispute:
	}
	return true
}

func (r Refund) entry(kind EntryKind) Entry {
	return Entry{Kind: kind, Event: r.Ref.Event, Order: r.Order, Provider: r.Payment.Provider,
		Ref: r.Ref.Key, Currency: r.Amount.Currency()}
}

// requestRefund takes the refund's amount out of the payment and records the wish; a policy asks
// the gateway.
func (b *Book) requestRefund(pay Payment, r Refund) error {
	pay, err := pay.refund(r.Amount)
	if err != nil {
		return err
	}
	b.payments.put(pay.Ref, pay)
	if r.Amount.IsZero() {
		return nil
	}
	if r.Ref.Key == "" {
		// Two gateways may use the same name for their transactions.
		r.Ref = RefundRef{pay.Ref.Event,
			string(r.Reason) + ":" + pay.Ref.Provider + ":" + pay.Ref.Transaction}
	}
	r.Payment, r.Order, r.State, r.RequestedAt = pay.Ref, pay.Order, RefundRequested, b.now
	b.refunds.put(r.Ref, r)
	if r.ofSale() {
		due := r.entry(EntryRefundDue)
		due.Refunds, due.Receivable = r.Amount.Minor(), -r.Amount.Minor()
		b.post(due)
	}
	b.record(fact.Fact{Kind: fact.RefundRequested, Event: pay.Ref.Event, Order: pay.Order,
		Amount: r.Amount, Ref: r.Ref.Key})
	return nil
}

// refundsOf are the refunds of a payment that are in the book, by key.
func (b *Book) refundsOf(pay PaymentRef) (found []Refund) {
	for _, row := range b.refunds.rows {
		if row.known && row.value.Payment == pay {
			found = append(found, row.value)
		}
	}
	slices.SortFunc(found, func(x, y Refund) int { return strings.Compare(x.Ref.Key, y.Ref.Key) })
	return found
}

// RecordRefund notes what the gateway says about a refund that was asked for. Saying it twice is as
// once.
type RecordRefund struct {
	Refund     RefundRef
	Try        string // the gateway's key that was used; empty for whichever
	Failed     bool   // for certain: nothing was given back
	GatewayRef string
	News       News
}

// Keys names the rows of the command.
func (c *RecordRefund) Keys() *Keys {
	return &Keys{Refunds: []RefundRef{c.Refund}, Notices: c.News.keys()}
}

// Decide marks the refund as done or failed. A gateway may say first that it is done and then that
// it has failed after all.
func (c *RecordRefund) Decide(b *Book) error {
	if !b.noted(c.News) {
		return nil
	}
	r, ok := b.refunds.get(c.Refund)
	if !ok || !r.owed() {
		return ErrRefundNotFound
	}
	if r.Elsewhere() {
		return nil // staff have paid it out since
	}
	switch {
	case c.Try != "" && c.Try != r.GatewayKey():
		return nil // news of a try before, which has failed for certain
	case c.Failed:
		c.fail(b, r)
	case r.State == RefundDone:
	case r.State == RefundFailed && c.Try != "" && c.GatewayRef != "" &&
		c.GatewayRef == r.GatewayRef:
		// Messages came out of order: at the gateway, too, this one was done before it failed.
	default:
		r.State, r.DoneAt, r.GatewayRef = RefundDone, b.now, c.GatewayRef
		b.settle(r)
	}
	return nil
}

func (c *RecordRefund) fail(b *Book, r Refund) {
	if c.GatewayRef != "" && r.State != RefundFailed {
		r.GatewayRef = c.GatewayRef
	}
	b.fail(r)
}

// fail stores a refund as owed again, for certain. What was thought to have gone is back.
func (b *Book) fail(r Refund) {
	if r.State == RefundFailed {
		return
	}
	if r.State == RefundDone {
		back := r.entry(EntryRefundPaid)
		back.Clearing, back.Receivable = r.Amount.Minor(), -r.Amount.Minor()
		b.post(back)
	}
	r.State, r.DoneAt = RefundFailed, time.Time{}
	b.refunds.put(r.Ref, r)
	b.record(fact.Fact{Kind: fact.RefundFailed, Event: r.Ref.Event, Order: r.Order,
		Amount: r.Amount, Ref: r.Ref.Key})
}

// settle stores a refund that was owed as done. What staff have paid out is still at the gateway.
func (b *Book) settle(r Refund) {
	b.refunds.put(r.Ref, r)
	gone := r.entry(EntryRefundPaid)
	if r.Elsewhere() {
		gone.Provider = StaffProvider
	}
	gone.Receivable, gone.Clearing = r.Amount.Minor(), -r.Amount.Minor()
	b.post(gone)
	b.record(fact.Fact{Kind: fact.RefundDone, Event: r.Ref.Event, Order: r.Order,
		Amount: r.Amount, Ref: r.Ref.Key})
}

// RetryRefund asks once more for a refund that has failed.
type RetryRefund struct{ Refund RefundRef }

// Keys names the rows of the command.
func (c *RetryRefund) Keys() *Keys { return &Keys{Refunds: []RefundRef{c.Refund}} }

// Decide requests the refund anew, under a new key: the failure of the one before is definite.
func (c *RetryRefund) Decide(b *Book) error {
	r, ok := b.refunds.get(c.Refund)
	if !ok {
		return ErrRefundNotFound
	}
	if r.State != RefundFailed || r.Retries >= MaxRefundRetries {
		return ErrRefundNotFailed
	}
	r.State, r.GatewayRef = RefundRequested, ""
	r.Retries++
	b.refunds.put(r.Ref, r)
	b.record(fact.Fact{Kind: fact.RefundRequested, Event: r.Ref.Event, Order: r.Order,
		Amount: r.Amount, Ref: r.Ref.Key})
	return nil
}
