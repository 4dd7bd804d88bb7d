package web

import (
	"strings"
	"time"

	"github.com/a-h/templ"

	"ticketflow/internal/inbound/forms"
)

var checkoutScripts = []string{"clock.js", "checkout.js"}

func (c *checkout) title(v *visit) string {
	title := v.Checkout.Title + ": " + c.Event().Title
	if len(c.problems) > 0 {
		return v.Checkout.ErrorTitle(title)
	}
	return title
}

// wrong marks a field that something is wrong with.
func (c *checkout) wrong(field string) templ.Attributes {
	if c.problems.of(field) == "" {
		return nil
	}
	return templ.Attributes{"aria-invalid": "true", "aria-describedby": field + "-error"}
}

// start is when the event begins, in its zone.
func (c *checkout) start() time.Time {
	return inZone(c.Event().StartsAt, c.Event().TimeZone)
}

// payButton says what happens when it is pressed.
func (v *visit) payButton(c *checkout) string {
	if c.free {
		return v.Checkout.Free
	}
	return v.Checkout.Pay(c.total)
}

// mailHosts are the known hosts, for the script that looks for slips before the form is sent.
func (v *visit) mailHosts() string { return strings.Join(forms.MailHosts, " ") }
