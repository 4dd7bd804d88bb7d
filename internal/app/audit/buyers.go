package audit

import (
	"cmp"
	"maps"
	"slices"

	"ticketflow/internal/domain/booking"
)

func (l *ledger) addBuyer(r *BuyerRow) {
	l.buyer(r.Ref).stored += r.Places
}

// checkBuyers is I9: what each buyer has, counted from the orders, is within the event's limit and
// is what the limit was checked against.
func (l *ledger) checkBuyers() {
	refs := slices.SortedFunc(maps.Keys(l.buyers), func(a, b booking.BuyerRef) int {
		return cmp.Or(cmp.Compare(a.Event, b.Event), slices.Compare(a.Buyer[:], b.Buyer[:]))
	})
	for _, ref := range refs {
		l.checked(i9)
		b := l.buyers[ref]
		if b.counted != b.stored {
			l.breach(i9, "buyer %x of %s has %d places, and the count says %d", ref.Buyer,
				ref.Event, b.counted, b.stored)
		}
		e := l.events[ref.Event]
		if e != nil && e.MaxPerBuyer > 0 && b.counted > e.MaxPerBuyer {
			l.breach(i9, "buyer %x of %s has %d places, the limit is %d", ref.Buyer, ref.Event,
				b.counted, e.MaxPerBuyer)
		}
	}
}
