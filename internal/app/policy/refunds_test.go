package policy_test

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ticketflow/internal/app/command"
	"ticketflow/internal/app/outbox"
	"ticketflow/internal/app/payment"
	"ticketflow/internal/domain/booking"
	"ticketflow/internal/domain/fact"
	"ticketflow/internal/domain/money"
)

// cancelled is a paid order that was cancelled: a refund is on its way.
func (h *house) cancelled(place int) booking.OrderID {
	h.Helper()
	id := h.order(place)
	amount, err := money.New(housePrice, money.Currency{'E', 'U', 'R'})
	h.check(err)
	_, err = h.office.RecordPayment(h.Context(), command.Paid{Order: id, Provider: provider,
		Transaction: "t " + id.String(), Amount: amount})
	h.check(err)
	h.check(h.office.CancelOrder(h.Context(), id))
	return id
}

// TestRefundsAreAskedForUntilTheyAreDone runs the relay over the log, through failures of the
// gateway, and then once more from the start of its subscriber.
func TestRefundsAreAskedForUntilTheyAreDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &house{T: t, gateway: newGateway(), now: time.Now}
		h.build()
		h.gateway.failing = []error{payment.ErrUnavailable, payment.ErrUnknownOutcome}
		first, second := h.cancelled(1), h.cancelled(2)
		refunds := h.cashier.Refunds()
		h.relay(refunds, 10*time.Second)

		asked := make([]string, 0, 4)
		requested := h.facts(fact.RefundRequested)
		for i, id := range []booking.OrderID{first, second} {
			asked = append(asked, booking.AttemptKey(id, 1)+" "+requested[i].Fact.Ref+" 2500")
		}
		want := []string{asked[0], asked[0], asked[0], asked[1]}
		if !slices.Equal(h.gateway.refunds, want) {
			t.Errorf("asked for %q, want %q", h.gateway.refunds, want)
		}
		h.wantDone(2)

		// A crash between the record of the answer and the log's note has the fact come again.
		h.gateway.refunds = nil
		for _, e := range requested {
			h.check(refunds.Handle(t.Context(), e))
		}
		if len(h.gateway.refunds) > 0 {
			t.Errorf("what is done was asked for again: %q", h.gateway.refunds)
		}
		h.wantDone(2)
	})
}

// relay delivers the facts of the log for a while.
func (h *house) relay(s outbox.Subscriber, span time.Duration) {
	ctx, stop := context.WithCancel(h.Context())
	relay := outbox.NewRelay(h.store, slog.New(slog.DiscardHandler), s)
	var running sync.WaitGroup
	running.Go(func() { relay.Run(ctx) })
	time.AfterFunc(span, stop)
	<-ctx.Done()
	running.Wait()
}

func (h *house) wantDone(n int) {
	h.Helper()
	h.wantDoneOf(n, housePrice)
}

func (h *house) wantDoneOf(n int, minor int64) {
	h.Helper()
	done := h.facts(fact.RefundDone)
	if len(done) != n {
		h.Errorf("%d refunds are done, want %d", len(done), n)
	}
	for _, e := range done {
		if e.Fact.Amount.Minor() != minor {
			h.Errorf("a refund of %v", e.Fact.Amount)
		}
	}
}

// TestARefundThatIsNotDoneIsAskedForAgain: one that is pending at the gateway doesn't hold up those
// behind it, and is chased.
func TestARefundThatIsNotDoneIsAskedForAgain(t *testing.T) {
	h := open(t)
	h.cancelled(1)
	refunds := h.cashier.Refunds()
	requested := h.facts(fact.RefundRequested)
	h.gateway.state = payment.Unknown
	if err := refunds.Handle(t.Context(), requested[0]); err == nil {
		t.Error("unknown counts as handled")
	}
	h.gateway.state = payment.Pending
	h.check(refunds.Handle(t.Context(), requested[0]))
	h.wantDone(0)
	h.gateway.state, h.gateway.refunds = payment.Refunded, nil
	h.check(h.cashier.Chase(t.Context()))
	if len(h.gateway.refunds) > 0 {
		t.Errorf("chased at once: %q", h.gateway.refunds)
	}
	h.later += time.Minute
	h.check(h.cashier.Chase(t.Context()))
	h.wantDone(1)
}

// TestARefusedRefundHoldsUpNobody: it stays requested, and the operator is told.
func TestARefusedRefundHoldsUpNobody(t *testing.T) {
	for _, refusal := range []error{payment.ErrRejected, payment.ErrOverRefund, nil} {
		h := open(t)
		h.cancelled(1)
		if h.gateway.failing = []error{refusal}; refusal == nil {
			h.gateway.failing, h.gateway.state = nil, payment.Declined // for good
		}
		var log bytes.Buffer
		refunds := h.cashiers(h.now, slog.New(slog.NewTextHandler(&log, nil))).Refunds()
		requested := h.facts(fact.RefundRequested)
		h.check(refunds.Handle(t.Context(), requested[0]))
		h.wantDone(0)
		if !strings.Contains(log.String(), requested[0].Fact.Ref) {
			t.Errorf("the log says %q", log.String())
		}
	}
}
