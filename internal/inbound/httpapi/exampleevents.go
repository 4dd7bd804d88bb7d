package httpapi

import (
	"time"

	"ticketflow/internal/app/planfile"
)

var (
	exampleStart = time.Date(2026, 10, 3, 17, 0, 0, 0, time.UTC)
	exampleDoors = exampleStart.Add(-time.Hour)
	exampleTerms = Sale{OpensAt: exampleNow, ClosesAt: exampleStart, MaxPerOrder: 10,
		MaxPerBuyer: 20, HoldSeconds: 600, PaySeconds: 1200, MaxExtensions: 1,
		OrphanRule: "on"}
	exampleVenue = Venue{ID: "ven_1", Name: "Opera House", Address: "Ring 1", City: "Vienna",
		Country: "AT", TimeZone: "Europe/Vienna"}
	exampleSummary = EventSummary{ID: "evt_1", Title: "The Marriage of Figaro",
		Kind: "opera", Status: "published", Venue: "Opera House", City: "Vienna", Country: "AT",
		TimeZone: "Europe/Vienna", StartsAt: exampleStart, OpensAt: exampleNow,
		ClosesAt: exampleStart, DetailURL: "/v1/events/evt_1"}
	exampleEvent = EventDetail{ID: "evt_1", Title: "The Marriage of Figaro",
		Description: "Opera buffa in four acts", Kind: "opera", Status: "published", Venue: exampleVenue,
		Plan: "pln_1", TimeZone: "Europe/Vienna", StartsAt: exampleStart,
		DoorsAt: &exampleDoors, Sale: exampleTerms,
		Tiers: []TierState{{Key: "cat1", Name: "Category 1", Price: examplePrice,
			BuyerPays: Money{Amount: 5226, Currency: "EUR"},
			OrderFee:  &Money{Amount: 240, Currency: "EUR"},
			Places:    Counts{Free: 36, Held: 2, Sold: 2}}},
		PlaceTiers: [][2]int{{0, 40}},
		Pricing:    exampleRules, Places: Counts{Free: 36, Held: 2, Sold: 2},
		Version: 1876946944000002,
		Links: EventLinks{Self: "/v1/events/evt_1",
			Plan:         "/v1/events/evt_1/plan.bin?plan=pln_1",
			PlanJSON:     "/v1/events/evt_1/plan?plan=pln_1",
			Availability: "/v1/events/evt_1/availability",
			Changes:      "/v1/events/evt_1/changes", Holds: "/v1/events/evt_1/holds"}}
	exampleNewEvent = NewEvent{Venue: "ven_1", Plan: "pln_1", Title: "The Marriage of Figaro",
		Description: "Opera buffa in four acts", Kind: "opera", TimeZone: "Europe/Vienna",
		StartsAt: exampleStart, DoorsAt: &exampleDoors,
		Sale: NewSale{OpensAt: exampleNow, ClosesAt: exampleStart, MaxPerOrder: 10,
			MaxPerBuyer: 20, HoldSeconds: 600, PaySeconds: 1200},
		Tiers:   []Tier{{Key: "cat1", Name: "Category 1", Price: examplePrice}},
		Rules:   []TierRule{{Tier: "cat1", Categories: []string{"Stalls"}}},
		Pricing: exampleRules}
	exampleAvailability = Availability{Event: "evt_1", Version: 1876946944000002,
		Total:    Counts{Free: 36, Held: 2, Sold: 2},
		Tiers:    []TierCount{{Key: "cat1", Places: Counts{Free: 36, Held: 2, Sold: 2}}},
		Sections: []SectionCount{{Name: "Stalls", Places: Counts{Free: 36, Held: 2, Sold: 2}}}}
	exampleSales = SalesSummary{Event: "evt_1", Sold: 2, Awaiting: 2, Revenue: exampleTotal,
		Returned: Money{Currency: "EUR"}, Places: Counts{Free: 36, Held: 2, Sold: 2},
		Tiers: []TierSales{{Tier: "cat1", Name: "Category 1", Sold: 2, Revenue: exampleTotal,
			Awaiting: 2}}}
	examplePlan = planfile.Document{Name: "Small hall", Focal: planfile.DocumentPoint{X: 500},
		Categories: []planfile.DocumentColour{{Name: "Stalls", Colour: "#1039a7"}},
		Sections: []planfile.DocumentSection{{Name: "Stalls", Category: "Stalls",
			Rows: []planfile.DocumentRow{
				{Label: "1", Seats: 20, From: planfile.DocumentPoint{X: 25, Y: 300},
					To: planfile.DocumentPoint{X: 975, Y: 300}},
				{Label: "2", Seats: 20, From: planfile.DocumentPoint{X: 25, Y: 390},
					To: planfile.DocumentPoint{X: 975, Y: 390}},
			}}}}
)
