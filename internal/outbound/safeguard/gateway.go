package safeguard

import (
	"context"
	"errors"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/budget"
	"github.com/failsafe-go/failsafe-go/bulkhead"
	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/failsafe-go/failsafe-go/retrypolicy"
	"github.com/failsafe-go/failsafe-go/timeout"

	"ticketflow/internal/app/payment"
	"ticketflow/internal/domain/money"
)

// errAbandoned: the caller went away before the gateway could be blamed.
var errAbandoned = errors.New("the caller gave up")

// Gateway decorates another one. Safe for concurrent use.
type Gateway struct {
	inner   payment.Gateway
	config  Config
	breaker circuitbreaker.CircuitBreaker[any]
	begins  failsafe.Executor[any]
	others  failsafe.Executor[any]
	counts  [numCalls][numOutcomes]atomic.Uint64
	running atomic.Int64
	retries atomic.Uint64
	broken  atomic.Uint64
	full    atomic.Uint64
	opened  atomic.Uint64
}

var (
	_ payment.Gateway    = (*Gateway)(nil)
	_ payment.Statement  = (*Gateway)(nil)
	_ payment.Identifier = (*Gateway)(nil)
)

// New guards a gateway.
func New(inner payment.Gateway, c Config) *Gateway {
	g := &Gateway{inner: inner, config: c.withDefaults()}
	c = g.config
	g.breaker = circuitbreaker.NewBuilder[any]().
		HandleIf(func(_ any, err error) bool { return failed(err) }).
		WithFailureRateThreshold(c.FailureRate, c.MinTries, c.Window).
		WithSuccessThreshold(c.Probes).
		WithDelay(c.OpenFor).WithJitterFactor(openJitter).
		OnStateChanged(g.changed).
		Build()
	retries := retrypolicy.NewBuilder[any]().
		HandleIf(func(_ any, err error) bool { return failed(err) }).
		WithMaxRetries(c.Retries).
		WithBackoffFactor(c.FirstPause, c.MaxPause, pauseFactor).WithJitterFactor(pauseJitter).
		WithBudget(budget.NewBuilder().WithMaxRate(c.RetryShare).
			WithMinConcurrency(retriesAtAll).Build()).
		OnRetry(func(failsafe.ExecutionEvent[any]) { g.retries.Add(1) }).
		ReturnLastFailure().
		Build()
	limit := timeout.New[any](c.TryTimeout)
	// The bulkhead is outside of the breaker, which would take a full one for a success.
	g.begins = failsafe.With[any](retries, bulkhead.New[any](c.Begins), g.breaker, limit)
	g.others = failsafe.With[any](retries, bulkhead.New[any](c.Others), g.breaker, limit)
	return g
}

// failed tells whether a try speaks against the gateway, and may be repeated. Answers don't.
func failed(err error) bool {
	return errors.Is(err, payment.ErrUnavailable) || errors.Is(err, payment.ErrUnknownOutcome) ||
		errors.Is(err, timeout.ErrExceeded)
}

func (g *Gateway) changed(e circuitbreaker.StateChangedEvent) {
	if e.NewState == circuitbreaker.OpenState {
		g.opened.Add(1)
	}
	g.config.Log.Warn("the breaker before a payment gateway has changed",
		"from", e.OldState.String(), "to", e.NewState.String())
}

// Begin opens an attempt.
func (g *Gateway) Begin(ctx context.Context, r payment.Request) (payment.Page, error) {
	if g.config.LocalBegin {
		page, err := g.inner.Begin(ctx, r)
		g.counts[Begin][outcomeOf(err)].Add(1)
		return page, err
	}
	return guarded(ctx, g, g.begins, Begin, func(ctx context.Context) (payment.Page, error) {
		return g.inner.Begin(ctx, r)
	})
}

// LookUp asks what became of an attempt.
func (g *Gateway) LookUp(ctx context.Context, key string) (payment.Status, error) {
	return guarded(ctx, g, g.others, LookUp, func(ctx context.Context) (payment.Status, error) {
		return g.inner.LookUp(ctx, key)
	})
}

// Cancel closes an attempt that isn't paid.
func (g *Gateway) Cancel(ctx context.Context, key string) (payment.Status, error) {
	return guarded(ctx, g, g.others, Cancel, func(ctx context.Context) (payment.Status, error) {
		return g.inner.Cancel(ctx, key)
	})
}

// Refund returns money, once per refundKey.
func (g *Gateway) Refund(ctx context.Context, key, refundKey string, amount money.Money) (
	payment.RefundStatus, error,
) {
	return guarded(ctx, g, g.others, Refund,
		func(ctx context.Context) (payment.RefundStatus, error) {
			return g.inner.Refund(ctx, key, refundKey, amount)
		})
}

// ReadNotice verifies and reads a webhook, without any limit.
func (g *Gateway) ReadNotice(header map[string][]string, body []byte, now time.Time) (
	payment.Notice, error,
) {
	return g.inner.ReadNotice(header, body, now)
}

// KeyOf asks whose a transaction is: payment.ErrNotFound if the gateway's notices always know.
func (g *Gateway) KeyOf(ctx context.Context, transaction string) (string, error) {
	inner, ok := g.inner.(payment.Identifier)
	if !ok {
		return "", payment.ErrNotFound
	}
	return guarded(ctx, g, g.others, KeyOf, func(ctx context.Context) (string, error) {
		return inner.KeyOf(ctx, transaction)
	})
}

// Payments reads the gateway's book: payment.ErrRejected if it shows none.
func (g *Gateway) Payments(ctx context.Context, after string, limit int) (
	[]payment.Status, string, error,
) {
	book, ok := g.inner.(payment.Statement)
	if !ok {
		return nil, "", payment.ErrRejected.With("This provider shows no book.")
	}
	type leaf struct {
		page []payment.Status
		next string
	}
	l, err := guarded(ctx, g, g.others, Payments, func(ctx context.Context) (l leaf, err error) {
		l.page, l.next, err = book.Payments(ctx, after, limit)
		return l, err
	})
	return l.page, l.next, err
}

// guarded runs a call under the limits.
func guarded[T any](
	ctx context.Context, g *Gateway, limits failsafe.Executor[any], call Call,
	do func(context.Context) (T, error),
) (T, error) {
	var answer T
	var answered error
	definite := false // the last try was answered, with a yes or a no
	unknown := false  // one of the tries may have reached the gateway
	if ctx.Err() != nil {
		g.counts[call][Unavailable].Add(1)
		return answer, payment.ErrUnavailable // nobody waits for it any more: nothing is sent
	}
	err := limits.WithContext(ctx).RunWithExecution(func(e failsafe.Execution[any]) error {
		answer, answered = try(e.Context(), g, do)
		definite = !failed(answered)
		unknown = unknown || errors.Is(answered, payment.ErrUnknownOutcome)
		if !definite && errors.Is(ctx.Err(), context.Canceled) &&
			e.ElapsedAttemptTime() < g.config.Patience {
			return errAbandoned
		}
		return answered
	})
	if definite {
		// An answer counts although the time was over when it came: it may be about money.
		err = answered
	} else {
		err = g.told(err, unknown)
	}
	g.counts[call][outcomeOf(err)].Add(1)
	if err != nil {
		var none T
		return none, err
	}
	return answer, nil
}

// try asks once. A panic must not keep its place in the bulkhead, nor its permit of the breaker.
func try[T any](ctx context.Context, g *Gateway, do func(context.Context) (T, error)) (
	answer T, err error,
) {
	g.running.Add(1)
	defer func() {
		g.running.Add(-1)
		if defect := recover(); defect != nil {
			g.config.Log.Error("a payment gateway panicked", "panic", defect,
				"stack", string(debug.Stack()))
			err = payment.ErrUnknownOutcome
		}
	}()
	return do(ctx)
}

// told turns what kept a call from being answered into a failure of the port.
func (g *Gateway) told(err error, unknown bool) error {
	switch {
	case errors.Is(err, circuitbreaker.ErrOpen):
		g.broken.Add(1)
	case errors.Is(err, bulkhead.ErrFull):
		g.full.Add(1)
	case errors.Is(err, timeout.ErrExceeded):
		unknown = true
	default: // unavailable, out of tries, or the caller's time is over
	}
	if unknown {
		return payment.ErrUnknownOutcome
	}
	return payment.Later(g.retryAfter())
}

// retryAfter is the seconds until the next try may be let through, 1 or more.
func (g *Gateway) retryAfter() int {
	return int((g.breaker.RemainingDelay()+time.Second-1)/time.Second) + 1
}
