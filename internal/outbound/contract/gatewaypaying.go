package contract

import (
	"context"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/domain/money"
)

// gatewayPaying: an attempt is paid once, whatever buyers and the network do.
func gatewayPaying() []GatewayCase {
	return []GatewayCase{
		{"nobody has paid", nil, payNobody},
		{"paid", nil, payPaid},
		{"declined, and a new attempt", []Power{Declining}, attemptDeclined},
		{"a second step", []Power{SecondStep}, paySecondStep},
		{"the second step is refused", []Power{SecondStep}, payRefused},
		{"the same request again", nil, payAgain},
		{"many pages of one attempt at once", nil, payAtOnce},
		{"requests that can't be paid", nil, payOdd},
	}
}

// unpaid checks that an attempt is not told as decided.
func (c *counter) unpaid(key string) {
	c.Helper()
	st, err := c.Gateway.LookUp(c.Context(), key)
	if err == nil {
		c.whole(st, key, payment.Pending)
		return
	}
	c.is("look up what nobody has paid", err, payment.ErrNotFound)
}

func payNobody(c *counter) {
	_, err := c.Gateway.LookUp(c.Context(), key(9, 1))
	c.is("look up what was never begun", err, payment.ErrNotFound)
	c.begin(key(1, 1))
	c.unpaid(key(1, 1))
	c.balance(0)
}

func payPaid(c *counter) {
	st := c.sold(key(1, 1))
	same(c.T, "refunded", st.Refunded, money.Money{})
	other := c.sold(key(2, 1))
	if st.Transaction == other.Transaction {
		c.Errorf("two payments are %s", st.Transaction)
	}
	c.balance(2 * usual)
}

func attemptDeclined(c *counter) {
	c.decide(c.begin(key(1, 1)), Declines)
	c.stands(key(1, 1), payment.Declined)
	c.balance(0)
	c.sold(key(1, 2))
	c.stands(key(1, 1), payment.Declined)
	c.balance(usual)
}

func paySecondStep(c *counter) {
	page := c.begin(key(1, 1))
	c.decide(page, Hesitates)
	c.stands(key(1, 1), payment.Pending)
	c.balance(0)
	_, err := c.Gateway.Refund(c.Context(), key(1, 1), "ref_1", euros(c, 1))
	c.is("refund of what isn't captured", err, payment.ErrOverRefund, payment.ErrNotFound)
	c.decide(page, Confirms)
	c.stands(key(1, 1), payment.Paid)
	c.balance(usual)
}

func payRefused(c *counter) {
	page := c.begin(key(1, 1))
	c.decide(page, Hesitates)
	c.decide(page, Refuses)
	c.stands(key(1, 1), payment.Declined)
	c.balance(0)
}

func payAgain(c *counter) {
	first, second := c.begin(key(1, 1)), c.begin(key(1, 1))
	c.decide(first, Pays)
	// The second page may refuse, or say that it is paid; it must not charge.
	_ = c.Bank.Decide(c.Context(), second, Pays)
	c.stands(key(1, 1), payment.Paid)
	c.balance(usual)
	if page, err := c.Gateway.Begin(c.Context(), c.request(key(1, 1))); err == nil {
		_ = c.Bank.Decide(c.Context(), page, Pays)
	}
	c.balance(usual)
}

func payAtOnce(c *counter) {
	together(10, func(int) {
		page, err := c.Gateway.Begin(c.Context(), c.request(key(1, 1)))
		if err != nil {
			c.Errorf("begin: %v", err)
			return
		}
		_ = c.Bank.Decide(c.Context(), page, Pays)
	})
	c.stands(key(1, 1), payment.Paid)
	c.balance(usual)
}

func payOdd(c *counter) {
	for name, spoil := range map[string]func(*payment.Request){
		"no key":          func(r *payment.Request) { r.Key = "" },
		"no amount":       func(r *payment.Request) { r.Amount = money.Money{} },
		"nothing to pay":  func(r *payment.Request) { r.Amount = euros(c, 0) },
		"no way back":     func(r *payment.Request) { r.ReturnURL = "javascript:alert(1)" },
		"relative return": func(r *payment.Request) { r.ReturnURL = "/orders/ord_1" },
	} {
		r := c.request(key(1, 1))
		spoil(&r)
		page, err := c.Gateway.Begin(c.Context(), r)
		if err == nil {
			c.Errorf("%s: begun at %s", name, page.URL)
			continue
		}
		c.is(name, err, payment.ErrRejected)
	}
}

// gatewayCancelling: what the box office has closed is never paid, and what is paid is told so.
func gatewayCancelling() []GatewayCase {
	return []GatewayCase{
		{"before anybody pays", []Power{ClosesUnheard}, cancelUnheard},
		{"before the second step", []Power{SecondStep}, cancelPending},
		{"what is paid", nil, cancelPaid},
		{"while it is being paid", []Power{ClosesUnheard}, cancelRace},
	}
}

// closed checks that an attempt can't be paid any more, also when it is begun again.
func (c *counter) closed(page payment.Page, choices ...Choice) {
	c.Helper()
	for range 2 {
		st, err := c.Gateway.Cancel(c.Context(), key(1, 1))
		if err != nil {
			c.Fatalf("cancel: %v", err)
		}
		c.whole(st, key(1, 1), payment.Declined)
		for _, choice := range choices {
			if err := c.Bank.Decide(c.Context(), page, choice); err == nil {
				c.Errorf("the page took choice %d although it is closed", choice)
			}
		}
		if again, err := c.Gateway.Begin(c.Context(), c.request(key(1, 1))); err == nil {
			_ = c.Bank.Decide(c.Context(), again, Pays)
		}
		c.stands(key(1, 1), payment.Declined)
	}
	c.balance(0)
}

func cancelUnheard(c *counter) {
	c.closed(c.begin(key(1, 1)), Pays)
	c.sold(key(1, 2))
	st, err := c.Gateway.Cancel(c.Context(), key(2, 1))
	if err != nil {
		c.Fatalf("cancel what was never begun: %v", err)
	}
	c.whole(st, key(2, 1), payment.Declined)
	c.stands(key(2, 1), payment.Declined)
}

func cancelPending(c *counter) {
	page := c.begin(key(1, 1))
	c.decide(page, Hesitates)
	c.closed(page, Pays, Confirms)
}

func cancelPaid(c *counter) {
	before := c.sold(key(1, 1))
	for range 2 {
		st, err := c.Gateway.Cancel(c.Context(), key(1, 1))
		if err != nil {
			c.Fatalf("cancel: %v", err)
		}
		c.whole(st, key(1, 1), payment.Paid)
		same(c.T, "transaction", st.Transaction, before.Transaction)
	}
	c.stands(key(1, 1), payment.Paid)
	c.balance(usual)
}

// cancelRace: whoever is first wins, and everybody is told the same.
func cancelRace(c *counter) {
	const attempts = 20
	var captured int64
	for i := range attempts {
		page := c.begin(key(i, 1))
		var told payment.Status
		var failed error
		together(2, func(who int) {
			if who == 0 {
				told, failed = c.Gateway.Cancel(c.Context(), key(i, 1))
			} else {
				_ = c.Bank.Decide(c.Context(), page, Pays)
			}
		})
		if failed != nil {
			c.Fatalf("cancel: %v", failed)
		}
		c.stands(key(i, 1), told.State)
		if told.State == payment.Paid {
			captured += usual
		}
	}
	c.balance(captured)
}

// gatewayLosses: what isn't known is told as unknown, and the same keys then have one effect.
func gatewayLosses() []GatewayCase {
	return []GatewayCase{
		{"of a refund", []Power{LosesAnswers}, loseRefund},
		{"of a cancellation", []Power{LosesAnswers, ClosesUnheard}, loseCancel},
		{"of a question", []Power{LosesAnswers}, loseLookUp},
		{"because the caller has gone", nil, loseCaller},
	}
}

// unknown checks that a call whose answer is lost says so.
func (c *counter) unknown(what string, call func(ctx context.Context) error) {
	c.Helper()
	ctx, cancel := c.Bank.LoseAnswers(c.Context(), true)
	err := call(ctx)
	cancel()
	_, cancel = c.Bank.LoseAnswers(c.Context(), false)
	cancel()
	c.is(what, err, payment.ErrUnknownOutcome)
}

func loseRefund(c *counter) {
	c.sold(key(1, 1))
	for range 2 {
		c.unknown("refund", func(ctx context.Context) error {
			_, err := c.Gateway.Refund(ctx, key(1, 1), "ref_1", euros(c, 900))
			return err
		})
	}
	c.refund("ref_1", 900, payment.Refunded)
	c.stands(key(1, 1), payment.Paid)
	c.balance(usual - 900)
}

func loseCancel(c *counter) {
	page := c.begin(key(1, 1))
	c.unknown("cancel", func(ctx context.Context) error {
		_, err := c.Gateway.Cancel(ctx, key(1, 1))
		return err
	})
	c.closed(page, Pays)
}

func loseLookUp(c *counter) {
	c.sold(key(1, 1))
	for _, k := range []string{key(1, 1), key(2, 1)} {
		c.unknown("look up", func(ctx context.Context) error {
			_, err := c.Gateway.LookUp(ctx, k)
			return err
		})
	}
}

func loseCaller(c *counter) {
	c.sold(key(1, 1))
	ctx, cancel := context.WithCancel(c.Context())
	cancel()
	_, err := c.Gateway.LookUp(ctx, key(1, 1))
	c.is("look up", err, payment.ErrUnknownOutcome, payment.ErrUnavailable)
	_, err = c.Gateway.Cancel(ctx, key(1, 1))
	c.is("cancel", err, payment.ErrUnknownOutcome, payment.ErrUnavailable)
	_, err = c.Gateway.Refund(ctx, key(1, 1), "ref_1", euros(c, 900))
	c.is("refund", err, payment.ErrUnknownOutcome, payment.ErrUnavailable)
	c.stands(key(1, 1), payment.Paid)
}
