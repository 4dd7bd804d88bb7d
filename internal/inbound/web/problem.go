package web

import (
	"net/http"

	"ticketflow/internal/domain/errs"
	"ticketflow/internal/inbound/edge"
)

var errForeignForm = errs.New(errs.Forbidden, "foreign_form",
	"This form was sent from another site.")

// showProblem is the page for whatever went wrong.
func (s *Site) showProblem(w http.ResponseWriter, r *http.Request, p edge.Problem) {
	v := s.visit(w, r)
	if err := s.write(w, r, p.Status, problemPage(v, p)); err != nil {
		s.log.ErrorContext(r.Context(), "the page of a problem can't be written",
			"request_id", p.RequestID, "error", err)
		edge.WriteProblem(w, p) // a page for that would fail as well
	}
}

// reason is what a failure says in the visitor's language.
func (v *visit) reason(code, text string) string {
	if reason, ok := v.Failure.Reasons[code]; ok {
		return reason
	}
	return text
}
