package boot

import (
	"context"
	"time"

	"ticketflow/internal/app/command"
	"ticketflow/internal/app/demo"
	"ticketflow/internal/app/planfile"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/money"
)

const settingDemo = "demo_events"

// demoEvent is an event of the demo; prices go by the plan's categories, in its order.
type demoEvent struct {
	venue       catalog.Venue
	plan        catalog.PlanSpec
	title       string
	description string
	kind        string
	currency    string
	minor       []int64
	days, hour  int // from today, in the venue's zone
}

func demoEvents() []demoEvent {
	return []demoEvent{{
		venue: catalog.Venue{Name: "Lindenhof Theatre", Address: "Lindenhof 3", City: "Zurich",
			Country: "CH", TimeZone: "Europe/Zurich"},
		plan: demo.Theatre(), title: "The Winter Lanterns",
		description: "A play in two acts. Stalls, two balconies and ten boxes; step-free " +
			"places with a companion seat each.",
		kind: "theatre", currency: "CHF", minor: []int64{8_900, 6_900, 4_900, 2_900, 9_900}, days: 21, hour: 19,
	}, {
		venue: catalog.Venue{Name: "Harbour Arena", Address: "Dock Road 1", City: "Rotterdam",
			Country: "NL", TimeZone: "Europe/Amsterdam"},
		plan: demo.Arena(), title: "Northern Echo Tour",
		description: "One night, two tiers and a standing floor.",
		kind:        "concert", currency: "EUR", minor: []int64{11_900, 7_900, 9_900, 7_900, 5_900, 3_900},
		days: 45, hour: 20,
	}, {
		venue: catalog.Venue{Name: "River Stadium", Address: "Embankment 80", City: "Munich",
			Country: "DE", TimeZone: "Europe/Berlin"},
		plan: demo.Stadium(), title: "Midsummer Open Air",
		description: "Eighty thousand places around a stage in the middle of the pitch.",
		kind:        "concert", currency: "EUR", minor: []int64{12_900, 10_900, 8_900, 6_900, 4_900, 3_500},
		days: 120, hour: 18,
	}}
}

// seedDemo creates the demo's events once in the life of a data folder.
func (a *App) seedDemo(ctx context.Context) error {
	_, fresh, err := a.store.Setting(ctx, settingDemo,
		func() ([]byte, error) { return []byte("begun"), nil })
	if err != nil || !fresh {
		return err
	}
	for _, d := range demoEvents() {
		if err := a.createDemo(ctx, d); err != nil {
			return err
		}
	}
	return nil
}

func (a *App) createDemo(ctx context.Context, d demoEvent) error {
	venue, err := a.office.CreateVenue(ctx, d.venue, command.Idempotency{})
	if err != nil {
		return err
	}
	plan, err := catalog.NewPlan(d.plan)
	if err != nil {
		return err
	}
	document, err := planfile.EncodeJSON(plan)
	if err != nil {
		return err
	}
	planID, err := a.office.CreatePlan(ctx, venue, plan, document, command.Idempotency{})
	if err != nil {
		return err
	}
	event, err := d.event(venue, planID, a.clock())
	if err != nil {
		return err
	}
	id, err := a.office.CreateEvent(ctx, event, command.Idempotency{})
	if err != nil {
		return err
	}
	return a.office.PublishEvent(ctx, id)
}

func (d demoEvent) event(
	venue catalog.VenueID, plan catalog.PlanID, now time.Time,
) (catalog.Event, error) {
	zone, err := time.LoadLocation(d.venue.TimeZone)
	if err != nil {
		return catalog.Event{}, err
	}
	currency, err := money.ParseCurrency(d.currency)
	if err != nil {
		return catalog.Event{}, err
	}
	day := now.In(zone).AddDate(0, 0, d.days)
	starts := time.Date(day.Year(), day.Month(), day.Day(), d.hour, 30, 0, 0, zone)
	e := catalog.Event{
		Venue: venue, Plan: plan, Title: d.title, Description: d.description,
		Kind: d.kind, TimeZone: d.venue.TimeZone, StartsAt: starts, DoorsAt: starts.Add(-time.Hour),
		Terms: catalog.Terms{
			OpensAt: now.Add(-time.Minute), ClosesAt: starts, MaxPerOrder: 8, MaxPerBuyer: 12,
			HoldTime: 10 * time.Minute, PayTime: 20 * time.Minute, MaxExtensions: 3,
			NoOrphans: true,
		},
	}
	for i, c := range d.plan.Categories {
		price, err := money.New(d.minor[i], currency)
		if err != nil {
			return e, err
		}
		key := "cat" + string(rune('1'+i))
		e.Tiers = append(e.Tiers, catalog.Tier{Key: key, Name: c.Name, Price: price})
		e.Rules = append(e.Rules, catalog.Rule{Tier: key, Categories: []string{c.Name}})
	}
	return e, nil
}
