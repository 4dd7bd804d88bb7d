package query

import (
	"cmp"
	"slices"

	"ticketflow/internal/domain/admission"
	"ticketflow/internal/domain/booking"
)

// Codes gives what the QRs of tickets say, which must be all of an order. A ticket that admits
// nobody has no code. tickets isn't changed, and their order doesn't matter to the codes.
//
// The tickets that the buyer got are signed together, by place, then fence: those that are worth
// nothing by now among them, so that the codes of the others stay as they are. A ticket that was
// passed on is signed alone: its code doesn't show what it was bought with, nor changes any other.
func Codes(signer *admission.Signer, tickets []booking.Ticket) ([]string, error) {
	leaves := make([]int, 0, admission.MaxTickets)
	for i := range tickets {
		if tickets[i].Transfers == 0 {
			leaves = append(leaves, i)
		}
	}
	slices.SortFunc(leaves, func(i, j int) int {
		a, b := &tickets[i].ID, &tickets[j].ID
		return cmp.Or(cmp.Compare(a.Place, b.Place), cmp.Compare(a.Fence, b.Fence))
	})
	claims := make([]admission.Claims, 0, admission.MaxTickets)
	for _, i := range leaves {
		claims = append(claims, claimsOf(tickets[i].ID))
	}
	signed, err := signer.SignAll(claims)
	if err != nil {
		return nil, err
	}
	codes := make([]string, len(tickets))
	for leaf, i := range leaves {
		if tickets[i].State.Living() {
			codes[i] = signed[leaf]
		}
	}
	for i, t := range tickets {
		if t.Transfers == 0 || !t.State.Living() {
			continue
		}
		if codes[i], err = signer.Sign(claimsOf(t.ID)); err != nil {
			return nil, err
		}
	}
	return codes, nil
}

func claimsOf(id booking.TicketID) admission.Claims {
	return admission.Claims{Event: int64(id.Event), Place: uint32(id.Place), Fence: id.Fence,
		Secret: id.Secret}
}

// OwnTicket is a ticket as its buyer may see it.
type OwnTicket struct {
	booking.Ticket
	Code string
	// PassedTo is who has the place's ticket now, and Became its state: 0 if the buyer still has
	// it.
	PassedTo booking.Holder
	Became   booking.TicketState
}

// OwnTickets are those of an order that its buyer got, by place: what became of the others is told
// with them, but not their codes, which are somebody else's. codes are those of tickets.
func OwnTickets(tickets []booking.Ticket, codes []string) []OwnTicket {
	own := make([]OwnTicket, 0, len(tickets))
	for i, t := range tickets {
		if t.Transfers == 0 {
			own = append(own, OwnTicket{Ticket: t, Code: codes[i]})
		}
	}
	if len(own) == len(tickets) {
		return own
	}
	for i := range own {
		last := 0
		for _, t := range tickets {
			if t.ID.Place == own[i].ID.Place && t.Transfers > last {
				last, own[i].PassedTo, own[i].Became = t.Transfers, t.Holder, t.State
			}
		}
	}
	return own
}
