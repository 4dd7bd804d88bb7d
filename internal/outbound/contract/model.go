package contract

import (
	"slices"
	"time"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/fact"
	"ticketflow/internal/domain/ident"
)

// model is what the box office should be, in the plainest words: who owns a place is a pointer, and
// there are no fences, no keys to load and no rows to write.
type model struct {
	now       time.Time
	cancelled bool
	places    []modelPlace
	holds     []*modelHold
	orders    []*modelOrder
	payments  map[string]*modelPayment
	refunds   map[string]*modelRefund
	buyers    map[string]int
	told      []fact.Kind
	limit     int // places per buyer
	perOrder  int
	extended  int // how often a hold may be extended
	price     int64
}

type modelPlace struct {
	state booking.PlaceState
	owner any // *modelHold or *modelOrder
	until time.Time
}

type modelHold struct {
	command  *booking.HoldPlaces
	state    booking.HoldState
	places   []catalog.PlaceNo
	expires  time.Time
	extended int
}

type modelOrder struct {
	command *booking.PlaceOrder
	state   booking.OrderState
	places  []catalog.PlaceNo
	expires time.Time
	buyer   string
	total   int64
	payment *modelPayment
	tickets map[catalog.PlaceNo]booking.TicketState
	passed  map[catalog.PlaceNo]int // how often the ticket was passed on
}

// key is the key of who owns a place.
func (p modelPlace) key() ident.Key {
	switch owner := p.owner.(type) {
	case *modelHold:
		return owner.command.ID.Key
	case *modelOrder:
		return owner.command.ID.Key
	}
	return ident.Key{}
}

func (m *model) available(no catalog.PlaceNo) bool {
	p := m.places[no]
	return p.state == booking.Free || p.state == booking.Held && m.now.After(p.until)
}

func (m *model) owns(owner any, places []catalog.PlaceNo) bool {
	return !slices.ContainsFunc(places, func(no catalog.PlaceNo) bool {
		return m.places[no].owner != owner
	})
}

// give makes places owner's.
func (m *model) give(places []catalog.PlaceNo, p modelPlace) {
	for _, no := range places {
		m.places[no] = p
	}
}

// free takes back those places that are still owner's.
func (m *model) free(owner any, places []catalog.PlaceNo) {
	for _, no := range places {
		if m.places[no].owner == owner {
			m.places[no] = modelPlace{}
		}
	}
}

func (m *model) tell(kinds ...fact.Kind) { m.told = append(m.told, kinds...) }

func (m *model) hold(c *booking.HoldPlaces) error {
	switch {
	case m.cancelled:
		return booking.ErrEventCancelled
	case len(c.Places) > m.perOrder:
		return booking.ErrTooManyPlaces
	}
	for _, no := range c.Places {
		if !m.available(no) {
			return booking.ErrPlaceTaken
		}
	}
	h := &modelHold{command: c, state: booking.HoldLive, places: c.Places,
		expires: m.now.Add(holdTime)}
	m.holds = append(m.holds, h)
	m.give(c.Places, modelPlace{booking.Held, h, h.expires})
	m.tell(fact.HoldPlaced)
	return nil
}

// ended is why a hold that isn't live can't be used.
func (h *modelHold) ended() error {
	switch h.state {
	case booking.HoldLive:
		return nil
	case booking.HoldOrdered:
		return booking.ErrHoldOrdered
	default:
		return booking.ErrHoldEnded
	}
}

func (m *model) extend(h *modelHold) error {
	switch {
	case m.cancelled:
		return booking.ErrEventCancelled
	case h.ended() != nil:
		return h.ended()
	case h.extended >= m.extended:
		return booking.ErrNoMoreExtensions
	case !m.owns(h, h.places):
		return booking.ErrHoldEnded
	}
	h.extended++
	h.expires = m.now.Add(holdTime)
	m.give(h.places, modelPlace{booking.Held, h, h.expires})
	m.tell(fact.HoldExtended)
	return nil
}

func (m *model) amend(h *modelHold, c *booking.AmendHold) error {
	kept := slices.DeleteFunc(slices.Clone(h.places), func(no catalog.PlaceNo) bool {
		return slices.Contains(c.Remove, no)
	})
	added := slices.DeleteFunc(slices.Clone(c.Add), func(no catalog.PlaceNo) bool {
		return slices.Contains(h.places, no)
	})
	both := slices.ContainsFunc(c.Add, func(no catalog.PlaceNo) bool {
		return slices.Contains(c.Remove, no)
	})
	switch {
	case h.ended() != nil:
		return h.ended()
	case m.now.After(h.expires):
		return booking.ErrHoldEnded
	case len(c.Add)+len(c.Remove) == 0:
		return booking.ErrNoPlaces
	case both:
		return booking.ErrPlaceTwice
	case m.cancelled && len(added) > 0:
		return booking.ErrEventCancelled
	case len(added) > 0 && len(kept)+len(added) > m.perOrder:
		return booking.ErrTooManyPlaces
	case len(kept)+len(added) == 0:
		return m.release(h)
	}
	for _, no := range added {
		if !m.available(no) {
			return booking.ErrPlaceTaken
		}
	}
	if len(kept) < len(h.places) {
		m.tell(fact.HoldShrunk)
	}
	if len(added) > 0 {
		m.tell(fact.HoldGrown)
	}
	m.free(h, h.places)
	h.places = append(kept, added...)
	m.give(h.places, modelPlace{booking.Held, h, h.expires})
	return nil
}

func (m *model) release(h *modelHold) error {
	if h.state == booking.HoldReleased {
		return nil
	}
	if err := h.ended(); err != nil {
		return err
	}
	h.state = booking.HoldReleased
	m.free(h, h.places)
	m.tell(fact.HoldReleased)
	return nil
}

func (m *model) expireHold(h *modelHold) {
	if h.state == booking.HoldLive && m.now.After(h.expires) {
		h.state = booking.HoldExpired
		m.free(h, h.places)
		m.tell(fact.HoldExpired)
	}
}

func (m *model) order(h *modelHold, c *booking.PlaceOrder) error {
	buyer := c.Buyer.Name
	switch {
	case m.cancelled:
		return booking.ErrEventCancelled
	case h.ended() != nil:
		return h.ended()
	case m.buyers[buyer]+len(h.places) > m.limit:
		return booking.ErrBuyerLimit
	case !m.owns(h, h.places):
		return booking.ErrHoldEnded
	}
	o := &modelOrder{command: c, state: booking.AwaitingPayment, places: h.places, buyer: buyer,
		expires: m.now.Add(payTime + booking.PayGrace), total: m.price * int64(len(h.places)),
		tickets: make(map[catalog.PlaceNo]booking.TicketState),
		passed:  make(map[catalog.PlaceNo]int)}
	m.orders = append(m.orders, o)
	h.state = booking.HoldOrdered
	m.buyers[buyer] += len(h.places)
	m.give(h.places, modelPlace{state: booking.Ordered, owner: o})
	m.tell(fact.OrderPlaced)
	return nil
}

func (m *model) expireOrder(o *modelOrder) {
	if o.state == booking.AwaitingPayment && m.now.After(o.expires) {
		m.end(o, booking.OrderExpired, fact.OrderExpired, false)
	}
}

func (m *model) end(o *modelOrder, state booking.OrderState, kind fact.Kind, block bool) {
	o.state = state
	m.leave(o, o.places, block)
	m.tell(kind)
}

// leave takes places away from an order that has them.
func (m *model) leave(o *modelOrder, places []catalog.PlaceNo, block bool) {
	m.buyers[o.buyer] -= len(places)
	m.free(o, places)
	if block {
		m.give(places, modelPlace{state: booking.Blocked})
	}
}

// admits tells whether a ticket would be let in.
func (m *model) admits(o *modelOrder, ticket booking.Ticket) error {
	no := ticket.ID.Place
	switch {
	case o.tickets[no] == booking.TicketVoid:
		return booking.ErrTicketVoid
	case ticket.Transfers < o.passed[no]:
		return booking.ErrTicketTransferred
	case m.cancelled:
		return booking.ErrEventCancelled
	case o.tickets[no] == booking.TicketUsed:
		return booking.ErrAlreadyIn
	}
	return nil
}

func (m *model) scan(o *modelOrder, ticket booking.Ticket) error {
	if err := m.admits(o, ticket); err != nil {
		return err
	}
	o.tickets[ticket.ID.Place] = booking.TicketUsed
	m.tell(fact.TicketAdmitted)
	return nil
}

func (m *model) transfer(o *modelOrder, ticket booking.Ticket) error {
	if err := m.admits(o, ticket); err != nil {
		return err
	}
	if o.passed[ticket.ID.Place] == booking.MaxTransfers {
		return booking.ErrTooManyTransfers
	}
	o.passed[ticket.ID.Place]++
	m.tell(fact.TicketTransferred)
	return nil
}

func (m *model) block(no catalog.PlaceNo, unblock bool) error {
	state := m.places[no].state
	switch {
	case unblock && state == booking.Free, !unblock && state == booking.Blocked:
		return nil
	case unblock && state == booking.Blocked:
		m.places[no] = modelPlace{}
		m.tell(fact.PlacesUnblocked)
		return nil
	case unblock:
		return booking.ErrPlaceNotBlocked
	case !m.available(no):
		return booking.ErrPlaceNotFree
	}
	m.places[no] = modelPlace{state: booking.Blocked}
	m.tell(fact.PlacesBlocked)
	return nil
}

func (m *model) cancelEvent() {
	if !m.cancelled {
		m.cancelled = true
		m.tell(fact.EventCancelled)
	}
}
