package httpapi_test

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/admission"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/inbound/httpapi"
	"ticketflow/internal/inbound/qrimage"
)

// keys checks the codes of the house, as a scanner does.
func (h *house) keys() *admission.Keyring {
	h.tb.Helper()
	ring, err := admission.NewKeyring(h.signer.Public())
	if err != nil {
		h.tb.Fatal(err)
	}
	return ring
}

// bought is a paid order with count places and its tickets.
func (h *house) bought(count int) (httpapi.Order, []httpapi.Ticket) {
	h.tb.Helper()
	placed := h.order(h.hold(count, key()), key())
	h.pay(placed, key()).want(http.StatusOK, "")
	return placed, h.tickets(placed).Tickets
}

// alone reads one ticket.
func (h *house) alone(id string) (t httpapi.Ticket) {
	h.tb.Helper()
	h.call(http.MethodGet, "/v1/tickets/"+id, "").into(&t)
	return t
}

// TestOneCodePerTicket: the list, the ticket and both pictures show the same code, before and after
// a neighbour was admitted; each verifies, and no two are alike.
func TestOneCodePerTicket(t *testing.T) {
	h := open(t)
	ring := h.keys()
	for _, count := range []int{1, 2, 7} {
		placed, tickets := h.bought(count)
		seen := map[string]bool{}
		for _, ticket := range tickets {
			claims, err := ring.Verify(ticket.Code)
			if err != nil || claims.Place != ticket.Place || seen[ticket.Code] {
				t.Errorf("%d tickets: %+v has %+v, %v", count, ticket, claims, err)
			}
			seen[ticket.Code] = true
			if got := h.alone(ticket.ID); got != ticket {
				t.Errorf("%d tickets: listed is %+v, alone it is %+v", count, ticket, got)
			}
			symbol, err := qrimage.Encode(ticket.Code)
			if err != nil {
				t.Fatal(err)
			}
			picture, err := symbol.PNG(8)
			if err != nil {
				t.Fatal(err)
			}
			for end, want := range map[string][]byte{"png": picture, "svg": symbol.SVG()} {
				r := h.call(http.MethodGet, "/v1/tickets/"+ticket.ID+"/qr."+end, "")
				if !bytes.Equal(r.body, want) {
					t.Errorf("%d tickets: qr.%s shows another code", count, end)
				}
			}
		}
		h.asOrganiser(http.MethodPost, "/v1/check-ins", fmt.Sprintf(`{"code":%q}`,
			tickets[0].Code)).want(http.StatusOK, "")
		for i, ticket := range h.tickets(placed).Tickets {
			if ticket.Code != tickets[i].Code || (ticket.State == "used") != (i == 0) {
				t.Errorf("%d tickets: after a check-in %d is %+v", count, i, ticket)
			}
		}
	}
}

// voiding shows the tickets of the ledger in the opposite order and, once told so, the ticket for
// one place as void.
type voiding struct {
	query.Bookings
	place atomic.Int64
}

func (v *voiding) OrderTickets(
	ctx context.Context, id booking.OrderID,
) (booking.Order, []booking.Ticket, error) {
	o, tickets, err := v.Bookings.OrderTickets(ctx, id)
	tickets = slices.Clone(tickets)
	slices.Reverse(tickets)
	for i := range tickets {
		if int64(tickets[i].ID.Place) == v.place.Load() {
			tickets[i].State = booking.TicketVoid
		}
	}
	return o, tickets, err
}

// TestVoidNeighbour: a void ticket shows no code, and the others' codes stay as they are. Nor does
// the order in which the ledger gives them matter.
func TestVoidNeighbour(t *testing.T) {
	var ledger voiding
	ledger.place.Store(-1)
	h := open(t, func(c *httpapi.Config) {
		ledger.Bookings, c.Bookings = c.Bookings, &ledger
	})
	placed, before := h.bought(5)
	ledger.place.Store(int64(before[2].Place))
	after := h.tickets(placed).Tickets
	for i := range after {
		want := before[i]
		if i == 2 {
			want.State, want.Code = "void", ""
		}
		if after[i] != want || h.alone(want.ID) != want {
			t.Errorf("ticket %d is %+v, alone %+v, want %+v", i, after[i], h.alone(want.ID), want)
		}
	}
	h.call(http.MethodGet, "/v1/tickets/"+before[2].ID+"/qr.svg", "").
		want(http.StatusGone, "ticket_void")
	slices.SortFunc(before, func(a, b httpapi.Ticket) int { return cmp.Compare(a.Place, b.Place) })
	var claims []admission.Claims
	for _, ticket := range before {
		c, err := h.keys().Verify(ticket.Code)
		if err != nil {
			t.Fatal(err)
		}
		claims = append(claims, c)
	}
	codes, err := h.signer.SignAll(claims)
	if err != nil {
		t.Fatal(err)
	}
	for i, code := range codes {
		if before[i].Code != code {
			t.Errorf("place %d isn't leaf %d of its order", before[i].Place, i)
		}
	}
}

// TestLongestScan: the gate's bound on the text is that of the codes.
func TestLongestScan(t *testing.T) {
	h := open(t)
	scan := func(n int) reply {
		code := "TF1:" + strings.Repeat("0", n-len("TF1:"))
		return h.asOrganiser(http.MethodPost, "/v1/check-ins", fmt.Sprintf(`{"code":%q}`, code))
	}
	scan(admission.MaxCodeChars).want(http.StatusUnprocessableEntity, "bad_ticket_code")
	scan(admission.MaxCodeChars+1).want(http.StatusUnprocessableEntity, "invalid_request")
}

// TestPublishedCodes: the codes that the API's description and docs/ticket-code.md show are true,
// signed with the key of these tests.
func TestPublishedCodes(t *testing.T) {
	h := open(t)
	page, err := os.ReadFile("../../../docs/ticket-code.md")
	if err != nil {
		t.Fatal(err)
	}
	spec, signed := string(h.spec()), []admission.Claims(nil)
	for _, text := range []string{"tkt_000000800000r000000z22at2f3rgbqh15d17hw85vrgj",
		"tkt_000000800000t000000tpmr096ex4x5bac04k7ejejnn6"} {
		id, err := booking.ParseTicketID(text)
		if err != nil || !strings.Contains(spec, text) {
			t.Fatalf("%s is not in the description: %v", text, err)
		}
		signed = append(signed, admission.Claims{Event: int64(id.Event), Place: uint32(id.Place),
			Fence: id.Fence, Secret: id.Secret})
	}
	codes, err := h.signer.SignAll(signed)
	if err != nil {
		t.Fatal(err)
	}
	wanted := append(codes, fmt.Sprintf("%x", h.signer.Public().Key))
	for _, want := range wanted {
		if !strings.Contains(string(page), want) {
			t.Errorf("docs/ticket-code.md doesn't show %s", want)
		}
	}
	for _, code := range codes {
		if !strings.Contains(spec, code) {
			t.Errorf("the description doesn't show %s", code)
		}
	}
}
