package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"ticketflow/internal/app/board"
	"ticketflow/internal/app/calendar"
	"ticketflow/internal/app/phrase"
	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/money"
	"ticketflow/internal/inbound/edge"
)

// timeForm is how times are written for programs.
const timeForm = "2006-01-02T15:04:05Z07:00"

// stage is where the sale of an event is.
type stage uint8

const (
	beforeSale stage = iota
	onSale
	soldOut
	saleOver
	calledOff
)

// event is what the page of an event shows.
type event struct {
	*query.Offer
	start, doors time.Time // in the event's zone; doors may be zero
	tiers        []eventTier
	free         int // places that are for sale and free
	from         money.Money
	orderFee     money.Money // for an order of one place; zero without one
	stage        stage
	sale         string // what is to say about it, unless it is on
}

type eventTier struct {
	name  string
	price money.Money // all that a buyer pays for one place
	usual money.Money // before an early-bird price; zero without one
	free  int
	total int
}

// offer finds an event that everybody may see.
func (s *Site) offer(ctx context.Context, id string) (*query.Offer, error) {
	event, err := catalog.ParseEventID(id)
	if err != nil {
		return nil, booking.ErrEventNotFound
	}
	offer, err := s.offers.Get(ctx, event)
	if err != nil {
		return nil, err
	}
	if offer.Event().Status == catalog.Draft {
		return nil, booking.ErrEventNotFound
	}
	return offer, nil
}

func (s *Site) showEvent(v *visit) (component, error) {
	e, err := s.event(v)
	if err != nil {
		return nil, err
	}
	return eventPage(v, e), nil
}

// sendCalendar is the event as an entry of a calendar.
func (s *Site) sendCalendar(w http.ResponseWriter, r *http.Request) {
	v := s.visit(w, r)
	offer, err := s.offer(r.Context(), r.PathValue("event"))
	if err != nil {
		edge.Fail(w, r, err)
		return
	}
	language, _ := phrase.Parse(v.Lang) // another language's is English
	h := w.Header()
	h.Set("Content-Type", calendar.MediaType)
	h.Set("Content-Disposition", `attachment; filename="`+offer.Event().ID.String()+`.ics"`)
	h["Cache-Control"] = noStore
	_, _ = w.Write(calendar.File(offer, v.now, s.public, language)) // who has gone can't be told
}

// event reads the event that a request names.
func (s *Site) event(v *visit) (*event, error) {
	ctx := v.request.Context()
	offer, err := s.offer(ctx, v.request.PathValue("event"))
	if err != nil {
		return nil, err
	}
	e := &event{Offer: offer}
	facts := offer.Event()
	e.start = inZone(facts.StartsAt, facts.TimeZone)
	if !facts.DoorsAt.IsZero() {
		e.doors = inZone(facts.DoorsAt, facts.TimeZone)
	}
	seats, err := s.boards.Get(ctx, facts.ID)
	if err != nil {
		return nil, err
	}
	_, _, tiers, _ := seats.Summary()
	if err := e.price(tiers, v.now); err != nil {
		return nil, err
	}
	e.judge(v)
	return e, nil
}

// price fills in what each tier costs now.
func (e *event) price(counts []board.Counts, now time.Time) error {
	var fee int64
	for i, tier := range e.Event().Tiers {
		alone, err := e.Alone(uint8(i), now)
		if err != nil {
			return err
		}
		t := eventTier{name: tier.Name, free: counts[i].Free,
			total: counts[i].Free + counts[i].Held + counts[i].Sold + counts[i].Blocked}
		if t.price, err = money.New(alone.Pays, e.Currency()); err != nil {
			return err
		}
		if tier.Price.Minor() != alone.Price {
			t.usual, err = e.usual(alone, tier.Price.Minor())
			if err != nil {
				return err
			}
		}
		e.free += t.free
		e.tiers = append(e.tiers, t)
		fee = max(fee, alone.OrderFee)
	}
	var err error
	if e.orderFee, err = money.New(fee, e.Currency()); err != nil {
		return err
	}
	e.from, _, err = e.Cheapest(now, func(tier int) bool {
		return e.free == 0 || counts[tier].Free > 0
	})
	return err
}

// usual is what a place costs its buyer without the early-bird price. Fees may depend on the price,
// so it is the difference that is put on top of them.
func (e *event) usual(alone catalog.Alone, usual int64) (money.Money, error) {
	return money.New(alone.Pays-alone.Price+usual, e.Currency())
}

// judge says what a buyer can do now.
func (e *event) judge(v *visit) {
	terms, zone := e.Event().Terms, e.Event().TimeZone
	switch {
	case e.Event().Status == catalog.Cancelled:
		e.stage, e.sale = calledOff, v.Event.Cancelled
	case v.now.Before(terms.OpensAt):
		e.stage, e.sale = beforeSale, v.Event.OpensAt(v.Dates.Full(inZone(terms.OpensAt, zone)),
			v.Dates.In(terms.OpensAt.Sub(v.now)))
	case !v.now.Before(terms.ClosesAt):
		e.stage, e.sale = saleOver, v.Event.ClosedAt(v.Dates.Full(inZone(terms.ClosesAt, zone)))
	case e.free == 0:
		e.stage, e.sale = soldOut, v.Event.SoldOut
	default:
		e.stage = onSale
	}
}

// seats is the address of the page where places are chosen.
func (e *event) seats() string { return eventPath(e.Event().ID) + "/seats" }

// where is the venue in one line.
func (e *event) where() string {
	parts := make([]string, 0, 3)
	for _, part := range []string{e.Venue.Name, e.Venue.Address, e.Venue.City} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}

// mapURL is where a map shows the venue. It is only a link: nothing is asked of that site before
// somebody follows it.
func (e *event) mapURL() string {
	return "https://www.openstreetmap.org/search?query=" + url.QueryEscape(e.where())
}

// paragraphs are the description's, each in its lines.
func (e *event) paragraphs() (all [][]string) {
	text := strings.ReplaceAll(e.Event().Description, "\r\n", "\n")
	for part := range strings.SplitSeq(text, "\n\n") {
		if part = strings.TrimSpace(part); part != "" {
			all = append(all, strings.Split(part, "\n"))
		}
	}
	return all
}
