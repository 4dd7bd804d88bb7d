package httpapi

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"ticketflow/internal/app/planfile"
	"ticketflow/internal/app/query"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/inbound/edge"
)

// maxKeptPlans bounds how many plans are kept encoded; one of a stadium takes about a megabyte.
const maxKeptPlans = 64

// keepForEver is for what never changes under its address.
const keepForEver = "public, max-age=31536000, immutable"

// document is something that is sent again and again: raw, compressed, and named by its content.
type document struct {
	raw, gzip []byte
	etag      string
	media     string
}

// planShelf keeps plans in the forms in which they are served.
type planShelf struct {
	mu   sync.Mutex
	wire map[catalog.PlanID]func() (document, error)
	json map[catalog.PlanID]func() (document, error)
}

// keep returns the document of a plan, and makes it once however many ask at the same time.
func (p *planShelf) keep(
	shelf *map[catalog.PlanID]func() (document, error), id catalog.PlanID,
	encode func() (document, error),
) (document, error) {
	p.mu.Lock()
	if *shelf == nil || len(*shelf) >= maxKeptPlans {
		*shelf = make(map[catalog.PlanID]func() (document, error))
	}
	made := (*shelf)[id]
	if made == nil {
		made = sync.OnceValues(encode)
		(*shelf)[id] = made
	}
	p.mu.Unlock()
	return made()
}

func encodeWire(plan *catalog.Plan) (document, error) {
	e, err := planfile.Encode(plan)
	return document{raw: e.Raw, gzip: e.Gzip, etag: e.ETag,
		media: "application/octet-stream"}, err
}

func encodeJSON(plan *catalog.Plan) (document, error) {
	raw, err := planfile.EncodeJSON(plan)
	if err != nil {
		return document{}, err
	}
	return newDocument(raw, jsonMedia)
}

func newDocument(raw []byte, media string) (document, error) {
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	if _, err := zip.Write(raw); err != nil {
		return document{}, err
	}
	if err := zip.Close(); err != nil {
		return document{}, err
	}
	sum := sha256.Sum256(raw)
	return document{raw: raw, gzip: packed.Bytes(), media: media,
		etag: `"` + hex.EncodeToString(sum[:16]) + `"`}, nil
}

// readPlanWire answers GET /v1/events/{event}/plan.bin.
func (s *Server) readPlanWire(w http.ResponseWriter, r *http.Request) {
	s.servePlan(w, r, &s.plans.wire, encodeWire)
}

// readPlanJSON answers GET /v1/events/{event}/plan.
func (s *Server) readPlanJSON(w http.ResponseWriter, r *http.Request) {
	s.servePlan(w, r, &s.plans.json, encodeJSON)
}

func (s *Server) servePlan(
	w http.ResponseWriter, r *http.Request,
	shelf *map[catalog.PlanID]func() (document, error),
	encode func(*catalog.Plan) (document, error),
) {
	offer, err := s.visible(r, r.PathValue("event"))
	if err != nil {
		edge.Fail(w, r, err)
		return
	}
	id := offer.Event().Plan
	d, err := s.plans.keep(shelf, id, func() (document, error) { return encode(offer.Plan()) })
	if err != nil {
		edge.Fail(w, r, err)
		return
	}
	// Only an address that names the plan says the same thing for ever.
	if r.URL.Query().Get("plan") == id.String() && offer.Event().Status != catalog.Draft {
		w.Header().Set("Cache-Control", keepForEver)
	} else {
		w.Header().Set("Cache-Control", "no-cache")
	}
	d.serve(w, r)
}

// serve sends the document, compressed if the client takes that, or 304 if it has it.
func (d *document) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Vary", "Accept-Encoding")
	h.Set("Etag", d.etag)
	if sameTag(r, d.etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := d.raw
	if takesGzip(r) {
		body = d.gzip
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Type", d.media)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(body) // who has gone can't be told
}

// sameTag tells whether the client has the version with this tag (RFC 9110 §13.1.2).
func sameTag(r *http.Request, tag string) bool {
	for _, line := range r.Header["If-None-Match"] {
		for one := range strings.SplitSeq(line, ",") {
			if one = strings.TrimPrefix(strings.TrimSpace(one), "W/"); one == tag || one == "*" {
				return true
			}
		}
	}
	return false
}

// takesGzip tells whether the client accepts gzip (RFC 9110 §12.5.3).
func takesGzip(r *http.Request) bool {
	for _, line := range r.Header["Accept-Encoding"] {
		for one := range strings.SplitSeq(line, ",") {
			name, quality, _ := strings.Cut(strings.TrimSpace(one), ";")
			if strings.EqualFold(strings.TrimSpace(name), "gzip") {
				_, q, _ := strings.Cut(quality, "=")
				return strings.Trim(q, "0. ") != "" || q == ""
			}
		}
	}
	return false
}

// plan finds a seat plan by its public identifier.
func (s *Server) plan(ctx context.Context, id string) (*catalog.Plan, error) {
	number, err := catalog.ParsePlanID(id)
	if err != nil {
		return nil, query.ErrPlanNotFound
	}
	return s.offers.Plan(ctx, number)
}
