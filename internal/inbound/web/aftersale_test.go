package web_test

import (
	"net/http"
	"strings"
	"testing"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/testservers/visitor"
)

// paid is a visitor on the page of a paid order of two tickets.
func (s *shop) paid() *visitor.Visitor {
	v := s.ordered()
	s.bank.says(payment.Paid)
	v.Open(v.At.Path)
	v.Sees(http.StatusOK, "Paid. Your tickets are ready")
	return v
}

// TestTicketsArePrinted as one file, for who may see the order, as long as they admit.
func TestTicketsArePrinted(t *testing.T) {
	s := openShop(t)
	v := s.paid()
	page := v.At.Path
	v.Follow("Tickets as PDF")
	if v.Status != http.StatusOK || !strings.HasPrefix(v.Text, "%PDF-") {
		t.Fatalf("%d: %.40q", v.Status, v.Text)
	}
	if pages := strings.Count(v.Text, "/Type /Page\n"); pages != 2 {
		t.Errorf("%d pages", pages)
	}
	stranger := s.visit("/list")
	stranger.Open(page + "/tickets.pdf")
	stranger.Sees(http.StatusNotFound)

	v.Open(page)
	s.must(s.office.CancelOrder(t.Context(), s.order(v).ID))
	v.Open(page + "/tickets.pdf")
	v.Sees(http.StatusOK, "The order is cancelled")
}

// TestMoneyIsAskedFor once, with a reason, and the organiser's answer is told.
func TestMoneyIsAskedFor(t *testing.T) {
	s := openShop(t)
	v := s.paid()
	page, id := v.At.Path, s.order(v).ID
	long := strings.Repeat("x", booking.MaxReasonRunes+1)
	v.Press("Ask for a refund", "reason", long)
	v.Sees(http.StatusUnprocessableEntity, "Please use at most 500 characters.", long)
	v.Open(page + "/refund-request?lang=en")
	if v.At.Path != page {
		t.Errorf("another language leads to %s", v.At)
	}
	v.Press("Ask for a refund", "reason", "I am ill.")
	v.Sees(http.StatusOK, "You asked for your money back on Saturday, 12 September 2026")
	if v.Find("button", "Ask for a refund") != nil {
		t.Error("it can be asked for twice")
	}
	asked, err := s.store.RefundRequest(t.Context(), id)
	if err != nil || asked.Reason != "I am ill." || asked.State != booking.RequestOpen {
		t.Errorf("kept is %+v, %v", asked, err)
	}
	_, err = s.office.DeclineRefund(t.Context(), id, "Too late, sorry.")
	s.must(err)
	v.Open(page)
	v.Sees(http.StatusOK, "The organiser said no to your wish for a refund: Too late, sorry.")
}
