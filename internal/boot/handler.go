package boot

import (
	"net/http"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"ticketflow/internal/app/policy"
	"ticketflow/internal/app/query"
	"ticketflow/internal/config"
	"ticketflow/internal/domain/errs"
	"ticketflow/internal/inbound/edge"
	"ticketflow/internal/inbound/httpapi"
)

// errNotReady is what /readyz says while the server starts or drains.
var errNotReady = errs.New(errs.Unavailable, "not_ready", "The server is starting or stopping.")

// handler is everything that this server answers: the API, and the payment simulator beside it.
func (a *App) handler(
	c config.Serve, k keys, m *metrics, limiter *edge.Limiter,
) (http.Handler, error) {
	a.measure(m)
	books := query.NewFewReads(a.store)
	api := httpapi.New(httpapi.Config{
		Office: a.office, Offers: a.offers, Boards: a.boards, Bookings: a.store, Shelf: a.views,
		Sales: a.views, Vouchers: a.store, Limiter: limiter, Providers: a.gateways,
		Cashier: a.cashier,
		Money:   books, StaffMoney: query.NewFewReads(a.store), OpenMoney: a.store,
		Journal: a.store, Requests: a.store,
		Signer: k.signer, Keyring: k.keyring, Clock: a.clock, Log: a.logger, Metrics: m.Registry,
		Ready: func() error {
			if !a.ready.Load() {
				return errNotReady
			}
			return nil
		},
		Organiser: edge.APIKey(k.apiKeyHash),
	})
	if err := a.pages(api.Mux(), c, k, books); err != nil {
		return nil, err
	}
	a.waitForViewers = api.WaitForViewers
	gateway := a.hosted
	if a.payments != nil {
		gateway = a.payments.Handler()
	}
	if gateway == nil && a.mailbox == nil {
		return api, nil // no simulator stands beside a gateway that takes real money
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case gateway != nil && strings.HasPrefix(r.URL.Path, "/simpay/"):
			gateway.ServeHTTP(w, r)
		case a.isMailbox(r):
			a.mailbox.ServeHTTP(w, r)
		default:
			api.ServeHTTP(w, r)
		}
	}), nil
}

// measure registers what operators watch beside the requests.
func newMetrics() *metrics {
	m := &metrics{prometheus.NewRegistry()}
	m.MustRegister(collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (a *App) measure(m *metrics) {
	stats := a.desk.Stats()
	m.counter("desk_commands_total", "Commands that were decided.",
		func() float64 { return float64(stats.Commands.Load()) })
	m.counter("desk_batches_total", "Batches that were committed.",
		func() float64 { return float64(stats.Batches.Load()) })
	m.counter("desk_retries_total", "Transactions that lost against others and were repeated.",
		func() float64 { return float64(stats.Retries.Load()) })
	m.counter("desk_splits_total", "Batches that were cut in two because the ledger refused them.",
		func() float64 { return float64(stats.Splits.Load()) })
	m.counter("desk_refused_total", "Commands that found the queue full.",
		func() float64 { return float64(stats.Refused.Load()) })
	m.counter("desk_unknown_total", "Batches whose outcome could not be told.",
		func() float64 { return float64(stats.Unknown.Load()) })
	m.counter("desk_conflicts_total", "Commands that the ledger refused even alone.",
		func() float64 { return float64(stats.Conflicts.Load()) })
	m.counter("desk_panics_total", "Commands that panicked: a defect each.",
		func() float64 { return float64(stats.Panics.Load()) })
	m.gauge("desk_waiting", "Commands that wait for their batch now.",
		func() float64 { return float64(a.desk.Waiting()) })
	m.gauge("board_viewers", "Viewers of live seat maps now.",
		func() float64 { return float64(a.boards.Viewers()) })
	m.money(a.backlog)
	for _, taken := range policy.AllTaken {
		m.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Namespace: "ticketflow",
			Name: "payment_news_total", Help: "News of payments, by what became of them.",
			ConstLabels: prometheus.Labels{"result": string(taken)}},
			func() float64 { return float64(a.cashier.Count(taken)) }))
	}
}

// money is what somebody has to look at.
func (m *metrics) money(b *policy.Backlog) {
	for name, of := range map[string]struct {
		text  string
		count func() int64
	}{
		"kept_notices":         {"Messages of gateways that can't be applied", b.Kept},
		"quarantined_payments": {"Payments that aren't what was ordered", b.Doubtful},
		"failed_refunds":       {"Refunds that a gateway refused for certain", b.Failed},
		"waiting_refunds":      {"Refunds on their way for an hour or more", b.Waiting},
	} {
		m.gauge("money_"+name, of.text+", up to 200, counted every ten seconds.",
			func() float64 { return float64(of.count()) })
	}
}
