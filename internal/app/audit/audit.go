// Package audit proves from the stored rows alone that the box office has kept its promises: the
// invariants I1 to I9. It shares no rule with the code that wrote the rows, reads one snapshot, and
// may therefore run beside a server that goes on selling.
package audit

import (
	"context"
	"fmt"
	"time"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

// Options say what the audit should know besides the rows.
type Options struct {
	// Acknowledged are public ids of orders that were answered as paid, with their tickets.
	Acknowledged []string
}

// Source is a ledger whose rows can be read one by one.
type Source interface {
	// ScanRows shows every stored row to look, all of one snapshot, table by table in the order of
	// Look's fields and within a table in the order of its key; answers in the order of what they
	// answer, and then of their numbers. A row is only valid during its call. Values are shown as
	// they are stored, sound or not.
	ScanRows(ctx context.Context, look Look) error
}

// Look is what wants to see the rows. Every field is set.
type Look struct {
	// Now gets the ledger's time, read after the snapshot was taken.
	Now     func(time.Time)
	Event   func(*EventRow)
	Place   func(*PlaceRow)
	Hold    func(*HoldRow)
	Order   func(*OrderRow)
	Ticket  func(*TicketRow)
	Payment func(*PaymentRow)
	Refund  func(*RefundRow)
	Notice  func(*NoticeRow)
	Entry   func(*EntryRow)
	Buyer   func(*BuyerRow)
	Voucher func(*VoucherRow)
	Answer  func(*AnswerRow)
	Fact    func(*FactRow)
	Cursor  func(*CursorRow)
	Inbox   func(*CursorRow) // a fact that a subscriber has applied
}

// Run reads the whole ledger once and checks every invariant. The error is about reading; what is
// wrong with the rows is in the report. It needs some hundred bytes of memory a row.
func Run(ctx context.Context, source Source, opt Options) (Report, error) {
	l := &ledger{
		checks:   newChecks(),
		events:   make(map[catalog.EventID]*event),
		holdAt:   make(map[booking.HoldID]int32),
		orderAt:  make(map[booking.OrderID]int32),
		payments: make(map[booking.PaymentRef]*payment),
		refunds:  make(map[booking.RefundRef]*refund),
		returned: make(map[giving]*tally),
		captured: make(map[transaction]catalog.EventID),
		noticed:  make(map[transaction]*notice),
		strange:  make(map[booking.OrderID]bool),
		doubts:   make(map[doubt]*tally),
		buyers:   make(map[booking.BuyerRef]*buyer),
		vouchers: make(map[booking.VoucherRef]*voucher),
	}
	err := source.ScanRows(ctx, Look{
		Now:     func(now time.Time) { l.now = now },
		Event:   l.addEvent,
		Place:   l.addPlace,
		Hold:    l.addHold,
		Order:   l.addOrder,
		Ticket:  l.addTicket,
		Payment: l.addPayment,
		Refund:  l.addRefund,
		Notice:  l.addNotice,
		Entry:   l.addEntry,
		Buyer:   l.addBuyer,
		Voucher: l.addVoucher,
		Answer:  l.addAnswer,
		Fact:    l.addFact,
		Cursor:  l.addCursor,
		Inbox:   l.addInbox,
	})
	if err != nil {
		return Report{}, fmt.Errorf("read the ledger: %w", err)
	}
	l.checkPlans()
	l.checkHolders()
	l.checkGrants()
	l.checkHolds()
	l.checkTickets()
	l.checkMoney()
	l.checkParts()
	l.checkJournal()
	l.checkOrderFacts()
	l.checkMoneyFacts()
	l.checkAcknowledged(opt.Acknowledged)
	l.checkTransfers()
	l.checkAdmissions()
	l.checkBuyers()
	l.checkVouchers()
	r := l.report()
	r.Open = l.open
	return r, nil
}
