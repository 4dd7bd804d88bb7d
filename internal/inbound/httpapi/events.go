package httpapi

import (
	"context"
	"time"

	"ticketflow/internal/app/board"
	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/inbound/forms"
)

// Counts is how many places are in each state. Held are those in holds and in orders that await
// their payment.
type Counts struct {
	Free    int `json:"free" example:"412"`
	Held    int `json:"held" example:"36"`
	Sold    int `json:"sold" example:"752"`
	Blocked int `json:"blocked" example:"0"`
}

// EventSummary is one line of the list of events.
type EventSummary struct {
	ID        string    `json:"id" example:"evt_1"`
	Title     string    `json:"title" example:"The Marriage of Figaro"`
	Kind      string    `json:"kind,omitempty" example:"opera"`
	Status    string    `json:"status" enum:"draft,published,cancelled"`
	Venue     string    `json:"venue" example:"Opera House"`
	City      string    `json:"city" example:"Vienna"`
	Country   string    `json:"country" example:"AT"`
	TimeZone  string    `json:"time_zone" example:"Europe/Vienna" doc:"IANA name; show times in it"`
	StartsAt  time.Time `json:"starts_at"`
	OpensAt   time.Time `json:"sale_opens_at"`
	ClosesAt  time.Time `json:"sale_closes_at"`
	DetailURL string    `json:"url" example:"/v1/events/evt_1"`
}

// EventPage is a page of the list of events.
type EventPage struct {
	Events []EventSummary `json:"events" nullable:"false"`
	Next   string         `json:"next_cursor,omitempty" example:"MTc4OTIwNzIwMDAwMC4x" doc:"Ask for the next page with it; absent on the last page"`
}

type listInput struct {
	Text   string    `query:"q" maxLength:"200" example:"figaro" doc:"Words in title, description or venue"`
	Place  string    `query:"place" maxLength:"200" example:"vienna" doc:"Part of the venue's name or city"`
	Kind   string    `query:"kind" maxLength:"40" example:"opera" doc:"Events of this kind"`
	From   time.Time `query:"from" example:"2026-09-01T00:00:00Z" doc:"Events that start at this time or later"`
	To     time.Time `query:"to" example:"2027-01-01T00:00:00Z" doc:"Events that start before this time"`
	Cursor string    `query:"cursor" maxLength:"100" doc:"From the page before"`
	Limit  int       `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"Events on a page"`
}

type listOutput struct{ Body EventPage }

func (s *Server) listEvents(ctx context.Context, in *listInput) (*listOutput, error) {
	f := query.EventFilter{Text: forms.Filter(in.Text), Place: forms.Filter(in.Place),
		Kind: forms.Filter(in.Kind), From: in.From, To: in.To, Limit: in.Limit + 1,
		Drafts: s.organiser(requestIn(ctx)) == nil}
	var err error
	if f.AfterStart, f.AfterID, err = forms.ParseCursor(in.Cursor); err != nil {
		return nil, err
	}
	rows, err := s.shelf.Events(ctx, f)
	if err != nil {
		return nil, err
	}
	page := EventPage{Events: []EventSummary{}}
	if len(rows) > in.Limit {
		rows = rows[:in.Limit]
		page.Next = forms.Cursor(rows[in.Limit-1].StartsAt, rows[in.Limit-1].ID)
	}
	for _, row := range rows {
		page.Events = append(page.Events, EventSummary{ID: row.ID.String(), Title: row.Title,
			Kind: row.Kind, Status: row.Status.String(), Venue: row.Venue,
			City: row.City, Country: row.Country,
			TimeZone: row.TimeZone, StartsAt: row.StartsAt, OpensAt: row.OpensAt,
			ClosesAt: row.ClosesAt, DetailURL: eventPath(row.ID)})
	}
	return &listOutput{page}, nil
}

// Venue is a building or ground.
type Venue struct {
	ID       string `json:"id" example:"ven_1"`
	Name     string `json:"name" example:"Opera House"`
	Address  string `json:"address" example:"Ring 1"`
	City     string `json:"city" example:"Vienna"`
	Country  string `json:"country" example:"AT" doc:"ISO 3166-1 alpha-2, or empty"`
	TimeZone string `json:"time_zone" example:"Europe/Vienna"`
}

// Sale is the conditions of sale.
type Sale struct {
	OpensAt       time.Time `json:"opens_at"`
	ClosesAt      time.Time `json:"closes_at"`
	MaxPerOrder   int       `json:"max_per_order" example:"10"`
	MaxPerBuyer   int       `json:"max_per_buyer" example:"20" doc:"Over all orders of one e-mail address; 0 is no limit"`
	HoldSeconds   int       `json:"hold_seconds" example:"600"`
	PaySeconds    int       `json:"pay_seconds" example:"1200"`
	MaxExtensions int       `json:"max_extensions" example:"1" doc:"How often a hold may be extended"`
	OrphanRule    string    `json:"orphan_rule" enum:"off,on" doc:"on: named places that would leave a single free seat alone are refused"`
}

// TierState is a price tier, what a buyer pays for a place of it, and how much of it is left.
type TierState struct {
	Key        string `json:"key" example:"cat1"`
	Name       string `json:"name" example:"Category 1"`
	Price      Money  `json:"price" doc:"Of a place now, without fees and without taxes that are added"`
	UsualPrice *Money `json:"usual_price,omitempty" doc:"Without the early-bird price that counts now"`
	BuyerPays  Money  `json:"buyer_pays" doc:"For one place now, with its fees and taxes: what may come off for a group or with a voucher isn't in it"`
	OrderFee   *Money `json:"order_fee,omitempty" doc:"Comes on top once for an order, with its tax, here for an order of one place"`
	Places     Counts `json:"places"`
}

// EventLinks are the addresses of what belongs to an event, relative to this server.
type EventLinks struct {
	Self         string `json:"self" example:"/v1/events/evt_1"`
	Plan         string `json:"plan" example:"/v1/events/evt_1/plan.bin?plan=pln_1" doc:"Geometry, compact; never changes"`
	PlanJSON     string `json:"plan_json" example:"/v1/events/evt_1/plan?plan=pln_1"`
	Availability string `json:"availability" example:"/v1/events/evt_1/availability"`
	Changes      string `json:"changes" example:"/v1/events/evt_1/changes"`
	Holds        string `json:"holds" example:"/v1/events/evt_1/holds"`
}

// EventDetail is all about one event.
type EventDetail struct {
	ID          string      `json:"id" example:"evt_1"`
	Title       string      `json:"title" example:"The Marriage of Figaro"`
	Description string      `json:"description"`
	Kind        string      `json:"kind,omitempty" example:"opera"`
	Status      string      `json:"status" enum:"draft,published,cancelled"`
	Venue       Venue       `json:"venue"`
	Plan        string      `json:"plan" example:"pln_1"`
	TimeZone    string      `json:"time_zone" example:"Europe/Vienna"`
	StartsAt    time.Time   `json:"starts_at"`
	DoorsAt     *time.Time  `json:"doors_at,omitempty"`
	Sale        Sale        `json:"sale"`
	Tiers       []TierState `json:"tiers" nullable:"false"`
	PlaceTiers  [][2]int    `json:"place_tiers" nullable:"false" doc:"The tier of every place in plan order, as pairs of an index in tiers (-1: not for sale) and how many places in a row have it"`
	Pricing     *Pricing    `json:"pricing,omitempty" doc:"Fees, taxes, early-bird prices and group rates; absent if there are none"`
	Places      Counts      `json:"places" doc:"Over all places, also those that are not for sale"`
	Version     uint64      `json:"version" doc:"Of the counts; grows with each change"`
	Links       EventLinks  `json:"links"`
}

type eventInput struct {
	Event string `path:"event" example:"evt_1" doc:"Identifier of an event"`
}

type eventOutput struct{ Body EventDetail }

func (s *Server) readEvent(ctx context.Context, in *eventInput) (*eventOutput, error) {
	offer, err := s.visible(requestIn(ctx), in.Event)
	if err != nil {
		return nil, err
	}
	return s.showEvent(ctx, offer)
}

func (s *Server) showEvent(ctx context.Context, offer *query.Offer) (*eventOutput, error) {
	e := offer.Event()
	seats, err := s.boards.Get(ctx, e.ID)
	if err != nil {
		return nil, err
	}
	version, total, tiers, _ := seats.Summary()
	d := EventDetail{ID: e.ID.String(), Title: e.Title, Description: e.Description,
		Kind: e.Kind, Status: e.Status.String(), Venue: venueOf(&offer.Venue),
		Plan: e.Plan.String(), TimeZone: e.TimeZone, StartsAt: e.StartsAt, Sale: saleOf(&e.Terms),
		Places: countsOf(total), Version: version, Links: linksOf(e),
		PlaceTiers: placeTiers(offer.Offer), Pricing: pricingOf(&e.Pricing)}
	if !e.DoorsAt.IsZero() {
		d.DoorsAt = &e.DoorsAt
	}
	for i := range e.Tiers {
		tier, err := tierState(offer.Offer, i, countsOf(tiers[i]), s.clock())
		if err != nil {
			return nil, err
		}
		d.Tiers = append(d.Tiers, tier)
	}
	return &eventOutput{d}, nil
}

func placeTiers(offer *catalog.Offer) [][2]int {
	runs := offer.TierRuns()
	pairs := make([][2]int, len(runs))
	for i, r := range runs {
		pairs[i] = [2]int{int(r.Tier), r.Places}
		if r.Tier == catalog.NotForSale {
			pairs[i][0] = -1
		}
	}
	return pairs
}

func venueOf(v *catalog.Venue) Venue {
	return Venue{ID: v.ID.String(), Name: v.Name, Address: v.Address, City: v.City,
		Country: v.Country, TimeZone: v.TimeZone}
}

func saleOf(t *catalog.Terms) Sale {
	return Sale{OpensAt: t.OpensAt, ClosesAt: t.ClosesAt, MaxPerOrder: t.MaxPerOrder,
		MaxPerBuyer: t.MaxPerBuyer, HoldSeconds: int(t.HoldTime / time.Second),
		PaySeconds: int(t.PayTime / time.Second), MaxExtensions: t.MaxExtensions,
		OrphanRule: orphanRule(t.NoOrphans)}
}

// orphanRule is the rule's switch in words.
func orphanRule(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

func countsOf(c board.Counts) Counts {
	return Counts{Free: c.Free, Held: c.Held, Sold: c.Sold, Blocked: c.Blocked}
}

func eventPath(id catalog.EventID) string { return "/v1/events/" + id.String() }

func linksOf(e *catalog.Event) EventLinks {
	self := eventPath(e.ID)
	plan := "?plan=" + e.Plan.String()
	return EventLinks{Self: self, Plan: self + "/plan.bin" + plan, PlanJSON: self + "/plan" + plan,
		Availability: self + "/availability", Changes: self + "/changes", Holds: self + "/holds"}
}
