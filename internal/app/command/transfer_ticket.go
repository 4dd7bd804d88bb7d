package command

import (
	"context"

	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/ident"
)

// TransferWish asks for a ticket to be passed on.
type TransferWish struct {
	Ticket booking.TicketID
	To     booking.Holder
	Token  string // the order's for a buyer's own ticket, the ticket's for one that was passed on
	Staff  bool   // who asks needs no token
	Idempotency
}

// TransferMade is the new ticket with its token: whoever has both can show it and pass it on.
type TransferMade struct {
	Ticket booking.TicketID
	Token  Token
}

// TransferTicket passes a ticket on to another person. The old one admits nobody from now on. The
// same key with the same request names the same new ticket.
func (o *Office) TransferTicket(ctx context.Context, w TransferWish) (TransferMade, error) {
	t, err := query.Ticket(ctx, o.bookings, w.Ticket)
	if err != nil {
		return TransferMade{}, err
	}
	order := booking.OrderID{Event: t.ID.Event, Key: t.Order}
	if err := o.mayTransfer(w, t, order); err != nil {
		return TransferMade{}, err
	}
	ref, request, err := o.answer(t.ID.Event, "transfer "+t.ID.String(), w.Idempotency)
	if err != nil {
		return TransferMade{}, err
	}
	cmd := &booking.TransferTicket{Ticket: t.ID, Order: order, To: w.To,
		Seed: o.transferSeed(ref, request), Answer: ref, Request: request}
	if err := o.desk.do(ctx, t.ID.Event, cmd); err != nil {
		return TransferMade{}, err
	}
	return TransferMade{Ticket: cmd.Made, Token: o.TicketToken(cmd.Made)}, nil
}

// mayTransfer: once a ticket was passed on, its buyer can't take it back.
func (o *Office) mayTransfer(w TransferWish, t booking.Ticket, order booking.OrderID) error {
	switch {
	case w.Staff:
		return nil
	case t.Transfers > 0:
		return checkToken(o.TicketToken(t.ID), w.Token)
	default:
		return o.CheckOrder(order, w.Token)
	}
}

// transferSeed is what the new ticket's secret is made of. It follows from the request and the
// server's secret: so the answer needn't be stored, and nobody else can tell it.
func (o *Office) transferSeed(
	ref booking.AnswerRef, request booking.Fingerprint,
) (seed [booking.SeedBytes]byte) {
	m := o.macs.Get().(*tokenMAC)
	defer o.macs.Put(m)
	m.hash.Reset()
	m.text = appendParts(m.text[:0], "transfer", ref.Event.String(), string(ref.Key[:]),
		string(request[:]))
	_, _ = m.hash.Write(m.text) // a hash takes everything
	m.text = m.hash.Sum(m.text[:0])
	copy(seed[:], m.text)
	return seed
}

// TicketToken is the token of a ticket that was passed on: with it, its holder may pass it on
// again. Who only knows the ticket, because its code was shown, may not.
func (o *Office) TicketToken(id booking.TicketID) Token {
	var key ident.Key
	copy(key[:], id.Secret[:])
	return o.token("ticket", id.Event, key)
}
