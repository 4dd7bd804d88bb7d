package boot

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/catalog"
)

// reads counts how often the ledger is read for the catalogue, the seat maps and the sales. It
// counts at the ledger itself and not at what is kept in front of it: a reader that goes past all
// caches is counted, too.
type reads struct {
	lists, events, venues, plans, places, sales, returns atomic.Int64
}

// count puts the counters between an engine and whoever reads from it.
func (n *reads) count(e *engine) {
	e.views = countedViews{e.views, n}
	e.lists = countedLists{e.lists, n}
	e.settings = countedSettings{e.settings, n}
}

// countedViews counts the reads of the shelf and of the sales; what buyers ask about orders of
// their own passes.
type countedViews struct {
	views
	reads *reads
}

// Venue implements query.Shelf.
func (c countedViews) Venue(ctx context.Context, id catalog.VenueID) (catalog.Venue, error) {
	c.reads.venues.Add(1)
	return c.views.Venue(ctx, id)
}

// PlanDocument implements query.Shelf.
func (c countedViews) PlanDocument(ctx context.Context, id catalog.PlanID) ([]byte, error) {
	c.reads.plans.Add(1)
	return c.views.PlanDocument(ctx, id)
}

// Event implements query.Shelf.
func (c countedViews) Event(
	ctx context.Context, id catalog.EventID,
) (e catalog.Event, revision int64, err error) {
	c.reads.events.Add(1)
	return c.views.Event(ctx, id)
}

// Events implements query.Shelf.
func (c countedViews) Events(
	ctx context.Context, f query.EventFilter,
) ([]query.EventRow, error) {
	c.reads.lists.Add(1)
	return c.views.Events(ctx, f)
}

// countedLists counts the reads for lists.
type countedLists struct {
	lists
	reads *reads
}

// Kinds implements query.KindList.
func (c countedLists) Kinds(ctx context.Context, from time.Time) ([]string, error) {
	c.reads.lists.Add(1)
	return c.lists.Kinds(ctx, from)
}

// PlaceStates implements query.Shelf.
func (c countedViews) PlaceStates(ctx context.Context, id catalog.EventID) ([]byte, error) {
	c.reads.places.Add(1)
	return c.views.PlaceStates(ctx, id)
}

// TierSales implements query.Sales.
func (c countedViews) TierSales(
	ctx context.Context, id catalog.EventID,
) ([]query.TierSale, error) {
	c.reads.sales.Add(1)
	return c.views.TierSales(ctx, id)
}

// Returned implements query.Sales.
func (c countedViews) Returned(ctx context.Context, id catalog.EventID) (int64, error) {
	c.reads.returns.Add(1)
	return c.views.Returned(ctx, id)
}

// countedSettings counts the other way to the places: with their fences, for boards of several
// instances.
type countedSettings struct {
	settings
	reads *reads
}

// PlaceFences implements query.Fences.
func (c countedSettings) PlaceFences(
	ctx context.Context, id catalog.EventID,
) (states []byte, fences []uint32, err error) {
	c.reads.places.Add(1)
	return c.settings.PlaceFences(ctx, id)
}

func (m *metrics) ledgerReads(n *reads) {
	for of, count := range map[string]*atomic.Int64{
		"event_list": &n.lists, "event": &n.events, "venue": &n.venues, "plan": &n.plans,
		"places": &n.places, "sales": &n.sales, "returned": &n.returns,
	} {
		m.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Namespace: "ticketflow",
			Name: "ledger_reads_total", ConstLabels: prometheus.Labels{"of": of},
			Help: "Reads of the ledger for the catalogue, the seat maps and the sales."},
			func() float64 { return float64(count.Load()) }))
	}
}
