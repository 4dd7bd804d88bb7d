package safeguard

import (
	"errors"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"

	"ticketflow/internal/app/payment"
)

// Call is one of the questions to a gateway.
type Call uint8

// The questions that are counted.
const (
	Begin Call = iota
	LookUp
	Cancel
	Refund
	Payments
	KeyOf
	numCalls
)

// String is the name of the call in metrics.
func (c Call) String() string {
	return [...]string{"begin", "look_up", "cancel", "refund", "payments", "key_of"}[c]
}

// Outcome is how a call ended, after all its tries.
type Outcome uint8

// The outcomes that are counted.
const (
	Done        Outcome = iota // with the answer that was hoped for
	Answered                   // with another definite answer: not found, refused, too much
	Unavailable                // definitely nothing happened
	Unknown                    // nobody knows
	numOutcomes
)

// String is the name of the outcome in metrics.
func (o Outcome) String() string {
	return [...]string{"done", "answered", "unavailable", "unknown"}[o]
}

func outcomeOf(err error) Outcome {
	switch {
	case err == nil:
		return Done
	case errors.Is(err, payment.ErrUnknownOutcome):
		return Unknown
	case errors.Is(err, payment.ErrUnavailable):
		return Unavailable
	default:
		return Answered
	}
}

// State is that of the circuit breaker.
type State uint8

// The states of the breaker.
const (
	Closed   State = iota // calls go through
	HalfOpen              // a few tries go through
	Open                  // nothing goes through
)

// String is the name of the state.
func (s State) String() string { return [...]string{"closed", "half-open", "open"}[s] }

// Stats are what operators watch.
type Stats struct {
	State   State
	Running int64  // tries that run now
	Retries uint64 // tries beyond the first of their call
	Broken  uint64 // calls that ended at the open breaker
	Full    uint64 // calls that ended at the full bulkhead
	Opened  uint64 // how often the breaker has opened
}

// Stats reads the counters.
func (g *Gateway) Stats() Stats {
	s := Stats{Running: g.running.Load(), Retries: g.retries.Load(), Broken: g.broken.Load(),
		Full: g.full.Load(), Opened: g.opened.Load()}
	switch g.breaker.State() {
	case circuitbreaker.OpenState:
		s.State = Open
	case circuitbreaker.HalfOpenState:
		s.State = HalfOpen
	case circuitbreaker.ClosedState:
	}
	return s
}

// Count tells how many calls of a kind have ended in a way.
func (g *Gateway) Count(call Call, outcome Outcome) uint64 { return g.counts[call][outcome].Load() }

// EachCount visits all kinds of calls and ways to end.
func EachCount(visit func(Call, Outcome)) {
	for call := range numCalls {
		for outcome := range numOutcomes {
			visit(call, outcome)
		}
	}
}
