package httpapi_test

import (
	"net/http"
	"strings"
	"testing"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/inbound/httpapi"
)

// inLanguage adds a language to a body.
func inLanguage(body, language string) string {
	return strings.TrimSuffix(body, "}") + `,"language":"` + language + `"}`
}

// TestAnOrderKeepsItsLanguage, and a ticket that of who has got it.
func TestAnOrderKeepsItsLanguage(t *testing.T) {
	h := open(t)
	for _, language := range []string{"de", "pt-BR", "fr", ""} {
		plain, same := orderBody(h.hold(1, key())), key()
		body := inLanguage(plain, language)
		var placed, again httpapi.Order
		h.call(http.MethodPost, "/v1/orders", body, "Idempotency-Key", same,
			"Accept-Language", "nl").into(&placed)
		h.call(http.MethodPost, "/v1/orders", body, "Idempotency-Key", same).into(&again)
		if again.ID != placed.ID {
			t.Errorf("the same request has made %s and %s", placed.ID, again.ID)
		}
		h.call(http.MethodPost, "/v1/orders", inLanguage(plain, "nl"), "Idempotency-Key", same).
			want(http.StatusUnprocessableEntity, "idempotency_key_reused")
		id, err := booking.ParseOrderID(placed.ID)
		if err != nil {
			t.Fatal(err)
		}
		o, err := h.store.Order(t.Context(), id)
		if err != nil || o.Buyer.Language != language {
			t.Errorf("the order in %q is kept in %q, %v", language, o.Buyer.Language, err)
		}
		h.pay(placed, key()).want(http.StatusOK, "")
		var made httpapi.Transferred
		h.call(http.MethodPost, "/v1/tickets/"+h.tickets(placed).Tickets[0].ID+"/transfer",
			inLanguage(toGrace, language), "Order-Token", placed.Token, "Idempotency-Key",
			key()).into(&made)
		if got := h.ticket(made.Link.Ticket).Holder.Language; got != language {
			t.Errorf("the ticket passed on in %q is kept in %q", language, got)
		}
	}
}

// ticket is a ticket as the ledger has it.
func (h *house) ticket(name string) booking.Ticket {
	h.tb.Helper()
	id, err := booking.ParseTicketID(name)
	if err != nil {
		h.tb.Fatal(err)
	}
	ticket, err := h.store.Ticket(h.tb.Context(), id)
	if err != nil {
		h.tb.Fatal(err)
	}
	return ticket
}

// TestABadLanguageChangesNothing: the places stay held, and the ticket is worth what it was.
func TestABadLanguageChangesNothing(t *testing.T) {
	h := open(t)
	made, same := h.hold(1, key()), key()
	paid := h.order(h.hold(1, key()), key())
	h.pay(paid, key()).want(http.StatusOK, "")
	ticket := h.tickets(paid).Tickets[0]
	before := h.state()
	for _, bad := range []string{"de_AT", "*", "de,en;q=0.5", "1", "de-", "deutschland",
		strings.Repeat("de-", 12) + "de"} {
		h.call(http.MethodPost, "/v1/orders", inLanguage(orderBody(made), bad),
			"Idempotency-Key", same).want(http.StatusBadRequest, "bad_language")
		h.call(http.MethodPost, "/v1/tickets/"+ticket.ID+"/transfer", inLanguage(toGrace, bad),
			"Order-Token", paid.Token, "Idempotency-Key", same).
			want(http.StatusBadRequest, "bad_language")
	}
	h.call(http.MethodPost, "/v1/orders", strings.Replace(orderBody(made), `{`,
		`{"language":7,`, 1), "Idempotency-Key", same).
		want(http.StatusUnprocessableEntity, "bad_field")
	if after := h.state(); after != before {
		t.Errorf("%s became %s", before, after)
	}
	if now := h.lookUp(ticket.ID); now != ticket {
		t.Errorf("the ticket is %+v, it was %+v", now, ticket)
	}
	h.order(made, same) // the refusals haven't used up the key
}
