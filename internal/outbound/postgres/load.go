package postgres

import (
	"time"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

// loaded is what one load has brought. The ledger's time comes last, when all locks are held, and a
// book can't be made without it: so the rows wait here.
type loaded struct {
	now      time.Time
	events   []eventSale
	holds    []booking.Hold
	orders   []booking.Order
	places   []placeRow
	buyers   []buyerRow
	tickets  []booking.Ticket
	payments []booking.Payment
	refunds  []booking.Refund
	notices  []noticeRow
	answers  []answerRow
	vouchers []booking.Voucher
}

type eventSale struct {
	id   catalog.EventID
	sale booking.Sale
}

type placeRow struct {
	ref   booking.PlaceRef
	place booking.Place
}

type buyerRow struct {
	ref    booking.BuyerRef
	places int
}

type noticeRow struct {
	ref    booking.NoticeRef
	notice booking.Notice
}

type answerRow struct {
	ref    booking.AnswerRef
	answer booking.Answer
}

func (l *loaded) reset() {
	*l = loaded{events: l.events[:0], holds: l.holds[:0], orders: l.orders[:0],
		places: l.places[:0], buyers: l.buyers[:0], tickets: l.tickets[:0],
		payments: l.payments[:0], refunds: l.refunds[:0], notices: l.notices[:0],
		answers: l.answers[:0], vouchers: l.vouchers[:0]}
}

// book is the working set with everything that was loaded. What was asked for and isn't there
// doesn't exist.
func (l *loaded) book(size int) *booking.Book {
	b := booking.NewBook(l.now, size)
	for i := range l.events {
		b.LoadEvent(l.events[i].id, l.events[i].sale)
	}
	for i := range l.holds {
		b.LoadHold(l.holds[i])
	}
	for i := range l.orders {
		b.LoadOrder(l.orders[i])
	}
	for i := range l.places {
		b.LoadPlace(l.places[i].ref, l.places[i].place)
	}
	for i := range l.buyers {
		b.LoadBuyer(l.buyers[i].ref, l.buyers[i].places)
	}
	for i := range l.tickets {
		b.LoadTicket(l.tickets[i])
	}
	for i := range l.payments {
		b.LoadPayment(l.payments[i])
	}
	for i := range l.refunds {
		b.LoadRefund(l.refunds[i])
	}
	for i := range l.notices {
		b.LoadNotice(l.notices[i].ref, l.notices[i].notice)
	}
	for i := range l.vouchers {
		b.LoadVoucher(l.vouchers[i])
	}
	for i := range l.answers {
		b.LoadAnswer(l.answers[i].ref, l.answers[i].answer)
	}
	return b
}

// ask queues the statements that load and lock the rows that keys name and what they bring along.
// A statement whose keys are none isn't sent.
func (b *batch) ask(p *pipe, keys *booking.Keys, clock func() time.Time) {
	if b.locking {
		p.send(&stmtBegin, nil, nil)
	}
	b.askEvents(p, keys.Events)
	b.askHolds(p, keys.Holds)
	b.askOrders(p, keys)
	b.askPlaces(p, keys)
	b.askBuyers(p, keys)
	b.askVouchers(p, keys)
	b.askTickets(p, keys)
	b.askPayments(p, keys)
	b.askRefunds(p, keys)
	b.askNotices(p, keys.Notices)
	b.askAnswers(p, keys.Answers)
	if clock == nil {
		p.send(&stmtClock, nil, func(r row) error {
			b.loaded.now = r.time(0)
			return nil
		})
	}
}

func (b *batch) askEvents(p *pipe, ids []catalog.EventID) {
	if len(ids) == 0 {
		return
	}
	c, cols := b.columns(&stmtEvents)
	var last catalog.EventID
	for _, id := range ids {
		if id != last { // nearly all batches are of one event
			cols[0].int(int64(id))
			last = id
		}
	}
	p.send(&stmtEvents, c, func(r row) error {
		b.loaded.events = append(b.loaded.events, eventSale{r.event(0), scanSale(r)})
		return nil
	})
}

func (b *batch) askHolds(p *pipe, ids []booking.HoldID) {
	if len(ids) == 0 {
		return
	}
	c, cols := b.columns(&stmtHolds)
	addHolds(cols, ids)
	p.fetch(b.locking, &stmtHolds, c, func(r row) error {
		h, err := scanHold(r)
		b.loaded.holds = append(b.loaded.holds, h)
		return err
	})
}

func addHolds(cols []column, ids []booking.HoldID) {
	for i := range ids {
		cols[0].int(int64(ids[i].Event))
		cols[1].raw(ids[i].Key[:])
	}
}

func addOrders(cols []column, ids []booking.OrderID) {
	for i := range ids {
		cols[0].int(int64(ids[i].Event))
		cols[1].raw(ids[i].Key[:])
	}
}

func addPlaces(cols []column, refs []booking.PlaceRef) {
	for i := range refs {
		cols[0].int(int64(refs[i].Event))
		cols[1].int(int64(refs[i].Place))
	}
}

func (b *batch) askOrders(p *pipe, keys *booking.Keys) {
	if len(keys.Orders)+len(keys.Sales) == 0 {
		return
	}
	c, cols := b.columns(&stmtOrders)
	addOrders(cols, keys.Orders)
	addOrders(cols, keys.Sales)
	p.fetch(b.locking, &stmtOrders, c, func(r row) error {
		o, err := scanOrder(r)
		b.loaded.orders = append(b.loaded.orders, o)
		return err
	})
}

func (b *batch) askPlaces(p *pipe, keys *booking.Keys) {
	if len(keys.Places)+len(keys.Holds)+len(keys.Orders)+len(keys.Sales) == 0 {
		return
	}
	c, cols := b.columns(&stmtPlaces)
	addPlaces(cols[0:], keys.Places)
	addHolds(cols[2:], keys.Holds)
	addOrders(cols[4:], keys.Orders)
	addOrders(cols[4:], keys.Sales)
	p.fetch(b.locking, &stmtPlaces, c, func(r row) error {
		ref, place := scanPlace(r)
		b.loaded.places = append(b.loaded.places, placeRow{ref, place})
		return nil
	})
}

func (b *batch) askBuyers(p *pipe, keys *booking.Keys) {
	if len(keys.Buyers)+len(keys.Orders)+len(keys.Sales) == 0 {
		return
	}
	c, cols := b.columns(&stmtBuyers)
	for i := range keys.Buyers {
		cols[0].int(int64(keys.Buyers[i].Event))
		cols[1].raw(keys.Buyers[i].Buyer[:])
	}
	addOrders(cols[2:], keys.Orders)
	addOrders(cols[2:], keys.Sales)
	p.fetch(b.locking, &stmtBuyers, c, func(r row) error {
		ref := booking.BuyerRef{Event: r.event(0), Buyer: r.fingerprint(1)}
		b.loaded.buyers = append(b.loaded.buyers, buyerRow{ref, int(r.int(2))})
		return nil
	})
}

func (b *batch) askTickets(p *pipe, keys *booking.Keys) {
	if len(keys.Tickets)+len(keys.Sales) == 0 {
		return
	}
	c, cols := b.columns(&stmtTickets)
	addPlaces(cols[0:], keys.Tickets)
	addOrders(cols[2:], keys.Sales)
	p.fetch(b.locking, &stmtTickets, c, func(r row) error {
		b.loaded.tickets = append(b.loaded.tickets, scanTicket(r))
		return nil
	})
}

func (b *batch) askPayments(p *pipe, keys *booking.Keys) {
	if len(keys.Payments)+len(keys.Returns)+len(keys.Sales) == 0 {
		return
	}
	c, cols := b.columns(&stmtPayments)
	addPayments(cols, keys.Payments)
	addPayments(cols, keys.Returns)
	addOrders(cols[3:], keys.Sales)
	p.fetch(b.locking, &stmtPayments, c, func(r row) error {
		payment, err := scanPayment(r)
		b.loaded.payments = append(b.loaded.payments, payment)
		return err
	})
}

func addPayments(cols []column, refs []booking.PaymentRef) {
	for i := range refs {
		cols[0].int(int64(refs[i].Event))
		cols[1].text(refs[i].Provider)
		cols[2].text(refs[i].Transaction)
	}
}

// askRefunds asks for refunds by name, and for all of some payments.
func (b *batch) askRefunds(p *pipe, keys *booking.Keys) {
	if len(keys.Refunds)+len(keys.Returns) == 0 {
		return
	}
	c, cols := b.columns(&stmtRefunds)
	for i := range keys.Refunds {
		cols[0].int(int64(keys.Refunds[i].Event))
		cols[1].text(keys.Refunds[i].Key)
	}
	addPayments(cols[2:], keys.Returns)
	p.fetch(b.locking, &stmtRefunds, c, func(r row) error {
		refund, err := scanRefund(r)
		b.loaded.refunds = append(b.loaded.refunds, refund)
		return err
	})
}

func (b *batch) askNotices(p *pipe, refs []booking.NoticeRef) {
	if len(refs) == 0 {
		return
	}
	c, cols := b.columns(&stmtNotices)
	for i := range refs {
		cols[0].int(int64(refs[i].Event))
		cols[1].text(refs[i].Provider)
		cols[2].text(refs[i].Notice)
	}
	p.send(&stmtNotices, c, func(r row) error {
		ref, notice := scanNotice(r)
		b.loaded.notices = append(b.loaded.notices, noticeRow{ref, notice})
		return nil
	})
}

func (b *batch) askAnswers(p *pipe, refs []booking.AnswerRef) {
	if len(refs) == 0 {
		return
	}
	c, cols := b.columns(&stmtAnswers)
	for i := range refs {
		cols[0].int(int64(refs[i].Event))
		cols[1].raw(refs[i].Key[:])
	}
	p.send(&stmtAnswers, c, func(r row) error {
		ref := booking.AnswerRef{Event: r.event(0), Key: r.fingerprint(1)}
		b.loaded.answers = append(b.loaded.answers, answerRow{ref, scanAnswer(r)})
		return nil
	})
}

func scanAnswer(r row) booking.Answer {
	return booking.Answer{Request: r.fingerprint(2), Subject: r.key(3), Until: r.time(4)}
}
