package main

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"
)

// TestMoneyThatGoesBackAtTheOtherSide: people give a part back in the gateway's dashboard while a
// refund of everything is refused, and banks take parts of one payment more than once. Each refund
// ends, no more goes back than came, and both books are equal.
func TestMoneyThatGoesBackAtTheOtherSide(t *testing.T) { onEachLedger(t, giveBackTwice) }

// shownRefund is a refund as organisers see it.
type shownRefund struct {
	ID, State, Reason string
	GatewayRef        string `json:"gateway_ref"`
	Amount            struct{ Amount int64 }
}

func giveBackTwice(s *storm) {
	s.open(8, "")
	failed, refused, disputed := s.bought("failed"), s.bought("refused"), s.bought("disputed")
	s.reduceByHand(failed)
	s.reduceByItself(refused)
	s.disputeTwice(disputed)
	s.settle()
	for id, payments := range s.bankBook() {
		want := map[string][2]int64{failed.ID: {failed.Total.Amount, 0},
			refused.ID: {refused.Total.Amount, 0}, disputed.ID: {0, 700}}[id]
		if got := payments[0]; len(payments) != 1 || got.Refunded != want[0] ||
			got.Disputed != want[1] {
			s.Errorf("%s: %+v, want %d", id, payments, want)
		}
	}
	s.audit()
}

// bought is an order that is paid.
func (s *storm) bought(name string) (order stormOrder) {
	s.Helper()
	var hold struct{ ID, Token string }
	made := func(path, body string, into any) {
		s.Helper()
		status, raw := s.insist(http.MethodPost, path, body, "Idempotency-Key", path+name)
		if status != http.StatusCreated {
			s.Fatalf("POST %s: %d %s", path, status, raw)
		}
		s.parse(raw, into)
	}
	made("/v1/events/"+s.event+"/holds", `{"best":{"count":2}}`, &hold)
	made("/v1/orders", fmt.Sprintf(`{"hold":%q,"hold_token":%q,"buyer":{"name":"Buyer",`+
		`"email":"%s@example.org"}}`, hold.ID, hold.Token, name), &order)
	status, raw := s.insist(http.MethodPost, order.Payment.URL, "outcome=paid",
		"Content-Type", "application/x-www-form-urlencoded")
	if status != http.StatusOK {
		s.Fatalf("paying: %d %s", status, raw)
	}
	s.until("the order is paid", func() bool {
		var now stormOrder
		s.get("/v1/orders/"+order.ID, &now)
		return now.State == "paid"
	})
	return order
}

// until asks again and again.
func (s *storm) until(what string, is func() bool) {
	s.Helper()
	for begun := time.Now(); !is(); <-time.After(50 * time.Millisecond) {
		if time.Since(begun) > time.Minute {
			s.Fatalf("not in a minute: %s", what)
		}
	}
}

// atBank does something at the gateway's side of an order's payment.
func (s *storm) atBank(method, what string, order stormOrder, action, body string) {
	s.Helper()
	target := s.bank.url + "/simpay/v1/" + what + "/" + url.PathEscape(order.ID+":1") + action
	if status, raw := s.insist(method, target, body, s.banker()...); status != http.StatusOK {
		s.Fatalf("%s %s: %d %s", method, body, status, raw)
	}
}

func (s *storm) happens(order stormOrder, body string) {
	s.Helper()
	s.atBank(http.MethodPost, "payments", order, "/events", body)
}

// while has the gateway misbehave for a moment.
func (s *storm) while(order stormOrder, knobs string, do func()) {
	s.Helper()
	s.atBank(http.MethodPatch, "knobs", order, "", knobs)
	do()
	s.atBank(http.MethodDelete, "knobs", order, "", "")
}

// everything asks for a refund of all that was paid, and waits until it has failed.
func (s *storm) everything(order stormOrder) (id string) {
	s.Helper()
	status, raw := s.insist(http.MethodPost, "/v1/orders/"+order.ID+"/refunds",
		`{"everything":true}`, append(s.organiser(), "Idempotency-Key", "all-"+order.ID)...)
	if status != http.StatusCreated {
		s.Fatalf("refund: %d %s", status, raw)
	}
	var made shownRefund
	s.parse(raw, &made)
	s.untilRefund(made.ID, "failed", order.Total.Amount)
	return made.ID
}

// untilRefund waits until a refund is of an amount and in a state.
func (s *storm) untilRefund(id, state string, minor int64) {
	s.Helper()
	s.until(fmt.Sprintf("%s is %s with %d", id, state, minor), func() bool {
		var now shownRefund
		s.get("/v1/refunds/"+url.PathEscape(id), &now)
		return now.State == state && now.Amount.Amount == minor
	})
}

// reduceByHand: the gateway had made the refund, which failed, so people decide about its rest.
func (s *storm) reduceByHand(order stormOrder) {
	var id string
	s.while(order, `{"refund_fails":1}`, func() { id = s.everything(order) })
	s.happens(order, `{"event":"refund","amount":1000}`)
	rest := order.Total.Amount - 1000
	s.untilRefund(id, "failed", rest)
	s.untilRefund(id+":part:1", "done", 1000)
	s.post("/v1/refunds/" + url.PathEscape(id) + "/retry")
	s.untilRefund(id, "done", rest)
}

// reduceByItself: the gateway has refused the refund, since a part had gone that we hear of when
// the books are compared. The rest goes by itself.
func (s *storm) reduceByItself(order stormOrder) {
	s.while(order, `{"webhook_lost":1}`, func() {
		s.happens(order, `{"event":"refund","amount":1000}`)
	})
	id := s.everything(order)
	s.post("/v1/payments/simpay/reconcile")
	s.untilRefund(id, "done", order.Total.Amount-1000)
}

// disputeTwice: of two disputes the first one is decided for us, and one message is lost.
func (s *storm) disputeTwice(order stormOrder) {
	s.happens(order, `{"event":"dispute","amount":900}`)
	s.while(order, `{"webhook_lost":1}`, func() {
		s.happens(order, `{"event":"dispute","amount":700}`)
	})
	s.happens(order, `{"event":"dispute_won","dispute":1}`)
	var money struct{ Refunds []shownRefund }
	s.until("the first dispute is won", func() bool {
		s.get("/v1/orders/"+order.ID+"/payments", &money)
		return len(money.Refunds) == 1 && money.Refunds[0].State == "reversed"
	})
	s.post("/v1/payments/simpay/reconcile")
	s.get("/v1/orders/"+order.ID+"/payments", &money)
	states := map[string]int64{}
	for _, r := range money.Refunds {
		states[r.State+" "+r.GatewayRef[len(r.GatewayRef)-2:]] = r.Amount.Amount
	}
	if len(money.Refunds) != 2 || states["reversed d1"] != 900 || states["done d2"] != 700 {
		s.Errorf("%+v", money.Refunds)
	}
}
