package web

import "github.com/a-h/templ"

var passedScripts = []string{"copy.js"}

func (s *ticketSheet) title(v *visit) string {
	title := v.Tickets.Title + ": " + s.offer.Event().Title
	if s.wrong {
		return v.Checkout.ErrorTitle(title)
	}
	return title
}

// begun tells whether something was sent: the form stays open.
func (p *passing) begun() bool { return p.name != "" || len(p.problems) > 0 }

// marks a field that something is wrong with; the first one gets the focus. Fields whose names are
// on the page more than once have ids that begin otherwise.
func (l problems) marks(begin, field string) templ.Attributes {
	if l.of(field) == "" {
		return nil
	}
	return templ.Attributes{"aria-invalid": "true",
		"aria-describedby": begin + field + "-error", "autofocus": l[0].field == field}
}
