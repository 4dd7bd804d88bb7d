package booking

import (
	"crypto/sha256"
	"crypto/subtle"
	"slices"
	"strconv"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/errs"
	"ticketflow/internal/domain/fact"
)

// MaxTransfers bounds how often the ticket of a place can be passed on.
const MaxTransfers = 20

// ErrTooManyTransfers says that a ticket stays where it is.
var ErrTooManyTransfers = errs.New(errs.Conflict, "too_many_transfers",
	"The ticket was passed on too often.")

// TransferTicket passes a ticket on to another person: the old one is worth nothing from now on,
// and a new one, of the same place and order, takes its place. The money stays between the buyer
// and the organiser: a refund of the place ends the new ticket.
type TransferTicket struct {
	Ticket  TicketID
	Order   OrderID // that the ticket belongs to
	To      Holder
	Seed    [SeedBytes]byte // secret, and the same each time the same request is made
	Answer  AnswerRef
	Request Fingerprint

	Made   TicketID // the result
	Replay bool
}

// Keys names the rows of the command.
func (c *TransferTicket) Keys() *Keys {
	return &Keys{Events: []catalog.EventID{c.Order.Event}, Sales: []OrderID{c.Order},
		Answers: []AnswerRef{c.Answer}}
}

// Decide puts a new ticket in place of the old one.
func (c *TransferTicket) Decide(b *Book) error {
	_, replay, err := b.answered(c.Answer, c.Request)
	if err != nil {
		return err
	}
	c.Replay, c.Made = replay, c.successor()
	if replay {
		return nil
	}
	o, ok := b.orders.get(c.Order)
	if !ok || c.Order.Event != c.Ticket.Event {
		return ErrTicketNotFound
	}
	ref := TicketRef{c.Ticket.Event, c.Ticket.Place, c.Ticket.Fence}
	t, ok := b.tickets.get(ref)
	switch {
	case !ok || !t.State.Living():
		return b.notLiving(ref)
	case t.Order != o.ID.Key ||
		subtle.ConstantTimeCompare(t.ID.Secret[:], c.Ticket.Secret[:]) != 1:
		return ErrTicketNotFound
	}
	if sale, _ := b.events.get(o.ID.Event); sale.Status == catalog.Cancelled {
		return ErrEventCancelled
	}
	if _, err := t.admit(b.now, ""); err != nil {
		return err // who couldn't enter with it can't pass it on
	}
	if t.Transfers >= MaxTransfers {
		return ErrTooManyTransfers
	}
	return c.move(b, o, t)
}

// move gives the place a new grant, and the order a new ticket for it.
func (c *TransferTicket) move(b *Book, o Order, t Ticket) error {
	i := slices.IndexFunc(o.Lines, func(l Line) bool { return l.Place == t.ID.Place })
	if i < 0 {
		return ErrPlaceLost
	}
	place := PlaceRef{o.ID.Event, t.ID.Place}
	p, _ := b.places.get(place)
	p, err := p.Reissue(o.ID.Key, t.ID.Fence)
	if err != nil {
		return err
	}
	b.places.put(place, p)
	o.Lines = slices.Clone(o.Lines)
	o.Lines[i].Fence = p.Fence
	b.orders.put(o.ID, o)
	t.State = TicketTransferred
	b.tickets.put(TicketRef{o.ID.Event, t.ID.Place, t.ID.Fence}, t)
	b.tickets.put(TicketRef{o.ID.Event, c.Made.Place, c.Made.Fence}, Ticket{ID: c.Made,
		Order: o.ID.Key, State: TicketValid, Transfers: t.Transfers + 1, Holder: c.To})
	b.answer(c.Answer, Answer{Request: c.Request, Subject: o.ID.Key, Until: b.now})
	b.record(fact.Fact{Kind: fact.TicketTransferred, Event: o.ID.Event, Order: o.ID.Key,
		Places: []catalog.PlaceNo{t.ID.Place}, Ref: TransferName(c.Made.Fence)})
	return nil
}

// successor is the new ticket: a transfer is the next grant of its place.
func (c *TransferTicket) successor() TicketID {
	id := TicketID{Event: c.Ticket.Event, Place: c.Ticket.Place, Fence: c.Ticket.Fence + 1}
	sum := sha256.Sum256(append([]byte("transferred ticket\x00"), c.Seed[:]...))
	copy(id.Secret[:], sum[:])
	return id
}

// TransferName is how a fact names the ticket that a transfer has made: by its fence.
func TransferName(fence uint32) string { return strconv.FormatUint(uint64(fence), 10) }

// ParseTransferName reads the fence back.
func ParseTransferName(s string) (fence uint32, ok bool) {
	n, err := strconv.ParseUint(s, 10, 32)
	return uint32(n), err == nil && TransferName(uint32(n)) == s
}

// notLiving is why there is no living ticket of a grant: it was passed on if one of the next grants
// is a ticket that was passed on as often.
func (b *Book) notLiving(ref TicketRef) error {
	for n := 1; n <= MaxTransfers; n++ {
		ref.Fence++
		if t, ok := b.tickets.get(ref); ok && t.State.Living() && t.Transfers >= n {
			return ErrTicketTransferred
		}
	}
	return ErrTicketVoid
}
