package web_test

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"ticketflow/internal/app/command"
	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/inbound/web"
	"ticketflow/internal/testservers/visitor"
)

// noMails makes a site that writes to nobody.
func noMails(c *web.Config) { c.Mails = false }

// tickets is a visitor who looks at the two tickets of a paid order.
func (s *shop) tickets() *visitor.Visitor {
	s.t.Helper()
	v := s.paid()
	v.Follow("Show tickets")
	v.Sees(http.StatusOK, "1 of 2", "2 of 2")
	return v
}

// code is the address of a ticket's picture.
func code(ticket string) string { return "/v1/tickets/" + ticket + "/qr.svg" }

// TestATicketIsPassedOn by its link, which the buyer is shown: it works where no mails are sent,
// and where the address of the mail was wrong.
func TestATicketIsPassedOn(t *testing.T) {
	for name, set := range map[string]func(*web.Config){"mails": nil, "no mails": noMails} {
		t.Run(name, func(t *testing.T) {
			s := openShopWith(t, set)
			v := s.tickets()
			page, button := v.At.Path, v.Find("button", "Pass it on")
			_, to, fields := v.Form(button)
			old := strings.Split(to.Path, "/")[2]
			v.Submit(button, "name", "Bob", "email", "bob@example.org")
			v.Sees(http.StatusOK, "Passed on to Bob", "Give this link to Bob", "only now")
			if mailed := strings.Contains(v.Said(), "bob@example.org"); mailed != (set == nil) {
				t.Errorf("about the mail it says: %s", v.Said())
			}
			if v.Find("a", "Deutsch") != nil {
				t.Error("another language would lose the link")
			}
			link := v.Values("link")[0]
			if !strings.HasPrefix(link, s.url+"/tickets/tkt_") {
				t.Fatalf("the link is %q", link)
			}
			holder := s.visit("/list")
			holder.Open(link)
			made := strings.Split(holder.At.Path, "/")[2]
			holder.Sees(http.StatusOK, "Row")
			if !strings.Contains(holder.Text, code(made)) || strings.Contains(holder.Text, old) {
				t.Error("the new holder doesn't see the new code, or the old one")
			}
			holder.Open("/tickets/" + old)
			holder.Sees(http.StatusOK, "was passed on")
			if strings.Contains(holder.Text, code(old)) {
				t.Error("the old code is still shown")
			}
			v.Follow("To your tickets")
			v.Sees(http.StatusOK, "Passed on to Bob", "2 of 2")
			if n := strings.Count(v.Text, "/qr.svg"); n != 1 || strings.Contains(v.Text, made) {
				t.Errorf("%d codes are shown, the link %s", n, link)
			}
			// Loaded again, and sent again with another name from a page shown before.
			v.Submit(button, "name", "Bob", "email", "bob@example.org")
			v.Sees(http.StatusOK, "Give this link to Bob")
			if again := v.Values("link")[0]; again != link {
				t.Errorf("again the link is %s, it was %s", again, link)
			}
			for _, key := range []string{fields.Get("key"), "another"} {
				v.Submit(button, "name", "Eve", "email", "eve@example.org", "key", key)
				v.Sees(http.StatusOK, "Passed on to Bob", "2 of 2")
			}
			v.Follow("To the order")
			v.Follow("calendar")
			if v.Status != http.StatusOK || !strings.HasPrefix(v.Text, "BEGIN:VCALENDAR") {
				t.Errorf("the calendar file is %d %.40q", v.Status, v.Text)
			}
			v.Open(to.Path + "?lang=de")
			if v.At.Path != page || !strings.Contains(v.Said(), "Weitergegeben an Bob") {
				t.Errorf("another language leads to %s", v.At)
			}
		})
	}
}

// TestALostAnswerIsAskedForAgain: the ticket was passed on, but nobody was told. Only the same form
// finds the link.
func TestALostAnswerIsAskedForAgain(t *testing.T) {
	s := openShop(t)
	v := s.tickets()
	button := v.Find("button", "Pass it on")
	_, to, fields := v.Form(button)
	s.ledger.lost.Store(new(error(command.ErrUnknown)))
	v.Submit(button, "name", "Bob", "email", "bob@gmial.com", "sure", "bob@gmial.com")
	v.Sees(http.StatusServiceUnavailable, "Error: ", "know yet whether it worked")
	again := v.Find("button", "Pass it on")
	if again == nil {
		t.Fatalf("it can't be sent again: %s", v.Said())
	}
	_, where, same := v.Form(again)
	if same.Get("key") != fields.Get("key") || *where != *to {
		t.Errorf("sent again is %v to %s, it was %v to %s", same, where, fields, to)
	}
	if v.Find("a", "Deutsch") != nil {
		t.Error("another language would lose the form")
	}
	v.Submit(again)
	v.Sees(http.StatusOK, "Passed on to Bob", "bob@gmial.com")
	holder := s.visit("/list")
	holder.Open(v.Values("link")[0])
	holder.Sees(http.StatusOK, "NameBob")
}

// unread is a ledger whose tickets can't be read now and then.
type unread struct {
	query.Bookings
	failure atomic.Pointer[error]
}

func (u *unread) Ticket(ctx context.Context, id booking.TicketID) (booking.Ticket, error) {
	if failure := u.failure.Load(); failure != nil {
		return booking.Ticket{}, *failure
	}
	return u.Bookings.Ticket(ctx, id)
}

// TestARepeatThatFindsNoLedgerKeepsItsForm: what was asked for again could not even be looked at.
func TestARepeatThatFindsNoLedgerKeepsItsForm(t *testing.T) {
	tickets := &unread{}
	s := openShopWith(t, func(c *web.Config) {
		tickets.Bookings, c.Bookings = c.Bookings, tickets
	})
	v := s.tickets()
	s.ledger.lost.Store(new(error(command.ErrUnknown)))
	v.Press("Pass it on", "name", "Bob", "email", "bob@example.org")
	v.Sees(http.StatusServiceUnavailable, "know yet whether it worked")
	tickets.failure.Store(new(error(command.ErrUnknown)))
	for range 2 {
		v.Press("Pass it on")
		v.Sees(http.StatusServiceUnavailable, "know yet whether it worked")
	}
	tickets.failure.Store(nil)
	v.Press("Pass it on")
	v.Sees(http.StatusOK, "Give this link to Bob")
}

// TestPassingOnIsRefusedBesideItsForm: what was typed is kept, and slips are asked about.
func TestPassingOnIsRefusedBesideItsForm(t *testing.T) {
	s := openShop(t)
	v := s.tickets()
	v.Press("Pass it on", "name", " ", "email", "bob@")
	v.Sees(http.StatusUnprocessableEntity, "Error: ", "Enter the name of who gets",
		"name@example.com", "2 of 2")
	if got := v.Values("email"); len(got) != 2 || got[0] != "bob@" || got[1] != "" {
		t.Errorf("what was typed is lost: %v", got)
	}
	v.Press("Pass it on", "name", "Bob", "email", "bob@gmial.com")
	v.Sees(http.StatusUnprocessableEntity, "Did you mean bob@gmail.com?")
	if got := v.Values("name"); got[0] != "Bob" {
		t.Errorf("what was typed is lost: %v", got)
	}
	sure := v.Find("button", "Pass it on")
	v.Press("Yes, use it")
	v.Sees(http.StatusOK, "1 of 2")
	if got := v.Values("email"); got[0] != "bob@gmail.com" {
		t.Errorf("the address is %v", got)
	}
	v.Submit(sure) // it was right as it was
	v.Sees(http.StatusOK, "Give this link to Bob", "bob@gmial.com")
}

// TestAUsedTicketStays where it is, and its card says why.
func TestAUsedTicketStays(t *testing.T) {
	s := openShop(t)
	v := s.tickets()
	button := v.Find("button", "Pass it on")
	_, to, _ := v.Form(button)
	id, err := booking.ParseTicketID(strings.Split(to.Path, "/")[2])
	s.must(err)
	_, _, err = s.office.CheckIn(t.Context(), id, "Gate 1", command.Idempotency{})
	s.must(err)
	v.Submit(button, "name", "Bob", "email", "bob@example.org")
	v.Sees(http.StatusUnprocessableEntity, "Somebody was already admitted", "Used ", "2 of 2")

	stranger := s.visit("/list")
	stranger.Submit(button, "name", "Eve", "email", "eve@example.org")
	stranger.Sees(http.StatusNotFound)
}

// TestAVoidTicketStays: its order was cancelled while its page was open.
func TestAVoidTicketStays(t *testing.T) {
	s := openShop(t)
	v := s.tickets()
	button := v.Find("button", "Pass it on")
	v.Open(strings.TrimSuffix(v.At.Path, "/tickets"))
	s.must(s.office.CancelOrder(t.Context(), s.order(v).ID))
	v.Submit(button, "name", "Bob", "email", "bob@example.org")
	v.Sees(http.StatusUnprocessableEntity, "This ticket is no longer valid.")
}
