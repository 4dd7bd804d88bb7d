package audit

import (
	"time"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/fact"
	"ticketflow/internal/domain/ident"
	"ticketflow/internal/domain/pricing"
)

// EventRow is an event with the size of its plan; PlanPlaces is -1 where the plan is missing.
type EventRow struct {
	ID          catalog.EventID
	PlanPlaces  int64
	MaxPerBuyer int64 // 0 is no limit
}

// PlaceRow is one place of one event.
type PlaceRow struct {
	Event  catalog.EventID
	Place  catalog.PlaceNo
	State  int64
	Holder ident.Key // zero for none
	Fence  int64
	Until  time.Time
}

// Quote is what holds and orders have in common: places at a price.
type Quote struct {
	Serial     int64 // the integer that the row is stored under
	State      int64
	Expires    time.Time
	Total      int64 // minor units
	Currency   string
	Lines      []booking.Line
	Charges    []pricing.Line
	Unreadable bool // the lines or the charges can't be read
}

// HoldRow is a hold.
type HoldRow struct {
	ID booking.HoldID
	Quote
	Order ident.Key // zero for none
}

// OrderRow is an order.
type OrderRow struct {
	ID booking.OrderID
	Quote
	Hold        ident.Key
	PaidAt      time.Time // zero if it never was
	Buyer       booking.Fingerprint
	Provider    string
	Transaction string
	Voucher     string // empty for none
}

// TicketRow is a ticket. Voided is 0 for the one that is not void at its place.
type TicketRow struct {
	Event  catalog.EventID
	Place  catalog.PlaceNo
	Voided int64
	Fence  int64
	Order  ident.Key
	State  int64
	UsedAt time.Time

	Transfers int64 // how often the place was passed on before
}

// PaymentRow is a captured payment; amounts are minor units.
type PaymentRow struct {
	Ref      booking.PaymentRef
	Order    ident.Key
	Amount   int64
	Currency string
	Use      int64
	Refunded int64
	Attempt  string // the gateway's key; empty for an order's first
}

// RefundRow is a refund; the amount is in minor units.
type RefundRow struct {
	Ref      booking.RefundRef
	Payment  booking.PaymentRef
	Order    ident.Key
	Amount   int64
	Currency string
	State    int64
	DoneAt   time.Time // zero if it isn't
	Reason   booking.RefundReason
	Retries  int64
	Places   []catalog.PlaceNo // whose tickets were returned
	// Unreadable tells that the places can't be read.
	Unreadable bool
}

// NoticeRow is a gateway's message that was applied or kept.
type NoticeRow struct {
	Ref   booking.NoticeRef
	State int64
	Why   string // it is kept
}

// EntryRow is an entry of the journal.
type EntryRow struct {
	Number   int64
	Kind     booking.EntryKind
	Event    catalog.EventID
	Order    ident.Key
	Provider string
	Ref      string
	Currency string
	Accounts Accounts
}

// Accounts are those of the journal, in minor units.
type Accounts struct {
	Clearing, Receivable, Revenue, Fees, Tax, Refunds, Chargebacks int64
}

// BuyerRow is the count of a buyer's places.
type BuyerRow struct {
	Ref    booking.BuyerRef
	Places int64
}

// VoucherRow is a voucher; MaxUses 0 is no limit.
type VoucherRow struct {
	Ref     booking.VoucherRef
	Used    int64
	MaxUses int64
}

// AnswerRow is a stored answer of an idempotency key.
type AnswerRow struct {
	Number  int64 // counts the answers
	MadeAt  time.Time
	Event   catalog.EventID
	Key     booking.Fingerprint
	Subject ident.Key
}

// FactRow is a fact of the log; Unreadable tells that its body can't be read. Sparse tells that the
// ledger numbers facts before it commits them, so that a position may be given to none.
type FactRow struct {
	Position   int64
	Fact       fact.Fact
	Unreadable bool
	Sparse     bool
}

// CursorRow is a position of a subscriber.
type CursorRow struct {
	Subscriber string
	Position   int64
}
