package stripe

import (
	"context"
	"errors"
	"testing"
	"time"

	"ticketflow/internal/app/payment"
)

// faultsAndOutcomes is what each fault is to be told as.
var faultsAndOutcomes = []struct {
	name  string
	fault fault
	want  error
}{
	{"lost before", lostBefore, payment.ErrUnknownOutcome},
	{"lost after", lostAfter, payment.ErrUnknownOutcome},
	{"500 before", brokenBefore, payment.ErrUnknownOutcome},
	{"500 after", brokenAfter, payment.ErrUnknownOutcome},
	{"503 that sounds like a no", refusing, payment.ErrUnknownOutcome},
	{"too many", limited, payment.ErrUnavailable},
	{"in use", locked, payment.ErrUnknownOutcome},
	{"wrong key", forbidden, payment.ErrUnavailable},
	{"a proxy's page", strange, payment.ErrUnknownOutcome},
	{"half an answer", garbled, payment.ErrUnknownOutcome},
	{"an empty answer", empty, payment.ErrUnknownOutcome},
	{"a redirect", moved, payment.ErrUnknownOutcome},
}

// steps are the requests of each call, the scene before it, and whether it worked.
var steps = []struct {
	call     string
	requests []string
	before   func(t *testing.T, f *fake, g *Gateway)
	do       func(t *testing.T, g *Gateway) error
}{
	{"begin", []string{"POST /v1/products", "POST /v1/checkout/sessions", "POST /v1/products/*"},
		func(*testing.T, *fake, *Gateway) {},
		func(t *testing.T, g *Gateway) error {
			t.Helper()
			page, err := g.Begin(t.Context(), request(t))
			if err == nil && page.URL == "" {
				t.Error("no page")
			}
			return err
		}},
	{"look up", []string{"GET /v1/products/*", "GET /v1/checkout/sessions/*", "GET /v1/refunds"},
		paid,
		func(t *testing.T, g *Gateway) error {
			t.Helper()
			got, err := g.LookUp(t.Context(), key)
			if err == nil && got.State != payment.Paid {
				t.Errorf("%+v", got)
			}
			return err
		}},
	{"cancel", []string{"POST /v1/products/*", "GET /v1/checkout/sessions/*",
		"POST /v1/checkout/sessions/*/expire"},
		func(t *testing.T, _ *fake, g *Gateway) { t.Helper(); begin(t, g) },
		func(t *testing.T, g *Gateway) error {
			t.Helper()
			got, err := g.Cancel(t.Context(), key)
			if err == nil && got.State != payment.Declined {
				t.Errorf("%+v", got)
			}
			return err
		}},
	{"refund", []string{"GET /v1/products/*", "GET /v1/checkout/sessions/*", "GET /v1/refunds",
		"POST /v1/refunds"},
		paid,
		func(t *testing.T, g *Gateway) error {
			t.Helper()
			got, err := g.Refund(t.Context(), key, "ref_1", euros(t, 900))
			if err == nil && got.State != payment.Refunded {
				t.Errorf("%+v", got)
			}
			return err
		}},
	{"statement", []string{"GET /v1/payment_intents"}, paid,
		func(t *testing.T, g *Gateway) error {
			t.Helper()
			page, _, err := g.Payments(t.Context(), "", 10)
			if err == nil && len(page) != 1 {
				t.Errorf("%+v", page)
			}
			return err
		}},
}

func paid(t *testing.T, f *fake, g *Gateway) {
	t.Helper()
	begin(t, g)
	f.tries(key, "succeeded")
}

// TestOutcomes: no fault is told as a refusal, and repeating the call brings the right end, once.
func TestOutcomes(t *testing.T) {
	for _, step := range steps {
		for _, request := range step.requests {
			for _, wrong := range faultsAndOutcomes {
				t.Run(step.call+"/"+request+"/"+wrong.name, func(t *testing.T) {
					f := newFake(t)
					g := f.gateway()
					step.before(t, f, g)
					f.fails(request, wrong.fault)
					err := step.do(t, g)
					closed := request == "POST /v1/checkout/sessions/*/expire" &&
						(wrong.fault == garbled || wrong.fault == empty)
					if closed && err == nil {
						return // its answer isn't needed: the session is read afterwards
					}
					if !errors.Is(err, wrong.want) {
						t.Errorf("the first time %v, want %v", err, wrong.want)
					}
					if err := step.do(t, g); err != nil {
						t.Errorf("the second time: %v", err)
					}
					if len(f.sessions) > 1 || len(f.refunds) > 1 {
						t.Errorf("%d sessions, %d refunds", len(f.sessions), len(f.refunds))
					}
				})
			}
		}
	}
}

// TestStoredFailure: Stripe repeats a 500 for a day under the same key. The attempt can't begin any
// more, and cancelling it is definite all the same: nobody knows its page.
func TestStoredFailure(t *testing.T) {
	f := newFake(t)
	g := f.gateway()
	f.fails("POST /v1/checkout/sessions", brokenAfter, brokenAfter)
	for range 2 {
		if _, err := g.Begin(t.Context(), request(t)); !errors.Is(err,
			payment.ErrUnknownOutcome) {
			t.Fatal(err)
		}
	}
	if _, err := g.LookUp(t.Context(), key); !errors.Is(err, payment.ErrNotFound) {
		t.Errorf("looked up: %v", err)
	}
	if got, err := g.Cancel(t.Context(), key); err != nil || got.State != payment.Declined {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestDeadline: a Stripe that doesn't answer is unknown, in time.
func TestDeadline(t *testing.T) {
	for _, step := range steps {
		last := step.requests[len(step.requests)-1]
		f := newFake(t)
		g := f.gateway()
		step.before(t, f, g)
		f.fails(last, hang)
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		start := time.Now()
		var err error
		switch step.call {
		case "begin":
			_, err = g.Begin(ctx, request(t))
		case "look up":
			_, err = g.LookUp(ctx, key)
		case "cancel":
			_, err = g.Cancel(ctx, key)
		case "refund":
			_, err = g.Refund(ctx, key, "ref_1", euros(t, 1))
		default:
			_, _, err = g.Payments(ctx, "", 1)
		}
		cancel()
		if !errors.Is(err, payment.ErrUnknownOutcome) || time.Since(start) > 5*time.Second {
			t.Errorf("%s: %v after %s", step.call, err, time.Since(start))
		}
	}
}

// TestNotSent: without a connection nothing has happened, and that is definite.
func TestNotSent(t *testing.T) {
	f := newFake(t)
	g := f.gateway()
	f.server.Close()
	for _, step := range steps {
		if err := step.do(t, g); !errors.Is(err, payment.ErrUnavailable) {
			t.Errorf("%s: %v", step.call, err)
		}
	}
}

// TestOtherMode: an answer about real money to a test key, or the other way round, is no answer.
func TestOtherMode(t *testing.T) {
	f := newFake(t)
	g := f.gateway()
	begin(t, g)
	f.tries(key, "succeeded")
	const closed = "ord_0009:1" // there is no more than its record
	if _, err := g.Cancel(t.Context(), closed); err != nil {
		t.Fatal(err)
	}
	g.live = true
	if got, err := g.LookUp(t.Context(), closed); !errors.Is(err, payment.ErrUnknownOutcome) {
		t.Errorf("the record: %+v, %v", got, err)
	}
	for _, step := range steps[1:] {
		if err := step.do(t, g); !errors.Is(err, payment.ErrUnknownOutcome) {
			t.Errorf("%s: %v", step.call, err)
		}
	}
}

// TestForeignSession: a record that leads to somebody else's session is not believed.
func TestForeignSession(t *testing.T) {
	f := newFake(t)
	g := f.gateway()
	begin(t, g)
	f.find(key).key = "ord_0002:1"
	if got, err := g.LookUp(t.Context(), key); !errors.Is(err, payment.ErrUnknownOutcome) {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestRefused: what Stripe refuses by itself is a definite no.
func TestRefused(t *testing.T) {
	f := newFake(t)
	r := request(t)
	r.Amount = euros(t, 10)
	_, err := f.gateway().Begin(t.Context(), r)
	if !errors.Is(err, payment.ErrRejected) {
		t.Error(err)
	}
}
