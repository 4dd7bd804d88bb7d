package httpapi

import (
	"context"

	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
)

// NewVenue describes a venue.
type NewVenue struct {
	Name     string `json:"name" minLength:"1" maxLength:"400" example:"Opera House"`
	Address  string `json:"address,omitempty" maxLength:"400" example:"Ring 1"`
	City     string `json:"city" minLength:"1" maxLength:"400" example:"Vienna"`
	Country  string `json:"country,omitempty" pattern:"^[A-Z]{2}$" example:"AT" doc:"ISO 3166-1 alpha-2"`
	TimeZone string `json:"time_zone" minLength:"1" maxLength:"60" example:"Europe/Vienna" doc:"IANA name"`
}

type newVenueInput struct {
	Creating
	Body NewVenue
}

type venueOutput struct{ Body Venue }

func (s *Server) createVenue(ctx context.Context, in *newVenueInput) (*venueOutput, error) {
	if err := checkZone(in.Body.TimeZone); err != nil {
		return nil, err
	}
	v := catalog.Venue{Name: in.Body.Name, Address: in.Body.Address, City: in.Body.City,
		Country: in.Body.Country, TimeZone: in.Body.TimeZone}
	var err error
	if v.ID, err = s.office.CreateVenue(ctx, v, in.of(in.Body)); err != nil {
		return nil, err
	}
	return &venueOutput{venueOf(&v)}, nil
}

// EventStatus is where an event is in its life.
type EventStatus struct {
	Event  string `json:"event" example:"evt_1"`
	Status string `json:"status" enum:"draft,published,cancelled"`
}

type statusOutput struct{ Body EventStatus }

func (s *Server) publishEvent(ctx context.Context, in *eventInput) (*statusOutput, error) {
	id, err := catalog.ParseEventID(in.Event)
	if err != nil {
		return nil, err
	}
	if err := s.office.PublishEvent(ctx, id); err != nil {
		return nil, err
	}
	return &statusOutput{EventStatus{id.String(), catalog.Published.String()}}, nil
}

func (s *Server) cancelEvent(ctx context.Context, in *eventInput) (*statusOutput, error) {
	id, err := catalog.ParseEventID(in.Event)
	if err != nil {
		return nil, err
	}
	if err := s.office.CancelEvent(ctx, id); err != nil {
		return nil, err
	}
	return &statusOutput{EventStatus{id.String(), catalog.Cancelled.String()}}, nil
}

// PlaceList names places of an event.
type PlaceList struct {
	Places []uint32 `json:"places" minItems:"1" maxItems:"5000" nullable:"false" example:"[12,13]" doc:"All or none are changed"`
}

type blockInput struct {
	Event string `path:"event" example:"evt_1" doc:"Identifier of an event"`
	Body  PlaceList
}

// Blocked is how much of an event is left after places were blocked or unblocked.
type Blocked struct {
	Event  string `json:"event" example:"evt_1"`
	Places Counts `json:"places"`
}

type blockOutput struct{ Body Blocked }

func (s *Server) blockPlaces(ctx context.Context, in *blockInput) (*blockOutput, error) {
	return s.block(ctx, in, false)
}

func (s *Server) unblockPlaces(ctx context.Context, in *blockInput) (*blockOutput, error) {
	return s.block(ctx, in, true)
}

func (s *Server) block(ctx context.Context, in *blockInput, undo bool) (*blockOutput, error) {
	id, err := catalog.ParseEventID(in.Event)
	if err != nil {
		return nil, err
	}
	places := make([]catalog.PlaceNo, len(in.Body.Places))
	for i, p := range in.Body.Places {
		places[i] = catalog.PlaceNo(p)
	}
	if err := s.office.BlockPlaces(ctx, id, places, undo); err != nil {
		return nil, err
	}
	seats, err := s.boards.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	_, total, _, _ := seats.Summary()
	return &blockOutput{Blocked{id.String(), countsOf(total)}}, nil
}

// TierSales is what was sold of a price tier.
type TierSales struct {
	Tier     string `json:"tier" example:"cat1"`
	Name     string `json:"name" example:"Category 1"`
	Sold     int    `json:"sold" example:"752" doc:"Places in paid orders"`
	Revenue  Money  `json:"revenue" doc:"The prices of these places, before discounts, fees and added taxes"`
	Awaiting int    `json:"awaiting" example:"36" doc:"Places in orders that await their payment"`
}

// SalesSummary is how an event sells.
type SalesSummary struct {
	Event    string      `json:"event" example:"evt_1"`
	Tiers    []TierSales `json:"tiers" nullable:"false"`
	Sold     int         `json:"sold" example:"752"`
	Revenue  Money       `json:"revenue"`
	Awaiting int         `json:"awaiting" example:"36"`
	Returned Money       `json:"returned" doc:"Money of this event that went back to buyers, or is on its way"`
	Places   Counts      `json:"places"`
}

type salesOutput struct{ Body SalesSummary }

func (s *Server) readSales(ctx context.Context, in *eventInput) (*salesOutput, error) {
	id, err := catalog.ParseEventID(in.Event)
	if err != nil {
		return nil, err
	}
	offer, err := s.offers.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	rows, err := s.sales.TierSales(ctx, id)
	if err != nil {
		return nil, err
	}
	returned, err := s.sales.Returned(ctx, id)
	if err != nil {
		return nil, err
	}
	seats, err := s.boards.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	_, total, _, _ := seats.Summary()
	sum := SalesSummary{Event: id.String(), Places: countsOf(total), Tiers: []TierSales{},
		Revenue: moneyOf(0, offer.Currency()), Returned: moneyOf(returned, offer.Currency())}
	for i, t := range offer.Event().Tiers {
		tier := TierSales{Tier: t.Key, Name: t.Name, Revenue: moneyOf(0, offer.Currency())}
		for _, row := range rows {
			switch {
			case int(row.Tier) != i:
			case row.State == booking.Paid:
				tier.Sold, tier.Revenue.Amount = row.Places, row.Minor
			case row.State == booking.AwaitingPayment:
				tier.Awaiting = row.Places
			}
		}
		sum.Tiers = append(sum.Tiers, tier)
		sum.Sold += tier.Sold
		sum.Awaiting += tier.Awaiting
		sum.Revenue.Amount += tier.Revenue.Amount
	}
	return &salesOutput{sum}, nil
}
