package policy_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ticketflow/internal/app/outbox"
	"ticketflow/internal/app/payment"
	"ticketflow/internal/app/policy"
)

// TestOneInstanceChasesForAll: the gateway is asked once in a round, and by the other instance when
// the first one has ended.
func TestOneInstanceChasesForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &house{T: t, gateway: newGateway(), now: time.Now}
		h.build()
		h.cancelled(1)
		h.gateway.state = payment.Pending // so that it is asked for again and again
		leases := outbox.NewLocalLeases(time.Now)
		run := func(owner string) (end func()) {
			ctx, stop := context.WithCancel(t.Context())
			turns := policy.NewTurns(leases, owner)
			var both sync.WaitGroup
			both.Go(func() { h.cashier.Run(ctx, turns) })
			both.Go(func() { h.cashier.RunReconcile(ctx, turns) })
			return func() { stop(); both.Wait() }
		}
		pass := func(d time.Duration) {
			<-time.After(d)
			synctest.Wait()
		}
		first := run("first")
		pass(20 * time.Second) // it has the turn
		second := run("second")
		pass(11 * time.Minute)
		// In 45 rounds, of which the first two find a refund that is too young.
		if n, reads := h.gateway.counted(); n != 43 || reads != 1 {
			t.Errorf("the gateway was asked for a refund %d times, and for its book %d times", n,
				reads)
		}
		first()
		pass(time.Minute)
		if n, _ := h.gateway.counted(); n != 4 {
			t.Errorf("in the minute after the first had ended it was asked for %d times", n)
		}
		second()
	})
}
