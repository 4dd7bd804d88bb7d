package edge

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// durationBuckets are the bounds of the duration histogram in seconds: dense where the goals are.
var durationBuckets = []float64{.001, .0025, .005, .01, .02, .05, .1, .25, .5, 1, 2.5, 5, 10}

// statusClasses are the values of the code label.
var statusClasses = [...]string{"other", "1xx", "2xx", "3xx", "4xx", "5xx"}

type meters struct {
	requests  *prometheus.CounterVec
	durations *prometheus.HistogramVec
	unmatched *meter
}

// meter is the metrics of one route, resolved once.
type meter struct {
	pattern  string
	answers  [len(statusClasses)]prometheus.Counter
	duration prometheus.Observer
}

func newMeters(registry prometheus.Registerer, m *Mux) *meters {
	s := &meters{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ticketflow_http_requests_total",
			Help: "Requests answered, by route pattern and class of status.",
		}, []string{"route", "code"}),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "ticketflow_http_request_duration_seconds",
			Help:    "Time from the first byte read to the handler's return, by route pattern.",
			Buckets: durationBuckets,
		}, []string{"route"}),
	}
	registry.MustRegister(s.requests, s.durations,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "ticketflow_http_in_flight_requests",
			Help: "Requests under way, streams and probes not counted.",
		}, func() float64 { return float64(m.inFlight.Load()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "ticketflow_http_streams", Help: "Streams that are open.",
		}, func() float64 { return float64(m.streams.Load()) }))
	s.unmatched = s.route("unmatched")
	return s
}

func (s *meters) route(pattern string) *meter {
	m := &meter{pattern: pattern, duration: s.durations.WithLabelValues(pattern)}
	for i, class := range statusClasses {
		m.answers[i] = s.requests.WithLabelValues(pattern, class)
	}
	return m
}

// observe counts an answered request and writes its line of the access log: the pattern, never the
// path, because identifiers in paths grant access.
func (m *Mux) observe(x *exchange, r *http.Request) {
	took := time.Since(x.started)
	route := x.route
	if route == nil {
		route = m.meters.unmatched
	}
	class := x.status / 100
	if class >= len(statusClasses) {
		class = 0
	}
	route.answers[class].Inc()
	route.duration.Observe(took.Seconds())
	level := slog.LevelDebug
	if x.status == http.StatusInternalServerError {
		level = slog.LevelWarn
	}
	if ctx := r.Context(); m.log.Enabled(ctx, level) {
		m.log.LogAttrs(ctx, level, "request", slog.String("request_id", x.id),
			slog.String("route", route.pattern), slog.String("method", r.Method),
			slog.Int("status", x.status), slog.Duration("duration", took))
	}
}
