package httpapi

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"ticketflow/internal/domain/errs"
	"ticketflow/internal/inbound/edge"
)

var errNotReady = errs.New(errs.Unavailable, "not_ready",
	"This server takes no requests now.")

// Health is the answer of a probe.
type Health struct {
	Status string `json:"status" enum:"ok"`
}

var healthy = []byte(`{"status":"ok"}`)

// live answers GET /healthz: the process runs. It touches nothing.
func (s *Server) live(w http.ResponseWriter, _ *http.Request) {
	edge.WriteJSON(w, http.StatusOK, healthy)
}

// isReady answers GET /readyz: started, not draining, the ledger answers.
func (s *Server) isReady(w http.ResponseWriter, r *http.Request) {
	if err := s.ready(); err != nil {
		s.log.WarnContext(r.Context(), "not ready", "error", err)
		edge.Fail(w, r, errNotReady)
		return
	}
	edge.WriteJSON(w, http.StatusOK, healthy)
}

func (s *Server) scrape() http.HandlerFunc {
	return promhttp.HandlerFor(s.metrics, promhttp.HandlerOpts{}).ServeHTTP
}

// readSpec answers GET /openapi.json.
func (s *Server) readSpec(w http.ResponseWriter, r *http.Request) {
	d, err := s.spec()
	if err != nil {
		edge.Fail(w, r, err)
		return
	}
	w.Header().Set("Cache-Control", "no-cache")
	d.serve(w, r)
}
