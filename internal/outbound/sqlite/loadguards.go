package sqlite

import "ticketflow/internal/domain/booking"

func (w *writer) loadGuards(b *booking.Book, keys *booking.Keys) error {
	for _, ref := range keys.Answers {
		w.loadAnswer(b, ref)
	}
	for _, ref := range keys.Buyers {
		if err := w.loadBuyer(b, ref); err != nil {
			return err
		}
	}
	for _, ref := range keys.Tickets {
		if err := w.loadTicket(b, ref); err != nil {
			return err
		}
	}
	for _, ref := range keys.Vouchers {
		if err := w.loadVoucher(b, ref); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) loadAnswer(b *booking.Book, ref booking.AnswerRef) {
	if !b.NameAnswer(ref) {
		return
	}
	if a, ok := w.answers.get(ref); ok {
		b.LoadAnswer(ref, a)
	}
}

func (w *writer) loadBuyer(b *booking.Book, ref booking.BuyerRef) error {
	if !b.NameBuyer(ref) {
		return nil
	}
	if places, ok := w.memory.Buyer(ref); ok {
		b.LoadBuyer(ref, places)
		return nil
	}
	stmt := w.getBuyer
	return each(bind(stmt).int(int64(ref.Event)).bytes(ref.Buyer[:]), func() error {
		b.LoadBuyer(ref, stmt.ColumnInt(0))
		return nil
	})
}

// loadTicket may load a ticket twice, but only before the first decision of the batch.
func (w *writer) loadTicket(b *booking.Book, ref booking.PlaceRef) error {
	stmt := w.getTicket
	return each(bind(stmt).int(int64(ref.Event)).int(int64(ref.Place)), func() error {
		b.LoadTicket(scanTicket(stmt, ref.Event))
		return nil
	})
}
