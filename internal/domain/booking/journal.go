package booking

import (
	"time"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/ident"
	"ticketflow/internal/domain/money"
)

// EntryKind says what an entry of the journal is about.
type EntryKind string

// The kinds of entries.
const (
	EntrySale           EntryKind = "sale"            // captured, and an order is paid with it
	EntryDeposit        EntryKind = "deposit"         // captured, and it pays for nothing
	EntryRefundDue      EntryKind = "refund_due"      // part of a sale is owed to the buyer
	EntryRefundPaid     EntryKind = "refund_paid"     // what was owed has gone back
	EntryGatewayRefund  EntryKind = "gateway_refund"  // given back at the gateway's side
	EntryDispute        EntryKind = "dispute"         // taken back by the buyer's bank
	EntryDisputeWon     EntryKind = "dispute_won"     // and returned to us
	EntryDepositApplied EntryKind = "deposit_applied" // a deposit pays for an order after all
)

// Entry is one booking of the journal of money: one row with a column for each account, whose sum
// is zero, so that no entry can be half there. Debits are positive, credits negative, all in minor
// units. Entries are only ever added.
type Entry struct {
	Kind     EntryKind
	Event    catalog.EventID
	Order    ident.Key
	At       time.Time
	Provider string // whose clearing account it is
	Ref      string // the gateway's transaction, or the key of the refund
	Currency money.Currency

	Clearing    int64 // what the gateway has of ours
	Receivable  int64 // what buyers owe us; negative: what we owe them
	Revenue     int64 // of tickets, net of tax
	Fees        int64 // for our service, net of tax
	Tax         int64 // included in both
	Refunds     int64 // of sales
	Chargebacks int64
}

// Balance is the sum over all accounts: zero in every entry.
func (e Entry) Balance() int64 {
	return e.Clearing + e.Receivable + e.Revenue + e.Fees + e.Tax + e.Refunds + e.Chargebacks
}

// post adds an entry to the journal.
func (b *Book) post(e Entry) {
	e.At = b.now
	b.entries = append(b.entries, e)
}

// entryOf begins an entry about a payment.
func entryOf(kind EntryKind, p Payment) Entry {
	return Entry{Kind: kind, Event: p.Ref.Event, Order: p.Order, Provider: p.Ref.Provider,
		Ref: p.Ref.Transaction, Currency: p.Amount.Currency()}
}

// earned divides what is captured for an order among the accounts of a sale.
func (e Entry) earned(o Order) Entry {
	s := o.Split()
	e.Revenue, e.Fees, e.Tax = -s.Revenue, -s.Fees, -s.Tax
	return e
}

// Entries are what the successful commands of the batch have posted, in order.
func (b *Book) Entries() []Entry { return b.entries[:b.keptEntries] }
