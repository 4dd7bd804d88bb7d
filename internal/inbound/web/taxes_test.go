package web_test

import (
	"net/http"
	"strings"
	"testing"

	"ticketflow/internal/domain/booking"
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

// TestNoTaxIsContainedInNothing: a voucher that takes everything off takes the tax off too.
func TestNoTaxIsContainedInNothing(t *testing.T) {
	s := openShop(t, func(e *catalog.Event) {
		e.Pricing = pricing.Rules{TicketTax: pricing.Tax{Code: "AT-13", Rate: 1_300}}
	})
	_, err := s.office.CreateVoucher(t.Context(), booking.VoucherRef{Event: s.event, Code: "ALL"},
		pricing.VoucherTerms{Percent: pricing.WholePercent})
	s.must(err)
	v := s.visit("/list")
	v.Press("Hold the best")
	v.Follow("Continue")
	v.Sees(http.StatusOK, "Contains 13% VAT")
	v.Press("Apply", "voucher", "all", "name", "Ada")
	v.Sees(http.StatusOK, "Voucher ALL is applied")
	if strings.Contains(v.Text, "Contains 13% VAT") {
		t.Error("a free order contains tax")
	}
}
