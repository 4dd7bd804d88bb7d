package booking

import (
	"errors"
	"testing"

	"ticketflow/internal/domain/catalog"
)

func TestATransferEndsTheOldTicket(t *testing.T) {
	s := newStage(t)
	id, _ := s.paid(1, 1, 2)
	old, beside := s.ticket(1), s.ticket(2)
	c := s.transfer(old.ID)
	s.must(c)
	now := s.ticket(1)
	if now.ID != c.Made || now.ID.Secret == old.ID.Secret || now.ID.Fence != old.ID.Fence+1 ||
		now.Order != id.Key || now.Holder != c.To || now.Transfers != 1 {
		t.Errorf("%+v after %+v", now, old)
	}
	if s.ticket(2) != beside {
		t.Errorf("the ticket beside it became %+v", s.ticket(2))
	}
	s.refuse(&CheckIn{Ticket: old.ID}, ErrTicketTransferred)
	s.refuse(s.transfer(old.ID), ErrTicketTransferred)
	s.must(&CheckIn{Ticket: now.ID, Gate: "north"})
	s.refuse(s.transfer(now.ID), ErrAlreadyIn)
}

func TestATransferIsRepeatable(t *testing.T) {
	s := newStage(t)
	s.paid(1, 1)
	c := s.transfer(s.ticket(1).ID)
	s.must(c)
	again := *c
	again.Made = TicketID{}
	s.idle(&again)
	if again.Made != c.Made || !again.Replay {
		t.Errorf("the same request made %v, and before %v", again.Made, c.Made)
	}
	s.must(s.transfer(c.Made)) // the next holder passes it on
	s.idle(&again)
	again.Request = Fingerprint{9}
	s.refuse(&again, ErrKeyReused)
}

func TestWhatIsWorthNothingCannotBePassedOn(t *testing.T) {
	s := newStage(t)
	id, _ := s.paid(1, 1, 2)
	first, second := s.ticket(1), s.ticket(2)
	forged := s.transfer(first.ID)
	forged.Ticket.Secret[0] ^= 1
	s.refuse(forged, ErrTicketNotFound)
	foreign := s.transfer(first.ID)
	foreign.Order, _ = s.paid(2, 3)
	s.refuse(foreign, ErrTicketVoid) // the other order has no such ticket
	unknown := s.transfer(first.ID)
	unknown.Order = OrderID{theEvent, other}
	s.refuse(unknown, ErrTicketNotFound)
	s.must(s.refundOf(id, 2))
	s.refuse(s.transfer(second.ID), ErrTicketVoid)
	s.terms(func(sale *Sale) { sale.Status = catalog.Cancelled })
	s.refuse(s.transfer(first.ID), ErrEventCancelled)
}

func TestARefundEndsATicketThatWasPassedOn(t *testing.T) {
	s := newStage(t)
	id, pay := s.paid(1, 1, 2)
	old := s.ticket(1)
	c := s.transfer(old.ID)
	s.must(c, s.refundOf(id, 1))
	s.refuse(&CheckIn{Ticket: c.Made}, ErrTicketVoid)
	s.refuse(&CheckIn{Ticket: old.ID}, ErrTicketVoid)
	s.paid(2, 1) // the place is for sale again
	s.refuse(&CheckIn{Ticket: c.Made}, ErrTicketVoid)
	s.must(s.transfer(s.ticket(2).ID), &CancelOrder{ID: id})
	if p := s.payments[pay.Payment]; p.Refunded != p.Amount {
		t.Errorf("%+v", p)
	}
}

// Commands of one batch see each other: one transfer wins, and the gate admits one of the two.
func TestTransfersOfOneTicketInOneBatch(t *testing.T) {
	s := newStage(t)
	s.paid(1, 1)
	old := s.ticket(1)
	first, second := s.transfer(old.ID), s.transfer(old.ID)
	failures := s.run(first, second, &CheckIn{Ticket: old.ID}, &CheckIn{Ticket: first.successor()},
		s.transfer(first.successor()))
	for i, want := range []error{nil, ErrTicketTransferred, ErrTicketTransferred, nil,
		ErrTicketNotFound} {
		if !errors.Is(failures[i], want) {
			t.Errorf("command %d: %v, want %v", i, failures[i], want)
		}
	}
	if breach := s.check(); breach != nil {
		t.Error(breach)
	}
}

func TestATicketIsNotPassedOnForEver(t *testing.T) {
	s := newStage(t)
	s.paid(1, 1)
	first := s.ticket(1).ID
	for range MaxTransfers {
		s.must(s.transfer(s.ticket(1).ID))
	}
	s.refuse(s.transfer(s.ticket(1).ID), ErrTooManyTransfers)
	s.refuse(&CheckIn{Ticket: first}, ErrTicketTransferred)
}

func TestTransferNamesAreCanonical(t *testing.T) {
	for _, bad := range []string{"", "01", "+1", "-1", "4294967296", "1 ", "x"} {
		if fence, ok := ParseTransferName(bad); ok {
			t.Errorf("%q is %d", bad, fence)
		}
	}
	if fence, ok := ParseTransferName(TransferName(4294967295)); !ok || fence != 4294967295 {
		t.Errorf("%d, %v", fence, ok)
	}
}
