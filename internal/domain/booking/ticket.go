package booking

import (
	"time"

	"ticketflow/internal/domain/errs"
	"ticketflow/internal/domain/ident"
)

// Failures at the gate.
var (
	ErrTicketNotFound = errs.New(errs.NotFound, "ticket_not_found", "There is no such ticket.")
	ErrTicketVoid     = errs.New(errs.Gone, "ticket_void", "The ticket is no longer valid.")
	// ErrTicketTransferred is ErrTicketVoid for who has to be told why.
	ErrTicketTransferred = errs.New(errs.Gone, "ticket_transferred",
		"The ticket was passed on: only the new holder's code admits.")
	ErrAlreadyIn = errs.New(errs.Conflict, "already_admitted",
		"Somebody was already admitted with this ticket.")
	ErrWrongEvent = errs.New(errs.Conflict, "wrong_event", "The ticket is for another event.")
)

// TicketState is what a ticket is worth at the gate.
type TicketState uint8

// The states of a ticket. Void and transferred are final.
const (
	TicketValid TicketState = iota + 1
	TicketUsed
	TicketVoid
	TicketTransferred // another ticket of the same order has its place
)

// Living tells whether the place is taken by the ticket: it admits, or has admitted.
func (s TicketState) Living() bool { return s == TicketValid || s == TicketUsed }

// String is the published name of the state.
func (s TicketState) String() string {
	switch s {
	case TicketValid:
		return "valid"
	case TicketUsed:
		return "used"
	case TicketVoid:
		return "void"
	case TicketTransferred:
		return "transferred"
	}
	return "unknown"
}

// Ticket is the right of entry for one place. The ledger keeps at most one that is not void for
// each place, by a unique index that doesn't know the place's state.
type Ticket struct {
	ID     TicketID
	Order  ident.Key
	State  TicketState
	UsedAt time.Time // zero unless used
	Gate   string    // where it was used

	Transfers int    // how often the place was passed on before; 0 is the buyer's own ticket
	Holder    Holder // who it was passed on to; zero for the buyer
}

// Holder is a person who a ticket was passed on to. Nobody knows what they read: their language is
// that of who has passed the ticket on.
type Holder = Buyer

// NameOn is the name that stands on a ticket of the order.
func (o Order) NameOn(t Ticket) string {
	if t.Transfers > 0 {
		return t.Holder.Name
	}
	return o.Buyer.Name
}

// admit lets somebody in, once.
func (t Ticket) admit(now time.Time, gate string) (Ticket, error) {
	switch t.State {
	case TicketValid:
		t.State, t.UsedAt, t.Gate = TicketUsed, now, gate
		return t, nil
	case TicketUsed:
		return t, ErrAlreadyIn.WithField("used_at", t.UsedAt).WithField("gate", t.Gate)
	case TicketVoid, TicketTransferred:
	}
	return t, ErrTicketVoid
}
