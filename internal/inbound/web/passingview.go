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

// passHow says what happens when a ticket is passed on.
func (v *visit) passHow() string {
	if v.site.mails {
		return v.Tickets.PassHow
	}
	return v.Tickets.PassHere
}

// begun tells whether something was sent: the form stays open.
func (p *passing) begun() bool { return p.name != "" || len(p.problems) > 0 }

// marks a field that something is wrong with; the first one gets the focus.
func (p *passing) marks(id, field string) templ.Attributes {
	if p.problems.of(field) == "" {
		return nil
	}
	return templ.Attributes{"aria-invalid": "true",
		"aria-describedby": id + "-" + field + "-error", "autofocus": p.problems[0].field == field}
}
