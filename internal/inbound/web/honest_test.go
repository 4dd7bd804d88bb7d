package web_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"ticketflow/internal/app/command"
	"ticketflow/internal/app/payment"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/catalog"
	"ticketflow/internal/domain/money"
	"ticketflow/internal/inbound/web"
)

// TestNobodyIsPromisedMails where none are sent, in no language, on any page of buying.
func TestNobodyIsPromisedMails(t *testing.T) {
	for name, set := range map[string]func(*web.Config){"mails": nil, "no mails": noMails} {
		t.Run(name, func(t *testing.T) {
			s := openShopWith(t, set)
			v := s.checkout()
			said := []string{v.Said()}
			hears := func(path string) {
				for _, lang := range []string{"en", "de"} {
					v.Open(path + "?lang=" + lang)
					said = append(said, v.Said())
				}
			}
			hears(v.At.Path)
			v.Open(v.At.Path + "?lang=en")
			v.Press("Pay € 102.00", "name", "Ada", "email", "ada@example.org")
			order := v.At.Path
			s.bank.says(payment.Pending)
			hears(order)
			s.bank.says(payment.Paid)
			for _, path := range []string{order, order + "/tickets", "/orders"} {
				hears(path)
			}
			v = s.visit("/list")
			hears(order) // of somebody else
			promises := 0
			for _, text := range said {
				text = strings.NewReplacer("E-mail", "", "E-Mail", "", "not by mail", "",
					"nicht per Mail", "").Replace(text)
				if strings.Contains(strings.ToLower(text), "mail") ||
					strings.Contains(text, "tickets go there") {
					promises++
					if set != nil {
						t.Errorf("a mail is promised: %s", text)
					}
				}
			}
			if set == nil && promises < len(said)/2 {
				t.Errorf("mails are promised %d times on %d pages", promises, len(said))
			}
		})
	}
}

// TestADemoLeadsToItsMails from where it says that it has sent one.
func TestADemoLeadsToItsMails(t *testing.T) {
	s := openShopWith(t, func(c *web.Config) { c.Mailbox = "/mail" })
	v := s.ordered()
	if v.Find("a", "mailbox") != nil {
		t.Error("a mail is to be looked at before one was sent")
	}
	s.bank.says(payment.Paid)
	v.Open(v.At.Path)
	v.Sees(http.StatusOK, "They also go by mail to ada@example.org", "mailbox")
	v.Follow("Show tickets")
	v.Press("Pass it on", "name", "Bob", "email", "bob@example.org")
	v.Sees(http.StatusOK, "It also goes by mail to bob@example.org.", "mailbox")
	v.Follow("mailbox")
	if v.At.Path != "/mail" {
		t.Errorf("the link leads to %s", v.At)
	}
	plain := openShop(t).paid()
	if plain.Find("a", "mailbox") != nil {
		t.Error("a shop that isn't a demo shows its mails")
	}
}

// TestTicketsShowWhoseTheyAre.
func TestTicketsShowWhoseTheyAre(t *testing.T) {
	s := openShop(t)
	v := s.tickets()
	if n := strings.Count(v.Said(), "NameAda"); n != 2 {
		t.Errorf("the buyer's name is on %d tickets: %s", n, v.Said())
	}
	old := v.Find("button", "Pass it on")
	_, to, _ := v.Form(old)
	v.Press("Pass it on", "name", "Bob", "email", "bob@example.org")
	holder := s.visit("/list")
	holder.Open(v.Values("link")[0])
	holder.Sees(http.StatusOK, "NameBob")
	if strings.Contains(holder.Said(), "Ada") {
		t.Errorf("the new holder reads the buyer's name: %s", holder.Said())
	}
	holder.Open(strings.TrimSuffix(to.Path, "/transfer"))
	if strings.Contains(holder.Said(), "Ada") || strings.Contains(holder.Said(), "Bob") {
		t.Errorf("a ticket that admits nobody has a name: %s", holder.Said())
	}
}

// TestEveryFailureHasAWayBack to what the form belongs to, whose page says what is true.
func TestEveryFailureHasAWayBack(t *testing.T) {
	s := openShop(t)
	unsure := s.ordered()
	order := unsure.At.Path
	s.bank.breaks(true)
	unsure.Press("Cancel the order")
	unsure.Sees(http.StatusServiceUnavailable, "We are checking the payment")
	unsure.Follow("Back to the order")
	if unsure.At.Path != order {
		t.Errorf("back is %s", unsure.At)
	}
	s.bank.breaks(false)
	v := s.paid()
	v.Follow("Show tickets")
	sheet := v.At.Path
	pass := v.Find("button", "Pass it on")
	basket := s.checkout()
	pay := basket.Find("button", "Pay € 102.00")
	s.ledger.lost.Store(new(errors.New("broken")))
	v.Submit(pass, "name", "Bob", "email", "bob@example.org")
	v.Sees(http.StatusInternalServerError, "Back to the tickets")
	v.Follow("Back to the tickets")
	if v.At.Path != sheet {
		t.Errorf("back is %s, the tickets are at %s", v.At, sheet)
	}
	s.desk.Close()
	basket.Submit(pay, "name", "Bob", "email", "bob@example.org")
	basket.Sees(http.StatusServiceUnavailable, "Back to your places")
	place := basket.At.Path
	basket.Follow("Back to your places")
	if basket.At.Path != place {
		t.Errorf("back from %s is %s", place, basket.At)
	}
}

// TestMoneyIsAskedForAgain after a part of it was given back, until nothing is left.
func TestMoneyIsAskedForAgain(t *testing.T) {
	s := openShop(t)
	v := s.paid()
	page, o := v.At.Path, s.order(v)
	v.Press("Ask for a refund", "reason", "One of us is ill.")
	refund := func(key string, w command.RefundWish) {
		t.Helper()
		w.Order, w.Idempotency = o.ID, command.Idempotency{Key: key}
		_, err := s.office.RefundOrder(t.Context(), w)
		s.must(err)
		v.Open(page)
	}
	refund("a", command.RefundWish{Places: []catalog.PlaceNo{o.Lines[0].Place}})
	v.Sees(http.StatusOK, "is on its way back to you")
	v.Press("Ask for a refund", "reason", "The other one, too.")
	v.Sees(http.StatusOK, "You asked for your money back")
	asked, err := s.store.RefundRequest(t.Context(), o.ID)
	if err != nil || asked.Reason != "The other one, too." || asked.State != booking.RequestOpen {
		t.Errorf("kept is %+v, %v", asked, err)
	}
	rest, err := money.New(o.Total.Minor()/2, o.Total.Currency())
	s.must(err)
	refund("b", command.RefundWish{Amount: rest})
	if v.Find("button", "Ask for a refund") != nil {
		t.Error("it can be asked for though all of it went back")
	}
}
