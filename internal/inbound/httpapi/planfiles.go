package httpapi

import (
	"encoding/json"
	"net/http"
	"slices"

	"ticketflow/internal/app/command"
	"ticketflow/internal/app/planfile"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/errs"
	"ticketflow/internal/domain/ident"
	"ticketflow/internal/inbound/edge"
	"ticketflow/internal/inbound/forms"
)

var (
	errFormat = errs.New(errs.Invalid, "unknown_plan_format",
		"The format of a seat plan is ticketflow or pretix.").WithField("field", "format")
	errVenueMissing = errs.New(errs.Invalid, "venue_missing",
		"The address needs ?venue=ven_…: the venue of the seat plan.").WithField("field", "venue")
)

// PlanMade is a seat plan that was stored.
type PlanMade struct {
	ID         string   `json:"id" example:"pln_1"`
	Venue      string   `json:"venue" example:"ven_1"`
	Name       string   `json:"name" example:"Great hall"`
	Places     int      `json:"places" example:"1200"`
	Sections   int      `json:"sections" example:"6"`
	Categories []string `json:"categories" nullable:"false" example:"[\"Stalls\"]" doc:"What price rules may name"`
}

// createPlan answers POST /v1/plans.
func (s *Server) createPlan(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if !q.Has("venue") {
		edge.Fail(w, r, errVenueMissing)
		return
	}
	venue, err := catalog.ParseVenueID(q.Get("venue"))
	if err != nil {
		edge.Fail(w, r, ident.ErrFormat)
		return
	}
	body, err := edge.ReadBody(r, nil)
	if err != nil {
		edge.Fail(w, r, err)
		return
	}
	plan, err := readPlan(q.Get("format"), body)
	if err != nil {
		edge.Fail(w, r, err)
		return
	}
	stored, err := planfile.EncodeJSON(plan)
	if err != nil {
		edge.Fail(w, r, err)
		return
	}
	id, err := s.office.CreatePlan(r.Context(), venue, plan, stored, command.Idempotency{
		Key:  idempotencyKey(r),
		Body: slices.Concat([]byte(venue.String()+" "+q.Get("format")+"\n"), body)})
	if err != nil {
		edge.Fail(w, r, err)
		return
	}
	made := PlanMade{ID: id.String(), Venue: venue.String(), Name: plan.Name(),
		Places: plan.Places(), Sections: plan.SectionCount(), Categories: []string{}}
	for _, c := range plan.Categories() {
		made.Categories = append(made.Categories, c.Name)
	}
	text, err := json.Marshal(made)
	if err != nil {
		edge.Fail(w, r, err)
		return
	}
	edge.WriteJSON(w, http.StatusCreated, text)
}

func readPlan(format string, body []byte) (*catalog.Plan, error) {
	if format == "" {
		format = forms.PlanFormat(body)
	}
	switch format {
	case forms.OwnPlan:
		return planfile.DecodeJSON(body)
	case forms.PretixPlan:
		return planfile.ImportPretix(body)
	}
	return nil, errFormat
}

// exportPlan answers GET /v1/plans/{plan}/export.
func (s *Server) exportPlan(w http.ResponseWriter, r *http.Request) {
	plan, err := s.plan(r.Context(), r.PathValue("plan"))
	if err != nil {
		edge.Fail(w, r, err)
		return
	}
	var text []byte
	switch r.URL.Query().Get("format") {
	case "", forms.PretixPlan:
		text, err = planfile.ExportPretix(plan)
	case forms.OwnPlan:
		text, err = planfile.EncodeJSON(plan)
	default:
		err = errFormat
	}
	if err != nil {
		edge.Fail(w, r, err)
		return
	}
	edge.WriteJSON(w, http.StatusOK, text)
}
