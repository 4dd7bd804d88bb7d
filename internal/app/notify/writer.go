package notify

import (
	"context"
	"errors"
	"fmt"
	"html"
	"strings"
	"time"

	"ticketflow/internal/app/calendar"
	"ticketflow/internal/app/command"
	"ticketflow/internal/app/phrase"
	"ticketflow/internal/app/query"
	"ticketflow/internal/app/sheet"
	"ticketflow/internal/domain/admission"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/fact"
)

// Writer writes letters from the ledger as it is now.
type Writer struct{ WriterConfig }

// WriterConfig is what a Writer is made of.
type WriterConfig struct {
	Bookings query.Bookings
	Offers   *query.Offers
	Tokens   Tokens
	Signer   *admission.Signer
	Printer  sheet.Printer
	Look     sheet.Look
	Site     string          // address of the box office, without a slash at its end
	Language phrase.Language // the house's: of who has chosen none, or one that isn't spoken
	Clock    func() time.Time
}

// Tokens give access to orders and tickets: the Office has them.
type Tokens interface {
	// OrderToken is the token of an order.
	OrderToken(id booking.OrderID) command.Token
	// TicketToken is the token of a ticket that was passed on.
	TicketToken(id booking.TicketID) command.Token
}

// NewWriter makes a writer.
func NewWriter(c WriterConfig) *Writer { return &Writer{c} }

// draft is a letter while it is written.
type draft struct {
	*Writer

	letter  Letter
	spoken  phrase.Language
	words   *phrase.Phrases
	offer   *query.Offer
	order   booking.Order
	tickets []booking.Ticket
	codes   []string
	ticket  *booking.Ticket // that the letter is about, for transfers
	fill    []string
}

// Write writes a letter. It fails with ErrMoot if what it would say isn't so any more.
func (w *Writer) Write(ctx context.Context, l Letter) (m Message, err error) {
	d := &draft{Writer: w, letter: l}
	if err := d.read(ctx); err != nil {
		return m, err
	}
	d.spoken = d.language()
	d.words = phrase.In(d.spoken)
	text := d.text()
	if text == (phrase.Letter{}) {
		return m, ErrMoot
	}
	m = Message{ID: l.Key + "." + l.Event.String() + "@" + domain(w.Site), At: w.Clock(),
		To: Address{d.order.Buyer.Name, d.order.Buyer.Email}}
	link := w.Site + "/orders/" + d.order.ID.String() + "?token=" +
		w.Tokens.OrderToken(d.order.ID).String()
	if l.To == ToHolder {
		m.To = Address{d.ticket.Holder.Name, d.ticket.Holder.Email}
		link = w.Site + "/tickets/" + d.ticket.ID.String() + "?token=" +
			w.Tokens.TicketToken(d.ticket.ID).String()
	}
	d.values(link)
	m.Subject = phrase.Fill(text.Subject, d.fill...)
	body := strings.Join([]string{phrase.Fill(d.words.Hello, "name", m.To.Name),
		phrase.Fill(text.Body, d.fill...), phrase.Fill(d.words.Event, d.fill...),
		phrase.Fill(d.words.Regard, "organisation", d.sender())}, "\n\n")
	m.Text, m.HTML = body+"\n", page(string(d.spoken), m.Subject, body, link)
	return m, d.attach(&m)
}

// read finds what the letter is about.
func (d *draft) read(ctx context.Context) (err error) {
	id := booking.OrderID{Event: d.letter.Event, Key: d.letter.Order}
	d.order, d.tickets, err = d.Bookings.OrderTickets(ctx, id)
	if errors.Is(err, booking.ErrOrderNotFound) {
		return ErrMoot // somebody has paid for an order that there isn't: nobody to write to
	}
	if err != nil {
		return fmt.Errorf("read the order: %w", err)
	}
	if d.offer, err = d.Offers.Get(ctx, id.Event); err != nil {
		return fmt.Errorf("read the event: %w", err)
	}
	if d.codes, err = query.Codes(d.Signer, d.tickets); err != nil {
		return fmt.Errorf("sign the tickets: %w", err)
	}
	if d.letter.Fence == 0 {
		return nil
	}
	for i := range d.tickets {
		t := &d.tickets[i]
		if t.ID.Place == d.letter.Place && t.ID.Fence == d.letter.Fence {
			d.ticket = t
			return nil
		}
	}
	return ErrMoot
}

// language is what the letter's reader is spoken to in. Who was passed a ticket with no word of a
// language is spoken to like the order's buyer.
func (d *draft) language() phrase.Language {
	tag := d.order.Buyer.Language
	if d.letter.To == ToHolder && d.ticket.Holder.Language != "" {
		tag = d.ticket.Holder.Language
	}
	if l, ok := phrase.Parse(tag); ok {
		return l
	}
	return d.Language
}

// text is what has to be said, or nothing.
func (d *draft) text() phrase.Letter {
	paid, holder := d.order.State == booking.Paid, d.letter.To == ToHolder
	switch kind := d.letter.Kind; {
	case kind == fact.OrderPaid && paid:
		return d.words.Paid
	case kind == fact.OrderPaidLate && paid:
		return d.words.PaidLate
	case kind == fact.OrderExpired && d.order.State == booking.OrderExpired && d.tried():
		return d.words.Expired
	case kind == fact.PaymentReturned:
		return d.words.Returned
	case kind == fact.RefundDone:
		return d.words.Refunded
	case kind == fact.EventCancelled:
		return d.words.Cancelled
	case kind == fact.TicketTransferred && !holder:
		return d.words.Passed
	case kind == fact.TicketTransferred && d.ticket.State.Living():
		return d.words.Received
	}
	return phrase.Letter{} // an order that was cancelled since has no tickets to be sent
}

// tried tells whether somebody has given a gateway something to charge for the order. Nobody has
// proved the address of one that was merely placed: anyone may type anyone's, and would have us
// write to strangers. That a payment page was opened proves no more, the checkout opens one itself.
func (d *draft) tried() bool { return d.order.Declined > 0 }

// values are what the texts are filled with.
func (d *draft) values(link string) {
	e := d.offer.Event()
	begins := e.StartsAt.In(d.offer.Zone())
	d.fill = []string{"event", e.Title, "reference", d.order.ID.Reference(), "link", link,
		"date", d.words.Day(begins) + ", " + d.words.Clock(begins),
		"venue", d.offer.Venue.Name + ", " + sheet.Address(d.offer),
		"total", d.words.Amount(d.order.Total), "amount", d.words.Amount(d.letter.Amount),
		"buyer", d.order.Buyer.Name}
	if d.ticket != nil {
		label := d.offer.Plan().Label(d.ticket.ID.Place)
		place := []string{d.words.Section + " " + label.Section}
		if label.Row != "" {
			place = append(place, d.words.Row+" "+label.Row)
		}
		if label.Seat != "" {
			place = append(place, d.words.Seat+" "+label.Seat)
		}
		d.fill = append(d.fill, "holder", d.ticket.Holder.Name, "place", strings.Join(place, ", "))
	}
}

func (d *draft) sender() string {
	if d.Look.Organisation != "" {
		return d.Look.Organisation
	}
	return d.offer.Venue.Name
}

// attach adds the tickets that are its reader's, and the date.
func (d *draft) attach(m *Message) error {
	var s sheet.Sheet
	switch d.letter.Kind {
	case fact.OrderPaid, fact.OrderPaidLate:
		s = sheet.Of(d.offer, &d.order, query.OwnTickets(d.tickets, d.codes), d.spoken, d.Look)
	case fact.TicketTransferred:
		if d.letter.To != ToHolder {
			return nil
		}
		for i := range d.tickets {
			if d.tickets[i].ID == d.ticket.ID {
				s = sheet.OfOne(d.offer, &d.order, *d.ticket, d.codes[i], d.spoken, d.Look)
			}
		}
	default:
		return nil
	}
	m.Files = append(m.Files, File{d.words.CalendarFile, calendar.MediaType,
		calendar.File(d.offer, d.Clock(), d.Site, d.spoken)})
	if len(s.Tickets) == 0 {
		return nil // all were passed on meanwhile
	}
	pdf, err := d.Printer.Print(s)
	if err != nil {
		return fmt.Errorf("print the tickets: %w", err)
	}
	m.Files = append(m.Files, File{d.words.TicketsFile, "application/pdf", pdf})
	return nil
}

// domain is what stands behind the @ of a Message-ID.
func domain(site string) string {
	_, rest, _ := strings.Cut(site, "://")
	rest, _, _ = strings.Cut(rest, "/")
	name, _, _ := strings.Cut(rest, ":")
	return name
}

// page is a body as a simple page: paragraphs, and the link to click.
func page(language, title, body, link string) string {
	var b strings.Builder
	b.WriteString(`<!doctype html><html lang="` + html.EscapeString(language) +
		`"><head><meta charset="utf-8"><title>` + html.EscapeString(title) +
		`</title></head><body style="font-family:sans-serif;line-height:1.5;max-width:40em">`)
	for paragraph := range strings.SplitSeq(body, "\n\n") {
		text := strings.ReplaceAll(html.EscapeString(paragraph), "\n", "<br>")
		safe := html.EscapeString(link)
		text = strings.ReplaceAll(text, safe, `<a href="`+safe+`">`+safe+`</a>`)
		b.WriteString("<p>" + text + "</p>")
	}
	b.WriteString("</body></html>\n")
	return b.String()
}
