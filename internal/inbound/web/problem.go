package web

import (
	"net/http"
	"strings"

	"ticketflow/internal/app/command"
	"ticketflow/internal/domain/errs"
	"ticketflow/internal/inbound/edge"
)

var errForeignForm = errs.New(errs.Forbidden, "foreign_form",
	"This form was sent from another site.")

// showProblem is the page for whatever went wrong.
func (s *Site) showProblem(w http.ResponseWriter, r *http.Request, p edge.Problem) {
	v := s.visit(w, r)
	if err := s.write(w, r, p.Status, problemPage(v, p, v.wayBack(p.Status))); err != nil {
		s.log.ErrorContext(r.Context(), "the page of a problem can't be written",
			"request_id", p.RequestID, "error", err)
		edge.WriteProblem(w, p) // a page for that would fail as well
	}
}

// wayBack leads to the page that a form belongs to: it says what is true now.
type wayBack struct{ to, label string }

// wayBack is where a visitor can go on after a failure; empty if that is nowhere.
func (v *visit) wayBack(status int) (way wayBack) {
	path := strings.Split(v.request.URL.Path, "/")
	if len(path) < len([]string{"", "orders", "ord_1"}) || status == http.StatusNotFound {
		return way
	}
	to, sent := "/"+path[1]+"/"+path[2], v.request.Method == http.MethodPost
	switch kind := path[1]; {
	case kind == "orders":
		return wayBack{to, v.Failure.Order}
	case kind == "tickets" && sent:
		return wayBack{to + "/transfer", v.Failure.Tickets} // which leads to the buyer's tickets
	case kind == "checkout" && sent:
		return wayBack{to, v.Failure.Basket}
	case kind == "events" && sent:
		return wayBack{to + "/seats", v.Failure.Basket}
	}
	return way
}

// notYours tells whether somebody asks for an order that the browser doesn't know.
func (v *visit) notYours(p *edge.Problem) bool {
	return p.Code == command.ErrToken.Code() && strings.HasPrefix(v.request.URL.Path, "/orders/")
}

// explain says why something didn't work.
func (v *visit) explain(p *edge.Problem) string {
	if v.notYours(p) {
		return v.either(v.Orders.NotYours, v.Orders.NotHere)
	}
	return v.reason(p.Code, p.Title)
}

// reason is what a failure says in the visitor's language.
func (v *visit) reason(code, text string) string {
	if reason, ok := v.Failure.Reasons[code]; ok {
		return reason
	}
	return text
}
