package httpapi

import (
	"context"
	"time"
	_ "time/tzdata" // a machine without zone files must not refuse Europe/Vienna

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/money"
	"ticketflow/internal/domain/pricing"
)

// NewEvent describes an event on a seat plan. It starts as a draft.
type NewEvent struct {
	Venue       string     `json:"venue" maxLength:"20" example:"ven_1"`
	Plan        string     `json:"plan" maxLength:"20" example:"pln_1"`
	Title       string     `json:"title" minLength:"1" maxLength:"200" example:"The Marriage of Figaro"`
	Description string     `json:"description,omitempty" maxLength:"20000"`
	Kind        string     `json:"kind,omitempty" maxLength:"40" example:"opera" doc:"In your own words; buyers filter by it"`
	TimeZone    string     `json:"time_zone" minLength:"1" maxLength:"60" example:"Europe/Vienna" doc:"IANA name"`
	StartsAt    time.Time  `json:"starts_at"`
	DoorsAt     *time.Time `json:"doors_at,omitempty" nullable:"false"`
	Sale        NewSale    `json:"sale"`
	Tiers       []Tier     `json:"tiers" minItems:"1" maxItems:"64" nullable:"false"`
	Rules       []TierRule `json:"rules" maxItems:"1000" nullable:"false" doc:"Which places have which tier; later rules win, and a place that no rule reaches is not for sale"`
	Pricing     *Pricing   `json:"pricing,omitempty" doc:"Fees, taxes, early-bird prices and group rates"`
}

// NewSale is the conditions of sale; what is left out has a usual value.
type NewSale struct {
	OpensAt       time.Time `json:"opens_at"`
	ClosesAt      time.Time `json:"closes_at"`
	MaxPerOrder   int       `json:"max_per_order,omitempty" minimum:"1" maximum:"50" default:"10"`
	MaxPerBuyer   int       `json:"max_per_buyer,omitempty" minimum:"0" maximum:"150000" default:"0" doc:"Over all orders of one e-mail address; 0 is no limit"`
	HoldSeconds   int       `json:"hold_seconds,omitempty" minimum:"10" maximum:"7200" default:"600"`
	PaySeconds    int       `json:"pay_seconds,omitempty" minimum:"10" maximum:"1209600" default:"1200"`
	MaxExtensions *int      `json:"max_extensions,omitempty" nullable:"false" minimum:"0" maximum:"20" doc:"How often a hold may be extended; once if left out"`
	OrphanRule    string    `json:"orphan_rule,omitempty" enum:"off,on" default:"off" doc:"on: named places may not leave a single free seat alone, unless that many can't be had there in any better way"`
}

// usualExtensions is how often a hold may be extended if nothing is said.
const usualExtensions = 1

// Tier is a price: what a place costs before what the event's pricing adds and takes off.
type Tier struct {
	Key   string `json:"key" minLength:"1" maxLength:"40" example:"cat1"`
	Name  string `json:"name" minLength:"1" maxLength:"200" example:"Category 1"`
	Price Money  `json:"price"`
}

// TierRule gives a tier to places.
type TierRule struct {
	Tier       string   `json:"tier" maxLength:"40" example:"cat1"`
	Categories []string `json:"categories,omitempty" maxItems:"64" nullable:"false" example:"[\"Stalls\"]" doc:"Of the seat plan"`
	Sections   []string `json:"sections,omitempty" maxItems:"2000" nullable:"false" example:"[\"214\"]"`
	Places     []uint32 `json:"places,omitempty" maxItems:"5000" nullable:"false" example:"[12,13]"`
}

type newEventInput struct {
	Creating
	Body NewEvent
}

func (s *Server) createEvent(ctx context.Context, in *newEventInput) (*eventOutput, error) {
	e, err := in.Body.event()
	if err != nil {
		return nil, err
	}
	id, err := s.office.CreateEvent(ctx, e, in.of(in.Body))
	if err != nil {
		return nil, err
	}
	offer, err := s.offers.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	return s.showEvent(ctx, offer)
}

func (n *NewEvent) event() (e catalog.Event, err error) {
	if err := checkZone(n.TimeZone); err != nil {
		return e, err
	}
	e = catalog.Event{Title: n.Title, Description: n.Description, Kind: n.Kind,
		TimeZone: n.TimeZone, StartsAt: n.StartsAt, Terms: catalog.Terms{OpensAt: n.Sale.OpensAt,
			ClosesAt: n.Sale.ClosesAt, MaxPerOrder: n.Sale.MaxPerOrder,
			MaxPerBuyer: n.Sale.MaxPerBuyer, MaxExtensions: usualExtensions,
			HoldTime: time.Duration(n.Sale.HoldSeconds) * time.Second,
			PayTime:  time.Duration(n.Sale.PaySeconds) * time.Second}}
	e.Terms.NoOrphans = n.Sale.OrphanRule == orphanRule(true)
	if n.Sale.MaxExtensions != nil {
		e.Terms.MaxExtensions = *n.Sale.MaxExtensions
	}
	if n.DoorsAt != nil {
		e.DoorsAt = *n.DoorsAt
	}
	for _, t := range []time.Time{e.StartsAt, e.DoorsAt, e.Terms.OpensAt, e.Terms.ClosesAt} {
		if y := t.UTC().Year(); !t.IsZero() && (y < firstYear || y > lastYear) {
			return e, catalog.ErrTimes.With("A time is before 1990 or after 2200.")
		}
	}
	if e.Venue, err = catalog.ParseVenueID(n.Venue); err != nil {
		return e, err
	}
	if e.Plan, err = catalog.ParsePlanID(n.Plan); err != nil {
		return e, err
	}
	for _, t := range n.Tiers {
		currency, err := money.ParseCurrency(t.Price.Currency)
		if err != nil {
			return e, err
		}
		price, err := money.New(t.Price.Amount, currency)
		if err != nil {
			return e, err
		}
		e.Tiers = append(e.Tiers, catalog.Tier{Key: t.Key, Name: t.Name, Price: price})
	}
	for _, r := range n.Rules {
		rule := catalog.Rule{Tier: r.Tier, Categories: r.Categories, Sections: r.Sections}
		for _, p := range r.Places {
			rule.Places = append(rule.Places, catalog.PlaceNo(p))
		}
		e.Rules = append(e.Rules, rule)
	}
	e.Pricing = n.Pricing.rules()
	for _, b := range e.Pricing.EarlyBirds {
		if y := b.Until.Year(); y < firstYear || y > lastYear {
			return e, pricing.ErrEarlyBird.With("A time is before 1990 or after 2200.")
		}
	}
	return e, nil
}

// The years that an event may be in: times are kept as milliseconds and written with four digits.
const (
	firstYear = 1990
	lastYear  = 2200
)

// checkZone fails with catalog.ErrZone unless the name is an IANA time zone.
func checkZone(name string) error {
	if name == "" || name == "Local" {
		return catalog.ErrZone
	}
	if _, err := time.LoadLocation(name); err != nil {
		return catalog.ErrZone
	}
	return nil
}
