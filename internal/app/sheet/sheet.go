// Package sheet is what stands on a printed ticket.
package sheet

import (
	"time"

	"ticketflow/internal/app/phrase"
	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
)

// Look is what an organisation's tickets and mails look like. Everything may be empty.
type Look struct {
	Organisation string
	Colour       [3]uint8 // red, green, blue; black is no colour of its own
	Logo         []byte   // PNG or JPEG
}

// Sheet is one file of tickets, a page each.
type Sheet struct {
	Title, Venue, Address string
	StartsAt              time.Time // in the event's zone
	DoorsAt               time.Time // the same, or zero
	Reference             string    // of the order
	Language              phrase.Language
	Look                  Look
	Tickets               []Ticket
}

// Ticket is one page.
type Ticket struct {
	Section, Row, Seat string // of a standing place only the section
	Tier, Holder       string
	Code               string
}

// Printer makes a file of a sheet.
type Printer interface {
	// Print makes a PDF. The same sheet always makes the same bytes.
	Print(s Sheet) ([]byte, error)
}

// Of is the sheet of those of an order's tickets that still admit and are the buyer's own.
func Of(
	offer *query.Offer, o *booking.Order, tickets []query.OwnTicket, l phrase.Language, look Look,
) Sheet {
	s := base(offer, o, l, look)
	for i := range tickets {
		if t := &tickets[i]; t.Code != "" {
			s.Tickets = append(s.Tickets, page(offer, o, t.Ticket, t.Code))
		}
	}
	return s
}

// OfOne is the sheet of one ticket, the buyer's own or one that was passed on.
func OfOne(
	offer *query.Offer, o *booking.Order, t booking.Ticket, code string, l phrase.Language,
	look Look,
) Sheet {
	s := base(offer, o, l, look)
	s.Tickets = []Ticket{page(offer, o, t, code)}
	return s
}

func base(offer *query.Offer, o *booking.Order, l phrase.Language, look Look) Sheet {
	e := offer.Event()
	s := Sheet{Title: e.Title, Venue: offer.Venue.Name, Address: Address(offer),
		StartsAt: e.StartsAt.In(offer.Zone()), Reference: o.ID.Reference(), Language: l, Look: look}
	if !e.DoorsAt.IsZero() {
		s.DoorsAt = e.DoorsAt.In(offer.Zone())
	}
	return s
}

// Address is where the event takes place, in one line.
func Address(offer *query.Offer) string {
	if offer.Venue.Address == "" {
		return offer.Venue.City
	}
	return offer.Venue.Address + ", " + offer.Venue.City
}

func page(offer *query.Offer, o *booking.Order, t booking.Ticket, code string) Ticket {
	label := offer.Plan().Label(t.ID.Place)
	p := Ticket{Section: label.Section, Row: label.Row, Seat: label.Seat,
		Holder: o.NameOn(t), Code: code}
	for _, l := range o.Lines {
		if tiers := offer.Event().Tiers; l.Place == t.ID.Place && int(l.Tier) < len(tiers) {
			p.Tier = tiers[l.Tier].Name
		}
	}
	return p
}
