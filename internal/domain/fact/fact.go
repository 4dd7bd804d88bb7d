// Package fact is what has happened in the box office, in the past tense. Facts are recorded in the
// transaction that makes them true and are delivered to subscribers afterwards, at least once.
package fact

import (
	"time"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/ident"
	"ticketflow/internal/domain/money"
)

// Kind is the stable name of a sort of fact.
type Kind string

// The facts of the box office.
const (
	EventPublished  Kind = "event_published"
	EventCancelled  Kind = "event_cancelled"
	PlacesBlocked   Kind = "places_blocked"
	PlacesUnblocked Kind = "places_unblocked"
	HoldPlaced      Kind = "hold_placed"
	HoldExtended    Kind = "hold_extended"
	HoldGrown       Kind = "hold_grown"  // places came to it
	HoldShrunk      Kind = "hold_shrunk" // some of its places are free again
	HoldReleased    Kind = "hold_released"
	HoldExpired     Kind = "hold_expired"
	OrderPlaced     Kind = "order_placed"
	OrderPaid       Kind = "order_paid"
	OrderPaidLate   Kind = "order_paid_late" // its places were still free and were taken back
	OrderExpired    Kind = "order_expired"
	OrderCancelled  Kind = "order_cancelled"
	PaymentReturned Kind = "payment_returned" // captured without use: a refund was requested
	PaymentDeclined Kind = "payment_declined" // for certain: another attempt may be made
	PaymentDoubtful Kind = "payment_doubtful" // captured and in quarantine: see to it
	PaymentDisputed Kind = "payment_disputed" // taken back by the buyer's bank
	DisputeWon      Kind = "dispute_won"      // and returned
	NoticeKept      Kind = "notice_kept"      // a gateway's message that can't be applied
	TicketsReturned Kind = "tickets_returned" // they admit no longer; the rest of the order does
	RefundRequested Kind = "refund_requested"
	RefundFailed    Kind = "refund_failed" // the money is still owed: see to it
	RefundDone      Kind = "refund_done"
	GatewayRefunded Kind = "gateway_refunded" // given back at the gateway's side
	TicketAdmitted  Kind = "ticket_admitted"

	TicketTransferred Kind = "ticket_transferred" // to another person; the old code is void
)

// Fact is one thing that happened. Fields that a kind doesn't need are zero.
type Fact struct {
	Kind   Kind
	Event  catalog.EventID
	At     time.Time
	Hold   ident.Key
	Order  ident.Key
	Places []catalog.PlaceNo
	Amount money.Money
	Ref    string // refund key, provider transaction, gate or fence
}
