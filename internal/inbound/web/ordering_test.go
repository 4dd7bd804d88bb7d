package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/pricing"
)

func TestPaidOnComingBack(t *testing.T) {
	s := openShop(t)
	v := s.ordered()
	s.bank.says(payment.Paid) // its message never comes: the page asks
	v.Open(v.At.Path)
	v.Sees(http.StatusOK, "Paid. Your tickets are ready", "€ 102.00")
	v.Follow("Show tickets")
	v.Sees(http.StatusOK, "1 of 2", "Row", "Seat")
}

// TestAnUnknownPaymentIsWaitedFor: the page says so, in no colour of good or bad, reloads itself
// without scripts, and has no button to pay again.
func TestAnUnknownPaymentIsWaitedFor(t *testing.T) {
	s := openShop(t)
	v := s.ordered()
	s.bank.says(payment.Pending)
	for _, state := range []string{"pending", "silent"} {
		if state == "silent" {
			s.bank.breaks(true)
		}
		v.Open(v.At.Path)
		v.Sees(http.StatusOK, "We are waiting for your bank", "Please do not pay again",
			"ada@example.org", "Check now")
		if v.Find("button", "Pay") != nil || v.Find("button", "Try again") != nil {
			t.Errorf("%s: there is a second button to pay: %s", state, v.Said())
		}
		if !strings.Contains(v.Text, `http-equiv="refresh" content="10"`) {
			t.Errorf("%s: the page doesn't change by itself", state)
		}
	}
	s.wait(19 * time.Minute)
	v.Open(v.At.Path)
	v.Sees(http.StatusOK, "It takes longer than usual")
	s.bank.breaks(false)
	s.bank.says(payment.Paid)
	v.Press("Check now")
	v.Sees(http.StatusOK, "Paid. Your tickets are ready")
}

func TestDeclinedAndTriedAgain(t *testing.T) {
	s := openShop(t)
	v := s.ordered()
	s.bank.says(payment.Declined)
	v.Open(v.At.Path)
	v.Sees(http.StatusOK, "The payment was declined", "Nothing was charged", "reserved until")
	v.Press("Try again")
	if n := len(s.bank.begun); n != 2 || s.bank.begun[0].Key == s.bank.begun[1].Key {
		t.Fatalf("the attempts are %v", s.bank.begun)
	}
	s.bank.says(payment.Paid)
	v.Open(v.At.Path)
	v.Sees(http.StatusOK, "Paid. Your tickets are ready", "1 payment declined")
}

func TestTheBankIsDown(t *testing.T) {
	s := openShop(t)
	v := s.checkout()
	s.bank.breaks(true)
	v.Press("Pay", "name", "Ada", "email", "ada@example.org")
	v.Sees(http.StatusOK, "We are waiting for your bank", "stay reserved")
	s.bank.breaks(false)
	v.Press("Check now")
	v.Sees(http.StatusOK, "Not paid yet")
	v.Press("Pay")
	s.bank.says(payment.Paid)
	v.Open(v.At.Path)
	v.Sees(http.StatusOK, "Paid. Your tickets are ready")
}

// TestPaidTooLate: places that are still free are the buyer's after all; otherwise the money goes
// back, and the page says so.
func TestPaidTooLate(t *testing.T) {
	for _, test := range []struct {
		name  string
		taken bool
		want  []string
	}{
		{"free", false, []string{"Paid. Your tickets are ready"}},
		{"taken", true, []string{"The time to pay has run out", "All of it goes back to you",
			"€ 102.00 is on its way back"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := openShop(t)
			v := s.ordered()
			o := s.order(v)
			s.wait(21 * time.Minute)
			v.Open(v.At.Path)
			v.Sees(http.StatusOK, "The time to pay has run out", "Nothing was charged")
			if test.taken {
				other := s.visit("/list/0")
				other.Press("Take ")
				other.Sees(http.StatusOK, "Held for you")
			}
			s.bank.says(payment.Paid)
			_, err := s.cashier.Take(t.Context(), payment.Notice{Provider: "bank", NoticeID: "n1",
				Transaction: "tx", Key: booking.AttemptKey(o.ID, 1), State: payment.Paid,
				Amount: o.Total, At: s.clock()}, "{}", false)
			s.must(err)
			v.Open(v.At.Path)
			v.Sees(http.StatusOK, test.want...)
		})
	}
}

func TestAnUnpaidOrderIsCancelled(t *testing.T) {
	s := openShop(t)
	v := s.ordered()
	v.Press("Cancel the order")
	v.Sees(http.StatusOK, "The order is cancelled")
	v.Follow("Choose places again")
}

// TestNothingIsLostOnTheWay: pressing twice, going back, reloading, and a second tab all lead to
// the one order.
func TestNothingIsLostOnTheWay(t *testing.T) {
	s := openShop(t)
	v := s.checkout()
	checkout := v.At.Path
	second, third := v.Tab(checkout), v.Tab(checkout)
	third.Press("Pay", "name", "", "email", "ada@")
	third.Sees(http.StatusUnprocessableEntity, "Error: ", "There is a problem", "Enter your name",
		"name@example.com", "Nothing was ordered")
	if got := third.Values("email"); len(got) != 1 || got[0] != "ada@" {
		t.Errorf("what was typed is lost: %v", got)
	}
	button := v.Find("button", "Pay")
	for range 2 {
		v.Submit(button, "name", "Ada", "email", "ada@example.org")
		v.Sees(http.StatusOK, "Not paid yet")
	}
	order := v.At.Path
	second.Press("Pay", "name", "Somebody", "email", "else@example.org")
	second.Sees(http.StatusOK, "Not paid yet")
	v.Open(checkout) // back
	for _, at := range []string{v.At.Path, second.At.Path} {
		if at != order {
			t.Errorf("one is at %s, the order is %s", at, order)
		}
	}
	v.Open("/events/" + s.event.String() + "/list")
	v.Sees(http.StatusOK, "Nothing is chosen yet")
	v.Press("Hold the best")
	v.Follow("Continue")
	if got := v.Values("name"); len(got) != 1 || got[0] != "Ada" {
		t.Errorf("the details aren't remembered: %v", got)
	}
}

func TestAnOrderOpensWithItsLink(t *testing.T) {
	s := openShop(t)
	v := s.ordered()
	o := s.order(v)
	other := s.visit("/list")
	other.Open(v.At.Path)
	other.Sees(http.StatusNotFound, "That didn’t work", "Open the link in our mail")
	other.Open(v.At.Path + "?token=" + s.office.OrderToken(o.ID).String())
	other.Sees(http.StatusOK, "Not paid yet")
	if other.At.RawQuery != "" {
		t.Errorf("the token stays in the address: %s", other.At)
	}
	other.Open("/orders")
	other.Sees(http.StatusOK, "Così <fan> tutte", "not paid yet")
	other.Open(v.At.Path + "?token=tok_wrong")
	other.Sees(http.StatusNotFound)
}

func TestVouchers(t *testing.T) {
	s := openShop(t)
	for code, terms := range map[string]pricing.VoucherTerms{
		"HALF": {Percent: 5000}, "FREE": {Percent: pricing.WholePercent},
	} {
		_, err := s.office.CreateVoucher(t.Context(),
			booking.VoucherRef{Event: s.event, Code: code}, terms)
		s.must(err)
	}
	v := s.checkout()
	v.Press("Apply", "voucher", "nope", "name", "Ada")
	v.Sees(http.StatusUnprocessableEntity, "Error: ", "There is no such voucher")
	if got := v.Values("name"); got[0] != "Ada" {
		t.Errorf("what was typed is lost: %v", got)
	}
	v.Press("Apply", "voucher", "half", "name", "Ada")
	v.Sees(http.StatusOK, "Voucher HALF is applied", "−€ 49.00", "You save", "€ 53.00")
	v.Open(v.At.String())
	v.Sees(http.StatusOK, "Voucher HALF is applied")
	v.Press("Without voucher")
	v.Sees(http.StatusOK, "€ 102.00")
	v.Press("Pay", "voucher", "free", "name", "Ada", "email", "ada@example.org")
	v.Sees(http.StatusOK, "Voucher FREE is applied", "Order without payment")
	v.Press("Order without payment")
	v.Sees(http.StatusOK, "Your tickets are ready")
	v.Follow("Show tickets")
	v.Sees(http.StatusOK, "1 of 2")
}

func TestASlipInTheAddressIsAskedAbout(t *testing.T) {
	s := openShop(t)
	v := s.checkout()
	v.Press("Pay", "name", "Ada", "email", "ada@gmial.com")
	v.Sees(http.StatusUnprocessableEntity, "Did you mean ada@gmail.com?")
	again := v.Find("button", "Pay")
	v.Press("Yes, use it")
	v.Sees(http.StatusOK, "Checkout")
	if got := v.Values("email"); got[0] != "ada@gmail.com" {
		t.Errorf("the address is %v", got)
	}
	v.Submit(again) // it was right as it was
	v.Sees(http.StatusOK, "Not paid yet")
	if o := s.order(v); o.Buyer.Email != "ada@gmial.com" {
		t.Errorf("the buyer is %v", o.Buyer)
	}
}

func TestOneBuyerHasALimit(t *testing.T) {
	s := openShop(t, func(e *catalog.Event) { e.Terms.MaxPerBuyer = 3 })
	s.ordered()
	v := s.checkout()
	v.Press("Pay", "name", "Ada", "email", "ada@example.org")
	v.Sees(http.StatusUnprocessableEntity, "One buyer may have 3 places", "you have 2")
	v.Press("Pay", "email", "bob@example.org")
	v.Sees(http.StatusOK, "Not paid yet")
}

// TestOnlyWhatWasShownIsOrdered: a second tab has changed the basket under an open checkout.
func TestOnlyWhatWasShownIsOrdered(t *testing.T) {
	s := openShop(t)
	v := s.checkout()
	other := v.Tab("/events/" + s.event.String() + "/list")
	other.Press("Hold the best")
	if n := len(other.Removals()); n != 4 {
		t.Fatalf("%d places are held", n)
	}
	v.Press("Pay € 102.00", "name", "Ada", "email", "ada@example.org")
	v.Sees(http.StatusUnprocessableEntity, "Your places have changed meanwhile", "4 × € 49.00",
		"Pay € 204.00")
	if got := v.Values("email"); len(got) != 1 || got[0] != "ada@example.org" {
		t.Errorf("what was typed is lost: %v", got)
	}
	v.Press("Pay € 204.00")
	v.Sees(http.StatusOK, "Not paid yet", "Pay € 204.00")
}

// TestTheBankIsAskedNotTooOften by a page that somebody loads again and again.
func TestTheBankIsAskedNotTooOften(t *testing.T) {
	s := openShop(t)
	v := s.ordered()
	s.bank.says(payment.Pending)
	s.wait(time.Minute)
	const times, most = 12, 5
	before := s.bank.questions()
	for range times {
		v.Open(v.At.Path)
		v.Sees(http.StatusOK, "We are waiting for your bank")
	}
	if n := s.bank.questions() - before; n > most {
		t.Errorf("the bank was asked %d times at once", n)
	}
	s.bank.says(payment.Paid)
	s.wait(time.Minute)
	v.Press("Check now")
	v.Sees(http.StatusOK, "Paid. Your tickets are ready")
}
