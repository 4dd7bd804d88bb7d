package boot

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/config"
	"ticketflow/internal/outbound/offline"
	"ticketflow/internal/outbound/safeguard"
	"ticketflow/internal/outbound/simpay"
	"ticketflow/internal/outbound/stripe"
)

// buildPayments connects the payment gateways: Stripe if there is a key for it, otherwise the
// simulator, and beside it, if wanted, the staff who take transfers and cash.
func (a *App) buildPayments(c config.Serve, secrets simpay.Secrets, m *metrics) error {
	public := publicURL(a, c)
	first := simpay.Provider
	limits := safeguard.Config{LocalBegin: true} // it seals a link, and asks nobody
	var remote payment.Gateway
	var err error
	if c.StripeSecretKey != "" {
		first, limits.LocalBegin = stripe.Provider, false
		remote, err = a.buildStripe(c, public)
	} else {
		remote, err = a.buildSimpay(c, secrets, public)
	}
	if err != nil {
		return err
	}
	limits.Log = a.logger.With("provider", first)
	guarded := safeguard.New(remote, limits)
	m.safeguard(first, guarded)
	gateways := map[string]payment.Gateway{first: guarded}
	if c.OfflineInstructions != "" {
		if gateways[offline.Provider], err = offline.New(c.OfflineInstructions); err != nil {
			return fmt.Errorf("--offline-instructions: %w", err)
		}
	}
	a.gateways, err = payment.NewProviders(first, gateways)
	return err
}

func (a *App) buildStripe(c config.Serve, public string) (payment.Gateway, error) {
	g, err := stripe.New(stripe.Options{APIKey: stripe.Secret(c.StripeSecretKey),
		WebhookSecret: stripe.Secret(c.StripeWebhookSecret), ReturnURL: public,
		BaseURL: c.StripeURL, Log: a.logger})
	if err != nil {
		return nil, err
	}
	a.closers = append(a.closers, func() error { g.Close(); return nil })
	a.logger.Info("payments are taken by Stripe", "real_money", g.Live())
	return g, nil
}

// gatewayClock gives the simulator in this process the office's time: the age of a webhook is its
// sender's time against its receiver's. What it waits for, it waits for in real time.
type gatewayClock struct {
	simpay.WallClock

	now func() time.Time
}

// Now is the office's time.
func (c gatewayClock) Now() time.Time { return c.now() }

// buildSimpay connects the payment simulator: in this process, or the one in a process of its own
// that all instances share.
func (a *App) buildSimpay(c config.Serve, secrets simpay.Secrets, public string) (
	payment.Gateway, error,
) {
	at := public
	if c.SimpayURL != "" {
		at = c.SimpayURL
	}
	g, err := simpay.NewGateway(public, at, secrets, a.clock)
	if err != nil {
		return nil, err
	}
	a.closers = append(a.closers, func() error { g.Close(); return nil })
	if c.SimpayURL == "" {
		a.payments, err = simpay.Open(simpay.Options{
			Folder:    filepath.Join(c.Data, "simpay"),
			NoticeURL: noticeURL(a.URL),
			Secrets:   secrets, Clock: gatewayClock{now: a.clock}, Random: rand.Reader,
			Log: a.logger,
		})
		return g, err
	}
	to, err := url.Parse(c.SimpayURL)
	if err != nil {
		return nil, err
	}
	// Buyers reach the payment page at the same address as everything else.
	a.hosted = &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.SetXForwarded()
		},
		Transport: &http.Transport{MaxIdleConnsPerHost: maxProxyConnections,
			MaxConnsPerHost: maxProxyConnections, ResponseHeaderTimeout: writeTimeout,
			IdleConnTimeout: idleTimeout, DisableCompression: true},
		ErrorLog: slog.NewLogLogger(a.logger.Handler(), slog.LevelDebug),
	}
	return g, nil
}

// safeguard registers how a gateway does.
func (m *metrics) safeguard(provider string, g *safeguard.Gateway) {
	gauge := func(name, help string, read func(safeguard.Stats) float64) {
		m.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "ticketflow",
			Name: name, Help: help, ConstLabels: prometheus.Labels{"provider": provider}},
			func() float64 { return read(g.Stats()) }))
	}
	gauge("payment_breaker_state", "0: closed; 1: half-open; 2: open, the gateway isn't asked.",
		func(s safeguard.Stats) float64 { return float64(s.State) })
	gauge("payment_tries_running", "Questions that wait for the gateway's answer now.",
		func(s safeguard.Stats) float64 { return float64(s.Running) })
	counter := func(name, help string, labels prometheus.Labels, read func() uint64) {
		labels["provider"] = provider
		m.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Namespace: "ticketflow",
			Name: name, Help: help, ConstLabels: labels},
			func() float64 { return float64(read()) }))
	}
	counter("payment_breaker_opened_total", "How often the breaker has opened.",
		prometheus.Labels{}, func() uint64 { return g.Stats().Opened })
	counter("payment_retries_total", "Questions to the gateway that were asked again.",
		prometheus.Labels{}, func() uint64 { return g.Stats().Retries })
	const rejected = "payment_rejected_total"
	const why = "Questions that were not sent, by what kept them back."
	counter(rejected, why, prometheus.Labels{"by": "breaker"},
		func() uint64 { return g.Stats().Broken })
	counter(rejected, why, prometheus.Labels{"by": "bulkhead"},
		func() uint64 { return g.Stats().Full })
	safeguard.EachCount(func(call safeguard.Call, outcome safeguard.Outcome) {
		counter("payment_calls_total", "Questions to the gateway, by how they ended.",
			prometheus.Labels{"call": call.String(), "outcome": outcome.String()},
			func() uint64 { return g.Count(call, outcome) })
	})
}
