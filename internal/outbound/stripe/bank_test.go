package stripe

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/domain/money"
	"ticketflow/internal/outbound/contract"
)

// TestContract: Stripe is a gateway like any other.
func TestContract(t *testing.T) {
	contract.Gateway(t, func(contract.T) *contract.Till {
		f := newFake(t)
		g := f.gateway()
		return &contract.Till{Gateway: identified{g}, Book: g, Bank: &bank{f: f}, Now: time.Now}
	})
}

// identified asks for the key where a notice doesn't know it, as the cashier does.
type identified struct{ *Gateway }

func (i identified) ReadNotice(header map[string][]string, body []byte, now time.Time) (
	payment.Notice, error,
) {
	n, err := i.Gateway.ReadNotice(header, body, now)
	if err == nil && n.Key == "" {
		n.Key, err = i.KeyOf(context.Background(), n.Transaction)
	}
	return n, err
}

// bank is the world behind Stripe.
type bank struct {
	f    *fake
	sent []contract.Webhook
}

// Decide does what buyers and their banks do. A card that is refused leaves Stripe's page open, so
// the no that counts is that of a bank which was asked and takes its time.
func (b *bank) Decide(_ context.Context, page payment.Page, c contract.Choice) error {
	b.f.mu.Lock()
	defer b.f.mu.Unlock()
	s := b.f.sessions[page.URL[strings.LastIndexByte(page.URL, '/')+1:]]
	if s == nil || s.status != "open" {
		return contract.ErrPageClosed
	}
	asked := s.intent != nil && s.intent.status == "requires_action"
	if asked != (c == contract.Confirms || c == contract.Refuses) {
		return contract.ErrPageClosed
	}
	switch c {
	case contract.Pays, contract.Confirms:
		b.f.attempt(s, "succeeded")
		b.send("checkout.session.completed", b.f.show(s, false))
	case contract.Declines:
		b.f.attempt(s, "processing")
		b.send("checkout.session.completed", b.f.show(s, false))
		s.intent.status = "requires_payment_method"
		b.send("checkout.session.async_payment_failed", b.f.show(s, false))
	case contract.Hesitates:
		b.f.attempt(s, "requires_action")
	case contract.Refuses: // and never comes back, until the page expires
		b.f.attempt(s, "requires_payment_method")
		s.status = "expired"
		b.send("checkout.session.expired", b.f.show(s, false))
	}
	return nil
}

// send signs an event. The fake is locked.
func (b *bank) send(kind string, object any) {
	body, err := json.Marshal(map[string]any{"id": b.f.id("evt"), "object": "event",
		"type": kind, "livemode": b.f.live, "created": time.Now().Unix(),
		"data": map[string]any{"object": object}})
	if err != nil {
		b.f.t.Error(err)
	}
	b.sent = append(b.sent, contract.Webhook{Header: sign(body, time.Now(), testSecret),
		Body: body})
}

// Happen does what Stripe's dashboard and the buyers' banks do.
func (b *bank) Happen(_ context.Context, key string, h contract.Happening, m money.Money) error {
	b.f.mu.Lock()
	defer b.f.mu.Unlock()
	i := b.f.find(key).intent
	switch h {
	case contract.RefundsWait:
		b.f.refunding = "pending"
	case contract.RefundsFail:
		b.f.refunding = "failed"
	case contract.RefundDone, contract.RefundFailed:
		last := b.f.refunds[len(b.f.refunds)-1]
		kind := "refund.updated"
		if last.status = "succeeded"; h == contract.RefundFailed {
			last.status, kind = "failed", "refund.failed"
		}
		b.send(kind, showRefund(last))
	case contract.StaffRefunds:
		r := &refund{id: b.f.id("re"), intent: i.id, status: "succeeded", amount: m.Minor(),
			currency: "eur", metadata: map[string]string{}}
		b.f.refunds = append(b.f.refunds, r)
		b.send("refund.created", showRefund(r))
	case contract.BuyerDisputes:
		i.disputed = true
		b.f.disputes = append(b.f.disputes, &dispute{id: b.f.id("du"), intent: i.id,
			status: "needs_response", amount: m.Minor(), currency: "eur"})
		b.send("charge.dispute.created", b.f.showDisputes(i.id)[0])
	case contract.DisputeIsWon:
		for _, d := range slices.Backward(b.f.disputes) {
			if d.intent == i.id && d.status != "won" && (m.IsZero() || d.amount == m.Minor()) {
				d.status = "won"
				b.send("charge.dispute.closed", b.f.showDispute(d))
				break
			}
		}
	}
	return nil
}

// LoseAnswers has every answer get lost.
func (b *bank) LoseAnswers(ctx context.Context, lose bool) (context.Context, context.CancelFunc) {
	b.f.mu.Lock()
	defer b.f.mu.Unlock()
	b.f.losing = lose
	return context.WithCancel(ctx)
}

// Webhooks are those of the bank's doing, and of the refunds that were asked for.
func (b *bank) Webhooks(context.Context) ([]contract.Webhook, error) {
	b.f.mu.Lock()
	defer b.f.mu.Unlock()
	for _, r := range b.f.refunds[b.f.told:] {
		if len(r.metadata) > 0 {
			b.send("refund.created", showRefund(r))
		}
	}
	b.f.told = len(b.f.refunds)
	return b.sent, nil
}

// Balance sums Stripe's book.
func (b *bank) Balance(context.Context) (sum int64, err error) {
	b.f.mu.Lock()
	defer b.f.mu.Unlock()
	for _, i := range b.f.intents {
		sum += i.received
	}
	for _, r := range b.f.refunds {
		if r.status == "succeeded" {
			sum -= r.amount
		}
	}
	for _, d := range b.f.disputes {
		if d.status != "won" {
			sum -= d.amount
		}
	}
	return sum, nil
}
