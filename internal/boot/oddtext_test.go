package boot_test

import (
	"net/http"
	"net/url"
	"testing"

	"ticketflow/internal/config"
	"ticketflow/internal/outbound/postgres"
	"ticketflow/internal/testservers"
	"ticketflow/internal/testservers/visitor"
)

// oddTexts are what PostgreSQL takes for no text.
var oddTexts = []string{"%ff", "%00", "a%c3", "%00%ff%e2%82"}

// TestTextsThatPostgreSQLRefuses come from anybody's address bar and forms, and from organisers'
// programs: no one is answered with a failure of ours.
func TestTextsThatPostgreSQLRefuses(t *testing.T) {
	address := testservers.PostgreSQL(t)
	if _, err := postgres.Migrate(t.Context(), address); err != nil {
		t.Fatal(err)
	}
	c := settings(t.TempDir())
	c.Demo, c.DatabaseURL = true, config.Secret(address)
	app := start(t, c)
	for _, odd := range oddTexts {
		for _, path := range []string{"/?q=", "/?place=", "/?kind=", "/?q=a&from=", "/?price="} {
			visitor.Open(t, app.URL+path+odd).Sees(http.StatusOK)
		}
		for _, path := range []string{"/v1/events?q=", "/v1/events?place=", "/v1/events?kind="} {
			visitor.Open(t, app.URL+path+odd).Sees(http.StatusOK, `"events":[`)
		}
	}
	for _, odd := range oddTexts {
		typed, err := url.PathUnescape(odd)
		if err != nil {
			t.Fatal(err)
		}
		v := atCheckout(t, app)
		at := v.At.Path
		v.Open(at + "?voucher=" + odd)
		v.Sees(http.StatusUnprocessableEntity, "Checkout")
		v.Press("Pay CHF 98.00", "name", typed, "email", adaMail)
		v.Sees(http.StatusUnprocessableEntity, "Checkout")
		v.Press("Pay CHF 98.00", "name", ada, "email", typed+"@example.org")
		v.Sees(http.StatusUnprocessableEntity, "Checkout")
		v.Press("Pay CHF 98.00", "name", ada, "email", adaMail, "voucher", typed)
		v.Sees(http.StatusUnprocessableEntity, "Checkout")
		v.Press("Pay CHF 98.00", "name", ada, "email", adaMail, "voucher", "",
			"key", typed)
		v.Sees(http.StatusOK, "Rehearsal")
		v.Press("Pay")
		v.Sees(http.StatusOK, "Paid. Your tickets are ready")
		order := v.At.Path
		v.Press("Ask for a refund", "reason", typed)
		v.Sees(http.StatusUnprocessableEntity)
		for _, who := range [][2]string{{typed, adaMail}, {ada, "a@" + typed}} {
			v.Open(order + "/tickets")
			v.Press("Pass it on", "name", who[0], "email", who[1], "key", typed)
			v.Sees(http.StatusUnprocessableEntity)
		}
	}
}
