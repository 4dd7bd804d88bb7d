package postgres

import (
	"cmp"
	"slices"

	"ticketflow/internal/app/outbox"
	"ticketflow/internal/app/planfile"
	"ticketflow/internal/domain/booking"
)

// save queues the statements that write what the batch has changed, one for each table and kind of
// change, and tells whether there are any. A row that isn't as it was read fails the whole batch.
// The tables come as they are locked when they are read (ask): two batches would else wait for each
// other.
func (b *batch) save(p *pipe, book *booking.Book) (changed bool) {
	b.saveEvents(p, book)
	b.saveHolds(p, book)
	b.saveOrders(p, book)
	b.savePlaces(p, book)
	b.saveBuyers(p, book)
	b.saveVouchers(p, book)
	b.saveTickets(p, book)
	b.savePayments(p, book)
	b.saveRefunds(p, book)
	b.saveNotices(p, book)
	b.saveAnswers(p, book)
	b.saveEntries(p, book)
	b.saveFacts(p, book) // last: a position that is given is not taken back by a failure
	return len(p.sent) > 0
}

// write queues a statement if it has any rows.
func (p *pipe) write(s *statement, c *columns) {
	if c.rows() > 0 {
		p.send(s, c, nil)
	}
}

func (b *batch) saveEvents(p *pipe, book *booking.Book) {
	set, cols := b.columns(&stmtSetEvents)
	for c := range book.ChangedEvents() {
		cols[0].int(int64(c.Key))
		cols[1].int(int64(c.Value.Status))
		cols[2].int(c.Loaded.Revision)
		cols[3].int(int64(c.Loaded.Status))
	}
	p.write(&stmtSetEvents, set)
}

func (b *batch) savePlaces(p *pipe, book *booking.Book) {
	set, cols := b.columns(&stmtSetPlaces)
	// Two instances that write the same places must come to them in the same order.
	b.places = slices.AppendSeq(b.places[:0], book.ChangedPlaces())
	slices.SortFunc(b.places, func(x, y placeChange) int {
		return cmp.Or(cmp.Compare(x.Key.Event, y.Key.Event), cmp.Compare(x.Key.Place, y.Key.Place))
	})
	for _, c := range b.places {
		cols[0].int(int64(c.Key.Event))
		cols[1].int(int64(c.Key.Place))
		cols[2].int(int64(c.Value.State))
		cols[3].key(c.Value.Holder)
		cols[4].int(int64(c.Value.Fence))
		cols[5].time(c.Value.Until)
		cols[6].int(int64(c.Loaded.Fence))
		cols[7].int(int64(c.Loaded.State))
		cols[8].time(c.Loaded.Until)
	}
	p.write(&stmtSetPlaces, set)
}

func (b *batch) saveHolds(p *pipe, book *booking.Book) {
	set, change := b.columns(&stmtSetHolds)
	amend, amended := b.columns(&stmtAmendHolds)
	add, fresh := b.columns(&stmtAddHolds)
	for c := range book.ChangedHolds() {
		h := &c.Value
		if !c.Insert {
			change[0].int(int64(h.ID.Event))
			change[1].raw(h.ID.Key[:])
			change[2].int(int64(h.State))
			change[3].time(h.ExpiresAt)
			change[4].int(int64(h.Extensions))
			change[5].key(h.Order)
			change[6].int(int64(c.Loaded.State))
			change[7].int(int64(c.Loaded.Extensions))
			change[8].int(int64(c.Loaded.Amendments))
			if h.Amendments != c.Loaded.Amendments {
				b.scratch = appendLines(b.scratch[:0], h.Lines)
				amended[0].int(int64(h.ID.Event))
				amended[1].raw(h.ID.Key[:])
				amended[2].int(int64(h.Amendments))
				amended[3].raw(b.scratch)
				amended[4].int(h.Total.Minor())
				amended[5].text(planfile.EncodeCharges(h.Charges))
				amended[6].int(int64(c.Loaded.Amendments))
			}
			continue
		}
		b.scratch = appendLines(b.scratch[:0], h.Lines)
		fresh[0].int(int64(h.ID.Event))
		fresh[1].raw(h.ID.Key[:])
		fresh[2].int(int64(h.State))
		fresh[3].time(h.CreatedAt)
		fresh[4].time(h.ExpiresAt)
		fresh[5].int(int64(h.Extensions))
		fresh[6].int(h.Total.Minor())
		fresh[7].text(h.Total.Currency().String())
		fresh[8].raw(b.scratch)
		fresh[9].key(h.Order)
		fresh[10].text(planfile.EncodeCharges(h.Charges))
		fresh[11].int(int64(h.Amendments))
	}
	p.write(&stmtSetHolds, set)
	p.write(&stmtAmendHolds, amend)
	p.write(&stmtAddHolds, add)
}

func (b *batch) saveOrders(p *pipe, book *booking.Book) {
	set, change := b.columns(&stmtSetOrders)
	pay, paid := b.columns(&stmtPayOrders)
	add, fresh := b.columns(&stmtAddOrders)
	for c := range book.ChangedOrders() {
		o := &c.Value
		if !c.Insert && c.Loaded.State == booking.AwaitingPayment &&
			slices.Equal(o.Lines, c.Loaded.Lines) {
			paid[0].int(int64(o.ID.Event))
			paid[1].raw(o.ID.Key[:])
			paid[2].int(int64(o.State))
			paid[3].time(o.PaidAt)
			paid[4].text(o.Provider)
			paid[5].text(o.Transaction)
			paid[6].int(int64(o.Declined))
			paid[7].int(int64(c.Loaded.State))
			paid[8].int(int64(c.Loaded.Declined))
			continue
		}
		b.scratch = appendLines(b.scratch[:0], o.Lines)
		if !c.Insert {
			change[0].int(int64(o.ID.Event))
			change[1].raw(o.ID.Key[:])
			change[2].int(int64(o.State))
			change[3].time(o.PaidAt)
			change[4].raw(b.scratch)
			change[5].text(o.Provider)
			change[6].text(o.Transaction)
			change[7].int(int64(o.Declined))
			change[8].int(int64(c.Loaded.State))
			change[9].int(int64(c.Loaded.Declined))
			b.scratch = appendLines(b.scratch[:0], c.Loaded.Lines)
			change[10].raw(b.scratch)
			continue
		}
		fresh[0].int(int64(o.ID.Event))
		fresh[1].raw(o.ID.Key[:])
		fresh[2].raw(o.Hold[:])
		fresh[3].int(int64(o.State))
		fresh[4].time(o.PlacedAt)
		fresh[5].time(o.ExpiresAt)
		fresh[6].time(o.PaidAt)
		fresh[7].int(o.Total.Minor())
		fresh[8].text(o.Total.Currency().String())
		fresh[9].raw(b.scratch)
		fresh[10].text(o.Buyer.Name)
		fresh[11].text(o.Buyer.Email)
		fresh[12].raw(o.BuyerHash[:])
		fresh[13].text(o.ReturnURL)
		fresh[14].text(o.Provider)
		fresh[15].text(o.Transaction)
		fresh[16].int(int64(o.Declined))
		fresh[17].text(planfile.EncodeCharges(o.Charges))
		fresh[18].text(o.Voucher)
		fresh[19].text(o.Buyer.Language)
	}
	p.write(&stmtPayOrders, pay)
	p.write(&stmtSetOrders, set)
	p.write(&stmtAddOrders, add)
}

func (b *batch) saveTickets(p *pipe, book *booking.Book) {
	set, change := b.columns(&stmtSetTickets)
	add, fresh := b.columns(&stmtAddTickets)
	for c := range book.ChangedTickets() {
		t := &c.Value
		voided := int64(0)
		if !t.State.Living() { // an order can be paid and cancelled in one batch
			voided = int64(t.ID.Fence)
		}
		if !c.Insert {
			change[0].int(int64(t.ID.Event))
			change[1].int(int64(t.ID.Place))
			change[2].int(int64(t.ID.Fence))
			change[3].int(voided)
			change[4].int(int64(t.State))
			change[5].time(t.UsedAt)
			change[6].text(t.Gate)
			change[7].int(int64(c.Loaded.State))
			continue
		}
		fresh[0].int(int64(t.ID.Event))
		fresh[1].int(int64(t.ID.Place))
		fresh[2].int(voided)
		fresh[3].int(int64(t.ID.Fence))
		fresh[4].raw(t.ID.Secret[:])
		fresh[5].raw(t.Order[:])
		fresh[6].int(int64(t.State))
		fresh[7].time(t.UsedAt)
		fresh[8].text(t.Gate)
		fresh[9].int(int64(t.Transfers))
		fresh[10].text(t.Holder.Name)
		fresh[11].text(t.Holder.Email)
		fresh[12].text(t.Holder.Language)
	}
	p.write(&stmtSetTickets, set)
	p.write(&stmtAddTickets, add)
}

func (b *batch) savePayments(p *pipe, book *booking.Book) {
	set, change := b.columns(&stmtSetPayments)
	add, fresh := b.columns(&stmtAddPayments)
	for c := range book.ChangedPayments() {
		m := &c.Value
		if !c.Insert {
			change[0].int(int64(m.Ref.Event))
			change[1].text(m.Ref.Provider)
			change[2].text(m.Ref.Transaction)
			change[3].int(m.Refunded.Minor())
			change[4].int(int64(m.Use))
			change[5].int(c.Loaded.Refunded.Minor())
			change[6].int(int64(c.Loaded.Use))
			continue
		}
		fresh[0].int(int64(m.Ref.Event))
		fresh[1].text(m.Ref.Provider)
		fresh[2].text(m.Ref.Transaction)
		fresh[3].raw(m.Order[:])
		fresh[4].int(m.Amount.Minor())
		fresh[5].text(m.Amount.Currency().String())
		fresh[6].time(m.CapturedAt)
		fresh[7].int(int64(m.Use))
		fresh[8].int(m.Refunded.Minor())
		fresh[9].text(m.Attempt)
	}
	p.write(&stmtSetPayments, set)
	p.write(&stmtAddPayments, add)
}

func (b *batch) saveRefunds(p *pipe, book *booking.Book) {
	set, change := b.columns(&stmtSetRefunds)
	add, fresh := b.columns(&stmtAddRefunds)
	for c := range book.ChangedRefunds() {
		r := &c.Value
		if !c.Insert {
			change[0].int(int64(r.Ref.Event))
			change[1].text(r.Ref.Key)
			change[2].int(r.Amount.Minor())
			change[3].int(int64(r.State))
			change[4].time(r.DoneAt)
			change[5].text(r.GatewayRef)
			change[6].int(int64(r.Retries))
			change[7].int(c.Loaded.Amount.Minor())
			change[8].int(int64(c.Loaded.State))
			change[9].int(int64(c.Loaded.Retries))
			continue
		}
		fresh[0].int(int64(r.Ref.Event))
		fresh[1].text(r.Ref.Key)
		fresh[2].text(r.Payment.Provider)
		fresh[3].text(r.Payment.Transaction)
		fresh[4].raw(r.Order[:])
		fresh[5].int(r.Amount.Minor())
		fresh[6].text(r.Amount.Currency().String())
		fresh[7].text(string(r.Reason))
		fresh[8].int(int64(r.State))
		fresh[9].time(r.RequestedAt)
		fresh[10].time(r.DoneAt)
		fresh[11].text(r.GatewayRef)
		fresh[12].int(int64(r.Retries))
		fresh[13].text(planfile.EncodePlaces(r.Places))
	}
	p.write(&stmtSetRefunds, set)
	p.write(&stmtAddRefunds, add)
}

func (b *batch) saveAnswers(p *pipe, book *booking.Book) {
	add, fresh := b.columns(&stmtAddAnswers)
	for c := range book.ChangedAnswers() {
		fresh[0].int(int64(c.Key.Event))
		fresh[1].raw(c.Key.Key[:])
		fresh[2].raw(c.Value.Request[:])
		fresh[3].raw(c.Value.Subject[:])
		fresh[4].time(c.Value.Until)
		fresh[5].time(book.Now())
	}
	p.write(&stmtAddAnswers, add)
}

func (b *batch) saveBuyers(p *pipe, book *booking.Book) {
	set, change := b.columns(&stmtSetBuyers)
	add, fresh := b.columns(&stmtAddBuyers)
	for c := range book.ChangedBuyers() {
		cols := fresh
		if !c.Insert {
			cols = change
			change[3].int(int64(c.Loaded))
		}
		cols[0].int(int64(c.Key.Event))
		cols[1].raw(c.Key.Buyer[:])
		cols[2].int(int64(c.Value))
	}
	p.write(&stmtSetBuyers, set)
	p.write(&stmtAddBuyers, add)
}

func (b *batch) saveNotices(p *pipe, book *booking.Book) {
	set, change := b.columns(&stmtSetNotices)
	add, fresh := b.columns(&stmtAddNotices)
	for c := range book.ChangedNotices() {
		n := &c.Value
		cols := fresh
		if !c.Insert {
			cols = change
			change[4].text(n.Why)
			change[5].int(int64(c.Loaded.State))
		} else {
			fresh[4].time(n.At)
			fresh[5].text(n.Payload)
			fresh[6].text(n.Why)
		}
		cols[0].int(int64(c.Key.Event))
		cols[1].text(c.Key.Provider)
		cols[2].text(c.Key.Notice)
		cols[3].int(int64(n.State))
	}
	p.write(&stmtSetNotices, set)
	p.write(&stmtAddNotices, add)
}

func (b *batch) saveEntries(p *pipe, book *booking.Book) {
	add, fresh := b.columns(&stmtAddEntries)
	for _, e := range book.Entries() {
		fresh[0].int(int64(e.Event))
		fresh[1].text(string(e.Kind))
		fresh[2].time(e.At)
		fresh[3].raw(e.Order[:])
		fresh[4].text(e.Provider)
		fresh[5].text(e.Ref)
		fresh[6].text(e.Currency.String())
		for i, minor := range [...]int64{e.Clearing, e.Receivable, e.Revenue, e.Fees, e.Tax,
			e.Refunds, e.Chargebacks} {
			fresh[7+i].int(minor)
		}
	}
	p.write(&stmtAddEntries, add)
}

func (b *batch) saveFacts(p *pipe, book *booking.Book) {
	add, fresh := b.columns(&stmtAddFacts)
	for _, f := range book.Facts() {
		b.scratch = outbox.AppendBody(b.scratch[:0], f)
		fresh[0].int(int64(f.Event))
		fresh[1].text(string(f.Kind))
		fresh[2].time(f.At)
		fresh[3].raw(b.scratch)
	}
	p.write(&stmtAddFacts, add)
}
