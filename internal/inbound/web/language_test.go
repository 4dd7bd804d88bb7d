package web_test

import (
	"net/http"
	"testing"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/testservers/visitor"
)

// TestAnOrderKeepsThePagesLanguage, and a ticket that in which it was passed on. Either sent once
// more in another language stays as it is.
func TestAnOrderKeepsThePagesLanguage(t *testing.T) {
	s := openShop(t)
	v := visitor.OpenIn(t, s.url+"/events/"+s.event.String()+"/list", "de-AT, en;q=0.5")
	v.Press("Die besten reservieren")
	v.Follow("Weiter")
	pay := v.Find("button", "bezahlen")
	v.Submit(pay, "name", "Ada", "email", "ada@example.org")
	s.keeps(v, "de")
	first := v.At.Path
	v.Open(first + "?lang=en") // chosen, so that it counts before the browser's
	v.Submit(pay, "name", "Ada", "email", "ada@example.org")
	if v.At.Path != first {
		t.Errorf("it led to %s, and the order is at %s", v.At, first)
	}
	s.keeps(v, "de")

	s.bank.says(payment.Paid)
	v.Open(first)
	v.Follow("Show tickets")
	page := v.At.Path
	pass := v.Find("button", "Pass it on")
	v.Submit(pass, "name", "Bob", "email", "bob@example.org")
	v.Open(page + "?lang=de")
	v.Submit(pass, "name", "Bob", "email", "bob@example.org")
	v.Sees(http.StatusOK, "Weitergegeben an Bob")
	v.Open(page)
	v.Press("Weitergeben", "name", "Eve", "email", "eve@example.org")
	v.Open(page)
	v.Sees(http.StatusOK, "Weitergegeben an Bob", "Weitergegeben an Eve")
	v.Open(first)
	_, tickets, err := s.store.OrderTickets(t.Context(), s.order(v).ID)
	s.must(err)
	want := map[string]string{"Bob": "en", "Eve": "de", "": ""}
	for _, ticket := range tickets {
		name := ticket.Holder.Name
		if got := ticket.Holder.Language; (ticket.State == booking.TicketValid) != (name != "") ||
			got != want[name] {
			t.Errorf("the %v ticket of %q is in %q", ticket.State, name, got)
		}
	}

	other := s.ordered()
	s.keeps(other, "en")
}

// keeps wants the order whose page a visitor sees to be in a language.
func (s *shop) keeps(v *visitor.Visitor, language string) {
	s.t.Helper()
	if got := s.order(v).Buyer.Language; got != language {
		s.t.Errorf("the order is in %q, want %q", got, language)
	}
}
