package httpapi_test

import (
	"net/http"
	"testing"

	"ticketflow/internal/inbound/httpapi"
)

const toGrace = `{"to":{"name":"Grace Hopper","email":"grace@example.org"}}`

// passOn passes a ticket on; headers are names and values.
func (h *house) passOn(ticket, key string, headers ...string) httpapi.Transferred {
	h.tb.Helper()
	var made httpapi.Transferred
	r := h.call(http.MethodPost, "/v1/tickets/"+ticket+"/transfer", toGrace,
		append(headers, "Idempotency-Key", key)...)
	r.want(http.StatusCreated, "")
	r.into(&made)
	return made
}

func (h *house) lookUp(ticket string) (shown httpapi.Ticket) {
	h.tb.Helper()
	h.call(http.MethodGet, "/v1/tickets/"+ticket, "").into(&shown)
	return shown
}

// TestTransfer passes one of two tickets on: the old code dies at once, the ticket beside it keeps
// its code, and the buyer sees who has it, but not the new code.
func TestTransfer(t *testing.T) {
	h := open(t)
	placed := h.order(h.hold(2, "a"), "b")
	h.pay(placed, "n").want(http.StatusOK, "")
	before := h.tickets(placed).Tickets
	made := h.passOn(before[0].ID, "k", "Order-Token", placed.Token)
	if again := h.passOn(before[0].ID, "k", "Order-Token", placed.Token); again != made {
		t.Errorf("the same request answers %+v, and before %+v", again, made)
	}
	h.scan(before[0].Code, "").want(http.StatusGone, "ticket_transferred")
	if old := h.lookUp(before[0].ID); old.State != "transferred" || old.Code != "" ||
		old.PassedTo != nil {
		t.Errorf("the old ticket is %+v", old)
	}
	h.call(http.MethodGet, "/v1/tickets/"+before[0].ID+"/qr.svg", "").
		want(http.StatusGone, "ticket_transferred")
	after := h.tickets(placed).Tickets
	if len(after) != 2 || after[1] != before[1] || after[0].ID != before[0].ID ||
		after[0].Code != "" || after[0].PassedTo == nil ||
		*after[0].PassedTo != (httpapi.PassedTo{Name: "Grace Hopper",
			Email: "grace@example.org", State: "valid"}) {
		t.Errorf("the buyer sees %+v", after)
	}
	now := h.lookUp(made.Link.Ticket)
	if now.State != "valid" || now.HolderName != "Grace Hopper" || now.Place != before[0].Place ||
		now.Code == "" || now.Code == before[0].Code {
		t.Errorf("the new ticket is %+v", now)
	}
	if before[0].HolderName != "Ada" {
		t.Errorf("the ticket was of %q", before[0].HolderName)
	}
	h.scan(now.Code, "").want(http.StatusOK, "")
	h.scan(before[1].Code, "").want(http.StatusOK, "")
	if after := h.tickets(placed).Tickets; after[0].PassedTo.State != "used" {
		t.Errorf("the buyer sees %+v", after[0])
	}
}

// TestTransferIsTheHoldersAlone: a buyer can't take back what was passed on, and who has only seen
// a ticket can't take it at all.
func TestTransferIsTheHoldersAlone(t *testing.T) {
	h := open(t)
	placed := h.order(h.hold(1, "a"), "b")
	h.pay(placed, "n").want(http.StatusOK, "")
	ticket := h.tickets(placed).Tickets[0].ID
	refused := func(ticket string, status int, code string, headers ...string) {
		t.Helper()
		h.call(http.MethodPost, "/v1/tickets/"+ticket+"/transfer", toGrace,
			append(headers, "Idempotency-Key", key())...).want(status, code)
	}
	refused(ticket, http.StatusNotFound, "not_found")
	refused(ticket, http.StatusNotFound, "not_found", "Ticket-Token", placed.Token+"0")
	made := h.passOn(ticket, "k", "Order-Token", placed.Token)
	second := made.Link
	refused(second.Ticket, http.StatusNotFound, "not_found", "Order-Token", placed.Token)
	refused(second.Ticket, http.StatusNotFound, "not_found")
	third := h.passOn(second.Ticket, "k", "Ticket-Token", second.Token).Link
	refused(third.Ticket, http.StatusNotFound, "not_found", "Ticket-Token", second.Token)
	refused(second.Ticket, http.StatusGone, "ticket_transferred", "Ticket-Token", second.Token)
	refused(ticket, http.StatusGone, "ticket_transferred", "Order-Token", placed.Token)
	at := len(ticket) - 5 // within the secret; the last letter has bits that count for nothing
	forged := ticket[:at] + "0" + ticket[at+1:]
	if forged == ticket {
		forged = ticket[:at] + "1" + ticket[at+1:]
	}
	refused(forged, http.StatusNotFound, "ticket_not_found", "Order-Token", placed.Token)
	refused("tkt_", http.StatusNotFound, "ticket_not_found", "Order-Token", placed.Token)
	h.call(http.MethodPost, "/v1/tickets/"+third.Ticket+"/transfer",
		`{"to":{"name":" ","email":"grace"}}`, "Ticket-Token", third.Token, "Idempotency-Key",
		"x").want(http.StatusUnprocessableEntity, "bad_buyer")
	var byStaff httpapi.Transferred
	h.asOrganiser(http.MethodPost, "/v1/tickets/"+third.Ticket+"/transfer", toGrace,
		"Idempotency-Key", "y").into(&byStaff)
	h.asOrganiser(http.MethodPost, "/v1/orders/"+placed.ID+"/cancel", "",
		"Idempotency-Key", "c").want(http.StatusOK, "")
	if now := h.lookUp(byStaff.Link.Ticket); now.State != "void" || now.Code != "" {
		t.Errorf("the ticket of a cancelled order is %+v", now)
	}
}
