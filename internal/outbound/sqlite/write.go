package sqlite

import (
	"ticketflow/internal/app/outbox"
	"ticketflow/internal/app/planfile"
	"ticketflow/internal/domain/booking"
)

// save writes what the batch has changed. A row that isn't as it was read fails the whole batch.
func (w *writer) save(b *booking.Book) error {
	for _, step := range []func(*booking.Book) error{
		w.saveEvents, w.savePlaces, w.saveHolds, w.saveOrders, w.saveTickets, w.savePayments,
		w.saveRefunds, w.saveVouchers, w.saveGuards, w.saveEntries, w.saveFacts,
	} {
		if err := step(b); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) saveEvents(b *booking.Book) error {
	for c := range b.ChangedEvents() {
		row := bind(w.setEvent).int(int64(c.Value.Status)).int(int64(c.Key)).
			int(c.Loaded.Revision).int(int64(c.Loaded.Status))
		if err := w.update(row); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) savePlaces(b *booking.Book) error {
	for c := range b.ChangedPlaces() {
		p := c.Value
		row := bind(w.setPlace).int(int64(p.State)).key(p.Holder).int(int64(p.Fence)).
			time(p.Until).int(placeKey(c.Key)).
			int(int64(c.Loaded.Fence)).int(int64(c.Loaded.State)).time(c.Loaded.Until)
		if err := w.update(row); err != nil {
			return err
		}
	}
	return nil
}

// update runs a conditional write that must find its row.
func (w *writer) update(row *binder) error {
	if err := row.run(); err != nil {
		return err
	}
	return w.changedOne()
}

func (w *writer) saveHolds(b *booking.Book) error {
	for c := range b.ChangedHolds() {
		h := c.Value
		if !c.Insert {
			if err := w.saveHold(&h, &c.Loaded); err != nil {
				return err
			}
			continue
		}
		w.scratch = appendLines(w.scratch[:0], h.Lines)
		err := bind(w.addHold).int(h.ID.Key.Serial()).int(int64(h.ID.Event)).
			bytes(h.ID.Key[:]).int(int64(h.State)).
			time(h.CreatedAt).time(h.ExpiresAt).int(int64(h.Extensions)).int(h.Total.Minor()).
			text(h.Total.Currency().String()).text(string(w.scratch)).key(h.Order).
			text(planfile.EncodeCharges(h.Charges)).int(int64(h.Amendments)).run()
		if err != nil {
			return err
		}
	}
	return nil
}

// saveHold writes a hold that there is already. Few are amended: what only that changes is written
// by itself.
func (w *writer) saveHold(h, loaded *booking.Hold) error {
	row := bind(w.setHold).int(int64(h.State)).time(h.ExpiresAt).int(int64(h.Extensions)).
		key(h.Order).int(h.ID.Key.Serial()).int(int64(loaded.State)).
		int(int64(loaded.Extensions)).int(int64(loaded.Amendments))
	if err := w.update(row); err != nil || h.Amendments == loaded.Amendments {
		return err
	}
	w.scratch = appendLines(w.scratch[:0], h.Lines)
	return w.update(bind(w.amendHold).int(int64(h.Amendments)).text(string(w.scratch)).
		int(h.Total.Minor()).text(planfile.EncodeCharges(h.Charges)).
		int(h.ID.Key.Serial()).int(int64(loaded.Amendments)))
}

func (w *writer) saveOrders(b *booking.Book) error {
	for c := range b.ChangedOrders() {
		o := c.Value
		w.scratch = appendLines(w.scratch[:0], o.Lines)
		if !c.Insert {
			row := bind(w.setOrder).int(int64(o.State)).time(o.PaidAt).text(string(w.scratch)).
				text(o.Provider).text(o.Transaction).int(int64(o.Declined)).
				int(o.ID.Key.Serial()).int(int64(c.Loaded.State)).int(int64(c.Loaded.Declined))
			w.scratch = appendLines(w.scratch[:0], c.Loaded.Lines)
			row = row.text(string(w.scratch))
			if err := w.update(row); err != nil {
				return err
			}
			continue
		}
		err := bind(w.addOrder).int(o.ID.Key.Serial()).int(int64(o.ID.Event)).
			bytes(o.ID.Key[:]).bytes(o.Hold[:]).int(int64(o.State)).time(o.PlacedAt).
			time(o.ExpiresAt).time(o.PaidAt).
			int(o.Total.Minor()).text(o.Total.Currency().String()).text(string(w.scratch)).
			text(o.Buyer.Name).text(o.Buyer.Email).bytes(o.BuyerHash[:]).text(o.ReturnURL).
			text(o.Provider).text(o.Transaction).int(int64(o.Declined)).
			text(planfile.EncodeCharges(o.Charges)).text(o.Voucher).text(o.Buyer.Language).run()
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) saveTickets(b *booking.Book) error {
	for c := range b.ChangedTickets() {
		t := c.Value
		voided := int64(0)
		if !t.State.Living() { // an order can be paid and cancelled in one batch
			voided = int64(t.ID.Fence)
		}
		if !c.Insert {
			row := bind(w.setTicket).int(voided).int(int64(t.State)).time(t.UsedAt).text(t.Gate).
				int(int64(t.ID.Event)).int(int64(t.ID.Place)).int(int64(t.ID.Fence)).
				int(int64(c.Loaded.State))
			if err := w.update(row); err != nil {
				return err
			}
			continue
		}
		err := bind(w.addTicket).int(int64(t.ID.Event)).int(voided).int(int64(t.ID.Place)).
			int(int64(t.ID.Fence)).bytes(t.ID.Secret[:]).bytes(t.Order[:]).int(int64(t.State)).
			time(t.UsedAt).text(t.Gate).int(int64(t.Transfers)).text(t.Holder.Name).
			text(t.Holder.Email).text(t.Holder.Language).run()
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) savePayments(b *booking.Book) error {
	for c := range b.ChangedPayments() {
		p := c.Value
		if !c.Insert {
			row := bind(w.setPayment).int(p.Refunded.Minor()).int(int64(p.Use)).
				int(int64(p.Ref.Event)).text(p.Ref.Provider).text(p.Ref.Transaction).
				int(c.Loaded.Refunded.Minor()).int(int64(c.Loaded.Use))
			if err := w.update(row); err != nil {
				return err
			}
			continue
		}
		err := bind(w.addPayment).int(int64(p.Ref.Event)).text(p.Ref.Provider).
			text(p.Ref.Transaction).bytes(p.Order[:]).int(p.Amount.Minor()).
			text(p.Amount.Currency().String()).time(p.CapturedAt).int(int64(p.Use)).
			int(p.Refunded.Minor()).text(p.Attempt).run()
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) saveRefunds(b *booking.Book) error {
	for c := range b.ChangedRefunds() {
		r := c.Value
		if !c.Insert {
			row := bind(w.setRefund).int(int64(r.State)).time(r.DoneAt).text(r.GatewayRef).
				int(int64(r.Retries)).int(int64(r.Ref.Event)).text(r.Ref.Key).
				int(int64(c.Loaded.State)).int(int64(c.Loaded.Retries))
			if err := w.update(row); err != nil {
				return err
			}
			continue
		}
		err := bind(w.addRefund).int(int64(r.Ref.Event)).text(r.Ref.Key).
			text(r.Payment.Provider).text(r.Payment.Transaction).bytes(r.Order[:]).
			int(r.Amount.Minor()).text(r.Amount.Currency().String()).text(string(r.Reason)).
			int(int64(r.State)).time(r.RequestedAt).time(r.DoneAt).text(r.GatewayRef).
			int(int64(r.Retries)).text(planfile.EncodePlaces(r.Places)).run()
		if err != nil {
			return err
		}
	}
	return nil
}

// saveGuards writes the rows that only keep things from happening twice or too often.
func (w *writer) saveGuards(b *booking.Book) error {
	if err := w.saveAnswers(b); err != nil {
		return err
	}
	for c := range b.ChangedBuyers() {
		if !c.Insert {
			row := bind(w.setBuyer).int(int64(c.Value)).int(int64(c.Key.Event)).
				bytes(c.Key.Buyer[:]).int(int64(c.Loaded))
			if err := w.update(row); err != nil {
				return err
			}
			continue
		}
		err := bind(w.addBuyer).int(int64(c.Key.Event)).bytes(c.Key.Buyer[:]).
			int(int64(c.Value)).run()
		if err != nil {
			return err
		}
	}
	return w.saveNotices(b)
}

func (w *writer) saveNotices(b *booking.Book) error {
	for c := range b.ChangedNotices() {
		n := c.Value
		if !c.Insert {
			row := bind(w.setNotice).int(int64(n.State)).text(n.Why).int(int64(c.Key.Event)).
				text(c.Key.Provider).text(c.Key.Notice).int(int64(c.Loaded.State))
			if err := w.update(row); err != nil {
				return err
			}
			continue
		}
		err := bind(w.addNotice).int(int64(c.Key.Event)).text(c.Key.Provider).
			text(c.Key.Notice).int(int64(n.State)).time(n.At).text(n.Payload).text(n.Why).run()
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) saveEntries(b *booking.Book) error {
	for _, e := range b.Entries() {
		err := bind(w.addEntry).int(int64(e.Event)).text(string(e.Kind)).time(e.At).
			bytes(e.Order[:]).text(e.Provider).text(e.Ref).text(e.Currency.String()).
			int(e.Clearing).int(e.Receivable).int(e.Revenue).int(e.Fees).int(e.Tax).
			int(e.Refunds).int(e.Chargebacks).run()
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) saveFacts(b *booking.Book) error {
	for _, f := range b.Facts() {
		w.scratch = outbox.AppendBody(w.scratch[:0], f)
		err := bind(w.addFact).int(int64(f.Event)).text(string(f.Kind)).time(f.At).
			text(string(w.scratch)).run()
		if err != nil {
			return err
		}
	}
	return nil
}
