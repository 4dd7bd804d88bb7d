package query

import (
	"context"
	"time"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/money"
)

// Money is where payments and refunds are read. Each method sees one committed state.
type Money interface {
	// Payment finds a captured payment by the gateway's name, with all of its refunds:
	// booking.ErrPaymentNotFound.
	Payment(ctx context.Context, provider, transaction string) (booking.Payment,
		[]booking.Refund, error)
	// Refund is a refund with its payment: booking.ErrRefundNotFound.
	Refund(ctx context.Context, ref booking.RefundRef) (booking.Refund, booking.Payment, error)
	// OrderMoney is all that was captured for an order, and all that went back.
	OrderMoney(ctx context.Context, id booking.OrderID) ([]booking.Payment, []booking.Refund, error)
	// PaidOrders are the orders of an event that are paid, in the order of their keys, after one.
	PaidOrders(ctx context.Context, after booking.OrderID, limit int) ([]booking.OrderID, error)
	// BookTotals sums up what this book says about a gateway, one row for each currency.
	BookTotals(ctx context.Context, provider string) ([]BookTotal, error)
}

// OpenMoney is what somebody has to look at, or what is on its way. The oldest comes first.
type OpenMoney interface {
	// KeptNotices are messages of gateways that couldn't be applied and came after a time.
	KeptNotices(ctx context.Context, since time.Time, limit int) ([]KeptNotice, error)
	// Notice finds a message: booking.ErrNoticeNotFound.
	Notice(ctx context.Context, provider, notice string) (KeptNotice, error)
	// DoubtfulPayments are in quarantine.
	DoubtfulPayments(ctx context.Context, limit int) ([]booking.Payment, error)
	// OpenRefunds were requested before a time and aren't done, or have failed.
	OpenRefunds(ctx context.Context, state booking.RefundState, before time.Time,
		limit int) ([]booking.Refund, error)
}

// KeptNotice is a message with its name.
type KeptNotice struct {
	Ref booking.NoticeRef
	booking.Notice
}

// BookTotal is what was captured through a gateway in one currency, in minor units.
type BookTotal struct {
	Currency money.Currency
	Payments int64
	Captured int64
	Refunded int64 // has gone back through it, disputes not among it
	Disputed int64 // taken by buyers' banks, and not returned
}

// Journal is where the journal of money is read.
type Journal interface {
	// Entries are an event's entries after one number, in order.
	Entries(ctx context.Context, event catalog.EventID, after int64,
		limit int) ([]JournalEntry, error)
	// AccountTotals sums an event's accounts up, one row for each currency; event 0 is all events.
	AccountTotals(ctx context.Context, event catalog.EventID) ([]AccountTotal, error)
}

// JournalEntry is an entry with its number.
type JournalEntry struct {
	Number int64
	booking.Entry
}

// AccountTotal is the balance of each account in one currency, and the number of entries. The
// fields of the Entry that aren't accounts or the currency are zero.
type AccountTotal struct {
	Entries int64
	booking.Entry
}
