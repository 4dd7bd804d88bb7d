package booking

import (
	"iter"
	"time"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/errs"
	"ticketflow/internal/domain/fact"
	"ticketflow/internal/domain/ident"
	"ticketflow/internal/domain/money"
)

// Failures that any command can meet.
var (
	ErrEventNotFound = errs.New(errs.NotFound, "event_not_found", "There is no such event.")
	ErrNoSuchPlace   = errs.New(errs.NotFound, "place_not_found", "The event has no such place.")
	ErrKeyReused     = errs.New(errs.Invalid, "idempotency_key_reused",
		"This Idempotency-Key was used before with another request.")
	ErrRevised = errs.New(errs.Conflict, "event_revised",
		"The event was changed a moment ago. Please look at it again.")
)

// FingerprintBytes is the size of an idempotency key's hash and of a request's hash.
const FingerprintBytes = 16

// Fingerprint is a hash, cut to 128 bits.
type Fingerprint [FingerprintBytes]byte

// AnswerRef names the stored answer of an idempotency key. Key is a hash over the operation, the
// client's identity and the key that the client sent.
type AnswerRef struct {
	Event catalog.EventID
	Key   Fingerprint
}

// Answer is what a command said the first time: enough to say the same again. Refusals are not
// stored: they changed nothing, and the same key may be tried again.
type Answer struct {
	Request Fingerprint // of the body, so that another request under the same key is noticed
	Subject ident.Key   // the hold or order that was made
	Until   time.Time   // its expiry as it was answered
}

// BuyerRef names the count of a buyer's places; Buyer is a hash of Buyer.LimitKey.
type BuyerRef struct {
	Event catalog.EventID
	Buyer Fingerprint
}

// Sale is the part of an event that commands check inside their transaction.
type Sale struct {
	Status   catalog.Status
	Terms    catalog.Terms
	Revision int64 // grows with each change of the event's prices
}

// Keys names the rows that a command needs. A hold or order that is named brings the places of its
// lines along, an order also its buyer's count and its voucher; a Sales entry is an order that in
// addition brings its tickets and the payment that was applied to it.
type Keys struct {
	Events   []catalog.EventID
	Places   []PlaceRef
	Holds    []HoldID
	Orders   []OrderID
	Sales    []OrderID
	Answers  []AnswerRef
	Buyers   []BuyerRef
	Payments []PaymentRef
	Notices  []NoticeRef
	Refunds  []RefundRef
	Returns  []PaymentRef // the payment with all of its refunds
	Tickets  []PlaceRef   // the ticket of the place that is not void
	Vouchers []VoucherRef
}

// Add merges other into k.
func (k *Keys) Add(other *Keys) {
	k.Events = append(k.Events, other.Events...)
	k.Places = append(k.Places, other.Places...)
	k.Holds = append(k.Holds, other.Holds...)
	k.Orders = append(k.Orders, other.Orders...)
	k.Sales = append(k.Sales, other.Sales...)
	k.Answers = append(k.Answers, other.Answers...)
	k.Buyers = append(k.Buyers, other.Buyers...)
	k.Payments = append(k.Payments, other.Payments...)
	k.Notices = append(k.Notices, other.Notices...)
	k.Refunds = append(k.Refunds, other.Refunds...)
	k.Returns = append(k.Returns, other.Returns...)
	k.Tickets = append(k.Tickets, other.Tickets...)
	k.Vouchers = append(k.Vouchers, other.Vouchers...)
}

// Reset empties k and keeps its memory.
func (k *Keys) Reset() {
	k.Events, k.Places, k.Holds = k.Events[:0], k.Places[:0], k.Holds[:0]
	k.Orders, k.Sales, k.Answers = k.Orders[:0], k.Sales[:0], k.Answers[:0]
	k.Buyers, k.Payments, k.Notices = k.Buyers[:0], k.Payments[:0], k.Notices[:0]
	k.Refunds, k.Returns, k.Tickets = k.Refunds[:0], k.Returns[:0], k.Tickets[:0]
	k.Vouchers = k.Vouchers[:0]
}

// Book is the working set of one batch: the rows that its commands named, as the commands before in
// the batch have left them. It is used by one goroutine. A ledger fills it (Load methods), commands
// decide on it (Try), and the ledger writes what changed (Changed iterators).
type Book struct {
	now      time.Time
	events   table[catalog.EventID, Sale]
	places   table[PlaceRef, Place]
	holds    table[HoldID, Hold]
	orders   table[OrderID, Order]
	answers  table[AnswerRef, Answer]
	buyers   table[BuyerRef, int]
	payments table[PaymentRef, Payment]
	notices  table[NoticeRef, Notice]
	refunds  table[RefundRef, Refund]
	tickets  table[TicketRef, Ticket]
	vouchers table[VoucherRef, Voucher]
	facts    []fact.Fact
	kept     int // facts of the commands that have succeeded
	entries  []Entry

	keptEntries int
	doubted     bool
}

// TicketRef names a ticket by the grant that it came from.
type TicketRef struct {
	Event catalog.EventID
	Place catalog.PlaceNo
	Fence uint32
}

// NewBook makes an empty working set at the ledger's time; size is a hint of how many commands.
func NewBook(now time.Time, size int) *Book {
	return &Book{
		now:      now,
		events:   newTable[catalog.EventID, Sale](1),
		places:   newTable[PlaceRef, Place](2 * size),
		holds:    newTable[HoldID, Hold](size),
		orders:   newTable[OrderID, Order](size),
		answers:  newTable[AnswerRef, Answer](size),
		buyers:   newTable[BuyerRef, int](size),
		payments: newTable[PaymentRef, Payment](size),
		notices:  newTable[NoticeRef, Notice](size),
		refunds:  newTable[RefundRef, Refund](0),
		tickets:  newTable[TicketRef, Ticket](size),
		vouchers: newTable[VoucherRef, Voucher](0),
	}
}

// Now is the ledger's time, the one clock that decides about expiry.
func (b *Book) Now() time.Time { return b.now }

// Try runs the decision of one command. If it says no, nothing of it stays in the book.
func (b *Book) Try(decide func(*Book) error) error {
	err := decide(b)
	if err != nil {
		b.rollback()
		return err
	}
	b.keep()
	return nil
}

func (b *Book) keep() {
	b.events.keep()
	b.places.keep()
	b.holds.keep()
	b.orders.keep()
	b.answers.keep()
	b.buyers.keep()
	b.payments.keep()
	b.notices.keep()
	b.refunds.keep()
	b.tickets.keep()
	b.vouchers.keep()
	b.kept, b.keptEntries = len(b.facts), len(b.entries)
}

func (b *Book) rollback() {
	b.events.rollback()
	b.places.rollback()
	b.holds.rollback()
	b.orders.rollback()
	b.answers.rollback()
	b.buyers.rollback()
	b.payments.rollback()
	b.notices.rollback()
	b.refunds.rollback()
	b.tickets.rollback()
	b.vouchers.rollback()
	b.facts, b.entries = b.facts[:b.kept], b.entries[:b.keptEntries]
}

// doubt says that a refusal rests on rows that the command hasn't named to be read anew, such as
// the lines of a hold: somebody else may have changed them since.
func (b *Book) doubt() { b.doubted = true }

// Doubted tells whether a command was refused for what may be old. A ledger that has loaded rows
// from memory, or without locks, reads them again and decides once more.
func (b *Book) Doubted() bool { return b.doubted }

func (b *Book) record(f fact.Fact) {
	f.At = b.now
	b.facts = append(b.facts, f)
}

// answered finds the answer that was given to the same request before.
func (b *Book) answered(ref AnswerRef, request Fingerprint) (Answer, bool, error) {
	if ref == (AnswerRef{}) {
		return Answer{}, false, nil
	}
	a, ok := b.answers.get(ref)
	if ok && a.Request != request {
		return Answer{}, false, ErrKeyReused
	}
	return a, ok, nil
}

func (b *Book) answer(ref AnswerRef, a Answer) {
	if ref != (AnswerRef{}) {
		b.answers.put(ref, a)
	}
}

// release frees those of the lines' places that are still granted to holder, and tells which.
func (b *Book) release(event catalog.EventID, holder ident.Key, lines []Line) []catalog.PlaceNo {
	freed := make([]catalog.PlaceNo, 0, len(lines))
	for _, l := range lines {
		ref := PlaceRef{event, l.Place}
		p, ok := b.places.get(ref)
		if !ok {
			continue
		}
		// A place whose grant was lost in between belongs to somebody else: it is left alone.
		if p, err := p.Release(holder, l.Fence); err == nil {
			b.places.put(ref, p)
			freed = append(freed, l.Place)
		}
	}
	return freed
}

func linePlaces(lines []Line) []catalog.PlaceNo {
	places := make([]catalog.PlaceNo, len(lines))
	for i, l := range lines {
		places[i] = l.Place
	}
	return places
}

func linesTotal(lines []Line, currency money.Currency) (money.Money, error) {
	var sum money.Money
	for _, l := range lines {
		m, err := money.New(l.Price, currency)
		if err != nil {
			return sum, err
		}
		if sum, err = sum.Add(m); err != nil {
			return sum, err
		}
	}
	return money.New(sum.Minor(), currency) // a sum beyond the bound couldn't be read back
}

// Facts are what the successful commands of the batch recorded, in order.
func (b *Book) Facts() []fact.Fact { return b.facts[:b.kept] }

// ChangedEvents, and its siblings below, are the rows to write, in order of their first change.
func (b *Book) ChangedEvents() iter.Seq[Change[catalog.EventID, Sale]] { return b.events.changes }

// ChangedPlaces are the place rows to write.
func (b *Book) ChangedPlaces() iter.Seq[Change[PlaceRef, Place]] { return b.places.changes }

// ChangedHolds are the hold rows to write.
func (b *Book) ChangedHolds() iter.Seq[Change[HoldID, Hold]] { return b.holds.changes }

// ChangedOrders are the order rows to write.
func (b *Book) ChangedOrders() iter.Seq[Change[OrderID, Order]] { return b.orders.changes }

// ChangedAnswers are the idempotency rows to write.
func (b *Book) ChangedAnswers() iter.Seq[Change[AnswerRef, Answer]] { return b.answers.changes }

// ChangedBuyers are the counts per buyer to write.
func (b *Book) ChangedBuyers() iter.Seq[Change[BuyerRef, int]] { return b.buyers.changes }

// ChangedPayments are the payment rows to write.
func (b *Book) ChangedPayments() iter.Seq[Change[PaymentRef, Payment]] { return b.payments.changes }

// ChangedNotices are the gateway messages that were applied or kept.
func (b *Book) ChangedNotices() iter.Seq[Change[NoticeRef, Notice]] { return b.notices.changes }

// ChangedRefunds are the refund rows to write.
func (b *Book) ChangedRefunds() iter.Seq[Change[RefundRef, Refund]] { return b.refunds.changes }

// ChangedTickets are the ticket rows to write.
func (b *Book) ChangedTickets() iter.Seq[Change[TicketRef, Ticket]] { return b.tickets.changes }
