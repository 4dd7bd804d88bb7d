package postgres

import (
	"sync"
	"time"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/recall"
)

// distrustBatches is how many batches lock their rows after one was decided on rows that another
// instance had changed.
const distrustBatches = 16

// paidKept is how long an order that was paid is shown from memory at most: so long, another
// instance's change may not be seen.
const paidKept = time.Second

// recent is the rows that this instance has written a moment ago. Other instances may have changed
// them since. So they are only taken for a hold's or an order's own sake, whose next step writes
// them and thereby checks them; who asks for a place or for a buyer by name is told what stands in
// the ledger now, because a no writes nothing.
type recent struct {
	mu     sync.Mutex
	rows   recall.Rows
	paid   recall.Paid
	fading bool // paid will be forgotten soon
	doubts int  // batches that still lock
}

// mustLock tells whether the next batch has to lock its rows.
func (r *recent) mustLock() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.doubts == 0 {
		return false
	}
	r.doubts--
	return true
}

// distrust forgets everything: some of it was wrong, or may be.
func (r *recent) distrust() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rows.Forget()
	r.paid.Forget()
	r.doubts = distrustBatches
}

// remember takes over a batch that was committed.
func (r *recent) remember(b *booking.Book) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rows.Remember(b)
	r.paid.Remember(b)
	if !r.fading { // by this process's own time: without another sale nothing else would pass
		r.fading = true
		time.AfterFunc(paidKept, r.fade)
	}
}

// fade ends what was promised to be shown for a moment only.
func (r *recent) fade() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.paid.Forget()
	r.fading = false
}

// sold is an order that this instance has seen paid a moment ago.
func (r *recent) sold(id booking.OrderID) (recall.PaidOrder, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.paid.Get(id)
}

// recall brings into the batch what is remembered of the rows that keys name, and names those that
// must be read.
func (r *recent) recall(b *batch, keys *booking.Keys) {
	rest := &b.rest
	rest.Reset()
	holds, orders := keys.Holds, keys.Orders
	named := *keys
	named.Holds, named.Orders = nil, nil
	// Only who records a payment names it and its notice. Both come once, nearly always; the unique
	// keys notice when they don't.
	named.Payments, named.Notices = nil, nil
	rest.Add(&named)
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range holds {
		h, ok := r.rows.Hold(id)
		if !ok {
			rest.Holds = append(rest.Holds, id)
			continue
		}
		b.loaded.holds = append(b.loaded.holds, h)
		r.places(b, h.ID.Event, h.Lines)
	}
	for _, id := range orders {
		o, ok := r.rows.Order(id)
		if !ok {
			rest.Orders = append(rest.Orders, id)
			continue
		}
		b.loaded.orders = append(b.loaded.orders, o)
		r.places(b, o.ID.Event, o.Lines)
		ref := booking.BuyerRef{Event: o.ID.Event, Buyer: o.BuyerHash}
		if n, ok := r.rows.Buyer(ref); ok {
			b.loaded.buyers = append(b.loaded.buyers, buyerRow{ref, n})
		} else {
			rest.Buyers = append(rest.Buyers, ref)
		}
		if o.Voucher != "" {
			voucher := booking.VoucherRef{Event: o.ID.Event, Code: o.Voucher}
			rest.Vouchers = append(rest.Vouchers, voucher)
		}
	}
}

// places brings the places of lines in.
func (r *recent) places(b *batch, event catalog.EventID, lines []booking.Line) {
	for i := range lines {
		ref := booking.PlaceRef{Event: event, Place: lines[i].Place}
		if p, ok := r.rows.Place(ref); ok {
			b.loaded.places = append(b.loaded.places, placeRow{ref, p})
		} else {
			b.rest.Places = append(b.rest.Places, ref)
		}
	}
}
