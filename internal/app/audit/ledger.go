package audit

import (
	"math"
	"slices"
	"time"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/ident"
)

// ledger is what the audit remembers of the rows that it has seen.
type ledger struct {
	*checks
	open     Open
	now      time.Time
	events   map[catalog.EventID]*event
	holds    []hold
	holdAt   map[booking.HoldID]int32
	orders   []order
	orderAt  map[booking.OrderID]int32
	lines    []line // of all orders, one behind the other
	payments map[booking.PaymentRef]*payment
	received []*payment // the same, in order
	refunds  map[booking.RefundRef]*refund
	asked    []*refund // the same, in order
	returned map[giving]*tally
	captured map[transaction]catalog.EventID
	noticed  map[transaction]*notice
	messages []*notice                // the same, in order
	strange  map[booking.OrderID]bool // orders that don't exist, though somebody has paid for them
	doubts   map[doubt]*tally
	buyers   map[booking.BuyerRef]*buyer
	vouchers map[booking.VoucherRef]*voucher
	last     int64  // position of the last fact
	gaps     []span // positions that are missing in the log
	answer   AnswerRow
	cursor   CursorRow
	applied  CursorRow // of the inbox
}

type event struct {
	EventRow
	known  bool // it has a row of its own, besides those of its places
	places []place
}

type place struct {
	no     catalog.PlaceNo
	state  int64
	fence  int64
	holder ident.Key
	until  time.Time
}

type hold struct {
	id    booking.HoldID
	quote Quote
	order ident.Key

	orders                            int // that name it
	placed, ordered, released, lapsed int // facts
	told                              int // places that came to it, less those that went
}

type order struct {
	id          booking.OrderID
	quote       Quote // without lines: they are ledger.lines[first:first+count]
	first       int
	count       int
	hold        ident.Key
	wasPaid     bool
	buyer       booking.Fingerprint
	provider    string
	transaction string
	voucher     string

	tickets  int   // of any state
	living   int   // tickets that are not void
	worth    int64 // price of those, without charges, minor units
	captured int64 // of the payments that were used for it, minor units
	refunded int64 // of these for tickets that were returned, minor units
	applied  int   // payments that were used for it

	paidFacts, late, lapsed, ended int // facts; the late ones are among the paid ones
}

// line is a place of an order and what was found for it.
type line struct {
	booking.Line
	returned uint8 // refunds that name it
	living   uint8 // tickets that are not void, with its fence
	used     uint8
	admitted uint8 // facts
	usedAt   int64 // milliseconds

	passed    uint8 // tickets that were passed on
	told      uint8 // facts about that
	transfers uint8 // that the last ticket says
}

type payment struct {
	row      PaymentRow
	refunds  int64 // sum, minor units
	position int32 // of its order in orders, or -1
	posted   posted
}

// refund counts the facts about a refund.
type refund struct {
	row     RefundRow // without places
	payment *payment
	posted  posted

	valued bool  // it returns tickets of an order that there is
	worth  int64 // of those tickets
	parts  int64 // of it, which were paid in another way

	requested, done, failed, taken, won, tickets int
}

// posted is what the journal says about a payment or a refund.
type posted struct {
	Accounts
	entries int
	foreign bool // an entry is of another order or currency
}

// notice counts the facts about a message.
type notice struct {
	row  NoticeRow
	kept int
}

// doubt is how a fact names a payment in quarantine: its order may be nobody's.
type doubt struct {
	event       catalog.EventID
	transaction string
}

// giving is how a fact names a payment that was returned: without its provider.
type giving struct {
	order       booking.OrderID
	transaction string
}

// tally compares rows with the facts about them.
type tally struct{ rows, facts int }

// transaction names what a gateway must not be told twice, whatever the event.
type transaction struct{ provider, name string }

type buyer struct {
	stored, counted int64
}

// span is a range of positions, both ends included.
type span struct{ from, to int64 }

func (l *ledger) event(id catalog.EventID) *event {
	e := l.events[id]
	if e == nil {
		e = &event{EventRow: EventRow{ID: id, PlanPlaces: -1}}
		l.events[id] = e
	}
	return e
}

func (l *ledger) addEvent(r *EventRow) {
	e := l.event(r.ID)
	e.EventRow, e.known = *r, true
	e.places = make([]place, 0, max(0, min(r.PlanPlaces, catalog.MaxPlaces)))
}

func (l *ledger) addPlace(r *PlaceRow) {
	e := l.event(r.Event)
	e.places = append(e.places, place{no: r.Place, state: r.State, fence: r.Fence,
		holder: r.Holder, until: r.Until})
}

// find looks a place up; places come in order and mostly without gaps.
func (e *event) find(no catalog.PlaceNo) *place {
	if int(no) < len(e.places) && e.places[no].no == no {
		return &e.places[no]
	}
	i, ok := slices.BinarySearchFunc(e.places, no, func(p place, no catalog.PlaceNo) int {
		return int(p.no) - int(no)
	})
	if !ok {
		return nil
	}
	return &e.places[i]
}

func (l *ledger) place(id catalog.EventID, no catalog.PlaceNo) *place {
	e := l.events[id]
	if e == nil {
		return nil
	}
	return e.find(no)
}

func (l *ledger) hold(id booking.HoldID) *hold {
	i, ok := l.holdAt[id]
	if !ok {
		return nil
	}
	return &l.holds[i]
}

func (l *ledger) order(id booking.OrderID) *order {
	i, ok := l.orderAt[id]
	if !ok {
		return nil
	}
	return &l.orders[i]
}

func (l *ledger) addHold(r *HoldRow) {
	l.checked(i3)
	if r.Serial != r.ID.Key.Serial() {
		l.breach(i3, "%s is stored under another number", r.ID)
	}
	if _, twice := l.holdAt[r.ID]; twice {
		l.breach(i3, "%s is stored twice", r.ID)
		return
	}
	l.holdAt[r.ID] = index(len(l.holds))
	h := hold{id: r.ID, quote: r.Quote, order: r.Order}
	h.quote.Lines = slices.Clone(r.Lines)
	l.holds = append(l.holds, h)
	l.checkQuote(r.ID.String, &r.Quote)
	l.checkEvent(r.ID.String, r.ID.Event)
}

// checkEvent is the part of I7 that a row's event can break: it was there when the row was made.
func (l *ledger) checkEvent(name func() string, id catalog.EventID) {
	if e := l.events[id]; e == nil || !e.known {
		l.breach(i7, "%s is of %s, which doesn't exist", name(), id)
	}
}

func (l *ledger) addOrder(r *OrderRow) {
	l.checked(i4)
	if r.Serial != r.ID.Key.Serial() {
		l.breach(i7, "%s is stored under another number", r.ID)
	}
	if _, twice := l.orderAt[r.ID]; twice {
		l.breach(i3, "%s is stored twice", r.ID)
		return
	}
	l.orderAt[r.ID] = index(len(l.orders))
	o := order{id: r.ID, quote: r.Quote, first: len(l.lines), count: len(r.Lines), hold: r.Hold,
		wasPaid: !r.PaidAt.IsZero(), buyer: r.Buyer, provider: r.Provider,
		transaction: r.Transaction, voucher: r.Voucher}
	o.quote.Lines = nil
	l.orders = append(l.orders, o)
	for _, of := range r.Lines {
		l.lines = append(l.lines, line{Line: of})
	}
	l.checkQuote(r.ID.String, &r.Quote)
	l.checkEvent(r.ID.String, r.ID.Event)
	l.checkOrigin(&o)
	if o.live() {
		l.buyer(booking.BuyerRef{Event: r.ID.Event, Buyer: r.Buyer}).counted += int64(o.count)
	}
}

// index narrows a number of rows; more than fit wouldn't fit into the memory either.
func index(n int) int32 { return int32(min(n, math.MaxInt32)) }

// live tells whether the order has a right to its places.
func (o *order) live() bool { return o.awaits() || o.paid() }

func (o *order) awaits() bool { return o.quote.State == int64(booking.AwaitingPayment) }

func (o *order) paid() bool { return o.quote.State == int64(booking.Paid) }

func (l *ledger) linesOf(o *order) []line { return l.lines[o.first : o.first+o.count] }

// lineAt finds the order's line of a place.
func (l *ledger) lineAt(o *order, no catalog.PlaceNo) *line {
	lines := l.linesOf(o)
	for i := range lines {
		if lines[i].Place == no {
			return &lines[i]
		}
	}
	return nil
}

func (l *ledger) buyer(ref booking.BuyerRef) *buyer {
	b := l.buyers[ref]
	if b == nil {
		b = &buyer{}
		l.buyers[ref] = b
	}
	return b
}
