package web_test

import (
	"net/http"
	"strings"
	"testing"

	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/pricing"
)

// TestTaxesAreNamedByTheirRate: their code is the accountant's. What fees contain counts with what
// tickets contain.
func TestTaxesAreNamedByTheirRate(t *testing.T) {
	s := openShop(t, func(e *catalog.Event) {
		e.Pricing.TicketTax = pricing.Tax{Code: "AT-13", Rate: 1_300}
		e.Pricing.FeeTax = pricing.Tax{Code: "AT-13", Rate: 1_300}
	})
	v := s.checkout() // two places of 49.00 with a fee of 2.00 each
	v.Sees(http.StatusOK, "Contains 13% VAT: € 11.73", "€ 102.00")

	s = openShop(t, func(e *catalog.Event) {
		e.Pricing.TicketTax = pricing.Tax{Code: "US-NY", Rate: 888, Added: true}
	})
	v = s.visit("/list")
	v.Press("Hold the best")
	v.Follow("Continue")
	v.Sees(http.StatusOK, "Tax, 8.88%", "€ 8.70", "€ 110.70")
	if strings.Contains(v.Text, "US-NY") {
		t.Error("the page shows the accountant's code")
	}
}
