package booking

import "ticketflow/internal/domain/catalog"

// Name* tell a ledger whether a row is wanted for the first time in this batch, so that two
// commands that name the same row load it once. Load* put what the ledger holds into the book. A
// row that was named and not loaded doesn't exist.

// NameEvent asks for an event's sale.
func (b *Book) NameEvent(id catalog.EventID) bool { return b.events.name(id) }

// NamePlace asks for a place.
func (b *Book) NamePlace(ref PlaceRef) bool { return b.places.name(ref) }

// NameHold asks for a hold.
func (b *Book) NameHold(id HoldID) bool { return b.holds.name(id) }

// NameOrder asks for an order.
func (b *Book) NameOrder(id OrderID) bool { return b.orders.name(id) }

// NameAnswer asks for an idempotency row.
func (b *Book) NameAnswer(ref AnswerRef) bool { return b.answers.name(ref) }

// NameBuyer asks for the count of a buyer's places.
func (b *Book) NameBuyer(ref BuyerRef) bool { return b.buyers.name(ref) }

// NamePayment asks for a payment.
func (b *Book) NamePayment(ref PaymentRef) bool { return b.payments.name(ref) }

// NameNotice asks for a gateway message.
func (b *Book) NameNotice(ref NoticeRef) bool { return b.notices.name(ref) }

// NameRefund asks for a refund.
func (b *Book) NameRefund(ref RefundRef) bool { return b.refunds.name(ref) }

// LoadEvent puts an event's sale into the book.
func (b *Book) LoadEvent(id catalog.EventID, s Sale) { b.events.load(id, s) }

// LoadPlace puts a place into the book.
func (b *Book) LoadPlace(ref PlaceRef, p Place) { b.places.load(ref, p) }

// LoadHold puts a hold into the book.
func (b *Book) LoadHold(h Hold) { b.holds.load(h.ID, h) }

// LoadOrder puts an order into the book.
func (b *Book) LoadOrder(o Order) { b.orders.load(o.ID, o) }

// LoadAnswer puts an idempotency row into the book.
func (b *Book) LoadAnswer(ref AnswerRef, a Answer) { b.answers.load(ref, a) }

// LoadBuyer puts the count of a buyer's places into the book.
func (b *Book) LoadBuyer(ref BuyerRef, places int) { b.buyers.load(ref, places) }

// LoadPayment puts a payment into the book.
func (b *Book) LoadPayment(p Payment) { b.payments.load(p.Ref, p) }

// LoadNotice puts a gateway message that was stored into the book.
func (b *Book) LoadNotice(ref NoticeRef, n Notice) { b.notices.load(ref, n) }

// LoadRefund puts a refund into the book.
func (b *Book) LoadRefund(r Refund) { b.refunds.load(r.Ref, r) }

// LoadTicket puts a ticket that is not void into the book.
func (b *Book) LoadTicket(t Ticket) {
	b.tickets.load(TicketRef{t.ID.Event, t.ID.Place, t.ID.Fence}, t)
}
