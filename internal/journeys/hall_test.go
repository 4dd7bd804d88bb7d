package journeys

import (
	"time"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/inbound/httpapi"
)

// The measures of the small hall, in centimetres.
const (
	hallPitch  = 55
	hallRow    = 90
	hallLeft   = 200
	stallsTop  = 700
	balconyTop = 1_600
)

// smallHall has everything that a page must show: two sections of rows on two floors, a wheelchair
// space with its companion's seat, seats with a restricted view, a standing area, and three
// categories. Its places are numbered like this:
//
//	  0…59  Stalls, rows A to F, seats 1 to 10; F 1 is for a wheelchair and F 2 beside it; the
//	        view from A 1 and A 10 is restricted
//	 60…83  Balcony, rows A to C, seats 1 to 8
//	84…123  Floor, standing
func smallHall() catalog.PlanSpec {
	spec := catalog.PlanSpec{
		Name: "Small hall", Focal: catalog.Point{X: hallLeft + 250, Y: 100},
		Floors: []string{"Ground floor", "Balcony"},
		Categories: []catalog.Category{
			{Name: "Stalls", Colour: "#1039a7"}, {Name: "Balcony", Colour: "#2c9b80"},
			{Name: "Standing", Colour: "#933d08"},
		},
		Sections: []catalog.SectionSpec{
			{Name: "Stalls", Category: "Stalls", Entrance: "Door 1",
				Rows: hallRows(6, 10, stallsTop)},
			{Name: "Balcony", Floor: 1, Category: "Balcony", Entrance: "Door 2",
				Rows: hallRows(3, 8, balconyTop)},
			{Name: "Floor", Category: "Standing", Entrance: "Door 1", Standing: 40,
				Outline: []catalog.Point{{X: 200, Y: 300}, {X: 700, Y: 300}, {X: 700, Y: 600},
					{X: 200, Y: 600}}},
		},
		Shapes: []catalog.Shape{{Kind: catalog.ShapeRectangle, At: catalog.Point{X: 250, Y: 40},
			Size: catalog.Point{X: 400, Y: 160}, Fill: "#3b342c", Text: "Stage",
			TextAt: catalog.Point{X: 450, Y: 120}, TextSizeCM: 60, TextColour: "#ffffff"}},
	}
	stalls := spec.Sections[0].Rows
	const pillar = "A pillar hides the edge of the stage"
	stalls[0].Marks = []catalog.SeatMark{
		{Index: 0, Attributes: catalog.Restricted, Reason: pillar},
		{Index: 9, Attributes: catalog.Restricted, Reason: pillar},
	}
	stalls[5].Marks = []catalog.SeatMark{
		{Index: 0, Attributes: catalog.Accessible}, {Index: 1, Attributes: catalog.Companion},
	}
	return spec
}

func hallRows(rows, seats int, top int32) (specs []catalog.RowSpec) {
	for i := range rows {
		y := top + int32(i)*hallRow
		specs = append(specs, catalog.RowSpec{Label: catalog.RowLetters(i), Seats: seats,
			From: catalog.Point{X: hallLeft, Y: y},
			To:   catalog.Point{X: hallLeft + int32(seats-1)*hallPitch, Y: y}, SagittaCM: -20})
	}
	return specs
}

// place is the number of a seat of the small hall.
func (s *shop) place(section, row, seat string) uint32 {
	s.Helper()
	place, ok := s.plan.Find(section, row, seat)
	if !ok {
		s.Fatalf("there is no %s %s %s", section, row, seat)
	}
	return uint32(place)
}

// usualEvent is in three weeks, in the evening, and has been on sale for an hour. A booking fee is
// added, and the prices contain a tax.
func (s *shop) usualEvent() httpapi.NewEvent {
	zone, err := time.LoadLocation("Europe/Zurich")
	if err != nil {
		s.Fatal(err)
	}
	now := s.clock.now()
	day := now.In(zone).AddDate(0, 0, 21)
	starts := time.Date(day.Year(), day.Month(), day.Day(), 19, 30, 0, 0, zone)
	doors, extensions := starts.Add(-time.Hour), 3
	return httpapi.NewEvent{
		Title: "The Winter Lanterns", TimeZone: "Europe/Zurich", StartsAt: starts, DoorsAt: &doors,
		Description: "A play in two acts, with music. One interval.",
		Sale: httpapi.NewSale{OpensAt: now.Add(-time.Hour), ClosesAt: starts, MaxPerOrder: 8,
			MaxPerBuyer: 40, HoldSeconds: 600, PaySeconds: 1_200, MaxExtensions: &extensions},
		Tiers: []httpapi.Tier{
			{Key: "stalls", Name: "Stalls", Price: francs(6_900)},
			{Key: "balcony", Name: "Balcony", Price: francs(4_900)},
			{Key: "standing", Name: "Standing", Price: francs(2_900)},
		},
		Rules: []httpapi.TierRule{
			{Tier: "stalls", Categories: []string{"Stalls"}},
			{Tier: "balcony", Categories: []string{"Balcony"}},
			{Tier: "standing", Categories: []string{"Standing"}},
		},
		Pricing: &httpapi.Pricing{
			TicketFee: &httpapi.Fee{Name: "Booking fee", Fixed: 250},
			TicketTax: &httpapi.Tax{Code: "CH-26", BasisPoints: 260},
		},
	}
}

func francs(rappen int64) httpapi.Money { return httpapi.Money{Amount: rappen, Currency: "CHF"} }
